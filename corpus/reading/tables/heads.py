"""Heads: how many rows of a grid name its columns, found out from what stands in them and below."""

from collections import Counter
from collections.abc import Sequence

from corpus.reading.tables import kinds, labels
from corpus.reading.tables.model import Grid
from corpus.reading.tables.units import is_unit, parted

_MOST_HEADS = 5
_SAMPLE = 40  # rows below that are compared with a head
_SHORT = 20  # code points; longer cells name no column
_MEASURED = (kinds.NUMBER, kinds.QUANTITY, kinds.DAY, kinds.CODE)
_TIMED = (kinds.YEAR, kinds.PERIOD)
_BOLD = 2.0
_ENOUGH = 1.0


def count_heads(grid: Grid, bold: frozenset[int] = frozenset()) -> int:
    """Rows that name the columns; 0 where the first one looks like those below it."""
    if len(grid.rows) < 2 or len(grid.told(0)) < 2:
        return 0
    first = heads_below(grid, 1)
    return first if evidence(grid, 0, first, bold) >= _ENOUGH else 0


def heads_below(grid: Grid, count: int) -> int:
    """With `count` rows that name the columns, how many do so together with the rows that go on naming them."""
    while count < min(_MOST_HEADS, len(grid.rows) - 1) and _names_on(grid, count):
        count += 1
    return count


def evidence(grid: Grid, row: int, below: int, bold: frozenset[int] = frozenset()) -> float:
    """How clearly a row names the columns of the rows from `below` on; from _ENOUGH on it does."""
    cells = grid.rows[row]
    sample = grid.rows[below : below + _SAMPLE]
    score = 0.0
    for column, text in enumerate(cells):
        if text:
            score += _fits(text, [one[column] for one in sample if column < len(one) and one[column]])
    if grid.first + row in bold and grid.first + below not in bold:
        score += _BOLD
    return score


def _fits(text: str, column: Sequence[str]) -> float:
    """How well a text names the cells of a column."""
    kind = kinds.kind_of(text)
    below = [one for one in map(kinds.kind_of, column) if one != kinds.NONE]
    usual = Counter(below).most_common(1)[0][0] if below else None
    if kind in _TIMED:
        return -3.0 if usual in _TIMED or (kind == kinds.YEAR and usual is None) else 2.0
    if kind == usual == kinds.QUANTITY and kinds.unit_of(text) not in set(map(kinds.unit_of, column)):
        return 0.5  # 50㎡以下 over prices
    if kind in _MEASURED:
        return -3.0 if usual == kind else -2.0 if kind in (kinds.NUMBER, kinds.CODE) else 0.5
    if usual is None:
        return 0.5 if labels.is_label(text) else 0.0
    if usual == kinds.TEXT or kind == kinds.NONE:
        return _fits_words(text, column) if kind != kinds.NONE else 0.0
    return 2.5 if labels.is_label(text) or parted(text)[1] else 0.75  # 面议 over prices is no name


def _fits_words(text: str, column: Sequence[str]) -> float:
    """The same where both are words."""
    score = 0.0
    if labels.is_label(text) and sum(map(labels.is_label, column)) < 0.6 * len(column):
        score += 1.0
    if text in column:
        score -= 2.0
    if kinds.is_prose(text) or len(text) > _SHORT:
        score -= 1.0
    if len(text) <= 8 and sum(map(len, column)) >= max(2.5 * len(text), 8) * len(column):
        score += 0.5
    with_digits = sum(any(map(str.isdigit, one)) for one in column)
    if with_digits >= 0.6 * len(column) and not any(map(str.isdigit, text)):
        score += 0.5
    return score


def _names_on(grid: Grid, row: int) -> bool:
    cells = grid.rows[row]
    numbers = kinds.numbers_columns(cells) and cells != grid.rows[row + 1]
    return numbers or _covered(grid, row) or _goes_on(grid, row) or _tells_units(cells)


def _tells_units(cells: Sequence[str]) -> bool:
    """A row of units: 亩, 亿元 below 占地, 投资."""
    told = [text.strip("（）()") for text in cells[1:] if text]
    return bool(told) and all(map(is_unit, told)) and (not cells[0] or cells[0] == "单位")


def _covered(grid: Grid, row: int) -> bool:
    """Whether a cell of the heads reaches down into the row."""
    return any(above + high > row for above in range(row) for _, high in grid.tall.get(above, ()))


def _goes_on(grid: Grid, row: int) -> bool:
    """Whether a row parts the names above it further: 营收, 税收 below 2023年."""
    told = [(column, text) for column, text in grid.told(row)]
    if not told or any(len(text) > _SHORT or kinds.kind_of(text) in _MEASURED for _, text in told):
        return False
    above, cells = grid.rows[row - 1], grid.rows[row]
    width = max(len(above), len(cells))
    above, cells = above + [""] * (width - len(above)), cells + [""] * (width - len(cells))
    parted = {column + more for column, wide in grid.wide.get(row - 1, ()) if wide < width for more in range(wide)}
    if parted:
        inside = {cells[column] for column in parted if column < width and cells[column]}
        others = [cells[column] in ("", above[column]) for column in range(width) if column not in parted]
        return len(inside) > 1 and (all(others) or evidence(grid, row, row + 1) > 1)
    filled = [column for column in range(width) if cells[column] and not above[column]]
    empty = [column for column in range(width) if above[column] and cells[column] in ("", above[column])]
    if not filled or not empty or not above[filled[0] - 1]:
        return _repeats(above, cells)
    return all(cells[column - 1] for column in filled)  # each goes on from a part that stands below a name


def _repeats(above: list[str], cells: list[str]) -> bool:
    """Whether equal names above are parted by a row without numbers: 2023年, 2023年 over 营收, 税收."""
    pairs = [(one, other) for one, other in zip(above, cells, strict=True) if one and other]
    doubled = {one for one, count in Counter(above).items() if one and count > 1}
    parts = [other for one, other in pairs if one in doubled]
    apart = all(other in ("", one) for one, other in zip(above, cells, strict=True) if one not in doubled)
    return bool(doubled) and apart and len(set(pairs)) == len(pairs) and len(set(parts)) > 1
