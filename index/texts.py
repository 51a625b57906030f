"""What passages and documents say: read from the catalogue by row or entry, the latest kept in memory."""

from collections.abc import Collection
from typing import Final

from corpus.document import Document
from index.snapshot import StaleSnapshot
from index.store.cache import Cache
from index.store.catalogue import Catalogue, DocumentEntry, PassageRow

KEPT_PASSAGES: Final = 4096
KEPT_DOCUMENTS: Final = 256


class Texts:
    """Safe to use from several threads; of one row or entry the text never changes."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue
        self._passages: Cache[int, PassageRow] = Cache(KEPT_PASSAGES)
        self._documents: Cache[int, Document] = Cache(KEPT_DOCUMENTS)

    def passages(self, rows: Collection[int]) -> dict[int, PassageRow]:
        """Passages by row.

        raises  StaleSnapshot if one of them was deleted meanwhile
        """
        found = self._passages.get(rows)
        missing = [row for row in rows if row not in found]
        if missing:
            with self._catalogue.reading():
                read = {passage.row: passage for passage in self._catalogue.passages(missing)}
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
        if found:
            return found[entry.key]
        with self._catalogue.reading():
            document = self._catalogue.document(entry.key)
        if document is None:
            raise StaleSnapshot(f"{entry.id} was replaced or deleted meanwhile")
        self._documents.keep({entry.key: document})
        return document
