"""Blocks: the tokens of a Markdown text, in order, made parts."""

import re
from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType

from markdown_it.token import Token

from corpus.reading.builder import Mark
from corpus.reading.parts import Parsed, PartList
from corpus.reading.tables import CAPTION, Cell, Line, laid_out, read_table
from corpus.reading.words import WordReader

# <!-- 相似问：占地多少亩？｜地盘有多大？ --> behind a paragraph: similar questions for what it says
_ASKING = re.compile(r"\s*<!--\s*相似问[：:](.*?)-->\s*", re.S)
_PARTED = re.compile(r"[｜|\n]")
_TAG = re.compile("<[^<>]*>")
_BOLD = re.compile(r"(\*\*|__)(?=\S)(?:(?!\1).)+\1[:：]?")
_MOST_HTML = 500_000  # code points of one text's blocks of HTML that are read

ReadHtml = Callable[[str], Parsed | None]


class Blocks:
    """Takes the block tokens of one text.

    builder  takes every block
    title    the heading of first level that opens the text; where the document has another title it
             stays in the text as a heading
    dropped  blocks of HTML that say nothing or could not be read
    left     lines of the report: what blocks of HTML left out; `reported` holds it in full
    """

    def __init__(
        self, words: WordReader, title: str, read_html: ReadHtml, notes: Mapping[str, str] = MappingProxyType({})
    ) -> None:
        """read_html  reads a block of HTML; notes  texts of footnotes that say something, by key."""
        self.builder = PartList()
        self.title = ""
        self.dropped = 0
        self.left: list[str] = []
        self.reported: list[str] = []
        self._words = words
        self._given_title = title
        self._read_html = read_html
        self._notes = dict(notes)
        self._at_start = True
        self._level = 0  # of the heading that is open, 0 outside
        self._lists = 0
        self._number = ""  # of the list item that has begun
        self._table: _Table | None = None
        self._above = ""  # the last heading or paragraph, where the unit of a table may be told
        self._html: list[str] = []
        self._read = 0  # code points of HTML

    def add(self, token: Token) -> None:
        """Take the next token."""
        if token.type == "html_block":
            self._add_html(token.content)
            return
        self._end_html()
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
            case "list_item_open":
                self._number = f"{token.info}{token.markup} " if token.info else ""
            case "fence":
                self._add_paragraph(token.content.strip("\n"), ())
            case "table_open":
                self._table = _Table()
            case "tr_close" if self._table is not None:
                self._table.end_row()
            case "table_close" if self._table is not None:
                self._table.add_to(self.builder, self._above)
                self._table = None

    def end(self) -> None:
        """Take what is still open, and the notes that nothing refers to."""
        self._end_html()
        self._add_notes(list(self._notes))

    def _add_html(self, content: str) -> None:
        """Hold blocks of HTML until the tables within are closed: a blank line parts them."""
        if not self._html and (asking := _ASKING.fullmatch(content)):
            self.builder.ask(" ".join(question.split()) for question in _PARTED.split(asking[1]))
            return
        self._html.append(content)
        held = "".join(self._html).lower()
        if held.count("<table") <= held.count("</table"):
            self._end_html()

    def _end_html(self) -> None:
        text = "".join(self._html)
        self._html.clear()
        if not (text := _without_comments(text)).strip():
            return
        self._read += len(text)
        parsed = self._read_html(text) if self._read <= _MOST_HTML else None
        if parsed is None or not (parsed.parts or parsed.dropped):
            self.dropped += bool(parsed is None or _shows(text))
            return
        self.builder.parts += parsed.parts
        self.left += parsed.dropped
        self.reported += parsed.reported
        self._at_start = self._at_start and not parsed.parts

    def _add_line(self, markdown: str) -> None:
        text, marks = self._words.read(markdown)
        if self._table is not None:
            self._table.cells.append(Cell(text, marks=tuple(mark.key for mark in marks)))
        elif self._level:
            self._add_heading(" ".join(text.split()))
        else:
            self._add_paragraph(text, marks, bold=_BOLD.fullmatch(markdown.strip()) is not None)
        self._add_notes([mark.key for mark in marks])

    def _add_heading(self, text: str) -> None:
        self._above = text
        if self._level == 1 and self._at_start:
            self.title = text
        if not (self._level == 1 and self._at_start and self._given_title in ("", text)):
            self.builder.heading(self._level, text)
        self._at_start = False

    def _add_paragraph(self, text: str, marks: tuple[Mark, ...], *, bold: bool = False) -> None:
        self._above = text
        if self._number and text.strip():
            text, marks = self._number + text, tuple(Mark(mark.at + len(self._number), mark.key) for mark in marks)
            self._number = ""
        self.builder.paragraph(text, marks, "\n" if self._lists else "\n\n", bold=bold)
        self._at_start = False

    def _add_notes(self, keys: Iterable[str]) -> None:
        for key in keys:
            if self._table is None and (note := self._notes.pop(key, "")):
                self.builder.paragraph(f"注：{note}")


def _without_comments(html: str) -> str:
    """The mark-up without its comments; one that is never closed goes on to the end."""
    kept, position = [], 0
    while (start := html.find("<!--", position)) >= 0:
        kept.append(html[position:start])
        end = html.find("-->", start + 4)
        position = end + 3 if end >= 0 else len(html)
    return "".join([*kept, html[position:]])


def _shows(html: str) -> bool:
    return bool(_TAG.sub("", html).strip())


class _Table:
    """The cells of one table of pipes; its first row names the columns, unless it is a form."""

    def __init__(self) -> None:
        self.cells: list[Cell] = []
        self._rows: list[list[Cell]] = []

    def end_row(self) -> None:
        self._rows.append(self.cells)
        self.cells = []

    def add_to(self, builder: PartList, above: str) -> None:
        """One line a row, every cell behind its column's name, so that a row can be quoted alone."""
        table = laid_out(self._rows)
        table.heads, table.above = 1 if any(cell.text for cell in self._rows[0]) else None, above
        table.loose = True  # a table of pipes must have a first row
        table.rows = table.rows if table.heads else table.rows[1:]
        add_lines(builder, read_table(table))


def add_lines(builder: PartList, lines: Iterable[Line]) -> None:
    """Put the lines of a table into the text: captions are paragraphs, rows and notes stand below each other."""
    separator = "\n\n"
    for line in lines:
        marks = tuple(Mark(len(line.text), key) for key in line.marks)
        builder.paragraph(line.text, marks, separator="\n\n" if line.kind == CAPTION else separator)
        separator = "\n\n" if line.kind == CAPTION else "\n"
