"""Likeness: each word asked for finds the word most like it."""

import numpy as np
import pytest

from rag.query.answer_type_words import holds_of, naming_quantities, wants_of
from rag.retrieval.maxsim import Like, Likeness


@pytest.fixture(scope="module")
def likeness() -> Likeness:
    return Likeness.bundled()


def compare(likeness: Likeness, text: str, *sentences: str, heading: str = "", asked: tuple[str, ...] = ()) -> Like:
    return likeness.compare(text, [likeness.pieces(sentences, heading, asked)])[0]


def test_words_that_occur_are_wholly_alike(likeness: Likeness) -> None:
    like = compare(likeness, "占地", "社区成立", "占地", asked=("占地",))
    assert like.sentences[1] == pytest.approx(1, abs=1e-5)
    assert like.asked == pytest.approx(1, abs=1e-5)
    assert like.whole == pytest.approx(1, abs=1e-5)
    assert like.sentences[0] < 0.9


def test_a_word_of_like_meaning_is_closer_than_one_of_another(likeness: Likeness) -> None:
    near, far = compare(likeness, "房租", "租金每月二十元", "水质常年优良").sentences
    assert near > far


def test_the_whole_is_at_least_as_like_as_its_parts(likeness: Likeness) -> None:
    like = compare(likeness, "运营 面积", "由集团运营", "面积很大", heading="规模", asked=("谁管",))
    assert like.whole >= max(*like.sentences, like.asked)


def test_passages_are_compared_as_if_each_alone(likeness: Likeness) -> None:
    pieces = [likeness.pieces(("占地八亩", "成立"), "规模", ()), likeness.pieces(("由谁运营",), "", ("谁管", "哪家"))]
    together = likeness.compare("运营方", pieces)
    alone = [likeness.compare("运营方", [one])[0] for one in pieces]
    for one, other in zip(together, alone, strict=True):
        assert np.allclose([*one.sentences, one.asked, one.whole], [*other.sentences, other.asked, other.whole])


def test_nothing_asked_is_like_everything_and_nothing_is_like_an_empty_passage(likeness: Likeness) -> None:
    assert compare(likeness, "", "占地") == Like((1.0,), 1.0, 1.0)
    assert compare(likeness, "占地", "") == Like((0.0,), 0.0, 0.0)
    assert likeness.compare("占地", []) == []


@pytest.mark.parametrize(
    ("question", "wants"),
    [
        ("占地多少亩", {"number"}),
        ("哪年挂牌", {"time"}),
        ("在哪个街道", {"place"}),
        ("由谁运营", {"who"}),
        ("有哪些企业", {"list", "who"}),
        ("什么是m0", {"definition"}),
        ("为什么要改", {"reason"}),
        ("可以注册吗", set()),
    ],
)
def test_kinds_of_answer_that_questions_want(question: str, wants: set[str]) -> None:
    assert wants_of(question) == wants


def test_kinds_of_answer_that_sentences_hold() -> None:
    assert holds_of("甲2021年由乙公司建设,位于丙路") >= {"number", "time", "who", "place"}
    assert holds_of("m0是指新型产业用地") >= {"definition"}
    assert not holds_of("很好") & {"number", "time", "place", "list"}


def test_a_word_that_asks_for_a_quantity_is_read_as_its_name() -> None:
    assert naming_quantities("linkpark有多高,园区多大,要多长时间") == "linkpark有高度,园区面积,要多长时间"
