"""Measuring: the features of all passages found for a question, in a few operations on arrays.

Tokens are counted for every piece of every passage at once, and so are cosines; a passage alone would cost
nearly as much as the dozen.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from rag.query.answer_type_words import ANSWER_CUES
from rag.query.answer_types import AnswerType
from rag.query.entities import Entity
from rag.query.intent import Attribute
from rag.query.question import Question
from rag.retrieval.annotated_passage import AnnotatedPassage, AnnotatedSentence, Kinds, Piece
from rag.retrieval.features import Features, SentenceFeatures
from rag.retrieval.maxsim import Similarity
from rag.retrieval.token_weights import Floats, SearchScores, Weights

_SATURATED = 2.2  # BM25's highest gain per unit of idf: k1 + 1 with k1 = 1.2
_CLOSE = 0.6  # a cosine from which clauses are as close to what is asked as can be told
_NOTHING = 1e-9  # a weight that counts as none


@dataclass(frozen=True, slots=True)
class Asked:
    """A question as passages are measured by it."""

    question: Question
    attribute: Attribute
    weights: Weights
    entities: Sequence[Entity]


class _Pieces(NamedTuple):
    """Pieces of all passages, one after the other: of which kind and of which passage each is, shape (p,)."""

    kinds: Kinds
    passages: NDArray[np.intp]

    @classmethod
    def of(cls, kinds: Sequence[Kinds]) -> "_Pieces":
        return cls(np.concatenate(kinds), np.repeat(np.arange(len(kinds)), [len(one) for one in kinds]))

    def only(self, kind: int, values: Floats) -> Floats:
        """The values of the pieces of this kind."""
        chosen: Floats = values[self.kinds == kind]
        return chosen

    def most(self, kind: int, values: Floats) -> Floats:
        """The highest value of each passage's pieces of this kind, 0 where it has none, shape (v,)."""
        chosen = self.kinds == kind
        highest = np.zeros(self.passages[-1] + 1)
        np.maximum.at(highest, self.passages[chosen], values[chosen])
        return highest


class _Columns(NamedTuple):
    """Features by name: those of passages, shape (v,), and those of all their sentences in order, shape (s,)."""

    passages: dict[str, Floats]
    sentences: dict[str, Floats]


class ExtractedFeatures:
    """What speaks for each of some passages; what speaks for their sentences is put together when asked for."""

    def __init__(
        self,
        asked: Asked,
        annotated_passages: Sequence[AnnotatedPassage],
        scores: Sequence[SearchScores],
        relative_scores: Sequence[float],
        similarities: Sequence[Similarity],
    ) -> None:
        """Measure one passage at least.

        views   of each passage; in the same order:
        scores  what the indexes gave it
        leads   its lexical score relative to the best
        similarities   its similarity to the attribute
        """
        tokens, meaning, like = (
            _in_tokens(asked, annotated_passages),
            _in_meaning(asked, annotated_passages),
            _from_maxsim(similarities),
        )
        self.annotated_passages = annotated_passages
        self._asked = asked
        self._sentences = tokens.sentences | meaning.sentences
        some = bool(asked.attribute.tokens)  # nothing is told to the full where there are no words to tell
        self._sentences["like"] = np.maximum(like.sentences["like"], some * self._sentences["told"])
        self._starts = np.cumsum([0, *(len(annotated.sentences) for annotated in annotated_passages)]).tolist()
        named = (
            tokens.passages
            | meaning.passages
            | _from_scores(asked.weights, scores)
            | _in_text(asked, annotated_passages)
        )
        named |= {
            "lead": np.array(relative_scores),
            "plain": np.array([float(not annotated.ways) for annotated in annotated_passages]),
            "like_sentence": np.maximum.reduceat(self._sentences["like"], self._starts[:-1]),
            "like_asked": np.maximum(like.passages["like_asked"], some * named["asked"]),
            "like_whole": np.maximum(like.passages["like_whole"], some * named["told"]),
        }
        if not some and any(map(str.isalnum, asked.attribute.text)):
            named |= {"told": named["like_whole"], "asked": named["like_asked"]}
            self._sentences["told"] = self._sentences["like"]
        columns = (named[name].tolist() for name in Features._fields)
        self.features = [Features(*row) for row in zip(*columns, strict=True)]

    def sentences(self, at: int) -> list[SentenceFeatures]:
        """Features of each sentence of one of the passages."""
        start, end = self._starts[at], self._starts[at + 1]
        columns = {name: values[start:end].tolist() for name, values in self._sentences.items()}
        return [
            SentenceFeatures(
                **{name: values[number] for name, values in columns.items()},
                **_of_sentence(self._asked, sentence),
                first=float(number == 0),
            )
            for number, sentence in enumerate(self.annotated_passages[at].sentences)
        ]


def _in_tokens(asked: Asked, annotated_passages: Sequence[AnnotatedPassage]) -> _Columns:
    weights, wanted = asked.weights, asked.attribute.tokens
    pieces = _Pieces.of([annotated.token_kinds for annotated in annotated_passages])
    held = weights.held([annotated.tokens for annotated in annotated_passages])
    heading = held.exactly[:, pieces.kinds == Piece.HEADING]
    left_open = weights.idf[:, None] * (1 - heading)
    added = np.einsum("tp,tp->p", held.gained, left_open[:, pieces.passages])  # to what the passage's heading holds
    told = _share(weights.of(wanted), held.gained)
    names = weights.of(weights.tokens - wanted)
    sizes = np.concatenate([annotated.tokens.sizes for annotated in annotated_passages])
    agreement = _agreement(weights, wanted, held.exactly, sizes)
    return _Columns(
        passages={
            "covered": (weights.idf @ heading + pieces.only(Piece.TEXT, added)) / weights.total,
            "rest": _part(pieces.most(Piece.SENTENCE, added), left_open.sum(axis=0)),
            "told": pieces.only(Piece.MATTER, told),
            "asked": pieces.most(Piece.WAY, told),
            "alike": pieces.most(Piece.WAY, agreement),
        },
        sentences={
            "told": pieces.only(Piece.SENTENCE, told),
            "named": pieces.only(Piece.SENTENCE, names @ held.exactly) / (names.sum() or 1.0),
        },
    )


def _in_meaning(asked: Asked, annotated_passages: Sequence[AnnotatedPassage]) -> _Columns:
    pieces = _Pieces.of([annotated.vector_kinds for annotated in annotated_passages])
    both = np.stack([asked.question.vector, asked.attribute.vector], axis=1)
    cosines = np.concatenate([annotated.vectors @ both for annotated in annotated_passages])
    question, attribute = np.maximum(cosines, 0).astype(np.float64).T
    names_alone = bool(asked.entities) and not any(map(str.isalnum, asked.attribute.text))
    told, meant = (Piece.SENTENCE, question) if names_alone else (Piece.BARE, attribute)
    closest = pieces.most(told, meant)
    clauses = _closest_clauses(pieces, attribute, annotated_passages)
    return _Columns(
        passages={
            "asked_cosine": pieces.most(Piece.ASKED, question),
            "sentence_cosine": pieces.most(told, question),
            "attribute_cosine": closest,
            "clause_cosine": closest if names_alone else pieces.most(Piece.SENTENCE, clauses),
            "given_near": _nearness(closest)
            if names_alone
            else _given_near(asked.question.answer_types, pieces, attribute, annotated_passages),
        },
        sentences={
            "cosine": pieces.only(Piece.SENTENCE, question),
            "attribute_cosine": pieces.only(Piece.BARE, attribute),
            "clause_cosine": pieces.only(Piece.SENTENCE, clauses),
        },
    )


def _closest_clauses(pieces: _Pieces, cosines: Floats, annotated_passages: Sequence[AnnotatedPassage]) -> Floats:
    """The highest cosine of each sentence, bare, and of its clauses, at the places of the sentences, shape (p,)."""
    closest = np.zeros_like(cosines)
    places = np.flatnonzero(pieces.kinds == Piece.SENTENCE)
    closest[places] = pieces.only(Piece.BARE, cosines)
    clauses = [len(sentence.clauses) for annotated in annotated_passages for sentence in annotated.sentences]
    np.maximum.at(closest, np.repeat(places, clauses), pieces.only(Piece.CLAUSE, cosines))
    return closest


def _given_near(
    answer_types: Sequence[AnswerType], pieces: _Pieces, cosines: Floats, annotated_passages: Sequence[AnnotatedPassage]
) -> Floats:
    """How close the closest clause is that gives what is sought, of any clause where nothing is, shape (v,)."""
    closeness = _nearness(cosines)
    if not answer_types:
        return pieces.most(Piece.CLAUSE, closeness)
    nearness: Floats = np.mean(
        [pieces.most(Piece.CLAUSE, closeness * _gives(kind, pieces, annotated_passages)) for kind in answer_types],
        axis=0,
    )
    return nearness


def _nearness(cosines: Floats) -> Floats:
    nearness: Floats = np.minimum(cosines / _CLOSE, 1)
    return nearness


def _gives(kind: AnswerType, pieces: _Pieces, annotated_passages: Sequence[AnnotatedPassage]) -> Floats:
    """1 at the places of the clauses that give this kind of answer, else 0, shape (p,)."""
    gives = np.zeros(len(pieces.kinds))
    gives[pieces.kinds == Piece.CLAUSE] = [
        bool(kind.given.search(sentence.text if kind.sentence else clause))
        for annotated in annotated_passages
        for sentence in annotated.sentences
        for clause in sentence.clauses
    ]
    return gives


def _from_maxsim(similarities: Sequence[Similarity]) -> _Columns:
    return _Columns(
        passages={
            "like_asked": np.array([like.asked for like in similarities]),
            "like_whole": np.array([like.whole for like in similarities]),
        },
        sentences={"like": np.array([one for like in similarities for one in like.sentences])},
    )


def _from_scores(weights: Weights, scores: Sequence[SearchScores]) -> dict[str, Floats]:
    return {
        "words": np.array([one.words for one in scores]) / (_SATURATED * weights.words),
        "grams": np.array([one.grams for one in scores]) / (_SATURATED * weights.grams),
    }


def _in_text(asked: Asked, annotated_passages: Sequence[AnnotatedPassage]) -> dict[str, Floats]:
    names, years = [entity.name for entity in asked.entities], _years(asked)
    named = np.array([_found(names, annotated.text, 0.5) for annotated in annotated_passages])
    return {
        "named": named,
        "foreign": (named == 0).astype(np.float64),
        "given": np.array(
            [max(_given(asked.question, one.text) for one in annotated.sentences) for annotated in annotated_passages]
        ),
        "years": np.array([_found(years, annotated.text, 1.0) for annotated in annotated_passages]),
    }


def _of_sentence(asked: Asked, sentence: AnnotatedSentence) -> dict[str, float]:
    question, wanted = asked.question, asked.question.answer_cues & sentence.holds
    return {
        "years": _found(_years(asked), sentence.text, 1.0),
        "given": _given(question, sentence.text),
        **{want: float(want in wanted) for want in ANSWER_CUES},
    }


def _given(question: Question, sentence: str) -> float:
    return float(any(kind.given.search(sentence) for kind in question.answer_types)) if question.answer_types else 0.5


def _years(asked: Asked) -> list[str]:
    return [f"{year}年" for year in asked.attribute.years]


def _found(wanted: Sequence[str], text: str, otherwise: float) -> float:
    """The share of these that the text holds."""
    return sum(one in text for one in wanted) / len(wanted) if wanted else otherwise


def _share(wanted: Floats, gained: Floats) -> Floats:
    """The share of these tokens' weight that each piece holds, in other wordings too; 1 for no tokens, shape (p,)."""
    whole = wanted.sum()
    return wanted @ gained / whole if whole >= _NOTHING else np.ones(gained.shape[1])


def _part(held: Floats, whole: Floats) -> Floats:
    """held of whole; 1 where there is nothing to hold."""
    return np.divide(held, whole, out=np.ones_like(held), where=whole > _NOTHING)


def _agreement(weights: Weights, attribute: frozenset[str], exactly: Floats, sizes: NDArray[np.int64]) -> Floats:
    """Harmonic mean of two shares: of the attribute's weight in a piece, of its tokens in the attribute, shape (p,)."""
    wanted = weights.of(attribute)
    there = wanted @ exactly / (wanted.sum() or 1.0)
    back = weights.among(attribute) @ exactly / np.maximum(sizes, 1)
    total = there + back
    return np.divide(2 * there * back, total, out=np.zeros_like(total), where=total > 0)
