"""MaxSim: each word asked for finds the word most like it."""

import numpy as np
import pytest

from rag.query.answer_type_words import cues_held, cues_wanted, naming_quantities
from rag.retrieval.maxsim import MaxSim, Similarity


@pytest.fixture(scope="module")
def maxsim() -> MaxSim:
    return MaxSim.bundled()


def compare(maxsim: MaxSim, text: str, *sentences: str, heading: str = "", asked: tuple[str, ...] = ()) -> Similarity:
    return maxsim.compare(text, [maxsim.pieces(sentences, heading, asked)])[0]


def test_words_that_occur_are_wholly_alike(maxsim: MaxSim) -> None:
    like = compare(maxsim, "占地", "社区成立", "占地", asked=("占地",))
    assert like.sentences[1] == pytest.approx(1, abs=1e-5)
    assert like.asked == pytest.approx(1, abs=1e-5)
    assert like.whole == pytest.approx(1, abs=1e-5)
    assert like.sentences[0] < 0.9


def test_a_word_of_like_meaning_is_closer_than_one_of_another(maxsim: MaxSim) -> None:
    near, far = compare(maxsim, "房租", "租金每月二十元", "水质常年优良").sentences
    assert near > far


def test_the_whole_is_at_least_as_like_as_its_parts(maxsim: MaxSim) -> None:
    like = compare(maxsim, "运营 面积", "由集团运营", "面积很大", heading="规模", asked=("谁管",))
    assert like.whole >= max(*like.sentences, like.asked)


def test_passages_are_compared_as_if_each_alone(maxsim: MaxSim) -> None:
    pieces = [maxsim.pieces(("占地八亩", "成立"), "规模", ()), maxsim.pieces(("由谁运营",), "", ("谁管", "哪家"))]
    together = maxsim.compare("运营方", pieces)
    alone = [maxsim.compare("运营方", [one])[0] for one in pieces]
    for one, other in zip(together, alone, strict=True):
        assert np.allclose([*one.sentences, one.asked, one.whole], [*other.sentences, other.asked, other.whole])


def test_nothing_asked_is_like_everything_and_nothing_is_like_an_empty_passage(maxsim: MaxSim) -> None:
    assert compare(maxsim, "", "占地") == Similarity((1.0,), 1.0, 1.0)
    assert compare(maxsim, "占地", "") == Similarity((0.0,), 0.0, 0.0)
    assert maxsim.compare("占地", []) == []


@pytest.mark.parametrize(
    ("question", "answer_cues"),
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
def test_kinds_of_answer_that_questions_want(question: str, answer_cues: set[str]) -> None:
    assert cues_wanted(question) == answer_cues


def test_kinds_of_answer_that_sentences_hold() -> None:
    assert cues_held("甲2021年由乙公司建设,位于丙路") >= {"number", "time", "who", "place"}
    assert cues_held("m0是指新型产业用地") >= {"definition"}
    assert not cues_held("很好") & {"number", "time", "place", "list"}


def test_a_word_that_asks_for_a_quantity_is_read_as_its_name() -> None:
    assert naming_quantities("linkpark有多高,园区多大,要多长时间") == "linkpark有高度,园区面积,要多长时间"
