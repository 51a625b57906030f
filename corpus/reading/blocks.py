"""Blocks: the tokens of a Markdown text, in order, put into a canonical text."""

import re
from collections.abc import Iterable

from markdown_it.token import Token

from corpus.reading.builder import Mark, TextBuilder
from corpus.reading.tables import CAPTION, Cell, Line, laid_out, read_table
from corpus.reading.words import WordReader

# <!-- 相似问：占地多少亩？｜地盘有多大？ --> behind a paragraph: similar questions for what it says
_ASKING = re.compile(r"\s*<!--\s*相似问[：:](.*?)-->\s*", re.S)
_PARTED = re.compile(r"[｜|\n]")


class Blocks:
    """Takes the block tokens of one text.

    builder  grows with every block
    title    the heading of first level that opens the text; where the document has another title it
             stays in the text as a heading
    dropped  blocks of HTML that were left out
    """

    def __init__(self, words: WordReader, title: str) -> None:
        self.builder = TextBuilder()
        self.title = ""
        self.dropped = 0
        self._words = words
        self._given_title = title
        self._at_start = True
        self._level = 0  # of the heading that is open, 0 outside
        self._lists = 0
        self._table: _Table | None = None
        self._above = ""  # the last heading or paragraph, where the unit of a table may be told

    def add(self, token: Token) -> None:
        """Take the next token."""
        match token.type:
            case "inline":
                self._add_line(token.content)
            case "heading_open":
                self._level = int(token.tag[1:])
            case "heading_close":
                self._level = 0
            case "bullet_list_open" | "ordered_list_open":
                self._lists += 1
            case "bullet_list_close" | "ordered_list_close":
                self._lists -= 1
            case "fence":
                self._add_paragraph(token.content.strip("\n"), ())
            case "html_block" if asking := _ASKING.fullmatch(token.content):
                self.builder.ask(" ".join(question.split()) for question in _PARTED.split(asking[1]))
            case "html_block":
                self.dropped += 1
            case "table_open":
                self._table = _Table()
            case "tr_close" if self._table is not None:
                self._table.end_row()
            case "table_close" if self._table is not None:
                self._table.add_to(self.builder, self._above)
                self._table = None

    def _add_line(self, markdown: str) -> None:
        text, marks = self._words.read(markdown)
        if self._table is not None:
            self._table.cells.append(Cell(text, marks=tuple(mark.key for mark in marks)))
        elif self._level:
            self._add_heading(" ".join(text.split()))
        else:
            self._add_paragraph(text, marks)

    def _add_heading(self, text: str) -> None:
        self._above = text
        if self._level == 1 and self._at_start:
            self.title = text
        if not (self._level == 1 and self._at_start and self._given_title in ("", text)):
            self.builder.heading(self._level, text)
        self._at_start = False

    def _add_paragraph(self, text: str, marks: tuple[Mark, ...]) -> None:
        self._above = text
        self.builder.paragraph(text, marks, "\n" if self._lists else "\n\n")
        self._at_start = False


class _Table:
    """The cells of one table of pipes; its first row names the columns, unless it is a form."""

    def __init__(self) -> None:
        self.cells: list[Cell] = []
        self._rows: list[list[Cell]] = []

    def end_row(self) -> None:
        self._rows.append(self.cells)
        self.cells = []

    def add_to(self, builder: TextBuilder, above: str) -> None:
        """One line a row, every cell behind its column's name, so that a row can be quoted alone."""
        table = laid_out(self._rows)
        table.heads, table.above = 1 if any(cell.text for cell in self._rows[0]) else None, above
        table.loose = True  # a table of pipes must have a first row
        table.rows = table.rows if table.heads else table.rows[1:]
        add_lines(builder, read_table(table))


def add_lines(builder: TextBuilder, lines: Iterable[Line]) -> None:
    """Put the lines of a table into the text: captions are paragraphs, rows and notes stand below each other."""
    separator = "\n\n"
    for line in lines:
        marks = tuple(Mark(len(line.text), key) for key in line.marks)
        builder.paragraph(line.text, marks, separator="\n\n" if line.kind == CAPTION else separator)
        separator = "\n\n" if line.kind == CAPTION else "\n"
