"""The builder notes where each piece lands: sections, attributed statements, statements that disagree."""

from corpus.document import Attribution, Disagreement, Section
from corpus.reading.builder import Mark, TextBuilder


def test_headings_stand_in_the_text_and_outside_the_sections() -> None:
    builder = TextBuilder()
    builder.paragraph("前言。")
    builder.heading(2, " 概况\n一览 ")
    builder.paragraph("甲。")
    builder.paragraph("乙。", separator="\n")
    builder.heading(3, "区位")
    builder.paragraph("丙。")
    builder.heading(2, "空")
    builder.heading(2, "规模")
    builder.paragraph("  ")
    builder.paragraph("丁。")
    text = builder.text()
    assert text == "前言。\n\n概况 一览\n\n甲。\n乙。\n\n区位\n\n丙。\n\n空\n\n规模\n\n丁。"
    assert [(section.path, text[section.start : section.end]) for section in builder.sections()] == [
        ((), "前言。"),
        (("概况 一览",), "甲。\n乙。"),
        (("概况 一览", "区位"), "丙。"),
        ((), "空"),
        (("规模",), "丁。"),
    ]
    assert builder.sections()[0] == Section((), 0, 3)


def attributed(text: str, *marks: tuple[int, str]) -> dict[str, tuple[str, ...]]:
    builder = TextBuilder()
    builder.paragraph("前言。")
    builder.paragraph(text, tuple(Mark(*mark) for mark in marks))
    whole = builder.text()
    return {whole[one.start : one.end]: one.sources for one in builder.attributions(known="abc")}


def test_a_mark_attributes_what_stands_before_it() -> None:
    assert attributed("甲。乙。丙。", (2, "a"), (6, "b")) == {"甲。": ("a",), "乙。丙。": ("b",)}


def test_marks_in_one_place_attribute_one_statement() -> None:
    assert attributed("甲。 乙。", (2, "a"), (2, "b"), (3, "c"), (5, "a")) == {"甲。": ("a", "b", "c"), "乙。": ("a",)}


def test_a_mark_before_the_full_stop_belongs_behind_it() -> None:
    assert attributed("甲。乙”。丙", (1, "a"), (3, "b")) == {"甲。": ("a",), "乙”。": ("b",)}
    assert attributed("甲，乙。", (1, "a"), (3, "b")) == {"甲，": ("a",), "乙。": ("b",)}


def test_a_mark_before_everything_and_an_unknown_one_attribute_nothing() -> None:
    assert attributed("甲。乙。", (0, "a"), (2, "z")) == {}
    assert attributed("甲。", (2, "z"), (2, "a")) == {"甲。": ("a",)}


def test_keys_are_those_of_sources_only() -> None:
    builder = TextBuilder()
    builder.paragraph("甲。乙。", (Mark(2, "a"), Mark(2, "≠面积"), Mark(4, "z")))
    assert builder.keys() == {"a", "z"}


def test_statements_that_disagree_are_tied_by_their_topic() -> None:
    builder = TextBuilder()
    builder.paragraph("甲。乙。", (Mark(2, "a"), Mark(2, "≠面积"), Mark(4, "≠企业数")))
    builder.paragraph("丙。", (Mark(2, "≠面积"), Mark(2, "b"), Mark(2, "≠面积")))
    assert builder.disagreements() == (Disagreement("面积", ((0, 2), (6, 8))),)
    assert builder.attributions(known="ab") == (Attribution(0, 2, ("a",)), Attribution(6, 8, ("b",)))
