"""Questions: what they tell is kept, how they ask is not."""

import pytest

from corpus.lexicon import Lexicon
from index.encoder.loading import load_encoder
from index.lexical.tokeniser import Tokeniser
from rag.query.intent import attribute_of
from rag.query.question import Question, read_question, telling

TOKENISER = Tokeniser(Lexicon(("产业社区",)))
ENCODER = load_encoder("static")


def read(text: str) -> Question:
    return read_question(text, TOKENISER, ENCODER)


def test_asking_words_are_left_out_and_the_rest_is_folded() -> None:
    question = read("請問ＬＩＮＫＰＡＲＫ產業社區佔地多少畝？")
    assert question.folded == "请问linkpark产业社区占地多少亩?"
    assert question.words == ("linkpark", "产业", "社区", "产业社区", "占地", "亩")
    assert "亩" in question.grams
    assert not {"多少", "请问"} & {*question.words, *question.grams}


@pytest.mark.parametrize(
    ("text", "answer_cues"),
    [
        ("占地多少亩", {"number"}),
        ("哪年挂牌", {"time"}),
        ("什么时候开工，投资多少", {"number", "time"}),
        ("谁在运营", {"who"}),
        ("能停车吗", set()),
    ],
)
def test_the_kind_of_answer_wanted(text: str, answer_cues: set[str]) -> None:
    assert read(text).answer_cues == answer_cues


def test_a_question_of_nothing_but_asking_words_keeps_them() -> None:
    assert read("什么").words == ("什么",)


def test_punctuation_alone_has_no_tokens_and_a_zero_vector() -> None:
    question = read("？！……")
    assert question.words == ()
    assert question.grams == ()
    assert not question.vector.any()


def test_particles_alone_tell_nothing() -> None:
    question = read("的的的的，了？")
    assert (question.words, question.grams) == ((), ())
    assert not question.vector.any()


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("产业社区究竟是个什么概念？", "产业社区"),
        ("谁能讲讲弹性容积率指的是什么", "弹性容积率"),
        ("土地复合利用怎么理解", "土地复合利用"),
        ("什么叫产社联动", "产社联动"),
        ("智慧e谷占地合多少平方米", "智慧e谷占地"),
        ("linkpark有几化大伐", "linkpark有"),
    ],
)
def test_ways_to_ask_for_a_meaning_or_in_dialect_tell_nothing(text: str, told: str) -> None:
    assert telling(text).strip(" ?？") == told


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        ("不是湖山社区，2021年占地几亩", "2021年占地几亩"),
        ("双子楼有多高", "双子楼有高度"),
        ("绿道多长，2020年不算", "绿道长度"),
    ],
)
def test_the_attribute_is_what_is_meant_with_its_quantity_named(text: str, asked: str) -> None:
    attribute = attribute_of(read(text), [], TOKENISER, ENCODER)
    assert " ".join(attribute.text.strip(" ,").split()) == asked
    assert attribute.years == ({"2021"} if "2021" in asked else set())
