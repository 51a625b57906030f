"""One calibrated relevance from named features.

A logistic model: relevance = 1 / (1 + exp(-(bias + Σ weight · feature))). Its weights stand in
`relevance.json`, fitted by `python -m rag.fitting`; every hit can be explained by its shares.
"""

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, fields
from functools import cache
from importlib.resources import files

import numpy as np

from rag.question import Question
from rag.subjects import Mention
from rag.view import PassageView, SentenceView

_SATURATED = 2.2  # BM25's highest gain per unit of idf: k1 + 1 with k1 = 1.2


@dataclass(frozen=True, slots=True)
class LegScores:
    """Scores of one passage in the legs; a passage that a leg did not return has the leg's lowest score."""

    words: float
    grams: float
    cosine: float


@dataclass(frozen=True, slots=True)
class Features:
    """What speaks for a passage; nearly all lie in 0–1.

    words, grams      BM25 in words and in n-grams, relative to the most the question's tokens can give
    cosine            of question and passage
    covered           share of the question's weight that occurs in the passage or its heading
    rest              of the weight that the heading leaves open, the share in the best sentence: is it about the matter?
    holds             share of wanted kinds (number, time) that the best sentence holds; 1 where none is wanted
    named             share of the subjects named in the question that the passage or its heading names
    own               1 where the question names the passage's document
    """

    words: float
    grams: float
    cosine: float
    covered: float
    rest: float
    holds: float
    named: float
    own: float


NAMES = tuple(field.name for field in fields(Features))


class Weights:
    """How much each token of a question tells: its idf. Words and pairs of characters in one table."""

    def __init__(self, idf: Mapping[str, float], words: float, grams: float) -> None:
        """idf by token; words, grams: sums over all tokens of each lexical field, for relative scores."""
        self._idf = dict(idf)
        self._tokens = frozenset(idf)
        self.words = words or 1.0
        self.grams = grams or 1.0
        self.total = sum(self._idf.values()) or 1.0

    def of(self, tokens: frozenset[str]) -> float:
        """Weight of the question's tokens that are among these."""
        return sum(map(self._idf.__getitem__, self._tokens & tokens))


@dataclass(frozen=True, slots=True)
class Model:
    """Fitted weights by feature name, and the bias."""

    bias: float
    weights: Mapping[str, float]

    def shares(self, features: Features) -> dict[str, float]:
        """What each feature adds to the log-odds."""
        return {name: weight * getattr(features, name) for name, weight in self.weights.items()}

    def relevance(self, features: Features) -> float:
        """Probability that the passage answers the question."""
        odds = self.bias + sum(self.shares(features).values())
        return 1 / (1 + math.exp(-max(-30.0, min(30.0, odds))))


@cache
def bundled_model() -> Model:
    record = json.loads((files("rag") / "relevance.json").read_text(encoding="utf-8"))
    return Model(record["bias"], {name: record["weights"][name] for name in NAMES})


def idf(document_frequency: int, passages: int) -> float:
    """Lucene's BM25 idf: ln(1 + (N - n + 0.5) / (n + 0.5)), never negative."""
    return math.log(1 + (passages - document_frequency + 0.5) / (document_frequency + 0.5))


def measure(
    question: Question, weights: Weights, mentions: list[Mention], key: int, view: PassageView, scores: LegScores
) -> tuple[Features, SentenceView]:
    """Features of one passage of the document `key`, and the sentence in it that fits the question best."""
    heading = weights.of(view.heading)
    cosines = view.vectors @ question.vector
    best, rest = _best_sentence(question, weights, view, cosines)
    features = Features(
        words=scores.words / (_SATURATED * weights.words),
        grams=scores.grams / (_SATURATED * weights.grams),
        cosine=max(0.0, scores.cosine),
        covered=weights.of(view.heading | view.tokens) / weights.total,
        rest=rest / (weights.total - heading) if weights.total > heading + 1e-9 else 1.0,
        holds=_held(question, best),
        named=sum(mention.name in view.text for mention in mentions) / len(mentions) if mentions else 0.5,
        own=float(any(key in mention.documents for mention in mentions)),
    )
    return features, best


def _best_sentence(
    question: Question, weights: Weights, view: PassageView, cosines: np.ndarray[tuple[int, ...], np.dtype[np.float32]]
) -> tuple[SentenceView, float]:
    """The sentence with most of what the heading leaves open (and that weight), close in meaning, of the wanted kind."""
    best, best_rest, best_score = view.sentences[0], 0.0, -math.inf
    for sentence, cosine in zip(view.sentences, cosines, strict=True):
        rest = weights.of(sentence.tokens - view.heading)
        score = rest / weights.total + 0.15 * _held(question, sentence) + 0.3 * float(cosine)
        if score > best_score:
            best, best_rest, best_score = sentence, rest, score
    return best, best_rest


def _held(question: Question, sentence: SentenceView) -> float:
    return len(question.wants & sentence.holds) / len(question.wants) if question.wants else 1.0
