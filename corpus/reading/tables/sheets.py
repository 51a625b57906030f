"""Sheets: grids on which several tables may stand, below and beside each other, between empty rows and columns."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import pairwise

from corpus.reading.tables import kinds
from corpus.reading.tables.forms import form_of
from corpus.reading.tables.heads import count_heads, evidence
from corpus.reading.tables.interpretation import Read, read_grid
from corpus.reading.tables.model import CAPTION, Grid, Line, Table, spread

_DEEPEST = 4  # cuts between rows and columns in turn
_WIDEST_GAP = 100  # columns that are looked at for empty ones
_CLEAR = 3.0  # evidence that a row within a table is the head of another one


def read_sheet(table: Table) -> list[list[Line]]:
    """The lines of each table of a sheet.

    raises  ParserFailed where merged cells cover too many places
    """
    tables: list[list[Line]] = []
    before: dict[int, Read] = {}  # the last table that begins in a column
    waiting: list[Line] = []
    for left, grid in _blocks(spread(table), 0, _DEEPEST):
        if _is_alone(grid):
            waiting += [
                Line(text, CAPTION, grid.first + row) for row in range(len(grid.rows)) for _, text in grid.told(row)
            ]
            continue
        above = "\n".join(line.text for line in waiting)
        read = read_grid(grid, replace(table, above=f"{table.above}\n{above}"), before.get(left))
        lines = waiting + read.lines
        continued = not waiting and tables and read.names and before.get(left) and read.names is before[left].names
        if continued:
            tables[-1] += lines
        else:
            tables.append(lines)
        if read.names:
            before[left] = read
        else:
            before.pop(left, None)
        waiting = []
    if waiting:
        tables.append(waiting)
    return tables


def _is_alone(grid: Grid) -> bool:
    """A block of one row with one text is a title of what follows, or a note."""
    return len(grid.rows) == 1 and grid.count(0) == 1


def _blocks(grid: Grid, left: int, deep: int) -> Iterator[tuple[int, Grid]]:
    """The tables of a grid, from the top, each with its first column."""
    for top, bottom in _row_blocks(grid):
        block = grid.part(top, bottom) if (top, bottom) != (0, len(grid.rows)) else grid
        yield from _parted_by_columns(block, left, deep)


def _row_blocks(grid: Grid) -> list[tuple[int, int]]:
    """Rows between empty ones; where rows of one text open a block, they stay with what follows."""
    blocks: list[tuple[int, int]] = []
    top: int | None = None
    for number, row in enumerate(grid.rows):
        if any(row):
            top = number if top is None else top
        elif top is not None:
            blocks.append((top, number))
            top = None
    if top is not None:
        blocks.append((top, len(grid.rows)))
    return blocks


def _parted_by_columns(grid: Grid, left: int, deep: int) -> Iterator[tuple[int, Grid]]:
    opening = _titles(grid)
    body = grid.part(opening, len(grid.rows)) if opening else grid
    cuts = _gaps(body) if deep and len(body.rows) > 1 else []
    pieces = _standing_alone(body, cuts) if cuts else []
    if len(pieces) < 2:
        yield from _parted_by_heads(grid, left)
        return
    own = _own_titles(grid, opening, pieces[0][1])
    for row in range(0 if own else opening):
        yield left, grid.part(row, row + 1)
    for number, (begin, end) in enumerate(pieces):
        top = 0 if own and number == 0 else opening
        yield from _blocks(_trimmed(grid.part(top, len(grid.rows), begin, end)), left + begin, deep - 1)


def _own_titles(grid: Grid, opening: int, end: int) -> bool:
    """Whether the titles above stand over the first of several tables only."""
    return opening > 0 and all(
        column < end and dict(grid.wide.get(row, ())).get(column, 1) + column <= end
        for row in range(opening)
        for column, _ in grid.told(row)
    )


def _titles(grid: Grid) -> int:
    count = 0
    while count < len(grid.rows) - 1 and grid.count(count) == 1:
        count += 1
    return count


def _trimmed(grid: Grid) -> Grid:
    rows = grid.rows
    bottom = len(rows)
    while bottom and not any(rows[bottom - 1]):
        bottom -= 1
    return grid.part(0, bottom)


def _gaps(grid: Grid) -> list[int]:
    """Columns in which no row says anything, with told ones on both sides."""
    width = min(max(map(len, grid.rows), default=0), _WIDEST_GAP)
    empty = set(range(width))
    for row in grid.rows:
        empty -= {column for column in empty if column < len(row) and row[column]}
        if not empty:
            return []
    return sorted(column for column in empty if 0 < column < width - 1)


def _standing_alone(grid: Grid, gaps: Sequence[int]) -> list[tuple[int, int]]:
    """The stretches of columns between gaps that are tables of their own; others belong to the one before them."""
    width = max(map(len, grid.rows), default=0)
    edges = [-1, *gaps, width]
    stretches = [(begin + 1, end) for begin, end in pairwise(edges) if end - begin > 1]
    pieces: list[tuple[int, int]] = []
    for begin, end in stretches:
        if pieces and (pieces[-1][1] - pieces[-1][0] < 2 or not _is_table(grid, begin, end)):
            pieces[-1] = (pieces[-1][0], end)
        else:
            pieces.append((begin, end))
    return pieces


def _is_table(grid: Grid, begin: int, end: int) -> bool:
    """Whether a stretch of columns has heads or labels of its own, and names of rows."""
    if end - begin < 2:
        return False
    part = grid.part(0, len(grid.rows), begin, end)
    first = next((row for row in range(len(part.rows)) if part.count(row) > 1), None)
    if first is None:
        return False
    part = _trimmed(part.part(first, len(part.rows)))
    heads = count_heads(part)
    named = [row[0] for row in part.rows[heads:] if row and row[0]]
    words = sum(kinds.kind_of(text) in (kinds.TEXT, kinds.CODE, kinds.DAY) for text in named)
    return (heads > 0 and bool(named) and words > 0.5 * len(named)) or form_of(part) is not None


def _parted_by_heads(grid: Grid, left: int) -> Iterator[tuple[int, Grid]]:
    """Tables that stand below each other without an empty row: a title of one text, then other heads."""
    top = 0
    for row in range(2, len(grid.rows) - 2):
        if row > top + 1 and grid.count(row) == 1 and grid.count(row + 1) > 1 and _begins(grid, row + 1):
            yield left, grid.part(top, row)
            top = row
    yield left, grid.part(top, len(grid.rows)) if top else grid


def _begins(grid: Grid, row: int) -> bool:
    """Whether a row is clearly the head of what follows, and unlike what stands above."""
    above = [grid.rows[one] for one in range(max(0, row - 6), row - 1)]
    differs = any(
        kinds.kind_of(text) == kinds.TEXT
        and any(column < len(one) and kinds.kind_of(one[column]) in (kinds.NUMBER, kinds.QUANTITY) for one in above)
        for column, text in enumerate(grid.rows[row])
        if text
    )
    return differs and evidence(grid, row, row + 1) >= _CLEAR
