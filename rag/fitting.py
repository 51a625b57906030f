"""Fitting the relevance model: `python -m rag.fitting` rewrites `relevance.json`.

On the training questions, asked twice: of the bundled documents as they are, and without their ways of asking,
as documents of users come. First `order`: the softmax likelihood of the answering passages among all candidates
of their question, no weight negative, so that each feature can only speak for a passage. Then `odds`: logistic
regression of «the first passage answers» on its features, questions that nothing answers among them. Last
`quoted`: the softmax likelihood of the answering sentences among those of the first passages.
"""

import json
import sys
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from corpus.bundled import bundled_documents
from rag import retrieval
from rag.evaluation.case import TOGETHER, Case
from rag.evaluation.door import read_set
from rag.evaluation.keys import covers
from rag.features import NAMES, SENTENCE_NAMES
from rag.relevance import Model
from rag.retrieval import Evidence
from rag.service import Service
from rag.settings import Settings

CANDIDATES = 12  # passages per question
QUOTED_FROM = 5  # passages whose sentences compete
ORDER_RIDGE = 0.5  # pulls weights towards zero
ODDS_RIDGE = 1.5  # likewise, on standardised features
UNANSWERABLE = 0.2  # share of questions without an answer that the probability supposes; the set has more

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Group:
    """The candidates of one question: features, shape (n, f), and which of them answer it, shape (n,).

    answerable  whether anything answers it
    sentences   features of the sentences of each candidate, shape (m, s), and which of them answer, shape (m,)
    """

    features: Floats
    answers: NDArray[np.bool_]
    answerable: bool
    sentences: list[tuple[Floats, NDArray[np.bool_]]]


def gather(service: Service, cases: Sequence[Case]) -> list[Group]:
    """Measure the candidates of every question."""
    groups = []
    for case in cases:
        evidence = service.search(case.question, CANDIDATES).evidence
        if evidence:
            features = np.array([one.features for one in evidence])
            answers = np.array([_answers(case, one.found.passage.text) for one in evidence])
            sentences = [_sentences(case, one) for one in evidence]
            groups.append(Group(features, answers, bool(case.answers), sentences))
    return groups


def fit(groups: Sequence[Group]) -> Model:
    """Fit all sums."""
    order = _chosen([(group.features, group.answers) for group in groups])
    bias, odds = _odds(groups, order)
    quoted = _chosen([_quotable(group, order) for group in groups])
    return Model(tuple(order.tolist()), bias, tuple(odds.tolist()), tuple(quoted[1:].tolist()), float(quoted[0]))


def _sentences(case: Case, evidence: Evidence) -> tuple[Floats, NDArray[np.bool_]]:
    """A sentence answers if it holds all keys, or, where no sentence of the passage does, if it holds one."""
    texts = [sentence.text for sentence in evidence.view.sentences]
    whole = [bool(case.answers) and covers(case.answers, [text]) for text in texts]
    part = [any(covers([group], [text]) for group in case.answers) for text in texts]
    return np.array(evidence.sentence_features), np.array(whole if any(whole) else part)


def _quotable(group: Group, order: Floats) -> tuple[Floats, NDArray[np.bool_]]:
    """Sentences of the first passages: place of the passage, then their features; and which of them answer."""
    places = group.features @ order
    first = np.argsort(-places, kind="stable")[:QUOTED_FROM]
    rows = [np.column_stack([np.full(len(group.sentences[at][0]), places[at]), group.sentences[at][0]]) for at in first]
    return np.concatenate(rows), np.concatenate([group.sentences[at][1] for at in first])


def _answers(case: Case, passage: str) -> bool:
    """Whether the passage answers; for questions that need several passages, whether it answers in part."""
    if case.kind in TOGETHER:
        return any(covers([group], [passage]) for group in case.answers)
    return bool(case.answers) and covers(case.answers, [passage])


def _chosen(choices: Sequence[tuple[Floats, NDArray[np.bool_]]]) -> Floats:
    """Weights, shape (f,), none negative, under which the softmax over each choice falls on what answers."""
    answered = [(features, answers) for features, answers in choices if answers.any()]
    size = answered[0][0].shape[1]

    def loss(weights: Floats) -> tuple[float, Floats]:
        total, slope = ORDER_RIDGE * float(weights @ weights), 2 * ORDER_RIDGE * weights
        for features, answers in answered:
            scores = features @ weights
            odds = np.exp(scores - scores.max())
            right = odds * answers
            total -= float(np.log(right.sum() / odds.sum()))
            slope = slope + features.T @ (odds / odds.sum() - right / right.sum())
        return total, slope

    found = minimize(loss, np.zeros(size), jac=True, method="L-BFGS-B", bounds=[(0, None)] * size)
    return np.asarray(found.x, np.float64)


def _odds(groups: Sequence[Group], order: Floats) -> tuple[float, Floats]:
    """Bias and weights, shape (f,), of the log-odds that the first passage answers."""
    first = [int(np.argmax(group.features @ order)) for group in groups]
    x = np.array([group.features[at] for group, at in zip(groups, first, strict=True)])
    y = np.array([group.answers[at] for group, at in zip(groups, first, strict=True)], np.float64)
    mean, spread = x.mean(axis=0), x.std(axis=0) + 1e-9
    standard = (x - mean) / spread
    weight = _prior(np.array([group.answerable for group in groups]))

    def loss(parameters: Floats) -> tuple[float, Floats]:
        weights, bias = parameters[:-1], parameters[-1]
        odds = standard @ weights + bias
        error = weight * (1 / (1 + np.exp(-odds)) - y)
        total = float((weight * (np.logaddexp(0, odds) - y * odds)).sum() + ODDS_RIDGE * weights @ weights)
        return total, np.append(standard.T @ error + 2 * ODDS_RIDGE * weights, error.sum())

    found = minimize(loss, np.zeros(x.shape[1] + 1), jac=True, method="L-BFGS-B").x
    odds = np.asarray(found[:-1] / spread, np.float64)
    return float(found[-1] - odds @ mean), odds


def _prior(answerable: NDArray[np.bool_]) -> Floats:
    """Weight of each question, shape (n,), mean 1, so that UNANSWERABLE of the weight has no answer."""
    share = float(answerable.mean())
    return np.where(answerable, (1 - UNANSWERABLE) / share, UNANSWERABLE / (1 - share))


@contextmanager
def _service(with_asked: bool) -> Iterator[Service]:
    """A service over the bundled documents alone, with or without their ways of asking."""
    with TemporaryDirectory() as home:
        service = Service.open(Settings(home=Path(home), corpus="none"), writable=True)
        with closing(service):
            service.index.put([one if with_asked else replace(one, asked=()) for one in bundled_documents()])
            yield service


def main() -> None:
    """Fit on the bundled training questions and rewrite relevance.json."""
    cases = read_set(Path(__file__).parent / "evaluation" / "questions" / "train.jsonl").cases
    retrieval.MEASURED = CANDIDATES
    groups: list[Group] = []
    for with_asked in (True, False):
        with _service(with_asked) as service:
            groups += gather(service, cases)
    model = fit(groups)
    record = {
        "order": _record(NAMES, model.order),
        "bias": round(model.bias, 4),
        "odds": _record(NAMES, model.odds),
        "quoted_place": round(model.quoted_place, 4),
        "quoted": _record(SENTENCE_NAMES, model.quoted),
    }
    (Path(__file__).parent / "relevance.json").write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")
    json.dump(record, sys.stdout, indent=1)


def _record(names: Sequence[str], weights: Sequence[float]) -> dict[str, float]:
    return {name: round(weight, 4) for name, weight in zip(names, weights, strict=True)}


if __name__ == "__main__":
    main()
