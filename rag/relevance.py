"""One calibrated relevance from named features.

A logistic model: relevance = 1 / (1 + exp(-(bias + Σ weight · feature))). Its weights stand in
`relevance.json`, fitted by `python -m rag.fitting`; every hit can be explained by its shares.
"""

import json
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from operator import mul
from typing import NamedTuple

from rag.expansion import WEIGHT, Kin
from rag.question import Question
from rag.subjects import Mention
from rag.view import PassageView, SentenceView

_NAMED = 0.3  # what naming the subject counts for a sentence, relative to being to the point
_SATURATED = 2.2  # BM25's highest gain per unit of idf: k1 + 1 with k1 = 1.2


class LegScores(NamedTuple):
    """Scores of one passage in the legs; a passage that a leg did not return has the leg's lowest score."""

    words: float
    grams: float
    cosine: float


class Features(NamedTuple):
    """What speaks for a passage; nearly all lie in 0–1.

    words, grams      BM25 in words and in n-grams, relative to the most the question's tokens can give
    cosine            of question and passage
    covered           share of the question's weight that occurs in the passage or its heading
    rest              of the weight that the heading leaves open, the share in the best sentence: is it to the point?
    holds             share of wanted kinds (number, time) that the best sentence holds; 1 where none is wanted
    named             share of the subjects named in the question that the passage or its heading names
    own               1 where the question names the passage's document
    asked             agreement in words with the closest way of asking for the passage (harmonic mean of both shares)
    asked_cosine      cosine of the question and the closest way of asking
    """

    words: float
    grams: float
    cosine: float
    covered: float
    rest: float
    holds: float
    named: float
    own: float
    asked: float
    asked_cosine: float


NAMES = Features._fields


class Weights:
    """How much each token of a question tells: its idf. Words and pairs of characters in one table."""

    def __init__(self, idf: Mapping[str, float], words: float, grams: float, kin: Sequence[Kin] = ()) -> None:
        """Take what is known of a question.

        idf           by token
        words, grams  sums over all tokens of each lexical field, for relative scores
        kin           what can stand in for some of the tokens
        """
        self._idf = dict(idf)
        self.tokens = frozenset(idf)
        self.words = words or 1.0
        self.grams = grams or 1.0
        self.total = sum(self._idf.values()) or 1.0
        self.kin = tuple(kin)

    def sum(self, tokens: frozenset[str]) -> float:
        """Weight of these tokens, all of them the question's."""
        return sum(map(self._idf.__getitem__, tokens))

    def reworded(self, kin: Iterable[Kin], heading: frozenset[str], tokens: frozenset[str]) -> float:
        """Weight that other wordings among the tokens add to what heading and tokens hold of the question itself."""
        replaced: set[str] = set()
        for one in kin:
            if any(other <= tokens for other in one.others):
                replaced |= one.said
        return WEIGHT * self.sum(frozenset(replaced - heading - tokens)) if replaced else 0.0


@dataclass(frozen=True, slots=True)
class Model:
    """The bias and a fitted weight for each of `NAMES`."""

    bias: float
    weights: tuple[float, ...]

    def shares(self, features: Features) -> dict[str, float]:
        """What each feature adds to the log-odds."""
        return {name: weight * value for name, weight, value in zip(NAMES, self.weights, features, strict=True)}

    def relevance(self, features: Features) -> float:
        """Probability that the passage answers the question."""
        odds = self.bias + sum(map(mul, self.weights, features))
        return 1 / (1 + math.exp(-max(-30.0, min(30.0, odds))))


@cache
def bundled_model() -> Model:
    record = json.loads((files("rag") / "relevance.json").read_text(encoding="utf-8"))
    return Model(record["bias"], tuple(record["weights"][name] for name in NAMES))


def idf(document_frequency: int, passages: int) -> float:
    """Lucene's BM25 idf: ln(1 + (N - n + 0.5) / (n + 0.5)), never negative."""
    return math.log(1 + (passages - document_frequency + 0.5) / (document_frequency + 0.5))


def measure(
    question: Question, weights: Weights, mentions: Sequence[Mention], key: int, view: PassageView, scores: LegScores
) -> tuple[Features, SentenceView]:
    """Features of one passage of the document `key`, and the sentence in it that fits the question best."""
    heading = weights.sum(weights.tokens & view.heading)
    matter = (weights.tokens - view.heading) & view.tokens  # what the passage itself adds to its heading
    kin = [one for one in weights.kin if any(other <= view.tokens for other in one.others)]
    best, rest, held = _best_sentence(question, weights, view, matter, kin)
    open_weight = weights.total - heading
    features = Features(
        words=scores.words / (_SATURATED * weights.words),
        grams=scores.grams / (_SATURATED * weights.grams),
        cosine=max(0.0, scores.cosine),
        covered=(heading + weights.sum(matter) + weights.reworded(kin, view.heading, view.tokens)) / weights.total,
        rest=rest / open_weight if open_weight > 1e-9 else 1.0,
        holds=held,
        named=sum(mention.name in view.text for mention in mentions) / len(mentions) if mentions else 0.5,
        own=float(any(key in mention.documents for mention in mentions)),
        asked=max((_agreement(weights, asked) for asked in view.asked), default=0.0),
        asked_cosine=max(0.0, *(view.asked_vectors @ question.vector).tolist()) if view.asked else 0.0,
    )
    return features, best


def _agreement(weights: Weights, asked: frozenset[str]) -> float:
    """Harmonic mean of two shares: of the question's weight in a way of asking, of its tokens in the question."""
    common = weights.tokens & asked
    if not common:
        return 0.0
    there, back = weights.sum(common) / weights.total, len(common) / len(asked)
    return 2 * there * back / (there + back)


def _best_sentence(
    question: Question, weights: Weights, view: PassageView, matter: frozenset[str], kin: Sequence[Kin]
) -> tuple[SentenceView, float, float]:
    """The sentence with most of the matter, close in meaning, of the wanted kind; its weight, its share of wants."""
    best, best_rest, best_held, best_score = view.sentences[0], 0.0, 0.0, -math.inf
    for sentence, cosine in zip(view.sentences, (view.vectors @ question.vector).tolist(), strict=True):
        rest = weights.sum(matter & sentence.tokens) + weights.reworded(kin, view.heading, sentence.tokens)
        held = len(question.wants & sentence.holds) / len(question.wants) if question.wants else 1.0
        named = weights.sum(weights.tokens & sentence.tokens & view.heading)
        score = (rest + _NAMED * named) / weights.total + 0.15 * held + 0.3 * cosine
        if score > best_score:
            best, best_rest, best_held, best_score = sentence, rest, held, score
    return best, best_rest, best_held
