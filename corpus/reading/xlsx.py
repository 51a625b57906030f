"""XLSX → parts: one section a sheet, one line a row, values as a person sees them.

Hidden sheets, rows and columns are left out and reported. Formulas show the value that was computed last;
one that holds none is computed here where it is simple arithmetic.
"""

import zipfile
from collections.abc import Iterator
from typing import Any

from corpus.reading.bounded import ParserFailed
from corpus.reading.grid import sheet_parts
from corpus.reading.office import open_package, read_xml, related, streamed, targets, told_by
from corpus.reading.parts import HEADING, Parsed, Part
from corpus.reading.xlsx_sheet import Book, read_sheet
from corpus.reading.xlsx_values import bold_styles, forms_of, words_of


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
            elif parts := sheet_parts(read_sheet(package, path, title, book, parsed), 3):
                parsed.parts += [Part(HEADING, title, 2), *parts]
    if not parsed.parts:
        raise ParserFailed("its sheets are empty")
    return parsed


def _book(package: zipfile.ZipFile, main: str, root: Any) -> Book:
    others = related(package, main)
    strings = [words_of(one) for path in others.get("sharedStrings", []) for one in streamed(package, path, ("si",))]
    styles = next((read_xml(package, path) for path in others.get("styles", [])[:1]), None)
    old = any(one.get("date1904") in ("1", "true") for one in root.iterfind("{*}workbookPr"))
    return Book(strings, forms_of(styles), bold_styles(styles), old)


def _sheets(package: zipfile.ZipFile, main: str, root: Any) -> Iterator[tuple[str, str, bool]]:
    """Title, path and visibility of the sheets that hold cells, in order."""
    known = targets(package, main)
    for sheet in root.iterfind("{*}sheets/{*}sheet"):
        key = next((value for name, value in sheet.items() if name.endswith("}id")), "")
        kind, path = known.get(key, ("", ""))
        if kind == "worksheet" and path in package.NameToInfo:
            yield str(sheet.get("name", "")), path, sheet.get("state", "visible") == "visible"
