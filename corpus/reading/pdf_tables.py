"""Tables of a PDF over its pages → parts, each row on its page."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from corpus.reading.grid import Grid
from corpus.reading.grid import table_parts as parts_of_grid
from corpus.reading.parts import Part
from corpus.reading.pdf_cells import Table

_SAME_EDGE = 0.02  # of a table's width by which the columns of its next page may stand elsewhere
_MOST_HEADS = 3  # rows that are printed again on every page


@dataclass(slots=True)
class PagedTable:
    """One table: its rows, the pages that they stand on, and its columns' edges."""

    grid: Grid = field(default_factory=list)
    pages: list[int] = field(default_factory=list)
    edges: tuple[float, ...] = ()
    ruled: bool = True

    def goes_on(self, table: Table, page: int) -> bool:
        """Whether a table at the head of the next page has the same columns."""
        if page != self.pages[-1] + 1 or len(table.edges) != len(self.edges) or table.ruled != self.ruled:
            return False
        if not self.ruled:
            return self._repeats(_rows_of(table))
        reach = _SAME_EDGE * (self.edges[-1] - self.edges[0])
        widths = zip(_widths(self.edges), _widths(table.edges), strict=True)
        return all(abs(one - other) <= reach for one, other in widths)

    def add(self, table: Table, page: int) -> None:
        """Take its rows, without a head that is printed again."""
        rows = _rows_of(table)
        again = 0
        if self.grid:
            while again < min(_MOST_HEADS, len(rows) - 1) and rows[again] == self.grid[again]:
                again += 1
        self.edges, self.ruled = table.edges, table.ruled
        self.grid += rows[again:]
        self.pages += [page] * (len(rows) - again)

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


def _widths(edges: Sequence[float]) -> list[float]:
    return [other - one for one, other in pairwise(edges)]
