"""Building: bring an index up to the bundled corpus, the encoder and the splitter of today."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from corpus.document import Document
from index.binding import binding, is_bound
from index.encoder.text_encoder import Encoder
from index.lexical.tokeniser import Tokeniser
from index.passage_index import CATALOGUE, PassageIndex
from index.preparing import Vectors, prepare
from index.store.catalogue import Catalogue, NewDocument
from index.store.lock import take_lock
from index.store.similar_questions import by_document

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


def build(home: Path, encoder: Encoder, tokeniser: Tokeniser, bundle: Sequence[Document], progress: Progress) -> Built:
    """Make the index at home hold the bundle (and whatever users added), encoded and cut as now.

    Idempotent, and safe to interrupt: what was committed stays, the rest is done by the next build.
    A bundled document that a user replaced or deleted stays as the user left it. An empty bundle
    leaves the bundled documents that are there.
    """
    encoded_anew = refit(home, encoder, progress)
    index = PassageIndex.open(home, encoder, tokeniser, writable=True)
    try:
        known, withdrawn = index.snapshot.documents, index.withdrawn()
        ours = {document_id for document_id, entry in known.items() if entry.origin == "bundled"}
        wanted = {one.id: one for one in bundle if one.id not in withdrawn and (one.id in ours or one.id not in known)}
        stale = [
            one for one in wanted.values() if one.id not in known or known[one.id].content_hash != one.content_hash
        ]
        gone = ours - wanted.keys() if bundle else set()
        replaced = sum(document.id in known for document in stale)
        put_all(index, stale, "bundled", progress)
        index.remove(gone, origin="bundled")
        encode_all(index, progress)
        return Built(
            added=len(stale) - replaced,
            replaced=replaced,
            removed=len(gone),
            unchanged=len(wanted) - len(stale),
            encoded_anew=encoded_anew,
            passages=len(index.snapshot.lexical),
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


def encode_all(index: PassageIndex, progress: Progress) -> None:
    """Encode every passage that waits for it."""
    total = index.waiting
    while index.encode_waiting():
        progress("encoding passages", total - index.waiting, total)


def refit(home: Path, encoder: Encoder, progress: Progress) -> int:
    """Cut and encode every document anew if the catalogue was filled by another encoder or splitter.

    All in one transaction: an interrupted refit leaves the catalogue as it was.
    returns  how many documents were done; 0 if all was in order
    """
    if not (home / CATALOGUE).exists():
        return 0
    with take_lock(home):
        catalogue = Catalogue(home / CATALOGUE, writable=True)
        try:
            return _refit(catalogue, encoder, progress) if is_bound(catalogue, encoder) is False else 0
        finally:
            catalogue.close()


def _refit(catalogue: Catalogue, encoder: Encoder, progress: Progress) -> int:
    similar_questions = by_document(catalogue.similar_questions())

    def recut(documents: Sequence[Document]) -> tuple[Sequence[NewDocument], Mapping[str, Vectors]]:
        prepared = prepare(documents, "", encoder, catalogue, similar_questions)
        return prepared.documents, prepared.new_vectors

    facts = binding(encoder) | {"encoder_name": encoder.name}
    return catalogue.recut(recut, BATCH, facts, lambda done, total: progress("encoding anew", done, total))
