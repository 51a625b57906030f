"""Features: what speaks for a passage as an answer to a question."""

from typing import NamedTuple


class Features(NamedTuple):
    """What speaks for a passage; nearly all lie in 0–1. The attribute is what the question asks about its entity.

    words, grams      BM25 in words and in n-grams, relative to the most the question's tokens can give
    lead              both together, relative to the best passage of the question
    covered           share of the question's weight that occurs in the passage or its heading
    rest              of the weight that the heading leaves open, the share in the best sentence
    named             share of the entities named in the question that the passage or its heading names
    foreign           1 where the question names entities and the passage none of them
    years             share of the years named in the question that occur; 1 where none is named
    told              share of the attribute's weight in the passage, its own heading or its similar questions
    asked             share of the attribute's weight in one similar question
    alike             agreement in words of the attribute and a similar question (harmonic mean of both shares)
    asked_cosine      cosine of the question and the closest similar question
    sentence_cosine   cosine of the question and the closest sentence without the document's names
    attribute_cosine  cosine of the attribute and that sentence; where a question gives names alone, both are
                      cosines of the question and the closest whole sentence
    clause_cosine     cosine of the attribute and the closest clause, so that what else a long sentence tells
                      does not hide it; attribute_cosine where that is higher
    like_*            similarity of the attribute's words to the best sentence, to the closest similar question, and
                      to the whole of passage, heading and similar questions; no less than the share that is told there
    given             1 where the passage gives an answer of a kind that the question seeks; .5 where it seeks none
    given_near        how close to the attribute the closest clause is that gives such an answer, the mean over all
                      kinds, or the closest clause at all where none is sought: its cosine, of .6 at most
    plain             1 where nobody wrote similar questions for the passage, so that none can speak for it
    """

    words: float
    grams: float
    lead: float
    covered: float
    rest: float
    named: float
    foreign: float
    years: float
    told: float
    asked: float
    alike: float
    asked_cosine: float
    sentence_cosine: float
    attribute_cosine: float
    clause_cosine: float
    like_sentence: float
    like_asked: float
    like_whole: float
    given: float
    given_near: float
    plain: float


def without_ways(features: Features) -> Features:
    """The features as if nobody had written similar questions, but for the words that they hold."""
    return features._replace(asked=0.0, alike=0.0, asked_cosine=0.0, like_asked=0.0, plain=1.0)


class SentenceFeatures(NamedTuple):
    """What speaks for quoting a sentence of a passage.

    told              share of the attribute's weight that it holds, in other wordings too
    named             share of the weight of the names in the question
    cosine            of question and sentence
    attribute_cosine  of the attribute and the sentence without the document's names
    clause_cosine     of the attribute and its closest clause, or attribute_cosine where that is higher
    like              similarity of the attribute's words to it, no less than told
    years             share of the years named in the question that occur; 1 where none is named
    given             1 where it gives an answer of a kind that the question seeks; .5 where none is sought
    first             1 for the first sentence of its passage
    number … reason   1 where the question wants it and the sentence holds it (see rag.query.answer_type_words)
    """

    told: float
    named: float
    cosine: float
    attribute_cosine: float
    clause_cosine: float
    like: float
    years: float
    given: float
    first: float
    number: float
    time: float
    place: float
    who: float
    list: float
    definition: float
    reason: float


NAMES = Features._fields
IN_WORDS = ("words", "grams", "lead", "covered", "rest", "told", "asked", "alike")
IN_MEANING = (
    *("asked_cosine", "sentence_cosine", "attribute_cosine", "clause_cosine"),
    *("like_sentence", "like_asked", "like_whole"),
)
SENTENCE_NAMES = SentenceFeatures._fields
