"""What all searches for one question share: snapshot, mode, documents meant, clock."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Literal

from index.passage_index import Snapshot

Mode = Literal["hybrid", "dense", "lexical"]


@dataclass
class Clock:
    """Milliseconds by stage."""

    timing: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        start = time.perf_counter()
        yield
        self.timing[name] = self.timing.get(name, 0.0) + round(1000 * (time.perf_counter() - start), 3)


@dataclass(frozen=True, slots=True)
class Search:
    """What all searches for one question share; documents: ids to search among, None for all."""

    snapshot: Snapshot
    mode: Mode
    documents: frozenset[str] | None
    top_k: int
    clock: Clock
