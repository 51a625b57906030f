"""XLS and XLSB: values as a person sees them, merged cells, hidden sheets; disguised files."""

from datetime import date
from typing import Any

import pytest
from support_files import zipped
from support_formats import xls_of, xlsb_of

from corpus.reading import Unreadable, read


def test_values_as_they_are_shown() -> None:
    rows = [
        ["名称", "面积", "占比", "增速", "日期", "运营"],
        ["甲园", 80.1, (0.125, "0.0%"), (0.2, "0%"), (date(2024, 3, 1), "yyyy-mm-dd"), True],
        ["乙园", 1234567, (1, "0.00%"), -0.5, (date(2024, 3, 2), "yyyy-mm-dd"), False],
    ]
    reading = read(xls_of(rows), name="表.xls")
    assert reading.documents[0].text == (
        "园区\n\n名称：甲园，面积：80.1，占比：12.5%，增速：20%，日期：2024-03-01，运营：是。\n"
        "名称：乙园，面积：1234567，占比：100.00%，增速：-0.5，日期：2024-03-02，运营：否。"
    )
    assert reading.report.format == "xls"


def test_percentages_of_a_run_of_numbers() -> None:
    """Neighbouring short numbers stand in one record."""
    rows = [["名称", "甲", "乙", "丙"], ["占比", (0.1, "0%"), (0.2, "0%"), (30, "0")]]
    assert "甲：10%，乙：20%，丙：30" in read(xls_of(rows), name="表.xls").documents[0].text


def test_merged_cells_repeat_and_hidden_sheets_are_told() -> None:
    def change(book: Any, sheet: Any) -> None:
        sheet.write_merge(1, 2, 0, 0, "甲园")
        hidden = book.add_sheet("内部")
        hidden.write(0, 0, "底价")
        hidden.visibility = 1

    reading = read(xls_of([["名称", "楼"], [None, "一号楼"], [None, "二号楼"]], change), name="表.xls")
    assert reading.documents[0].text.endswith("名称：甲园，楼：一号楼。\n名称：甲园，楼：二号楼。")
    assert reading.report.dropped == ("hidden sheet: 内部",)


def test_a_table_that_does_not_begin_at_the_corner_keeps_its_percentages() -> None:
    def change(_: Any, sheet: Any) -> None:
        import xlwt

        for row, cells in enumerate((("名称", "占比"), ("甲园", 0.5))):
            for column, value in enumerate(cells):
                sheet.write(row + 3, column + 2, value, xlwt.easyxf(num_format_str="0%"))

    assert "名称：甲园，占比：50%。" in read(xls_of([], change), name="表.xls").documents[0].text


def test_binary_workbooks() -> None:
    reading = read(xlsb_of([["名称", "面积"], ["甲园", 80.5]]), name="表.xlsb")
    assert (reading.report.format, reading.documents[0].text) == ("xlsb", "园区\n\n名称：甲园，面积：80.5。")


SPREADSHEET = (
    '<?xml version="1.0"?><?mso-application progid="Excel.Sheet"?>'
    '<Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet" '
    'xmlns:ss="urn:schemas-microsoft-com:office:spreadsheet"><Worksheet ss:Name="表一"><Table>'
    '<Row><Cell><Data ss:Type="String">名称</Data></Cell><Cell ss:Index="3"><Data ss:Type="String">面积</Data></Cell>'
    '</Row><Row><Cell><Data ss:Type="String">甲园</Data></Cell><Cell ss:Index="3"><Data ss:Type="Number">80</Data>'
    "</Cell></Row></Table></Worksheet></Workbook>"
)


@pytest.mark.parametrize(
    ("raw", "kind"),
    [
        ("<html><body><table><tr><th>名称<th>面积<tr><td>甲园<td>80</table>".encode(), "html"),
        ("名称\t面积\n甲园\t80\n".encode("gbk"), "csv"),
        (SPREADSHEET.encode(), "xml"),
        (xlsb_of([["名称", "面积"], ["甲园", 80.0]]), "xlsb"),
    ],
)
def test_what_other_programs_call_xls_is_read_as_what_it_is(raw: bytes, kind: str) -> None:
    for media_type in ("", "application/vnd.ms-excel"):
        reading = read(raw, name="导出.xls", media_type=media_type)
        assert reading.report.format == kind
        assert "名称：甲园，面积：80。" in reading.documents[0].text
        assert f"the name says xls, but the content is {kind.upper()}" in reading.report.warnings[0]


def test_a_workbook_of_wps_is_one_of_excel() -> None:
    assert read(xls_of([["名称", "面积"], ["甲园", 80]]), name="表.et").report.format == "xls"


def test_an_empty_workbook_is_refused() -> None:
    with pytest.raises(Unreadable, match="its sheets are empty"):
        read(xls_of([]), name="表.xls")


def test_xls_within_an_archive() -> None:
    reading = read(zipped({"甲/表.xls": xls_of([["名称", "面积"], ["甲园", 80]])}), name="台账.zip")
    assert reading.documents[0].id == "台账--甲--表"
