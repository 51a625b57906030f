"""What one check found."""

from dataclasses import dataclass
from typing import Literal

State = Literal["ok", "warn", "bad"]  # nothing to do; should be looked at; must be mended


@dataclass(frozen=True, slots=True)
class CheckResult:
    """A check, what it found, and what to do about it where there is something to do."""

    check: str
    state: State
    found: str
    remedy: str = ""

    def __post_init__(self) -> None:
        if (self.state == "ok") == bool(self.remedy):
            raise ValueError(f"{self.check}: a remedy belongs to what is not well, and to that only")
