"""Outlines: numbers, looks and questions become headings, articles become sections, whatever the format."""

import pytest

from corpus.passage import split
from corpus.reading.numbering import ARTICLE, CHAPTER, COUNTED, DECIMAL, numbering, opens_article
from corpus.reading.outline import question_of, with_headings
from corpus.reading.parts import HEADING, PARAGRAPH, Part
from corpus.reading.reader import read

PROSE = "甲园占地80.1亩，由某某公司运营，集孵化、研发、生产与配套于一体，共有企业一百二十家。"


@pytest.mark.parametrize(
    ("line", "rank", "number", "label"),
    [
        ("第十一条之一 禁止转让。", ARTICLE, 11, "第十一条之一"),
        ("第 12 条 禁止转让。", ARTICLE, 12, "第 12 条"),
        ("第（十三）条 禁止转让。", ARTICLE, 13, "第（十三）条"),
        ("第二章　总则", CHAPTER, 2, "第二章"),
        ("一、概况", COUNTED, 1, "一、"),
        ("1.2 区位", DECIMAL + 2, 2, "1.2"),
        ("3. 区位", DECIMAL + 1, 3, "3."),
    ],
)
def test_numberings(line: str, rank: int, number: int, label: str) -> None:
    found = numbering(line)
    assert found is not None
    assert (found.rank, found.number, found.label) == (rank, number, label)


@pytest.mark.parametrize(
    "line", ["第一条例外", "80.1亩", "2019年3月", "第三方机构", "一条龙服务", "3.5亿元投资", "第二章程"]
)
def test_what_only_begins_like_a_number(line: str) -> None:
    assert numbering(line) is None


def test_a_reference_opens_no_article() -> None:
    assert opens_article("第三条规定的企业，可以申请。", 7) is None
    assert opens_article("第三条规定的企业，可以申请。", 2) is not None
    assert opens_article("第三条 企业可以申请。", 7) is not None


LAW = f"""甲市条例
第一编 通则
第一章 总则
第一条 {PROSE}
第二条 有下列情形之一的，不予受理：
（一）材料不全；
（二）超过期限。
第二章 管理
第一节 职责
第三条 管委会负责日常管理。
第三条之一 第三条所称管理，包括收费。
第二编 附则
第四条 自2020年1月1日起施行。"""


@pytest.mark.parametrize(
    ("name", "raw"),
    [
        ("law.txt", LAW.encode()),
        ("law.md", LAW.replace("\n", "\n\n").encode()),
        ("law.html", "".join(f"<p>{line}</p>" for line in LAW.split("\n")).encode()),
    ],
)
def test_a_law_has_the_same_sections_in_every_format(name: str, raw: bytes) -> None:
    document = read(raw, name=name).documents[0]
    found = {passage.section[-1]: (passage.section[:-1], passage.text[:4]) for passage in split(document)}
    assert found["第一条"] == (("第一编 通则", "第一章 总则"), "第一条 ")
    assert found["第二条"] == (("第一编 通则", "第一章 总则"), "第二条 ")
    assert found["第三条"] == (("第一编 通则", "第二章 管理", "第一节 职责"), "第三条 ")
    assert found["第三条之一"][0] == ("第一编 通则", "第二章 管理", "第一节 职责")
    assert found["第四条"] == (("第二编 附则",), "第四条 ")
    (second,) = (passage for passage in split(document) if passage.section[-1] == "第二条")
    assert second.text.endswith("（二）超过期限。")


def test_bold_and_large_lines_are_headings_below_those_of_the_format() -> None:
    parts = [
        Part(HEADING, "指南", 1),
        Part(PARAGRAPH, "入驻条件", size=16.0, bold=True),
        Part(PARAGRAPH, PROSE, size=10.5),
        Part(PARAGRAPH, "租金减免", size=10.5, bold=True),
        Part(PARAGRAPH, PROSE, size=10.5),
        Part(PARAGRAPH, "联系电话：0571-1234", size=10.5, bold=True),
        Part(PARAGRAPH, PROSE, size=10.5),
    ]
    levels = [part.level if part.kind == HEADING else 0 for part in with_headings(parts)]
    assert levels == [1, 2, 0, 3, 0, 0, 0]


def test_questions_lead_to_their_answers() -> None:
    text = f"常见问答\n1. 如何入驻？\n{PROSE}\n2. 租金怎么交？\n每季度首月五日前转账。"
    document = read(text.encode(), name="faq.txt").documents[0]
    asked = {document.text[one.start : one.end]: one.questions for one in document.asked}
    assert asked == {PROSE: ("如何入驻？",), "每季度首月五日前转账。": ("租金怎么交？",)}
    assert [passage.section[-1] for passage in split(document)] == ["1. 如何入驻？", "2. 租金怎么交？"]
    assert question_of("问：能否养狗？") == "能否养狗？"
