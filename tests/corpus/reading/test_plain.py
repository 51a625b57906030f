"""Plain text: paragraphs by line, and headings only where the text shows them."""

import pytest

from corpus.reading.outline import with_headings
from corpus.reading.parts import HEADING
from corpus.reading.plain import parts_of_lines, read_plain

PROSE = "甲园占地80.1亩，由某某公司运营，集孵化、研发、生产与配套于一体。"


def is_heading(line: str, following: str, previous: str) -> bool:
    """Whether the line opens a section between its neighbours."""
    parts = with_headings(parts_of_lines([previous, line, following]))
    return next(part.kind for part in parts if part.text == line) == HEADING


@pytest.mark.parametrize(
    ("line", "following", "previous"),
    [
        ("第一章 总则", PROSE, ""),
        ("一、概况", PROSE, PROSE),
        ("一、概况", "（一）区位", ""),
        ("（一）区位", PROSE, "一、概况"),
        ("（二）加强领导，落实责任", PROSE, PROSE),
        ("1. 概况", PROSE, PROSE),
        ("1.1 区位", PROSE, "1. 概况"),
        ("甲园的概况", PROSE, ""),
    ],
)
def test_headings(line: str, following: str, previous: str) -> None:
    assert is_heading(line, following, previous)


@pytest.mark.parametrize(
    ("line", "following", "previous"),
    [
        (PROSE, PROSE, ""),
        ("甲园占地80亩。", PROSE, ""),
        ("甲园分为三类：", PROSE, ""),
        ("甲园的概况", "", ""),  # nothing under it
        ("甲园的概况", "短句。", ""),
        ("占地80.1亩，位于滨江区", PROSE, ""),
        ("1. 占地80.1亩", "2. 企业120家", ""),  # a list
        ("2. 企业120家", PROSE, "1. 占地80.1亩"),  # its last item
        ("一、占地80.1亩", "二、企业120家", ""),
        ("1. 占地80.1亩，位于滨江区", PROSE, ""),
        ("80.1亩土地，归甲园所有", PROSE, ""),
        ("长" * 31, PROSE, ""),
    ],
)
def test_lines_that_are_no_headings(line: str, following: str, previous: str) -> None:
    assert not is_heading(line, following, previous)


def test_a_text_with_title_headings_and_a_list() -> None:
    text = (
        f"甲园介绍\n一、概况\n\n{PROSE}\n（一）区位\n{PROSE}\n二、类型\n甲园有三类企业：\n1. 孵化\n2. 研发\n3. 生产\n"
    )
    document = read_plain(text, "jia")
    assert document.title == "甲园介绍"
    assert [section.path for section in document.sections] == [("一、概况",), ("一、概况", "（一）区位"), ("二、类型",)]
    last = document.sections[-1]
    assert document.text[last.start : last.end] == "甲园有三类企业：\n\n1. 孵化\n\n2. 研发\n\n3. 生产"


def test_chapters_hold_sections() -> None:
    document = read_plain(f"第一章 总则\n第一节 范围\n{PROSE}\n第二节 原则\n{PROSE}\n第二章 附则\n{PROSE}", "x", "办法")
    assert [section.path for section in document.sections] == [
        ("第一章 总则", "第一节 范围"),
        ("第一章 总则", "第二节 原则"),
        ("第二章 附则",),
    ]


def test_a_given_title_is_not_repeated_in_the_text() -> None:
    assert read_plain(f"甲园介绍\n{PROSE}", "jia", "甲园介绍").text == PROSE
    assert read_plain(f"甲园介绍。\n{PROSE}", "jia", "乙园介绍").text == f"甲园介绍。\n\n{PROSE}"


@pytest.mark.parametrize("text", ["一句话", "甲\n乙", "占地80.1亩\n运营方是某公司", "第一章\n第二章\n第三章"])
def test_short_texts_lose_nothing(text: str) -> None:
    document = read_plain(text, "x")
    assert document.title == "x"
    (section,) = document.sections
    assert document.text[section.start : section.end].split() == text.split()
