"""Rows of OpenDocument tables: repeated cells and rows within limits, merged cells filled in."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from corpus.reading.bounded import ParserFailed
from corpus.reading.grid import Grid
from corpus.reading.odf import OFFICE, TABLE

MOST_CELLS = 5_000_000
_FURTHEST_COLUMN = 16_384
_TRUTHS = {"true": "是", "false": "否"}
_CELLS = {f"{TABLE}table-cell", f"{TABLE}covered-table-cell"}


@dataclass(slots=True)
class Rows:
    """The rows of one table. text_of  what a cell shows; covered  column → rows still covered by a text"""

    text_of: Callable[[Any], str]
    left: int = MOST_CELLS
    grid: Grid = field(default_factory=list)
    _covered: dict[int, tuple[int, str]] = field(default_factory=dict)

    def add(self, row: Any) -> None:
        """Take a row as often as it is repeated.

        raises  ParserFailed for too many cells
        """
        cells = self._cells(row)
        times = _count(row, "number-rows-repeated") if cells else 1
        self.left -= times * len(cells)
        if self.left < 0:
            raise ParserFailed(f"it has more than {MOST_CELLS} cells; split it")
        self.grid += [list(cells) for _ in range(times)]

    def _cells(self, row: Any) -> list[str]:
        """Texts of a row, as long as it says something; empty cells behind the last text are left out."""
        cells: list[str] = []
        column = 0
        for cell in row:
            if cell.tag not in _CELLS:
                continue
            times = min(_count(cell, "number-columns-repeated"), _FURTHEST_COLUMN - column)
            text = self._covering(column) if cell.tag.endswith("covered-table-cell") else self._own(cell, column)
            if text:
                self.left -= times
                if self.left < 0:
                    raise ParserFailed(f"it has more than {MOST_CELLS} cells; split it")
                cells += [""] * (column - len(cells)) + [text] * times
            column += times
        return cells

    def _own(self, cell: Any, column: int) -> str:
        text = self.text_of(cell)
        high = _count(cell, "number-rows-spanned")
        if high > 1 and text:
            self._covered[column] = (high - 1, text)
        return text

    def _covering(self, column: int) -> str:
        """The text of the cell above that reaches down to here; a cell merged to the right shows nothing again."""
        rows, text = self._covered.pop(column, (0, ""))
        if rows > 1:
            self._covered[column] = (rows - 1, text)
        return text


def value_of(cell: Any, shown: Iterable[str]) -> str:
    """A cell as a person sees it; a day is written as ISO 8601 has it, since the display may leave out the year."""
    kind = cell.get(f"{OFFICE}value-type", "")
    if kind == "date":
        day, _, moment = str(cell.get(f"{OFFICE}date-value", "")).partition("T")
        return f"{day} {moment[:5]}" if moment.strip("0:.Z") else day
    if kind == "boolean":
        return _TRUTHS.get(cell.get(f"{OFFICE}boolean-value", ""), "")
    return "\n".join(line for line in shown if line) or str(cell.get(f"{OFFICE}value", ""))


def _count(element: Any, name: str) -> int:
    said = str(element.get(f"{TABLE}{name}", "1"))
    return max(1, int(said)) if said.isascii() and said.isdigit() and len(said) < 9 else 1
