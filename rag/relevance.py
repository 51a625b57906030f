"""One calibrated relevance from named features, and the order of passages.

Both are linear: place = Σ order · feature, relevance = 1 / (1 + exp(-(bias + Σ odds · feature))). The weights
stand in `relevance.json`, fitted by `python -m rag.fitting`; every hit can be explained by its shares.
"""

import json
import math
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from rag.features import NAMES, SENTENCE_NAMES, Features, SentenceFeatures


@dataclass(frozen=True, slots=True)
class Model:
    """Two sums over a passage's features: `order` puts passages in order, `odds` with its bias tells if one answers.

    Two, because the best passage of a question that nothing answers looks like the best of any other: what tells
    neighbours apart is not what tells an answer from its absence. `quoted` is for sentences; across passages the
    place of their passage counts with `quoted_place`.
    """

    order: tuple[float, ...]
    bias: float
    odds: tuple[float, ...]
    quoted: tuple[float, ...]
    quoted_place: float

    def quotable(self, place: float, features: SentenceFeatures) -> float:
        """How well a sentence suits as a quote, in log-odds relative to the question's other sentences.

        place  of its passage
        """
        return self.quoted_place * place + _sum(self.quoted, features)

    def place(self, features: Features) -> float:
        """How far in front a passage belongs, among those of its question."""
        return _sum(self.order, features)

    def relevance(self, features: Features) -> float:
        """Probability that the passage answers the question."""
        odds = self.bias + _sum(self.odds, features)
        return 1 / (1 + math.exp(-max(-30.0, min(30.0, odds))))

    def order_shares(self, features: Features) -> dict[str, float]:
        """What each feature adds to the place."""
        return _shares(self.order, features)

    def odds_shares(self, features: Features) -> dict[str, float]:
        """What each feature adds to the log-odds of the relevance."""
        return _shares(self.odds, features)


@cache
def bundled_model() -> Model:
    record = json.loads((files("rag") / "relevance.json").read_text(encoding="utf-8"))
    order, odds = (tuple(record[part][name] for name in NAMES) for part in ("order", "odds"))
    quoted = tuple(record["quoted"][name] for name in SENTENCE_NAMES)
    return Model(order, record["bias"], odds, quoted, record["quoted_place"])


def _sum(weights: tuple[float, ...], values: tuple[float, ...]) -> float:
    return sum(weight * value for weight, value in zip(weights, values, strict=True))


def _shares(weights: tuple[float, ...], features: Features) -> dict[str, float]:
    return {name: weight * value for name, weight, value in zip(NAMES, weights, features, strict=True)}
