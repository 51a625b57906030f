"""Lines: the rows of a table below its heads, each a line that names what its cells say and can be quoted alone."""

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise

from corpus.reading.tables import kinds
from corpus.reading.tables.model import NOTE, Grid, Line
from corpus.reading.tables.names import Name, flat
from corpus.reading.tables.units import is_ratio, is_unit, parted, takes, with_unit

_LONGEST = 260  # code points of a line; a longer row goes on in a line that opens with the row's name again
_LONGEST_OPENING = 60
_LONGEST_KEY = 20  # code points on average of the second column that names rows
_SAMPLE = 200  # rows
_TOTAL = re.compile(r"(?:合|总|共)\s*计|总\s*[数额]|全[市区县省国部]")
_NUMBERING = re.compile(
    r"(?:[一二三四五六七八九十]+、|[（(][一二三四五六七八九十\d]+[）)]|第[一二三四五六七八九十\d]+[类批部组]|[A-Z]、|\d+[、.．])\s*(?=\S)"
)
_LONGEST_GROUP = 30  # code points
_NO_GROUP = re.compile(r"其中|其它|其他|续表|接上")
_SERIAL = re.compile(r"序号|编号|行次|No\.?|№", re.I)


class Rows:
    """Makes lines of the rows below the heads.

    names  of the columns, empty where nothing names them
    unit   that is told for the whole table
    marks  footnote keys by row and column of the table
    """

    def __init__(
        self, grid: Grid, heads: int, names: Sequence[Name], unit: str, marks: Mapping[tuple[int, int], tuple[str, ...]]
    ) -> None:
        self._grid, self._heads, self._marks = grid, heads, marks
        width = max(map(len, grid.rows), default=0)
        self._names = [*names, *[Name("")] * (width - len(names))]
        self._openings = [name.opening for name in self._names]
        self._unit = unit
        self._units_at = next((column for column, name in enumerate(names) if name.units), None)
        self._keys = self._key_columns(grid.rows[heads : heads + _SAMPLE])
        self._plain = not (unit or grid.wide or marks or any(_asks(name) for name in names))
        self._measured = self._plain and not self._has_measured_sides(grid.rows[heads : heads + _SAMPLE])
        self._serial = [_SERIAL.fullmatch(name.text) is not None for name in self._names]
        self._group = ""

    def lines(self) -> Iterator[Line]:
        """A line a row; notes, and the names of groups, which also open the lines of their rows."""
        grid = self._grid
        heads = {tuple(row) for row in grid.rows[: self._heads] if not any(map(kinds.is_number, row))}
        last = len(grid.rows) - 1
        for number in range(self._heads, len(grid.rows)):
            row = grid.rows[number]
            filled = len(row) - row.count("")
            if not filled or (heads and tuple(row) in heads):
                continue
            if (filled == 1 or number in grid.wide) and (line := self._alone(number, number == last)) is not None:
                yield line
                continue
            if self._group and _TOTAL.match(next(filter(None, row))):
                self._group = ""
            for text in self._row(number, row):
                yield Line(text, row=grid.first + number, marks=self._keys_of(number, row) if self._marks else ())

    def _alone(self, number: int, is_last: bool) -> Line | None:
        """A row with a single text: a note, or the name of the group below; None where it is an ordinary row."""
        told = self._grid.told(number)
        if len(told) != 1:
            return None
        column, text = told[0]
        wide = dict(self._grid.wide.get(number, ())).get(column, 1)
        whole = column == 0 and wide > 1 and wide >= max(2, len(self._names) - 1)
        if kinds.is_note(text) or (whole and (kinds.is_prose(text) or len(text) > _LONGEST_GROUP)):
            return self._line(flat_lines(text), NOTE, number)
        numbered = column == 0 and len(self._names) > 2 and _NUMBERING.match(text) is not None
        if not (whole or numbered) or kinds.kind_of(text) in (kinds.NUMBER, kinds.NONE):
            return None
        if _NO_GROUP.match(text) or _TOTAL.match(text):
            self._group = ""
        elif not is_last:
            self._group = _NUMBERING.sub("", text, count=1).rstrip("：:")
        return self._line(flat(text), NOTE, number)

    def _line(self, text: str, kind: str, number: int) -> Line:
        return Line(text, kind, self._grid.first + number)

    def _row(self, number: int, row: Sequence[str]) -> list[str]:
        if self._measured:
            pieces = [name + flat(cell) for name, cell in zip(self._openings, row, strict=False) if cell]
        else:
            pieces = self._said(number, row)
        if self._group:
            pieces.insert(0, flat(self._group))
        line = "，".join(pieces) + "。"
        return [line] if len(line) <= _LONGEST else self._broken(pieces, row)

    def _said(self, number: int, row: Sequence[str]) -> list[str]:
        """The cells with their names, units and years; a cell over several columns has the names of all of them."""
        cells = self._grid.told(number) if number in self._grid.wide else [pair for pair in enumerate(row) if pair[1]]
        wide = dict(self._grid.wide.get(number, ()))
        unit, side = self._unit_of(row, [column for column, _ in cells])
        pieces = []
        for column, text in cells:
            if column in wide:
                pieces.append(self._spanning(column, wide[column], text))
            elif _TOTAL.match(text) and (self._serial[column] or self._names[column].years):
                pieces.append(flat(text))  # a sum has no number and no year
            elif column == side and (bare := parted(text)[0]):
                pieces.append(self._openings[column] + flat(bare))
            elif not (column == self._units_at and unit):
                pieces.append(self._openings[column] + flat(self._measure(column, text, unit, row)))
        return pieces

    def _unit_of(self, row: Sequence[str], columns: Sequence[int]) -> tuple[str, int]:
        """The unit that the row itself tells, in a cell for it or with its name, and the column of that name or -1."""
        if self._units_at is not None and self._units_at < len(row) and is_unit(row[self._units_at]):
            return row[self._units_at], -1
        for column in self._keys:
            if column in columns and (unit := parted(row[column])[1]):
                share = is_ratio(unit)
                numbers = [row[one] for one in columns if one > column and (share or not self._names[one].unit)]
                if numbers and all(map(kinds.is_number, numbers)):
                    return unit, column
        return "", -1

    def _measure(self, column: int, text: str, unit: str, row: Sequence[str]) -> str:
        """A number with the unit of its column, of its row, or of the table."""
        name = self._names[column]
        if column in self._keys and not name.unit:
            return f"{text}年" if name.years and kinds.is_year(text) else text
        if name.years:
            return f"{text}年" if kinds.is_year(text) else text
        if not kinds.is_number(text):
            return text
        sides = [row[key] for key in self._keys if key != column and key < len(row)]
        if name.unit:
            strange = not unit and any(is_ratio(side) for side in sides)
            return text if strange else with_unit(text, unit or name.unit, name.text)
        if unit and not _SERIAL.search(name.text) and takes(name.text, unit):
            return with_unit(text, unit, name.text)
        if self._unit and all(takes(one, self._unit) for one in (name.text, *sides)):
            return with_unit(text, self._unit, name.text)
        return text

    def _spanning(self, column: int, wide: int, text: str) -> str:
        """«首年、次年：面议»; a cell over the names of rows (合计) stands without theirs."""
        names = list(dict.fromkeys(name.text for name in self._names[column : column + wide] if name.text))
        if column in self._keys or column == 0:
            return flat(text)
        units = {name.unit for name in self._names[column : column + wide]}
        unit = units.pop() if len(units) == 1 else ""
        return (f"{'、'.join(map(flat, names))}：" if names else "") + flat(with_unit(text, unit) if unit else text)

    def _broken(self, pieces: Sequence[str], row: Sequence[str]) -> list[str]:
        """A long row in lines of which each opens with what names the row."""
        opening = [self._openings[key] + flat(row[key]) for key in self._keys if key < len(row) and row[key]]
        opening = ([flat(self._group)] if self._group else []) + opening
        if not opening or len("，".join(opening)) > _LONGEST_OPENING:
            return ["，".join(pieces) + "。"]
        lines: list[list[str]] = [[]]
        begun, length = sum(map(len, opening)), 0
        for piece in pieces:
            if length + len(piece) > _LONGEST and len(lines[-1]) > len(opening):
                lines.append([*opening])
                length = begun
            lines[-1].append(piece)
            length += len(piece)
        return ["，".join(line) + "。" for line in lines]

    def _key_columns(self, rows: Sequence[Sequence[str]]) -> list[int]:
        """The columns that name the rows: the first ones that hold words, at most two, before the first of numbers."""
        keys: list[int] = []
        for column, name in enumerate(self._names):
            cells = [row[column] for row in rows if column < len(row) and row[column]]
            if not cells or (_SERIAL.search(name.text) and all(map(kinds.is_number, cells))):
                continue
            values = sum(kinds.kind_of(cell) in (kinds.NUMBER, kinds.QUANTITY) for cell in cells)
            long = sum(map(len, cells)) > _LONGEST_KEY * len(cells)
            if len(keys) == 2 or values > 0.5 * len(cells) or name.unit or name.units or (keys and long):
                break
            keys.append(column)
        return keys

    def _has_measured_sides(self, rows: Sequence[Sequence[str]]) -> bool:
        return any(parted(row[key])[1] for row in rows for key in self._keys if key < len(row))

    def _keys_of(self, number: int, row: Sequence[str]) -> tuple[str, ...]:
        """Footnote keys of a row: of each filled cell, behind those of its column's name."""
        keys: list[str] = []
        for column in (column for column, text in enumerate(row) if text):
            for head in range(self._heads):
                keys += self._marks.get((self._grid.first + head, column), ())
            keys += self._marks.get((self._grid.first + number, column), ())
        return tuple(dict.fromkeys(keys))


def _asks(name: Name) -> bool:
    """Whether cells under a name are more than the name and their text."""
    return bool(name.unit or name.years or name.units or _SERIAL.fullmatch(name.text))


def flat_lines(text: str) -> str:
    """A note on one line, with the full stop that it has."""
    return "，".join(text.split("\n")) if "\n" in text else text


def filled_down(rows: list[list[str]], heads: int) -> None:
    """Repeat a group's name in the rows below that leave it empty: what is left of a merged cell in CSV.

    Only where the column can be nothing else: words, each once, the first row among them, and beside each an own name.
    """
    body = [row for row in rows[heads:] if any(row) and not _TOTAL.match(row[0])]
    if len(body) < 3 or any(len(row) < 3 or not row[1] for row in body) or not body[0][0]:
        return
    groups = [row[0] for row in body if row[0]]
    names = [row[1] for row in body]
    if len(groups) == len(body) or len(set(groups)) < len(groups) or len(set(names)) < 0.8 * len(names):
        return
    words = all(kinds.kind_of(text) in (kinds.TEXT, kinds.PERIOD) for text in (*groups, *names))
    if not words or any(_TOTAL.search(name) for name in names):
        return
    for above, row in pairwise(body):
        row[0] = row[0] or above[0]
