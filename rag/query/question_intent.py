"""What a question wants: a fact, a list, reasons …, told by a linear classifier over its vector and its letters.

Trained by `index/training/neural/intents.py` on questions that people wrote for passages of many kinds.
"""

import zlib
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Final, Self

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]

BLOCK_INTENTS: Final = frozenset({"list", "how", "why", "advice", "summary", "comparison"})
"""Intents that several sentences answer together."""
PLAIN: Final = "fact"
BUCKETS: Final = 2048  # into which pairs of letters are hashed


class IntentClassifier:
    """weights: shape (intents, dimension + BUCKETS)."""

    def __init__(self, weights: Floats, bias: Floats, labels: tuple[str, ...]) -> None:
        self._weights = weights
        self._bias = bias
        self._labels = labels

    @classmethod
    @cache
    def bundled(cls) -> Self:
        with np.load(Path(str(files("rag.query") / "intents.npz"))) as held:
            return cls(held["weights"].astype(np.float32), held["bias"], tuple(held["labels"].tolist()))

    def intent(self, folded: str, pooled: Floats) -> str:
        """The likeliest intent of a folded question.

        pooled  its vector, shape (dimension,)
        """
        scores = self._weights @ np.concatenate([pooled, letters(folded)]) + self._bias
        return self._labels[int(scores.argmax())]


def letters(folded: str) -> Floats:
    """Pairs of characters of a text with its two ends, hashed, of unit length, shape (BUCKETS,)."""
    found = np.zeros(BUCKETS, np.float32)
    marked = f"^{''.join(filter(str.isalnum, folded))}$"
    for at in range(len(marked) - 1):
        found[zlib.crc32(marked[at : at + 2].encode()) % BUCKETS] += 1
    return found / max(float(np.linalg.norm(found)), 1.0)
