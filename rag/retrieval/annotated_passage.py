"""Passages as relevance sees them: tokens and vectors of their pieces, and what kinds of answer they hold."""

import re
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Final

import numpy as np
from numpy.typing import NDArray

from corpus.folding import fold
from corpus.passage import Passage
from corpus.sentences import sentence_spans
from index.encoder.text_encoder import Encoder
from index.lexical.tokeniser import Tokeniser
from rag.query.answer_type_words import AnswerCue, cues_held
from rag.query.question import tokens_of
from rag.retrieval.maxsim import MaxSim, Pieces
from rag.retrieval.occurrences import Occurrences

_PAUSE = re.compile("[,;:，；：()（）]")

MARKS = 24  # checksums of tokens by which passages are compared first


class Piece:
    """Parts of a passage that are looked at, as numbers. A bare one lacks the names of the document.

    HEADING   the document's names and the heading path
    TEXT      all sentences together
    MATTER    what is said: sentences and own heading, bare, and all similar questions
    SENTENCE  each sentence
    BARE      each sentence, bare
    ASKED     each similar question for the passage
    WAY       each similar question, bare
    CLAUSE    each clause, bare
    """

    HEADING: Final = 0
    TEXT: Final = 1
    MATTER: Final = 2
    SENTENCE: Final = 3
    BARE: Final = 4
    ASKED: Final = 5
    WAY: Final = 6
    CLAUSE: Final = 7


Kinds = NDArray[np.int8]


@dataclass(frozen=True, slots=True)
class AnnotatedSentence:
    """One sentence: its span in the document, its folded text, what it could answer, its clauses, bare."""

    start: int
    end: int
    text: str
    holds: frozenset[AnswerCue]
    clauses: tuple[str, ...]


@dataclass(frozen=True, slots=True, eq=False)
class AnnotatedPassage:
    """One passage.

    text              heading and passage, folded: names are looked for in it
    tokens            of HEADING, TEXT, MATTER, each SENTENCE and each WAY
    token_kinds       which Piece each of these is, shape (p,)
    vectors           of each SENTENCE, BARE, ASKED and CLAUSE, shape (n, d), unit length, zeros where nothing is left
    vector_kinds      which Piece each of these is, shape (n,)
    like              the bare pieces, for similarity
    marks             the lowest checksums of its tokens: two passages share about as many of them as of their tokens
    """

    sentences: tuple[AnnotatedSentence, ...]
    text: str
    tokens: Occurrences
    token_kinds: Kinds
    vectors: NDArray[np.float32]
    vector_kinds: Kinds
    like: Pieces
    marks: frozenset[int] = frozenset()

    @property
    def ways(self) -> int:
        """How many similar questions there are for it."""
        return int(np.count_nonzero(self.vector_kinds == Piece.ASKED))


class Annotator:
    """Looks at a passage once; what it sees never changes and may be cached by row."""

    def __init__(self, tokeniser: Tokeniser, encoder: Encoder, maxsim: MaxSim) -> None:
        self._tokeniser = tokeniser
        self._encoder = encoder
        self._maxsim = maxsim

    def annotate(self, passage: Passage, heading: str, names: tuple[str, ...]) -> AnnotatedPassage:
        """heading  the document's names and the heading path; names  of the document, folded"""
        spans = sentence_spans(passage.text)
        texts = [passage.text[start:end] for start, end in spans]
        folded = [fold(text).text for text in texts]
        known = sorted((name for name in names if len(name) > 1), key=len, reverse=True)
        bare = [_without(text, known) for text in folded]
        clauses = [_clauses(text) for text in bare]
        ways = [_without(fold(question).text, known) for question in passage.asked]
        own = fold(" ".join(passage.section)).text
        tokens = self._pieces(fold(heading).text, folded, [*bare, own], ways)
        return AnnotatedPassage(
            sentences=tuple(
                AnnotatedSentence(passage.start + start, passage.start + end, text, cues_held(text), parts)
                for (start, end), text, parts in zip(spans, folded, clauses, strict=True)
            ),
            text=fold(f"{heading} {passage.text}").text,
            tokens=Occurrences.of(tokens),
            token_kinds=token_kinds(len(texts), len(ways)),
            vectors=self._encoder.encode([*texts, *bare, *passage.asked, *chain(*clauses)]),
            vector_kinds=vector_kinds(len(texts), len(ways), sum(map(len, clauses))),
            like=self._maxsim.pieces(bare, own, ways),
            marks=frozenset(sorted(zlib.crc32(token.encode()) for token in tokens[Piece.TEXT])[:MARKS]),
        )

    def _pieces(
        self, heading: str, sentences: Sequence[str], bare: Sequence[str], ways: Sequence[str]
    ) -> list[frozenset[str]]:
        """Tokens of each piece, in the order of AnnotatedPassage.tokens; all given folded."""
        of_sentences = [tokens_of(text, self._tokeniser) for text in sentences]
        of_ways = [tokens_of(text, self._tokeniser) for text in ways]
        of_bare = [tokens_of(text, self._tokeniser) for text in bare]
        text, matter = frozenset().union(*of_sentences), frozenset().union(*of_bare, *of_ways)
        return [tokens_of(heading, self._tokeniser), text, matter, *of_sentences, *of_ways]


def token_kinds(sentences: int, ways: int) -> Kinds:
    """Kinds of the pieces whose tokens a view holds, shape (p,)."""
    return _kinds(
        (Piece.HEADING, 1), (Piece.TEXT, 1), (Piece.MATTER, 1), (Piece.SENTENCE, sentences), (Piece.WAY, ways)
    )


def vector_kinds(sentences: int, ways: int, clauses: int) -> Kinds:
    """Kinds of the pieces whose vectors a view holds, shape (n,)."""
    return _kinds((Piece.SENTENCE, sentences), (Piece.BARE, sentences), (Piece.ASKED, ways), (Piece.CLAUSE, clauses))


def _kinds(*counts: tuple[int, int]) -> Kinds:
    return np.repeat([kind for kind, _ in counts], [count for _, count in counts]).astype(np.int8)


def _clauses(sentence: str) -> tuple[str, ...]:
    """The clauses of a folded sentence, one at least."""
    return tuple(clause for clause in _PAUSE.split(sentence) if clause.strip()) or (sentence,)


def _without(folded: str, names: Sequence[str]) -> str:
    for name in names:
        folded = folded.replace(name, " ")
    return folded
