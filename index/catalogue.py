"""The catalogue: the one source of truth. Documents, passages, vectors, generations.  [sqlite3]

A change is one transaction; when it returns, the change survives kill -9 and loss of power.
Rows of passages are never reused, so a row names the same passage for ever, and the legs can
tell what they miss by comparing rows.
"""

import json
import sqlite3
import threading
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from corpus.document import Document
from corpus.passage import Passage
from index.errors import IndexUnusable, StorageFull

FORMAT = 1

_SCHEMA = """
CREATE TABLE facts (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE documents (
    key INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, parent TEXT, origin TEXT NOT NULL,
    content_hash TEXT NOT NULL, generation INTEGER NOT NULL, header TEXT NOT NULL, record TEXT NOT NULL);
CREATE INDEX documents_by_parent ON documents (parent) WHERE parent IS NOT NULL;
CREATE TABLE passages (
    row INTEGER PRIMARY KEY AUTOINCREMENT, document INTEGER NOT NULL REFERENCES documents (key),
    start INTEGER NOT NULL, end INTEGER NOT NULL, section TEXT NOT NULL, page INTEGER, text TEXT NOT NULL,
    hash TEXT NOT NULL);
CREATE INDEX passages_by_document ON passages (document);
CREATE INDEX passages_by_hash ON passages (hash);
CREATE TABLE vectors (hash TEXT PRIMARY KEY, vector BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE withdrawn (id TEXT PRIMARY KEY) WITHOUT ROWID;
"""


@dataclass(frozen=True, slots=True)
class NewDocument:
    """A document ready to be kept: its passages and, pair by pair, the hash of what was encoded of each."""

    document: Document
    passages: Sequence[Passage]
    hashes: Sequence[str]
    origin: str

    def __post_init__(self) -> None:
        if len(self.passages) != len(self.hashes):
            raise ValueError(f"{self.document.id}: {len(self.passages)} passages but {len(self.hashes)} hashes")


@dataclass(frozen=True, slots=True)
class DocumentEntry:
    """What the index keeps in memory of a document; date is that of its newest source."""

    key: int
    id: str
    title: str
    parent: str | None
    origin: str
    kind: str
    districts: tuple[str, ...]
    aliases: tuple[str, ...]
    date: str
    characters: int
    content_hash: str
    generation: int

    @property
    def names(self) -> str:
        """Title and aliases."""
        return " ".join((self.title, *self.aliases))


@dataclass(frozen=True, slots=True)
class PassageRow:
    """A passage with its row, the document it belongs to, and its vector's hash."""

    row: int
    document_key: int
    passage: Passage
    hash: str


@dataclass(frozen=True, slots=True)
class Change:
    """What an acknowledged change did: keys and rows that went, entries and passages that came."""

    generation: int
    removed_documents: frozenset[int]
    removed_rows: frozenset[int]
    added_documents: tuple[DocumentEntry, ...]
    added_passages: tuple[PassageRow, ...]


class Catalogue:
    """One SQLite file: one connection, used by one thread at a time.

    raises  IndexUnusable if the file is damaged, of another format, or absent while opened for reading
    """

    def __init__(self, path: Path, *, writable: bool) -> None:
        self.folder = path.parent
        self._one_thread = threading.Lock()
        if not writable and not path.exists():
            raise IndexUnusable(path.parent, "it holds no catalogue", "build it with: rag index build")
        address = f"{path.absolute().as_uri()}?mode={'rwc' if writable else 'ro'}"
        self._connection = sqlite3.connect(address, uri=True, isolation_level=None, check_same_thread=False)
        try:
            if writable:
                self._prepare()
            self._require_format()
        except sqlite3.DatabaseError as error:
            self._connection.close()
            reason = f"the catalogue cannot be read ({error})"
            raise IndexUnusable(path.parent, reason, "restore catalogue.sqlite from a backup or start with an empty folder") from None

    @contextmanager
    def reading(self) -> Iterator[None]:
        """Hold the connection for one thread."""
        with self._one_thread:
            yield

    # The state

    @property
    def generation(self) -> int:
        """Counts acknowledged changes, from 0."""
        return int(self.fact("generation") or 0)

    def fact(self, name: str) -> str | None:
        """A named value about the whole index, such as the encoder's fingerprint."""
        row = self._connection.execute("SELECT value FROM facts WHERE name = ?", (name,)).fetchone()
        return None if row is None else str(row[0])

    def set_facts(self, **facts: str) -> None:
        with self._transaction():
            self._set_facts(facts)

    def documents(self) -> Iterator[DocumentEntry]:
        """Every document in the order in which it was added."""
        columns = "key, id, parent, origin, content_hash, generation, header"
        for row in self._connection.execute(f"SELECT {columns} FROM documents ORDER BY key"):
            yield _entry(*row)

    def document(self, key: int) -> Document | None:
        row = self._connection.execute("SELECT record FROM documents WHERE key = ?", (key,)).fetchone()
        return None if row is None else Document.from_record(json.loads(row[0]))

    def rows(self) -> frozenset[int]:
        return frozenset(row for (row,) in self._connection.execute("SELECT row FROM passages"))

    def rows_of(self, document_ids: Collection[str]) -> frozenset[int]:
        wanted = json.dumps(sorted(document_ids))
        select = "SELECT row FROM passages JOIN documents ON key = document WHERE id IN (SELECT value FROM json_each(?))"
        return frozenset(row for (row,) in self._connection.execute(select, (wanted,)))

    def passages(self, rows: Collection[int] | None = None) -> Iterator[PassageRow]:
        """Passages of these rows (all for None) in row order; rows that are gone are left out."""
        select = (
            "SELECT row, document, id, start, end, passages.text, section, page, hash"
            " FROM passages JOIN documents ON key = document"
        )
        if rows is None:
            found = self._connection.execute(f"{select} ORDER BY row")
        else:
            wanted = json.dumps(sorted(rows))
            found = self._connection.execute(f"{select} WHERE row IN (SELECT value FROM json_each(?)) ORDER BY row", (wanted,))
        for row, key, document_id, start, end, text, section, page, digest in found:
            yield PassageRow(row, key, Passage(document_id, start, end, text, tuple(json.loads(section)), page), digest)

    def vectors(self, hashes: Sequence[str], dimension: int) -> NDArray[np.float32]:
        """Vectors of these hashes, shape (len(hashes), dimension); each must be known."""
        found = np.zeros((len(hashes), dimension), np.float32)
        for at, digest in enumerate(hashes):
            row = self._connection.execute("SELECT vector FROM vectors WHERE hash = ?", (digest,)).fetchone()
            if row is None or len(row[0]) != 2 * dimension:
                raise IndexUnusable(self.folder, f"the vector of {digest[:12]} is missing or of another dimension")
            found[at] = np.frombuffer(row[0], np.float16)
        return found

    def known_hashes(self, hashes: Collection[str]) -> set[str]:
        wanted = json.dumps(sorted(hashes))
        select = "SELECT hash FROM vectors WHERE hash IN (SELECT value FROM json_each(?))"
        return {digest for (digest,) in self._connection.execute(select, (wanted,))}

    def withdrawn(self) -> set[str]:
        """Ids of bundled documents that a user deleted: a later build does not bring them back."""
        return {document_id for (document_id,) in self._connection.execute("SELECT id FROM withdrawn")}

    # Changes: each is one durable transaction

    def change(
        self,
        removed_ids: Collection[str],
        added: Sequence[NewDocument],
        vectors: Mapping[str, NDArray[np.float32]],
        withdrawn: Collection[str] = (),
        facts: Mapping[str, str] = MappingProxyType({}),
    ) -> Change:
        """Take documents out (with the snippets found in them) and put documents in.

        vectors    the vectors of hashes that the catalogue does not know yet
        withdrawn  ids that a later build of the bundled corpus must not bring back
        facts      named values to set with the change
        raises     StorageFull; nothing is changed then
        """
        with self._transaction():
            generation = self.generation + 1
            for digest, vector in vectors.items():
                blob = vector.astype(np.float16).tobytes()
                self._connection.execute("INSERT OR IGNORE INTO vectors VALUES (?, ?)", (digest, blob))
            gone = [found for document_id in sorted(removed_ids) for found in self._remove(document_id)]
            entries = [self._add(new, generation) for new in added]
            self._forget_vectors({digest for *_, digest in gone if digest})
            self._connection.executemany("INSERT OR IGNORE INTO withdrawn VALUES (?)", [(i,) for i in sorted(withdrawn)])
            self._connection.executemany("DELETE FROM withdrawn WHERE id = ?", [(new.document.id,) for new in added])
            self._set_facts({**facts, "generation": str(generation)})
        return Change(
            generation,
            frozenset(key for key, *_ in gone),
            frozenset(row for _, row, _ in gone if row is not None),
            tuple(entry for entry, _ in entries),
            tuple(row for _, rows in entries for row in rows),
        )

    def check(self) -> list[str]:
        """Findings of SQLite's own integrity check; empty when sound."""
        found = [str(line) for (line,) in self._connection.execute("PRAGMA integrity_check")]
        return [] if found == ["ok"] else found

    def close(self) -> None:
        self._connection.close()

    # Inside

    def _remove(self, document_id: str) -> list[tuple[int, int | None, str | None]]:
        """Delete a document and its snippets; (document key, passage row, hash) of all that went."""
        held = "FROM documents LEFT JOIN passages ON key = document WHERE ? IN (id, parent)"
        gone = self._connection.execute(f"SELECT key, row, hash {held}", (document_id,)).fetchall()
        for key in {key for key, *_ in gone}:
            self._connection.execute("DELETE FROM passages WHERE document = ?", (key,))
            self._connection.execute("DELETE FROM documents WHERE key = ?", (key,))
        return gone

    def _add(self, new: NewDocument, generation: int) -> tuple[DocumentEntry, list[PassageRow]]:
        document = new.document
        record = json.dumps(document.to_record(), ensure_ascii=False)
        header = json.dumps(_header(document), ensure_ascii=False)
        values = (document.id, document.parent, new.origin, document.content_hash, generation, header)
        columns = "id, parent, origin, content_hash, generation, header, record"
        key = self._insert(f"INSERT INTO documents ({columns}) VALUES (?, ?, ?, ?, ?, ?, ?)", (*values, record))
        rows = [self._add_passage(key, p, digest) for p, digest in zip(new.passages, new.hashes, strict=True)]
        return _entry(key, *values), rows

    def _add_passage(self, key: int, passage: Passage, digest: str) -> PassageRow:
        section = json.dumps(passage.section, ensure_ascii=False)
        values = (key, passage.start, passage.end, section, passage.page, passage.text, digest)
        columns = "document, start, end, section, page, text, hash"
        row = self._insert(f"INSERT INTO passages ({columns}) VALUES (?, ?, ?, ?, ?, ?, ?)", values)
        return PassageRow(row, key, passage, digest)

    def _insert(self, statement: str, values: tuple[object, ...]) -> int:
        row = self._connection.execute(statement, values).lastrowid
        if row is None:
            raise RuntimeError(f"SQLite gave no row for: {statement}")
        return row

    def _forget_vectors(self, hashes: Collection[str]) -> None:
        forget = "DELETE FROM vectors WHERE hash = ?1 AND NOT EXISTS (SELECT 1 FROM passages WHERE hash = ?1)"
        self._connection.executemany(forget, [(digest,) for digest in sorted(hashes)])

    def _set_facts(self, facts: dict[str, str]) -> None:
        self._connection.executemany("INSERT OR REPLACE INTO facts VALUES (?, ?)", sorted(facts.items()))

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        try:
            self._connection.execute("BEGIN IMMEDIATE")
            yield
            self._connection.execute("COMMIT")
        except BaseException as error:
            if self._connection.in_transaction:
                self._connection.execute("ROLLBACK")
            if isinstance(error, sqlite3.OperationalError) and "full" in str(error):
                raise StorageFull(f"the disk of {self.folder} is full; nothing was changed; free some space and repeat") from None
            raise

    def _prepare(self) -> None:
        self._connection.executescript(
            "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA secure_delete = ON; PRAGMA foreign_keys = ON;"
        )
        if not self._connection.execute("SELECT 1 FROM sqlite_master").fetchone():
            with self._transaction():
                for statement in _SCHEMA.strip().split(";")[:-1]:
                    self._connection.execute(statement)
                self._set_facts({"format": str(FORMAT), "generation": "0"})

    def _require_format(self) -> None:
        found = self.fact("format")
        if found != str(FORMAT):
            reason = f"its format is {found}, this version reads format {FORMAT}"
            raise IndexUnusable(self.folder, reason, "use the version that wrote it, or start with an empty folder")


def _header(document: Document) -> dict[str, object]:
    """What is shown and filtered by without reading the whole document."""
    dates = sorted(source.date for source in document.sources.values() if source.date)
    return {
        "title": document.title,
        "aliases": document.aliases,
        "kind": document.kind,
        "districts": document.districts,
        "date": dates[-1] if dates else "",
        "characters": len(document.text),
    }


def _entry(
    key: int, document_id: str, parent: str | None, origin: str, content_hash: str, generation: int, header: str
) -> DocumentEntry:
    shown = json.loads(header)
    shown |= {"aliases": tuple(shown["aliases"]), "districts": tuple(shown["districts"])}
    return DocumentEntry(
        key=key, id=document_id, parent=parent, origin=origin, content_hash=content_hash, generation=generation, **shown
    )
