"""Likeness of words: does a passage hold something near to each word asked for, and where?

Every token of what is asked looks for the token most like it, by the vectors of the bundled table, in a
sentence, in the passage and in its ways of asking; the mean counts each token by the length of its vector,
which training made long for tokens that tell much (late interaction, after ColBERT, without a transformer).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from index.encoder import BUNDLED, SMALLEST, StaticTable

Ids = NDArray[np.int32]


class Like(NamedTuple):
    """How like a passage is to what is asked; 1 where all words occur, and where nothing is asked.

    passage   its sentences and its own heading
    sentence  its best sentence
    asked     its closest way of asking
    whole     all of it
    """

    passage: float
    sentence: float
    asked: float
    whole: float


@dataclass(frozen=True, slots=True)
class Pieces:
    """Tokens of a passage, no piece empty: its sentences, its own heading, its ways of asking."""

    sentences: tuple[Ids, ...]
    heading: tuple[Ids, ...]
    asked: tuple[Ids, ...]

    @property
    def all(self) -> tuple[Ids, ...]:
        return (*self.sentences, *self.heading, *self.asked)


class Likeness:
    """Compares by one table, whatever encoder the index uses, so that the fitted weights hold."""

    def __init__(self, table: StaticTable) -> None:
        self._table = table

    @classmethod
    def bundled(cls) -> "Likeness":
        return cls(StaticTable.read("bundled", BUNDLED))

    def pieces(self, sentences: Sequence[str], heading: str, asked: Sequence[str]) -> Pieces:
        """Cut the parts of a passage, all folded."""
        cut = [np.unique(ids) for ids in self._table.tokens([*sentences, heading, *asked])]
        count = len(sentences)
        return Pieces(_filled(cut[:count]), _filled(cut[count : count + 1]), _filled(cut[count + 1 :]))

    def compare(self, text: str, passages: Sequence[Pieces]) -> list[Like]:
        """Compare a folded text with each passage."""
        asked = self._table.rows(self._table.tokens([text])[0])
        lengths = np.linalg.norm(asked, axis=1)
        if not len(asked) or not lengths.any():
            return [Like(1.0, 1.0, 1.0, 1.0)] * len(passages)
        flat = [ids for pieces in passages for ids in pieces.all]
        if not flat:
            return [Like(0.0, 0.0, 0.0, 0.0)] * len(passages)
        ids, places = np.unique(np.concatenate(flat), return_inverse=True)
        cosines = (_unit(asked) @ _unit(self._table.rows(ids)).T)[:, places]
        starts = np.cumsum([0, *(len(one) for one in flat[:-1])])
        nearest = np.maximum.reduceat(cosines, starts, axis=1)  # (tokens, pieces)
        share = (lengths / lengths.sum()).astype(np.float32)
        likes, start = [], 0
        for pieces in passages:
            end = start + len(pieces.all)
            likes.append(_like(share, nearest[:, start:end], len(pieces.sentences), len(pieces.heading)))
            start = end
        return likes


def _like(share: NDArray[np.float32], nearest: NDArray[np.float32], sentences: int, heading: int) -> Like:
    """nearest  the best cosine of each token in each piece, shape (tokens, pieces)"""
    own = sentences + heading
    return Like(
        passage=_together(share, nearest[:, :own]),
        sentence=_best(share, nearest[:, :sentences]),
        asked=_best(share, nearest[:, own:]),
        whole=_together(share, nearest),
    )


def _together(share: NDArray[np.float32], nearest: NDArray[np.float32]) -> float:
    return float(share @ nearest.max(axis=1)) if nearest.shape[1] else 0.0


def _best(share: NDArray[np.float32], nearest: NDArray[np.float32]) -> float:
    return float((share @ nearest).max()) if nearest.shape[1] else 0.0


def _filled(cut: Sequence[Ids]) -> tuple[Ids, ...]:
    return tuple(ids for ids in cut if len(ids))


def _unit(rows: NDArray[np.float32]) -> NDArray[np.float32]:
    return rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), SMALLEST)
