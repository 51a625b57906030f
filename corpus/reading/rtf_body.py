"""The body of an RTF file: paragraphs, headings, lists and tables, as their text comes in."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from corpus.reading.grid import table_parts
from corpus.reading.parts import HEADING, LINE, PARAGRAPH, Part
from corpus.reading.tables import Merge, Table

_LONGEST_HEADING = 100  # code points; what is longer is prose in large letters
_HEADING_STYLE = re.compile(r"(?:heading|标题|標題)\s*([1-9])", re.I)
_CONTENTS_STYLE = re.compile(r"(?:toc|目录|目錄)\s*\d", re.I)
CONTENTS = 0  # level of a line of the table of contents


def level_of(style: str) -> int | None:
    """The heading level that a style's name tells, CONTENTS for a table of contents, None for neither."""
    if found := _HEADING_STYLE.fullmatch(style):
        return int(found[1])
    if style.lower() in ("title", "标题", "標題"):
        return 1
    return CONTENTS if _CONTENTS_STYLE.fullmatch(style) else None


@dataclass(slots=True)
class Body:
    """Text grows until a paragraph, a cell or a row ends. contents  lines of tables of contents"""

    parts: list[Part] = field(default_factory=list)
    contents: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    _text: list[str] = field(default_factory=list)
    _cell: list[str] = field(default_factory=list)
    _cells: list[str] = field(default_factory=list)
    _rows: list[list[str]] = field(default_factory=list)
    _merges: dict[tuple[int, int], int] = field(default_factory=dict)  # top and column → rows covered
    _tops: dict[int, int] = field(default_factory=dict)  # column → row of the last cell that continues none

    def say(self, text: str) -> None:
        self._text.append(text)

    def number(self, text: str) -> None:
        """The number that the file's writer computed for a list item; a mere bullet is left out."""
        text = text.strip()
        if any(sign.isalnum() for sign in text):
            self._text.append(text if text[-1] > "\x7f" else f"{text} ")

    def end_paragraph(self, level: int | None, listed: bool, in_table: bool) -> None:
        """level  of a heading, None for prose; listed  it is an item of a list"""
        text, self._text = "".join(self._text).strip(), []
        if in_table:
            self._cell += [text] if text else []
            return
        self.end_table()
        if not text:
            return
        if level == CONTENTS:
            self.contents.append(text)
        elif level is not None and len(text) <= _LONGEST_HEADING:
            self.parts.append(Part(HEADING, text, level))
        else:
            follows = listed and self.parts and self.parts[-1].kind != HEADING
            self.parts.append(Part(LINE if follows else PARAGRAPH, text))
        self._add_notes()

    def end_inner_cell(self) -> None:
        """The cells of a table within a cell are lines of that cell."""
        self.end_paragraph(None, listed=False, in_table=True)

    def end_cell(self) -> None:
        self.end_paragraph(None, listed=False, in_table=True)
        self._cells.append("\n".join(self._cell))
        self._cell = []

    def end_row(self, merged_down: Sequence[bool]) -> None:
        """merged_down  of each cell, whether it continues the one above"""
        number = len(self._rows)
        for column, goes_on in enumerate(merged_down[: len(self._cells)]):
            if not goes_on:
                self._tops[column] = number
            elif (top := self._tops.get(column)) is not None:
                self._cells[column] = ""
                self._merges[top, column] = number - top + 1
        self._rows.append(self._cells)
        self._cells = []

    def end_table(self) -> None:
        """Put down the rows so far, also a last one that was cut off."""
        if self._cells or self._cell:
            self._cells += ["\n".join(self._cell)] if self._cell else []
            self._cell = []
            self.end_row(())
        if self._rows:
            merges = [Merge(top, column, high, 1) for (top, column), high in self._merges.items()]
            self.parts += table_parts(Table(self._rows, merges))
            self._rows, self._merges, self._tops = [], {}, {}
            self._add_notes()

    def _add_notes(self) -> None:
        self.parts += [Part(PARAGRAPH, f"注：{note}") for note in self.notes]
        self.notes = []
