"""The derived files: both legs on disk, checked before use and rebuilt from the catalogue when in doubt.

    RAG_HOME/
    ├── catalogue.sqlite     the truth
    ├── writer.lock          held by the one process that writes
    └── derived/             may be deleted at any time
        ├── manifest.json    what the files were made with, and the dense file's SHA-256
        ├── dense.faiss
        └── lexical/         tantivy's files, each closed by its own checksum
"""

import hashlib
import json
import logging
import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from corpus.folding import fold
from index.catalogue import Catalogue, PassageRow
from index.dense import DenseLeg
from index.lexical import DamagedLeg, Entry, LexicalLeg, discard
from index.tokens import Tokeniser

FORMAT = 1

log = logging.getLogger(__name__)


class DerivedFiles:
    """Opens, rebuilds and saves the legs of one catalogue."""

    def __init__(self, home: Path, catalogue: Catalogue, tokeniser: Tokeniser, encoder: str, dimension: int) -> None:
        """encoder is the fingerprint, dimension the length of its vectors."""
        self._folder = home / "derived"
        self._catalogue = catalogue
        self._tokeniser = tokeniser
        self._encoder = encoder
        self._dimension = dimension

    def open_dense(self) -> DenseLeg:
        """The dense leg, level with the catalogue."""
        path = self._folder / "dense.faiss"
        known = self._manifest().get("dense", {})
        if path.exists() and known.get("encoder") == self._encoder and known.get("sha256") == _sha256(path):
            leg = DenseLeg.load(path, self._dimension)
        else:
            if path.exists() or known:
                log.warning("dense leg is missing, damaged or from another encoder: rebuilding it from the catalogue")
            leg = DenseLeg.build([], self._catalogue.vectors([], self._dimension), self._dimension)
        rows = self._catalogue.rows()
        if leg.rows == rows:
            return leg
        return self.compact_dense() if abs(len(leg) - len(rows)) > len(leg) // 2 else self._catch_up_dense(leg, rows)

    def compact_dense(self) -> DenseLeg:
        """The dense leg built anew from the catalogue's vectors, without encoding anything."""
        rows = [(found.row, found.hash) for found in self._catalogue.passages()]
        vectors = self._catalogue.vectors([digest for _, digest in rows], self._dimension)
        return DenseLeg.build([row for row, _ in rows], vectors, self._dimension)

    def save_dense(self, leg: DenseLeg) -> None:
        """Write the leg and bind it to the encoder and its checksum."""
        self._folder.mkdir(parents=True, exist_ok=True)
        path = self._folder / "dense.faiss"
        leg.save(path)
        self._note(dense={"encoder": self._encoder, "sha256": _sha256(path)})

    def open_lexical(self, *, writable: bool) -> LexicalLeg:
        """The lexical leg, level with the catalogue; a reader gets one in memory where the files lag behind."""
        folder = self._folder / "lexical"
        rows = self._catalogue.rows()
        try:
            if self._manifest().get("lexical", {}).get("tokeniser") != self._tokeniser.fingerprint:
                raise DamagedLeg("it was made with other tokens")
            leg = LexicalLeg.open(folder, writable=writable)
            found = leg.reader().rows()
            if found == rows or (writable and abs(len(found) - len(rows)) <= len(found) // 2):
                if found != rows:
                    leg.change(found - rows, self._entries(rows - found))
                return leg
            leg.close()
        except DamagedLeg as error:
            if folder.exists():
                log.warning("lexical leg cannot be used (%s): rebuilding it from the catalogue", error)
        return self._rebuild_lexical(folder, writable=writable)

    def lexical_in_memory(self) -> LexicalLeg:
        """A leg that needs no disk, for readers whose files lag behind and for writers whose disk fails."""
        leg = LexicalLeg.in_memory()
        leg.change((), self._entries(None))
        return leg

    def entry(self, found: PassageRow, heading: str) -> Entry:
        """Tokens of one passage; heading is the document's title and aliases with the heading path."""
        text = fold(found.passage.text).text
        title = fold(heading).text
        return Entry(
            row=found.row,
            document_id=found.passage.document_id,
            heading_words=self._tokeniser.words(title),
            heading_grams=self._tokeniser.grams(title),
            words=self._tokeniser.words(text),
            grams=self._tokeniser.grams(text),
        )

    def _rebuild_lexical(self, folder: Path, *, writable: bool) -> LexicalLeg:
        if not writable:
            return self.lexical_in_memory()
        discard(folder)
        leg = LexicalLeg.open(folder, writable=True)
        leg.change((), self._entries(None))
        self._note(lexical={"tokeniser": self._tokeniser.fingerprint})
        return leg

    def _entries(self, rows: Iterable[int] | None) -> Iterator[Entry]:
        headings = {entry.key: entry.names for entry in self._catalogue.documents()}
        for found in self._catalogue.passages(None if rows is None else frozenset(rows)):
            yield self.entry(found, heading_of(headings[found.document_key], found.passage.section))

    def _catch_up_dense(self, leg: DenseLeg, rows: frozenset[int]) -> DenseLeg:
        missing = list(self._catalogue.passages(rows - leg.rows))
        vectors = self._catalogue.vectors([found.hash for found in missing], self._dimension)
        return leg.changed(leg.rows - rows, [found.row for found in missing], vectors)

    def _manifest(self) -> dict[str, Any]:
        try:
            manifest = json.loads((self._folder / "manifest.json").read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}
        return manifest if isinstance(manifest, dict) and manifest.get("format") == FORMAT else {}

    def _note(self, **parts: dict[str, str]) -> None:
        """Change parts of the manifest; the file is replaced atomically."""
        manifest = {"format": FORMAT, **self._manifest(), **parts}
        scratch = self._folder / "manifest.new"
        self._folder.mkdir(parents=True, exist_ok=True)
        scratch.write_text(json.dumps(manifest, indent=1, sort_keys=True), encoding="utf-8")
        os.replace(scratch, self._folder / "manifest.json")


def heading_of(names: str, section: tuple[str, ...]) -> str:
    """What is searched of a passage's heading: the document's title and aliases, then the heading path."""
    return " ".join((names, *section))


def _sha256(path: Path) -> str:
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
