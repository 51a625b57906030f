"""First token vectors: which words stand near which, as positive pointwise mutual information, factorised.

source  Levy, Goldberg, Dagan, TACL 2015, doi:10.1162/tacl_a_00134 (window, smoothing, symmetric factor)
"""

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from index.training.bags import Bags

SMOOTHING = 0.75
CHUNK = 4_000_000
EXTRA = 10  # random directions beyond those that are kept
ITERATIONS = 6


def count_neighbours(bags: Bags, size: int, window: int) -> sp.csr_matrix:
    """Return how often two tokens stand within `window` of each other, near ones counting more, shape (size, size)."""
    total = sp.csr_matrix((size, size), dtype=np.float32)
    rows = bags.rows()
    for at in range(0, len(bags.tokens), CHUNK):
        tokens, texts = bags.tokens[at : at + CHUNK], rows[at : at + CHUNK]
        for gap in range(1, window + 1):
            same = texts[:-gap] == texts[gap:]
            left, right = tokens[:-gap][same], tokens[gap:][same]
            weight = np.full(len(left), 1.0 / gap, np.float32)
            total = total + sp.coo_matrix((weight, (left, right)), shape=(size, size)).tocsr()
    return (total + total.T).tocsr()


def factorise(counts: sp.csr_matrix, dimension: int, seed: int) -> NDArray[np.float32]:
    """Return one unit row a token, shape (size, dimension); a token never seen gets a zero row."""
    counts = counts.tocoo()
    row = np.asarray(counts.sum(axis=1)).ravel()
    context = row**SMOOTHING
    value = np.log(counts.data * context.sum() / (row[counts.row] * context[counts.col]) + 1e-12)
    keep = value > 0
    ppmi = sp.csr_matrix((value[keep], (counts.row[keep], counts.col[keep])), shape=counts.shape)
    vectors = strongest(ppmi, dimension, seed)
    norms = np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.asarray(vectors / np.maximum(norms, 1e-9), dtype=np.float32)


def strongest(matrix: sp.csr_matrix, dimension: int, seed: int) -> NDArray[np.float64]:
    """Return the left singular vectors of a symmetric matrix times the roots of their values, shape (v, dimension).

    source  Halko, Martinsson, Tropp, SIAM Review 2011, doi:10.1137/090771806 (random range, power iterations)
    """
    start = np.random.default_rng(seed).normal(size=(matrix.shape[1], dimension + EXTRA))
    reach = np.linalg.qr(matrix @ start)[0]
    for _ in range(ITERATIONS):
        reach = np.linalg.qr(matrix @ reach)[0]
    left, strength, _ = np.linalg.svd((matrix @ reach).T, full_matrices=False)
    return np.asarray((reach @ left)[:, :dimension] * np.sqrt(strength[:dimension]))
