"""Hits: what one search of one index found, and the one rule for their order."""

from collections.abc import Callable, Iterable
from typing import NamedTuple


class Hit(NamedTuple):
    """A passage row of the catalogue and its score in this search (higher is better)."""

    row: int
    score: float


def best(hits: Iterable[Hit], k: int) -> list[Hit]:
    """The k best hits, best first; equal scores go by row, so one corpus always gives one ranking."""
    return sorted(hits, key=lambda hit: (-hit.score, hit.row))[: max(0, k)]


def best_of(ask: Callable[[int], list[Hit]], k: int) -> list[Hit]:
    """The k best of a search that breaks ties in its own way: it is asked for more until no tie is cut.

    ask  gives at most so many hits, those with the highest scores, in any order
    """
    wanted = k + 1
    while k > 0:
        found = best(ask(wanted), wanted)
        if len(found) < wanted or found[-1].score < found[k - 1].score:
            return found[:k]
        wanted *= 4
    return []
