"""Passages as relevance sees them: tokens and vector of each sentence, and what kinds of answer it holds."""

import re
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from corpus.folding import fold
from corpus.sentences import sentence_spans
from index.catalogue import PassageRow
from index.encoder import Encoder
from index.tokens import Tokeniser
from rag.question import Want

_NUMBER = re.compile(r"\d")
_TIME = re.compile(r"\d{4}年|\d{1,2}月|\d{1,2}日|年初|年底|年末|世纪|年代")


@dataclass(frozen=True, slots=True)
class SentenceView:
    """One sentence: its span in the document, its tokens, what it could answer."""

    start: int
    end: int
    tokens: frozenset[str]
    holds: frozenset[Want]


@dataclass(frozen=True, slots=True)
class PassageView:
    """One passage.

    heading    tokens of the document's names and the heading path
    tokens     tokens of the passage itself
    text       heading and passage, folded: names are looked for in it
    vectors    one row a sentence, shape (n, d), unit length
    asked      tokens of each way of asking for the passage, with their vectors, shape (m, d)
    """

    heading: frozenset[str]
    sentences: tuple[SentenceView, ...]
    tokens: frozenset[str]
    text: str
    vectors: NDArray[np.float32]
    asked: tuple[frozenset[str], ...]
    asked_vectors: NDArray[np.float32]


def view(found: PassageRow, heading: str, tokeniser: Tokeniser, encoder: Encoder) -> PassageView:
    """Look at a passage once; the result never changes and may be cached by row."""
    passage = found.passage
    spans = sentence_spans(passage.text)
    texts = [passage.text[start:end] for start, end in spans]
    sentences = []
    for (start, end), text in zip(spans, texts, strict=True):
        folded = fold(text).text
        tokens = tokens_of(folded, tokeniser)
        sentences.append(SentenceView(passage.start + start, passage.start + end, tokens, _holds(folded)))
    return PassageView(
        heading=tokens_of(fold(heading).text, tokeniser),
        sentences=tuple(sentences),
        tokens=frozenset().union(*(sentence.tokens for sentence in sentences)),
        text=fold(f"{heading} {passage.text}").text,
        vectors=encoder.encode(texts),
        asked=tuple(tokens_of(fold(question).text, tokeniser) for question in passage.asked),
        asked_vectors=encoder.encode(list(passage.asked)),
    )


def tokens_of(folded: str, tokeniser: Tokeniser) -> frozenset[str]:
    """Words and pairs of characters in one set; a single character counts where it is a word of its own."""
    pairs = (gram for gram in tokeniser.grams(folded) if len(gram) > 1)
    return frozenset(tokeniser.words(folded)).union(pairs)


def _holds(folded: str) -> frozenset[Want]:
    holds: set[Want] = set()
    if _NUMBER.search(folded):
        holds.add("number")
    if _TIME.search(folded):
        holds.add("time")
    return frozenset(holds)
