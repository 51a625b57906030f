"""Originals: the files that documents were read from, kept beside the catalogue and deleted with their documents.

A file is on the disk before the catalogue names it, and leaves the disk after the catalogue has
forgotten it; what a crash leaves in between is swept when the service starts.
"""

import threading
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from corpus.document import Document
from corpus.reading import OriginalFile
from index.passage_index import PassageIndex
from index.store.blobs import Blobs
from index.store.originals import Original

FOLDER = "originals"


@dataclass(frozen=True, slots=True)
class Fetched:
    """An original: its name, its media type as the sender told it, and its bytes."""

    name: str
    media_type: str
    content: bytes


class Originals:
    """Changes documents and files together. `on` is whether the bytes of new files are kept."""

    def __init__(self, home: Path, index: PassageIndex, *, on: bool) -> None:
        self._blobs = Blobs(home / FOLDER)
        self._index = index
        self._on = on
        self._changing = threading.RLock()  # no file goes while a change that needs it is under way

    def sweep(self) -> int:
        """Delete files that no document needs. Returns how many."""
        with self._changing:
            return self._blobs.sweep(self._index.original_digests())

    def noted(self, files: Sequence[OriginalFile], place: str = "") -> dict[str, Original]:
        """Keep files; what the catalogue is to note of them, by document id. Call `put` with it, or `sweep`.

        raises  StorageFull, IndexUnusable
        """
        noted = {}
        for file in files:
            digest = self._blobs.keep(file.raw) if self._on else ""
            original = Original(
                digest=digest,
                size=len(file.raw),
                name=_storable(file.name),
                media_type=_storable(file.media_type),
                title=_storable(file.title),
                given_id=file.given_id,
                fallback_id=file.fallback_id,
                place=place,
            )
            noted.update(dict.fromkeys(file.ids, original))
        return noted

    def put(self, documents: Sequence[Document], originals: Mapping[str, Original]) -> int:
        """Put documents into the index with what is noted of their files. Returns the generation.

        raises  what `PassageIndex.put` raises; nothing is changed then
        """
        with self._changing:
            going = self._index.original_digests([document.id for document in documents])
            going |= {original.digest for original in originals.values()}
            try:
                return self._index.put(documents, originals=originals)
            finally:
                self._drop(going)

    def keep(self, documents: Sequence[Document], files: Sequence[OriginalFile]) -> int:
        """Keep files and put the documents that were read from them. Returns the generation."""
        with self._changing:
            return self.put(documents, self.noted(files))

    def remove(self, document_ids: Collection[str]) -> int:
        """Delete documents, and the files that no other document was read from. Returns the generation."""
        with self._changing:
            going = self._index.original_digests(document_ids)
            generation = self._index.remove(document_ids)
            self._drop(going)
            return generation

    def fetch(self, document_id: str) -> Fetched | None:
        """The original of a document, or of the one that it was found in; None where none is kept."""
        original = self.of(document_id)
        content = self._blobs.read(original.digest) if original else None
        return Fetched(original.name, original.media_type, content) if original and content is not None else None

    def of(self, document_id: str) -> Original | None:
        """What is noted of a document's file, or of the file of the document that it was found in."""
        entry = self._index.snapshot.documents.get(document_id)
        original = self._index.original(entry) if entry else None
        if original is None and entry and entry.parent:
            return self.of(entry.parent) if entry.parent != document_id else None
        return original

    def content(self, original: Original) -> bytes | None:
        """The bytes of a file; None where they are not kept, or damaged."""
        return self._blobs.read(original.digest)

    def totals(self) -> tuple[int, int]:
        """How many files are kept, and their bytes."""
        return self._index.original_totals()

    def _drop(self, going: Collection[str]) -> None:
        """Delete those of the files that no document needs any more."""
        if going:
            self._blobs.drop(self._index.unused_digests(going))


def _storable(text: str) -> str:
    """Text without halves of surrogate pairs, which a file name may hold."""
    return text.encode("utf-8", "replace").decode()
