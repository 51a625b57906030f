"""How much each token of a question tells, and how much of that a text holds."""

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from rag.expansion import WEIGHT, Kin

_NOTHING = 1e-9  # a weight that counts as none


class LegScores(NamedTuple):
    """Scores of one passage in the legs; a passage that a leg did not return has the leg's lowest score."""

    words: float
    grams: float
    cosine: float


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

    def share(self, wanted: frozenset[str], held: frozenset[str]) -> float:
        """Share of the weight of some of the question's tokens that is held, in other wordings too; 1 for no tokens."""
        whole = self.sum(wanted)
        if whole < _NOTHING:
            return 1.0
        replaced: set[str] = set()
        for one in self.kin:
            if any(other <= held for other in one.others):
                replaced |= one.said
        common = wanted & held
        return (self.sum(common) + WEIGHT * self.sum((wanted & replaced) - common)) / whole

    def reworded(self, kin: Iterable[Kin], heading: frozenset[str], tokens: frozenset[str]) -> float:
        """Weight that other wordings among the tokens add to what heading and tokens hold of the question itself."""
        replaced: set[str] = set()
        for one in kin:
            if any(other <= tokens for other in one.others):
                replaced |= one.said
        return WEIGHT * self.sum(frozenset(replaced - heading - tokens)) if replaced else 0.0


def idf(document_frequency: int, passages: int) -> float:
    """Lucene's BM25 idf: ln(1 + (N - n + 0.5) / (n + 0.5)), never negative."""
    return math.log(1 + (passages - document_frequency + 0.5) / (document_frequency + 0.5))
