"""The model of a table that every reader fills: texts, the cells that are merged, and what the source says of them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from corpus.reading.bounded import ParserFailed

MOST_COVERED = 2_000_000  # places of one table that merged cells may cover
CAPTION, ROW, NOTE = "caption", "row", "note"


class Cell(NamedTuple):
    """A cell as the source gives it. wide, high  columns and rows it covers; header  the source calls it one"""

    text: str
    wide: int = 1
    high: int = 1
    header: bool = False
    bold: bool = False
    marks: tuple[str, ...] = ()


class Merge(NamedTuple):
    """A merged cell: its place, counted from 0, and how many rows and columns it covers."""

    row: int
    column: int
    high: int
    wide: int


class Line(NamedTuple):
    """A line of canonical text. row  of the table that it was made of; marks  keys of its footnotes"""

    text: str
    kind: str = ROW
    row: int = 0
    marks: tuple[str, ...] = ()


@dataclass(slots=True)
class Table:
    """Rows of texts; places that a merged cell covers are empty.

    heads  rows that the source calls names of columns, None where it says nothing
    loose  whether it says so because its syntax has no other way
    sides  whether the source calls the first column names of rows
    bold   rows that are set in bold type
    marks  footnote keys by row and column
    above  what stands above the table, where a unit may be told
    """

    rows: list[list[str]]
    merges: Sequence[Merge] = ()
    heads: int | None = None
    loose: bool = False
    sides: bool = False
    bold: frozenset[int] = frozenset()
    marks: Mapping[tuple[int, int], tuple[str, ...]] = field(default_factory=dict)
    above: str = ""


@dataclass(slots=True)
class Grid:
    """A table whose merged cells stand in every place that they cover.

    wide  row → (column, columns covered) of the cells that cover several columns there
    tall  row in which they begin → (column, rows covered) of the cells that cover several rows
    """

    rows: list[list[str]]
    wide: dict[int, list[tuple[int, int]]] = field(default_factory=dict)
    tall: dict[int, list[tuple[int, int]]] = field(default_factory=dict)
    first: int = 0  # row of the table with which the grid begins

    def told(self, row: int) -> list[tuple[int, str]]:
        """Column and text of the cells of a row that say something, a merged one once."""
        cells = self.rows[row]
        if row not in self.wide:
            return [(column, text) for column, text in enumerate(cells) if text]
        covered = {column + more for column, wide in self.wide.get(row, ()) for more in range(1, wide)}
        return [(column, text) for column, text in enumerate(cells) if text and column not in covered]

    def count(self, row: int) -> int:
        """How many cells of a row say something, a merged one once."""
        cells = self.rows[row]
        return len(self.told(row)) if row in self.wide else len(cells) - cells.count("")

    def part(self, top: int, bottom: int, left: int = 0, right: int | None = None) -> "Grid":
        """The rows [top, bottom) and columns [left, right)."""
        whole = left == 0 and right is None
        rows = self.rows[top:bottom] if whole else [row[left:right] for row in self.rows[top:bottom]]
        end = right if right is not None else max(map(len, rows), default=0) + left

        def within(cells: dict[int, list[tuple[int, int]]]) -> dict[int, list[tuple[int, int]]]:
            if not cells:
                return {}
            kept = {row - top: cells[row] for row in range(top, bottom) if row in cells}
            inside = {
                row: [(column - left, size) for column, size in one if left <= column < end]
                for row, one in kept.items()
            }
            return {row: one for row, one in inside.items() if one}

        return Grid(rows, within(self.wide), within(self.tall), self.first + top)


def spread(table: Table) -> Grid:
    """Repeat the text of every merged cell in the places that it covers.

    raises  ParserFailed where they cover more than MOST_COVERED places
    """
    grid = Grid([[text.strip() for text in row] for row in table.rows])
    if not table.merges:
        return grid
    width, covered = max(map(len, grid.rows), default=0), 0
    for merge in sorted(table.merges):
        high, wide = min(merge.high, len(grid.rows) - merge.row), min(merge.wide, width - merge.column)
        if high < 1 or wide < 1 or merge.column >= len(grid.rows[merge.row]):
            continue
        if not (text := grid.rows[merge.row][merge.column]):
            continue
        covered += high * wide - 1
        if covered > MOST_COVERED:
            raise ParserFailed(f"its merged cells cover more than {MOST_COVERED} places; split it")
        _repeat(grid, merge._replace(high=high, wide=wide), text)
    return grid


def _repeat(grid: Grid, merge: Merge, text: str) -> None:
    end = merge.column + merge.wide
    for number in range(merge.row, merge.row + merge.high):
        cells = grid.rows[number]
        cells += [""] * (end - len(cells))
        for column in range(merge.column, end):
            cells[column] = cells[column] or text
        if merge.wide > 1:
            grid.wide.setdefault(number, []).append((merge.column, merge.wide))
    if merge.high > 1:
        grid.tall.setdefault(merge.row, []).append((merge.column, merge.high))


def laid_out(rows: Iterable[Sequence[Cell]]) -> Table:
    """Put cells that may cover several places where they belong, as a browser does.

    raises  ParserFailed where they cover more than MOST_COVERED places
    """
    texts: list[list[str]] = []
    merges: list[Merge] = []
    marks: dict[tuple[int, int], tuple[str, ...]] = {}
    bold: set[int] = set()
    until: dict[int, int] = {}  # column → row below the last one that a cell above covers
    covered = 0
    for number, cells in enumerate(rows):
        row: list[str] = []
        for cell in cells:
            while until.get(len(row), 0) > number:
                row.append("")
            column = len(row)
            if cell.wide > 1 or cell.high > 1:
                covered += cell.wide * cell.high - 1
                if covered > MOST_COVERED:
                    raise ParserFailed(f"its merged cells cover more than {MOST_COVERED} places; split it")
                merges.append(Merge(number, column, cell.high, cell.wide))
                until.update((one, number + cell.high) for one in range(column, column + cell.wide))
            if cell.marks:
                marks[number, column] = cell.marks
            row += [cell.text, *[""] * (cell.wide - 1)]
        if any(cell.text.strip() for cell in cells) and all(cell.bold for cell in cells if cell.text.strip()):
            bold.add(number)
        texts.append(row)
    heads = _said_heads(rows) if isinstance(rows, Sequence) else None
    return Table(texts, merges, heads, bold=frozenset(bold), marks=marks)


def _said_heads(rows: Sequence[Sequence[Cell]]) -> int | None:
    """How many rows of nothing but header cells open the table; None where there are none."""
    count = 0
    for cells in rows:
        if not cells or not all(cell.header for cell in cells):
            break
        count += 1
    return count or None
