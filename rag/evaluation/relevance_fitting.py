"""Fitting the relevance model: `python -m rag.evaluation.relevance_fitting` rewrites `relevance.json`.

On the training questions, asked three times: of the bundled documents as they are, without their similar questions
and other names, as documents of users come, and with every second document so; then a few questions of documents
on other subjects (`questions/others`), whose words the encoder did not learn from, so that the odds hold for them
too.

First `order`: the softmax likelihood of the answering passages among all candidates of their question, no weight
negative but that of `foreign`, so that every other feature can only speak for a passage. Then `odds`, for each kind
of passage: logistic regression of «the first passage answers» on its features, questions that nothing answers
among them. Last `quoted`: the softmax likelihood of the answering sentences among those of the first passages.
"""

import json
import sys
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from corpus.bundled import bundled_documents
from rag.evaluation.answer_keys import covers
from rag.evaluation.case import TOGETHER, Case
from rag.evaluation.question_sets import read_set
from rag.reader.relevance import Model, Sums
from rag.retrieval import retriever
from rag.retrieval.evidence import Evidence
from rag.retrieval.features import NAMES, SENTENCE_NAMES
from rag.service import Service
from rag.settings import Settings

QUESTIONS = Path(__file__).parent / "questions"
CANDIDATES = 12  # passages per question
QUOTED_FROM = 5  # passages whose sentences compete
ORDER_RIDGE = 0.5  # pulls weights towards zero
FOREIGN = -3.0  # highest weight of `foreign` in the order of plain passages (see `_bounds`); chosen on cmrc_trial
ODDS_RIDGE = 1.5  # likewise, on standardised features
OTHERS = 5.0  # weight of a question of the documents on other subjects in the odds; there are far fewer of them
STRANGERS = 20  # every so many-th question on the bundled documents is asked of a few others, which cannot answer it
UNANSWERABLE = 0.15  # share of questions without an answer that the probability supposes; the set has more

Floats = NDArray[np.float64]
Bounds = list[tuple[float | None, float | None]]


@dataclass(frozen=True, slots=True)
class Group:
    """The candidates of one question: features, shape (n, f), and which of them answer it, shape (n,).

    answerable  whether anything answers it
    weight      in the odds
    sentences   features of the sentences of each candidate, shape (m, s), and which of them answer, shape (m,)
    """

    features: Floats
    answers: NDArray[np.bool_]
    answerable: bool
    weight: float
    sentences: list[tuple[Floats, NDArray[np.bool_]]]


def gather(service: Service, cases: Sequence[Case], among: Collection[str] = (), weight: float = 1.0) -> list[Group]:
    """Measure the candidates of every question that asks something about what it names; a name alone has no attribute.

    among   ids of the documents that may answer; empty: all
    weight  of a question in the odds, on average
    """
    groups = []
    prior = weight * _prior(np.array([bool(case.answers) for case in cases]))
    for case, share in zip(cases, prior.tolist(), strict=True):
        evidence = service.search(case.question, CANDIDATES).evidence
        measured = [one.features for one in evidence if one.features]
        if any(one.attribute_cosine != one.sentence_cosine for one in measured):
            features = np.array(measured)
            may = [not among or one.document.id in among for one in evidence]
            answers = np.array(
                [able and _answers(case, one.found.passage.text) for able, one in zip(may, evidence, strict=True)]
            )
            sentences = [_sentences(case, one, able) for able, one in zip(may, evidence, strict=True)]
            groups.append(Group(features, answers, bool(case.answers), share, sentences))
    return groups


def fit(groups: Sequence[Group]) -> Model:
    """Fit all sums."""
    order = _chosen([(_by_kind(group.features), group.answers) for group in groups], _bounds())
    half = len(order) // 2
    sums = [Sums(tuple(order[part].tolist()), 0.0, ()) for part in (slice(half), slice(half, None))]
    first = [int(np.argmax(_by_kind(group.features) @ order)) for group in groups]
    asked, plain = (_with_odds(one, groups, first, kind) for kind, one in enumerate(sums))
    quoted = _chosen([_quotable(group, order) for group in groups])
    return Model(asked, plain, tuple(quoted[1:].tolist()), float(quoted[0]))


def _bounds() -> Bounds:
    """Between what the weights of the order must lie: no feature may speak against a passage, but for one.

    The training questions are about neighbours that speak of each other. A user's documents are more of a mixture,
    where the document on what a question names must come before one that says the like of something else.
    """
    bounds: Bounds = [(0, None)] * (2 * len(NAMES))
    bounds[len(NAMES) + NAMES.index("foreign")] = (None, FOREIGN)
    return bounds


def _by_kind(features: Floats) -> Floats:
    """Features of passages with similar questions, then those of plain ones, shape (n, 2f); zeros in the other half."""
    plain = features[:, NAMES.index("plain"), None]
    return np.hstack([features * (1 - plain), features * plain])


def _sentences(case: Case, evidence: Evidence, may: bool) -> tuple[Floats, NDArray[np.bool_]]:
    """A sentence answers if it holds all keys, or, where no sentence of the passage does, if it holds one."""
    texts = [sentence.text for sentence in evidence.annotated.sentences]
    whole = [bool(case.answers) and covers(case.answers, [text]) for text in texts]
    part = [any(covers([group], [text]) for group in case.answers) for text in texts]
    return np.array(evidence.sentence_features), np.array(whole if any(whole) else part) & may


def _quotable(group: Group, order: Floats) -> tuple[Floats, NDArray[np.bool_]]:
    """Sentences of the first passages: place of the passage, then their features; and which of them answer."""
    places = _by_kind(group.features) @ order
    first = np.argsort(-places, kind="stable")[:QUOTED_FROM]
    rows = [np.column_stack([np.full(len(group.sentences[at][0]), places[at]), group.sentences[at][0]]) for at in first]
    return np.concatenate(rows), np.concatenate([group.sentences[at][1] for at in first])


def _answers(case: Case, passage: str) -> bool:
    """Whether the passage answers; for questions that need several passages, whether it answers in part."""
    if case.kind in TOGETHER:
        return any(covers([group], [passage]) for group in case.answers)
    return bool(case.answers) and covers(case.answers, [passage])


def _chosen(choices: Sequence[tuple[Floats, NDArray[np.bool_]]], bounds: Bounds | None = None) -> Floats:
    """Weights, shape (f,), by default none negative, under which the softmax over each choice falls on what answers."""
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

    within = bounds or [(0, None)] * size
    found = minimize(loss, np.zeros(size), jac=True, method="L-BFGS-B", bounds=within)
    return np.asarray(found.x, np.float64)


def _with_odds(sums: Sums, groups: Sequence[Group], first: Sequence[int], kind: int) -> Sums:
    """Bias and weights, shape (f,), of the log-odds that the first passage answers, where it is of this kind."""
    at = NAMES.index("plain")
    chosen = [(one, row) for one, row in zip(groups, first, strict=True) if one.features[row, at] == kind]
    x = np.array([group.features[row] for group, row in chosen])
    y = np.array([group.answers[row] for group, row in chosen], np.float64)
    mean, spread = x.mean(axis=0), x.std(axis=0) + 1e-9
    standard = (x - mean) / spread
    weight = np.array([group.weight for group, _ in chosen])

    def loss(parameters: Floats) -> tuple[float, Floats]:
        weights, bias = parameters[:-1], parameters[-1]
        odds = standard @ weights + bias
        error = weight * (1 / (1 + np.exp(-odds)) - y)
        total = float((weight * (np.logaddexp(0, odds) - y * odds)).sum() + ODDS_RIDGE * weights @ weights)
        return total, np.append(standard.T @ error + 2 * ODDS_RIDGE * weights, error.sum())

    found = minimize(loss, np.zeros(x.shape[1] + 1), jac=True, method="L-BFGS-B").x
    odds = np.asarray(found[:-1] / spread, np.float64)
    return Sums(sums.order, float(found[-1] - odds @ mean), tuple(odds.tolist()))


def _prior(answerable: NDArray[np.bool_]) -> Floats:
    """Weight of each question, shape (n,), mean 1, so that UNANSWERABLE of the weight has no answer."""
    share = float(answerable.mean())
    return np.where(answerable, (1 - UNANSWERABLE) / share, UNANSWERABLE / (1 - share))


@contextmanager
def _service(plain: Callable[[int], bool]) -> Iterator[Service]:
    """A service over the bundled documents alone, those that are plain without similar questions and other names."""
    documents = [replace(one, asked=(), aliases=()) if plain(at) else one for at, one in enumerate(bundled_documents())]
    with TemporaryDirectory() as home:
        service = Service.open(Settings(home=Path(home), corpus="none"), writable=True)
        with closing(service):
            service.index.put(documents)
            yield service


def main() -> None:
    """Fit on the bundled training questions and rewrite relevance.json."""
    cases = read_set(QUESTIONS / "train.jsonl").cases
    retriever.MEASURED = CANDIDATES
    groups: list[Group] = []
    for plain in (lambda at: False, lambda at: True, lambda at: at % 2 == 1):
        with _service(plain) as service:
            groups += gather(service, cases)
    groups += _others()
    model = fit(groups)
    record = {
        "asked": _sums(model.asked),
        "plain": _sums(model.plain),
        "quoted_place": round(model.quoted_place, 4),
        "quoted": _record(SENTENCE_NAMES, model.quoted),
    }
    (Path(__file__).parents[1] / "reader" / "relevance.json").write_text(
        json.dumps(record, indent=1) + "\n", encoding="utf-8"
    )
    json.dump(record, sys.stdout, indent=1)


def _others() -> list[Group]:
    """Questions of documents on other subjects, kept beside the bundled ones, and alone, where strangers ask too."""
    folder = QUESTIONS / "others"
    cases = list(read_set(folder / "questions.jsonl").cases)
    strangers = [replace(one, answers=()) for one in read_set(QUESTIONS / "train.jsonl").cases[::STRANGERS]]
    paths = sorted(path for path in folder.iterdir() if path.name != "questions.jsonl")
    groups: list[Group] = []
    for alone in (False, True):
        with _service(lambda at: False) as service:
            if alone:
                service.index.remove(list(service.index.snapshot.documents))
            for path in paths:
                service.put(path.read_bytes(), path.stem, name=path.name)
            asked = cases + strangers if alone else cases
            groups += gather(service, asked, [path.stem for path in paths], OTHERS / 2)
    return groups


def _sums(sums: Sums) -> dict[str, object]:
    return {"order": _record(NAMES, sums.order), "bias": round(sums.bias, 4), "odds": _record(NAMES, sums.odds)}


def _record(names: Sequence[str], weights: Sequence[float]) -> dict[str, float]:
    return {name: round(weight, 4) for name, weight in zip(names, weights, strict=True)}


if __name__ == "__main__":
    main()
