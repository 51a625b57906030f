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

    sentences  each of its sentences
    asked      its closest way of asking
    whole      sentences, heading and ways of asking together
    """

    sentences: tuple[float, ...]
    asked: float
    whole: float


@dataclass(frozen=True, slots=True)
class Pieces:
    """Tokens of a passage, each piece without repetition: its sentences, its own heading, its ways of asking."""

    sentences: tuple[Ids, ...]
    heading: Ids
    asked: tuple[Ids, ...]

    @property
    def all(self) -> tuple[Ids, ...]:
        return (*self.sentences, self.heading, *self.asked)


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
        return Pieces(tuple(cut[:count]), cut[count], tuple(cut[count + 1 :]))

    def compare(self, text: str, passages: Sequence[Pieces]) -> list[Like]:
        """Compare a folded text with each passage."""
        asked = self._table.rows(self._table.tokens([text])[0])
        lengths = np.linalg.norm(asked, axis=1)
        if not lengths.any():
            return [Like((1.0,) * len(one.sentences), 1.0, 1.0) for one in passages]
        share = (lengths / lengths.sum()).astype(np.float32)
        nearest = self._nearest(_unit(asked), [ids for one in passages for ids in one.all])
        likes, start = [], 0
        for one in passages:
            end = start + len(one.all)
            likes.append(_like(share, nearest[:, start:end], len(one.sentences)))
            start = end
        return likes

    def _nearest(self, asked: NDArray[np.float32], pieces: Sequence[Ids]) -> NDArray[np.float32]:
        """The best cosine of each unit row in each piece, shape (rows, pieces), 0 in an empty piece."""
        nearest = np.zeros((len(asked), len(pieces)), np.float32)
        filled = [at for at, ids in enumerate(pieces) if len(ids)]
        if filled:
            ids, places = np.unique(np.concatenate([pieces[at] for at in filled]), return_inverse=True)
            cosines = (asked @ _unit(self._table.rows(ids)).T)[:, places]
            starts = np.cumsum([0, *(len(pieces[at]) for at in filled[:-1])])
            nearest[:, filled] = np.maximum.reduceat(cosines, starts, axis=1)
        return nearest


def _like(share: NDArray[np.float32], nearest: NDArray[np.float32], sentences: int) -> Like:
    """nearest  of a passage's sentences, heading and ways of asking, shape (tokens, pieces)"""
    each = share @ nearest
    return Like(
        sentences=tuple(each[:sentences].tolist()),
        asked=float(each[sentences + 1 :].max(initial=0.0)),
        whole=float(share @ nearest.max(axis=1)),
    )


def _unit(rows: NDArray[np.float32]) -> NDArray[np.float32]:
    lengths = np.sqrt(np.einsum("nd,nd->n", rows, rows))
    unit: NDArray[np.float32] = rows / np.maximum(lengths, SMALLEST)[:, None]
    return unit
