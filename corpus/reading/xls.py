"""XLS and XLSB → parts: one section a sheet, one line a row, values as a person sees them."""

import io
from datetime import date, datetime, time, timedelta
from typing import Any

from python_calamine import (
    CalamineError,
    CalamineWorkbook,
    PasswordError,
    SheetTypeEnum,
    SheetVisibleEnum,
)

from corpus.reading.bounded import ParserFailed
from corpus.reading.grid import sheet_parts
from corpus.reading.parts import HEADING, Parsed, Part
from corpus.reading.tables import Merge, Table
from corpus.reading.xls_formats import percentages

MOST_CELLS = 5_000_000
_COMPOUND = b"\xd0\xcf\x11\xe0"


def parse_xls(raw: bytes) -> Parsed:
    """Read a workbook in one of Excel's binary formats.

    raises  ParserFailed for one that is damaged, locked, too large, or whose sheets are empty
    """
    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(raw))
        parsed = _read(book, percentages(raw) if raw.startswith(_COMPOUND) else [])
    except PasswordError:
        raise ParserFailed("it is locked with a password; save it without one") from None
    except CalamineError as error:
        raise ParserFailed(f"it is damaged ({' '.join(str(error).split())[:80]})") from None
    if not parsed.parts:
        raise ParserFailed("its sheets are empty")
    return parsed


def _read(book: CalamineWorkbook, percent: list[dict[tuple[int, int], int]]) -> Parsed:
    """percent  of each sheet, the decimals of the cells that are shown as percentages"""
    parsed = Parsed()
    left = MOST_CELLS
    sheets = [one for one in book.sheets_metadata if one.typ not in (SheetTypeEnum.Vba, SheetTypeEnum.MacroSheet)]
    if len(sheets) < len(book.sheets_metadata):
        parsed.warnings.append("its macros were ignored")
    for number, one in enumerate(book.sheets_metadata):
        if one not in sheets or one.typ is not SheetTypeEnum.WorkSheet:
            continue
        if one.visible is not SheetVisibleEnum.Visible:
            parsed.drop("hidden sheet", [one.name])
            continue
        sheet = book.get_sheet_by_name(one.name)
        left -= sheet.height * sheet.width
        if left < 0:
            raise ParserFailed(f"it has more than {MOST_CELLS} cells; split it")
        table = _table(sheet, percent[number] if number < len(percent) else {})
        if lines := sheet_parts(table, 3):
            parsed.parts += [Part(HEADING, one.name, 2), *lines]
    return parsed


def _table(sheet: Any, percent: dict[tuple[int, int], int]) -> Table:
    """Rows of shown values, and the merged cells."""
    top, left = sheet.start or (0, 0)
    rows = [
        [_shown(value, percent.get((top + row, left + column))) for column, value in enumerate(cells)]
        for row, cells in enumerate(sheet.to_python(skip_empty_area=True))
    ]
    merges = [
        Merge(first - top, column - left, min(last - top + 1, len(rows)) - first + top, furthest - column + 1)
        for (first, column), (last, furthest) in sheet.merged_cell_ranges or ()
        if 0 <= first - top < len(rows) and column >= left
    ]
    return Table(rows, merges)


def _shown(value: object, places: int | None) -> str:
    """A value as a person sees it. places  decimals of a percentage, None for no percentage"""
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, int | float):
        return f"{value * 100:.{places}f}%" if places is not None else _number(value)
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time() else value.isoformat(" ", "minutes")
    if isinstance(value, date | time | timedelta):
        return str(value)
    return str(value).replace("\r\n", "\n").replace("\r", "\n")


def _number(value: float) -> str:
    return f"{value:.15g}" if abs(value) < 1e15 else f"{value:.0f}"
