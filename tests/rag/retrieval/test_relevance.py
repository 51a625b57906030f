"""Relevance: named features, their arithmetic, and a probability that explains itself."""

import math
from dataclasses import replace

import numpy as np
import pytest

from rag.query.answer_type_words import ANSWER_CUES
from rag.query.answer_types import answer_types_of
from rag.query.entities import Entity
from rag.query.expansion import WEIGHT, Kin
from rag.query.intent import Attribute
from rag.query.question import Question
from rag.reader.relevance import Model, Sums, bundled_model
from rag.retrieval.annotated_passage import AnnotatedPassage, AnnotatedSentence, token_kinds, vector_kinds
from rag.retrieval.feature_extraction import Asked, ExtractedFeatures
from rag.retrieval.features import NAMES, SENTENCE_NAMES, Features, SentenceFeatures
from rag.retrieval.maxsim import Pieces, Similarity
from rag.retrieval.occurrences import Occurrences
from rag.retrieval.token_weights import SearchScores, Weights, idf

NOTHING = np.zeros(0, np.int32)
WEIGHTS = Weights({"甲": 1.0, "占地": 2.0, "水": 1.0}, words=4.0, grams=8.0)
LIKE = Similarity(sentences=(0.25, 0.5), asked=0.75, whole=0.9)


def sums(order: float, bias: float, odds: float) -> Sums:
    return Sums(tuple(order for _ in NAMES), bias, tuple(odds for _ in NAMES))


def annotated(asked: tuple[set[str], ...], asked_vectors: list[list[float]]) -> AnnotatedPassage:
    sentences = ({"甲", "成立"}, {"占地", "亩"})
    matter = {"成立", "占地", "亩"}.union(*asked)
    pieces = [{"甲"}, set().union(*sentences), matter, *sentences, *asked]
    vectors = [
        [0.0, 1.0],
        [0.6, 0.8],
        [0.0, 1.0],
        [0.8, 0.6],
        *asked_vectors,
    ]  # sentences, bare ones, similar questions
    clauses = [[0.0, 1.0], [0.8, 0.6], [0.28, 0.96]]  # of the first sentence, and two of the second
    return AnnotatedPassage(
        sentences=(
            AnnotatedSentence(0, 4, "甲成立。", frozenset(), ("成立。",)),
            AnnotatedSentence(4, 13, "占地8亩,有水。", frozenset({"number"}), ("占地8亩", "有水。")),
        ),
        text="甲 甲成立。占地8亩,有水。",
        tokens=Occurrences.of([frozenset(piece) for piece in pieces]),
        token_kinds=token_kinds(2, len(asked)),
        vectors=np.array([*vectors, *clauses], np.float32),
        vector_kinds=vector_kinds(2, len(asked), 3),
        like=Pieces(NOTHING, np.zeros(3 + len(asked), np.intp), 2),
    )


VIEW = annotated(({"占地", "多大"}, {"水"}), [[0.8, 0.6], [0.0, 1.0]])
OTHER = annotated(({"甲", "占地", "水"},), [[1.0, 0.0]])


def asked(entities: tuple[Entity, ...] = (), **changes: object) -> Asked:
    values = {
        "text": "甲占地几亩",
        "folded": "甲占地几亩",
        "meant": "甲占地几亩",
        "words": ("甲", "占地"),
        "grams": ("甲", "占地"),
        "vector": np.array([1.0, 0.0], np.float32),
        "encoded": None,
        "intent": "fact",
        "answer_cues": frozenset(),
        "answer_types": (),
    }
    question = Question(**(values | changes))  # type: ignore[arg-type]
    attribute = Attribute("占地 水", frozenset({"占地", "水"}), np.array([0.0, 1.0], np.float32), frozenset({"2021"}))
    return Asked(question, attribute, WEIGHTS, entities)


def measure(
    asked: Asked, annotated: AnnotatedPassage, scores: SearchScores, like: Similarity, lead: float = 1.0
) -> Features:
    """Beside another passage, which must make no difference."""
    return ExtractedFeatures(
        asked, [OTHER, annotated], [SearchScores(9, 9, 9), scores], [1.0, lead], [like, like]
    ).features[1]


def measure_sentences(asked: Asked, annotated: AnnotatedPassage, like: Similarity) -> list[SentenceFeatures]:
    scores = SearchScores(1, 1, 1)
    return ExtractedFeatures(asked, [OTHER, annotated], [scores, scores], [1.0, 1.0], [like, like]).sentences(1)


def test_idf_is_lucene_s() -> None:
    assert idf(1, 10) == pytest.approx(math.log(1 + 9.5 / 1.5))
    assert idf(10, 10) > 0


def test_features_are_the_arithmetic_of_their_docstring() -> None:
    assert measure(asked(), VIEW, SearchScores(4.4, 4.4, 0.25), LIKE, 0.5)._asdict() == pytest.approx(
        {
            "words": 4.4 / (2.2 * 4),
            "grams": 4.4 / (2.2 * 8),
            "lead": 0.5,
            "covered": (1 + 2) / 4,  # 甲 in the heading, 占地 in the text, 水 nowhere
            "rest": 2 / (4 - 1),  # of 占地 and 水, which the heading leaves open, the best sentence holds 占地
            "named": 0.5,
            "foreign": 0.0,
            "years": 0.0,
            "told": 1.0,  # 占地 in the text, 水 in a similar question
            "asked": 2 / 3,
            "alike": 2 * (2 / 3) * (1 / 2) / (2 / 3 + 1 / 2),  # 占地 of the attribute, and of the two tokens asked
            "asked_cosine": 0.8,
            "sentence_cosine": 0.8,
            "attribute_cosine": 1.0,
            "clause_cosine": 1.0,
            "like_sentence": 2 / 3,  # the share told, since it is higher
            "like_asked": 0.75,
            "like_whole": 1.0,
            "given": 0.5,
            "given_near": 1.0,
            "plain": 0.0,
        }
    )


def test_sentence_features_are_the_arithmetic_of_their_docstring() -> None:
    wanted = asked(answer_cues=frozenset({"number", "time"}), answer_types=answer_types_of("占地几亩"))
    first, second = measure_sentences(wanted, VIEW, LIKE)
    assert (first.told, first.named, first.first, first.number, first.given) == (0.0, 1.0, 1.0, 0.0, 0.0)
    assert second._asdict() == pytest.approx(
        {
            "told": 2 / 3,
            "named": 0.0,
            "cosine": 0.6,
            "attribute_cosine": 0.6,
            "clause_cosine": 0.96,
            "like": 2 / 3,
            "years": 0.0,
            "given": 1.0,
            "first": 0.0,
        }
        | dict.fromkeys(ANSWER_CUES, 0.0)
        | {"number": 1.0}
    )


def test_naming_the_subject_counts() -> None:
    entities = (Entity("甲", 0, 1, frozenset({1})), Entity("丙", 2, 3, frozenset({9})))
    features = measure(asked(entities), VIEW, SearchScores(0, 0, -0.5), LIKE)
    assert (features.named, features.foreign) == (0.5, 0.0)


def test_a_passage_that_names_no_subject_of_the_question_is_foreign() -> None:
    features = measure(asked((Entity("丙", 0, 1, frozenset({9})),)), VIEW, SearchScores(0, 0, -0.5), LIKE)
    assert (features.named, features.foreign) == (0.0, 1.0)


@pytest.mark.parametrize(
    ("question", "given", "given_near"),
    [
        ("占地几亩", 1.0, 0.6 / 0.6),  # the closest clause gives no area; the one that does is .6 close
        ("有几家", 0.0, 0.0),  # no clause gives a number of firms
        ("占地几亩，有几家", 1.0, (1.0 + 0.0) / 2),
        ("怎么样", 0.5, 1.0),  # nothing in particular is sought
    ],
)
def test_an_answer_of_the_kind_that_is_sought_speaks_for_a_passage(
    question: str, given: float, given_near: float
) -> None:
    features = measure(asked(answer_types=answer_types_of(question)), VIEW, SearchScores(0, 0, 0), LIKE)
    assert (features.given, features.given_near) == pytest.approx((given, given_near))


def test_names_alone_are_compared_with_whole_sentences_and_words_that_are_no_names_never() -> None:
    nothing = Attribute("", frozenset(), np.array([0.0, 1.0], np.float32), frozenset())
    alone = replace(asked((Entity("甲", 0, 1, frozenset({1})),)), attribute=nothing)
    features = measure(alone, VIEW, SearchScores(0, 0, 0), LIKE)
    assert (features.sentence_cosine, features.attribute_cosine, features.clause_cosine) == pytest.approx((0.6,) * 3)
    features = measure(replace(alone, entities=()), VIEW, SearchScores(0, 0, 0), LIKE)
    assert (features.sentence_cosine, features.attribute_cosine) == pytest.approx((0.8, 1.0))


def test_similarity_speaks_where_the_attribute_has_no_words_of_the_question() -> None:
    """As 面积 for 多大: no word is told, which must not count as if all were."""
    quantity = replace(asked(), attribute=Attribute("面积", frozenset(), np.array([0.0, 1.0], np.float32), frozenset()))
    features = measure(quantity, VIEW, SearchScores(0, 0, 0), LIKE)
    assert (features.like_sentence, features.like_asked, features.like_whole) == (0.5, 0.75, 0.9)


def test_a_passage_without_similar_questions_is_measured_by_its_text() -> None:
    features = measure(asked(), annotated((), []), SearchScores(0, 0, 0), LIKE)
    assert (features.told, features.asked, features.alike, features.asked_cosine) == pytest.approx((2 / 3, 0, 0, 0))
    assert features.plain == 1


def test_another_wording_counts_for_less_and_only_where_the_word_itself_is_missing() -> None:
    kin = [Kin(frozenset({"水"}), (frozenset({"成立"}), frozenset({"无", "亩"}))), Kin(frozenset({"占地"}), ())]
    weights = Weights({"甲": 1.0, "占地": 2.0, "水": 1.0}, words=4.0, grams=8.0, kin=kin)
    wanted = replace(asked(), weights=weights)
    features = measure(wanted, annotated((), []), SearchScores(0, 0, 0), LIKE)
    assert features.covered == pytest.approx((1 + 2 + WEIGHT) / 4)  # 甲 in the heading, 占地 in the text, 成立 for 水
    assert features.rest == pytest.approx(2 / 3)  # the sentence with 占地 holds more than the one with 成立
    assert features.told == pytest.approx((2 + WEIGHT) / 3)
    assert [one.told for one in measure_sentences(wanted, VIEW, LIKE)] == pytest.approx([WEIGHT / 3, 2 / 3])


def test_relevance_is_the_logistic_of_bias_and_shares_and_place_their_sum() -> None:
    features = measure(asked(), VIEW, SearchScores(1, 1, 0.5), LIKE)
    model = Model(sums(0.25, -1.0, 0.5), sums(0.5, -2.0, 1.0), tuple(1.0 for _ in SENTENCE_NAMES), 2.0)
    shares = model.odds_shares(features)
    assert list(shares) == list(NAMES)
    assert model.relevance(features) == pytest.approx(1 / (1 + math.exp(1.0 - sum(shares.values()))))
    assert model.place(features) == pytest.approx(sum(model.order_shares(features).values()))
    quoted = measure_sentences(asked(), VIEW, LIKE)[1]
    assert model.quotable(3.0, quoted) == pytest.approx(2.0 * 3.0 + sum(quoted))


def test_a_passage_without_similar_questions_has_sums_of_its_own() -> None:
    model = Model(sums(0.25, -1.0, 0.5), sums(0.5, -2.0, 1.0), tuple(1.0 for _ in SENTENCE_NAMES), 2.0)
    nothing = dict.fromkeys(NAMES, 0.0)
    assert model.bias(Features(**nothing)) == -1.0
    plain = Features(**(nothing | {"plain": 1.0, "told": 1.0}))
    assert model.bias(plain) == -2.0
    assert model.place(plain) == 0.5 * 2
    assert model.relevance(plain) == pytest.approx(1 / (1 + math.exp(2.0 - 2 * 1.0)))


def test_the_bundled_model_lets_features_speak_for_a_place_only_but_for_a_foreign_subject() -> None:
    model = bundled_model()
    for one in (model.asked, model.plain):
        order = dict(zip(NAMES, one.order, strict=True))
        assert order.pop("foreign") <= 0
        assert all(weight >= 0 for weight in order.values())
    assert all(weight >= 0 for weight in (*model.quoted, model.quoted_place))
    nothing = dict.fromkeys(NAMES, 0.0)
    assert model.relevance(Features(**nothing)) < 0.05
    assert model.relevance(Features(**(nothing | {"plain": 1.0}))) < 0.05
