"""Measuring: the features of all passages found for a question, in a few operations on arrays.

Tokens are counted for every piece of every passage at once, and so are cosines; a passage alone would cost
nearly as much as the dozen.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from rag.query.answer_type_words import WANTS
from rag.query.answer_types import Kind
from rag.query.entities import Mention
from rag.query.intent import Attribute
from rag.query.question import Question
from rag.retrieval.annotated_passage import Kinds, PassageView, Piece, SentenceView
from rag.retrieval.features import Features, SentenceFeatures
from rag.retrieval.maxsim import Like
from rag.retrieval.token_weights import Floats, LegScores, Weights

_SATURATED = 2.2  # BM25's highest gain per unit of idf: k1 + 1 with k1 = 1.2
_CLOSE = 0.6  # a cosine from which clauses are as close to what is asked as can be told
_NOTHING = 1e-9  # a weight that counts as none


@dataclass(frozen=True, slots=True)
class Asked:
    """A question as passages are measured by it."""

    question: Question
    attribute: Attribute
    weights: Weights
    mentions: Sequence[Mention]


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


class Measures:
    """What speaks for each of some passages; what speaks for their sentences is put together when asked for."""

    def __init__(
        self,
        asked: Asked,
        views: Sequence[PassageView],
        scores: Sequence[LegScores],
        leads: Sequence[float],
        likes: Sequence[Like],
    ) -> None:
        """Measure one passage at least.

        views   of each passage; in the same order:
        scores  what the legs gave it
        leads   its lexical score relative to the best
        likes   its likeness to the attribute
        """
        tokens, meaning, like = _in_tokens(asked, views), _in_meaning(asked, views), _in_likeness(likes)
        self.views = views
        self._asked = asked
        self._sentences = tokens.sentences | meaning.sentences
        some = bool(asked.attribute.tokens)  # nothing is told to the full where there are no words to tell
        self._sentences["like"] = np.maximum(like.sentences["like"], some * self._sentences["told"])
        self._starts = np.cumsum([0, *(len(view.sentences) for view in views)]).tolist()
        named = tokens.passages | meaning.passages | _in_legs(asked.weights, scores) | _in_text(asked, views)
        named |= {
            "lead": np.array(leads),
            "plain": np.array([float(not view.ways) for view in views]),
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
            for number, sentence in enumerate(self.views[at].sentences)
        ]


def _in_tokens(asked: Asked, views: Sequence[PassageView]) -> _Columns:
    weights, wanted = asked.weights, asked.attribute.tokens
    pieces = _Pieces.of([view.token_kinds for view in views])
    held = weights.held([view.tokens for view in views])
    heading = held.exactly[:, pieces.kinds == Piece.HEADING]
    left_open = weights.idf[:, None] * (1 - heading)
    added = np.einsum("tp,tp->p", held.gained, left_open[:, pieces.passages])  # to what the passage's heading holds
    told = _share(weights.of(wanted), held.gained)
    names = weights.of(weights.tokens - wanted)
    sizes = np.concatenate([view.tokens.sizes for view in views])
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


def _in_meaning(asked: Asked, views: Sequence[PassageView]) -> _Columns:
    pieces = _Pieces.of([view.vector_kinds for view in views])
    both = np.stack([asked.question.vector, asked.attribute.vector], axis=1)
    cosines = np.concatenate([view.vectors @ both for view in views])
    question, attribute = np.maximum(cosines, 0).astype(np.float64).T
    names_alone = bool(asked.mentions) and not any(map(str.isalnum, asked.attribute.text))
    told, meant = (Piece.SENTENCE, question) if names_alone else (Piece.BARE, attribute)
    closest = pieces.most(told, meant)
    clauses = _closest_clauses(pieces, attribute, views)
    return _Columns(
        passages={
            "asked_cosine": pieces.most(Piece.ASKED, question),
            "sentence_cosine": pieces.most(told, question),
            "attribute_cosine": closest,
            "clause_cosine": closest if names_alone else pieces.most(Piece.SENTENCE, clauses),
            "given_near": _nearness(closest)
            if names_alone
            else _given_near(asked.question.sought, pieces, attribute, views),
        },
        sentences={
            "cosine": pieces.only(Piece.SENTENCE, question),
            "attribute_cosine": pieces.only(Piece.BARE, attribute),
            "clause_cosine": pieces.only(Piece.SENTENCE, clauses),
        },
    )


def _closest_clauses(pieces: _Pieces, cosines: Floats, views: Sequence[PassageView]) -> Floats:
    """The highest cosine of each sentence, bare, and of its clauses, at the places of the sentences, shape (p,)."""
    closest = np.zeros_like(cosines)
    places = np.flatnonzero(pieces.kinds == Piece.SENTENCE)
    closest[places] = pieces.only(Piece.BARE, cosines)
    clauses = [len(sentence.clauses) for view in views for sentence in view.sentences]
    np.maximum.at(closest, np.repeat(places, clauses), pieces.only(Piece.CLAUSE, cosines))
    return closest


def _given_near(sought: Sequence[Kind], pieces: _Pieces, cosines: Floats, views: Sequence[PassageView]) -> Floats:
    """How close the closest clause is that gives what is sought, of any clause where nothing is, shape (v,)."""
    closeness = _nearness(cosines)
    if not sought:
        return pieces.most(Piece.CLAUSE, closeness)
    nearness: Floats = np.mean(
        [pieces.most(Piece.CLAUSE, closeness * _gives(kind, pieces, views)) for kind in sought], axis=0
    )
    return nearness


def _nearness(cosines: Floats) -> Floats:
    nearness: Floats = np.minimum(cosines / _CLOSE, 1)
    return nearness


def _gives(kind: Kind, pieces: _Pieces, views: Sequence[PassageView]) -> Floats:
    """1 at the places of the clauses that give this kind of answer, else 0, shape (p,)."""
    gives = np.zeros(len(pieces.kinds))
    gives[pieces.kinds == Piece.CLAUSE] = [
        bool(kind.given.search(sentence.text if kind.sentence else clause))
        for view in views
        for sentence in view.sentences
        for clause in sentence.clauses
    ]
    return gives


def _in_likeness(likes: Sequence[Like]) -> _Columns:
    return _Columns(
        passages={
            "like_asked": np.array([like.asked for like in likes]),
            "like_whole": np.array([like.whole for like in likes]),
        },
        sentences={"like": np.array([one for like in likes for one in like.sentences])},
    )


def _in_legs(weights: Weights, scores: Sequence[LegScores]) -> dict[str, Floats]:
    return {
        "words": np.array([one.words for one in scores]) / (_SATURATED * weights.words),
        "grams": np.array([one.grams for one in scores]) / (_SATURATED * weights.grams),
    }


def _in_text(asked: Asked, views: Sequence[PassageView]) -> dict[str, Floats]:
    names, years = [mention.name for mention in asked.mentions], _years(asked)
    named = np.array([_found(names, view.text, 0.5) for view in views])
    return {
        "named": named,
        "foreign": (named == 0).astype(np.float64),
        "given": np.array([max(_given(asked.question, one.text) for one in view.sentences) for view in views]),
        "years": np.array([_found(years, view.text, 1.0) for view in views]),
    }


def _of_sentence(asked: Asked, sentence: SentenceView) -> dict[str, float]:
    question, wanted = asked.question, asked.question.wants & sentence.holds
    return {
        "years": _found(_years(asked), sentence.text, 1.0),
        "given": _given(question, sentence.text),
        **{want: float(want in wanted) for want in WANTS},
    }


def _given(question: Question, sentence: str) -> float:
    return float(any(kind.given.search(sentence) for kind in question.sought)) if question.sought else 0.5


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
