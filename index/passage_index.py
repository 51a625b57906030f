"""The searchable whole: one catalogue and two indexes that follow it.

A change is prepared, then committed to the catalogue (that is the acknowledgement), then carried
into both indexes, then a new Snapshot takes the old one's place. A question works on one Snapshot
from start to end, so it never sees half a change. Whatever goes wrong after the commit, the indexes
are levelled with the catalogue before anything else is done.
"""

import logging
import threading
import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Self

import numpy as np

from corpus.document import Document
from corpus.lexicon import Lexicon
from index.artifacts import DerivedFiles
from index.binding import bind_lexicon
from index.checks import verify
from index.encoder.late_interaction import LateInteractionEncoder
from index.encoder.passage_text import encoded_text
from index.encoder.text_encoder import Encoder
from index.errors import StorageFull
from index.lexical.bm25 import LexicalEntry, Tokens
from index.lexical.integrity import DamagedIndex
from index.lexical.retokenise import Cut
from index.lexical.tokeniser import Tokeniser
from index.opening import CATALOGUE, Opened, open_catalogue
from index.passage_vectors import PassageVectors
from index.preparing import NOTHING, Prepared, prepare, tokens_of_all
from index.snapshot import Snapshot, StaleSnapshot
from index.store.catalogue import Change, DocumentEntry, PassageRow
from index.store.files import Reserve
from index.store.near_duplicates import with_pairs
from index.store.originals import Original
from index.store.similar_questions import SimilarQuestion, SimilarQuestionChange, by_document
from index.store.token_store import TokenStore
from index.texts import Texts

__all__ = ["CATALOGUE", "PassageIndex", "Snapshot", "StaleSnapshot"]

ENCODED_AT_ONCE = 32  # passages between two changes of the dense leg
RESERVED = 4 * 2**20  # bytes kept back for deletions on a full disk
_PAUSE = 0.005  # seconds between two looks for it
_SHOWING = 0.2  # seconds that a question waits for a committed change to be shown

log = logging.getLogger(__name__)


class PassageIndex:
    """Documents in, hits out. Build with `open`; one process writes, any number read.

    Safe to use from several threads. A reader keeps to the state in which it was opened.
    """

    def __init__(
        self,
        home: Path,
        encoder: Encoder,
        tokeniser: Tokeniser,
        opened: Opened,
        *,
        writable: bool,
    ) -> None:
        self.home = home
        self.encoder = encoder
        self.writable = writable
        self._catalogue, self._reader = opened
        self._texts = Texts(opened.reader)
        self._reserve = Reserve(home / "reserve", RESERVED)
        fingerprint, dimension = encoder.fingerprint, encoder.dimension
        self._derived = DerivedFiles(home, opened.catalogue, tokeniser, fingerprint, dimension, writable=writable)
        self.vectors: PassageVectors | None = None
        if isinstance(encoder, LateInteractionEncoder):
            self.vectors = PassageVectors(encoder, home / "derived" / "tokens.sqlite", writable=writable)
        self._changing = threading.Lock()
        self._held = ExitStack()
        self._closed = False
        self._lexical = self._derived.open_lexical()
        self.snapshot = self._level()

    @classmethod
    def open(cls, home: Path, encoder: Encoder, tokeniser: Tokeniser, *, writable: bool) -> Self:
        """Open the index in this folder; with writable, create what is missing and take the writer's lock.

        raises  IndexLocked if another process writes; IndexUnusable if the catalogue cannot be
                trusted or was made with another encoder or splitter
        """
        with ExitStack() as held:
            opened = open_catalogue(home, encoder, tokeniser, held, writable=writable)
            index = cls(home, encoder, tokeniser, opened, writable=writable)
            index._held = held.pop_all()
        return index

    # Changes

    def put(
        self, documents: Sequence[Document], *, origin: str = "user", originals: Mapping[str, Original] | None = None
    ) -> int:
        """Add documents; one with a known id takes the old one's place, and its snippets go with the old one.

        documents  of two with the same id the later one is kept
        origin     "bundled" if a build puts them; what others put in place of a bundled document, builds leave alone
        originals  the files that they were read from, by document id
        returns    the generation from which the change holds; search finds it at once
        raises     StorageFull, InvalidDocument, or IndexProblem of the encoder; nothing is changed then
        """
        wanted = {document.id: document for document in documents}
        with self._one_change():
            if not wanted:
                return self.snapshot.generation
            prepared = prepare(
                wanted.values(), origin, self.encoder, self._catalogue, self.snapshot.similar_questions, self._tokens()
            )
            if originals:
                prepared = prepared.with_originals(originals)
            generation = self._apply(wanted.keys() & self.snapshot.documents.keys(), prepared, origin)
            self._reserve.keep()
            return generation

    def remove(self, document_ids: Collection[str], *, origin: str = "user") -> int:
        """Delete documents with the snippets found in them; unknown ids are ignored. Returns the generation.

        origin  "bundled" if a build removes them: then similar questions stay for documents that come back.
                Bundled documents that others remove, builds leave alone
        raises  StorageFull if the disk is full and the reserve is used up; nothing is changed then
        """
        with self._one_change():
            known = set(document_ids) & self.snapshot.documents.keys()
            if not known:
                return self.snapshot.generation
            try:
                return self._apply(known, NOTHING, origin)
            except StorageFull:
                if not self._reserve.give():
                    raise
                return self._apply(known, NOTHING, origin)

    def take_lexicon(self, lexicon: Lexicon) -> int:
        """Ask and cut with this lexicon; passages that hold a word that came or went are cut anew.

        returns  the generation from which it holds, for all of a question or for nothing of it
        raises   StorageFull; nothing is changed then
        """
        with self._one_change():
            tokeniser = self.tokeniser.with_lexicon(lexicon)
            generation = bind_lexicon(self._catalogue, lexicon)
            try:
                lexical = self._derived.retokenise(self._lexical, tokeniser)
                self.snapshot = replace(self.snapshot, generation=generation, lexical=lexical, tokeniser=tokeniser)
            except Exception as error:
                self._mend(generation, error)
            return generation

    def stale_passages(self, lexicon: Lexicon) -> int:
        """How many passages are to be cut anew before this lexicon can hold; some may turn out to be cut alike."""
        snapshot = self.snapshot
        cut = Cut.by(snapshot.tokeniser.lexicon)
        return len(cut.rows_to_retokenise(snapshot.lexical, Cut.by(lexicon)))

    @property
    def is_level(self) -> bool:
        """Whether the files of the lexical index could be used as they are; else its work is done in memory."""
        return self._lexical.on_disk or not len(self.snapshot.lexical)

    def change_similar_questions(
        self, plan: Callable[[Snapshot], SimilarQuestionChange]
    ) -> tuple[int, Sequence[SimilarQuestion]]:
        """Change similar questions for a document; the next question knows of it.

        plan     made on the current snapshot, while nothing else changes; what it raises leaves all as it is
        returns  the generation from which the change holds, and the document's records after it
        raises   StorageFull; nothing is changed then
        """
        with self._one_change():
            wanted, snapshot = plan(self.snapshot), self.snapshot
            before = snapshot.similar_questions.get(wanted.document_id, ())
            if not wanted:
                return snapshot.generation, before
            entry = snapshot.documents.get(wanted.document_id)
            entries = [entry] if entry and wanted.changes_use(before) else []
            similar_questions = {wanted.document_id: wanted.after(before)}
            prepared = prepare(
                map(self.document, entries), "", self.encoder, self._catalogue, similar_questions, self._tokens()
            )
            change = self._catalogue.change_similar_questions(wanted, entries, prepared.documents)
            self._publish(change, prepared, tokens_of_all(self.tokeniser, prepared))
            return change.generation, change.similar_questions[wanted.document_id]

    def withdrawn(self) -> set[str]:
        """Bundled documents that a user deleted or replaced."""
        with self._changing, self._catalogue.reading():
            return self._catalogue.withdrawn()

    def close(self) -> None:
        """Save what makes the next start quick, and give the writer's lock back. Closing twice is closing once."""
        with self._changing, self._reader.reading(), self._held.pop_all():
            if not self._closed:
                self._closed = True
                self._lexical.close()
                if self.vectors is not None:
                    self.vectors.tokens.close()
                if self.writable:
                    self._derived.note_lexical(self._lexical)
                    self._derived.save_dense(self.snapshot.dense)

    # Encoding in the background

    @property
    def waiting(self) -> int:
        """How many passages are still to be encoded; until then they are found by their words alone."""
        return len(self.snapshot.lexical) - len(self.snapshot.dense)

    def encode_waiting(self, most: int = ENCODED_AT_ONCE) -> int:
        """Encode some of the passages that wait, and show them to the dense search.

        returns  how many passages were encoded; 0 if none wait
        raises   StorageFull; nothing is changed then
        """
        if not self.waiting or self.vectors is None:
            return 0
        with self._changing:
            titles = {entry.key: entry.title for entry in self.snapshot.documents.values()}
            found = self._catalogue.waiting(most)
        vectors = self.vectors.encode({one.hash: encoded_text(titles[one.document_key], one.passage) for one in found})
        with self._one_change():
            rows = self._catalogue.keep_vectors(vectors)
            held = np.array([vectors[digest] for _, digest in rows], np.float32)
            dense = self.snapshot.dense.changed((), [row for row, _ in rows], held)
            if dense.wants_compaction:
                dense = self._derived.build_dense()
            self.snapshot = replace(self.snapshot, dense=dense)
        return len(rows)

    def forget_tokens(self) -> None:
        """Delete the token vectors of passages that are gone."""
        if self.vectors is not None:
            with self._changing:
                self.vectors.forget(self._catalogue.known_hashes)

    def _tokens(self) -> TokenStore | None:
        return self.vectors.tokens if self.vectors is not None else None

    # Reading

    @property
    def tokeniser(self) -> Tokeniser:
        """The tokeniser of the current snapshot."""
        return self.snapshot.tokeniser

    def await_newer(self, than: Snapshot) -> None:
        """Wait a moment for a change that is committed and not yet shown: rows of this snapshot may be gone by it."""
        until = time.monotonic() + _SHOWING
        while self.snapshot is than and time.monotonic() < until:
            time.sleep(_PAUSE)

    def passages(self, rows: Collection[int]) -> dict[int, PassageRow]:
        """Passages by row.

        raises  StaleSnapshot if one of them was deleted meanwhile
        """
        return self._texts.passages(rows)

    def headings(self) -> frozenset[str]:
        """Every heading that stands over a passage."""
        with self._reader.reading():
            return self._reader.headings()

    def document(self, entry: DocumentEntry) -> Document:
        """The whole document.

        raises  StaleSnapshot if it was replaced or deleted meanwhile
        """
        return self._texts.document(entry)

    def original(self, entry: DocumentEntry) -> Original | None:
        """The file that a document was read from; None where nothing is known of it, or it was deleted meanwhile."""
        with self._reader.reading():
            return self._reader.original(entry.key)

    def original_digests(self, document_ids: Collection[str] | None = None) -> set[str]:
        """Digests of the kept files that these documents (all for None), and those found in them, were read from."""
        with self._changing, self._catalogue.reading():
            if document_ids is None:
                return self._catalogue.original_digests()
            return self._catalogue.original_digests_of(document_ids)

    def unused_digests(self, among: Collection[str]) -> set[str]:
        """Those of the digests that no document's file has any more."""
        with self._changing, self._catalogue.reading():
            return set(among) - self._catalogue.used_digests(among)

    def original_totals(self) -> tuple[int, int]:
        """How many files are kept, and their bytes."""
        with self._reader.reading():
            return self._reader.original_totals()

    def verify(self) -> list[str]:
        """Problems found between catalogue, indexes and encoder; empty when all is sound."""
        with self._changing, self._catalogue.reading():
            indexes = {"dense": self.snapshot.dense.rows, "lexical": self.snapshot.lexical.rows()}
            return verify(self._catalogue, self.encoder, indexes)

    # Inside

    @contextmanager
    def _one_change(self) -> Iterator[None]:
        """One change at a time, on a snapshot that is level with the catalogue."""
        if not self.writable:
            raise RuntimeError("the index was opened for reading only")
        with self._changing:
            self._catch_up()
            yield

    def _apply(self, known: Collection[str], prepared: Prepared, origin: str) -> int:
        """Commit to the catalogue, carry the change into both indexes, publish the new snapshot."""
        tokens = tokens_of_all(self.tokeniser, prepared)
        bundled = {one for one in known if self.snapshot.documents[one].origin == "bundled"}
        withdrawn = bundled if origin != "bundled" else set()
        forget = not prepared.documents and origin != "bundled"
        change = self._catalogue.change(known, prepared.documents, prepared.new_vectors, withdrawn, forget=forget)
        self._publish(change, prepared, tokens)
        return change.generation

    def _publish(self, change: Change, prepared: Prepared, tokens: Sequence[Tokens]) -> None:
        """Carry a committed change into both indexes and show the new snapshot, whatever goes wrong."""
        try:
            self.snapshot = self._carried(change, prepared, tokens)
        except Exception as error:
            self._mend(change.generation, error)

    def _carried(self, change: Change, prepared: Prepared, tokens: Sequence[Tokens]) -> Snapshot:
        """The snapshot after a change, made from the one before it."""
        before, added = self.snapshot, change.added_passages
        pairs = zip(added, tokens, strict=True)
        entries = [LexicalEntry(found.row, found.passage.document_id, its_tokens) for found, its_tokens in pairs]
        lexical = self._lexical.change(change.removed_rows, entries)
        encoded = [found for found in added if found.hash in prepared.vectors]
        vectors = np.array([prepared.vectors[found.hash] for found in encoded], np.float32)
        dense = before.dense.changed(change.removed_rows, [found.row for found in encoded], vectors)
        if dense.wants_compaction:
            dense = self._derived.build_dense()
        return before.after(change, dense, lexical)

    def _mend(self, generation: int, error: Exception) -> None:
        """Something failed after a commit: level the indexes anew."""
        expected = isinstance(error, DamagedIndex)
        log.error("generation %d: %s; levelling the indexes anew", generation, error, exc_info=not expected)
        self._catch_up()

    def _catch_up(self) -> None:
        """Show what is committed and not yet shown, because something failed after a commit."""
        if self._catalogue.generation != self.snapshot.generation:
            self._lexical.close()
            self._lexical = self._derived.open_lexical()
            self.snapshot = self._level()

    def _level(self) -> Snapshot:
        """The state of the catalogue; both indexes are level with it."""
        catalogue = self._catalogue
        documents = {entry.id: entry for entry in catalogue.documents()}
        dense, lexical = self._derived.open_dense(), self._lexical.reader()
        near, tokeniser = with_pairs({}, (), catalogue.near()), self._derived.tokeniser
        rows, similar_questions = catalogue.rows_by_document(), by_document(catalogue.similar_questions())
        return Snapshot(catalogue.generation, documents, rows, dense, lexical, near, similar_questions, tokeniser)
