"""What a judge of passages is given and what it says; the reader is one (see `rag.reader`)."""

import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from corpus.folding import fold
from corpus.sentences import sentence_spans
from index.encoder.late_interaction import Encoded
from index.store.catalogue import PassageRow
from rag.retrieval.annotated_passage import MARKS, AnnotatedSentence


@dataclass(frozen=True, slots=True, eq=False)
class Candidate:
    """A passage to be judged.

    encoded           what the encoder read of it
    vectors           of its tokens, shape (n, width)
    lexical           its lexical score relative to the best of all (0–1)
    cosine            of its vector with the question's
    similar_question  how like the question the nearest of its similar questions is (0–1)
    """

    found: PassageRow
    encoded: str
    vectors: NDArray[np.float32]
    lexical: float
    cosine: float
    similar_question: float


@dataclass(frozen=True, slots=True)
class Judged:
    """What the judge says of a passage.

    place           how far in front it belongs
    relevance       probability that it answers
    features        by name
    order_shares    share of each feature in the place
    odds_shares     share of each feature in the log-odds of the relevance, with the constant as «bias»
    sentences       of each of its sentences, how well it suits as a quote (log-odds, comparable across passages)
    """

    place: float
    relevance: float
    features: Mapping[str, float]
    order_shares: Mapping[str, float]
    odds_shares: Mapping[str, float]
    sentences: tuple[float, ...]


class Judge(Protocol):
    """Says of passages whether they answer, and with which sentences."""

    def judge(self, text: str, question: Encoded, candidates: Sequence[Candidate]) -> list[Judged]: ...


@dataclass(frozen=True, slots=True)
class ReadPassage:
    """A passage as it is quoted: its sentences, and the marks by which duplicates are compared first."""

    sentences: tuple[AnnotatedSentence, ...]
    marks: frozenset[int]

    @classmethod
    def of(cls, found: PassageRow) -> "ReadPassage":
        passage = found.passage
        sentences = tuple(
            AnnotatedSentence(
                passage.start + start, passage.start + end, fold(passage.text[start:end]).text, frozenset(), ()
            )
            for start, end in sentence_spans(passage.text)
        )
        folded = fold(passage.text).text
        pairs = {folded[at : at + 2] for at in range(len(folded) - 1)}
        return cls(sentences, frozenset(sorted(zlib.crc32(pair.encode()) for pair in pairs)[:MARKS]))


@dataclass(frozen=True, slots=True)
class JudgedQuotes:
    """Sentences of one passage, as the judge found them."""

    judged: Judged

    @property
    def features(self) -> tuple[()]:
        return ()

    @property
    def suitable(self) -> tuple[float, ...]:
        return self.judged.sentences

    def moved(self, place: float) -> "JudgedQuotes":
        """The same with another place of the passage."""
        return replace(self, judged=replace(self.judged, place=place))


def likeness(folded: str, others: Sequence[str]) -> float:
    """How like a folded question the nearest of some questions is: shared pairs of characters (Dice, 0–1)."""
    own = _pairs(folded)
    return max((_dice(own, _pairs(fold(other).text)) for other in others), default=0.0)


def _pairs(folded: str) -> frozenset[str]:
    letters = "".join(filter(str.isalnum, folded))
    return frozenset(letters[at : at + 2] for at in range(len(letters) - 1))


def _dice(one: frozenset[str], other: frozenset[str]) -> float:
    return 2 * len(one & other) / (len(one) + len(other)) if one and other else 0.0
