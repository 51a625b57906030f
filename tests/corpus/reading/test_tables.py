"""CSV, TSV and XLSX: one line a row that names its columns, one section a sheet."""

import io
import zipfile
from datetime import date, datetime, time, timedelta
from time import process_time

import pytest
from openpyxl.utils.datetime import CALENDAR_MAC_1904
from support_files import xlsx_of, zipped

from corpus.reading import read
from corpus.reading.grid import table_parts

ROWS = ["名称：甲园，面积：80.1亩。", "名称：乙园，面积：90亩。"]


@pytest.mark.parametrize("sign", [",", ";", "\t", "|", "，"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk", "utf-16"])
def test_delimiters_and_encodings(sign: str, encoding: str) -> None:
    text = f"名称{sign}面积\r\n甲园{sign}80.1亩\r\n乙园{sign}90亩\r\n"
    (one,) = read(text.encode(encoding), name="园区.csv").documents
    assert one.text.split("\n") == ROWS
    assert one.title == "园区"


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ('名称,说明\n甲园,"占地80亩,含""一期""\n在建"\n', ['名称：甲园，说明：占地80亩,含"一期"，在建。']),
        ("sep=;\n名称;面积\n甲园;80,1\n", ["名称：甲园，面积：80,1。"]),
        ("杭州园区一览,\n名称,面积\n甲园,80\n", ["杭州园区一览", "", "名称：甲园，面积：80。"]),
        ("甲园,80\n乙园,90\n", ["甲园，80。", "乙园，90。"]),  # no row names the columns
        ("指标,2022,2023\n企业,100,120\n", ["指标：企业，2022年：100，2023年：120。"]),
        ("名称,面积\n甲园,80,另注\n", ["名称：甲园，面积：80，另注。"]),
        ("名称,面积\n甲园,\n,90\n\n", ["名称：甲园。", "面积：90。"]),
        ("名称,面积\n", ["名称，面积。"]),
        ("甲园占地80亩\n", ["甲园占地80亩"]),
    ],
)
def test_rows(text: str, lines: list[str]) -> None:
    assert read(text.encode(), name="a.csv").documents[0].text.split("\n") == lines


def test_heads_in_several_rows_are_joined() -> None:
    (part,) = table_parts([["区", "规模", "规模"], ["区", "面积", "企业"], ["滨江", "80亩", "120家"]], heads=2)
    assert part.text == "区：滨江，规模／面积：80亩，规模／企业：120家。"


@pytest.mark.parametrize(
    ("value", "form", "shown"),
    [
        ("甲", "General", "甲"),
        (80, "General", "80"),
        (80.1, "General", "80.1"),
        (0.1 + 0.2, "General", "0.3"),
        (1e15, "General", "1000000000000000"),
        (0.856, "0.0%", "85.6%"),
        (1, "0%", "100%"),
        (date(2024, 5, 6), "yyyy-mm-dd", "2024-05-06"),
        (datetime(2024, 5, 6, 10, 30), "yyyy-mm-dd hh:mm", "2024-05-06 10:30"),
        (True, "General", "是"),
        ("一\n二", "General", "一，二"),
        ("一_x000D_二", "General", "一，二"),
        ("𠮷", "General", "𠮷"),
        ("007", "@", "007"),
        ("#N/A", "General", "#N/A"),
        (-1e-7, "General", "-1e-07"),
        (12345678901, "#,##0", "12345678901"),
        (time(8, 30), "hh:mm", "08:30:00"),
        (timedelta(hours=30), "[h]:mm:ss", "1 day, 6:00:00"),
    ],
)
def test_values_as_they_are_shown(value: object, form: str, shown: str) -> None:
    def formed(book: object) -> None:
        book.active["B2"].number_format = form  # type: ignore[attr-defined]

    (one,) = read(xlsx_of([["名称", "值"], ["甲园", value]], formed), name="a.xlsx").documents
    assert one.text.endswith(f"名称：甲园，值：{shown}。")


def test_sheets_captions_and_merged_cells() -> None:
    def change(book: object) -> None:
        sheet = book.active  # type: ignore[attr-defined]
        sheet.merge_cells("A1:C1")
        sheet.merge_cells("A3:A4")
        other = book.create_sheet("政策")  # type: ignore[attr-defined]
        other.append(["名称", "年份"])
        other.append(["导则", 2023])
        book.create_sheet("空表")  # type: ignore[attr-defined]
        hidden = book.create_sheet("内部")  # type: ignore[attr-defined]
        hidden["A1"] = "密"
        hidden.sheet_state = "hidden"

    rows = [["杭州园区一览"], ["区", "名称", "面积"], ["滨江区", "甲园", 80.1], [None, "乙园", 90]]
    reading = read(xlsx_of(rows, change), name="a.xlsx")
    (one,) = reading.documents
    assert [(section.path, one.text[section.start : section.end]) for section in one.sections] == [
        (("园区", "杭州园区一览"), "区：滨江区，名称：甲园，面积：80.1。\n区：滨江区，名称：乙园，面积：90。"),
        (("政策",), "名称：导则，年份：2023年。"),
    ]
    assert reading.report.dropped == ("hidden sheet: 内部",)


def test_inline_strings_runs_readings_and_rows_without_numbers() -> None:
    cells = (
        '<row><c t="inlineStr"><is><t>名称</t></is></c><c t="str"><v>值</v></c></row>'
        '<row><c t="inlineStr"><is><r><t>甲</t></r><r><t xml:space="preserve">园 </t></r>'
        '<rPh sb="0" eb="1"><t>かぶと</t></rPh></is></c><c><f>1+1</f><v>2</v></c><c t="e"><v>#DIV/0!</v></c></row>'
        '<row r="9"><c r="C9" t="d"><v>2024-05-06</v></c></row>'
    )
    sheet = (
        f"<worksheet xmlns='http://purl.oclc.org/ooxml/spreadsheetml/main'><sheetData>{cells}</sheetData></worksheet>"
    )
    with zipfile.ZipFile(io.BytesIO(xlsx_of([["x"]]))) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    raw = zipped({**parts, "xl/worksheets/sheet1.xml": sheet})
    (one,) = read(raw, name="a.xlsx").documents
    assert one.text == "园区\n\n名称：甲园，值：2，#DIV/0!。\n\n2024-05-06"


def test_days_counted_from_1904() -> None:
    def change(book: object) -> None:
        book.epoch = CALENDAR_MAC_1904  # type: ignore[attr-defined]

    (one,) = read(xlsx_of([["名称", "日期"], ["甲园", date(2024, 5, 6)]], change), name="a.xlsx").documents
    assert one.text.endswith("日期：2024-05-06。")


def test_many_captions_take_no_long_time() -> None:
    began = process_time()
    parts = table_parts([["说明"]] * 200_000 + [["甲园", "80亩"]])
    assert process_time() - began < 5
    assert len(parts) == 200_001
