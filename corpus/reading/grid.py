"""Grids: the cells of a table → lines of which each can be quoted alone."""

import re

from corpus.reading.blocks import Cell, table_row
from corpus.reading.parts import PARAGRAPH, Part

Grid = list[list[str]]

_NUMBER = re.compile(r"[-+−]?[\d,，.]*\d[\d,，.]*\s*[%％‰]?")
_YEAR = re.compile(r"(?:19|20)\d\d")


def table_parts(grid: Grid, heads: int | None = None) -> list[Part]:
    """Captions, then one line a row, every cell behind its column's name.

    grid   rows of cells; merged cells repeat their text in every row that they cover
    heads  rows that name the columns; None finds out. Rows above them with a single text are captions
    """
    rows = [[cell.strip() for cell in row] for row in grid if any(cell.strip() for cell in row)]
    captions: list[str] = []
    while len(rows) > 1 and heads is None and _single(rows[0]) and any(not _single(row) for row in rows):
        captions.append(next(cell for cell in rows.pop(0) if cell))
    count = heads if heads is not None else int(len(rows) > 1 and _names_columns(rows[0]))
    names, body = _joined_names(rows[:count]), rows[count:]
    parts = [Part(PARAGRAPH, caption) for caption in captions]
    lines = _lines([], [names]) if names and not body else _lines(names, body)
    return [*parts, Part(PARAGRAPH, "\n".join(lines))] if lines else parts


def _lines(names: list[str], rows: Grid) -> list[str]:
    """One line a row; a row longer than the names goes on without them."""
    lines = []
    for row in rows:
        head: list[Cell] = [(name, ()) for name in names[: len(row)]]
        head += [("", ())] * (len(row) - len(head))
        if line := table_row(head, [(cell, ()) for cell in row])[0]:
            lines.append(line)
    return lines


def _single(row: list[str]) -> bool:
    return sum(bool(cell) for cell in row) == 1


def _names_columns(row: list[str]) -> bool:
    """A first row without numbers (years may be names) names the columns, if there is more than one."""
    filled = [cell for cell in row if cell]
    numbers = [cell for cell in filled if _NUMBER.fullmatch(cell) and not _YEAR.fullmatch(cell)]
    return len(filled) > 1 and not numbers and not _YEAR.fullmatch(filled[0])


def _joined_names(rows: Grid) -> list[str]:
    """One name a column; names in several rows are joined from the top: 规模／面积."""
    width = max(map(len, rows), default=0)
    columns = [[row[column] for row in rows if column < len(row) and row[column]] for column in range(width)]
    return ["／".join(dict.fromkeys(column)) for column in columns]
