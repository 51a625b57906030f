"""Tables in files of their own: CSV and TSV in any encoding and dialect, XLSX workbooks."""

import csv
import io
import re
import zipfile
from datetime import date, datetime, time, timedelta
from typing import Any

from corpus.reading.bounded import ParserFailed
from corpus.reading.decoding import UndecodableText, decode
from corpus.reading.grid import Grid, table_parts
from corpus.reading.office import open_package, read_part, told_by
from corpus.reading.parts import HEADING, Parsed, Part

MOST_CELLS = 20_000_000
_DELIMITERS = ",\t;|，"
_SAMPLE = 200  # lines that are looked at to find the delimiter
_SEPARATOR_LINE = re.compile(r"sep=(.)\r?\n", re.I)
_MERGED = re.compile(rb'<mergeCell ref="([A-Z]{1,3})(\d{1,7}):([A-Z]{1,3})(\d{1,7})"')
_UNCOMPUTED = re.compile(rb"</f>\s*(?:<v\s*/>|<v></v>)?\s*</c>")
_PERCENT = re.compile(r"0(?:\.(0+))?%")


def parse_csv(raw: bytes) -> Parsed:
    """CSV or TSV: the delimiter is found out.

    raises  ParserFailed for bytes that are no text, or quotes that are never closed
    """
    try:
        decoded = decode(raw)
    except UndecodableText as error:
        raise ParserFailed(str(error)) from None
    parsed = Parsed(encoding=decoded.encoding, confidence=decoded.confidence)
    text = decoded.text
    if said := _SEPARATOR_LINE.match(text):
        text = text[said.end() :]
    delimiter = said[1] if said else _delimiter(text)
    grid = _csv_rows(text, delimiter, parsed)
    parsed.parts = table_parts(grid)
    return parsed


def _csv_rows(text: str, delimiter: str, parsed: Parsed) -> Grid:
    csv.field_size_limit(len(text) + 1)
    try:
        grid = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True))
    except csv.Error:
        parsed.warnings.append("its quotes do not match; they were read as letters")
        grid = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, quoting=csv.QUOTE_NONE))
    widths = {len(row) for row in grid if any(row)}
    if len(widths) > 1:
        parsed.warnings.append(f"its rows have {min(widths)} to {max(widths)} columns")
    return grid


def _delimiter(text: str) -> str:
    """The sign that parts most lines into equally many cells; a comma where none does."""
    lines = [re.sub(r'"[^"\n]*"', "", line) for line in text[:200_000].split("\n")[:_SAMPLE] if line.strip()]

    def evenness(sign: str) -> tuple[int, int]:
        counts = [line.count(sign) for line in lines]
        usual = max(set(counts) - {0}, key=counts.count, default=0)
        return (counts.count(usual) if usual else 0, -_DELIMITERS.index(sign))

    return max(_DELIMITERS, key=evenness)


def parse_xlsx(raw: bytes) -> Parsed:
    """A workbook: one section a sheet. Formulas show the value that was computed last.

    raises  ParserFailed for a workbook that is damaged, too large or without sheets
    """
    from openpyxl import load_workbook

    with open_package(raw) as package:
        parsed = Parsed(told=told_by(package))
        if any(name.endswith("vbaProject.bin") for name in package.namelist()):
            parsed.warnings.append("its macros were ignored")
        book = load_workbook(io.BytesIO(raw), read_only=True, data_only=True, keep_links=False)
        cells = 0
        for sheet in book.worksheets:
            if sheet.sheet_state != "visible":
                parsed.drop("hidden sheet", [sheet.title])
                continue
            grid = _sheet_grid(sheet, MOST_CELLS - cells)
            cells += sum(map(len, grid))
            _fill_merged(grid, _sheet_xml(package, sheet), sheet.title, parsed)
            parsed.parts += [Part(HEADING, sheet.title, 2), *table_parts(grid)] if any(map(any, grid)) else []
    if not parsed.parts:
        raise ParserFailed("its sheets are empty")
    return parsed


def _sheet_grid(sheet: Any, most: int) -> Grid:
    """Rows of shown values, without the empty cells at their ends."""
    sheet.reset_dimensions()  # what the file says of its own size may be wrong
    grid: Grid = []
    cells = 0
    for row in sheet.iter_rows():
        shown = [_shown(cell) for cell in row]
        while shown and not shown[-1]:
            shown.pop()
        cells += len(row)
        if cells > most:
            raise ParserFailed(f"it has more than {MOST_CELLS} cells")
        grid.append(shown)
    return grid


def _shown(cell: Any) -> str:
    """A value as a person sees it."""
    value = cell.value
    match value:
        case None:
            return ""
        case bool():
            return "是" if value else "否"
        case datetime():
            return value.date().isoformat() if value.time() == time() else value.isoformat(" ", "minutes")
        case date() | time():
            return value.isoformat()
        case timedelta():
            return str(value)
        case int() | float() if percent := _PERCENT.fullmatch(cell.number_format or ""):
            return f"{value * 100:.{len(percent[1] or '')}f}%"
        case float():
            return f"{value:.15g}" if abs(value) < 1e15 else f"{value:.0f}"
    return str(value)


def _sheet_xml(package: zipfile.ZipFile, sheet: Any) -> bytes:
    path = str(getattr(sheet, "_worksheet_path", "")).lstrip("/")
    return read_part(package, path) or b""


def _fill_merged(grid: Grid, xml: bytes, title: str, parsed: Parsed) -> None:
    """Repeat the text of a merged cell in every row that it covers, so that each row says all."""
    if uncomputed := len(_UNCOMPUTED.findall(xml)):
        parsed.warnings.append(f"{title}: {uncomputed} formulas hold no computed value")
    for left, top, right, bottom in _MERGED.findall(xml):
        first, last = int(top) - 1, min(int(bottom), len(grid))
        column, width = _column(left), _column(right) - _column(left)
        if last - first < 2 or width or first >= len(grid) or column >= len(grid[first]):
            continue
        for row in grid[first + 1 : last]:
            row += [""] * (column + 1 - len(row))
            row[column] = row[column] or grid[first][column]


def _column(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number - 1
