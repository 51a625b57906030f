"""Names: what stands before the cells of a column, and the unit of its numbers."""

import re
from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

from corpus.reading.tables import kinds, labels
from corpus.reading.tables.model import Grid
from corpus.reading.tables.units import is_ratio, is_unit, parted, told_unit, unit_column

_YEARLY = re.compile(r"年份|年度|^年$|^届$|^时间$")
_SET_APART = re.compile(r"(?<=[一-鿿])(?:[ \u3000\xa0]*\n\s*|[ \u3000\xa0]+)(?=[一-鿿（])")
_SLANTED = re.compile(r"\s*[\\＼/／|｜\n]\s*")
_TIMELY = re.compile(r"年|月|日期|季|时间|期$")
_GENERAL = ("项目", "指标", "内容", "名称", "事项", "类别", "类型", "种类", "科目", "参数", "属性", "要素", "费用")
_SAMPLE = 200  # rows that tell whether a column holds years


class Name(NamedTuple):
    """The name of a column. unit  of its numbers; years  its bare numbers are years; units  it holds units of rows"""

    text: str
    unit: str = ""
    years: bool = False
    units: bool = False

    @property
    def opening(self) -> str:
        """What stands before a cell."""
        return f"{flat(self.text)}：" if self.text else ""


def names_of(grid: Grid, heads: int) -> list[Name]:
    """A name for each column of the heads; those in several rows are joined from the top."""
    width = max(map(len, grid.rows[:heads]), default=0)
    rows = [row + [""] * (width - len(row)) for row in grid.rows[:heads]]
    rows = [row for row in rows if not kinds.numbers_columns(row)]
    for above, below in pairwise(rows):
        _fill_right(above, below)
    _name_sides(rows, grid.rows[heads : heads + _SAMPLE])
    levels = [list(dict.fromkeys(row[column] for row in rows if row[column])) for column in range(width)]
    return [_with_kind(_joined(one), column, grid.rows[heads : heads + _SAMPLE]) for column, one in enumerate(levels)]


def _name_sides(rows: list[list[str]], body: Sequence[list[str]]) -> None:
    """Take out of the corner what names the columns: 年份 over 产值, 人数 and beside 2021; of «指标＼年份» one part."""
    if not rows or not rows[0]:
        return
    corner, beside = rows[0][0], [text for row in rows for text in row[1:] if text]
    parts = [part for part in _SLANTED.split(corner) if part]
    if sum(map(_is_value, beside)) < 0.6 * len(beside) or not beside:
        return
    if len(parts) == 2 and sum(_TIMELY.search(part) is not None for part in parts) == 1:
        rows[0][0] = next(part for part in parts if not _TIMELY.search(part))
    elif not labels.bare_label(corner).endswith(_GENERAL):
        sides = [row[0] for row in body if row and row[0]]
        if sides and sum(map(labels.is_label, sides)) >= 0.6 * len(sides):
            rows[0][0] = ""


def _is_value(text: str) -> bool:
    return kinds.kind_of(text) in (kinds.YEAR, kinds.PERIOD, kinds.QUANTITY, kinds.DAY)


def _joined(levels: Sequence[str]) -> Name:
    """«2024年税收» of 2024年 and 税收; other names are parted by a stroke. A unit on any level is that of all."""
    unit, spoken = "", []
    for level in map(said_name, levels):
        text, own = ("", level) if is_unit(level) and len(levels) > 1 else parted(level)
        unit = own or unit
        spoken += [text] if text else []
    times = [with_year(text) for text in spoken if kinds.is_period(text)]
    others = [text for text in spoken if not kinds.is_period(text)]
    return Name("".join(times) + "／".join(others), unit or next(filter(None, map(told_unit, levels)), ""))


def _with_kind(name: Name, column: int, rows: Sequence[list[str]]) -> Name:
    cells = [row[column] for row in rows if column < len(row) and row[column]]
    if unit_column(name.text) and cells and all(map(is_unit, cells)):
        return name._replace(units=True)
    return name._replace(years=not name.unit and is_yearly(name.text, column, cells))


def is_yearly(name: str, column: int, cells: Sequence[str]) -> bool:
    """Whether bare numbers in a column are years: its name says so, or it opens rows of rising or falling years."""
    if not cells or not any(map(kinds.is_year, cells)):
        return False
    if _YEARLY.search(name):
        return True
    ordered = len(set(cells)) == len(cells) > 1 and cells in (sorted(cells), sorted(cells, reverse=True))
    return column == 0 and ordered and all(map(kinds.is_year, cells)) and (not name or not is_ratio(name))


def said_name(text: str) -> str:
    """A name that is set over several lines, or with blanks between its letters, as it is said: «主 要 内 容»."""
    line = _SET_APART.sub("", text)
    return " ".join(line.split())


def with_year(text: str) -> str:
    """A bare year as it is said: 2023年."""
    return f"{text}年" if kinds.is_year(text) else text


def flat(text: str) -> str:
    """A cell on one line without its closing full stop or colon; the row has its own."""
    if "\n" in text:
        text = "，".join(line.rstrip("。；;，, ") for line in text.split("\n"))
    return text.rstrip("。；;：:")


def _fill_right(above: list[str], below: Sequence[str]) -> None:
    """A name goes on over the empty cells beside it that are parted below: what is left of a merged cell in CSV."""
    for column in range(1, len(above)):
        if not above[column] and below[column] and below[column - 1] and above[column - 1]:
            above[column] = above[column - 1]
