"""Small documents and an encoder whose vectors can be worked out by hand, for the tests of the index."""

import hashlib
import os
import re
import sqlite3
import tempfile
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from corpus.document import Document, Section
from corpus.lexicon import parse_lexicon
from corpus.passage import Passage, split
from index.dense import Vectors
from index.encoder.passage_text import encoded_text
from index.hits import Hit
from index.lexical.tokeniser import Tokeniser
from index.passage_index import CATALOGUE, PassageIndex, Snapshot
from index.store.database import Database
from index.store.schema import write_facts

QUICK = Path("/dev/shm")  # a disk in memory, where it is at hand: a killed process loses no less there
WORD = re.compile(r"[a-z0-9]+|[\u3400-\u9fff]", re.IGNORECASE)


class WordEncoder:
    """Each word (a Latin run or one ideograph) counts in one of a few places; a text is the unit sum of its words."""

    def __init__(self, name: str = "words", dimension: int = 32) -> None:
        self.name = name
        self.fingerprint = hashlib.sha256(f"{name} {dimension}".encode()).hexdigest()
        self.dimension = dimension
        self.encoded = 0  # texts so far

    def encode(self, texts: Sequence[str], kind: str = "passage") -> NDArray[np.float32]:
        self.encoded += len(texts)
        vectors = np.zeros((len(texts), self.dimension), np.float32)
        for row, text in enumerate(texts):
            for word in WORD.findall(text):
                vectors[row, zlib.crc32(f"{self.name} {word}".encode()) % self.dimension] += 1
        lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
        return vectors / np.maximum(lengths, 1e-9)


def small_tokeniser(words: str = "产业社区") -> Tokeniser:
    return Tokeniser(parse_lexicon(words))


@contextmanager
def quick_folder() -> Iterator[Path]:
    """An empty folder, on a disk in memory if there is one, that is gone afterwards."""
    quick = QUICK if os.access(QUICK, os.W_OK) else None
    with tempfile.TemporaryDirectory(prefix="index-test-", dir=quick) as folder:
        yield Path(folder)


def document_of(document_id: str, text: str, title: str = "", **more: Any) -> Document:
    """A document of one section without a heading."""
    return Document(document_id, title or document_id, text, (Section((), 0, len(text)),), **more)


def open_index(home: Path, encoder: WordEncoder, tokeniser: Tokeniser, *, writable: bool = True) -> PassageIndex:
    return PassageIndex.open(home, encoder, tokeniser, writable=writable)


def texts_of(snapshot: Snapshot, index: PassageIndex) -> dict[str, list[str]]:
    """Texts of all passages by document id, read through the index."""
    found = index.passages(sorted(snapshot.dense.rows))
    texts: dict[str, list[str]] = {document_id: [] for document_id in snapshot.documents}
    for row in sorted(found):
        texts[found[row].passage.document_id].append(found[row].passage.text)
    return texts


def passages_of(documents: Iterable[Document]) -> dict[str, list[str]]:
    """What `texts_of` must give for these documents."""
    return {document.id: [passage.text for passage in split(document)] for document in documents}


def check_sound(index: PassageIndex, expected: Mapping[str, Document]) -> None:
    """Catalogue and indexes hold these documents and nothing else, whole."""
    assert index.verify() == []
    assert texts_of(index.snapshot, index) == passages_of(expected.values())
    for document_id, document in expected.items():
        assert index.document(index.snapshot.documents[document_id]) == document


def brute_force(expected: Iterable[Document], encoder: WordEncoder, vector: Vectors) -> dict[str, float]:
    """Cosine of every passage, by its id, with the precision in which vectors are kept; none for a zero question."""
    if not vector.any():
        return {}
    pairs: list[tuple[Document, Passage]] = [(one, passage) for one in expected for passage in split(one)]
    vectors = encoder.encode([encoded_text(one.title, passage) for one, passage in pairs]).astype(np.float16)
    scores = vectors.astype(np.float64) @ vector.astype(np.float64)
    return {passage.id: float(score) for (_, passage), score in zip(pairs, scores, strict=True)}


def check_hits(hits: Sequence[Hit], scores: Mapping[int, float], k: int, tolerance: float = 2e-6) -> None:
    """The hits are the k best of these scores by row, best first, ties by row."""
    best = sorted(scores.values(), reverse=True)[:k]
    assert [hit.score for hit in hits] == _about(best, tolerance)
    assert [hit.score for hit in hits] == _about([scores[hit.row] for hit in hits], tolerance)
    assert list(hits) == sorted(hits, key=lambda hit: (-hit.score, hit.row))
    assert len({hit.row for hit in hits}) == len(hits)


def _about(values: list[float], tolerance: float) -> Any:
    import pytest  # here, because the children of the crash tests do without it

    return pytest.approx(values, abs=tolerance, rel=tolerance)


def to_format_2(home: Path) -> None:
    """The catalogue as the version before wrote it, which knew neither near duplicates nor similar questions beside."""
    with closing(sqlite3.connect(home / CATALOGUE)) as raw, raw:
        for table in ("near", "sketches", "askings"):
            raw.execute(f"DROP TABLE {table}")
        raw.execute("DELETE FROM facts WHERE name IN ('sketcher', 'askings')")
    with_facts(home, format="2")


def with_facts(home: Path, **facts: str) -> None:
    """Write facts into a catalogue that nobody has open."""
    with closing(Database(home / CATALOGUE, writable=True)) as database, database.transaction():
        write_facts(database, facts)
