"""Cases: questions with what a right answer must hold, whatever format they came in."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from random import Random
from typing import Any, Self

_DRAWS = 100  # tries to find a question about something else
TOGETHER = ("multi", "disagree")  # kinds whose answer may be spread over several passages


class UnreadableSet(ValueError):
    """A question set that cannot be used at all; names the file and why."""


@dataclass(frozen=True, slots=True)
class BadRow:
    """A row that was left out: file name, line from 1, and why."""

    file: str
    line: int
    reason: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.reason}"


@dataclass(frozen=True, slots=True)
class Case:
    """One question.

    answers     groups of alternatives; every group must be matched by one of its alternatives
    relevant    document id → grade (0 for judged and not relevant); empty where nobody judged documents
    answerable  whether the documents hold an answer
    earlier     the user's questions before it in its dialogue, oldest first
    stranger    an unrelated question, for trying whether this one is left alone after it; empty: not tried
    """

    id: str
    question: str
    kind: str = "question"
    answers: tuple[tuple[str, ...], ...] = ()
    relevant: Mapping[str, int] = field(default_factory=dict)
    answerable: bool = True
    earlier: tuple[str, ...] = ()
    stranger: str = ""

    def to_record(self) -> dict[str, Any]:
        """Plain JSON values, the inverse of `from_record`."""
        return asdict(self)

    @classmethod
    def from_record(cls, record: Mapping[str, Any]) -> Self:
        """The case that `to_record` wrote."""
        return cls(
            id=record["id"],
            question=record["question"],
            kind=record["kind"],
            answers=tuple(tuple(group) for group in record["answers"]),
            relevant=dict(record["relevant"]),
            answerable=record["answerable"],
            earlier=tuple(record["earlier"]),
            stranger=record["stranger"],
        )


@dataclass(frozen=True, slots=True)
class TextRow:
    """A document that a set brings along: searched in a temporary index of its own."""

    id: str
    title: str
    text: str


@dataclass(frozen=True, slots=True)
class QuestionSet:
    """One question set.

    texts     its own documents; empty where it asks about the service's index
    rankings  name of a foreign run → case id → document ids, best first
    problems  rows that were left out
    """

    name: str
    cases: tuple[Case, ...]
    texts: tuple[TextRow, ...] = ()
    rankings: Mapping[str, Mapping[str, tuple[str, ...]]] = field(default_factory=dict)
    problems: tuple[BadRow, ...] = ()

    @property
    def fingerprint(self) -> str:
        """SHA-256 over cases, texts and foreign runs; the same questions give the same results."""
        digest = hashlib.sha256(self.name.encode())
        for record in (*map(asdict, self.cases), *map(asdict, self.texts)):
            digest.update(json.dumps(record, sort_keys=True).encode())
        digest.update(json.dumps({name: dict(run) for name, run in self.rankings.items()}, sort_keys=True).encode())
        return digest.hexdigest()

    def first(self, count: int) -> Self:
        """The set cut down to its first cases; its texts stay whole."""
        return replace(self, cases=self.cases[:count])


def with_strangers(cases: tuple[Case, ...]) -> tuple[Case, ...]:
    """Give each case that stands alone another one before it, drawn by its id, that shares no document with it.

    Every question of a set that is no dialogue stands alone, so none of them may be changed by another.
    """
    singles = [case for case in cases if not case.earlier]
    strangers: dict[str, str] = {}
    for case in singles:
        draw = Random(case.id)
        drawn = (draw.choice(singles) for _ in range(_DRAWS))
        strangers[case.id] = next((one.question for one in drawn if _unrelated(one, case)), "")
    return tuple(replace(case, stranger=strangers.get(case.id, "")) for case in cases)


def _unrelated(one: Case, other: Case) -> bool:
    return one.id != other.id and not set(one.relevant) & set(other.relevant)
