"""What goes into the catalogue and what comes out of it."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from corpus.document import Document
from corpus.passage import Passage
from index.store.minhash import Signature
from index.store.originals import Original
from index.store.similar_questions import SimilarQuestion

NearPair = tuple[str, str, float]


@dataclass(frozen=True, slots=True)
class NewDocument:
    """A document ready to be kept.

    hashes  pair by pair with the passages: the hash of what was encoded of each
    signature  of the whole text, by `signature_of`; empty if it is too short to have near duplicates
    original  the file it was read from, if that is known
    """

    document: Document
    passages: Sequence[Passage]
    hashes: Sequence[str]
    origin: str
    signature: Signature = b""
    original: Original | None = None

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
    """What an acknowledged change did: documents (by id) and rows that went, entries and passages that came.

    near     two ids and their resemblance, for each new document and each of its near duplicates
    similar questions  the similar questions kept now of each document whose similar questions changed
    """

    generation: int
    removed_documents: frozenset[str]
    removed_rows: frozenset[int]
    added_documents: tuple[DocumentEntry, ...]
    added_passages: tuple[PassageRow, ...]
    near: tuple[NearPair, ...] = ()
    similar_questions: Mapping[str, Sequence[SimilarQuestion]] = field(default_factory=dict)


def header_of(document: Document) -> str:
    """What is shown and filtered by without reading the whole document, as JSON."""
    dates = sorted(source.date for source in document.sources.values() if source.date)
    header = {
        "title": document.title,
        "aliases": document.aliases,
        "kind": document.kind,
        "districts": document.districts,
        "date": dates[-1] if dates else "",
        "characters": len(document.text),
    }
    return json.dumps(header, ensure_ascii=False)


def entry_of(
    key: int, document_id: str, parent: str | None, origin: str, content_hash: str, generation: int, header: str
) -> DocumentEntry:
    """The entry of a row of the catalogue."""
    shown = json.loads(header)
    return DocumentEntry(
        key=key,
        id=document_id,
        title=shown["title"],
        parent=parent,
        origin=origin,
        kind=shown["kind"],
        districts=tuple(shown["districts"]),
        aliases=tuple(shown["aliases"]),
        date=shown["date"],
        characters=shown["characters"],
        content_hash=content_hash,
        generation=generation,
    )
