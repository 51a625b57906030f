"""What the command line did."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Outcome:
    status: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)

    @property
    def one_line(self) -> str:
        """The only line of stderr; nothing is on stdout."""
        assert self.out == ""
        (line,) = self.err.splitlines()
        return line


Rag = Callable[..., Outcome]
