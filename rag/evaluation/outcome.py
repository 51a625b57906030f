"""Outcomes: what a system did with a case, as plain values that can be written, read and scored again."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal, Self

from rag.evaluation.case import Case

Status = Literal["answered", "no_answer", "found", "failed"]


@dataclass(frozen=True, slots=True)
class FoundPassage:
    """A passage that was shown; relevance as the system gave it."""

    document_id: str
    text: str
    relevance: float


@dataclass(frozen=True, slots=True)
class Quote:
    """A cited quote; exact says whether document text[start:end] is the quote, character by character."""

    document_id: str
    start: int
    end: int
    text: str
    exact: bool


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a system did with one case.

    status     found: a system that only searches; failed: an error, told in `error`
    resolved   the question as it was understood after those before it
    passages   what was shown, best first
    ranking    document ids, best first, each once, deeper than what was shown
    relevance  the system's confidence; comparable within one system only
    alone      the question as it was understood after an unrelated one; empty: not tried
    """

    status: Status
    resolved: str = ""
    passages: tuple[FoundPassage, ...] = ()
    ranking: tuple[str, ...] = ()
    answer: str = ""
    relevance: float = 0.0
    disagreement: bool = False
    quotes: tuple[Quote, ...] = ()
    alone: str = ""
    error: str = ""

    @classmethod
    def from_record(cls, record: Mapping[str, Any]) -> Self:
        """The outcome in a result's record."""
        fields = dict(record)
        fields["passages"] = tuple(FoundPassage(**one) for one in record["passages"])
        fields["ranking"] = tuple(record["ranking"])
        fields["quotes"] = tuple(Quote(**one) for one in record["quotes"])
        return cls(**fields)


@dataclass(frozen=True, slots=True)
class Result:
    """One line of results.jsonl. latency_ms is kept apart, in latency.jsonl, so that equal runs give equal files."""

    set: str
    system: str
    case: Case
    outcome: Outcome
    latency_ms: float = 0.0

    def to_record(self) -> dict[str, Any]:
        """Plain JSON values of everything but the latency."""
        return {
            "set": self.set,
            "system": self.system,
            "case": self.case.to_record(),
            "outcome": asdict(self.outcome),
        }

    @classmethod
    def from_record(cls, record: Mapping[str, Any], latency_ms: float = 0.0) -> Self:
        """The result that `to_record` wrote, with the latency kept beside it."""
        case, outcome = Case.from_record(record["case"]), Outcome.from_record(record["outcome"])
        return cls(record["set"], record["system"], case, outcome, latency_ms)
