"""A run against a baseline: paired differences, whether they are more than luck, and which questions moved."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean

from rag.evaluation.ranking import MEASURES
from rag.evaluation.scoring import ALL_MEASURES, KEY_MEASURES, Scored
from rag.evaluation.significance import bootstrap_interval, randomisation_test

SIGNIFICANT = 0.05
GATED = (*KEY_MEASURES, *MEASURES[:2], "refused", "unchanged")  # R@k and Success@k follow nDCG@10 and RR@10

Runs = Mapping[tuple[str, str], Sequence[Scored]]  # (set, system) → scored results


@dataclass(frozen=True, slots=True)
class Comparison:
    """One measure of one system on one set, over the questions that both runs hold.

    low, high      95 % bootstrap interval of the difference new − old
    p              two-sided, paired randomisation test
    worse, better  ids of the questions that moved, in the order of the set
    """

    set: str
    system: str
    measure: str
    questions: int
    old: float
    new: float
    low: float
    high: float
    p: float
    worse: tuple[str, ...]
    better: tuple[str, ...]

    @property
    def significant(self) -> bool:
        """Whether p is below SIGNIFICANT; each measure is tested by itself."""
        return self.p < SIGNIFICANT

    @property
    def regressed(self) -> bool:
        """Significantly worse, in a measure that the gate watches."""
        return self.measure in GATED and self.significant and self.new < self.old


def compare(new: Runs, old: Runs) -> list[Comparison]:
    """Compare what both runs hold: sets, systems, questions.

    A question that a run holds but to which a measure does not apply there counts 0 if it applies in
    the other; a question that only one run holds is left out.
    """
    return [
        comparison
        for key, scored in new.items()
        if key in old
        for measure in ALL_MEASURES
        if (comparison := _compare(key, measure, scored, old[key]))
    ]


def _compare(key: tuple[str, str], measure: str, new: Sequence[Scored], old: Sequence[Scored]) -> Comparison | None:
    before = {one.result.case.id: one.scores for one in old}
    pairs = [
        (one.result.case.id, before[one.result.case.id].get(measure, 0.0), one.scores.get(measure, 0.0))
        for one in new
        if one.result.case.id in before and (measure in one.scores or measure in before[one.result.case.id])
    ]
    if not pairs:
        return None
    differences = [after - prior for _, prior, after in pairs]
    low, high = bootstrap_interval(differences)
    return Comparison(
        set=key[0],
        system=key[1],
        measure=measure,
        questions=len(pairs),
        old=fmean(prior for _, prior, _ in pairs),
        new=fmean(after for _, _, after in pairs),
        low=low,
        high=high,
        p=randomisation_test(differences),
        worse=tuple(name for name, prior, after in pairs if after < prior),
        better=tuple(name for name, prior, after in pairs if after > prior),
    )
