"""One sheet of a workbook → a table: its cells as they are shown, its merged cells, and what is hidden.

The sheet is read as a stream, row by row: a million rows never stand in memory as a tree.
"""

import re
import zipfile
from bisect import bisect_left, bisect_right
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import accumulate
from typing import Any

from corpus.reading.bounded import ParserFailed
from corpus.reading.office import streamed
from corpus.reading.parts import Parsed
from corpus.reading.tables import Merge, Table
from corpus.reading.xlsx_formulas import Formulas
from corpus.reading.xlsx_values import Form, column_of, day_of, number_as_shown, unescaped, words_of

MOST_CELLS = 20_000_000
_MOST_MERGES = 200_000
_MOST_FORMULAS = 100_000  # without a value, that are looked at
_BOLD_ROWS = 200  # at the top, of which it is noted whether they are bold
_REFERENCE = re.compile(r"([A-Z]{1,3})(\d{1,7})(?::([A-Z]{1,3})(\d{1,7}))?")
_MOST_RAW = 500_000  # cells that formulas may refer to
_TRUTHS = {"0": "否", "1": "是"}
_ON = ("1", "true")
_Raw = tuple[dict[tuple[int, int], float], set[tuple[int, int]]]


@dataclass(slots=True)
class Book:
    """What the cells refer to, and how many more there may be. old  days are counted from 1904."""

    strings: list[str]
    forms: list[Form]
    bold: frozenset[int]
    old: bool
    left: int = MOST_CELLS


@dataclass(slots=True)
class _Sheet:
    """Rows that hold something, their numbers, and what else the sheet says.

    uncomputed  formulas without a value, by row number and column, with the style of their cell
    """

    rows: list[list[str]] = field(default_factory=list)
    numbers: list[int] = field(default_factory=list)
    merges: list[tuple[int, int, int, int]] = field(default_factory=list)
    bold: set[int] = field(default_factory=set)
    hidden_rows: list[str] = field(default_factory=list)
    hidden_columns: list[tuple[int, int]] = field(default_factory=list)
    uncomputed: dict[tuple[int, int], tuple[str, str]] = field(default_factory=dict)
    unknown: int = 0


def read_sheet(package: zipfile.ZipFile, path: str, title: str, book: Book, parsed: Parsed) -> Table:
    """The cells of a sheet; what is hidden, and formulas without a value, are reported.

    raises  ParserFailed for a sheet that is damaged or too large
    """
    sheet = _Sheet()
    number = 0
    for element in streamed(package, path, ("row", "mergeCell", "col")):
        if element.tag.endswith("}mergeCell"):
            _note_merged(str(element.get("ref", "")), sheet)
        elif element.tag.endswith("}col"):
            _note_hidden(element, sheet)
        else:
            said = element.get("r", "")
            number = int(said) if said.isascii() and said.isdigit() else number + 1
            _take_row(element, number, sheet, book)
    _compute(sheet, book, parsed, lambda: _raw_values(package, path), title)
    parsed.drop("hidden row", sheet.hidden_rows)
    parsed.drop("hidden column", _without_hidden_columns(sheet))
    return _table(sheet)


def _take_row(element: Any, number: int, sheet: _Sheet, book: Book) -> None:
    hidden = element.get("hidden") in _ON
    cells, bold = _cells(element, number, sheet, book)
    if not cells:
        return
    book.left -= len(cells)
    if book.left < 0:
        raise ParserFailed(f"it has more than {MOST_CELLS} cells; split it")
    if hidden:
        sheet.hidden_rows.append("，".join(filter(None, cells)))
        return
    sheet.rows.append(cells)
    sheet.numbers.append(number)
    if bold:
        sheet.bold.add(number)


def _cells(row: Any, number: int, sheet: _Sheet, book: Book) -> tuple[list[str], bool]:
    """What the cells of a row show, and whether all of it is bold."""
    cells: list[str] = []
    bold = len(sheet.rows) < _BOLD_ROWS
    for cell in row:
        name, said, formula, words = cell.get("r"), "", None, None
        for child in cell:
            tag = child.tag
            if tag.endswith("}v"):
                said = child.text or ""
            elif tag.endswith("}is"):
                words = words_of(child)
            elif tag.endswith("}f"):
                formula = child.text or ""
        if formula is not None and not said:
            _note_uncomputed(
                cell, formula, (number, column_of(name.rstrip("0123456789")) if name else len(cells)), sheet
            )
        shown = words or (_shown(said, cell.get("t", "n"), cell.get("s", ""), book) if said else "")
        if shown:
            column = column_of(name.rstrip("0123456789")) if name else len(cells)
            cells += [""] * (column + 1 - len(cells))
            cells[column] = shown
            if bold:
                style = cell.get("s", "")
                bold = style.isdigit() and int(style) in book.bold
    return cells, bold


def _shown(said: str, kind: str, style: str, book: Book) -> str:
    """A value as a person sees it."""
    match kind:
        case "s":
            return book.strings[int(said)]
        case "n":
            return number_as_shown(said, _form(style, book), book.old)
        case "b":
            return _TRUTHS.get(said, said)
        case "d":
            return day_of(said)
    return unescaped(said)


def _form(style: str, book: Book) -> Form:
    return book.forms[int(style)] if style and int(style) < len(book.forms) else Form()


def _note_uncomputed(cell: Any, formula: str, place: tuple[int, int], sheet: _Sheet) -> None:
    if formula and len(sheet.uncomputed) < _MOST_FORMULAS:
        sheet.uncomputed[place] = (formula, cell.get("s", ""))
    else:
        sheet.unknown += 1


def _note_merged(reference: str, sheet: _Sheet) -> None:
    found = _REFERENCE.fullmatch(reference)
    if found and found[3] and len(sheet.merges) < _MOST_MERGES:
        sheet.merges.append((int(found[2]), column_of(found[1]), int(found[4]), column_of(found[3])))


def _note_hidden(element: Any, sheet: _Sheet) -> None:
    first, last = element.get("min", ""), element.get("max", "")
    if element.get("hidden") in _ON and first.isdigit() and last.isdigit():
        sheet.hidden_columns.append((int(first) - 1, int(last)))


def _compute(sheet: _Sheet, book: Book, parsed: Parsed, raw: Callable[[], _Raw], title: str) -> None:
    """Give formulas without a value the one that they have, where they are simple arithmetic of cells that have one."""
    formulas = {place: formula for place, (formula, _) in sheet.uncomputed.items()}
    found = Formulas(formulas, *raw()).values() if formulas else {}
    rows = dict(zip(sheet.numbers, sheet.rows, strict=True)) if found else {}
    for (number, column), value in found.items():
        if (row := rows.get(number)) is not None:
            row += [""] * (column + 1 - len(row))
            style = sheet.uncomputed[number, column][1]
            row[column] = number_as_shown(repr(value), _form(style, book), book.old)
    if count := len(sheet.uncomputed) + sheet.unknown:
        computed = f"; {len(found)} of them were computed while reading" if found else ""
        parsed.warnings.append(f"{title}: {count} formulas hold no computed value{computed}")


def _raw_values(package: zipfile.ZipFile, path: str) -> _Raw:
    """Numbers of the cells that hold one, before they are shown, and the places of those that hold anything else."""
    numbers: dict[tuple[int, int], float] = {}
    words: set[tuple[int, int]] = set()
    for row in streamed(package, path, ("row",)):
        for cell in row:
            found = _REFERENCE.fullmatch(cell.get("r") or "")
            said = next((child.text or "" for child in cell if child.tag.endswith("}v")), "")
            if found is None or not (said or len(cell)) or len(numbers) + len(words) >= _MOST_RAW:
                continue
            place = (int(found[2]), column_of(found[1]))
            if said and cell.get("t", "n") == "n":
                numbers[place] = float(said)
            elif said or any(child.tag.endswith("}is") for child in cell):
                words.add(place)
    return numbers, words


def _without_hidden_columns(sheet: _Sheet) -> list[str]:
    """Empty the hidden columns; what they hold."""
    texts: list[str] = []
    for first, last in sheet.hidden_columns:
        for row in sheet.rows:
            texts += filter(None, row[first:last])
            row[first:last] = [""] * len(row[first:last])
    if sheet.hidden_columns:
        width = max(map(len, sheet.rows), default=0)
        hidden = {one for first, last in sheet.hidden_columns for one in range(first, min(last, width))}
        for row in sheet.rows:
            row[:] = [text for column, text in enumerate(row) if column not in hidden]
        sheet.merges = [_moved(merge, hidden) for merge in sheet.merges]
    return texts


def _moved(merge: tuple[int, int, int, int], hidden: set[int]) -> tuple[int, int, int, int]:
    """A merged cell where the hidden columns are gone."""
    top, left, bottom, right = merge
    before = sum(column < left for column in hidden)
    within = sum(left <= column <= right for column in hidden)
    return top, left - before, bottom, right - before - within


def _table(sheet: _Sheet) -> Table:
    """Rows in order, with one empty row where the sheet leaves out some."""
    rows: list[list[str]] = []
    at: list[int] = []  # of each row that holds something, where it stands
    last = 0
    tops = sorted((top, bottom) for top, _, bottom, _ in sheet.merges if bottom > top)
    lowest = list(accumulate((bottom for _, bottom in tops), max))
    for number, row in zip(sheet.numbers, sheet.rows, strict=True):
        above = (
            bisect_right(tops, (last, 2 * 10**7)) if number > last + 1 else 0
        )  # merged cells that begin above the gap
        bridged = above > 0 and lowest[above - 1] > last
        if rows and number > last + 1 and not bridged:
            rows.append([])
        at.append(len(rows))
        rows.append(row)
        last = number
    merges = []
    for top, left, bottom, right in sheet.merges:
        first, end = bisect_left(sheet.numbers, top), bisect_right(sheet.numbers, bottom)
        if first < end and sheet.numbers[first] == top and right >= left:
            merges.append(Merge(at[first], left, at[end - 1] - at[first] + 1, right - left + 1))
    bold = frozenset(at[bisect_left(sheet.numbers, number)] for number in sheet.bold)
    return Table(rows, merges, bold=bold)
