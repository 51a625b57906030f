"""Passages as relevance sees them: tokens and vector of each sentence, and what kinds of answer it holds."""

import zlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from corpus.folding import fold
from corpus.passage import Passage
from corpus.sentences import sentence_spans
from index.encoder import Encoder
from index.tokens import Tokeniser
from rag.likeness import Likeness, Pieces
from rag.wants import Want, holds_of

MARKS = 24  # checksums of tokens by which passages are compared first


@dataclass(frozen=True, slots=True)
class SentenceView:
    """One sentence: its span in the document, its folded text and tokens, what it could answer."""

    start: int
    end: int
    text: str
    tokens: frozenset[str]
    holds: frozenset[Want]


@dataclass(frozen=True, slots=True)
class BareView:
    """A passage without the names of its document: what is said of it.

    tokens    of its sentences and its own heading
    vectors   one row a sentence, shape (n, d), unit length, zeros where nothing is left
    asked     tokens of each way of asking for it
    pieces    all of it, for likeness
    """

    tokens: frozenset[str]
    vectors: NDArray[np.float32]
    asked: tuple[frozenset[str], ...]
    pieces: Pieces


@dataclass(frozen=True, slots=True)
class PassageView:
    """One passage.

    heading    tokens of the document's names and the heading path
    tokens     tokens of the passage itself
    text       heading and passage, folded: names are looked for in it
    vectors    one row a sentence, shape (n, d), unit length
    asked      tokens of each way of asking for the passage, with their vectors, shape (m, d)
    marks      the lowest checksums of its tokens: two passages share about as many of them as of their tokens
    """

    heading: frozenset[str]
    sentences: tuple[SentenceView, ...]
    tokens: frozenset[str]
    text: str
    vectors: NDArray[np.float32]
    asked: tuple[frozenset[str], ...]
    asked_vectors: NDArray[np.float32]
    bare: BareView
    marks: frozenset[int] = frozenset()


class Viewer:
    """Looks at a passage once; what it sees never changes and may be cached by row."""

    def __init__(self, tokeniser: Tokeniser, encoder: Encoder, likeness: Likeness) -> None:
        self._tokeniser = tokeniser
        self._encoder = encoder
        self._likeness = likeness

    def view(self, passage: Passage, heading: str, names: tuple[str, ...]) -> PassageView:
        """heading  the document's names and the heading path; names  of the document, folded"""
        spans = sentence_spans(passage.text)
        texts = [passage.text[start:end] for start, end in spans]
        folded = [fold(text).text for text in texts]
        asked = [fold(question).text for question in passage.asked]
        sentences = tuple(
            SentenceView(passage.start + start, passage.start + end, text, self._tokens(text), holds_of(text))
            for (start, end), text in zip(spans, folded, strict=True)
        )
        tokens = frozenset[str]().union(*(sentence.tokens for sentence in sentences))
        return PassageView(
            heading=self._tokens(fold(heading).text),
            sentences=sentences,
            tokens=tokens,
            text=fold(f"{heading} {passage.text}").text,
            vectors=self._encoder.encode(texts),
            asked=tuple(map(self._tokens, asked)),
            asked_vectors=self._encoder.encode(list(passage.asked)),
            bare=self._bare(passage, folded, asked, names),
            marks=frozenset(sorted(zlib.crc32(token.encode()) for token in tokens)[:MARKS]),
        )

    def _bare(self, passage: Passage, folded: list[str], asked: list[str], names: tuple[str, ...]) -> BareView:
        known = sorted((name for name in names if len(name) > 1), key=len, reverse=True)
        sentences = [_without(text, known) for text in folded]
        heading = fold(" ".join(passage.section)).text
        ways = [_without(question, known) for question in asked]
        return BareView(
            tokens=frozenset().union(*map(self._tokens, (*sentences, heading))),
            vectors=self._encoder.encode(sentences),
            asked=tuple(map(self._tokens, ways)),
            pieces=self._likeness.pieces(sentences, heading, ways),
        )

    def _tokens(self, folded: str) -> frozenset[str]:
        return tokens_of(folded, self._tokeniser)


def tokens_of(folded: str, tokeniser: Tokeniser) -> frozenset[str]:
    """Words and pairs of characters in one set; a single character counts where it is a word of its own."""
    pairs = (gram for gram in tokeniser.grams(folded) if len(gram) > 1)
    return frozenset(tokeniser.words(folded)).union(pairs)


def _without(folded: str, names: Sequence[str]) -> str:
    for name in names:
        folded = folded.replace(name, " ")
    return folded
