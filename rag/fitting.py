"""Fitting the relevance model: `python -m rag.fitting` rewrites `relevance.json`.

Two steps on the training questions. First the weights, so that passages which answer come first:
the softmax likelihood of the answering passages among all candidates of their question, weights
not negative, so that each feature can only speak for a passage. Then scale and bias, so that the
figure is a probability: logistic regression of «this passage answers» on the weighted sum.
"""

import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from rag import retrieval
from rag.evaluation.case import TOGETHER, Case
from rag.evaluation.door import read_set
from rag.evaluation.keys import covers
from rag.relevance import NAMES
from rag.service import Service
from rag.settings import load_settings

CANDIDATES = 50  # passages per question
RIDGE = 0.5  # pulls weights towards zero
_TOP = 1  # candidates per question that the probability is fitted on: what decides between answer and refusal

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Group:
    """The candidates of one question: features, shape (n, f), and which of them answer it, shape (n,)."""

    features: Floats
    answers: NDArray[np.bool_]


def gather(service: Service, cases: Sequence[Case]) -> list[Group]:
    """Measure the candidates of every question."""
    groups = []
    for case in cases:
        evidence = service.search(case.question, CANDIDATES).evidence
        if evidence:
            features = np.array([one.features for one in evidence])
            groups.append(Group(features, np.array([_answers(case, one.found.passage.text) for one in evidence])))
    return groups


def fit(groups: Sequence[Group]) -> tuple[float, Floats]:
    """Bias and weights, shape (f,)."""
    weights = _order(groups)
    scale, bias = _calibrate(groups, weights)
    return bias, scale * weights


def _answers(case: Case, passage: str) -> bool:
    """Whether the passage answers; for questions that need several passages, whether it answers in part."""
    if case.kind in TOGETHER:
        return any(covers([group], [passage]) for group in case.answers)
    return bool(case.answers) and covers(case.answers, [passage])


def _order(groups: Sequence[Group]) -> Floats:
    answered = [group for group in groups if group.answers.any()]
    size = len(NAMES)

    def loss(weights: Floats) -> tuple[float, Floats]:
        total, slope = RIDGE * float(weights @ weights), 2 * RIDGE * weights
        for group in answered:
            scores = group.features @ weights
            odds = np.exp(scores - scores.max())
            right = odds * group.answers
            total -= float(np.log(right.sum() / odds.sum()))
            slope = slope + group.features.T @ (odds / odds.sum() - right / right.sum())
        return total, slope

    found = minimize(loss, np.zeros(size), jac=True, method="L-BFGS-B", bounds=[(0, None)] * size)
    return np.asarray(found.x, np.float64)


def _calibrate(groups: Sequence[Group], weights: Floats) -> tuple[float, float]:
    scores, answers = [], []
    for group in groups:
        sums = group.features @ weights
        top = np.argsort(-sums, kind="stable")[:_TOP]
        scores.append(sums[top])
        answers.append(group.answers[top])
    x, y = np.concatenate(scores), np.concatenate(answers).astype(float)

    def loss(parameters: Floats) -> tuple[float, Floats]:
        odds = parameters[0] * x + parameters[1]
        error = 1 / (1 + np.exp(-odds)) - y
        return float((np.logaddexp(0, odds) - y * odds).sum()), np.array([error @ x, error.sum()])

    found = minimize(loss, np.array([1.0, -float(x.mean())]), jac=True, method="BFGS")
    return float(found.x[0]), float(found.x[1])


def main() -> None:
    """Fit on the bundled training questions and rewrite relevance.json."""
    questions = Path(__file__).parent / "evaluation" / "questions" / "train.jsonl"
    retrieval.MEASURED = CANDIDATES
    service = Service.open(load_settings(), writable=False)
    bias, weights = fit(gather(service, read_set(questions).cases))
    service.close()
    model = {"bias": round(bias, 4), "weights": dict(zip(NAMES, (round(float(w), 4) for w in weights), strict=True))}
    (Path(__file__).parent / "relevance.json").write_text(json.dumps(model, indent=1) + "\n", encoding="utf-8")
    json.dump(model, sys.stdout, indent=1)


if __name__ == "__main__":
    main()
