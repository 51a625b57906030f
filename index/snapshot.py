"""Snapshots: one unchanging state of the index, on which a question works from start to end."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from index.dense import DenseIndex
from index.lexical.bm25 import LexicalReader
from index.lexical.tokeniser import Tokeniser
from index.store.catalogue import Change, DocumentEntry
from index.store.near_duplicates import NOTHING_NEAR, Near, with_pairs
from index.store.similar_questions import SimilarQuestions


class StaleSnapshot(LookupError):
    """A passage was deleted while a question on an older snapshot ran; ask again on the current one."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """One unchanging state of the index.

    documents  by id, in the order in which they were added
    rows       of the passages of each document that has any, by the document's key
    near       resemblance of near duplicates, by the ids of both; documents without any are left out
    similar questions    similar questions kept beside the documents, those of documents that are gone included
    tokeniser  the one that cut every passage of the lexical index, with its lexicon
    """

    generation: int
    documents: Mapping[str, DocumentEntry]
    rows: Mapping[int, range]
    dense: DenseIndex
    lexical: LexicalReader
    near: Near
    similar_questions: SimilarQuestions
    tokeniser: Tokeniser

    def rows_of(self, document_ids: Collection[str]) -> frozenset[int]:
        """Rows of the passages of these documents; unknown ids are ignored."""
        entries = (self.documents.get(document_id) for document_id in document_ids)
        return frozenset().union(*(self.rows.get(entry.key, ()) for entry in entries if entry))

    def near_to(self, document_id: str) -> dict[DocumentEntry, float]:
        """The near duplicates of a document with their resemblance (0–1), the most alike first, then by age."""
        found = self.near.get(document_id, NOTHING_NEAR)
        entries = sorted((self.documents[one] for one in found), key=lambda entry: (-found[entry.id], entry.key))
        return {entry: found[entry.id] for entry in entries}

    def after(self, change: Change, dense: DenseIndex, lexical: LexicalReader) -> "Snapshot":
        """The snapshot after a change; the indexes have carried it already."""
        documents, rows = dict(self.documents), dict(self.rows)
        for document_id in change.removed_documents:
            rows.pop(documents.pop(document_id).key, None)
        documents |= {entry.id: entry for entry in change.added_documents}
        for found in change.added_passages:
            rows.pop(found.document_key, None)  # a document that stays may have been given new passages
        for found in change.added_passages:
            rows[found.document_key] = range(rows.get(found.document_key, range(found.row, 0)).start, found.row + 1)
        near = with_pairs(self.near, change.removed_documents, change.near)
        similar_questions = {
            name: held for name, held in {**self.similar_questions, **change.similar_questions}.items() if held
        }
        return Snapshot(change.generation, documents, rows, dense, lexical, near, similar_questions, self.tokeniser)
