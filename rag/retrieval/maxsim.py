"""MaxSim of words: does a passage hold something near to each word asked for, and where?

Every token of what is asked looks for the token most like it, by the vectors of the bundled table, in a
sentence, in the passage and in its similar questions; the mean counts each token by the length of its vector,
which training made long for tokens that tell much (late interaction, after ColBERT, without a transformer).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from index.encoder.text_encoder import SMALLEST, StaticTable, bundled_table

Ids = NDArray[np.int32]


class Similarity(NamedTuple):
    """How like a passage is to what is asked; 1 where all words occur, and where nothing is asked.

    sentences  each of its sentences
    asked      its closest similar question
    whole      sentences, heading and similar questions together
    """

    sentences: tuple[float, ...]
    asked: float
    whole: float


@dataclass(frozen=True, slots=True, eq=False)
class Pieces:
    """Tokens of a passage, each piece without repetition: its sentences, its own heading, its similar questions.

    ids        of all pieces, one after the other
    lengths    of each piece, shape (p,)
    sentences  how many of the pieces are sentences
    """

    ids: Ids
    lengths: NDArray[np.intp]
    sentences: int


class MaxSim:
    """Compares by one table, whatever encoder the index uses, so that the fitted weights hold."""

    def __init__(self, table: StaticTable) -> None:
        self._table = table
        self._lengths = table.lengths()

    @classmethod
    def bundled(cls) -> "MaxSim":
        return cls(bundled_table())

    def pieces(self, sentences: Sequence[str], heading: str, asked: Sequence[str]) -> Pieces:
        """Cut the parts of a passage, all folded."""
        cut = [np.unique(ids) for ids in self._table.tokens([*sentences, heading, *asked])]
        return Pieces(np.concatenate(cut), np.fromiter(map(len, cut), np.intp, len(cut)), len(sentences))

    def compare(self, text: str, passages: Sequence[Pieces]) -> list[Similarity]:
        """Compare a folded text with each passage."""
        asked = self._table.tokens([text])[0]
        lengths = self._lengths[asked]
        if not passages or not lengths.any():
            return [Similarity((1.0,) * one.sentences, 1.0, 1.0) for one in passages]
        share = lengths / lengths.sum()
        nearest = self._nearest(asked, passages)
        starts = _starts(np.array([len(one.lengths) for one in passages]))
        whole = (np.maximum.reduceat(nearest, starts, axis=0) @ share).tolist()
        each = (nearest @ share).tolist()
        return [
            _like(each[start : start + len(one.lengths)], one.sentences, all_of_it)
            for one, start, all_of_it in zip(passages, starts.tolist(), whole, strict=True)
        ]

    def _nearest(self, asked: Ids, passages: Sequence[Pieces]) -> NDArray[np.float32]:
        """The best cosine of each token in each piece, shape (pieces, tokens), 0 in an empty piece."""
        ids = np.concatenate([one.ids for one in passages])
        lengths = np.concatenate([one.lengths for one in passages])
        nearest = np.zeros((len(lengths), len(asked)), np.float32)
        if len(ids):
            once, places = _distinct(ids)
            filled = lengths > 0
            cosines = self._cosines(once, asked).take(places, axis=0)
            nearest[filled] = np.maximum.reduceat(cosines, _starts(lengths[filled]), axis=0)
        return nearest

    def _cosines(self, tokens: Ids, others: Ids) -> NDArray[np.float32]:
        products = self._table.rows(tokens) @ self._table.rows(others).T
        products /= np.maximum(self._lengths[tokens], SMALLEST)[:, None]
        products /= np.maximum(self._lengths[others], SMALLEST)
        return products


def _like(each: list[float], sentences: int, whole: float) -> Similarity:
    """each  of a passage's pieces: sentences, heading, similar questions"""
    return Similarity(tuple(each[:sentences]), max(0.0, *each[sentences + 1 :], 0.0), whole)


def _starts(lengths: NDArray[np.intp]) -> NDArray[np.intp]:
    starts: NDArray[np.intp] = np.cumsum(lengths) - lengths
    return starts


def _distinct(ids: Ids) -> tuple[Ids, NDArray[np.intp]]:
    """The ids in order, each once, and the place of each given one among them; np.unique sorts, which takes longer."""
    held = np.zeros(ids.max() + 1, np.bool_)
    held[ids] = True
    once = np.flatnonzero(held)
    places = np.empty(len(held), np.intp)
    places[once] = np.arange(len(once))
    return once.astype(np.int32), places[ids]
