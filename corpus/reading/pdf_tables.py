"""Tables of a PDF over its pages → parts, each row on its page."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from corpus.reading.grid import Grid
from corpus.reading.grid import table_parts as parts_of_grid
from corpus.reading.parts import Part
from corpus.reading.pdf_cells import Table
from corpus.reading.pdf_joining import joined

_SAME_EDGE = 0.02  # of a table's width by which the columns of its next page may stand elsewhere
_LONG_CELL = 16  # letters on average of a column of prose
_ENDED = re.compile(r"[。！？；;][”’」』）)]?$")
_MOST_HEADS = 3  # rows that are printed again on every page


@dataclass(slots=True)
class PagedTable:
    """One table: its rows, the pages that they stand on, and its columns' edges."""

    grid: Grid = field(default_factory=list)
    pages: list[int] = field(default_factory=list)
    edges: tuple[float, ...] = ()
    ruled: bool = True
    merged: set[int] = field(default_factory=set)

    def goes_on(self, table: Table, page: int) -> bool:
        """Whether a table at the head of the next page has the same columns."""
        if page != self.pages[-1] + 1 or len(table.edges) != len(self.edges) or table.ruled != self.ruled:
            return False
        if not self.ruled:
            return self._repeats(_rows_of(table))
        reach = _SAME_EDGE * (self.edges[-1] - self.edges[0])
        widths = zip(_widths(self.edges), _widths(table.edges), strict=True)
        return all(abs(one - other) <= reach for one, other in widths)

    def add(self, table: Table, page: int) -> list[str]:
        """Take its rows; a row that the page parted is made whole. Returns rows of its head that were left out."""
        rows = _rows_of(table)
        again, left = 0, 0
        if self.grid:
            while again < min(_MOST_HEADS, len(rows) - 1) and rows[again] == self.grid[again]:
                again += 1
            left = again
            self._fill_down(table, rows, again)
            if again < len(rows) and self._is_rest(rows[again]):
                self.grid[-1] = [_with(above, below) for above, below in zip(self.grid[-1], rows[again], strict=True)]
                again += 1
        self.edges, self.ruled = table.edges, table.ruled
        self.grid += rows[again:]
        self.pages += [page] * (len(rows) - again)
        self.merged = {cell.column for cell in table.cells if cell.row + cell.high == table.rows and cell.high > 1}
        return [" ".join(filter(None, row)) for row in rows[:left]]

    def _fill_down(self, table: Table, rows: Grid, first: int) -> None:
        """An empty cell that goes over rows at the head of a page belongs to the merged one on the page before."""
        for cell in table.cells:
            if cell.row == first and not cell.text and (cell.high > 1 or cell.column in self.merged):
                for row in range(cell.row, cell.row + cell.high):
                    if self.ruled and any(rows[row]):
                        rows[row][cell.column] = self.grid[-1][cell.column] if cell.high > 1 or row > first else ""

    def _is_rest(self, row: Sequence[str]) -> bool:
        """Whether the first row of a page goes on with cells that the page before left open."""
        last = self.grid[-1]
        filled = [at for at, text in enumerate(row) if text and text != last[at]]
        if not self.ruled or not filled or len(filled) >= sum(map(bool, last)) or not all(last[at] for at in filled):
            return False
        open_ended = sum(not _ENDED.search(last[at]) for at in filled)
        names = [at for at in filled if self._usual_length(at) < _LONG_CELL]
        if names and len(filled) > 1:
            return False
        return 2 * open_ended > len(filled) if len(filled) > 1 else bool(open_ended)

    def _usual_length(self, column: int) -> float:
        return sum(len(row[column]) for row in self.grid) / len(self.grid)

    def _repeats(self, rows: Grid) -> bool:
        return bool(rows) and rows[0] == self.grid[0]


def table_parts(table: PagedTable) -> list[Part]:
    """The parts of a table; a page begins with the first of its rows."""
    parts = parts_of_grid(table.grid)
    starts = [at for at, (one, other) in enumerate(pairwise(table.pages), start=1) if one != other]
    place = (0, 0)
    found: list[tuple[int, int, int]] = [(table.pages[0], 0, 0)] if table.pages else []
    for start in starts:
        place = _place_of(table.grid[start], parts, place)
        found.append((table.pages[start], *place))
    return [
        part._replace(pages=tuple((page, offset) for page, number, offset in found if number == at))
        for at, part in enumerate(parts)
    ]


def _place_of(row: Sequence[str], parts: Sequence[Part], after: tuple[int, int]) -> tuple[int, int]:
    """Part and offset of the first line behind a place that holds all cells of a row; the place where there is none."""
    cells = [cell for cell in row if cell]
    for number in range(after[0], len(parts)):
        offset = after[1] if number == after[0] else 0
        text = parts[number].text
        for line in text[offset:].split("\n"):
            if offset and all(cell.split("\n")[0].rstrip("。；;：:") in line for cell in cells):
                return number, offset
            offset += len(line) + 1
    return after


def _rows_of(table: Table) -> Grid:
    """Texts by row and column: a cell that goes over rows stands in each, one over columns in the first."""
    grid = [[""] * (len(table.edges) - 1) for _ in range(table.rows)]
    for cell in table.cells:
        for row in range(cell.row, cell.row + cell.high):
            grid[row][cell.column] = cell.text
    return grid


def _with(above: str, below: str) -> str:
    """A cell and its rest on the next page."""
    if not above or not below or above == below:
        return above or below
    kept, blank = joined(above, below)
    return kept + blank + below


def _widths(edges: Sequence[float]) -> list[float]:
    return [other - one for one, other in pairwise(edges)]
