"""XLSX → parts: one section a sheet, one line a row, values as a person sees them.

The parts of the package are read as streams, row by row: a sheet of a million rows never
stands in memory as a tree. Formulas show the value that was computed last.
"""

import re
import zipfile
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from corpus.reading.bounded import ParserFailed
from corpus.reading.grid import Grid, table_parts
from corpus.reading.office import open_package, read_xml, related, streamed, targets, told_by
from corpus.reading.parts import HEADING, Parsed, Part
from corpus.reading.xlsx_values import Form, column_of, day_of, forms_of, number_as_shown, unescaped, words_of

MOST_CELLS = 20_000_000
_MOST_COVERED = 2_000_000  # rows of one sheet that merged cells may cover
_REFERENCE = re.compile(r"([A-Z]{1,3})(\d{1,7})(?::([A-Z]{1,3})(\d{1,7}))?")
_TRUTHS = {"0": "否", "1": "是"}


@dataclass(slots=True)
class _Book:
    """What the cells refer to, and how many more there may be. old  days are counted from 1904."""

    strings: list[str]
    forms: list[Form]
    old: bool
    left: int = MOST_CELLS


@dataclass(slots=True)
class _Sheet:
    """Rows that hold something and their numbers; merged  ranges that lie in one column; uncomputed  formulas."""

    grid: Grid = field(default_factory=list)
    numbers: list[int] = field(default_factory=list)
    merged: list[tuple[int, int, int]] = field(default_factory=list)
    uncomputed: int = 0


def parse_xlsx(raw: bytes) -> Parsed:
    """Read a workbook.

    raises  ParserFailed for one that is damaged, locked, too large, or whose sheets are empty
    """
    with open_package(raw) as package:
        main = next(iter(related(package, "").get("officeDocument", [])), "xl/workbook.xml")
        root = read_xml(package, main)
        if root is None or not str(root.tag).endswith("}workbook"):
            raise ParserFailed("it holds no workbook")
        parsed = Parsed(told=told_by(package))
        if any(name.endswith("vbaProject.bin") for name in package.namelist()):
            parsed.warnings.append("its macros were ignored")
        book = _book(package, main, root)
        for title, path, visible in _sheets(package, main, root):
            if not visible:
                parsed.drop("hidden sheet", [title])
            elif lines := table_parts(_grid(package, path, title, book, parsed)):
                parsed.parts += [Part(HEADING, title, 2), *lines]
    if not parsed.parts:
        raise ParserFailed("its sheets are empty")
    return parsed


def _book(package: zipfile.ZipFile, main: str, root: Any) -> _Book:
    others = related(package, main)
    strings = [words_of(one) for path in others.get("sharedStrings", []) for one in streamed(package, path, ("si",))]
    styles = [read_xml(package, path) for path in others.get("styles", [])[:1]]
    old = any(one.get("date1904") in ("1", "true") for one in root.iterfind("{*}workbookPr"))
    return _Book(strings, forms_of(styles[0]) if styles else [], old)


def _sheets(package: zipfile.ZipFile, main: str, root: Any) -> Iterator[tuple[str, str, bool]]:
    """Title, path and visibility of the sheets that hold cells, in order."""
    known = targets(package, main)
    for sheet in root.iterfind("{*}sheets/{*}sheet"):
        key = next((value for name, value in sheet.items() if name.endswith("}id")), "")
        kind, path = known.get(key, ("", ""))
        if kind == "worksheet" and path in package.NameToInfo:
            yield str(sheet.get("name", "")), path, sheet.get("state", "visible") == "visible"


def _grid(package: zipfile.ZipFile, path: str, title: str, book: _Book, parsed: Parsed) -> Grid:
    """The rows of one sheet, each as long as it says something."""
    sheet = _Sheet()
    number = 0
    for element in streamed(package, path, ("row", "mergeCell")):
        if element.tag.endswith("}mergeCell"):
            _note_merged(str(element.get("ref", "")), sheet)
            continue
        said = element.get("r", "")
        number = int(said) if said.isascii() and said.isdigit() else number + 1
        if cells := _cells(element, sheet, book):
            sheet.grid.append(cells)
            sheet.numbers.append(number)
            book.left -= len(cells)
            if book.left < 0:
                raise ParserFailed(f"it has more than {MOST_CELLS} cells; split it")
    if sheet.uncomputed:
        parsed.warnings.append(f"{title}: {sheet.uncomputed} formulas hold no computed value")
    _fill_merged(sheet)
    return sheet.grid


def _cells(row: Any, sheet: _Sheet, book: _Book) -> list[str]:
    cells: list[str] = []
    for cell in row:
        name, said, formula, words = cell.get("r"), "", False, None
        for child in cell:
            tag = child.tag
            if tag.endswith("}v"):
                said = child.text or ""
            elif tag.endswith("}is"):
                words = words_of(child)
            elif tag.endswith("}f"):
                formula = True
        sheet.uncomputed += formula and not said
        shown = words or (_shown(said, cell.get("t", "n"), cell.get("s", ""), book) if said else "")
        if shown:
            column = column_of(name.rstrip("0123456789")) if name else len(cells)
            cells += [""] * (column + 1 - len(cells))
            cells[column] = shown
    return cells


def _shown(said: str, kind: str, style: str, book: _Book) -> str:
    """A value as a person sees it."""
    match kind:
        case "s":
            return book.strings[int(said)]
        case "n":
            form = book.forms[int(style)] if style and int(style) < len(book.forms) else Form()
            return number_as_shown(said, form, book.old)
        case "b":
            return _TRUTHS.get(said, said)
        case "d":
            return day_of(said)
    return unescaped(said)


def _note_merged(reference: str, sheet: _Sheet) -> None:
    found = _REFERENCE.fullmatch(reference)
    if found and found[1] == found[3]:
        sheet.merged.append((column_of(found[1]), int(found[2]), int(found[4])))


def _fill_merged(sheet: _Sheet) -> None:
    """Repeat the text of a merged cell in every row that it covers, so that each row says all."""
    covered = 0
    for column, top, bottom in sheet.merged:
        first, last = bisect_left(sheet.numbers, top), bisect_right(sheet.numbers, bottom)
        if last - first < 2 or sheet.numbers[first] != top or column >= len(sheet.grid[first]):
            continue
        covered += last - first
        if covered > _MOST_COVERED:
            raise ParserFailed(f"its merged cells cover more than {_MOST_COVERED} rows; split it")
        for row in sheet.grid[first + 1 : last]:
            row += [""] * (column + 1 - len(row))
            row[column] = row[column] or sheet.grid[first][column]
