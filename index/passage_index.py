"""The searchable whole: one catalogue and two legs that follow it.

A change is encoded, then committed to the catalogue (that is the acknowledgement), then carried
into both legs, then a new Snapshot takes the old one's place. A question works on one Snapshot
from start to end, so it never sees half a change.
"""

import fcntl
import hashlib
import logging
import os
import threading
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Self

import numpy as np
from numpy.typing import NDArray

from corpus.document import Document
from corpus.passage import SPLITTER_VERSION, Passage, split
from index.cache import Cache
from index.catalogue import Catalogue, DocumentEntry, NewDocument, PassageRow
from index.dense import DenseLeg
from index.derived import DerivedFiles, heading_of
from index.encoder import Encoder
from index.errors import IndexLocked, IndexUnusable
from index.lexical import LexicalLeg, LexicalReader
from index.tokens import Tokeniser

CATALOGUE = "catalogue.sqlite"

log = logging.getLogger(__name__)

CACHED_PASSAGES = 4096
CACHED_DOCUMENTS = 256


class StaleSnapshot(LookupError):
    """A passage was deleted while a question on an older snapshot ran; ask again on the current one."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """One unchanging state of the index; documents by id, in the order in which they were added."""

    generation: int
    documents: Mapping[str, DocumentEntry]
    dense: DenseLeg
    lexical: LexicalReader


class PassageIndex:
    """Documents in, hits out. Build with `open`; one process writes, any number read."""

    def __init__(
        self, home: Path, encoder: Encoder, tokeniser: Tokeniser, catalogue: Catalogue, lock: IO[str] | None
    ) -> None:
        self.encoder = encoder
        self.tokeniser = tokeniser
        self._lock = lock
        self._catalogue = catalogue
        self._reader = Catalogue(home / CATALOGUE, writable=False)
        self._derived = DerivedFiles(home, catalogue, tokeniser, encoder.fingerprint, encoder.dimension)
        self._lexical = self._derived.open_lexical(writable=self.writable)
        self._changing = threading.Lock()
        self._passages: Cache[int, PassageRow] = Cache(CACHED_PASSAGES)
        self._documents: Cache[int, Document] = Cache(CACHED_DOCUMENTS)
        entries = {entry.id: entry for entry in catalogue.documents()}
        dense = self._derived.open_dense()
        self.snapshot = Snapshot(catalogue.generation, entries, dense, self._lexical.reader())

    @classmethod
    def open(cls, home: Path, encoder: Encoder, tokeniser: Tokeniser, *, writable: bool) -> Self:
        """Open the index in this folder; with writable, create what is missing and take the writer's lock.

        raises  IndexLocked if another process writes; IndexUnusable if the catalogue cannot be
                trusted or was made with another encoder or splitter
        """
        lock = take_lock(home) if writable else None
        try:
            catalogue = Catalogue(home / CATALOGUE, writable=writable)
            _require_same(home, catalogue, encoder, writable=writable)
            return cls(home, encoder, tokeniser, catalogue, lock)
        except BaseException:
            if lock is not None:
                lock.close()
            raise

    @property
    def writable(self) -> bool:
        return self._lock is not None

    # Changes

    def put(self, documents: Sequence[Document], *, origin: str = "user") -> int:
        """Add documents; one with a known id takes the old one's place, and its snippets go with the old one.

        returns  the generation from which the change holds; search finds it at once
        raises   StorageFull, nothing is changed then
        """
        with self._changing:
            cut = [(document, split(document)) for document in documents]
            new = [self._new(document, passages, origin) for document, passages in cut]
            vectors = self._unknown_vectors(new)
            known = {document.id for document in documents} & set(self.snapshot.documents)
            return self._apply(known, new, vectors)

    def remove(self, document_ids: Collection[str]) -> int:
        """Delete documents with the snippets found in them; unknown ids are ignored. Returns the generation."""
        with self._changing:
            known = set(document_ids) & set(self.snapshot.documents)
            if not known:
                return self.snapshot.generation
            return self._apply(known, [], {})

    def withdrawn(self) -> set[str]:
        """Bundled documents that a user deleted."""
        return self._catalogue.withdrawn()

    def close(self) -> None:
        """Save what makes the next start quick, and give the writer's lock back."""
        with self._changing:
            if self._lock is not None:
                self._derived.save_dense(self.snapshot.dense)
            self._lexical.close()
            self._reader.close()
            self._catalogue.close()
            if self._lock is not None:
                self._lock.close()

    # Reading

    def passages(self, rows: Collection[int]) -> dict[int, PassageRow]:
        """Passages by row.

        raises  StaleSnapshot if one of them was deleted meanwhile
        """
        found = self._passages.get(rows)
        missing = [row for row in rows if row not in found]
        if missing:
            with self._reader.reading():
                read = {passage.row: passage for passage in self._reader.passages(missing)}
            self._passages.keep(read)
            found |= read
        if len(found) < len(set(rows)):
            raise StaleSnapshot(f"{len(set(rows)) - len(found)} passages were deleted meanwhile")
        return found

    def document(self, entry: DocumentEntry) -> Document:
        """The whole document.

        raises  StaleSnapshot if it was replaced or deleted meanwhile
        """
        found = self._documents.get([entry.key])
        if not found:
            with self._reader.reading():
                document = self._reader.document(entry.key)
            if document is None:
                raise StaleSnapshot(f"{entry.id} was replaced or deleted meanwhile")
            self._documents.keep({entry.key: document})
            return document
        return found[entry.key]

    def rows_of(self, document_ids: Collection[str]) -> frozenset[int]:
        """Rows of the passages of these documents."""
        with self._reader.reading():
            return self._reader.rows_of(document_ids)

    def verify(self) -> list[str]:
        """Problems found between catalogue and legs; empty when all is sound."""
        with self._changing:
            problems = self._catalogue.check()
            rows = self._catalogue.rows()
            for name, held in (("dense", self.snapshot.dense.rows), ("lexical", self.snapshot.lexical.rows())):
                if held != rows:
                    problems.append(f"the {name} leg misses {len(rows - held)} passages and holds {len(held - rows)} too many")
            return problems + self._wrong_slices()

    # Inside

    def _new(self, document: Document, passages: Sequence[Passage], origin: str) -> NewDocument:
        hashes = [content_hash(self.encoder, encoded_text(document.title, passage)) for passage in passages]
        return NewDocument(document, passages, hashes, origin)

    def _unknown_vectors(self, new: Sequence[NewDocument]) -> dict[str, NDArray[np.float32]]:
        """Encode what the catalogue holds no vector for, each text once."""
        texts = {
            digest: encoded_text(one.document.title, passage)
            for one in new
            for passage, digest in zip(one.passages, one.hashes, strict=True)
        }
        known = self._catalogue.known_hashes(texts)
        unknown = [digest for digest in texts if digest not in known]
        vectors = self.encoder.encode([texts[digest] for digest in unknown]) if unknown else np.empty((0, 0))
        return dict(zip(unknown, vectors, strict=True))

    def _apply(
        self, removed_ids: Collection[str], new: Sequence[NewDocument], vectors: dict[str, NDArray[np.float32]]
    ) -> int:
        """Commit to the catalogue, carry the change into both legs, publish the new snapshot."""
        before = self.snapshot
        bundled = {one for one in removed_ids if before.documents[one].origin == "bundled"} if not new else set()
        change = self._catalogue.change(removed_ids, new, vectors, withdrawn=bundled)
        documents = {i: entry for i, entry in before.documents.items() if entry.key not in change.removed_documents}
        documents |= {entry.id: entry for entry in change.added_documents}
        names = {entry.key: entry.names for entry in change.added_documents}
        added = change.added_passages
        lexical = self._changed_lexical(change.removed_rows, added, names)
        stored = self._catalogue.vectors([passage.hash for passage in added], self.encoder.dimension)
        dense = before.dense.changed(change.removed_rows, [passage.row for passage in added], stored)
        if dense.wants_compaction:
            dense = self._derived.compact_dense()
        self.snapshot = Snapshot(change.generation, documents, dense, lexical)
        return change.generation

    def _changed_lexical(
        self, removed: Collection[int], added: Sequence[PassageRow], names: Mapping[int, str]
    ) -> LexicalReader:
        """The change is acknowledged already: if tantivy fails now, serve from memory until the next start."""
        entries = (self._derived.entry(p, heading_of(names[p.document_key], p.passage.section)) for p in added)
        try:
            return self._lexical.change(removed, entries)
        except (OSError, ValueError) as error:
            log.error("lexical leg cannot be written (%s): serving it from memory until the next start", error)
            self._lexical = self._derived.lexical_in_memory()
            return self._lexical.reader()

    def _wrong_slices(self) -> list[str]:
        """Passages that are not the exact slice of their document."""
        problems = []
        for entry in self._catalogue.documents():
            document = self._catalogue.document(entry.key)
            for found in self._catalogue.passages(self._catalogue.rows_of([entry.id])):
                passage = found.passage
                if document is None or document.text[passage.start : passage.end] != passage.text:
                    problems.append(f"passage {passage.id} is not the slice of its document")
        return problems


def encoded_text(title: str, passage: Passage) -> str:
    """What the encoder sees of a passage: its title and heading path say what the text may leave out."""
    return "。".join((title, *passage.section, passage.text))


def content_hash(encoder: Encoder, text: str) -> str:
    """Names a vector: the same text under the same encoder need not be encoded twice."""
    return hashlib.sha256(f"{encoder.fingerprint}\n{text}".encode()).hexdigest()


def take_lock(home: Path) -> IO[str]:
    """The right to write, held until the file is closed or the process ends.

    raises  IndexLocked if another process holds it
    """
    home.mkdir(parents=True, exist_ok=True)
    lock = open(home / "writer.lock", "a+", encoding="utf-8")  # noqa: SIM115
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        lock.seek(0)
        holder = lock.read().strip() or "another process"
        lock.close()
        raise IndexLocked(
            f"{holder} is writing to the index at {home}; send the change to it over HTTP (PUT /v1/documents/ID) or stop it first"
        ) from None
    lock.truncate(0)
    lock.write(f"process {os.getpid()}")
    lock.flush()
    return lock


def binding(encoder: Encoder) -> dict[str, str]:
    """What a catalogue's passages and vectors were made with."""
    return {"encoder": encoder.fingerprint, "encoder_name": encoder.name, "splitter": SPLITTER_VERSION}


def _require_same(home: Path, catalogue: Catalogue, encoder: Encoder, *, writable: bool) -> None:
    """The catalogue must have been filled with this encoder and splitter; a new one is bound to them here."""
    if catalogue.fact("encoder") is None and writable:
        catalogue.set_facts(**binding(encoder))
    if catalogue.fact("encoder") != encoder.fingerprint:
        reason = f"it was built with encoder {catalogue.fact('encoder_name')}, and the one set now is {encoder.name} (or its files changed)"
        raise IndexUnusable(home, reason, "set RAG_ENCODER back, or encode anew with: rag index build")
    if catalogue.fact("splitter") != SPLITTER_VERSION:
        reason = f"its passages were cut by splitter {catalogue.fact('splitter')}, this version has {SPLITTER_VERSION}"
        raise IndexUnusable(home, reason, "cut and encode anew with: rag index build")
