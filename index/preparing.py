"""Preparing: everything about a document that takes time or may fail, done before anything is changed.

A document is cut into passages, each passage encoded and tokenised; what follows, the change
itself, is then short and has no reason to fail but the disk.
"""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Self

import numpy as np
from numpy.typing import NDArray

from corpus.document import Document
from corpus.folding import fold
from corpus.passage import Passage, split
from index.encoder.text_encoder import Encoder
from index.errors import IndexProblem
from index.lexical.bm25 import Tokens
from index.lexical.tokeniser import Tokeniser
from index.store.catalogue import Catalogue, NewDocument
from index.store.minhash import signature_of
from index.store.originals import Original
from index.store.similar_questions import SimilarQuestions, with_similar_questions

_UNIT = 0.01  # how far from 1 the length of a vector may be
_ANOTHER = "choose another with RAG_ENCODER"

Vectors = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Prepared:
    """Documents ready to be kept.

    vectors  hash → shape (d,), of every passage, with the precision in which they are kept
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
) -> Prepared:
    """Cut and encode documents; a text whose vector the catalogue holds is not encoded again.

    similar questions  similar questions kept beside the documents, by document id
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
    unknown = [digest for digest in texts if digest not in set(known)]
    vectors = dict(zip(known, catalogue.vectors(known, encoder.dimension), strict=True))
    vectors |= zip(unknown, encode(encoder, [texts[digest] for digest in unknown]), strict=True)
    return Prepared(tuple(new), vectors, frozenset(unknown))


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
    return Tokens(*map(" ".join, fields))


def tokens_of_all(tokeniser: Tokeniser, prepared: Prepared) -> list[Tokens]:
    """Tokens of every passage of prepared documents, in order."""
    names = {new.document.id: " ".join((new.document.title, *new.document.aliases)) for new in prepared.documents}
    passages = (passage for new in prepared.documents for passage in new.passages)
    return [tokens_of(tokeniser, names[passage.document_id], passage) for passage in passages]


def heading_of(names: str, section: tuple[str, ...]) -> str:
    """What is searched of a passage's heading: the document's title and aliases, then the heading path."""
    return " ".join((names, *section))


def encoded_text(title: str, passage: Passage) -> str:
    """What the encoder sees of a passage: its title and heading path say what the text may leave out."""
    return "。".join((title, *passage.section, passage.text))


def content_hash(encoder: Encoder, text: str) -> str:
    """Names a vector: the same text under the same encoder need not be encoded twice."""
    return hashlib.sha256(f"{encoder.fingerprint}\n{text}".encode()).hexdigest()
