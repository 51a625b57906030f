"""Refusal: does relevance tell the answerable from the unanswerable, and the right from the wrong?"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

BINS = 10  # of the calibration curve, equally wide


@dataclass(frozen=True, slots=True)
class Judged:
    """One question as refusal sees it: how sure the system was, and whether its best passage was right."""

    relevance: float
    right: bool
    answerable: bool
    kind: str


@dataclass(frozen=True, slots=True)
class Point:
    """What happens if everything below a relevance is refused.

    coverage  share of all questions that are answered
    risk      share of these whose best passage is wrong
    """

    threshold: float
    coverage: float
    risk: float


@dataclass(frozen=True, slots=True)
class Bin:
    """Questions of like relevance: how many, their mean relevance, the share that is right."""

    count: int
    relevance: float
    right: float


def auroc(positive: Sequence[float], negative: Sequence[float]) -> float | None:
    """Probability that a positive scores above a negative; ties count half. None where one side is empty.

    source  Mann and Whitney 1947; Hanley and McNeil 1982, doi:10.1148/radiology.143.1.7063747
    """
    if not positive or not negative:
        return None
    above = sorted(positive)
    won = sum(len(above) - (bisect_left(above, one) + bisect_right(above, one)) / 2 for one in negative)
    return won / (len(positive) * len(negative))


def threshold_for(answerable: Sequence[float], share: float) -> float:
    """The highest threshold that refuses at most this share of the answerable (refused: relevance below it)."""
    ordered = sorted(answerable)
    return ordered[min(int(len(ordered) * share), len(ordered) - 1)] if ordered else 0.0


def refused_share(relevances: Sequence[float], threshold: float) -> float | None:
    """Share below the threshold; None of nothing."""
    return sum(one < threshold for one in relevances) / len(relevances) if relevances else None


def risk_coverage(judged: Iterable[Judged]) -> list[Point]:
    """One point for each relevance that occurs, from the surest on.

    source  El-Yaniv and Wiener, JMLR 11, 2010
    """
    ordered = sorted(judged, key=lambda one: -one.relevance)
    points: list[Point] = []
    wrong = 0
    for taken, one in enumerate(ordered, start=1):
        wrong += not one.right
        if taken == len(ordered) or ordered[taken].relevance < one.relevance:
            points.append(Point(one.relevance, taken / len(ordered), wrong / taken))
    return points


def coverage_at(points: Iterable[Point], risk: float) -> float:
    """The largest coverage whose risk does not exceed this one; 0 if there is none."""
    return max((point.coverage for point in points if point.risk <= risk), default=0.0)


def calibration(judged: Iterable[Judged]) -> list[Bin]:
    """Bins of equal width that hold questions, lowest relevance first."""
    members: dict[int, list[Judged]] = {}
    for one in judged:
        members.setdefault(min(int(one.relevance * BINS), BINS - 1), []).append(one)
    return [
        Bin(len(held), sum(one.relevance for one in held) / len(held), sum(one.right for one in held) / len(held))
        for _, held in sorted(members.items())
    ]


def calibration_error(bins: Sequence[Bin]) -> float | None:
    """Expected calibration error: mean distance of relevance and share that is right, weighted by questions.

    source  Guo et al., ICML 2017, arXiv:1706.04599
    """
    total = sum(one.count for one in bins)
    return sum(one.count * abs(one.relevance - one.right) for one in bins) / total if total else None


def brier(judged: Sequence[Judged]) -> float | None:
    """Mean squared distance of relevance and outcome (1 right, 0 wrong)."""
    return sum((one.relevance - one.right) ** 2 for one in judged) / len(judged) if judged else None
