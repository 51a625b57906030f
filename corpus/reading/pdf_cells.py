"""Ruled tables of a PDF page: lines that cross make cells, and runs lie in them."""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple, TypeVar

from corpus.reading.pdf_drawings import Drawings, Rule
from corpus.reading.pdf_joining import cell_text
from corpus.reading.pdf_runs import PageText, Run

_NEAR = 3.0  # points by which lines of a table may miss one another
_COVERED = 0.5  # of a cell's side that a line must cover to part it from the next
_MOST_CROSSINGS = 1_000_000  # of level and upright lines of one page: drawings have more
_MOST_CELLS = 20_000  # of one table


_Place = TypeVar("_Place")


class Cell(NamedTuple):
    """One cell: its first row and column, how many of them it covers, its text, and whether all of it is bold."""

    row: int
    column: int
    high: int
    wide: int
    text: str
    bold: bool = False


@dataclass(slots=True)
class Table:
    """Cells of a table on one page, which lies in this box; edges are the places of its columns."""

    cells: list[Cell]
    edges: tuple[float, ...]
    left: float
    right: float
    bottom: float
    top: float
    ruled: bool = True
    rows: int = 0


@dataclass(slots=True)
class _Lattice:
    """Crossing lines: where columns and rows begin and end, rows from the bottom."""

    xs: list[float]
    ys: list[float]
    level: list[Rule]
    upright: list[Rule]
    owner: list[int] = field(default_factory=list)

    def join_cells(self) -> None:
        """Give every field between the lines the number of the cell that it belongs to."""
        wide, high = len(self.xs) - 1, len(self.ys) - 1
        self.owner = list(range(wide * high))
        for row in range(high):
            for column in range(wide):
                here = row * wide + column
                if column + 1 < wide and not _covers(self.upright, self.xs[column + 1], *self.ys[row : row + 2]):
                    self._join(here, here + 1)
                if row + 1 < high and not _covers(self.level, self.ys[row + 1], *self.xs[column : column + 2]):
                    self._join(here, here + wide)
        self.owner = [self._root(number) for number in range(wide * high)]

    def _root(self, number: int) -> int:
        while self.owner[number] != number:
            self.owner[number] = self.owner[self.owner[number]]
            number = self.owner[number]
        return number

    def _join(self, one: int, other: int) -> None:
        one, other = self._root(one), self._root(other)
        self.owner[max(one, other)] = min(one, other)

    def at(self, x: float, y: float) -> int | None:
        """The cell at a point; None beside the table."""
        column, row = bisect_right(self.xs, x) - 1, bisect_right(self.ys, y) - 1
        if not (0 <= column < len(self.xs) - 1 and 0 <= row < len(self.ys) - 1):
            return None
        return self.owner[row * (len(self.xs) - 1) + column]


def ruled_tables(
    runs: Sequence[Run], drawings: Drawings, page: PageText | None = None
) -> tuple[list[Table], list[Run]]:
    """Tables, and the runs that lie in none. page: cuts runs that go over several cells, where given."""
    tables: list[Table] = []
    rest = list(runs)
    for lattice in _lattices(drawings):
        inside: dict[int, list[Run]] = {}
        outside: list[Run] = []
        for run in rest:
            for piece in _cut_at_walls(run, lattice, page):
                owner = lattice.at((piece.left + piece.right) / 2, (piece.bottom + piece.top) / 2)
                (outside if owner is None else inside.setdefault(owner, [])).append(piece)
        if len(inside) > 1:
            tables.append(_table(lattice, inside))
            rest = outside
    return tables, rest


def _table(lattice: _Lattice, inside: dict[int, list[Run]]) -> Table:
    wide, high = len(lattice.xs) - 1, len(lattice.ys) - 1
    fields: dict[int, list[tuple[int, int]]] = {}
    for number, owner in enumerate(lattice.owner):
        fields.setdefault(owner, []).append((high - 1 - number // wide, number % wide))
    cells = []
    for owner, places in fields.items():
        rows, columns = {row for row, _ in places}, {column for _, column in places}
        held = inside.get(owner, [])
        bold = all(run.face.bold for run in held)
        cells.append(Cell(min(rows), min(columns), len(rows), len(columns), cell_text(held), bold))
    return Table(
        sorted(cells), tuple(lattice.xs), lattice.xs[0], lattice.xs[-1], lattice.ys[0], lattice.ys[-1], rows=high
    )


def _cut_at_walls(run: Run, lattice: _Lattice, page: PageText | None) -> list[Run]:
    """The run, or its pieces where it goes over an upright line of the table."""
    y = (run.bottom + run.top) / 2
    inner = 0.4 * run.size
    if page is None or run.turn or run.first < 0 or not lattice.ys[0] < y < lattice.ys[-1]:
        return [run]
    walls = [x for x in lattice.xs if run.left + inner < x < run.right - inner]
    if not any(lattice.at(x - 1, y) != lattice.at(x + 1, y) for x in walls):
        return [run]
    pieces: list[tuple[int, int]] = []
    first, cell = run.first, -1
    for index in range(run.first, run.last + 1):
        left, right, _, _ = page.box(index)
        here = bisect_right(lattice.xs, (left + right) / 2)
        if here != cell and index > run.first and not page.characters[index].isspace():
            pieces.append((first, index - 1))
            first = index
        if not page.characters[index].isspace():
            cell = here
    cut = page.cut(run, [*pieces, (first, run.last)])
    return [replace(one, base=run.base) for one in cut]


def _lattices(drawings: Drawings) -> list[_Lattice]:
    """Groups of lines that cross, largest first, with more than one column."""
    level, upright = merged_rules(drawings.level), merged_rules(drawings.upright)
    if len(level) * len(upright) > _MOST_CROSSINGS:
        return []
    groups = _crossing(level, upright)
    made = []
    for levels, uprights in groups:
        xs = _places(uprights, [edge for one in levels for edge in (one.start, one.end)])
        ys = _places(levels, [edge for one in uprights for edge in (one.start, one.end)])
        if len(xs) > 2 and len(ys) > 1 and len(xs) * len(ys) < _MOST_CELLS:
            made.append(_Lattice(xs, ys, levels, uprights))
    for lattice in made:
        lattice.join_cells()
    made = [one for one in made if len(set(one.owner)) > 1]
    return sorted(made, key=lambda one: (one.xs[-1] - one.xs[0]) * (one.ys[-1] - one.ys[0]))


def merged_rules(rules: Iterable[Rule]) -> list[Rule]:
    """Lines at one place that touch, each once."""
    merged: list[Rule] = []
    near: list[Rule] = []
    for rule in sorted(rules, key=lambda rule: (rule.at, rule.start)):
        near = [one for one in near if rule.at - one.at <= _NEAR / 2]
        touched = next((one for one in near if one.start - _NEAR <= rule.end and rule.start <= one.end + _NEAR), None)
        if touched is None:
            near.append(rule)
            merged.append(rule)
        else:
            grown = Rule(touched.at, min(touched.start, rule.start), max(touched.end, rule.end))
            near[near.index(touched)] = grown
            merged[merged.index(touched)] = grown
    return merged


def _crossing(level: list[Rule], upright: list[Rule]) -> list[tuple[list[Rule], list[Rule]]]:
    """Lines grouped by whether they touch."""
    group = list(range(len(level) + len(upright)))

    def root(number: int) -> int:
        while group[number] != number:
            number = group[number]
        return number

    for number, one in enumerate(level):
        for place, other in enumerate(upright, start=len(level)):
            if one.start - _NEAR <= other.at <= one.end + _NEAR and other.start - _NEAR <= one.at <= other.end + _NEAR:
                group[root(place)] = root(number)
    found: dict[int, tuple[list[Rule], list[Rule]]] = {}
    for number in range(len(group)):
        levels, uprights = found.setdefault(root(number), ([], []))
        if number < len(level):
            levels.append(level[number])
        else:
            uprights.append(upright[number - len(level)])
    return [pair for pair in found.values() if len(pair[0]) > 1 and pair[1]]


def _places(rules: Sequence[Rule], ends: Sequence[float]) -> list[float]:
    """Where lines stand, near ones once, with the ends of those that cross them where a side is open."""
    places: list[float] = []
    for at in sorted(rule.at for rule in rules):
        if not places or at - places[-1] > _NEAR:
            places.append(at)
    if ends and places:
        if min(ends) < places[0] - 2 * _NEAR:
            places.insert(0, min(ends))
        if max(ends) > places[-1] + 2 * _NEAR:
            places.append(max(ends))
    return places


def _covers(rules: Iterable[Rule], at: float, start: float, end: float) -> bool:
    """Whether lines at a place cover most of a stretch."""
    covered = sum(max(0.0, min(rule.end, end) - max(rule.start, start)) for rule in rules if abs(rule.at - at) <= _NEAR)
    return covered >= _COVERED * (end - start)


def with_heads_joined(places: Sequence[_Place], rows: Sequence[Sequence[str]]) -> tuple[list[_Place], list[list[str]]]:
    """Columns that hold nothing but a head joined with the one beside them that has none, as centred heads stand apart.

    places   what stands between the columns, one fewer than these
    returns  the places that stay, and the rows
    """
    kept, table = list(places), [list(row) for row in rows]
    at = 0
    while at < len(kept):
        one, other = ([bool(row[at + by]) for row in table] for by in (0, 1))
        head_alone = (one[0] and not any(one[1:])) or (other[0] and not any(other[1:]))
        if head_alone and one[0] != other[0]:
            for row in table:
                row[at : at + 2] = [row[at] or row[at + 1]]
            del kept[at]
        else:
            at += 1
    return kept, table
