"""Which tokens occur in which pieces of a passage, laid out so that many passages are looked at at once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import repeat
from typing import Self

import numpy as np
from numpy.typing import NDArray

Bools = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class Occurrences:
    """Tokens of one passage, piece by piece.

    rows   row of each token in `table`
    table  shape (t + 1, p), token by piece; the last row, of every token that does not occur, is empty
    sizes  tokens of each piece, shape (p,)
    """

    rows: Mapping[str, int]
    table: Bools
    sizes: NDArray[np.int64]

    @classmethod
    def of(cls, pieces: Sequence[frozenset[str]]) -> Self:
        rows = {token: row for row, token in enumerate(sorted(frozenset().union(*pieces)))}
        table = np.zeros((len(rows) + 1, len(pieces)), np.bool_)
        for column, piece in enumerate(pieces):
            table[np.fromiter(map(rows.__getitem__, piece), np.intp, len(piece)), column] = True
        return cls(rows, table, table.sum(axis=0))

    def of_tokens(self, tokens: Sequence[str]) -> Bools:
        """Which pieces hold each of these tokens, shape (len(tokens), p)."""
        places = map(self.rows.get, tokens, repeat(-1))
        found: Bools = self.table[np.fromiter(places, np.intp, len(tokens))]
        return found
