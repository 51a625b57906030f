"""Signatures: how alike two texts are, told from 128 bytes of each, so that re-posted documents are recognised.

A signature is a MinHash of the text's shingles, four letters each, of which one byte a place is kept.
Two signatures agree in a place about as often as the texts share their shingles. Folding comes first,
so that traditional characters, full width, case, white space and punctuation make no difference.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Final, Self

import numpy as np
from numpy.typing import NDArray

from corpus.folding import FOLDING_VERSION, fold

Signature = bytes  # PLACES of them; none of a text that is too short

PLACES: Final = 128  # of a signature
SHINGLE: Final = 4  # letters
SHORTEST: Final = 120  # letters; articles of a law that are shorter share their formulas and little else
NEAR: Final = 0.3  # resemblance from which two documents are near duplicates; measured, see the README
MOST: Final = 20  # near duplicates noted of a document among those before it
MINHASH: Final = f"minhash-1;{PLACES}x8;{SHINGLE};{SHORTEST};{NEAR};{MOST};folding:{FOLDING_VERSION}"

_CHANCE: Final = 1 / 256  # two bytes agree by chance
_FIRST: Final = 32  # places compared first; with so few …
_FEWEST: Final = 2  # … agreements there, documents are no near duplicates
_CHUNK: Final = 4096  # shingles hashed at once

Words = NDArray[np.uint64]


def letters_of(text: str) -> str:
    """The letters and digits of a text, folded."""
    return "".join(filter(str.isalnum, fold(text).text))


def shingles_of(letters: str) -> frozenset[str]:
    """All runs of SHINGLE letters; a shorter text is one by itself."""
    return frozenset(letters[at : at + SHINGLE] for at in range(max(1, len(letters) - SHINGLE + 1)))


def signature_of(text: str) -> Signature:
    """The signature of a text.

    returns  PLACES bytes; none if the text has fewer than SHORTEST letters
    source   Broder 1997, doi:10.1109/SEQUEN.1997.666900
             Li and König 2010, doi:10.1145/1772690.1772759: one byte a place is enough
    """
    letters = letters_of(text)
    if len(letters) < SHORTEST:
        return b""
    hashes = _hashes(letters)
    least = np.full(PLACES, 2**32 - 1, np.uint64)
    for start in range(0, len(hashes), _CHUNK):
        permuted = _FACTORS[:, None] * hashes[start : start + _CHUNK] + _SUMMANDS[:, None]
        least = np.minimum(least, permuted.min(axis=1) >> np.uint64(32))
    return least.astype(np.uint8).tobytes()


def resemblance(agreeing: int) -> float:
    """The share of shingles that two texts have in common (Jaccard), by the places in which their signatures agree."""
    return round(max(0.0, (agreeing / PLACES - _CHANCE) / (1 - _CHANCE)), 2)


@dataclass(frozen=True, slots=True, eq=False)
class Signatures:
    """The signatures of many documents, place by place. An immutable value: a change makes a new one.

    keys    shape (n,), int64, ascending: keys of the documents
    places  shape (PLACES, n), uint8: column i is the signature of keys[i]
    """

    keys: NDArray[np.int64]
    places: NDArray[np.uint8]

    @classmethod
    def of(cls, signatures: Iterable[tuple[int, Signature]]) -> Self:
        """Key and signature of each document, keys ascending; empty signatures are left out."""
        pairs = [(key, one) for key, one in signatures if one]
        matrix = np.frombuffer(b"".join(one for _, one in pairs), np.uint8).reshape(len(pairs), PLACES)
        return cls(np.array([key for key, _ in pairs], np.int64), np.ascontiguousarray(matrix.T))

    def changed(self, removed: Collection[int], added: "Signatures") -> "Signatures":
        """Without some documents, and with later ones."""
        keys, places = self.keys, self.places
        gone = np.isin(keys, list(removed))
        if gone.any():
            keys, places = keys[~gone], places[:, ~gone]
        return Signatures(np.concatenate((keys, added.keys)), np.concatenate((places, added.places), axis=1))

    def near(self, key: int) -> list[tuple[int, int]]:
        """The near duplicates of a document among those with lower keys, at most MOST.

        returns  key and number of places that agree, the most alike first, then the latest
        cost     linear in the number of documents: two milliseconds for 100,000
        """
        end = int(np.searchsorted(self.keys, key))
        if end == len(self.keys) or self.keys[end] != key:
            return []
        places, own = self.places[:, :end], self.places[:, end]
        first = np.zeros(end, np.uint8)
        for place in range(_FIRST):
            first += (places[place] == own[place]).view(np.uint8)
        close = np.flatnonzero(first >= _FEWEST)
        agreeing = (places[:, close] == own[:, None]).sum(axis=0)
        pairs = zip(self.keys[close].tolist(), agreeing.tolist(), strict=True)
        found = sorted(((one, count) for one, count in pairs if resemblance(count) >= NEAR), key=_most_alike)
        return found[:MOST]


def _most_alike(pair: tuple[int, int]) -> tuple[int, int]:
    return -pair[1], -pair[0]


def _hashes(letters: str) -> Words:
    """A hash of each shingle, each once, shape (n,)."""
    codes = np.frombuffer(letters.encode("utf-32-le", "surrogatepass"), "<u4").astype(np.uint64)
    found = np.zeros(len(codes) - SHINGLE + 1, np.uint64)
    for at in range(SHINGLE):
        found = found * np.uint64(0x100000001B3) + codes[at : at + len(found)]
    return np.unique(_mixed(found))


def _mixed(words: Words) -> Words:
    """Spread the bits of each word over all of it (splitmix64, public domain)."""
    words = (words ^ (words >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    words = (words ^ (words >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return words ^ (words >> np.uint64(31))


_SEEDS: Final = _mixed(np.arange(1, 2 * PLACES + 1, dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15))
_FACTORS: Final = _SEEDS[:PLACES] | np.uint64(1)
_SUMMANDS: Final = _SEEDS[PLACES:]
