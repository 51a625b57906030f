"""ODT, ODS and ODP: what a person sees, in order; what is hidden, deleted or struck out is reported."""

import io
from typing import Any

import pytest
from support_formats import cell, odf_of, sheet

from corpus.reading import Reading, Unreadable, read

STRUCK = '<style:style style:name="S" style:family="text"><style:text-properties {}/></style:style>'
EMPTY = '<table:table-cell table:number-columns-repeated="9999"/>'
TRUE = 'office:value-type="boolean" office:boolean-value="true"'
META = (
    '<office:document-meta xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" '
    'xmlns:dc="http://purl.org/dc/elements/1.1/"><office:meta><dc:title>{}</dc:title><dc:creator>甲方</dc:creator>'
    "<dc:date>2024-05-06T10:00:00</dc:date></office:meta></office:document-meta>"
)


def text_of(body: str, styles: str = "", **parts: str) -> Reading:
    return read(odf_of("text", body, styles, {f"{name}.xml": part for name, part in parts.items()}), name="文.odt")


def test_headings_lists_tables_and_notes() -> None:
    body = (
        '<text:p text:style-name="Title">管理办法</text:p><text:h text:outline-level="1">一、总则</text:h>'
        "<text:p>甲园占地80亩<text:note><text:note-body><text:p>据年报</text:p></text:note-body></text:note>。</text:p>"
        "<text:list><text:list-item><text:p>水</text:p></text:list-item><text:list-item><text:p>电</text:p>"
        '</text:list-item></text:list><text:h text:outline-level="2">（一）费用</text:h>'
        + sheet("t", f"<table:table-row>{cell('项目')}{cell('金额')}</table:table-row>"
                f"<table:table-row>{cell('水费')}{cell('三元')}</table:table-row>")
    )  # fmt: skip
    styles = '<style:style style:name="Title" style:family="paragraph"/>'
    (one,) = text_of(body, styles).documents
    assert one.title == "管理办法"
    assert one.text == "一、总则\n\n甲园占地80亩。\n\n注：据年报\n水\n电\n\n（一）费用\n\n项目：水费，金额：三元。"
    assert [section.path for section in one.sections] == [("一、总则",), ("一、总则", "（一）费用")]


@pytest.mark.parametrize(
    ("properties", "reason"),
    [
        ('style:text-line-through-style="solid"', "struck-out text"),
        ('text:display="none"', "hidden text"),
    ],
)
def test_text_that_is_not_shown_is_reported(properties: str, reason: str) -> None:
    body = '<text:p>租金<text:span text:style-name="S">三元</text:span>五元。</text:p>'
    reading = text_of(body, STRUCK.format(properties))
    assert reading.documents[0].text == "租金五元。"
    assert reading.report.dropped == (f"{reason}: 三元",)


def test_deleted_text_comments_and_contents_are_reported() -> None:
    body = (
        "<text:tracked-changes><text:changed-region><text:deletion><text:p>旧价</text:p></text:deletion>"
        "</text:changed-region></text:tracked-changes>"
        "<text:table-of-content><text:index-body><text:p>一、总则 1</text:p></text:index-body></text:table-of-content>"
        "<text:p>正文<office:annotation><text:p>待定</text:p></office:annotation>一句。</text:p>"
    )
    reading = text_of(body)
    assert reading.documents[0].text == "正文一句。"
    assert set(reading.report.dropped) == {
        "deleted text: 旧价",
        "table of contents: 一、总则 1",
        "comment: 待定",
    }


def test_blanks_breaks_boxes_ruby_and_raised_marks() -> None:
    styles = STRUCK.format('style:text-position="super 58%"')
    body = (
        '<text:p>甲<text:s text:c="2"/>乙<text:line-break/>丙<text:tab/>丁</text:p>'
        "<text:p><text:ruby><text:ruby-base>瓯</text:ruby-base><text:ruby-text>ou</text:ruby-text></text:ruby>江</text:p>"
        '<text:p>56<text:span text:style-name="S">1</text:span>家<draw:frame><draw:text-box><text:p>框内</text:p>'
        "</draw:text-box></draw:frame></text:p>"
    )
    assert text_of(body, styles).documents[0].text == "甲  乙\n丙 丁\n\n瓯江\n\n56¹家\n\n框内"


def test_what_the_file_tells_of_itself() -> None:
    (one,) = text_of("<text:p>正文一句。</text:p>", meta=META.format("导则")).documents
    source = one.sources["document"]
    assert (one.title, source.author, source.date_note) == ("导则", "甲方", "文件修改于2024-05-06")


def test_a_placeholder_is_no_title() -> None:
    assert text_of("<text:p>正文一句。</text:p>", meta=META.format("无标题 1")).documents[0].title == "文"


def test_a_file_of_another_programme() -> None:
    from odf.opendocument import OpenDocumentText
    from odf.text import H, P

    document: Any = OpenDocumentText()
    document.text.addElement(H(outlinelevel=1, text="概况"))
    document.text.addElement(P(text="甲园占地80亩。"))
    file = io.BytesIO()
    document.save(file)
    (one,) = read(file.getvalue(), name="文.odt").documents
    assert (one.text, one.sections[0].path) == ("概况\n\n甲园占地80亩。", ("概况",))


def rows(*cells: str) -> str:
    return "".join(f"<table:table-row>{row}</table:table-row>" for row in cells)


def sheets(body: str, styles: str = "") -> Reading:
    return read(odf_of("spreadsheet", body, styles), name="表.ods")


def test_shown_values_days_and_merged_cells() -> None:
    body = sheet("表一", rows(
        cell("名称") + cell("占比") + cell("日期"),
        cell("甲园", 'table:number-rows-spanned="2"')
        + cell("12.5%", 'office:value-type="percentage" office:value="0.125"')
        + cell("3月1日", 'office:value-type="date" office:date-value="2024-03-01"'),
        "<table:covered-table-cell/>" + cell("20%") + cell("x", TRUE),
    ))  # fmt: skip
    reading = sheets(body)
    assert reading.documents[0].text == (
        "表一\n\n名称：甲园，占比：12.5%，日期：2024-03-01。\n名称：甲园，占比：20%，日期：是。"
    )
    assert reading.report.format == "ods"


def test_repeated_cells_stand_where_they_are_shown() -> None:
    body = sheet("表一", rows(
        cell("项目") + cell("金额", 'table:number-columns-repeated="2"') + EMPTY,
        cell("水费") + cell("3元") + cell("5元"),
    ) + '<table:table-row table:number-rows-repeated="1048573"><table:table-cell/></table:table-row>')  # fmt: skip
    assert sheets(body).documents[0].text == "表一\n\n项目：水费，金额：3元，金额：5元。"


def test_hidden_sheets_and_rows_are_reported() -> None:
    styles = '<style:style style:name="ta"><style:table-properties table:display="false"/></style:style>'
    body = sheet("公开", rows(cell("名称") + cell("价"), cell("甲") + cell("1"))
                 + f'<table:table-row table:visibility="collapse">{cell("底价")}</table:table-row>')  # fmt: skip
    body += sheet("内部", rows(cell("秘密") + cell("x")), 'table:style-name="ta"')
    reading = sheets(body, styles)
    assert reading.documents[0].text == "公开\n\n名称：甲，价：1。"
    assert set(reading.report.dropped) == {"hidden row: 底价", "hidden sheet: 内部"}


def test_slides_with_titles_tables_and_notes() -> None:
    table = sheet("t", rows(cell("名称") + cell("面积"), cell("甲园") + cell("80亩")))
    body = (
        '<draw:page><draw:frame presentation:class="title"><draw:text-box><text:p>推介</text:p></draw:text-box>'
        '</draw:frame><draw:frame presentation:class="outline"><draw:text-box><text:list><text:list-item>'
        "<text:p>优惠期三年</text:p></text:list-item></text:list></draw:text-box></draw:frame></draw:page>"
        f'<draw:page><draw:frame presentation:class="title"><draw:text-box><text:p>企业</text:p></draw:text-box>'
        f'</draw:frame><draw:frame>{table}</draw:frame><presentation:notes><draw:frame presentation:class="notes">'
        "<draw:text-box><text:p>可面议</text:p></draw:text-box></draw:frame></presentation:notes></draw:page>"
    )
    reading = read(odf_of("presentation", body), name="推介.odp")
    (one,) = reading.documents
    assert one.text == "优惠期三年\n\n企业\n\n名称：甲园，面积：80亩。\n\n备注：可面议"
    assert (one.title, one.page_of(one.text.index("80亩")), reading.report.pages) == ("推介", 2, 2)


def test_a_locked_file_is_refused() -> None:
    manifest = (
        '<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"><manifest:file-entry>'
        "<manifest:encryption-data/></manifest:file-entry></manifest:manifest>"
    )
    raw = odf_of("text", "", parts={"META-INF/manifest.xml": manifest})
    with pytest.raises(Unreadable, match="locked with a password"):
        read(raw, name="文.odt")
