"""Blocks: the tokens of a Markdown text, in order, put into a canonical text."""

import re

from markdown_it.token import Token

from corpus.reading.builder import Mark, TextBuilder
from corpus.reading.words import WordReader

# <!-- 相似问：占地多少亩？｜地盘有多大？ --> behind a paragraph: similar questions for what it says
_ASKING = re.compile(r"\s*<!--\s*相似问[：:](.*?)-->\s*", re.S)
_PARTED = re.compile(r"[｜|\n]")

Cell = tuple[str, tuple[Mark, ...]]


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
                self._table.add_to(self.builder)
                self._table = None

    def _add_line(self, markdown: str) -> None:
        text, marks = self._words.read(markdown)
        if self._table is not None:
            self._table.cells.append((text, marks))
        elif self._level:
            self._add_heading(" ".join(text.split()))
        else:
            self._add_paragraph(text, marks)

    def _add_heading(self, text: str) -> None:
        if self._level == 1 and self._at_start:
            self.title = text
        if not (self._level == 1 and self._at_start and self._given_title in ("", text)):
            self.builder.heading(self._level, text)
        self._at_start = False

    def _add_paragraph(self, text: str, marks: tuple[Mark, ...]) -> None:
        self.builder.paragraph(text, marks, "\n" if self._lists else "\n\n")
        self._at_start = False


class _Table:
    """The cells of one table; the first row names the columns."""

    def __init__(self) -> None:
        self.cells: list[Cell] = []
        self._rows: list[list[Cell]] = []

    def end_row(self) -> None:
        self._rows.append(self.cells)
        self.cells = []

    def add_to(self, builder: TextBuilder) -> None:
        """One line a row, every cell behind its column's name, so that a row can be quoted alone."""
        head, *rows = self._rows
        separator = "\n\n"
        for names, row in [(head, row) for row in rows] or [([("", ())] * len(head), head)]:
            builder.paragraph(*table_row(names, row), separator=separator)
            separator = "\n"


def table_row(names: list[Cell], cells: list[Cell]) -> Cell:
    """«名称：甲园，面积：80.1亩。» with the marks of names and cells moved to the end of the row."""
    filled = [(name, cell) for name, cell in zip(names, cells, strict=False) if cell[0]]
    line = row_line([named(name) + flat(text) for (name, _), (text, _) in filled])
    keys = [mark.key for pair in filled for _, marks in pair for mark in marks]
    return line, tuple(Mark(len(line), key) for key in dict.fromkeys(keys))


def row_line(parts: list[str]) -> str:
    """The line of a row; empty where no cell says anything."""
    return "，".join(parts) + "。" if parts else ""


def named(name: str) -> str:
    """What stands before the cells of a column of this name."""
    return f"{flat(name)}：" if name else ""


def flat(text: str) -> str:
    """A cell on one line without its closing full stop or colon; the row has its own."""
    return (text if "\n" not in text else "，".join(text.split("\n"))).rstrip("。；;：:")
