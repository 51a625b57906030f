"""Hits: what one search of one leg found, and the one rule for their order."""

from collections.abc import Iterable
from typing import NamedTuple


class Hit(NamedTuple):
    """A passage row of the catalogue and its score in this search (higher is better)."""

    row: int
    score: float


def best(hits: Iterable[Hit], k: int) -> list[Hit]:
    """The k best hits, best first; equal scores go by row, so one corpus always gives one ranking."""
    return sorted(hits, key=lambda hit: (-hit.score, hit.row))[:k]
