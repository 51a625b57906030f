"""Sentence boundaries: examples as a table of sentences parted by |, and what holds for every text."""

import time
from itertools import accumulate

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from support_texts import CLUSTERS, relaxed, texts

from corpus.sentences import LONGEST, sentence_spans

EXAMPLES = {
    "ends": "甲。|乙！|丙？|丁；|戊……|己",
    "runs": "真的吗？！|是的……。|好！！！",
    "half-width": "占地80.1亩,集孵化于一体.|目前,运营顺利!|对吗?|对;|好",
    "half-width behind a quote": "不少人叫他“藤司令”.|20多年来,他坚持推广.",
    "percent": "占比30%.|其中,甲占一半.",
    "decimals": "占地80.1亩，容积率3.5，投资1,200.5万元。|面积约１.５平方公里。",
    "ranges and ratios": "1~5平方公里，2021.3.15开工，版本V1.2.3发布。|比例1:1.5。",
    "address": "见https://a.cn/x?id=1;b=2&c=3!d。|又见http://b.cn/index.html。",
    "list numbers": "1. 概况。|2.规模。|一.概况",
    "numbers within a line": "包括：1. 甲 2. 乙 10. 丙。",
    "levels": "1.1. 概况",
    "brackets as list numbers": "（一）概况。|（二）规模。|(1). 甲",
    "circled": "①甲。|②乙；|③丙。",
    "speech": "他说：“好。”|然后走了。",
    "speech of several sentences": "他说：“好。我来！你呢？”|然后走了。",
    "quote as an object": "以“安全第一！”为口号。|喊出“快！”的人。",
    "quoted terms": "推进“三化九场景”建设，打造“一平台两中心”。|完成。",
    "rows of quotes": "“甲。”|“乙。”等说法。",
    "nested quotes": "“他讲‘好。’”|然后走了。",
    "corner quotes": "他說：「好。」|然後走了。",
    "straight quotes": '他说"好。"|然后走了。|"甲。乙。"|丙。',
    "single quotes": "他说'ok。好。'|走了。|'甲。乙。'|丙。",
    "inches": '屏幕为15"。|价格为"优惠"。|好',
    "apostrophe": "don't stop. |It's 5 o'clock. |好",
    "brackets": "甲（见图。）乙。|（丙。）|丁。",
    "nested brackets": "甲（乙（丙。）丁。）戊。|己。",
    "titles": "《你好！》是一本书。|【重要！】请看。",
    "closing behind the end": "（甲。乙。）|丙。",
    "unmatched opening": "（没有闭合。|下一句。",
    "unmatched closing": "没有打开）的。|下一句。",
    "crossed": "（甲“乙。）|丙”丁。|戊。",
    "continued": "Yahoo!、Google都是公司。|行吗？，行。",
    "references": "甲。[1]|乙。 [2]|丙。[3,4]|丁。¹²|戊。",
    "listed references": "甲；|[1]乙；|[2]丙。",
    "abbreviations": "Mr. Smith of Foo Co., Ltd. met Dr. A. B. Lee of U.S. Steel at 5 p.m. in No. 5 there. |好",
    "english": "He came. |It was 80.1. |Yes. |(See below.) |Done",
    "english quote": 'He said "end." |Then he left.',
    "dots": "等等...|他走了...。",
    "code": "a!=b?c:d&e;f",
    "lines": "甲\n|乙，\n|丙。|丁",
    "emoji": "好！\ufe0f|行‼\ufe0f|完",
    "variation of a full stop": "甲。\ufe00|乙。",
}


def sentences(text: str) -> list[str]:
    return [text[start:end] for start, end in sentence_spans(text)]


@pytest.mark.parametrize("marked", EXAMPLES.values(), ids=EXAMPLES)
def test_worked_examples(marked: str) -> None:
    expected = [sentence.strip() for sentence in marked.split("|")]
    assert sentences(marked.replace("|", "")) == expected
    before = "前文（一）。" * 99  # what stands before changes nothing
    assert sentences(f"{before}\n{marked.replace('|', '')}")[99:] == expected


def test_a_long_quote_is_split_within() -> None:
    quote = "“" + "甲乙丙丁戊己庚辛。" * 30 + "”"
    assert len(sentences(quote)) == 30
    assert sentences(quote)[-1] == "甲乙丙丁戊己庚辛。”"


@relaxed
@given(texts)
@example("\u0301" * 1000)
@example("a" * 399 + "\u0301" * 10)
@example("，\ufe01" * 300)
@example("👨\u200d" * 400)
def test_spans_cover_what_is_no_white_space(text: str) -> None:
    position = 0
    for start, end in sentence_spans(text):
        assert position <= start < end <= start + LONGEST
        assert not text[position:start].strip()
        assert text[start:end] == text[start:end].strip()
        assert "\n" not in text[start:end]
        position = end
    assert not text[position:].strip()


@relaxed
@given(texts)
def test_a_sentence_is_one_sentence(text: str) -> None:
    for start, end in sentence_spans(text):
        again = sentence_spans(text[start:end])
        assert again[0][0] == 0
        assert again[-1][1] == end - start


@relaxed
@given(st.lists(st.sampled_from(CLUSTERS), min_size=20, max_size=40))
def test_a_forced_cut_tears_no_grapheme(some: list[str]) -> None:
    clusters = some * 20
    text = "".join(clusters)
    assert {end for _, end in sentence_spans(text)} <= set(accumulate(map(len, clusters)))


def test_a_forced_cut_prefers_commas_then_spares_numbers_and_words() -> None:
    at_comma = "字" * 350 + "，" + "字" * 100
    assert [len(sentence) for sentence in sentences(at_comma)] == [351, 100]
    behind_the_end = "字" * 400 + "，" + "字" * 100
    assert [len(sentence) for sentence in sentences(behind_the_end)] == [400, 101]
    clinging = "字" * 300 + "，" + "字" * 50 + "，\ufe01" + "字" * 100
    assert [len(sentence) for sentence in sentences(clinging)] == [301, 152]
    at_number = "字" * 397 + "12,345.67" + "字" * 100
    assert sentences(at_number)[1].startswith("12,345.67")
    at_word = "字" * 395 + "linkpark" + "字" * 100
    assert sentences(at_word)[1].startswith("linkpark")
    nothing_better = "字" * 1000
    assert [len(sentence) for sentence in sentences(nothing_better)] == [400, 400, 200]


@pytest.mark.parametrize(
    "unit",
    [
        "字",
        "“",
        "（）",
        "（。）",
        '"',
        ".",
        "。",
        " ",
        "\u0301",
        "🇨",
        "https://",
        "a! ",
        "1.",
        "）",
        "\n",
        "[1]",
        "。[1]",
        "甲（“",
    ],
)
def test_time_is_linear(unit: str) -> None:
    """Quadratic time would need minutes; the whole megabyte is tried with the first unit."""
    text = unit * ((1_000_000 if unit == "字" else 150_000) // len(unit))
    start = time.process_time()
    sentence_spans(text)
    assert time.process_time() - start < 10
