"""Snapshots: what one question sees of the index from start to end."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from index.catalogue import DocumentEntry
from index.dense import DenseLeg
from index.lexical import LexicalReader
from index.tokens import Tokeniser


class StaleSnapshot(LookupError):
    """A passage was deleted while a question on an older snapshot ran; ask again on the current one."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """One unchanging state of the index.

    documents  by id, in the order in which they were added
    rows       of the passages of each document that has any, by the document's key
    tokeniser  the one that cut every passage of the lexical leg, with its lexicon
    """

    generation: int
    documents: Mapping[str, DocumentEntry]
    rows: Mapping[int, range]
    dense: DenseLeg
    lexical: LexicalReader
    tokeniser: Tokeniser

    def rows_of(self, document_ids: Collection[str]) -> frozenset[int]:
        """Rows of the passages of these documents; unknown ids are ignored."""
        entries = (self.documents.get(document_id) for document_id in document_ids)
        return frozenset().union(*(self.rows.get(entry.key, ()) for entry in entries if entry))
