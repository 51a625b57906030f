"""Questions that ask several things: A和B哪个大 needs evidence for A and for B, 占地多少？谁运营 for both.

Each part gets the question as if it alone had been asked; the best passages of every part stand before the rest.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import Protocol, TypeVar

from rag.query.entities import Entity
from rag.query.question import telling
from rag.query.scope import asked_about, asking_clauses, asking_spans, pointed_at

MOST = 4  # parts of one question; what asks for more is searched as a whole
_STORY = 80  # code points beside the one clause that asks from which the rest is left out; a shorter rest may matter
_TELLING = 2  # characters that a clause must tell, names and asking words aside, to be a part of its own
_ALONE = 6  # likewise where no name says what it is about
_JOINT = re.compile(
    "(?:[和与跟同及、比]|还是|以及) {2,}| {2,}(?:[和与跟同及、比]|还是|以及)"
)  # beside a name that was taken out
_LEANS = re.compile(r"\s*(?:其中|分别|各|它|那|这|该|又|还|另)")  # clauses that need the one before
_MORE = re.compile("(?:哪一?个|谁|哪家)[^,，。?？]{0,6}(?:[大多少高低长短早晚远近久新老]|小(?![镇区微]))")


class Ranked(Protocol):
    """A passage and how far in front it belongs; equal rows are the same passage."""

    @property
    def place(self) -> float: ...
    @property
    def relevance(self) -> float: ...
    @property
    def row(self) -> int: ...


One = TypeVar("One", bound=Ranked)


@dataclass(frozen=True, slots=True)
class QuestionPart:
    """A folded question about one entity, or about one thing.

    entity  of the entity in the text; None where none is named
    alone    whether to look among the entity's own documents only
    """

    text: str
    entity: Entity | None
    alone: bool


def parts(folded: str, entities: Sequence[Entity]) -> list[QuestionPart]:
    """What a question asks, part by part: one part for each entity in each clause that asks.

    returns  nothing for a question that asks one thing, or more than MOST; a single part where it names
             several entities only to tell them apart, or tells a long story before it asks
    """
    pointed = pointed_at(folded, entities)
    if pointed is not None:
        return [QuestionPart(pointed[1], pointed[0], False)]
    clauses = _clause_parts(folded, entities)
    if len(clauses) == 1 and clauses[0].entity and len(folded) > _STORY + len(clauses[0].text):
        return clauses
    if len(clauses) > 1:
        return clauses if len(clauses) <= MOST else []
    return _entity_parts(folded, entities)


def _clause_parts(folded: str, entities: Sequence[Entity]) -> list[QuestionPart]:
    """A part for each clause that asks and tells enough, under the name last given where it names none itself.

    returns  nothing where it is not clear what one of them is about
    """
    several = len(_distinct(entities)) > 1
    found: list[QuestionPart] = []
    for start, end in asking_spans(folded):
        own = _distinct([one for one in entities if start <= one.start and one.end <= end])
        told = _told(folded[start:end], start, own)
        before = [one for one in entities if one.end <= start]
        if len(own) > 1 or told < _TELLING or (not own and not found and len(_distinct(before)) > 1):
            return []
        if own:
            found.append(QuestionPart(folded[start:end], own[0], several))
        elif before:
            found.append(QuestionPart(f"{before[-1].name} {folded[start:end]}", before[-1], False))
        elif told >= _ALONE and not _LEANS.match(folded, start):
            found.append(QuestionPart(folded[start:end], None, False))
        else:
            return []
    return found


def _told(clause: str, offset: int, own: Sequence[Entity]) -> int:
    for entity in sorted(own, key=lambda one: -one.start):
        clause = clause[: entity.start - offset] + clause[entity.end - offset :]
    return sum(character.isalnum() for character in telling(clause))


def _entity_parts(folded: str, entities: Sequence[Entity]) -> list[QuestionPart]:
    """One part for each entity asked about, if the question names two to MOST that share no document; else none."""
    if not 2 <= len(_distinct(_heads(folded, entities))) <= MOST:
        return []
    about = asked_about(folded, entities)
    asked = _distinct(about)
    if len(asked) == 1:
        alone = _without(folded, [one for one in entities if not one.documents & asked[0].documents])
        return [QuestionPart(asking_clauses(alone, about[-1]), asked[0], False)]
    return [QuestionPart(_without(folded, [other for other in asked if other is not one]), one, True) for one in asked]


def _heads(folded: str, entities: Sequence[Entity]) -> list[Entity]:
    """The entities but for those that only say whose the next one is: 九大场景 of 未来社区的九大场景."""
    starts = {one.start for one in entities}
    return [one for one in entities if not starts & {one.end, one.end + (folded[one.end : one.end + 1] == "的")}]


def sides(folded: str, parts: Sequence[QuestionPart]) -> tuple[str, ...]:
    """The names of what is compared, one a part, where a question asks which is larger, earlier or more; else none."""
    named = tuple(part.entity.name for part in parts if part.entity)
    return named if len(named) == len(parts) and _MORE.search(folded) else ()


def merged(of_parts: Sequence[Sequence[One]], whole: Sequence[One]) -> list[One]:
    """The parts' evidence in turn, parts in the order of their best, then the rest; each passage once."""
    leading = sorted((part for part in of_parts if part), key=lambda part: -part[0].place)
    in_turn = [one for turn in zip_longest(*leading) for one in turn if one is not None]
    best: dict[int, One] = {}
    for one in (*in_turn, *whole):
        if one.row not in best:
            best[one.row] = one
    return list(best.values())


def before_parts(folded: str, of_parts: Sequence[Sequence[One]], whole: Sequence[One]) -> list[One]:
    """What stands before the parts of a text that asks nothing: a passage more relevant to it than any to a part.

    A sentence that names several entities looks like a comparison, and is none where one passage says it.
    """
    if telling(folded) != folded:
        return []
    most = max((part[0].relevance for part in of_parts if part), default=1.0)
    return [one for one in whole[:1] if one.relevance > most]


def _distinct(entities: Sequence[Entity]) -> list[Entity]:
    """One entity an entity, the longest, in the order of the question."""
    distinct: list[Entity] = []
    for entity in sorted(entities, key=lambda m: (m.start - m.end, m.start)):
        if not any(entity.documents & other.documents for other in distinct):
            distinct.append(entity)
    return sorted(distinct, key=lambda entity: entity.start)


def _without(folded: str, entities: Sequence[Entity]) -> str:
    for entity in sorted(entities, key=lambda m: -m.start):
        folded = folded[: entity.start] + " " * (entity.end - entity.start) + folded[entity.end :]
    return _JOINT.sub(lambda joint: " " * len(joint[0]), folded)
