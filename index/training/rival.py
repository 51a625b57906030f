"""BM25 over characters and pairs of characters: what the encoder has to add to.

source  Robertson, Zaragoza, Foundations and Trends in Information Retrieval 2009, doi:10.1561/1500000019
"""

from collections.abc import Sequence

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from index.training.bags import Bags

K1, B = 1.2, 0.75
PAIR = 1 << 21  # above every code point, so that a pair of characters never equals one character


def character_bags(texts: Sequence[str]) -> Bags:
    """Return the letters, digits and ideographs of every folded text as code points; all else becomes 0."""
    joined = "".join(texts)
    codes = np.frombuffer(joined.encode("utf-32-le", errors="replace"), np.int32)
    kept = np.array([character.isalnum() for character in map(chr, range(0x30000))])
    codes = np.where(kept[np.minimum(codes, 0x2FFFF)], codes, 0).astype(np.int32)
    return Bags(codes, np.concatenate([[0], np.cumsum([len(text) for text in texts])]).astype(np.int64))


def features(bags: Bags) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return text number and feature of every character and every pair of neighbours, each of shape (f,)."""
    rows, codes = bags.rows(), bags.tokens.astype(np.int64)
    paired = (rows[:-1] == rows[1:]) & (codes[:-1] > 0) & (codes[1:] > 0)
    single = codes > 0
    return (
        np.concatenate([rows[single], rows[:-1][paired]]),
        np.concatenate([codes[single], ((codes[:-1] + 1) * PAIR + codes[1:])[paired]]),
    )


def bm25(questions: Bags, passages: Bags) -> NDArray[np.float32]:
    """Return the BM25 score of every passage for every question, shape (q, p), over these passages alone."""
    passage_rows, passage_features = features(passages)
    names, columns = np.unique(passage_features, return_inverse=True)
    size = (len(passages), len(names))
    counts = sp.csr_matrix((np.ones(len(columns), np.float32), (passage_rows, columns)), shape=size)
    counts.sum_duplicates()
    frequency = np.bincount(counts.indices, minlength=len(names))
    rarity = np.log(1 + (len(passages) - frequency + 0.5) / (frequency + 0.5))
    lengths = np.asarray(counts.sum(axis=1)).ravel()
    norm = K1 * (1 - B + B * lengths / max(float(lengths.mean()), 1e-9))
    rows = np.repeat(np.arange(len(passages)), np.diff(counts.indptr))
    counts.data = (rarity[counts.indices] * counts.data * (K1 + 1) / (counts.data + norm[rows])).astype(np.float32)

    question_rows, question_features = features(questions)
    at = np.minimum(np.searchsorted(names, question_features), len(names) - 1)
    known = names[at] == question_features
    asked = sp.csr_matrix(
        (np.ones(int(known.sum()), np.float32), (question_rows[known], at[known])), shape=(len(questions), len(names))
    )
    asked.sum_duplicates()
    asked.data[:] = 1
    return np.asarray((asked @ counts.T).todense(), dtype=np.float32)


def out_of_best(scores: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the scores as shares of each question's best, shape (q, p); a question without any keeps zeros."""
    return np.asarray(scores / np.maximum(scores.max(axis=1, keepdims=True), 1e-9), dtype=np.float32)
