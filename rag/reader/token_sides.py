"""Questions and passages as the reader's network sees them: token vectors, and what is known of each token."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from corpus.folding import fold
from corpus.sentences import sentence_spans
from index.encoder.late_interaction import TokenText
from rag.reader.interaction import Side

Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class QuestionTokens:
    """A question: its vectors, and each token's folded text with its rarity (idf, 0–1)."""

    text: str
    tokens: TokenText
    vectors: Floats
    words: tuple[str, ...]
    idf: Floats

    @classmethod
    def of(cls, text: str, tokens: TokenText, vectors: Floats, idf: Floats) -> "QuestionTokens":
        """idf: of every token of the model."""
        words = tuple(fold(text[start:end]).text.strip() for start, end in tokens.spans.tolist())
        return cls(text, tokens, vectors, words, idf[tokens.ids])

    def beside(self, passage: "PassageTokens") -> Side:
        """The question as one passage answers it: which of its tokens stand there as they are."""
        marks = np.zeros((len(self.words), 4), np.float32)
        marks[:, 0] = self.idf
        for row, word in enumerate(self.words):
            if word:
                digit = any(map(str.isdigit, word))
                marks[row, 1:] = word in passage.folded, word in passage.folded_heading, digit
        return Side(self.vectors, marks)


@dataclass(frozen=True, slots=True, eq=False)
class PassageTokens:
    """A passage: its vectors, its folded texts, and which tokens belong to which of its sentences.

    sentences  spans in the passage's text
    owner      shape (n,): the sentence of each token, -1 for tokens of the heading
    """

    side: Side
    folded: str
    folded_heading: str
    sentences: tuple[tuple[int, int], ...]
    owner: NDArray[np.int64]

    @classmethod
    def of(cls, encoded: str, text: str, tokens: TokenText, vectors: Floats, idf: Floats) -> "PassageTokens":
        """encoded: what the model read: the heading, then the passage's text."""
        heading = len(encoded) - len(text)
        marks = np.zeros((len(tokens.ids), 3), np.float32)
        marks[:, 0] = idf[tokens.ids]
        of_heading = (tokens.spans[:, 0] < heading) & (tokens.spans[:, 1] <= heading)
        marks[:, 1] = of_heading
        marks[:, 2] = [any(map(str.isdigit, encoded[start:end])) for start, end in tokens.spans.tolist()]
        spans = tuple(sentence_spans(text))
        starts = np.array([start for start, _ in spans], np.int64)
        middles = (tokens.spans.sum(1) // 2 - heading).astype(np.int64)
        owner = np.where(of_heading, -1, np.maximum(np.searchsorted(starts, middles, "right") - 1, 0))
        return cls(Side(vectors, marks), fold(text).text, fold(encoded[:heading]).text, spans, owner)
