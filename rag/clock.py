"""A clock that says how long each stage of a question took."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field


@dataclass
class Clock:
    """Milliseconds by stage."""

    timing: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Count what happens inside; a stage that comes twice is added up."""
        start = time.perf_counter()
        yield
        self.timing[name] = self.timing.get(name, 0.0) + round(1000 * (time.perf_counter() - start), 3)
