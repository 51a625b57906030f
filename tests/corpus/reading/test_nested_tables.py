"""Tables within cells, long rows, and merged cells without end, in DOCX and HTML."""

import pytest
from support_files import docx_of, paragraph
from support_tables import docx, html, rows_of

from corpus.document import InvalidDocument
from corpus.reading import read
from corpus.reading.tables import Cell, Line, Merge, Table, laid_out, read_table


def cell(inside: str) -> str:
    return f"<w:tc>{inside}</w:tc>"


def table(*rows: str) -> str:
    return f"<w:tbl>{''.join(f'<w:tr>{row}</w:tr>' for row in rows)}</w:tbl>"


INNER = table(
    cell(paragraph("设备")) + cell(paragraph("单价（元）")),
    cell(paragraph("激光机")) + cell(paragraph("36000")),
    cell(paragraph("打印机")) + cell(paragraph("1500")),
)
LINES = [
    "申请企业：甲木科技。",
    "甲木科技，设备清单：见下表。",
    "",
    "设备清单",
    "",
    "设备：激光机，单价：36000元。",
    "设备：打印机，单价：1500元。",
]


def test_a_table_within_a_cell_of_a_word_document() -> None:
    body = table(
        cell(paragraph("申请企业")) + cell(paragraph("甲木科技")),
        cell(paragraph("设备清单")) + cell(INNER + paragraph("")),
    )
    assert read(docx_of(body), name="a.docx").documents[0].text.split("\n") == LINES


def test_a_table_within_a_cell_of_a_page() -> None:
    inner = "<table><tr><th>设备<th>单价（元）<tr><td>激光机<td>36000<tr><td>打印机<td>1500</table>"
    page = f"<body><table border=1><tr><td>申请企业<td>甲木科技<tr><td>设备清单<td>{inner}</table>"
    assert read(page.encode(), name="a.html").documents[0].text.split("\n") == LINES


def test_tables_nested_without_end_are_read_or_refused() -> None:
    body = "<w:tbl><w:tr><w:tc>" * 150 + paragraph("底") + "</w:tc></w:tr></w:tbl>" * 150
    assert read(docx_of(body), name="a.docx").documents[0].text == "底"


def test_row_headers_of_a_page() -> None:
    page = "<body><table><tr><th>项目<td>物业费<tr><th>标准<td>每平方米6元<br>每年调整<tr><th>电话<td>8800</table>"
    assert read(page.encode(), name="a.html").documents[0].text.split("\n") == [
        "项目：物业费。",
        "物业费，标准：每平方米6元，每年调整。",
        "物业费，电话：8800。",
    ]


def test_a_long_row_goes_on_in_lines_that_name_it_again() -> None:
    names = ["园区", *(f"第{n}项说明" for n in range(12))]
    rows = [names, *(["东溪园" if row else "西山园", *[f"内容{row}{n}" * 8 for n in range(12)]] for row in (1, 0))]
    found = [line.text for line in read_table(Table(rows))]
    assert len(found) == 4
    assert all(len(text) < 400 for text in found)
    assert [text[:7] for text in found] == ["园区：东溪园，"] * 2 + ["园区：西山园，"] * 2
    assert found[1].startswith("园区：东溪园，第6项说明：内容16内容16")


def test_lines_know_their_row_and_their_marks() -> None:
    marks = {(0, 1): ("a",), (1, 1): ("b",)}
    lines = read_table(Table([["名称", "面积"], ["甲园", "80"], ["乙园", "90"]], heads=1, marks=marks))
    assert lines == [
        Line("名称：甲园，面积：80。", row=1, marks=("a", "b")),
        Line("名称：乙园，面积：90。", row=2, marks=("a",)),
    ]


def test_cells_are_laid_out_as_a_browser_does() -> None:
    rows = [
        [Cell("区", high=2), Cell("规模", wide=2)],
        [Cell("名称"), Cell("面积")],
        [Cell("滨江"), Cell("甲"), Cell("8")],
    ]
    laid = laid_out(rows)
    assert laid.rows == [["区", "规模", ""], ["", "名称", "面积"], ["滨江", "甲", "8"]]
    assert list(laid.merges) == [Merge(0, 0, 2, 1), Merge(0, 1, 1, 2)]
    assert [line.text for line in read_table(laid)] == ["区：滨江，规模／名称：甲，规模／面积：8。"]


def test_merged_cells_that_cover_too_much_are_refused() -> None:
    from corpus.reading.bounded import ParserFailed

    with pytest.raises(ParserFailed, match="merged cells cover more than"):
        laid_out([[Cell("甲", wide=2000, high=2000)]])


def test_what_a_heading_above_tells_counts_as_the_unit() -> None:
    drawn = rows_of("园区 | 税收 | 户数\n东溪园 | 61 | 4\n西山园 | 88 | 5")
    body = f"<p>单位：万元</p>{html(drawn).decode().split('<body>')[1]}"
    text = read(f"<html><body>{body}".encode(), name="a.html").documents[0].text
    assert text.split("\n")[2:] == ["园区：东溪园，税收：61万元，户数：4。", "园区：西山园，税收：88万元，户数：5。"]


def test_an_empty_table_is_no_text() -> None:
    with pytest.raises(InvalidDocument):
        read(docx([["", ""], ["", ""]]), name="a.docx")
