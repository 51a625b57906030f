"""Failures: which questions went wrong and how, worst first."""

from collections.abc import Sequence
from typing import Literal

from rag.evaluation.case import Case
from rag.evaluation.scoring import Scored

How = Literal["error", "not found", "refused", "answered", "answer"]

MEANINGS: dict[How, str] = {
    "error": "the system failed",
    "not found": "no passage that was shown holds the answer",
    "refused": "found, but refused to answer",
    "answered": "answered although the documents hold no answer",
    "answer": "found, but the answer does not hold every key",
}
_DEEP_ENOUGH = 10  # rank up to which a judged document counts as found


def failure(one: Scored) -> How | None:
    """How a question went wrong; None if it did not."""
    case, outcome = one.result.case, one.result.outcome
    if outcome.status == "failed":
        return "error"
    if not case.answerable:
        return "answered" if outcome.status == "answered" else None
    if one.rank is None or one.rank > _deepest(case):
        return "not found"
    if outcome.status == "no_answer":
        return "refused"
    return "answer" if one.scores.get("answer hit") == 0.0 else None


def failures(scored: Sequence[Scored]) -> dict[How, list[Scored]]:
    """All that went wrong, by how, in the order of MEANINGS and of the set."""
    found: dict[How, list[Scored]] = {how: [] for how in MEANINGS}
    for one in scored:
        if how := failure(one):
            found[how].append(one)
    return {how: held for how, held in found.items() if held}


def _deepest(case: Case) -> int:
    return 5 if case.answers else _DEEP_ENOUGH
