"""Tables of a PDF page that are ruled between their rows alone: gaps part their columns."""

from collections.abc import Sequence
from itertools import pairwise
from statistics import median

from corpus.reading.pdf_cells import Cell, Table, merged_rules, with_heads_joined
from corpus.reading.pdf_drawings import Drawings, Rule
from corpus.reading.pdf_joining import cell_text
from corpus.reading.pdf_rows import rows_of
from corpus.reading.pdf_runs import UPRIGHT, Run

_FEWEST = 4  # lines: three enclose a head and a body whose rows nothing parts
_SAME_END = 3.0  # points by which lines of one table may differ
_GAP = 0.8  # font sizes that part columns
_FILLED = 0.6  # of the rows that have two cells or more

Band = tuple[float, float]


def row_ruled_tables(runs: Sequence[Run], drawings: Drawings) -> tuple[list[Table], list[Run]]:
    """Tables with a line between any two rows and no upright ones, and the runs that lie in none."""
    tables: list[Table] = []
    rest = list(runs)
    for rules in _groups(drawings):
        left, right = rules[0].start, rules[0].end
        bands = _bands(rules)
        rows = [[run for run in rest if _lies_in(run, left, right, band)] for band in bands]
        filled = [number for number, row in enumerate(rows) if row]
        if len(filled) < _FEWEST - 1:
            continue
        edges = _edges([rows[number] for number in filled], left, right)
        cells = [_cells(rows[number], edges) for number in filled]
        while cells and sum(map(bool, cells[0])) < 2:  # a caption above the first line
            cells, filled = cells[1:], filled[1:]
        if cells:
            inner, cells = with_heads_joined(edges[1:-1], cells)
            edges = (left, *inner, right)
        if len(edges) > 2 and cells and sum(sum(map(bool, row)) > 1 for row in cells) >= _FILLED * len(cells):
            inside = {id(run) for number in filled for run in rows[number]}
            rest = [run for run in rest if id(run) not in inside]
            bold = [all(run.face.bold for run in rows[number]) for number in filled]
            texts = [
                Cell(at, column, 1, 1, text, bold[at])
                for at, row in enumerate(cells)
                for column, text in enumerate(row)
            ]
            tables.append(Table(texts, edges, left, right, rules[0].at, rules[-1].at, rows=len(cells)))
    return tables, rest


def _groups(drawings: Drawings) -> list[list[Rule]]:
    """Level lines of the same ends, from the bottom, which no upright line crosses."""
    groups: list[list[Rule]] = []
    for rule in merged_rules(drawings.level):
        group = next((one for one in groups if _same_ends(one[-1], rule)), None)
        if group is None:
            groups.append([rule])
        else:
            group.append(rule)
    return [
        group
        for group in groups
        if len(group) >= _FEWEST
        and not any(
            group[0].start + _SAME_END < one.at < group[0].end - _SAME_END
            and one.start < group[-1].at - _SAME_END
            and one.end > group[0].at + _SAME_END
            for one in drawings.upright
        )
    ]


def _bands(rules: Sequence[Rule]) -> list[Band]:
    """The heights between the lines, from the top; a head may stand above the first and a row below the last."""
    between = [(low.at, high.at) for low, high in pairwise(rules)]
    usual = median(high - low for low, high in between)
    return [(rules[-1].at, rules[-1].at + usual), *between[::-1], (rules[0].at - usual, rules[0].at)]


def _same_ends(one: Rule, other: Rule) -> bool:
    return abs(one.start - other.start) <= _SAME_END and abs(one.end - other.end) <= _SAME_END


def _lies_in(run: Run, left: float, right: float, band: Band) -> bool:
    middle = (run.bottom + run.top) / 2
    inside = left - _SAME_END <= run.left and run.right <= right + _SAME_END
    return run.turn == UPRIGHT and inside and band[0] < middle < band[1]


def _edges(rows: Sequence[Sequence[Run]], left: float, right: float) -> tuple[float, ...]:
    """Where the columns begin and end: in the middle of what is free in every row."""
    sides = sorted((segment.left, segment.right) for row in rows for one in rows_of(row) for segment in one.segments())
    size = max(run.size for row in rows for run in row)
    edges, reached = [left], sides[0][1]
    for start, end in sides:
        if start - reached > _GAP * size:
            edges.append((reached + start) / 2)
        reached = max(reached, end)
    return (*edges, right)


def _cells(row: Sequence[Run], edges: Sequence[float]) -> list[str]:
    columns: list[list[Run]] = [[] for _ in edges[1:]]
    for run in row:
        middle = (run.left + run.right) / 2
        columns[min(sum(middle > edge for edge in edges[1:-1]), len(columns) - 1)].append(run)
    return [cell_text(column) for column in columns]
