"""XLSX: what a person sees on a sheet, what is hidden on it, and formulas whose value was never stored."""

import io
from typing import Any

import pytest
from support_files import xlsx_of

from corpus.reading import Reading, read
from corpus.reading.xlsx_formulas import Formulas


def opened(rows: list[list[object]], change: Any = None) -> Reading:
    return read(xlsx_of(rows, change), name="a.xlsx")


def lines(reading: Reading) -> list[str]:
    return reading.documents[0].text.removeprefix("园区\n\n").split("\n")


ROWS: list[list[object]] = [["岗位", "名额", "底薪"], ["工程师", 3, 7000], ["旧岗", 9, 8000], ["会计", 1, 6000]]


def test_hidden_rows_and_columns_are_left_out_and_reported() -> None:
    def hide(book: Any) -> None:
        book.active.row_dimensions[3].hidden = True
        book.active.column_dimensions["C"].hidden = True

    reading = opened(ROWS, hide)
    assert lines(reading) == ["岗位：工程师，名额：3。", "岗位：会计，名额：1。"]
    assert reading.report.dropped == (
        "hidden row: 旧岗，9，8000",
        "hidden column: 底薪",
        "hidden column: 7000",
        "hidden column: 6000",
    )


def test_a_hidden_column_between_others_does_not_part_them() -> None:
    def hide(book: Any) -> None:
        book.active.column_dimensions["B"].hidden = True
        book.active.merge_cells("A1:C1")

    reading = opened([["名单", None, None], ["姓名", "证号", "楼层"], ["张三", 11, 5], ["李四", 12, 6]], hide)
    assert reading.documents[0].sections[0].path == ("园区", "名单")
    assert lines(reading)[-2:] == ["姓名：张三，楼层：5。", "姓名：李四，楼层：6。"]


def test_formulas_without_a_value_are_computed_and_reported() -> None:
    rows: list[list[object]] = [
        ["项目", "单价", "数量", "金额"],
        ["路灯", 1200, 5, "=B2*C2"],
        ["座椅", 300, 10, "=B3*C3"],
        ["合计", None, None, "=SUM(D2:D3)"],
        ["均价", None, None, "=ROUND(D4/SUM(C2:C3),2)"],
        ["查找", None, None, "=VLOOKUP(A2,A1:D3,4)"],
    ]
    reading = opened(rows)
    assert lines(reading) == [
        "项目：路灯，单价：1200，数量：5，金额：6000。",
        "项目：座椅，单价：300，数量：10，金额：3000。",
        "项目：合计，金额：9000。",
        "项目：均价，金额：600。",
        "项目：查找。",
    ]
    warning = "园区: 5 formulas hold no computed value; 4 of them were computed while reading"
    assert reading.report.warnings == (warning,)


@pytest.mark.parametrize(
    ("formula", "value"),
    [
        ("A1+A2*2", 8.0),
        ("(A1+A2)*2", 10.0),
        ("-A1+10%", -1.9),
        ("SUM(A1:A3,10)", 15.0),
        ("AVERAGE(A1:A2)", 2.5),
        ("MAX(A1:A2)-MIN(A1:A2)", 1.0),
        ("ROUND(2.675,2)", 2.68),
        ("$A$1/A2", 0.6666666667),
        ("B1+1", None),  # words
        ("SUM(B1:B1,A1)", 2.0),  # in a range words count for nothing
        ("A9+1", 1.0),  # an empty cell is 0
        ("A1/A9", None),
        ("Sheet2!A1", None),
        ("IF(A1>1,1,2)", None),
        ('A1&"元"', None),
        ("A1 A2", None),
        ("(" * 60 + "1" + ")" * 60, None),
        ("SUM(A1:XFD1048576)", None),
    ],
)
def test_formulas(formula: str, value: float | None) -> None:
    numbers = {(1, 0): 2.0, (2, 0): 3.0}
    place = (20, 20)
    assert Formulas({place: formula}, numbers, {(1, 1)}).values().get(place) == value


def test_formulas_that_lead_back_to_themselves_have_no_value() -> None:
    assert Formulas({(1, 0): "B1", (1, 1): "A1", (2, 0): "A2+1"}, {}, set()).values() == {}


@pytest.mark.parametrize(
    ("value", "form", "shown"),
    [
        (80.5, '0.0"亩"', "80.5亩"),
        (1234.5, "#,##0.00", "1234.50"),
        (2.345, "0.00", "2.35"),
        (33.0000001, "0", "33"),
        (500, '"¥"#,##0', "¥500"),
        (45444, 'yyyy"年"m"月"', "2024年6月"),
        (45444, "yyyy-mm", "2024-06"),
        (45444, 'yyyy"年"', "2024年"),
        (45444, 'yyyy"年"m"月"d"日"', "2024年6月1日"),
        (12345, '0!.0,"万"', "12345"),  # scaled forms show the number itself
    ],
)
def test_numbers_in_their_form(value: float, form: str, shown: str) -> None:
    def formed(book: Any) -> None:
        book.active["B2"].number_format = form

    assert lines(opened([["名称", "值"], ["甲园", value]], formed)) == [f"名称：甲园，值：{shown}。"]


def test_a_bold_row_of_words_names_the_columns() -> None:
    from openpyxl.styles import Font

    def bold(book: Any) -> None:
        for cell in book.active[1]:
            cell.font = Font(bold=True)

    rows: list[list[object]] = [["来客", "去处"], ["甲木", "松月路"], ["乙水", "桂雨路"]]
    assert lines(opened(rows)) == ["来客，去处。", "甲木，松月路。", "乙水，桂雨路。"]
    assert lines(opened(rows, bold)) == ["来客：甲木，去处：松月路。", "来客：乙水，去处：桂雨路。"]


def test_titles_of_several_tables_are_headings_and_a_lone_line_is_kept() -> None:
    rows: list[list[object]] = [
        ["一、停车收费"],
        ["车型", "每小时（元）"],
        ["小型车", 5],
        [],
        ["二、水电收费"],
        ["项目", "单价（元）"],
        ["水", 4.2],
        [],
        ["以上价格自6月1日起执行"],
    ]
    (one,) = opened(rows).documents
    assert [(section.path, one.text[section.start : section.end]) for section in one.sections] == [
        (("园区", "一、停车收费"), "车型：小型车，每小时：5元。"),
        (("园区", "二、水电收费"), "项目：水，单价：4.2元。\n\n以上价格自6月1日起执行"),
    ]


def test_merged_cells_over_whole_columns_take_no_long_time() -> None:
    import openpyxl

    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append(["名单"])
    sheet.append(["姓名", "楼层"])
    sheet.append(["张三", 5])
    sheet.merge_cells("A1:XFD1")
    file = io.BytesIO()
    book.save(file)
    (one,) = read(file.getvalue(), name="a.xlsx").documents
    assert one.text == "Sheet\n\n名单\n\n姓名：张三，楼层：5。"


def test_five_thousand_rows_are_quick_and_each_is_whole() -> None:
    from time import process_time

    raw = xlsx_of([["序号", "企业", "租金（元）"], *([n, f"第{n}号企业", 1000 + n] for n in range(5000))])
    began = process_time()
    (one,) = read(raw, name="a.xlsx").documents
    assert process_time() - began < 5
    found = one.text.split("\n")[2:]
    assert len(found) == 5000
    assert found[3721] == "序号：3721，企业：第3721号企业，租金：4721元。"


def test_an_empty_row_within_a_merged_cell_parts_no_table() -> None:
    def merge(book: Any) -> None:
        book.active.merge_cells("A2:A4")

    rows: list[list[object]] = [["街道", "企业", "面积"], ["松月", "甲木", 320], [], [None, "乙水", 450]]
    assert lines(opened(rows, merge)) == ["街道：松月，企业：甲木，面积：320。", "街道：松月，企业：乙水，面积：450。"]
