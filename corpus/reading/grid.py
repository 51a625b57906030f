"""Grids: the cells of a table → lines of which each can be quoted alone."""

import re

from corpus.reading.blocks import flat, named, row_line
from corpus.reading.parts import PARAGRAPH, Part

Grid = list[list[str]]

_NUMBER = re.compile(r"[-+−]?[\d,，.]*\d[\d,，.]*\s*[%％‰]?")
_YEAR = re.compile(r"(?:19|20)\d\d")


def table_parts(grid: Grid, heads: int | None = None) -> list[Part]:
    """Captions, then one line a row, every cell behind its column's name.

    grid   rows of cells; merged cells repeat their text in every row that they cover
    heads  rows that name the columns; None finds out. Rows above them with a single text are captions
    """
    rows = [row for row in ([cell.strip() for cell in cells] for cells in grid) if any(row)]
    opening = 0 if heads is not None else next((at for at, row in enumerate(rows) if not _single(row)), 0)
    captions, rows = [next(filter(None, row)) for row in rows[:opening]], rows[opening:]
    count = heads if heads is not None else int(len(rows) > 1 and _names_columns(rows[0]))
    names, body = _joined_names(rows[:count]), rows[count:]
    parts = [Part(PARAGRAPH, caption) for caption in captions]
    lines = _lines([], [names]) if names and not body else _lines(names, body)
    return [*parts, Part(PARAGRAPH, "\n".join(lines))] if lines else parts


def _lines(names: list[str], rows: Grid) -> list[str]:
    """One line a row; a row longer than the names goes on without them."""
    heads = [named(name) for name in names] + [""] * (max(map(len, rows), default=0) - len(names))
    return [row_line([head + flat(cell) for head, cell in zip(heads, row, strict=False) if cell]) for row in rows]


def _single(row: list[str]) -> bool:
    return len(row) - row.count("") == 1


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
