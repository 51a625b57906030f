"""The dense index: exact or nearly exact inner-product search over unit vectors.  [faiss]

An index is an immutable value: a large structure, a small one for what came since, and the rows
that went since. A change makes a new index that shares the large structure, so that a search
always runs on one state, without locks.
"""

import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from typing import Any, Self

import faiss
import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from index.hits import Hit, best_of

# Products of one question are small: sharing them out takes longer than they do, many times so on a busy machine.
faiss.omp_set_num_threads(1)
threadpool_limits(limits=1, user_api="blas")  # of numpy and faiss, for the whole process

Vectors = NDArray[np.float32]  # shape (n, d), unit rows
Rows = NDArray[np.int64]  # shape (n,), ascending

COMPACT_AFTER = 1024  # rows added or removed since the large structure was built; a quarter of it if that is more
# Above so many rows, this structure: exact in float32, coarse codes before float16, then inverted lists.
STRUCTURES = ((0, "Flat"), (20_000, "PQ{pairs}x4fs,Refine(SQfp16)"), (500_000, "IVF{lists},SQfp16"))
WIDE = 10  # times as many hits are taken from the coarse codes as are wanted,
FEWEST = 400  # but no fewer than this,
MOST = 4000  # and above this all vectors are looked at: that takes no longer
PROBES = 64  # inverted lists visited per question
_DECIMALS = 6  # of a score: structures add up in different order, and equal vectors must have equal scores
_faiss: Any = faiss  # its stubs know only the arguments of the C++ constructors
_MAGIC = b"dense leg 1\n\0\0\0\0"  # opens what `dump` gives; 16 bytes, so that the numbers after it are aligned


@dataclass(frozen=True, slots=True, eq=False)
class _Part:
    """A faiss structure.

    rows  shape (n,), ascending: position i of the structure holds row rows[i]
    gone  shape (n,), bool: positions that are removed
    """

    structure: Any
    rows: Rows
    gone: NDArray[np.bool_]

    @classmethod
    def of(cls, structure: Any, rows: Rows) -> Self:
        return cls(structure, rows, np.zeros(len(rows), np.bool_))

    def live_rows(self) -> Rows:
        return self.rows[~self.gone]

    def live_vectors(self) -> Vectors:
        vectors: Vectors = self.exact.reconstruct_n(0, len(self.rows))
        return vectors[~self.gone]

    @property
    def exact(self) -> Any:
        """The structure without its coarse codes."""
        return self.structure.refine_index if isinstance(self.structure, faiss.IndexRefine) else self.structure

    def without(self, removed: Rows) -> "_Part":
        return replace(self, gone=self.gone | np.isin(self.rows, removed)) if len(removed) else self

    def search(self, vector: Vectors, k: int, allowed: Rows | None) -> list[Hit]:
        """At most k live hits of the allowed rows, in faiss's order."""
        live = ~self.gone if allowed is None else ~self.gone & np.isin(self.rows, allowed)
        if allowed is None:
            live = self._likely(vector, k, live)
        count = int(np.count_nonzero(live))
        if not count:
            return []
        parameters = None if count == len(self.rows) else _only(self.exact, live)
        scores, positions = self.exact.search(vector[np.newaxis], min(k, count), params=parameters)
        found = positions[0] >= 0  # faiss pads a short result with position -1, which must never index an array
        rows = self.rows[positions[0][found]].tolist()
        return [Hit(row, round(score, _DECIMALS)) for row, score in zip(rows, scores[0][found].tolist(), strict=True)]

    def _likely(self, vector: Vectors, k: int, live: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """The live positions among which the coarse codes see the k best; all of them where they could see too few."""
        wide = max(FEWEST, WIDE * k)
        if self.exact is self.structure or wide > min(MOST, len(self.rows)):
            return live
        positions = self.structure.base_index.search(vector[np.newaxis], wide)[1][0]
        likely = np.zeros_like(live)
        likely[positions[positions >= 0]] = True
        likely &= live
        return likely if 2 * np.count_nonzero(likely) >= wide else live


@dataclass(frozen=True, slots=True, eq=False)
class DenseIndex:
    """Rows and vectors, searchable. Build with `build`, `changed` or `load`."""

    dimension: int
    large: _Part
    small: _Part

    @classmethod
    def build(cls, rows: Sequence[int] | Rows, vectors: Vectors, dimension: int) -> Self:
        """An index over shape (n, d) vectors; n may be 0.

        raises  ValueError if counts or dimension differ, a row comes twice, or a vector holds NaN or infinity
        """
        large = _part(*_checked(rows, vectors, dimension), _structure_name(len(rows), dimension))
        return cls(dimension, large, _empty(dimension))

    @classmethod
    def empty(cls, dimension: int) -> Self:
        return cls(dimension, _empty(dimension), _empty(dimension))

    @property
    def rows(self) -> frozenset[int]:
        return frozenset(self.large.live_rows().tolist()) | frozenset(self.small.live_rows().tolist())

    def __len__(self) -> int:
        return sum(len(part.rows) - int(np.count_nonzero(part.gone)) for part in (self.large, self.small))

    def changed(self, removed: Collection[int], rows: Sequence[int], vectors: Vectors) -> "DenseIndex":
        """A new index without the removed rows (those it does not hold are ignored) and with the new ones.

        raises  ValueError as `build` does, also for a new row that the index holds
        """
        new_rows, new_vectors = _checked(rows, vectors, self.dimension)
        gone = np.fromiter(removed, np.int64, len(removed))
        large, small = self.large.without(gone), self.small.without(gone)
        if not len(new_rows) and small is self.small:
            return replace(self, large=large)
        if np.isin(new_rows, large.live_rows()).any():
            raise ValueError("a new row is in the index already")
        all_rows = np.concatenate([small.live_rows(), new_rows])
        all_vectors = np.concatenate([small.live_vectors(), new_vectors])
        return DenseIndex(self.dimension, large, _part(*_checked(all_rows, all_vectors, self.dimension), "Flat"))

    @property
    def wants_compaction(self) -> bool:
        since = len(self.small.rows) + int(np.count_nonzero(self.large.gone))
        return since > max(COMPACT_AFTER, len(self.large.rows) // 4)

    def search(self, vector: Vectors, k: int, allowed: Collection[int] | None = None) -> list[Hit]:
        """The k rows with the largest inner product.

        vector   shape (d,); a zero vector (a question without a known token) finds nothing, nor does NaN
        allowed  search only these rows; None for all
        returns  best first, at most k; scores are cosines, -1 to 1, to six decimals
        """
        if not np.isfinite(vector).all() or not vector.any():
            return []
        only = None if allowed is None else np.fromiter(allowed, np.int64, len(allowed))

        def ask(wanted: int) -> list[Hit]:
            return self.large.search(vector, wanted, only) + self.small.search(vector, wanted, only)

        return best_of(ask, k)

    def dump(self) -> bytes:
        """The large structure with its rows; what came and went since is not in it."""
        count = np.int64(len(self.large.rows)).tobytes()
        return b"".join(
            (_MAGIC, count, self.large.rows.tobytes(), faiss.serialize_index(self.large.structure).tobytes())
        )

    @classmethod
    def load(cls, content: bytes, dimension: int) -> Self:
        """Read what `dump` gave. The caller has verified its checksum: faiss itself trusts any bytes.

        raises  ValueError if it is something else, or of another dimension
        """
        if not content.startswith(_MAGIC):
            raise ValueError("no dense index of this format")
        count, start = int.from_bytes(content[16:24], "little"), 24
        rows = np.frombuffer(content, np.int64, count, start).copy()  # a view would hold all the content in memory
        try:
            structure = faiss.deserialize_index(np.frombuffer(content, np.uint8, offset=start + rows.nbytes))
        except RuntimeError as error:
            raise ValueError(f"faiss cannot read it ({str(error).splitlines()[0]})") from None
        if structure.d != dimension or structure.ntotal != count:
            raise ValueError(f"{structure.ntotal} vectors of {structure.d} numbers, expected {count} of {dimension}")
        return cls(dimension, _Part.of(structure, rows), _empty(dimension))


def _only(structure: Any, live: NDArray[np.bool_]) -> Any:
    """Parameters that make faiss look at these positions alone."""
    selector = _faiss.IDSelectorBitmap(np.packbits(live, bitorder="little"))
    if isinstance(structure, faiss.IndexIVF):
        return _faiss.SearchParametersIVF(sel=selector, nprobe=structure.nprobe)
    return _faiss.SearchParameters(sel=selector)


def _structure_name(count: int, dimension: int) -> str:
    """The faiss factory string for so many vectors.

    A coarse code has four bits for each pair of numbers; vectors of an odd dimension have none.
    """
    name = next(name for above, name in reversed(STRUCTURES) if count >= above)
    if "{pairs}" in name and dimension % 2:
        return "SQfp16"
    return name.format(lists=max(1, int(4 * math.sqrt(count))), pairs=dimension // 2)


def _part(rows: Rows, vectors: Vectors, name: str) -> _Part:
    structure = faiss.index_factory(vectors.shape[1], name, faiss.METRIC_INNER_PRODUCT)
    if isinstance(structure, faiss.IndexIVF):
        structure.nprobe = PROBES
        structure.by_residual = False  # vectors are kept in float16, so as they are they lose nothing
    if len(vectors):
        structure.train(vectors)
        structure.add(vectors)
    return _Part.of(structure, rows)


def _empty(dimension: int) -> _Part:
    return _part(np.empty(0, np.int64), np.empty((0, dimension), np.float32), "Flat")


def _checked(rows: Collection[int] | Rows, vectors: Vectors, dimension: int) -> tuple[Rows, Vectors]:
    """Rows ascending and each once, vectors in the same order, all of them finite."""
    vectors = np.ascontiguousarray(vectors, np.float32).reshape(-1, dimension)
    if len(rows) != len(vectors):
        raise ValueError(f"{len(rows)} rows but {len(vectors)} vectors")
    if not np.isfinite(vectors).all():
        raise ValueError("vectors hold NaN or infinity")
    ordered = np.asarray(rows, np.int64)
    if not (np.diff(ordered) > 0).all():
        order = np.argsort(ordered, kind="stable")
        ordered, vectors = ordered[order], np.ascontiguousarray(vectors[order])
    if not (np.diff(ordered) > 0).all():
        raise ValueError("a row comes twice")
    return ordered, vectors
