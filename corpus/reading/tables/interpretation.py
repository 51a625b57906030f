"""From a table to lines: what stands above it, which shape it has, its heads, and its rows."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import zip_longest

from corpus.reading.tables import kinds
from corpus.reading.tables.forms import FormRow, form_line, form_of, is_turned, subject_of
from corpus.reading.tables.heads import count_heads, heads_below
from corpus.reading.tables.lines import Rows, filled_down, flat_lines
from corpus.reading.tables.model import CAPTION, NOTE, ROW, Grid, Line, Table, spread
from corpus.reading.tables.names import Name, flat, names_of
from corpus.reading.tables.units import told_unit

_META = re.compile(r"[（(【\[]?[^:：]{1,14}[:：]\s*\S.*", re.S)
_DATED = re.compile(r"[（(]?(?:截至|截止)?\s*(?:19|20)\d\d\s*年?.{0,16}[）)]?")
_MOST_META = 10  # rows
_WIDEST_SHAPE = 1000  # columns


@dataclass(slots=True)
class Read:
    """The lines of a table. names, unit  of its columns; shape  which of them hold numbers"""

    lines: list[Line] = field(default_factory=list)
    names: list[Name] = field(default_factory=list)
    unit: str = ""
    shape: list[bool] = field(default_factory=list)


def read_table(table: Table) -> list[Line]:
    """Captions, then one line a row, then notes.

    raises  ParserFailed where merged cells cover too many places
    """
    return read_grid(spread(table), table).lines


def read_grid(grid: Grid, said: Table, before: Read | None = None) -> Read:
    """The lines of one table. before  the table above it, whose heads hold where this one has none"""
    opening = _opening_rows(grid) if said.heads is None else 0
    read = Read(unit=told_unit(said.above))
    for number in range(opening):
        text = "，".join(flat_lines(text) for _, text in grid.told(number))
        read.lines += [Line(text, CAPTION, grid.first + number)] if text else []
        read.unit = read.unit or told_unit(text)
    body = grid.part(opening, len(grid.rows)) if opening else grid
    closing = _closing_rows(body)
    table = body.part(0, len(body.rows) - closing) if closing else body
    if table.rows:
        _read_body(table, said, before, read)
    for number in range(len(body.rows) - closing, len(body.rows)):
        text = "，".join(flat_lines(text) for _, text in body.told(number))
        read.lines += [Line(text, NOTE, body.first + number)] if text else []
    return read


def _read_body(grid: Grid, said: Table, before: Read | None, read: Read) -> None:
    """Add the lines of what is neither above the table nor below it."""
    loose = said.loose or not said.heads
    if _is_list(grid):
        for row in range(len(grid.rows)):
            for _, text in grid.told(row):
                read.lines.append(_line(flat(text) + "。", said, grid.first + row))
    elif loose and (rows := form_of(grid, said.sides)) is not None:
        _read_form(rows, grid, said, read)
    elif loose and is_turned(grid):
        turned = [list(column) for column in zip_longest(*grid.rows, fillvalue="")]
        _read_rows(Grid(turned, first=grid.first), 1, replace(said, marks={}), before, read)
    else:
        _read_rows(grid, _heads(grid, said), said, before, read)


def _read_form(rows: Sequence[FormRow], grid: Grid, said: Table, read: Read) -> None:
    """A line a row; those behind the first one open with what the form is about."""
    subject, begun = subject_of(rows), False
    for row in rows:
        text = form_line(row, subject if begun else "")
        read.lines.append(_line(text, said, grid.first + row.row, ROW if row.pairs else NOTE))
        begun = begun or bool(row.pairs)


def _read_rows(grid: Grid, heads: int, said: Table, before: Read | None, read: Read) -> None:
    """A line for each row below the heads, or, where there is none, for the heads."""
    names = names_of(grid, heads) if heads else []
    if not heads and before is not None and _goes_on_with(grid, before):
        names, read.unit = before.names, read.unit or before.unit
    names = _unnumbered(names)
    if (parts := _repeated(names)) > 1 and not grid.wide:
        grid, names = _unfolded(grid, heads, names, parts), names[: len(names) // parts]
    if not said.merges:
        filled_down(grid.rows, heads)
    if heads and not any(any(row) for row in grid.rows[heads:]):
        for row in range(heads):
            text = "，".join(flat(text) for _, text in grid.told(row))
            read.lines.append(_line(f"{text}。", said, grid.first + row))
    else:
        read.lines += Rows(grid, heads, names, read.unit, said.marks).lines()
        read.lines += _unused(names, grid, heads)
    read.names, read.shape = names, _shape(grid, heads)


def _heads(grid: Grid, said: Table) -> int:
    """Rows that name the columns, as the source says or as they look."""
    if said.heads is None or said.heads >= len(grid.rows):
        return 0 if said.sides else count_heads(grid, said.bold)
    return heads_below(grid, said.heads) if said.heads else 0


def _opening_rows(grid: Grid) -> int:
    """How many rows above the table are no part of it: titles, and lines such as «填报单位：…｜单位：万元»."""
    count, width = 0, max(map(len, grid.rows), default=0)
    while count < len(grid.rows) - 1:
        row = grid.rows[count]
        filled = len(row) - row.count("")
        told = grid.told(count) if count in grid.wide or (filled > 1 and count < _MOST_META) else []
        if filled and not (filled == 1 or len(told) == 1 or _is_meta([text for _, text in told], width)):
            break
        count += 1
    else:
        return 0 if width == 1 or _is_list(grid) else count
    return count


def _is_list(grid: Grid) -> bool:
    """A grid of rows with one text each has no title."""
    return all(grid.count(number) <= 1 for number in range(len(grid.rows)))


def _is_meta(texts: Sequence[str], width: int) -> bool:
    """Texts that speak about the table: each with a colon or a day, one with a colon at least, or its unit."""
    if not texts:
        return False
    with_colon = [text for text in texts if _META.fullmatch(text)]
    dated = [text for text in texts if text not in with_colon and _DATED.fullmatch(text)]
    if any(map(told_unit, with_colon)) and len(texts) < width:
        return True
    return bool(with_colon) and len(with_colon) + len(dated) == len(texts)


def _closing_rows(grid: Grid) -> int:
    """How many rows below the table are notes and lines such as «制表人：…｜审核人：…»."""
    count = 0
    while count < min(len(grid.rows) - 1, _MOST_META):
        texts = [text for _, text in grid.told(len(grid.rows) - 1 - count)]
        alone = len(texts) == 1 and (kinds.is_note(texts[0]) or _META.fullmatch(texts[0]) or len(texts[0]) > 40)
        if texts and not alone and not (len(texts) > 1 and all(_META.fullmatch(text) for text in texts)):
            break
        count += 1
    return count if count < len(grid.rows) - 1 else 0


def _goes_on_with(grid: Grid, before: Read) -> bool:
    """Whether a table without heads is the rest of the one above: with numbers where that has them."""
    shape = _shape(grid, 0)
    return 1 < len(shape) <= len(before.names) and shape == before.shape[: len(shape)]


def _shape(grid: Grid, heads: int) -> list[bool]:
    """For each column whether it holds mostly numbers."""
    sample = grid.rows[heads : heads + 100]
    shape = []
    for column in range(min(max(map(len, grid.rows), default=0), _WIDEST_SHAPE)):
        cells = [row[column] for row in sample if column < len(row) and row[column]]
        shape.append(sum(map(kinds.is_number, cells)) > 0.5 * len(cells))
    return shape


def _unnumbered(names: list[Name]) -> list[Name]:
    while names and not names[-1].text:
        names = names[:-1]
    return names


def _repeated(names: Sequence[Name]) -> int:
    """How often the names repeat: 序号, 姓名, 序号, 姓名 is a list set in two columns."""
    texts = [name.text for name in names]
    for width in range(2, len(texts) // 2 + 1):
        if not len(texts) % width and all(texts[:width]) and texts == texts[:width] * (len(texts) // width):
            return len(texts) // width if len(set(texts[:width])) == width else 1
    return 1


def _unfolded(grid: Grid, heads: int, names: Sequence[Name], parts: int) -> Grid:
    """The columns of a list that is set side by side, below each other."""
    width = len(names) // parts
    head, body = grid.rows[:heads], grid.rows[heads:]
    pieces = [row[part * width : (part + 1) * width] for part in range(parts) for row in body]
    return Grid([*(row[:width] for row in head), *pieces], first=grid.first)


def _unused(names: Sequence[Name], grid: Grid, heads: int) -> Iterator[Line]:
    """A line for the names of columns in which no row says anything, so that they are not lost."""
    waiting = {column for column, name in enumerate(names) if name.text}
    for row in grid.rows[heads:]:
        waiting -= {column for column in waiting if column < len(row) and row[column]}
        if not waiting:
            return
    if waiting:
        yield Line(f"未填的栏：{'、'.join(flat(names[column].text) for column in sorted(waiting))}。", NOTE, grid.first)


def _line(text: str, said: Table, row: int, kind: str = ROW) -> Line:
    """A line with the footnotes of all cells of its row."""
    columns = range(len(said.rows[row])) if said.marks else ()
    found = (key for column in columns for key in said.marks.get((row, column), ()))
    return Line(text, kind, row, tuple(dict.fromkeys(found)))
