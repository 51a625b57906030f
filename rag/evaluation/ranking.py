"""ExtractedFeatures of rankings against judged documents, named and calculated by ir-measures.  [ir_measures]"""

import importlib
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import Any

MEASURES = ("nDCG@10", "RR@10", "R@5", "R@10", "Success@1", "Success@5", "Success@10")

Scores = dict[str, dict[str, float]]  # case id → measure → value


def judge(qrels: Mapping[str, Mapping[str, int]], rankings: Mapping[str, Sequence[str]]) -> Scores:
    """Score rankings of documents.

    qrels     case id → document id → grade
    rankings  case id → document ids, best first; a case without one counts zero
    returns   one entry for each case in qrels that has a relevant document
    source    https://ir-measur.es; nDCG with the gain of the grade itself
    """
    judged = {case: grades for case, grades in qrels.items() if any(grade > 0 for grade in grades.values())}
    scores: Scores = {case: dict.fromkeys(MEASURES, 0.0) for case in judged}
    if not judged:
        return scores
    library, measures = _library(), _measures()
    expected = [library.Qrel(case, name, grade) for case, grades in judged.items() for name, grade in grades.items()]
    found = [
        library.ScoredDoc(case, name, score)
        for case, ranking in rankings.items()
        if case in judged
        for name, score in descending(ranking)
    ]
    for metric in library.iter_calc(measures, expected, found):
        scores[metric.query_id][str(metric.measure)] = float(metric.value)
    return scores


def descending(ranking: Iterable[str]) -> list[tuple[str, float]]:
    """Documents with scores 1/rank: strictly falling, so that no tool breaks ties of its own."""
    return [(name, 1 / rank) for rank, name in enumerate(ranking, start=1)]


@cache
def _library() -> Any:
    return importlib.import_module("ir_measures")


@cache
def _measures() -> tuple[Any, ...]:
    return tuple(_library().parse_measure(name) for name in MEASURES)
