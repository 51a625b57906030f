"""The dense leg: exact or approximate inner-product search over unit vectors.  [faiss]

A leg is an immutable value: a large structure, a small one for what came since, and the rows
that went since. A change makes a new leg that shares the large structure, so that a search
always runs on one state, without locks.
"""

import math
import os
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import faiss
import numpy as np
from numpy.typing import NDArray

from index.hits import Hit, best

faiss.omp_set_num_threads(1)  # two threads are several times slower on a busy two-core machine

Vectors = NDArray[np.float32]  # shape (n, d), unit rows
Rows = NDArray[np.int64]  # shape (n,)

COMPACT_AFTER = 1024  # rows added or removed since the large structure was built
# Above so many rows, this structure: exact in float32, exact in float16, then inverted lists.
STRUCTURES = ((0, "Flat"), (20_000, "SQfp16"), (500_000, "IVF{lists},SQfp16"))
PROBES = 64  # inverted lists visited per question


@dataclass(frozen=True, slots=True)
class DenseLeg:
    """Rows and vectors, searchable.

    large, small             faiss indexes; position i of one holds row large_rows[i] / small_rows[i]
    removed                  rows of either that are gone
    """

    dimension: int
    large: Any
    large_rows: Rows
    small: Any
    small_rows: Rows
    removed: frozenset[int] = frozenset()

    @classmethod
    def build(cls, rows: Sequence[int] | Rows, vectors: Vectors, dimension: int) -> Self:
        """A leg over shape (n, d) vectors; n may be 0.

        raises  ValueError if counts or dimension differ, or a vector holds NaN or infinity
        """
        vectors = _checked(rows, vectors, dimension)
        large = _structure(dimension, vectors)
        return cls(dimension, large, np.asarray(rows, np.int64), _exact(dimension), np.empty(0, np.int64))

    @property
    def rows(self) -> frozenset[int]:
        return (frozenset(self.large_rows.tolist()) | frozenset(self.small_rows.tolist())) - self.removed

    def __len__(self) -> int:
        return len(self.large_rows) + len(self.small_rows) - len(self.removed)

    def changed(self, removed: Collection[int], rows: Sequence[int], vectors: Vectors) -> "DenseLeg":
        """A new leg without the removed rows and with the new ones; this leg stays as it is."""
        vectors = _checked(rows, vectors, self.dimension)
        small = _exact(self.dimension)
        if len(self.small_rows):
            small.add(self.small.reconstruct_n(0, len(self.small_rows)))
        small.add(vectors)
        small_rows = np.concatenate([self.small_rows, np.asarray(rows, np.int64)])
        gone = self.removed | frozenset(removed)
        return DenseLeg(self.dimension, self.large, self.large_rows, small, small_rows, gone)

    @property
    def wants_compaction(self) -> bool:
        return len(self.small_rows) + len(self.removed) > COMPACT_AFTER

    def search(self, vector: Vectors, k: int, allowed: Collection[int] | None = None) -> list[Hit]:
        """The k rows with the largest inner product.

        vector   shape (d,); a zero vector (a question without a known token) finds nothing
        allowed  search only these rows; None for all
        returns  best first, at most k; scores are cosines, -1 to 1
        """
        if not k or not np.isfinite(vector).all() or not vector.any():
            return []
        hits = _search(self.large, self.large_rows, vector, k, self.removed, allowed)
        hits += _search(self.small, self.small_rows, vector, k, self.removed, allowed)
        return best(hits, k)

    def save(self, path: Path) -> None:
        """Write the large structure and its rows to one file, replaced atomically."""
        scratch = path.with_suffix(".new")
        with open(scratch, "wb") as file:
            np.save(file, self.large_rows, allow_pickle=False)
            np.save(file, faiss.serialize_index(self.large), allow_pickle=False)
            file.flush()
            os.fsync(file.fileno())
        os.replace(scratch, path)

    @classmethod
    def load(cls, path: Path, dimension: int) -> Self:
        """Read what `save` wrote. The caller has verified the file's checksum: faiss itself trusts any bytes."""
        with open(path, "rb") as file:
            rows = np.load(file, allow_pickle=False)
            large = faiss.deserialize_index(np.load(file, allow_pickle=False))
        if large.d != dimension or large.ntotal != len(rows):
            raise ValueError(f"{path} holds {large.ntotal} vectors of dimension {large.d}, expected {len(rows)} of {dimension}")
        return cls(dimension, large, rows, _exact(dimension), np.empty(0, np.int64))


def _search(
    structure: Any, rows: Rows, vector: Vectors, k: int, removed: frozenset[int], allowed: Collection[int] | None
) -> list[Hit]:
    """Search one structure; removed rows are out-voted by asking for as many more."""
    if not len(rows):
        return []
    parameters = None
    if allowed is not None:
        positions = np.flatnonzero(np.isin(rows, np.fromiter(allowed, np.int64, len(allowed))))
        selector = faiss.IDSelectorBatch(positions)
        parameters = _parameters(structure, selector)
    wanted = min(k + len(removed), len(rows))
    scores, positions = structure.search(vector[np.newaxis], wanted, params=parameters)
    # faiss pads a short result with position -1, which must never index a list
    found = ((int(rows[at]), float(score)) for at, score in zip(positions[0], scores[0], strict=True) if at >= 0)
    return [Hit(row, score) for row, score in found if row not in removed]


def _parameters(structure: Any, selector: Any) -> Any:
    if isinstance(structure, faiss.IndexIVF):
        return faiss.SearchParametersIVF(sel=selector, nprobe=structure.nprobe)
    return faiss.SearchParameters(sel=selector)


def _structure(dimension: int, vectors: Vectors) -> Any:
    """The structure for so many vectors, filled."""
    name = next(name for above, name in reversed(STRUCTURES) if len(vectors) >= above)
    lists = max(1, int(4 * math.sqrt(len(vectors))))
    structure = faiss.index_factory(dimension, name.format(lists=lists), faiss.METRIC_INNER_PRODUCT)
    if isinstance(structure, faiss.IndexIVF):
        structure.nprobe = PROBES
    if len(vectors):
        structure.train(vectors)
        structure.add(vectors)
    return structure


def _exact(dimension: int) -> Any:
    return faiss.IndexFlatIP(dimension)


def _checked(rows: Collection[int] | Rows, vectors: Vectors, dimension: int) -> Vectors:
    vectors = np.ascontiguousarray(vectors, np.float32).reshape(-1, dimension)
    if len(rows) != len(vectors):
        raise ValueError(f"{len(rows)} rows but {len(vectors)} vectors")
    if not np.isfinite(vectors).all():
        raise ValueError("vectors hold NaN or infinity")
    return vectors
