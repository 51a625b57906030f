"""Questions: what they tell is kept, how they ask is not."""

import pytest

from corpus.lexicon import Lexicon
from index.encoder import load_encoder
from index.tokens import Tokeniser
from rag.question import Question, read_question

TOKENISER = Tokeniser(Lexicon(("产业社区",)))
ENCODER = load_encoder("bundled")


def read(text: str) -> Question:
    return read_question(text, TOKENISER, ENCODER)


def test_asking_words_are_left_out_and_the_rest_is_folded() -> None:
    question = read("請問ＬＩＮＫＰＡＲＫ產業社區佔地多少畝？")
    assert question.folded == "请问linkpark产业社区占地多少亩?"
    assert question.words == ("linkpark", "产业", "社区", "产业社区", "占地", "亩")
    assert "亩" in question.grams
    assert not {"多少", "请问"} & {*question.words, *question.grams}


@pytest.mark.parametrize(
    ("text", "wants"),
    [
        ("占地多少亩", {"number"}),
        ("哪年挂牌", {"time"}),
        ("什么时候开工，投资多少", {"number", "time"}),
        ("谁在运营", {"who"}),
        ("能停车吗", set()),
    ],
)
def test_the_kind_of_answer_wanted(text: str, wants: set[str]) -> None:
    assert read(text).wants == wants


def test_a_question_of_nothing_but_asking_words_keeps_them() -> None:
    assert read("什么").words == ("什么",)


def test_punctuation_alone_has_no_tokens_and_a_zero_vector() -> None:
    question = read("？！……")
    assert question.words == ()
    assert question.grams == ()
    assert not question.vector.any()
