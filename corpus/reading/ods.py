"""ODS → parts: one section a sheet, one line a row; rows are read as a stream."""

from typing import Any

from corpus.reading.bounded import ParserFailed
from corpus.reading.grid import sheet_parts
from corpus.reading.odf import STYLE, TABLE, TEXT, Styles, Words, has_macros, open_odf, told_by_meta
from corpus.reading.odf_rows import Rows, value_of
from corpus.reading.office import outermost
from corpus.reading.parts import HEADING, Parsed, Part

_ROW, _STYLE = f"{TABLE}table-row", f"{STYLE}style"
_UNSEEN_ROWS = ("collapse", "filter")
_TOP = {f"{TABLE}table-rows", f"{TABLE}table-header-rows", f"{TABLE}table-row-group"}


def parse_ods(raw: bytes) -> Parsed:
    """Read a workbook.

    raises  ParserFailed for one that is damaged, locked, too large, or whose sheets are empty
    """
    with open_odf(raw) as package:
        parsed = Parsed(told=told_by_meta(package))
        if has_macros(package):
            parsed.warnings.append("its macros were ignored")
        words = Words(Styles())
        rows = Rows(lambda cell: _shown(cell, words))
        name: str | None = None
        for element in outermost(package, "content.xml", {_ROW, _STYLE}, ()):
            if element.tag == _STYLE:
                words.styles.add(element)
                continue
            sheet = _sheet_of(element)
            title = str(sheet.get(f"{TABLE}name", "")) if sheet is not None else ""
            if title != name:
                _end_sheet(name, rows, parsed)
                name = title
            _add(element, sheet, title, rows, words, parsed)
        _end_sheet(name, rows, parsed)
    for reason, texts in words.left_out.items():
        parsed.drop(reason, texts)
    if not parsed.parts:
        raise ParserFailed("its sheets are empty")
    return parsed


def _add(row: Any, sheet: Any, title: str, rows: Rows, words: Words, parsed: Parsed) -> None:
    """Take a row, unless it or its sheet is hidden; then its text is reported."""
    if sheet is not None and sheet.get(f"{TABLE}style-name", "") in words.styles.unseen:
        if f"hidden sheet: {title}" not in parsed.dropped:
            parsed.drop("hidden sheet", [title])
    elif row.get(f"{TABLE}visibility") in _UNSEEN_ROWS:
        parsed.drop("hidden row", [" ".join(" ".join(row.itertext()).split())])
    else:
        rows.add(row)


def _end_sheet(name: str | None, rows: Rows, parsed: Parsed) -> None:
    if name is not None and (lines := sheet_parts(rows.table(), 3)):
        parsed.parts += [Part(HEADING, name, 2), *lines]


def _sheet_of(row: Any) -> Any:
    """The table that a row stands in, through groups and headers."""
    parent = row.getparent()
    while parent is not None and parent.tag in _TOP:
        parent = parent.getparent()
    return parent


def _shown(cell: Any, words: Words) -> str:
    return value_of(cell, (words.read(one).strip() for one in cell.iterfind(f"{TEXT}p")))
