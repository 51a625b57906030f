"""Preparing: everything about a document that takes time or may fail, done before anything is changed.

A document is cut into passages, each passage encoded and tokenised; what follows, the change
itself, is then short and has no reason to fail but the disk.
"""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final, Self

import numpy as np
from numpy.typing import NDArray

from corpus.document import Document
from corpus.folding import fold
from corpus.passage import Passage, split
from index.articles import articles_of
from index.encoder.late_interaction import LateInteractionEncoder
from index.encoder.passage_text import encoded_text, heading_of
from index.encoder.text_encoder import Encoder
from index.errors import IndexProblem
from index.lexical.bm25 import Tokens
from index.lexical.tokeniser import Tokeniser
from index.store.catalogue import Catalogue, NewDocument
from index.store.minhash import signature_of
from index.store.originals import Original
from index.store.similar_questions import SimilarQuestions, with_similar_questions
from index.store.token_store import TokenStore
from index.token_vectors import pack

AT_ONCE: Final = 24  # passages that a change waits for; encoding one takes some 40 ms
_UNIT = 0.01  # how far from 1 the length of a vector may be
_ANOTHER = "choose another with RAG_ENCODER"

Vectors = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Prepared:
    """Documents ready to be kept.

    vectors  hash → shape (d,), of every passage that is encoded, with the precision in which they are kept
    unknown  hashes of those that the catalogue does not hold yet
    """

    documents: tuple[NewDocument, ...]
    vectors: Mapping[str, Vectors]
    unknown: frozenset[str]

    @property
    def new_vectors(self) -> dict[str, Vectors]:
        return {digest: self.vectors[digest] for digest in sorted(self.unknown)}

    def with_originals(self, originals: Mapping[str, Original]) -> Self:
        """The same, with the files that the documents were read from, by document id."""
        documents = tuple(replace(new, original=originals.get(new.document.id)) for new in self.documents)
        return replace(self, documents=documents)


NOTHING = Prepared((), {}, frozenset())


def prepare(
    documents: Iterable[Document],
    origin: str,
    encoder: Encoder,
    catalogue: Catalogue,
    similar_questions: SimilarQuestions,
    tokens: TokenStore | None = None,
) -> Prepared:
    """Cut and encode documents; a text whose vector the catalogue holds is not encoded again.

    Where encoding takes long, no more than AT_ONCE passages are encoded here; the others wait
    (see `PassageIndex.encode_waiting`).
    similar_questions  kept beside the documents, by document id
    tokens             where token vectors are kept
    raises   IndexProblem if the encoder gives anything but unit vectors
    """
    new: list[NewDocument] = []
    texts: dict[str, str] = {}
    for document in documents:
        passages = with_similar_questions(document, split(document), similar_questions.get(document.id, ()))
        parts = [encoded_text(document.title, passage) for passage in passages]
        hashes = [content_hash(encoder, part) for part in parts]
        texts |= dict(zip(hashes, parts, strict=True))
        new.append(NewDocument(document, passages, hashes, origin, signature_of(document.text)))
    known = sorted(catalogue.known_hashes(texts))
    wanted = {digest: texts[digest] for digest in texts.keys() - set(known)}
    vectors = dict(zip(known, catalogue.vectors(known, encoder.dimension), strict=True))
    fresh = _encoded_at_once(encoder, wanted, tokens)
    return Prepared(tuple(new), vectors | fresh, frozenset(fresh))


def _encoded_at_once(encoder: Encoder, wanted: Mapping[str, str], tokens: TokenStore | None) -> dict[str, Vectors]:
    """Vectors by hash: those that come with the model, and of the others all, or none where they are too many."""
    if not isinstance(encoder, LateInteractionEncoder):
        return dict(zip(wanted, encode(encoder, list(wanted.values())), strict=True))
    shipped = encoder.shipped.get(wanted)
    if tokens:
        tokens.put({digest: packed for digest, (_, packed) in shipped.items()})
    found = {digest: pooled for digest, (pooled, _) in shipped.items()}
    others = {digest: text for digest, text in wanted.items() if digest not in shipped}
    return found | (encode_tokens(encoder, others, tokens) if len(others) <= AT_ONCE else {})


def encode_tokens(
    encoder: LateInteractionEncoder, texts: Mapping[str, str], tokens: TokenStore | None
) -> dict[str, Vectors]:
    """Encode texts by hash, keep their token vectors, and return the vectors of the wholes."""
    read = encoder.read(list(texts.values()))
    if tokens:
        tokens.put({digest: pack(one.vectors) for digest, one in zip(texts, read, strict=True)})
    kept = (one.pooled.astype(np.float16).astype(np.float32) for one in read)
    return dict(zip(texts, kept, strict=True))


def encode(encoder: Encoder, texts: Sequence[str]) -> Vectors:
    """Encode passages with the precision in which vectors are kept, shape (len(texts), dimension).

    raises  IndexProblem if the encoder gives anything but unit or zero vectors
    """
    if not texts:
        return np.empty((0, encoder.dimension), np.float32)
    vectors = np.asarray(encoder.encode(texts), np.float32)
    if vectors.shape != (len(texts), encoder.dimension):
        expected = (len(texts), encoder.dimension)
        raise IndexProblem(f"encoder {encoder.name} gave shape {vectors.shape}, {expected} was due; {_ANOTHER}")
    lengths = np.linalg.norm(vectors, axis=1)
    if not (np.abs(lengths - 1) < _UNIT)[lengths != 0].all():  # false for NaN and infinity too
        raise IndexProblem(f"encoder {encoder.name} gave vectors that are not of length 1; {_ANOTHER}")
    return vectors.astype(np.float16).astype(np.float32)


def tokens_of(tokeniser: Tokeniser, names: str, passage: Passage) -> Tokens:
    """Tokens of a passage; names are its document's title and aliases."""
    title = fold(heading_of(names, passage.section)).text
    text = fold(passage.text).text
    asked = fold("\n".join(passage.asked)).text
    fields = [cut(part) for part in (title, text, asked) for cut in (tokeniser.words, tokeniser.grams)]
    return Tokens(*map(" ".join, [*fields, articles_of(tokeniser, passage)]))


def tokens_of_all(tokeniser: Tokeniser, prepared: Prepared) -> list[Tokens]:
    """Tokens of every passage of prepared documents, in order."""
    names = {new.document.id: " ".join((new.document.title, *new.document.aliases)) for new in prepared.documents}
    passages = (passage for new in prepared.documents for passage in new.passages)
    return [tokens_of(tokeniser, names[passage.document_id], passage) for passage in passages]


def content_hash(encoder: Encoder, text: str) -> str:
    """Names a vector: the same text under the same encoder need not be encoded twice."""
    return hashlib.sha256(f"{encoder.fingerprint}\n{text}".encode()).hexdigest()
