"""One calibrated relevance from named features, and the order of passages.

Both are linear: place = Σ order · feature, relevance = 1 / (1 + exp(-(bias + Σ odds · feature))). A passage
without similar questions has weights of its own: that none of its ways fits the question says nothing there. The
weights stand in `relevance.json`, fitted by `python -m rag.evaluation.relevance_fitting`; every hit can be explained
by its shares.
"""

import json
import math
import operator
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from rag.retrieval.features import NAMES, SENTENCE_NAMES, Features, SentenceFeatures


@dataclass(frozen=True, slots=True)
class Sums:
    """Two sums over a passage's features: `order` puts passages in order, `odds` with its bias tells if one answers.

    Two, because the best passage of a question that nothing answers looks like the best of any other: what tells
    neighbours apart is not what tells an answer from its absence.
    """

    order: tuple[float, ...]
    bias: float
    odds: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Model:
    """Sums for passages with similar questions and for plain ones, on one scale.

    `quoted` is for sentences; across passages the place of their passage counts with `quoted_place`.
    """

    asked: Sums
    plain: Sums
    quoted: tuple[float, ...]
    quoted_place: float

    def quotable(self, place: float, features: SentenceFeatures) -> float:
        """How well a sentence suits as a quote, in log-odds relative to the question's other sentences.

        place  of its passage
        """
        return self.quoted_place * place + _sum(self.quoted, features)

    def place(self, features: Features) -> float:
        """How far in front a passage belongs, among those of its question."""
        return _sum(self._sums(features).order, features)

    def relevance(self, features: Features) -> float:
        """Probability that the passage answers the question."""
        odds = self.bias(features) + _sum(self._sums(features).odds, features)
        return 1 / (1 + math.exp(-max(-30.0, min(30.0, odds))))

    def bias(self, features: Features) -> float:
        """Log-odds before any feature has spoken."""
        return self._sums(features).bias

    def order_shares(self, features: Features) -> dict[str, float]:
        """What each feature adds to the place."""
        return _shares(self._sums(features).order, features)

    def odds_shares(self, features: Features) -> dict[str, float]:
        """What each feature adds to the log-odds of the relevance."""
        return _shares(self._sums(features).odds, features)

    def _sums(self, features: Features) -> Sums:
        return self.plain if features.plain else self.asked


@cache
def bundled_model() -> Model:
    record = json.loads((files("rag.reader") / "relevance.json").read_text(encoding="utf-8"))
    quoted = tuple(record["quoted"][name] for name in SENTENCE_NAMES)
    return Model(_sums(record["asked"]), _sums(record["plain"]), quoted, record["quoted_place"])


def _sums(record: dict[str, Any]) -> Sums:
    order, odds = (tuple(record[part][name] for name in NAMES) for part in ("order", "odds"))
    return Sums(order, record["bias"], odds)


def _sum(weights: tuple[float, ...], values: tuple[float, ...]) -> float:
    total: float = sum(map(operator.mul, weights, values))
    return total


def _shares(weights: tuple[float, ...], features: Features) -> dict[str, float]:
    return {name: weight * value for name, weight, value in zip(NAMES, weights, features, strict=True)}
