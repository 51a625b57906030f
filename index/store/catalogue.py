"""The catalogue: the one source of truth. Documents, passages, vectors, generations.

A change is one transaction; when it returns, the change survives kill -9 and loss of power.
Rows of passages are never reused, and each catalogue counts them from a random number of its
own, so a row names the same passage for ever and everywhere: the indexes tell what they miss, and
that they belong to another catalogue, by comparing rows.
"""

import json
import threading
from collections import deque
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from corpus.document import Document
from corpus.passage import Passage
from index.errors import IndexUnusable
from index.store import changes, near_duplicates, originals
from index.store.database import RESTORE, Database
from index.store.minhash import Signature, Signatures
from index.store.originals import Original
from index.store.records import Change, DocumentEntry, NearPair, NewDocument, PassageRow, entry_of
from index.store.schema import (
    create_tables,
    is_empty,
    lay_out,
    next_number,
    number,
    read_fact,
    require_format,
    require_whole,
    write_facts,
)
from index.store.similar_questions import SimilarQuestion, SimilarQuestionChange
from index.store.upgrading import upgrade

__all__ = ["Catalogue", "Change", "DocumentEntry", "NewDocument", "PassageRow"]

_PASSAGES = f"SELECT {changes.SEALED_PASSAGE}, passages.crc FROM passages JOIN documents ON key = document"

Vectors = NDArray[np.float32]


class Catalogue:
    """One SQLite file, used by one thread at a time.

    raises  IndexUnusable if the file is damaged, of another format, or absent while opened for reading;
            what `Database` raises, from every method
    """

    def __init__(self, path: Path, *, writable: bool) -> None:
        self.folder = path.parent
        self._one_thread = threading.Lock()
        self._signatures: Signatures | None = None  # read when a change needs them
        if not writable and not path.exists():
            raise IndexUnusable(path.parent, "it holds no catalogue", "build it with: rag index build")
        self._database = Database(path, writable=writable)
        try:
            if writable and is_empty(self._database):
                create_tables(self._database)
            elif writable:
                upgrade(self._database)
            require_format(self._database)
            if writable:
                with self._database.transaction():
                    lay_out(self._database, originals.TABLE)
                    originals.sweep(self._database)
        except BaseException:
            self.close()
            raise

    @contextmanager
    def reading(self) -> Iterator[None]:
        """Hold the connection for one thread."""
        with self._one_thread:
            yield

    def pin(self) -> None:
        """From now on show one unchanging state, whatever another process writes; a second call moves on."""
        self._database.pin()

    # The state

    @property
    def generation(self) -> int:
        """Counts acknowledged changes, from 0."""
        return number(self._database, "generation")

    def fact(self, name: str) -> str | None:
        """A named value about the whole index, such as the encoder's fingerprint."""
        return read_fact(self._database, name)

    def set_facts(self, **facts: str) -> None:
        with self._database.transaction():
            write_facts(self._database, facts)

    def documents(self) -> Iterator[DocumentEntry]:
        """Every document in the order in which it was added."""
        columns = "key, id, parent, origin, content_hash, generation, header, crc"
        for row in self._database.sealed_rows(f"SELECT {columns} FROM documents ORDER BY key"):
            yield entry_of(*row)

    def document(self, key: int) -> Document | None:
        for _, record in self._database.sealed_rows("SELECT key, record, crc FROM records WHERE key = ?", (key,)):
            return Document.from_record(json.loads(record))
        return None

    def original(self, key: int) -> Original | None:
        """The file that a document was read from; None where nothing is known of it."""
        return originals.find(self._database, key)

    def original_digests(self) -> set[str]:
        """Digests of all files that are kept."""
        return set(originals.digests(self._database))

    def original_digests_of(self, document_ids: Collection[str]) -> set[str]:
        """Digests of the files that these documents, and those found in them, were read from."""
        return originals.digests_of(self._database, document_ids)

    def used_digests(self, among: Collection[str]) -> set[str]:
        """Those of the digests that some document's file still has."""
        return originals.used(self._database, among)

    def original_totals(self) -> tuple[int, int]:
        """How many files are kept, and their bytes."""
        return originals.totals(self._database)

    def similar_questions(self) -> Iterator[SimilarQuestion]:
        """Every similar question that was added beside the documents, in the order of their numbers."""
        return changes.similar_questions(self._database)

    def rows(self) -> frozenset[int]:
        return frozenset(row for (row,) in self._database.rows("SELECT row FROM passages"))

    def encoded_rows(self) -> frozenset[int]:
        """Rows of the passages whose vectors are kept; the others wait to be encoded."""
        return frozenset(row for (row,) in self._database.rows("SELECT row FROM passages JOIN vectors USING (hash)"))

    def waiting(self, most: int) -> list[PassageRow]:
        """The first passages without a vector, in row order."""
        waiting = "SELECT row FROM passages LEFT JOIN vectors USING (hash) WHERE vector IS NULL ORDER BY row LIMIT ?"
        rows = [row for (row,) in self._database.rows(waiting, (most,))]
        return list(self.passages(rows)) if rows else []

    def headings(self) -> frozenset[str]:
        """Every heading that stands over a passage."""
        paths = (json.loads(path) for (path,) in self._database.rows("SELECT DISTINCT section FROM passages"))
        return frozenset(heading for path in paths for heading in path)

    @property
    def last_row(self) -> int:
        """The highest row ever given to a passage."""
        return next_number(self._database, "passages") - 1

    def rows_by_document(self) -> dict[int, range]:
        """Rows of each document that has any, by its key: they follow one another."""
        select = "SELECT document, MIN(row), MAX(row), COUNT(*) FROM passages GROUP BY document"
        found = {key: (range(first, last + 1), count) for key, first, last, count in self._database.rows(select)}
        if any(len(rows) != count for rows, count in found.values()):
            raise self._database.unusable("passages are missing", RESTORE)
        return {key: rows for key, (rows, _) in found.items()}

    def passages(self, rows: Collection[int] | None = None) -> Iterator[PassageRow]:
        """Passages of these rows (all for None) in row order; rows that are gone are left out."""
        if rows is None:
            found = self._database.sealed_rows(f"{_PASSAGES} ORDER BY row")
        else:
            among = f"{_PASSAGES} WHERE row IN (SELECT value FROM json_each(?)) ORDER BY row"
            found = self._database.sealed_rows(among, (json.dumps(sorted(rows)),))
        for row, key, document_id, start, end, section, page, text, asked, digest in found:
            lists = tuple(json.loads(section)), page, tuple(json.loads(asked))
            yield PassageRow(row, key, Passage(document_id, start, end, text, *lists), digest)

    def vectors(self, hashes: Sequence[str], dimension: int) -> Vectors:
        """Vectors of these hashes, each once, shape (len(hashes), dimension); each must be known."""
        select = "SELECT value, hash, vector, crc FROM json_each(?) LEFT JOIN vectors ON hash = value"
        return self._vectors(select, hashes, dimension)

    def vectors_of(self, rows: Sequence[int], dimension: int) -> Vectors:
        """Vectors of these rows, each once, shape (len(rows), dimension); each must be there."""
        select = (
            "SELECT row, vectors.hash, vector, vectors.crc FROM passages LEFT JOIN vectors USING (hash)"
            " WHERE row IN (SELECT value FROM json_each(?))"
        )
        return self._vectors(select, rows, dimension)

    def known_hashes(self, hashes: Collection[str]) -> set[str]:
        """Those of the hashes that a vector is kept for."""
        select = "SELECT hash FROM vectors WHERE hash IN (SELECT value FROM json_each(?))"
        return {digest for (digest,) in self._database.rows(select, (json.dumps(sorted(hashes)),))}

    def withdrawn(self) -> set[str]:
        """Ids of bundled documents that a user deleted or replaced: a build leaves them as they are."""
        return {row[0] for row in self._database.sealed_rows("SELECT id, crc FROM withdrawn")}

    def near(self) -> Iterator[NearPair]:
        """Every pair of near duplicates: the later document's id, the earlier one's, and their resemblance."""
        return near_duplicates.read_pairs(self._database)

    def signatures(self) -> Signatures:
        """The signatures of all documents."""
        return near_duplicates.read_signatures(self._database)

    def signature(self, key: int) -> Signature:
        """The signature of one document; empty where the text is too short for one."""
        return near_duplicates.signature_kept(self._database, key)

    def require_whole(self, *, pages: bool) -> None:
        """Raise IndexUnusable if documents or passages are missing, or a page is damaged.

        pages  look at every page: half a second for 100,000 passages
        """
        require_whole(self._database, pages=pages)

    def check(self) -> list[str]:
        """What is wrong with the file; empty when SQLite's own check, all counts and all checksums hold."""
        found = [str(line) for (line,) in self._database.rows("PRAGMA integrity_check") if line != "ok"]
        sealed = ["SELECT name, value, crc FROM facts", "SELECT key, record, crc FROM records"]
        sealed += ["SELECT hash, vector, crc FROM vectors", "SELECT id, crc FROM withdrawn"]
        sealed += ["SELECT key, sketch, crc FROM sketches", "SELECT later, earlier, agreeing, crc FROM near"]
        sealed += [originals.SEALED] if self.original_totals()[0] else []
        reads: list[Callable[[], object]] = [
            lambda: self.require_whole(pages=False),
            lambda: _exhaust(self.similar_questions()),
            self.rows_by_document,
            lambda: _exhaust(self.documents()),
            lambda: _exhaust(self.passages()),
            *(partial(self._read_sealed, select) for select in sealed),
        ]
        for read in reads:
            try:
                read()
            except IndexUnusable as error:
                found.append(error.reason)
        return found

    # Changes: each is one durable transaction

    def change(
        self,
        removed_ids: Collection[str],
        added: Sequence[NewDocument],
        vectors: Mapping[str, Vectors],
        withdrawn: Collection[str] = (),
        *,
        forget: bool = False,
    ) -> Change:
        """Take documents out (with the snippets found in them) and put documents in.

        vectors    shape (d,) each: the vectors of hashes that the catalogue does not know yet
        withdrawn  bundled ids that a later build must leave alone
        forget     delete the removed documents' similar questions as well
        raises     StorageFull, or InvalidDocument if a text cannot be stored; nothing is changed then
        """
        signatures = self.signatures() if self._signatures is None else self._signatures
        with self._database.transaction():
            done, after = changes.change(
                self._database, removed_ids, added, vectors, withdrawn, signatures, forget=forget
            )
        self._signatures = after
        return done

    def change_similar_questions(
        self, wanted: SimilarQuestionChange, entries: Sequence[DocumentEntry], new: Sequence[NewDocument]
    ) -> Change:
        """Change similar questions; documents whose passages they change get new rows and keep their signatures.

        entries, new  these documents and what they are to hold, in the same order; their vectors are known
        raises        StorageFull; nothing is changed then
        """
        with self._database.transaction():
            return changes.change_similar_questions(self._database, wanted, entries, new)

    def keep_vectors(self, vectors: Mapping[str, Vectors]) -> list[tuple[int, str]]:
        """Keep vectors of passages that waited for them; returns the rows that have one now, with their hashes.

        raises  StorageFull; nothing is changed then
        """
        with self._database.transaction():
            return changes.keep_waited(self._database, vectors)

    def recut(
        self, recut: changes.Recut, batch: int, facts: Mapping[str, str], progress: Callable[[int, int], None]
    ) -> int:
        """Give every document new passages and vectors, and set facts; documents keep keys and order.

        recut     documents to new documents, in the same order, and the vectors that they bring
        batch     how many documents are held in memory at once
        progress  is told how many documents are done, of how many
        returns   how many documents were done; nothing is changed if anything is raised
        """
        entries = list(self.documents())
        with self._database.transaction():
            more = 0
            for done in range(0, len(entries), batch):
                progress(done, len(entries))
                some = entries[done : done + batch]
                more += changes.recut(self._database, some, *recut([self._whole(entry) for entry in some]))
            changes.close_recut(self._database, more, facts)
        progress(len(entries), len(entries))
        return len(entries)

    def close(self) -> None:
        self._database.close()

    # Inside

    def _read_sealed(self, select: str) -> None:
        _exhaust(self._database.sealed_rows(select))

    def _whole(self, entry: DocumentEntry) -> Document:
        document = self.document(entry.key)
        if document is None:
            raise self._database.unusable(f"document {entry.id} has no record", RESTORE)
        return document

    def _vectors(self, select: str, keys: Sequence[str] | Sequence[int], dimension: int) -> Vectors:
        """Vectors of a query whose first column is the key, in the order of the keys."""
        found = np.zeros((len(keys), dimension), np.float32)
        place: dict[str | int, int] = dict(zip(keys, range(len(keys)), strict=True))
        for key, _, blob in self._database.sealed_rows(select, (json.dumps(keys),), aside=1):
            if len(blob) != 2 * dimension:
                raise self._database.unusable(f"a vector is not {dimension} numbers long", RESTORE)
            found[place.pop(key)] = np.frombuffer(blob, np.float16)
        if place:
            raise self._database.unusable(f"{len(place)} vectors are missing", RESTORE)
        return found


def _exhaust(rows: Iterable[object]) -> None:
    """Read all and keep nothing."""
    deque(rows, maxlen=0)
