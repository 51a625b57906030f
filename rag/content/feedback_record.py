"""Feedback as plain values: what was asked, what was answered from where, and what a person thought of it."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal, Self

Status = Literal["answered", "no_answer"]
Reason = Literal["wrong", "incomplete", "irrelevant", "outdated", "should_refuse", "should_answer", "other"]


@dataclass(frozen=True, slots=True)
class PassageShown:
    """A span that stood under the answer.

    start, end    code points into the document's text, half-open
    quote         that slice as it was when the feedback came; empty if the document had no such span then
    content_hash  of the document then: its version; empty if there was no such document
    """

    document_id: str
    start: int
    end: int
    quote: str = ""
    content_hash: str = ""


@dataclass(frozen=True, slots=True)
class Feedback:
    """One verdict.

    resolved  the question made whole from the turns before it; empty where it stood alone
    trace_id  the request that gave the answer, as in X-Request-Id; empty if the client does not tell
    """

    question: str
    status: Status
    helpful: bool
    reason: Reason | None = None
    resolved: str = ""
    comment: str = ""
    answer: str = ""
    passages: tuple[PassageShown, ...] = ()
    trace_id: str = ""

    @property
    def whole_question(self) -> str:
        """What was asked, in words that need no turn before them."""
        return self.resolved or self.question

    def to_record(self) -> dict[str, Any]:
        """Plain JSON values, the inverse of `from_record`."""
        return asdict(self)

    @classmethod
    def from_record(cls, record: Mapping[str, Any]) -> Self:
        """The feedback that `to_record` wrote."""
        fields = dict(record)
        fields["passages"] = tuple(PassageShown(**one) for one in record["passages"])
        return cls(**fields)


@dataclass(frozen=True, slots=True)
class FeedbackEntry:
    """Feedback as it is kept.

    key    counts up and is never used twice; pages are cut by it
    id     by which it is taken back; cannot be guessed
    at     when it came: ISO 8601, UTC, whole seconds
    owner  name of the API key by which it came; empty where there are no keys
    """

    key: int
    id: str
    at: str
    owner: str
    feedback: Feedback
