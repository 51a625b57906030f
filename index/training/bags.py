"""Texts as bags of token numbers, kept in two flat arrays."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer

BATCH = 4096


@dataclass(frozen=True, slots=True)
class Bags:
    """The token numbers of many texts, one after the other.

    tokens  shape (t,), int32
    starts  shape (n + 1,), int64; text i is tokens[starts[i]:starts[i + 1]]
    """

    tokens: NDArray[np.int32]
    starts: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.starts) - 1

    def pick(self, rows: NDArray[np.int64]) -> "Bags":
        """Return the bags of the given texts, rows of shape (m,), in the given order."""
        lengths = self.starts[rows + 1] - self.starts[rows]
        starts = np.concatenate([[0], np.cumsum(lengths)])
        within = np.arange(starts[-1]) - np.repeat(starts[:-1], lengths)
        return Bags(self.tokens[np.repeat(self.starts[rows], lengths) + within], starts)

    def rows(self) -> NDArray[np.int64]:
        """Return the text number of every token, shape (t,)."""
        return np.repeat(np.arange(len(self)), np.diff(self.starts))


def make_bags(tokenizer: Tokenizer, texts: Sequence[str], longest: int) -> Bags:
    """Cut every folded text, keep its first `longest` known tokens."""
    parts: list[NDArray[np.int32]] = []
    lengths: list[int] = []
    for at in range(0, len(texts), BATCH):
        for encoding in tokenizer.encode_batch_fast(list(texts[at : at + BATCH]), add_special_tokens=False):
            known = [number for number in encoding.ids if number != 0][:longest]
            parts.append(np.asarray(known, dtype=np.int32))
            lengths.append(len(known))
    tokens = np.concatenate(parts) if parts else np.zeros(0, np.int32)
    return Bags(tokens, np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64))
