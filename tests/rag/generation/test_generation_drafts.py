"""Drafts: sentences and the numbers they cite, in whatever pieces the text comes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.generation.drafts import Draft, Drafts

TEXTS = {
    "甲占地50亩。[1]乙占地80.1亩。[2]": [("甲占地50亩。", (1,)), ("乙占地80.1亩。", (2,))],
    "甲占地50亩[1]。乙占地80亩[2]。": [("甲占地50亩。", (1,)), ("乙占地80亩。", (2,))],
    "甲占地50亩；乙占地80亩。[1][2]": [("甲占地50亩；乙占地80亩。", (1, 2))],
    "甲占地50亩。[1,3]": [("甲占地50亩。", (1, 3))],
    "甲占地50亩。【1】【2】乙也是。［3］": [("甲占地50亩。", (1, 2)), ("乙也是。", (3,))],
    "甲占地50亩。[1-3]": [("甲占地50亩。", (1, 2, 3))],
    "甲占地50亩。[1-99]": [("甲占地50亩。", (0,))],
    "甲占地50亩。[段落1]": [("甲占地50亩。", (1,))],
    "甲占地50亩。 [1] 乙也是。": [("甲占地50亩。", (1,)), ("乙也是。", ())],
    "1. 甲占地50亩。[1]\n2. **乙**也是。[2]\n": [("甲占地50亩。", (1,)), ("乙也是。", (2,))],
    "他说“甲很大。乙很小。”[1]丙居中。[2]": [("他说“甲很大。乙很小。”", (1,)), ("丙居中。", (2,))],
    "<think>甲占地多少？[7]想。</think>甲占地50亩。[1]": [("甲占地50亩。", (1,))],
    "没有想完<think>": [("没有想完<think>", ())],
    "没有编号的句子。": [("没有编号的句子。", ())],
    "": [],
}
WANTED = [(text, [Draft(*draft) for draft in drafts]) for text, drafts in TEXTS.items()]


@pytest.mark.parametrize(("text", "wanted"), WANTED)
@pytest.mark.parametrize("size", [1, 2, 3, 7, 1000])
def test_pieces_of_any_size_give_the_same_drafts(text: str, wanted: list[Draft], size: int) -> None:
    drafts = Drafts()
    found = [draft for at in range(0, len(text), size) for draft in drafts.feed(text[at : at + size])]
    assert found + drafts.finish(whole=True) == wanted


@given(st.lists(st.text(alphabet="甲乙。，；[]1【】“”<think>/ \n", max_size=12), max_size=20))
def test_any_pieces_come_to_an_end(pieces: list[str]) -> None:
    drafts = Drafts()
    for piece in pieces:
        drafts.feed(piece)
    drafts.finish(whole=False)
    assert drafts.finish(whole=True) == []


def test_a_sentence_comes_as_soon_as_the_next_begins() -> None:
    drafts = Drafts()
    assert drafts.feed("甲占地50亩。[1") == []
    assert drafts.feed("]") == []
    assert drafts.feed("乙") == [Draft("甲占地50亩。", (1,))]


def test_a_last_sentence_that_breaks_off_is_left_out() -> None:
    drafts = Drafts()
    drafts.feed("甲占地50亩。[1]乙占")
    assert drafts.finish(whole=False) == []
