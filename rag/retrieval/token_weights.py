"""How much each token of a question tells, and how much of that the pieces of passages hold."""

import math
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from rag.query.expansion import WEIGHT, Kin
from rag.retrieval.occurrences import Bools, Occurrences

Floats = NDArray[np.float64]


class SearchScores(NamedTuple):
    """Scores of one passage in the indexes; a passage that an index did not return has the index's lowest score."""

    words: float
    grams: float
    cosine: float


class Held(NamedTuple):
    """How pieces hold the question's tokens, both of shape (t, p).

    exactly  1 where the piece holds the token, else 0
    gained   1 where it does, WEIGHT where another wording of it stands there instead, else 0
    """

    exactly: Floats
    gained: Floats


class Weights:
    """How much each token of a question tells: its idf. Words and pairs of characters in one table."""

    def __init__(self, idf: Mapping[str, float], words: float, grams: float, kin: Sequence[Kin] = ()) -> None:
        """Take what is known of a question.

        idf           by token
        words, grams  sums over all tokens of each lexical field, for relative scores
        kin           what can stand in for some of the tokens
        """
        self.idf: Floats = np.fromiter(idf.values(), np.float64, len(idf))
        self.tokens = frozenset(idf)
        self.words = words or 1.0
        self.grams = grams or 1.0
        self.total = float(self.idf.sum()) or 1.0
        self.kin = tuple(one for one in kin if one.others)
        self._own = tuple(idf)
        further = {token for one in self.kin for other in one.others for token in other}
        self._all = (*self._own, *sorted(further.difference(self._own)))

    def of(self, tokens: frozenset[str]) -> Floats:
        """The weight of each of the question's tokens that is among these, 0 for the others, shape (t,)."""
        return np.where(self.among(tokens), self.idf, 0.0)

    def among(self, tokens: frozenset[str]) -> Bools:
        """Which of the question's tokens are among these, shape (t,)."""
        return np.fromiter(map(tokens.__contains__, self._own), np.bool_, len(self._own))

    def held(self, passages: Sequence[Occurrences]) -> Held:
        """How the pieces of these passages, one after the other, hold the question's tokens."""
        found = np.concatenate([one.of_tokens(self._all) for one in passages], axis=1)
        exactly = found[: len(self._own)].astype(np.float64)
        if not self.kin:
            return Held(exactly, exactly)
        return Held(exactly, np.maximum(exactly, WEIGHT * self._replaced(found)))

    def _replaced(self, found: Bools) -> Bools:
        """Where another wording of a token stands, whole, shape (t, p); found: all tokens by piece."""
        place = {token: at for at, token in enumerate(self._all)}
        occurring = {token for token, occurs in zip(self._all, np.any(found, axis=1), strict=True) if occurs}
        replaced = np.zeros((len(self._own), found.shape[1]), np.bool_)
        for one in self.kin:
            for other in one.others:
                if other <= occurring:  # few are
                    stands = found[[place[token] for token in other]].all(axis=0)
                    replaced[[place[token] for token in one.said]] |= stands
        return replaced


def idf(document_frequency: int, passages: int) -> float:
    """Lucene's BM25 idf: ln(1 + (N - n + 0.5) / (n + 0.5)), never negative."""
    return math.log(1 + (passages - document_frequency + 0.5) / (document_frequency + 0.5))
