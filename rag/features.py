"""Features: what speaks for a passage as an answer to a question."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from rag.attribute import Attribute
from rag.expansion import Kin
from rag.likeness import Like
from rag.question import Question
from rag.subjects import Mention
from rag.view import PassageView
from rag.wants import WANTS, counts
from rag.weights import LegScores, Weights

_SATURATED = 2.2  # BM25's highest gain per unit of idf: k1 + 1 with k1 = 1.2
_NOTHING = 1e-9  # a weight that counts as none


class Features(NamedTuple):
    """What speaks for a passage; nearly all lie in 0–1. The attribute is what the question asks about its subject.

    words, grams      BM25 in words and in n-grams, relative to the most the question's tokens can give
    lead              both together, relative to the best passage of the question
    clear_lead        its eighth power: nearly nothing but for the best and those beside it
    covered           share of the question's weight that occurs in the passage or its heading
    rest              of the weight that the heading leaves open, the share in the best sentence
    named             share of the subjects named in the question that the passage or its heading names
    years             share of the years named in the question that occur; 1 where none is named
    told              share of the attribute's weight in the passage, its own heading or its ways of asking
    asked             share of the attribute's weight in one way of asking
    alike             agreement in words of the attribute and a way of asking (harmonic mean of both shares)
    asked_cosine      cosine of the question and the closest way of asking
    sentence_cosine   cosine of the question and the closest sentence without the document's names
    attribute_cosine  cosine of the attribute and that sentence; where a question gives names alone, both are
                      cosines of the question and the closest whole sentence
    like_*            likeness of the attribute's words to the best sentence, to the closest way of asking, and
                      to the whole of passage, heading and ways of asking
    plain             1 where nobody wrote ways of asking for the passage, so that none can speak for it
    """

    words: float
    grams: float
    lead: float
    clear_lead: float
    covered: float
    rest: float
    named: float
    years: float
    told: float
    asked: float
    alike: float
    asked_cosine: float
    sentence_cosine: float
    attribute_cosine: float
    like_sentence: float
    like_asked: float
    like_whole: float
    plain: float


class SentenceFeatures(NamedTuple):
    """What speaks for quoting a sentence of a passage.

    told              share of the attribute's weight that it holds, in other wordings too
    named             share of the weight of the names in the question
    cosine            of question and sentence
    attribute_cosine  of the attribute and the sentence without the document's names
    like              likeness of the attribute's words to it
    years             share of the years named in the question that occur; 1 where none is named
    counted           1 where it gives a number of what the question wants counted; .5 where nothing is
    first             1 for the first sentence of its passage
    number … reason   1 where the question wants it and the sentence holds it (see rag.wants)
    """

    told: float
    named: float
    cosine: float
    attribute_cosine: float
    like: float
    years: float
    counted: float
    first: float
    number: float
    time: float
    place: float
    who: float
    list: float
    definition: float
    reason: float


NAMES = Features._fields
IN_WORDS = ("words", "grams", "lead", "clear_lead", "covered", "rest", "told", "asked", "alike")
IN_MEANING = ("asked_cosine", "sentence_cosine", "attribute_cosine", "like_sentence", "like_asked", "like_whole")
SENTENCE_NAMES = SentenceFeatures._fields


@dataclass(frozen=True, slots=True)
class Asked:
    """A question as passages are measured by it."""

    question: Question
    attribute: Attribute
    weights: Weights
    mentions: Sequence[Mention]


def measure(asked: Asked, view: PassageView, scores: LegScores, lead: float, like: Like) -> Features:
    """Features of one passage; lead is its lexical score relative to the best."""
    weights, attribute, bare = asked.weights, asked.attribute, view.bare
    heading = weights.sum(weights.tokens & view.heading)
    matter = (weights.tokens - view.heading) & view.tokens  # what the passage itself adds to its heading
    kin = [one for one in weights.kin if any(other <= view.tokens for other in one.others)]
    open_weight = weights.total - heading
    told, meant = (bare.vectors, attribute.vector) if attribute.tokens else (view.vectors, asked.question.vector)
    return Features(
        words=scores.words / (_SATURATED * weights.words),
        grams=scores.grams / (_SATURATED * weights.grams),
        lead=lead,
        clear_lead=lead**8,
        covered=(heading + weights.sum(matter) + weights.reworded(kin, view.heading, view.tokens)) / weights.total,
        rest=_rest(weights, view, matter, kin) / open_weight if open_weight > _NOTHING else 1.0,
        named=_share([mention.name in view.text for mention in asked.mentions], 0.5),
        years=_share([f"{year}年" in view.text for year in attribute.years], 1.0),
        told=weights.share(attribute.tokens, bare.tokens.union(*bare.asked)),
        asked=max((weights.share(attribute.tokens, way) for way in bare.asked), default=0.0),
        alike=max((_agreement(weights, attribute.tokens, way) for way in bare.asked), default=0.0),
        asked_cosine=_closest(view.asked_vectors, asked.question.vector),
        sentence_cosine=_closest(told, asked.question.vector),
        attribute_cosine=_closest(told, meant),
        like_sentence=max(like.sentences),
        like_asked=like.asked,
        like_whole=like.whole,
        plain=float(not view.asked),
    )


def measure_sentences(asked: Asked, view: PassageView, like: Like) -> list[SentenceFeatures]:
    """Features of each sentence of one passage."""
    question, attribute, weights = asked.question, asked.attribute, asked.weights
    names = weights.tokens - attribute.tokens
    cosines = (view.vectors @ question.vector).tolist()
    closeness = (view.bare.vectors @ attribute.vector).tolist()
    return [
        SentenceFeatures(
            told=weights.share(attribute.tokens, sentence.tokens),
            named=weights.sum(names & sentence.tokens) / (weights.sum(names) or 1.0),
            cosine=max(0.0, cosines[at]),
            attribute_cosine=max(0.0, closeness[at]),
            like=like.sentences[at],
            years=_share([f"{year}年" in sentence.text for year in attribute.years], 1.0),
            counted=float(counts(sentence.text, question.counted)) if question.counted else 0.5,
            first=float(at == 0),
            **{want: float(want in question.wants and want in sentence.holds) for want in WANTS},
        )
        for at, sentence in enumerate(view.sentences)
    ]


def _rest(weights: Weights, view: PassageView, matter: frozenset[str], kin: Sequence[Kin]) -> float:
    """Weight that the sentence with most of the matter holds."""
    return max(
        weights.sum(matter & sentence.tokens) + weights.reworded(kin, view.heading, sentence.tokens)
        for sentence in view.sentences
    )


def _share(held: Sequence[bool], otherwise: float) -> float:
    return sum(held) / len(held) if held else otherwise


def _closest(vectors: NDArray[np.float32], vector: NDArray[np.float32]) -> float:
    return max(0.0, float((vectors @ vector).max())) if len(vectors) else 0.0


def _agreement(weights: Weights, attribute: frozenset[str], way: frozenset[str]) -> float:
    """Harmonic mean of two shares: of the attribute's weight in a way of asking, of its tokens in the attribute."""
    common = attribute & way
    if not common:
        return 0.0
    there, back = weights.sum(common) / (weights.sum(attribute) or 1.0), len(common) / len(way)
    return 2 * there * back / (there + back) if there + back else 0.0
