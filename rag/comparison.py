"""Questions about several subjects: A和B哪个大 needs evidence for A and for B.

Each subject gets the question as if it alone had been asked about; the best passages of every
subject stand before the rest.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import Protocol, TypeVar

from rag.focus import asked_about, asking_clauses
from rag.subjects import Mention

MOST = 4  # subjects that one question may compare; a longer list is searched as a whole


class Ranked(Protocol):
    """A passage with its relevance; equal rows are the same passage."""

    @property
    def relevance(self) -> float: ...
    @property
    def row(self) -> int: ...


One = TypeVar("One", bound=Ranked)


@dataclass(frozen=True, slots=True)
class Part:
    """A question about one subject: the folded text without the other subjects' names."""

    mention: Mention
    text: str


def parts(folded: str, mentions: Sequence[Mention]) -> list[Part]:
    """One part for each subject asked about, if the question names two to MOST that share no document; else none."""
    named = _distinct(mentions)
    if not 2 <= len(named) <= MOST:
        return []
    about = asked_about(folded, mentions)
    asked = _distinct(about)
    if len(asked) == 1:
        alone = _without(folded, [one for one in mentions if not one.documents & asked[0].documents])
        return [Part(asked[0], asking_clauses(alone, about[-1]))]
    return [Part(one, _without(folded, [other for other in asked if other is not one])) for one in asked]


def _distinct(mentions: Sequence[Mention]) -> list[Mention]:
    """One mention a subject, the longest, in the order of the question."""
    distinct: list[Mention] = []
    for mention in sorted(mentions, key=lambda m: (m.start - m.end, m.start)):
        if not any(mention.documents & other.documents for other in distinct):
            distinct.append(mention)
    return sorted(distinct, key=lambda mention: mention.start)


def merged(of_parts: Sequence[Sequence[One]], whole: Sequence[One]) -> list[One]:
    """The parts' evidence in turn, subjects in the order of their best relevance, then the rest; each passage once."""
    leading = sorted((part for part in of_parts if part), key=lambda part: -part[0].relevance)
    in_turn = [one for turn in zip_longest(*leading) for one in turn if one is not None]
    best: dict[int, One] = {}
    for one in (*in_turn, *whole):
        if one.row not in best:
            best[one.row] = one
    return list(best.values())


def _without(folded: str, mentions: Sequence[Mention]) -> str:
    for mention in sorted(mentions, key=lambda m: -m.start):
        folded = folded[: mention.start] + " " * (mention.end - mention.start) + folded[mention.end :]
    return folded
