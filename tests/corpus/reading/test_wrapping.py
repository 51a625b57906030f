"""Hard-wrapped text: sentences come back whole, nothing is lost, and text that is not wrapped stays."""

import textwrap
import time
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.passage import split
from corpus.reading import read
from corpus.reading.wrapping import unwrapped
from corpus.sentences import sentence_spans

FIRST = (
    "甲园占地80.1亩，建筑面积约12.5万平方米，由某某公司运营，集孵化、研发、生产与配套于一体；已有企业一百二十家入驻，"
    "其中上市企业三家，去年产值三点六亿元，同比增长百分之十二点五。园区计划明年再建两栋研发楼，并引进一所设计学院的分部。"
)
SECOND = (
    "乙园位于江边，原是一座造船厂，厂房改建之后留下了龙门吊与船坞。"
    "如今这里有四十间工作室、一座剧场，以及面向公众的夜校。"
)
ENGLISH = (
    "The industrial community model was first tried in 2014; it combines research, production and living in one place. "
    "Its operators, mostly local firms, share halls, canteens and a shuttle, and publish their figures once a year."
)


def cut(text: str, columns: int) -> str:
    """Lines of at most so many columns; no line begins with a closing mark."""
    lines, width = [""], 0
    for letter in text:
        own = 2 if unicodedata.east_asian_width(letter) in "WFA" else 1
        if width + own > columns and letter not in "，。、；：！？）":
            lines.append("")
            width = 0
        lines[-1] += letter
        width += own
    return "\n".join(lines)


def sentences(text: str) -> list[str]:
    return [text[start:end] for start, end in sentence_spans(text)]


@pytest.mark.parametrize("columns", [30, 38, 40, 60, 72, 78])
@pytest.mark.parametrize(("apart", "indent"), [("\n\n", ""), ("\n", "　　"), ("\n", "")])
def test_chinese_lines_are_joined(columns: int, apart: str, indent: str) -> None:
    wrapped = apart.join(cut(indent + text, columns) for text in (FIRST, SECOND))
    reading = read(wrapped.encode(), name="信.txt")
    (one,) = reading.documents
    spoken = [one.text[start:end] for start, end in sentence_spans(one.text)]
    assert spoken == [whole for text in (FIRST, SECOND) for whole in sentences(text)]
    assert any("columns" in line for line in reading.report.warnings)
    assert all(one.text[passage.start : passage.end] == passage.text for passage in split(one))


@pytest.mark.parametrize("columns", [40, 66, 72])
def test_english_lines_are_joined_with_blanks(columns: int) -> None:
    joined, width = unwrapped("\n".join(textwrap.wrap(ENGLISH, columns)))
    assert joined == ENGLISH
    assert 24 <= width <= columns


@pytest.mark.parametrize(
    "text",
    [
        f"{FIRST}\n{SECOND}\n{FIRST}",  # a paragraph a line
        "\n".join(
            f"第{number}座园区占地八十亩，企业一百二十家。" for number in "一二三四五六七八"
        ),  # a sentence a line
        "\n".join(f"{name}园产业社区综合服务中心大楼" for name in "甲乙丙丁戊己庚辛"),  # a list of names
        "\n".join(f"{name}园    滨江区长河街道    80.1亩，120家" for name in "甲乙丙丁戊己"),  # a table
        "白日依山尽，\n黄河入海流。\n欲穷千里目，\n更上一层楼。",
        "甲\n乙\n丙\n丁",
        "",
    ],
)
def test_other_texts_stay(text: str) -> None:
    assert unwrapped(text) == (text, 0)


def test_headings_lists_and_quotes_stay_on_lines_of_their_own() -> None:
    items = "1. 孵化：面向初创企业\n2. 研发：面向高校与院所\n> 原信写道"
    joined, _ = unwrapped(f"一、概况\n{cut(FIRST, 40)}\n{items}\n二、历史\n{cut(SECOND, 40)}")
    assert joined.split("\n") == ["一、概况", FIRST, *items.split("\n"), "二、历史", SECOND]


def test_an_address_beyond_the_margin_is_left_alone() -> None:
    address = "https://example.com/" + "a" * 100
    joined, _ = unwrapped(f"{cut(FIRST, 40)}\n{address}\n{cut(FIRST + SECOND, 40)}\n{cut(FIRST * 3, 40)}")
    assert joined.split("\n") == [FIRST, address, FIRST + SECOND, FIRST * 3]


@given(st.text(alphabet="甲乙，。 a-b\n　1、", max_size=600), st.integers(24, 80))
def test_nothing_but_white_space_changes(text: str, columns: int) -> None:
    for one in (text, cut(text, columns)):
        assert "".join(unwrapped(one)[0].split()) == "".join(one.split())


def test_time_is_linear() -> None:
    began = time.process_time()
    unwrapped(cut((FIRST + SECOND) * 3000, 60))
    assert time.process_time() - began < 10
