"""Passages are exact slices: whole sentences of one section, neither too long nor needlessly short."""

from itertools import pairwise

import pytest
from hypothesis import given
from support_texts import relaxed, texts

from corpus.document import Document, InvalidDocument, QuestionGroup, Section
from corpus.passage import LARGEST_WITH_REST, SMALLEST, TARGET, Passage, count, split
from corpus.reading import Unreadable, read
from corpus.sentences import LONGEST, sentence_spans


def lengths(*paragraphs: str) -> list[int]:
    """Lengths of the passages of a document of one section."""
    text = "\n\n".join(paragraphs)
    return [len(passage.text) for passage in split(Document("x", "x", text, (Section((), 0, len(text)),)))]


def sentence(length: int) -> str:
    return "字" * (length - 1) + "。"


@pytest.mark.parametrize(
    ("paragraphs", "expected"),
    [
        ([sentence(30)], [30]),
        ([sentence(100) + sentence(100)], [200]),  # one paragraph, 200 <= 220
        ([sentence(120) + sentence(120)], [120, 120]),  # 240 > 220
        ([sentence(100) + sentence(100) + sentence(59)], [259]),  # a rest of 59 < 60 stays: 259 <= 300
        ([sentence(100) + sentence(100) + sentence(60)], [200, 60]),  # 60 stands alone
        ([sentence(390) + sentence(30)], [390, 30]),  # 420 > 300: the rest cannot stay
        ([sentence(260) + sentence(50)], [260, 50]),  # 310 > 300
        ([sentence(100), sentence(100)], [100, 100]),  # paragraphs stay apart
        ([sentence(30), sentence(100)], [132]),  # a short one is joined, the empty line between them counts
        ([sentence(100), sentence(30)], [132]),
        ([sentence(30), sentence(30), sentence(30)], [94]),
        ([sentence(200), sentence(30)], [200, 30]),  # 232 > 220
        ([sentence(200), sentence(100), sentence(30)], [200, 132]),
        (["字" * 1000], [400, 400, 200]),  # without any boundary
    ],
)
def test_packing(paragraphs: list[str], expected: list[int]) -> None:
    assert lengths(*paragraphs) == expected


def test_the_sizes_that_the_table_above_was_made_for() -> None:
    assert (SMALLEST, TARGET, LARGEST_WITH_REST, LONGEST) == (60, 220, 300, 400)


def test_a_passage_knows_its_place() -> None:
    text = "概况\n\n甲园占地80.1亩。\n\n规模\n\n甲园有企业120家。"
    sections = (Section(("概况",), 4, 14), Section(("概况", "规模"), 20, len(text)))
    asked = (QuestionGroup(4, 14, ("多大？",)),)
    passages = split(Document("jia", "甲园", text, sections, pages=(0, 16), asked=asked))
    assert [(p.id, p.section, p.page, p.text, p.asked) for p in passages] == [
        ("jia:4-14", ("概况",), 1, "甲园占地80.1亩。", ("多大？",)),
        ("jia:20-30", ("概况", "规模"), 2, "甲园有企业120家。", ()),
    ]


@pytest.mark.parametrize(
    ("start", "end", "text"), [(3, 3, ""), (4, 3, "甲"), (-1, 1, "甲乙"), (0, 2, "甲"), (0, 1, "甲乙")]
)
def test_a_span_that_does_not_fit_its_text_is_refused(start: int, end: int, text: str) -> None:
    with pytest.raises(ValueError, match="span"):
        Passage("x", start, end, text)


@relaxed
@given(texts)
def test_passages_of_whatever_is_read(text: str) -> None:
    for media_type in ("text/plain", "text/markdown"):
        try:
            documents = read(text.encode(), "x", media_type=media_type).documents
        except (InvalidDocument, Unreadable):
            continue
        for document in documents:
            check_passages(document)


def check_passages(document: Document) -> None:
    passages = split(document)
    assert count(document) == len(passages)
    assert passages
    boundaries = set()
    for section in document.sections:
        for start, end in sentence_spans(document.text[section.start : section.end]):
            boundaries |= {(section.start + start, "start"), (section.start + end, "end")}
    for passage in passages:
        assert document.text[passage.start : passage.end] == passage.text
        assert {(passage.start, "start"), (passage.end, "end")} <= boundaries
        assert len(passage.text) <= LONGEST
        homes = [s for s in document.sections if s.start <= passage.start and passage.end <= s.end]
        assert passage.section in [section.path for section in homes]
    for one, other in pairwise(passages):
        assert one.end <= other.start
    in_sections = "".join(document.text[section.start : section.end] for section in document.sections)
    assert "".join("".join(p.text for p in passages).split()) == "".join(in_sections.split())


def test_a_list_stays_with_its_introduction_and_a_long_one_names_it() -> None:
    items = [
        f"（{number}）在第{number}年内没有按照规定缴纳租金并且拒绝改正错误的企业；" for number in "一二三四五六七八九"
    ]
    short = read("\n".join(["有下列情形之一的，取消资格：", *items[:3]]).encode(), "x").documents[0]
    (whole,) = split(short)
    assert whole.text.count("；") == 3
    longer = read("\n".join(["有下列情形之一的，取消资格：", *items * 2]).encode(), "x").documents[0]
    first, *rest = split(longer)
    assert first.text.startswith("有下列情形之一的，取消资格：")
    assert len(rest) > 1
    assert {passage.section for passage in rest} == {("有下列情形之一的，取消资格：",)}
    assert all(longer.text[one.start : one.end] == one.text for one in (first, *rest))
