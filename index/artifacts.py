"""The derived files: both indexes on disk, checked before use and rebuilt from the catalogue when in doubt.

    RAG_HOME/
    ├── catalogue.sqlite     the truth
    ├── writer.lock          held by the one process that writes
    ├── reserve              given back to a full disk so that documents can still be deleted
    └── derived/             may be deleted at any time
        ├── manifest.json    what the files were made with, and their checksums
        ├── dense.faiss
        └── lexical/         tantivy's files, each closed by its own checksum

The indexes find out what they miss by comparing rows with the catalogue.
"""

import hashlib
import json
import logging
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from index.dense import DenseIndex
from index.encoder.passage_text import heading_of
from index.lexical.bm25 import LexicalEntry, LexicalIndex, LexicalReader, discard
from index.lexical.integrity import DamagedIndex, verify
from index.lexical.retokenise import Cut
from index.lexical.tokeniser import Tokeniser
from index.preparing import tokens_of
from index.store.catalogue import Catalogue
from index.store.files import make_folder, replace_file

__all__ = ["DerivedFiles", "heading_of"]

FORMAT = 2

_PATIENCE = 0.1  # seconds a reader gives the writer's files to be level, and as many again for …
_PATIENCE_ROWS = 1000  # … so many passages: to read them all instead takes three times as long
_PAUSE = 0.02  # seconds between two looks

log = logging.getLogger(__name__)


class DerivedFiles:
    """Opens, levels with the catalogue, and saves the indexes. A reader changes nothing on disk."""

    def __init__(
        self, home: Path, catalogue: Catalogue, tokeniser: Tokeniser, encoder: str, dimension: int, *, writable: bool
    ) -> None:
        """encoder is the fingerprint, dimension the length of its vectors; tokeniser cuts from now on."""
        self._folder = home / "derived"
        self._catalogue = catalogue
        self.tokeniser = tokeniser
        self._encoder = encoder
        self._dimension = dimension
        self._writable = writable
        self._saved: object = None  # the large structure that dense.faiss holds

    # The dense index

    def open_dense(self) -> DenseIndex:
        """The dense index, level with the catalogue; a writer replaces a file that it could not use."""
        dense = self._level_dense(self._read_dense())
        if self._writable:
            self.save_dense(dense)
        return dense

    def build_dense(self) -> DenseIndex:
        """The dense index built anew from the catalogue's vectors, without encoding anything."""
        rows = sorted(self._catalogue.encoded_rows())
        return DenseIndex.build(rows, self._catalogue.vectors_of(rows, self._dimension), self._dimension)

    def save_dense(self, dense: DenseIndex) -> None:
        """Write the index, if it is not what the file holds; a failure costs the next start some time, no more."""
        if dense.large.structure is self._saved:
            return
        path, content = self._folder / "dense.faiss", dense.dump()
        try:
            make_folder(self._folder)
            replace_file(path, content)
            self._note("dense", {"encoder": self._encoder, "sha256": hashlib.sha256(content).hexdigest()})
            self._saved = dense.large.structure
        except OSError as error:
            log.warning("%s cannot be written (%s): the next start builds it from the catalogue", path, error.strerror)

    def _read_dense(self) -> DenseIndex:
        """What the file holds; an empty index if it is missing, damaged or from another encoder."""
        path, known = self._folder / "dense.faiss", self._manifest("dense")
        try:
            if path.is_file():
                content = path.read_bytes()
                if known.get("encoder") != self._encoder or known.get("sha256") != hashlib.sha256(content).hexdigest():
                    raise ValueError("it is damaged or from another encoder")
                dense = DenseIndex.load(content, self._dimension)
                self._saved = dense.large.structure
                return dense
        except (OSError, ValueError) as error:
            log.warning("%s cannot be used (%s): building it from the catalogue", path, error)
        return DenseIndex.empty(self._dimension)

    def _level_dense(self, found: DenseIndex) -> DenseIndex:
        """Catch up on a few rows; build anew if they are many, or some are of another catalogue or a later state."""
        held, rows = found.rows, self._catalogue.encoded_rows()
        if held == rows:
            return found
        if len(held ^ rows) > len(rows) // 4 or max(held) > self._catalogue.last_row:
            return self.build_dense()
        missing = sorted(rows - held)
        return found.changed(held - rows, missing, self._catalogue.vectors_of(missing, self._dimension))

    # The lexical index

    def open_lexical(self) -> LexicalIndex:
        """The lexical index, level with catalogue and lexicon; a reader waits a moment for files that are."""
        lexical = self._open_level() or (None if self._writable else self._awaited())
        try:
            return lexical or (self._rebuild_lexical() if self._writable else self._lexical_in_memory())
        except DamagedIndex as error:
            log.error("lexical index cannot be written (%s): serving it from memory until the next start", error)
            return self._lexical_in_memory()

    def note_lexical(self, lexical: LexicalIndex) -> None:
        """Note the checksums of the index's files, after they were changed for the last time."""
        if not lexical.on_disk:
            return
        try:
            files = verify(self._folder / "lexical")
            self._note("lexical", {**Cut.by(self.tokeniser.lexicon).to_record(), "files": files})
        except DamagedIndex as error:
            log.warning("%s: the next start rebuilds the lexical index", error)

    def retokenise(self, lexical: LexicalIndex, tokeniser: Tokeniser) -> LexicalReader:
        """Cut anew what another tokeniser cuts otherwise; it cuts all that comes from now on, whatever fails here.

        raises  DamagedIndex if the index cannot be written
        """
        cut, self.tokeniser = Cut.by(self.tokeniser.lexicon), tokeniser
        stale = cut.rows_to_retokenise(lexical.reader(), Cut.by(tokeniser.lexicon))
        return self._recut(lexical, cut, frozenset(), stale)

    def _awaited(self) -> LexicalIndex | None:
        """The index beside a writer, once its files belong to one state; None if that takes long."""
        patience = _PATIENCE * (1 + len(self._catalogue.rows()) / _PATIENCE_ROWS)
        until = time.monotonic() + patience
        lexical = None
        while lexical is None and time.monotonic() < until:
            time.sleep(_PAUSE)
            self._catalogue.pin()
            lexical = self._open_level()
        return lexical

    def _lexical_in_memory(self) -> LexicalIndex:
        """An index that needs no disk, for readers whose files lag behind and for writers whose disk fails."""
        lexical = LexicalIndex.in_memory()
        lexical.change((), self._entries(None))
        return lexical

    def _open_level(self) -> LexicalIndex | None:
        """The index on disk, made level if it lags a little behind; None if it is damaged or far off."""
        known = self._manifest("lexical")
        cut, wanted = Cut.noted(known), Cut.by(self.tokeniser.lexicon)
        if cut.rules != wanted.rules:
            return None
        rows = self._catalogue.rows()
        try:
            with ExitStack() as undo:
                noted = dict(known.get("files") or {})
                lexical = LexicalIndex.open(self._folder / "lexical", writable=self._writable, noted=noted)
                undo.callback(lexical.close)
                held = lexical.reader().rows()
                late = held ^ rows | cut.rows_to_retokenise(lexical.reader(), wanted)
                if (late or cut != wanted) and self._writable and len(late) <= len(rows) // 2:
                    late = rows ^ self._recut(lexical, cut, late - rows, late & rows).rows()
                if not late and (self._writable or Cut.noted(self._manifest("lexical")) == cut):
                    undo.pop_all()
                    return lexical
        except DamagedIndex as error:
            if self._writable:
                log.warning("lexical index cannot be used (%s): rebuilding it from the catalogue", error)
        return None

    def _recut(self, lexical: LexicalIndex, cut: Cut, gone: frozenset[int], stale: frozenset[int]) -> LexicalReader:
        """Take rows out and cut rows anew; the manifest never says more of the index than is true of it."""
        wanted = Cut.by(self.tokeniser.lexicon)
        told = lexical.on_disk and cut != wanted
        if told:
            self._note_cut(cut.towards(wanted) if cut.rules == wanted.rules else None)
        reader = lexical.change(gone | stale, self._entries(stale))
        if told:
            self._note_cut(wanted)
        return reader

    def _note_cut(self, cut: Cut | None) -> None:
        """Note how the index is cut; for None, that nothing is known of it."""
        files = self._manifest("lexical").get("files")
        self._note("lexical", {**cut.to_record(), "files": files} if cut else {})

    def _rebuild_lexical(self) -> LexicalIndex:
        self._note("lexical", {})  # until it is finished, it is not to be believed
        discard(self._folder / "lexical")
        with ExitStack() as undo:
            lexical = LexicalIndex.open(self._folder / "lexical", writable=True)
            undo.callback(lexical.close)
            lexical.change((), self._entries(None))
            undo.pop_all()
        self.note_lexical(lexical)
        return lexical

    def _entries(self, rows: frozenset[int] | None) -> Iterator[LexicalEntry]:
        names = {entry.key: entry.names for entry in self._catalogue.documents()}
        for found in self._catalogue.passages(rows):
            passage = found.passage
            yield LexicalEntry(
                found.row, passage.document_id, tokens_of(self.tokeniser, names[found.document_key], passage)
            )

    # The manifest

    def _manifest(self, lexical: str) -> dict[str, Any]:
        """What is noted of an index; nothing if the manifest cannot be read."""
        path = self._folder / "manifest.json"
        try:
            manifest = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
            return dict(manifest[lexical]) if manifest["format"] == FORMAT else {}
        except (OSError, ValueError, KeyError, TypeError, RecursionError):
            return {}

    def _note(self, lexical: str, noted: Mapping[str, Any]) -> None:
        """Change what is noted of an index; without a note the next start rebuilds it."""
        content = {"format": FORMAT} | {name: self._manifest(name) for name in ("dense", "lexical")} | {lexical: noted}
        try:
            make_folder(self._folder)
            replace_file(self._folder / "manifest.json", json.dumps(content, indent=1, sort_keys=True).encode())
        except OSError as error:
            log.warning("%s: the manifest cannot be written (%s)", self._folder, error.strerror)
