"""Scores: one result, or all results of one system on one set, as named numbers between 0 and 1.

A measure that does not apply to a case is absent; one that applies and was not met is 0, also where
the system failed, refused an answerable question, or forgot it.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from rag.evaluation.answer_keys import covers, hit_rank, matched, unmarked
from rag.evaluation.case import Case
from rag.evaluation.outcome import Outcome, Result
from rag.evaluation.ranking import MEASURES, judge

KEY_MEASURES = ("hit@1", "hit@5", "answer hit", "citation precision", "citation recall")
OTHER_MEASURES = ("refused", "unchanged")  # of the unanswerable; of questions that stand alone, asked after another
ALL_MEASURES = (*KEY_MEASURES, *MEASURES, *OTHER_MEASURES)


@dataclass(frozen=True, slots=True)
class Scored:
    """A result with its scores by measure name. rank: of the first hit among what was shown, None for none."""

    result: Result
    scores: dict[str, float]
    rank: int | None


def score(results: Sequence[Result]) -> list[Scored]:
    """Score all results of one system on one set, in their order."""
    answers = any(result.outcome.status in ("answered", "no_answer") for result in results)
    ranked = judge(
        {result.case.id: result.case.relevant for result in results if result.case.answerable},
        {result.case.id: result.outcome.ranking for result in results},
    )
    scored = []
    for result in results:
        rank = shown_rank(result.case, result.outcome)
        own = _key_scores(result, rank, answers) if result.case.answers else {}
        own |= ranked.get(result.case.id, {}) | _other_scores(result, answers)
        scored.append(Scored(result, own, rank))
    return scored


def shown_rank(case: Case, outcome: Outcome) -> int | None:
    """Rank of the first hit: by answer keys where there are some, else by judged documents."""
    if case.answers:
        return hit_rank(case, [passage.text for passage in outcome.passages])
    good = {name for name, grade in case.relevant.items() if grade > 0}
    return next((rank for rank, name in enumerate(outcome.ranking, start=1) if name in good), None)


def citation_precision(case: Case, outcome: Outcome) -> float:
    """Share of the citations that are verbatim and hold a key; 0 without citations."""
    if not outcome.quotes:
        return 0.0
    good = sum(quote.exact and matched(case.answers, [quote.text]) > 0 for quote in outcome.quotes)
    return good / len(outcome.quotes)


def citation_recall(case: Case, outcome: Outcome) -> float:
    """Share of the answer groups that verbatim citations hold."""
    return matched(case.answers, [quote.text for quote in outcome.quotes if quote.exact]) / len(case.answers)


def _key_scores(result: Result, rank: int | None, answers: bool) -> dict[str, float]:
    case, outcome = result.case, result.outcome
    scores = {f"hit@{k}": float(rank is not None and rank <= k) for k in (1, 5)}
    if answers:
        right = outcome.status == "answered" and covers(case.answers, [unmarked(outcome.answer)])
        scores["answer hit"] = float(right)
        scores["citation precision"] = citation_precision(case, outcome)
        scores["citation recall"] = citation_recall(case, outcome)
    return scores


def _other_scores(result: Result, answers: bool) -> dict[str, float]:
    scores: dict[str, float] = {}
    if answers and not result.case.answerable:
        scores["refused"] = float(result.outcome.status == "no_answer")
    if answers and result.case.stranger:
        scores["unchanged"] = float(result.outcome.alone == result.case.question)
    return scores
