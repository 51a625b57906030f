"""Grids: tables as readers of files have them → parts of a document."""

from collections.abc import Iterable, Sequence
from itertools import groupby

from corpus.reading.parts import HEADING, LINE, PARAGRAPH, Part
from corpus.reading.tables import CAPTION, ROW, Line, Table, read_sheet, read_table

Grid = list[list[str]]

_LONGEST_HEADING = 60  # code points; a longer title of a table is a paragraph


def table_parts(table: Table | Grid, heads: int | None = None) -> list[Part]:
    """Captions, then one line a row, every cell behind its column's name.

    heads   of a bare grid: rows that name the columns; None finds out
    raises  ParserFailed where merged cells cover too many places
    """
    return line_parts(read_table(table if isinstance(table, Table) else Table(table, heads=heads)))


def sheet_parts(table: Table, level: int) -> list[Part]:
    """The same of a sheet, on which several tables may stand.

    level  of the headings that the titles of its tables become, where none would reach over a table without one
    """
    tables = read_sheet(table)
    titles = [_is_title(lines) for lines in tables]
    rows = [any(line.kind == ROW for line in lines) for lines in tables]
    first = titles.index(True) if any(titles) else len(tables)
    headed = any(titles) and all(titled or not has for titled, has in zip(titles[first:], rows[first:], strict=True))
    parts: list[Part] = []
    for lines, titled in zip(tables, titles, strict=True):
        if headed and titled:
            parts.append(Part(HEADING, lines[0].text, level))
            lines = lines[1:]
        parts += line_parts(lines)
    return parts


def line_parts(lines: Iterable[Line]) -> list[Part]:
    """Rows that follow each other are one part; a caption is a paragraph, a note a line below its rows."""
    parts: list[Part] = []
    for kind, group in groupby(lines, key=lambda line: line.kind):
        if kind == ROW:
            follows = parts and parts[-1].kind == LINE
            parts.append(Part(LINE if follows else PARAGRAPH, "\n".join(line.text for line in group)))
        else:
            parts += [Part(PARAGRAPH if kind == CAPTION else LINE, line.text) for line in group]
    return parts


def _is_title(lines: Sequence[Line]) -> bool:
    """Whether a table opens with a title, and not with rows or with a line about its unit."""
    first = lines[0]
    short = len(first.text) <= _LONGEST_HEADING and "\n" not in first.text
    spoken = short and not any(sign in first.text for sign in "：:。；，")
    return first.kind == CAPTION and spoken and any(line.kind == ROW for line in lines)
