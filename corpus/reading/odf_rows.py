"""Rows of OpenDocument tables: repeated cells and rows within limits, and merged cells."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from corpus.reading.bounded import ParserFailed
from corpus.reading.odf import OFFICE, TABLE
from corpus.reading.tables import Merge, Table

MOST_CELLS = 5_000_000
_FURTHEST_COLUMN = 16_384
_TRUTHS = {"true": "是", "false": "否"}
_CELLS = {f"{TABLE}table-cell", f"{TABLE}covered-table-cell"}


@dataclass(slots=True)
class Rows:
    """The rows of one table and its merged cells. text_of  what a cell shows; left  how many more cells there may be"""

    text_of: Callable[[Any], str]
    left: int = MOST_CELLS
    grid: list[list[str]] = field(default_factory=list)
    merges: list[Merge] = field(default_factory=list)

    def add(self, row: Any) -> None:
        """Take a row as often as it is repeated; an empty one is taken once, and not behind another.

        raises  ParserFailed for too many cells
        """
        cells = self._cells(row)
        times = _count(row, "number-rows-repeated") if cells else int(bool(self.grid and self.grid[-1]))
        self._spend(times * len(cells))
        self.grid += [list(cells) for _ in range(times)]

    def table(self, heads: int | None = None) -> Table:
        """The table so far; rows that are added later belong to another one."""
        table = Table(self.grid, self.merges, heads)
        self.grid, self.merges = [], []
        return table

    def _cells(self, row: Any) -> list[str]:
        """Texts of a row, as long as it says something; empty cells behind the last text are left out."""
        cells: list[str] = []
        column = 0
        for cell in row:
            if cell.tag not in _CELLS:
                continue
            times = min(_count(cell, "number-columns-repeated"), _FURTHEST_COLUMN - column)
            text = self.text_of(cell) if not cell.tag.endswith("covered-table-cell") else ""
            if text:
                self._spend(times)
                cells += [""] * (column - len(cells)) + [text] * times
                self._note_merged(cell, column)
            column += times
        return cells

    def _note_merged(self, cell: Any, column: int) -> None:
        high, wide = _count(cell, "number-rows-spanned"), _count(cell, "number-columns-spanned")
        if high > 1 or wide > 1:
            self.merges.append(Merge(len(self.grid), column, high, wide))

    def _spend(self, cells: int) -> None:
        self.left -= cells
        if self.left < 0:
            raise ParserFailed(f"it has more than {MOST_CELLS} cells; split it")


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
