"""Forms: tables whose cells stand in pairs, a label and its value beside it, in two columns or more."""

import re
from collections.abc import Sequence
from typing import NamedTuple

from corpus.reading.tables import kinds, labels
from corpus.reading.tables.model import Grid
from corpus.reading.tables.names import flat, said_name, with_year
from corpus.reading.tables.units import parted, with_unit

_SHARE = 0.6  # of the labels that must be known as such
_MOST_VALUES = 0.34  # of the values that may look like labels
_MOST_PAIRS = 2000  # that are looked at
_SUBJECT = re.compile(r"(?:名称|姓名|项目名|企业|公司|园区|单位|项目|产品|设备|楼盘)$")
_LONGEST_SUBJECT = 30  # code points
_NAMES = re.compile(r"(?:名称|姓名|企业|公司|园区|街道|城市|学校|医院|产品|型号|方案)$")

Pair = tuple[str, str]


class FormRow(NamedTuple):
    """The pairs of a row, none for a title within the form.

    group  a name that stands before the pairs over several rows, or the title; row  of the grid
    """

    pairs: list[Pair]
    group: str
    row: int


def form_of(grid: Grid, sides: bool = False) -> list[FormRow] | None:
    """The rows of a form; None for a table of another shape. sides  the source calls its first column names."""
    if len(grid.rows) > _MOST_PAIRS:
        return None
    rows = [row for number in range(len(grid.rows)) if (row := _paired(grid, number)) is not None]
    if len(rows) < len([row for row in grid.rows if any(row)]) or not any(row.pairs for row in rows):
        return None
    titles = [row for row in rows if not row.pairs]
    filled = [row for row in rows if row.pairs]
    pairs = [pair for row in filled for pair in row.pairs]
    if len(titles) >= len(filled) or (len(titles) == 1 and len(filled) < 3):
        return None
    names = [label for label, _ in pairs]
    if len(set(names)) < 0.9 * len(names) or any(kinds.is_number(label) for label in names):
        return None
    if sides and all(len(row.pairs) == 1 for row in filled):
        return rows
    values = [value for _, value in pairs if value]
    known, doubtful = sum(map(labels.is_label, names)), sum(map(labels.is_label, values))
    if not labels.is_label(names[0]) or known < _SHARE * len(names) or doubtful > _MOST_VALUES * len(values):
        return None
    return None if len(filled) > 1 and _is_head(filled) else rows


def _paired(grid: Grid, row: int) -> FormRow | None:
    """A row as pairs; None where its cells do not stand in pairs. Empty values stand, as empty text."""
    told = grid.told(row)
    if not told:
        return None
    cells = [text for _, text in told]
    group = ""
    if len(cells) % 2 and len(cells) > 1 and _reaches(grid, row, told[0][0]):
        group, cells = cells[0], cells[1:]
    if len(cells) == 1:
        label = cells[0]
        alone = labels.is_label(label) and told[0][0] == 0 and not _is_wide(grid, row)
        if alone or told[0][0]:
            return FormRow([(label, "")], "", row) if alone else None
        return FormRow([], label, row)
    if len(cells) % 2:
        if not (len(cells) > 2 and labels.is_label(cells[-1]) and not any(map(labels.is_label, cells[1:-1:2]))):
            return None
        cells.append("")
    return FormRow(list(zip(cells[::2], cells[1::2], strict=True)), group, row)


def _reaches(grid: Grid, row: int, column: int) -> bool:
    """Whether the cell covers several rows, this one among them."""
    return any(
        above + high > row and column == at
        for above in range(max(0, row - 200), row + 1)
        for at, high in grid.tall.get(above, ())
    )


def _is_wide(grid: Grid, row: int) -> bool:
    return bool(grid.wide.get(row))


def _is_head(rows: Sequence[FormRow]) -> bool:
    """Whether the first row names the columns: 收费项目, 标准 over 物业费, 6元; but 企业类型, 小微企业 is a pair."""
    if not all(labels.is_label(label) and labels.is_label(value) for label, value in rows[0].pairs):
        return False
    if all(labels.is_plain_label(value) or parted(value)[1] for _, value in rows[0].pairs):
        return True
    below = [kinds.kind_of(value) for row in rows[1:] for _, value in row.pairs if value]
    return sum(kind in (kinds.NUMBER, kinds.QUANTITY) for kind in below) > 0.5 * len(below)


def form_line(row: FormRow, subject: str) -> str:
    """«占地面积：120亩», behind what the form is about; a title as it stands."""
    if not row.pairs:
        return row.group
    said = [said_pair(label, value) for label, value in row.pairs]
    opening = [flat(one) for one in (subject, row.group) if one]
    return "，".join([*opening, *filter(None, said)]) + "。"


def said_pair(label: str, value: str) -> str:
    label = said_name(label)
    name, unit = parted(label)
    if not value:
        return f"{flat(label)}（空）"
    if unit and (measured := with_unit(value, unit, name)) != value:
        return f"{flat(name)}：{measured}"
    said = with_year(value) if labels.bare_label(label).endswith(("年份", "年度")) else value
    return f"{flat(label)}：{flat(said)}"


def subject_of(rows: Sequence[FormRow]) -> str:
    """What the form is about: the value of a first label such as 项目名称; empty where nothing tells it."""
    label, value = next(row for row in rows if row.pairs).pairs[0]
    about = _SUBJECT.search(labels.bare_label(label)) is not None and 0 < len(value) <= _LONGEST_SUBJECT
    return value if about and not kinds.is_prose(value) and kinds.kind_of(value) == kinds.TEXT else ""


def is_turned(grid: Grid) -> bool:
    """Whether the first column names what the others hold: 名称, 甲园, 乙园 over 面积, 80亩, 90亩."""
    rows = [row for row in grid.rows if any(row)]
    if not 2 < len(rows) <= _MOST_PAIRS or grid.wide or grid.tall:
        return False
    corner, *things = [text for text in rows[0] if text] or [""]
    if len(things) < 2 or not _NAMES.search(labels.bare_label(corner)) or sum(map(labels.is_label, things)):
        return False
    if any(kinds.kind_of(text) != kinds.TEXT for text in things):
        return False
    sides = [row[0] for row in rows]
    return all(sides) and sum(map(labels.is_label, sides)) >= _SHARE * len(sides) and len(set(sides)) == len(sides)
