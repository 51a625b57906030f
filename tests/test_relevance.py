"""Relevance: named features, their arithmetic, and a probability that explains itself."""

import math

import numpy as np
import pytest

from rag.question import Question
from rag.relevance import NAMES, LegScores, Model, Weights, bundled_model, idf, measure
from rag.subjects import Mention
from rag.view import PassageView, SentenceView


def question(**changes: object) -> Question:
    values = {
        "text": "甲占地",
        "folded": "甲占地",
        "words": ("甲", "占地"),
        "grams": ("甲", "占地"),
        "vector": np.array([1.0, 0.0], np.float32),
        "wants": frozenset(),
    }
    return Question(**(values | changes))  # type: ignore[arg-type]


def sentence(start: int, tokens: set[str], holds: set[str] = frozenset()) -> SentenceView:  # type: ignore[assignment]
    return SentenceView(start, start + 5, frozenset(tokens), frozenset(holds))  # type: ignore[arg-type]


VIEW = PassageView(
    heading=frozenset({"甲"}),
    sentences=(sentence(0, {"成立"}), sentence(5, {"占地", "亩"}, {"number"})),
    tokens=frozenset({"成立", "占地", "亩"}),
    text="甲 甲成立。占地8亩。",
    vectors=np.array([[0.0, 1.0], [0.6, 0.8]], np.float32),
    asked=(frozenset({"占地", "多大"}), frozenset({"水"})),
    asked_vectors=np.array([[0.8, 0.6], [0.0, 1.0]], np.float32),
)
WEIGHTS = Weights({"甲": 1.0, "占地": 2.0, "水": 1.0}, words=4.0, grams=8.0)


def test_idf_is_lucene_s() -> None:
    assert idf(1, 10) == pytest.approx(math.log(1 + 9.5 / 1.5))
    assert idf(10, 10) > 0


def test_features_are_the_arithmetic_of_their_docstring() -> None:
    features, best = measure(question(), WEIGHTS, [], 1, VIEW, LegScores(4.4, 4.4, 0.25))
    assert best is VIEW.sentences[1]
    assert features._asdict() == pytest.approx(
        {
            "words": 4.4 / (2.2 * 4),
            "grams": 4.4 / (2.2 * 8),
            "cosine": 0.25,
            "covered": (1 + 2) / 4,  # 甲 in the heading, 占地 in the text, 水 nowhere
            "rest": 2 / (4 - 1),  # of 占地 and 水, which the heading leaves open, the best sentence holds 占地
            "holds": 1.0,
            "named": 0.5,
            "own": 0.0,
            "asked": 2
            * (2 / 4)
            * (1 / 2)
            / (2 / 4 + 1 / 2),  # 占地 of the question's weight, and of the two tokens asked
            "asked_cosine": 0.8,
        }
    )


def test_the_best_sentence_holds_what_is_wanted() -> None:
    same = {"占地"}
    view = PassageView(
        VIEW.heading,
        (sentence(0, same), sentence(5, same, {"number"})),
        frozenset(same),
        "甲",
        VIEW.vectors,
        (),
        VIEW.asked_vectors[:0],
    )
    features, best = measure(question(wants=frozenset({"number"})), WEIGHTS, [], 1, view, LegScores(0, 0, 0))
    assert best.start == 5
    assert features.holds == 1.0


def test_naming_the_document_counts() -> None:
    mentions = [Mention("甲", 0, 1, frozenset({1})), Mention("丙", 2, 3, frozenset({9}))]
    features, _ = measure(question(), WEIGHTS, mentions, 1, VIEW, LegScores(0, 0, -0.5))
    assert (features.named, features.own, features.cosine) == (0.5, 1.0, 0.0)


def test_relevance_is_the_logistic_of_bias_and_shares() -> None:
    features, _ = measure(question(), WEIGHTS, [], 1, VIEW, LegScores(1, 1, 0.5))
    model = Model(-1.0, tuple(0.5 for _ in NAMES))
    shares = model.shares(features)
    assert list(shares) == list(NAMES)
    assert model.relevance(features) == pytest.approx(1 / (1 + math.exp(1.0 - sum(shares.values()))))


def test_the_bundled_model_only_lets_features_speak_for_a_passage() -> None:
    assert all(weight >= 0 for weight in bundled_model().weights)
