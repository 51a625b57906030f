"""Tables of a PDF over its pages → parts, each row on its page."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from corpus.reading.grid import Grid, line_parts
from corpus.reading.parts import Part
from corpus.reading.pdf_cells import Table
from corpus.reading.pdf_joining import joined
from corpus.reading.tables import Line, Merge, read_table
from corpus.reading.tables import Table as Model

_SAME_EDGE = 0.02  # of a table's width by which the columns of its next page may stand elsewhere
_LONG_CELL = 16  # letters on average of a column of prose
_ENDED = re.compile(r"[。！？；;][”’」』）)]?$")
_MOST_HEADS = 3  # rows that are printed again on every page


@dataclass(slots=True)
class PagedTable:
    """One table: its rows, the pages that they stand on, and its columns' edges.

    merged  columns whose last cell goes over several rows
    bold    rows all of whose cells are bold
    above   the line before the table, where a unit may be told
    """

    grid: Grid = field(default_factory=list)
    pages: list[int] = field(default_factory=list)
    edges: tuple[float, ...] = ()
    ruled: bool = True
    merged: set[int] = field(default_factory=set)
    merges: list[Merge] = field(default_factory=list)
    above: str = ""
    bold: list[int] = field(default_factory=list)

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
        first = len(self.grid) - again
        self.merges += [
            Merge(first + cell.row, cell.column, cell.high, cell.wide)
            for cell in table.cells
            if cell.row >= again and cell.high * cell.wide > 1
        ]
        plain = {cell.row for cell in table.cells if cell.text and not cell.bold}
        self.bold += [first + row for row in range(again, len(rows)) if row not in plain]
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
    """The parts of a table; a page begins with the first line that is made of one of its rows."""
    lines = read_table(Model(table.grid, merges=table.merges, bold=frozenset(table.bold), above=table.above))
    parts = line_parts(lines)
    marks: list[list[tuple[int, int]]] = [[] for _ in parts]
    seen: set[int] = set()
    for line, (number, offset) in zip(lines, _places_of(lines, parts), strict=True):
        if (page := table.pages[line.row]) not in seen and page >= max(seen, default=0):
            seen.add(page)
            marks[number].append((page, offset))
    return [part._replace(pages=tuple(pages)) for part, pages in zip(parts, marks, strict=True)]


def _places_of(lines: Sequence[Line], parts: Sequence[Part]) -> Iterator[tuple[int, int]]:
    """Part and offset of every line: they follow one another, and one line end parts those of a part."""
    number = offset = 0
    for line in lines:
        if offset > len(parts[number].text):
            number, offset = number + 1, 0
        yield number, offset
        offset += len(line.text) + 1


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
