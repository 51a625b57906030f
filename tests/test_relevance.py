"""Relevance: named features, their arithmetic, and a probability that explains itself."""

import math

import numpy as np
import pytest

from rag.attribute import Attribute
from rag.features import NAMES, SENTENCE_NAMES, Asked, Features, measure, measure_sentences
from rag.likeness import Like, Pieces
from rag.question import Question
from rag.relevance import Model, Sums, bundled_model
from rag.subjects import Mention
from rag.view import BareView, PassageView, SentenceView
from rag.wants import WANTS
from rag.weights import LegScores, Weights, idf

NOTHING = np.zeros(0, np.int32)
WEIGHTS = Weights({"甲": 1.0, "占地": 2.0, "水": 1.0}, words=4.0, grams=8.0)
LIKE = Like(sentences=(0.25, 0.5), asked=0.75, whole=0.9)


def sums(order: float, bias: float, odds: float) -> Sums:
    return Sums(tuple(order for _ in NAMES), bias, tuple(odds for _ in NAMES))


def sentence(start: int, text: str, tokens: set[str], holds: set[str] = frozenset()) -> SentenceView:  # type: ignore[assignment]
    return SentenceView(start, start + len(text), text, frozenset(tokens), frozenset(holds))  # type: ignore[arg-type]


VIEW = PassageView(
    heading=frozenset({"甲"}),
    sentences=(sentence(0, "甲成立。", {"甲", "成立"}), sentence(4, "占地8亩。", {"占地", "亩"}, {"number"})),
    tokens=frozenset({"甲", "成立", "占地", "亩"}),
    text="甲 甲成立。占地8亩。",
    vectors=np.array([[0.0, 1.0], [0.6, 0.8]], np.float32),
    asked=(frozenset({"甲", "占地", "多大"}), frozenset({"水"})),
    asked_vectors=np.array([[0.8, 0.6], [0.0, 1.0]], np.float32),
    bare=BareView(
        tokens=frozenset({"成立", "占地", "亩"}),
        vectors=np.array([[0.0, 1.0], [0.8, 0.6]], np.float32),
        asked=(frozenset({"占地", "多大"}), frozenset({"水"})),
        pieces=Pieces((NOTHING, NOTHING), NOTHING, ()),
    ),
)


def asked(mentions: tuple[Mention, ...] = (), **changes: object) -> Asked:
    values = {
        "text": "甲占地几亩",
        "folded": "甲占地几亩",
        "words": ("甲", "占地"),
        "grams": ("甲", "占地"),
        "vector": np.array([1.0, 0.0], np.float32),
        "wants": frozenset(),
        "counted": frozenset(),
    }
    question = Question(**(values | changes))  # type: ignore[arg-type]
    attribute = Attribute("占地 水", frozenset({"占地", "水"}), np.array([0.0, 1.0], np.float32), frozenset({"2021"}))
    return Asked(question, attribute, WEIGHTS, mentions)


def test_idf_is_lucene_s() -> None:
    assert idf(1, 10) == pytest.approx(math.log(1 + 9.5 / 1.5))
    assert idf(10, 10) > 0


def test_features_are_the_arithmetic_of_their_docstring() -> None:
    assert measure(asked(), VIEW, LegScores(4.4, 4.4, 0.25), 0.5, LIKE)._asdict() == pytest.approx(
        {
            "words": 4.4 / (2.2 * 4),
            "grams": 4.4 / (2.2 * 8),
            "lead": 0.5,
            "clear_lead": 0.5**8,
            "covered": (1 + 2) / 4,  # 甲 in the heading, 占地 in the text, 水 nowhere
            "rest": 2 / (4 - 1),  # of 占地 and 水, which the heading leaves open, the best sentence holds 占地
            "named": 0.5,
            "years": 0.0,
            "told": 1.0,  # 占地 in the text, 水 in a way of asking
            "asked": 2 / 3,
            "alike": 2 * (2 / 3) * (1 / 2) / (2 / 3 + 1 / 2),  # 占地 of the attribute, and of the two tokens asked
            "asked_cosine": 0.8,
            "sentence_cosine": 0.8,
            "attribute_cosine": 1.0,
            "like_sentence": 0.5,
            "like_asked": 0.75,
            "like_whole": 0.9,
            "plain": 0.0,
        }
    )


def test_sentence_features_are_the_arithmetic_of_their_docstring() -> None:
    wanted = asked(wants=frozenset({"number", "time"}), counted=frozenset({"亩"}))
    first, second = measure_sentences(wanted, VIEW, LIKE)
    assert (first.told, first.named, first.first, first.number, first.counted) == (0.0, 1.0, 1.0, 0.0, 0.0)
    assert second._asdict() == pytest.approx(
        {
            "told": 2 / 3,
            "named": 0.0,
            "cosine": 0.6,
            "attribute_cosine": 0.6,
            "like": 0.5,
            "years": 0.0,
            "counted": 1.0,
            "first": 0.0,
        }
        | dict.fromkeys(WANTS, 0.0)
        | {"number": 1.0}
    )


def test_naming_the_subject_counts() -> None:
    mentions = (Mention("甲", 0, 1, frozenset({1})), Mention("丙", 2, 3, frozenset({9})))
    assert measure(asked(mentions), VIEW, LegScores(0, 0, -0.5), 0.5, LIKE).named == 0.5


def test_a_passage_without_ways_of_asking_is_measured_by_its_text() -> None:
    bare = BareView(VIEW.bare.tokens, VIEW.bare.vectors, (), VIEW.bare.pieces)
    view = PassageView(
        VIEW.heading, VIEW.sentences, VIEW.tokens, VIEW.text, VIEW.vectors, (), np.zeros((0, 2), np.float32), bare
    )
    features = measure(asked(), view, LegScores(0, 0, 0), 0.5, LIKE)
    assert (features.told, features.asked, features.alike, features.asked_cosine) == (pytest.approx(2 / 3), 0, 0, 0)
    assert features.plain == 1


def test_relevance_is_the_logistic_of_bias_and_shares_and_place_their_sum() -> None:
    features = measure(asked(), VIEW, LegScores(1, 1, 0.5), 0.5, LIKE)
    model = Model(sums(0.25, -1.0, 0.5), sums(0.5, -2.0, 1.0), tuple(1.0 for _ in SENTENCE_NAMES), 2.0)
    shares = model.odds_shares(features)
    assert list(shares) == list(NAMES)
    assert model.relevance(features) == pytest.approx(1 / (1 + math.exp(1.0 - sum(shares.values()))))
    assert model.place(features) == pytest.approx(sum(model.order_shares(features).values()))
    quoted = measure_sentences(asked(), VIEW, LIKE)[1]
    assert model.quotable(3.0, quoted) == pytest.approx(2.0 * 3.0 + sum(quoted))


def test_a_passage_without_ways_of_asking_has_sums_of_its_own() -> None:
    model = Model(sums(0.25, -1.0, 0.5), sums(0.5, -2.0, 1.0), tuple(1.0 for _ in SENTENCE_NAMES), 2.0)
    nothing = dict.fromkeys(NAMES, 0.0)
    assert model.bias(Features(**nothing)) == -1.0
    plain = Features(**(nothing | {"plain": 1.0, "told": 1.0}))
    assert model.bias(plain) == -2.0
    assert model.place(plain) == 0.5 * 2
    assert model.relevance(plain) == pytest.approx(1 / (1 + math.exp(2.0 - 2 * 1.0)))


def test_the_bundled_model_lets_features_speak_for_a_place_only() -> None:
    model = bundled_model()
    assert all(weight >= 0 for one in (model.asked, model.plain) for weight in one.order)
    assert all(weight >= 0 for weight in (*model.quoted, model.quoted_place))
    nothing = dict.fromkeys(NAMES, 0.0)
    assert model.relevance(Features(**nothing)) < 0.05
    assert model.relevance(Features(**(nothing | {"plain": 1.0}))) < 0.05
