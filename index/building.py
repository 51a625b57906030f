"""Building: bring an index up to the bundled corpus, the encoder and the splitter of today."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from corpus.document import Document
from corpus.passage import split
from index.catalogue import Catalogue, NewDocument
from index.encoder import Encoder
from index.errors import IndexUnusable
from index.passage_index import CATALOGUE, PassageIndex, binding, content_hash, encoded_text, take_lock
from index.tokens import Tokeniser

BATCH = 128  # documents committed at once

Progress = Callable[[str, int, int], None]  # what, done, of how many


@dataclass(frozen=True, slots=True)
class Built:
    """What a build did, in documents; passages is the index's total afterwards."""

    added: int
    replaced: int
    removed: int
    unchanged: int
    encoded_anew: int
    passages: int
    generation: int

    @property
    def changed(self) -> bool:
        return bool(self.added or self.replaced or self.removed or self.encoded_anew)


def build(
    home: Path, encoder: Encoder, tokeniser: Tokeniser, bundle: Sequence[Document], progress: Progress
) -> Built:
    """Make the index at home hold the bundle (and whatever users added), encoded and cut as now.

    Idempotent, and safe to interrupt: what was committed stays, the rest is done by the next build.
    A bundled document that a user replaced or deleted stays as the user left it.
    """
    encoded_anew = refit(home, encoder, progress)
    index = PassageIndex.open(home, encoder, tokeniser, writable=True)
    try:
        known = index.snapshot.documents
        withdrawn = index.withdrawn()
        wanted = {document.id: document for document in bundle if document.id not in withdrawn}
        stale = [
            document
            for document in wanted.values()
            if document.id not in known
            or (known[document.id].origin == "bundled" and known[document.id].content_hash != document.content_hash)
        ]
        gone = [entry.id for entry in known.values() if entry.origin == "bundled" and entry.id not in wanted] if bundle else []
        replaced = sum(document.id in known for document in stale)
        put_all(index, stale, "bundled", progress)
        index.remove(gone)
        return Built(
            added=len(stale) - replaced,
            replaced=replaced,
            removed=len(gone),
            unchanged=len(wanted) - len(stale),
            encoded_anew=encoded_anew,
            passages=len(index.snapshot.dense),
            generation=index.snapshot.generation,
        )
    finally:
        index.close()


def put_all(index: PassageIndex, documents: Iterable[Document], origin: str, progress: Progress) -> int:
    """Add many documents, a batch in one transaction. Returns the generation."""
    documents = list(documents)
    for start in range(0, len(documents), BATCH):
        progress("indexing documents", start, len(documents))
        index.put(documents[start : start + BATCH], origin=origin)
    if documents:
        progress("indexing documents", len(documents), len(documents))
    return index.snapshot.generation


def refit(home: Path, encoder: Encoder, progress: Progress) -> int:
    """Cut and encode every document anew if the catalogue was filled by another encoder or splitter.

    returns  how many documents were done; 0 if all was in order
    """
    if not (home / CATALOGUE).exists():
        return 0
    with take_lock(home):
        catalogue = Catalogue(home / CATALOGUE, writable=True)
        try:
            bound = {name: catalogue.fact(name) for name in binding(encoder)}
            if bound == binding(encoder) or bound["encoder"] is None:
                return 0
            return _refit(catalogue, encoder, progress)
        finally:
            catalogue.close()


def _refit(catalogue: Catalogue, encoder: Encoder, progress: Progress) -> int:
    """All in one transaction at the end: an interrupted refit leaves the catalogue as it was."""
    entries = list(catalogue.documents())
    new: list[NewDocument] = []
    vectors: dict[str, NDArray[np.float32]] = {}
    for done, entry in enumerate(entries):
        progress("encoding anew", done, len(entries))
        document = catalogue.document(entry.key)
        if document is None:
            raise IndexUnusable(catalogue.folder, f"document {entry.id} has no record")
        passages = split(document)
        texts = [encoded_text(document.title, passage) for passage in passages]
        hashes = [content_hash(encoder, text) for text in texts]
        vectors |= dict(zip(hashes, encoder.encode(texts), strict=True))
        new.append(NewDocument(document, passages, hashes, entry.origin))
    facts = binding(encoder)
    catalogue.change([entry.id for entry in entries], new, vectors, facts=facts)
    progress("encoding anew", len(entries), len(entries))
    return len(entries)
