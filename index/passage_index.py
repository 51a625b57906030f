"""The searchable whole: one catalogue and two legs that follow it.

A change is prepared, then committed to the catalogue (that is the acknowledgement), then carried
into both legs, then a new Snapshot takes the old one's place. A question works on one Snapshot
from start to end, so it never sees half a change. Whatever goes wrong after the commit, the legs
are levelled with the catalogue before anything else is done.
"""

import logging
import threading
import time
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Self

import numpy as np

from corpus.document import Document
from corpus.lexicon import Lexicon
from index.askings import Asking, Reasking, by_document
from index.binding import bind_lexicon
from index.catalogue import Change, DocumentEntry, PassageRow
from index.derived import DerivedFiles
from index.encoder import Encoder
from index.errors import StorageFull
from index.files import Reserve
from index.lexical import Entry, Tokens
from index.near import with_pairs
from index.opening import CATALOGUE, Opened, open_catalogue
from index.preparing import NOTHING, Prepared, prepare, tokens_of_all
from index.segments import DamagedLeg
from index.snapshot import Snapshot, StaleSnapshot
from index.staleness import Cut
from index.texts import Texts
from index.tokens import Tokeniser
from index.verifying import verify

__all__ = ["CATALOGUE", "PassageIndex", "Snapshot", "StaleSnapshot"]

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
        self.encoder = encoder
        self.writable = writable
        self._catalogue, self._reader = opened
        self._texts = Texts(opened.reader)
        self._reserve = Reserve(home / "reserve", RESERVED)
        fingerprint, dimension = encoder.fingerprint, encoder.dimension
        self._derived = DerivedFiles(home, opened.catalogue, tokeniser, fingerprint, dimension, writable=writable)
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

    def put(self, documents: Sequence[Document], *, origin: str = "user") -> int:
        """Add documents; one with a known id takes the old one's place, and its snippets go with the old one.

        documents  of two with the same id the later one is kept
        origin     "bundled" if a build puts them; what others put in place of a bundled document, builds leave alone
        returns    the generation from which the change holds; search finds it at once
        raises     StorageFull, InvalidDocument, or IndexProblem of the encoder; nothing is changed then
        """
        wanted = {document.id: document for document in documents}
        with self._one_change():
            if not wanted:
                return self.snapshot.generation
            prepared = prepare(wanted.values(), origin, self.encoder, self._catalogue, self.snapshot.askings)
            generation = self._apply(wanted.keys() & self.snapshot.documents.keys(), prepared, origin)
            self._reserve.keep()
            return generation

    def remove(self, document_ids: Collection[str], *, origin: str = "user") -> int:
        """Delete documents with the snippets found in them; unknown ids are ignored. Returns the generation.

        origin  "bundled" if a build removes them: then ways of asking stay for documents that come back.
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
        return len(cut.stale_rows(snapshot.lexical, Cut.by(lexicon)))

    @property
    def is_level(self) -> bool:
        """Whether the files of the lexical leg could be used as they are; else its work is done in memory."""
        return self._lexical.on_disk or not len(self.snapshot.lexical)

    def reask(self, plan: Callable[[Snapshot], Reasking]) -> tuple[int, Sequence[Asking]]:
        """Change ways of asking for a document; the next question knows of it.

        plan     made on the current snapshot, while nothing else changes; what it raises leaves all as it is
        returns  the generation from which the change holds, and the document's records after it
        raises   StorageFull; nothing is changed then
        """
        with self._one_change():
            wanted, snapshot = plan(self.snapshot), self.snapshot
            before = snapshot.askings.get(wanted.document_id, ())
            if not wanted:
                return snapshot.generation, before
            entry = snapshot.documents.get(wanted.document_id)
            entries = [entry] if entry and wanted.changes_use(before) else []
            askings = {wanted.document_id: wanted.after(before)}
            prepared = prepare(map(self.document, entries), "", self.encoder, self._catalogue, askings)
            change = self._catalogue.reask(wanted, entries, prepared.documents)
            self._publish(change, prepared, tokens_of_all(self.tokeniser, prepared))
            return change.generation, change.askings[wanted.document_id]

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
                if self.writable:
                    self._derived.note_lexical(self._lexical)
                    self._derived.save_dense(self.snapshot.dense)

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

    def verify(self) -> list[str]:
        """Problems found between catalogue, legs and encoder; empty when all is sound."""
        with self._changing, self._catalogue.reading():
            legs = {"dense": self.snapshot.dense.rows, "lexical": self.snapshot.lexical.rows()}
            return verify(self._catalogue, self.encoder, legs)

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
        """Commit to the catalogue, carry the change into both legs, publish the new snapshot."""
        tokens = tokens_of_all(self.tokeniser, prepared)
        bundled = {one for one in known if self.snapshot.documents[one].origin == "bundled"}
        withdrawn = bundled if origin != "bundled" else set()
        forget = not prepared.documents and origin != "bundled"
        change = self._catalogue.change(known, prepared.documents, prepared.new_vectors, withdrawn, forget=forget)
        self._publish(change, prepared, tokens)
        return change.generation

    def _publish(self, change: Change, prepared: Prepared, tokens: Sequence[Tokens]) -> None:
        """Carry a committed change into both legs and show the new snapshot, whatever goes wrong."""
        try:
            self.snapshot = self._carried(change, prepared, tokens)
        except Exception as error:
            self._mend(change.generation, error)

    def _carried(self, change: Change, prepared: Prepared, tokens: Sequence[Tokens]) -> Snapshot:
        """The snapshot after a change, made from the one before it."""
        before, added = self.snapshot, change.added_passages
        pairs = zip(added, tokens, strict=True)
        entries = [Entry(found.row, found.passage.document_id, its_tokens) for found, its_tokens in pairs]
        lexical = self._lexical.change(change.removed_rows, entries)
        vectors = np.array([prepared.vectors[found.hash] for found in added], np.float32)
        dense = before.dense.changed(change.removed_rows, [found.row for found in added], vectors)
        if dense.wants_compaction:
            dense = self._derived.build_dense()
        return before.after(change, dense, lexical)

    def _mend(self, generation: int, error: Exception) -> None:
        """Something failed after a commit: level the legs anew."""
        expected = isinstance(error, DamagedLeg)
        log.error("generation %d: %s; levelling the legs anew", generation, error, exc_info=not expected)
        self._catch_up()

    def _catch_up(self) -> None:
        """Show what is committed and not yet shown, because something failed after a commit."""
        if self._catalogue.generation != self.snapshot.generation:
            self._lexical.close()
            self._lexical = self._derived.open_lexical()
            self.snapshot = self._level()

    def _level(self) -> Snapshot:
        """The state of the catalogue; both legs are level with it."""
        catalogue = self._catalogue
        documents = {entry.id: entry for entry in catalogue.documents()}
        dense, lexical = self._derived.open_dense(), self._lexical.reader()
        near, tokeniser = with_pairs({}, (), catalogue.near()), self._derived.tokeniser
        rows, askings = catalogue.rows_by_document(), by_document(catalogue.askings())
        return Snapshot(catalogue.generation, documents, rows, dense, lexical, near, askings, tokeniser)
