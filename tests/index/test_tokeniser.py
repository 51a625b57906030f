"""Tokens: spans that point into the text, the fast cutter equal to jieba, and nothing lost between scripts."""

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.bundled import bundled_documents
from corpus.folding import fold
from corpus.lexicon import Lexicon, bundled_lexicon, parse_lexicon
from index.lexical import tokeniser
from index.lexical.tokeniser import LONGEST, Tokeniser

SCRIPTS = "产业社区杭州一〇々𠮷㐀 \n,。0123.%az①②éñприカナの한국_-/°℃"


@pytest.fixture(scope="module")
def bundled() -> Tokeniser:
    return Tokeniser(bundled_lexicon())


@pytest.fixture(scope="module")
def plain() -> Tokeniser:
    return Tokeniser(parse_lexicon("产业社区"))


EXAMPLES = {
    "产业社区占地80.1亩": (
        ["产业", "社区", "产业社区", "占地", "80.1", "亩"],
        "产 业 社 区 占 地 产业 业社 社区 区占 占地 80.1 亩",
    ),
    "linkpark产业": (["linkpark", "产业"], "linkpark 产 业 产业"),
    "增长12.5%,m0用地": (["增长", "12.5%", "m0", "用地"], "增 长 增长 12.5% m0 用 地 用地"),
    "①杭州": (["①", "杭州"], "① 杭 州 杭州"),
    "カナ杭州": (["カナ", "杭州"], "カナ 杭 州 杭州"),
    "𠮷日": (["𠮷", "日"], "𠮷 日 𠮷日"),
    "a_b/c": (["a", "b", "c"], "a b c"),
    "依第11条和第2款": (["依", "第11条", "和", "第2款"], "依 第11条 和 第2款"),
    "第(十一)条之一": (["第11条之一"], "第11条之一"),
    "第3项目": (["第", "3", "项目"], "第 3 项 目 项目"),
    "，。 \n": ([], ""),
    "": ([], ""),
}


@pytest.mark.parametrize("text", EXAMPLES)
def test_worked_examples(plain: Tokeniser, text: str) -> None:
    words, grams = EXAMPLES[text]
    assert plain.words(text) == words
    assert plain.grams(text) == grams.split()


@pytest.mark.parametrize(
    "written", ["第十一条", "第11条", "第 11 条", "第（十一）条", "第(11)条", "第１１条", "第壹拾壹条"]
)
def test_the_number_of_an_article_is_one_token_however_it_is_written(plain: Tokeniser, written: str) -> None:
    folded = fold(f"杭州{written}：产业").text
    assert plain.words(folded) == ["杭州", "第11条", "产业"]
    assert [gram for gram in plain.grams(folded) if "条" in gram or "11" in gram] == ["第11条"]
    (token,) = (token for token in plain.tokens(folded) if token.text == "第11条")
    assert (folded[token.start], folded[token.end - 1]) == ("第", "条")


def test_long_texts_of_article_numbers_are_cut_in_time(plain: Tokeniser) -> None:
    assert plain.words("第" * 20_000 + "1条")[-1:] == ["第1条"]
    assert len(plain.words("第1条" * 20_000)) == 20_000


@settings(deadline=None, max_examples=150)
@given(st.one_of(st.text(SCRIPTS, max_size=60), st.text(max_size=60)))
def test_every_token_is_its_span_and_every_letter_is_in_one(plain: Tokeniser, text: str) -> None:
    text = fold(text).text
    found = plain.tokens(text)
    assert all(text[token.start : token.end] == token.text for token in found)
    assert all(one.end <= other.end for one, other in pairwise(found))
    covered = {at for token in found for at in range(token.start, token.end)}
    letters = {at for at, character in enumerate(text) if character.isalnum()}
    assert letters <= covered
    assert all(not text[at].isspace() for at in covered)
    assert [token.text for token in found] == plain.words(text)


@settings(deadline=None)
@given(st.text("产业社区杭州𠮷々a1 ，", max_size=30))
def test_grams_are_all_ideographs_and_neighbours(plain: Tokeniser, text: str) -> None:
    singles = sorted(character for character in text if character in "产业社区杭州𠮷々")
    pairs = sorted(one + other for one, other in pairwise(text) if {one, other} <= set("产业社区杭州𠮷々"))
    grams = plain.grams(text)
    assert sorted(gram for gram in grams if len(gram) == 1 and gram not in "a1") == singles
    assert sorted(gram for gram in grams if len(gram) == 2 and not gram.isascii()) == pairs


def test_runs_too_long_to_be_words_are_left_out(plain: Tokeniser) -> None:
    assert plain.words("x" * LONGEST) == ["x" * LONGEST]
    assert plain.words("x" * (LONGEST + 1)) == plain.grams("9" * 200) == []


@pytest.fixture(scope="module")
def reference() -> Tokeniser:
    """jieba itself instead of rjieba."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tokeniser, "_rust_cut", lambda lexicon: None)
        return Tokeniser(bundled_lexicon())


def test_the_reference_is_jieba_s_search_mode(reference: Tokeniser) -> None:
    assert reference.words("产业社区") == ["产业", "社区", "产业社区"]


def test_rjieba_cuts_as_jieba_does(bundled: Tokeniser, reference: Tokeniser) -> None:
    texts = [fold(document.text).text for document in bundled_documents()][::6]
    texts += [*bundled_lexicon().words, "𠮷野家在杭州", "㐀㐁杭州々〇", "产业社区" * 50]
    different = [text[:40] for text in texts if reference.tokens(text) != bundled.tokens(text)]
    assert different == []
    assert reference.fingerprint == bundled.fingerprint


def test_lexicon_words_are_whole_in_a_sentence(bundled: Tokeniser) -> None:
    lost = [
        word
        for word in bundled_lexicon().words
        if not set(bundled.words(word)) <= set(bundled.words(f"在{word}的企业"))
    ]
    assert lost == []


def test_the_fingerprint_names_the_lexicon(bundled: Tokeniser, plain: Tokeniser) -> None:
    assert plain.fingerprint != bundled.fingerprint
    assert Tokeniser(parse_lexicon("产业社区")).fingerprint == plain.fingerprint


def test_without_rjieba_jieba_does_the_work(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str) -> None:
        raise ImportError(name)

    monkeypatch.setattr(tokeniser.importlib, "import_module", missing)
    assert tokeniser._rust_cut(Lexicon(())) is None
