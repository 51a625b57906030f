"""Summaries: the figures of one system on one set."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

from rag.evaluation.case import TOGETHER
from rag.evaluation.refusal import (
    Bin,
    Judged,
    Point,
    auroc,
    brier,
    calibration,
    calibration_error,
    coverage_at,
    refused_share,
    risk_coverage,
    threshold_for,
)
from rag.evaluation.scoring import ALL_MEASURES, Scored
from rag.evaluation.significance import bootstrap_interval

TOLERATED = 0.05  # share of the answerable that may be refused where thresholds are compared
RISKS = (0.05, 0.1)


@dataclass(frozen=True, slots=True)
class Figure:
    """A mean over n questions with its 95 % bootstrap interval."""

    mean: float
    low: float
    high: float
    n: int


@dataclass(frozen=True, slots=True)
class Refusal:
    """How well relevance separates. Shares are None where there is nothing to share.

    auroc      of answerable against all unanswerable (`all`) and against each kind of them
    at_five    unanswerable kind → share refused where at most TOLERATED of the answerable are refused
    threshold  the relevance at which that is so
    refused    kind, or `answerable` → share refused by the service as it is set
    coverage   risk → largest share of all questions that may be answered at that risk
    """

    auroc: dict[str, float | None]
    at_five: dict[str, float | None]
    threshold: float
    refused: dict[str, float | None]
    coverage: dict[str, float]
    calibration_error: float | None
    brier: float | None
    curve: list[Point]
    bins: list[Bin]


@dataclass(frozen=True, slots=True)
class Summary:
    """All figures of one system on one set.

    measures  measure → figure over every case it applies to
    by_kind   kind → measure → figure
    ranks     rank of the first hit → questions; rank 0 stands for none
    latency   p50, p99 and mean in milliseconds
    quotes    citations, and how many of them are exact
    """

    set: str
    system: str
    questions: int
    failed: int
    measures: dict[str, Figure]
    by_kind: dict[str, dict[str, Figure]]
    refusal: Refusal | None
    ranks: dict[int, int]
    latency: dict[str, float]
    quotes: dict[str, int] = field(default_factory=dict)


def summarise(scored: Sequence[Scored]) -> Summary:
    """Figures of one system on one set; the sequence must not be empty."""
    first = scored[0].result
    kinds = dict.fromkeys(one.result.case.kind for one in scored)
    quotes = [quote for one in scored for quote in one.result.outcome.quotes]
    return Summary(
        set=first.set,
        system=first.system,
        questions=len(scored),
        failed=sum(one.result.outcome.status == "failed" for one in scored),
        measures=figures(scored),
        by_kind={kind: figures([one for one in scored if one.result.case.kind == kind]) for kind in sorted(kinds)},
        refusal=refusal(scored),
        ranks=_ranks(scored),
        latency=latencies([one.result.latency_ms for one in scored]),
        quotes={"citations": len(quotes), "exact": sum(quote.exact for quote in quotes)},
    )


def figures(scored: Sequence[Scored]) -> dict[str, Figure]:
    """Mean and interval of every measure that applies to some case."""
    found: dict[str, Figure] = {}
    for name in ALL_MEASURES:
        values = [one.scores[name] for one in scored if name in one.scores]
        if values:
            low, high = bootstrap_interval(values)
            found[name] = Figure(math.fsum(values) / len(values), low, high, len(values))
    return found


def refusal(scored: Sequence[Scored]) -> Refusal | None:
    """Figures of refusal; None for a system without relevance, such as a foreign run."""
    judged = [judge(one) for one in scored]
    if not any(one.relevance for one in judged):
        return None
    positive = [one.relevance for one in judged if one.answerable]
    negative: dict[str, list[float]] = {}
    for one in judged:
        if not one.answerable:
            negative.setdefault("all", []).append(one.relevance)
            negative.setdefault(one.kind, []).append(one.relevance)
    threshold = threshold_for(positive, TOLERATED)
    points = risk_coverage(judged)
    probable = all(0 <= one.relevance <= 1 for one in judged)
    bins = calibration(judged) if probable else []
    return Refusal(
        auroc={kind: auroc(positive, relevances) for kind, relevances in negative.items()},
        at_five={kind: refused_share(relevances, threshold) for kind, relevances in negative.items()},
        threshold=threshold,
        refused=_refused(scored),
        coverage={str(risk): coverage_at(points, risk) for risk in RISKS},
        calibration_error=calibration_error(bins),
        brier=brier(judged) if probable else None,
        curve=points,
        bins=bins,
    )


def judge(one: Scored) -> Judged:
    """Right: the best passage answers; for answers spread over passages, those shown do so together."""
    case, outcome = one.result.case, one.result.outcome
    within = 5 if case.kind in TOGETHER else 1
    right = case.answerable and one.rank is not None and one.rank <= within
    return Judged(outcome.relevance, right, case.answerable, case.kind)


def latencies(milliseconds: Sequence[float]) -> dict[str, float]:
    """Nearest-rank percentiles and the mean."""
    ordered = sorted(milliseconds)
    if not ordered:
        return {}
    found = {f"p{share}": ordered[math.ceil(share / 100 * len(ordered)) - 1] for share in (50, 90, 99)}
    return found | {"mean": math.fsum(ordered) / len(ordered)}


def _refused(scored: Sequence[Scored]) -> dict[str, float | None]:
    """Share refused by the system as it is set; empty for one that never answers."""
    if not any(one.result.outcome.status in ("answered", "no_answer") for one in scored):
        return {}
    groups: dict[str, list[float]] = {}
    for one in scored:
        kind = "answerable" if one.result.case.answerable else one.result.case.kind
        groups.setdefault(kind, []).append(float(one.result.outcome.status == "no_answer"))
    return {kind: sum(values) / len(values) for kind, values in sorted(groups.items())}


def _ranks(scored: Sequence[Scored]) -> dict[int, int]:
    counts: dict[int, int] = {}
    for one in scored:
        if one.result.case.answerable:
            counts[one.rank or 0] = counts.get(one.rank or 0, 0) + 1
    return dict(sorted(counts.items()))
