"""ODT → parts: headings, paragraphs, lists, tables, text boxes and footnotes, as they are seen.

Deleted and hidden text, comments and tables of contents are left out and reported.
"""

from collections.abc import Iterator
from typing import Any

from corpus.reading.bounded import ParserFailed
from corpus.reading.grid import table_parts
from corpus.reading.odf import DRAW, OFFICE, TABLE, TEXT, Words, body_of, has_macros, open_odf, told_by_meta
from corpus.reading.odf_rows import MOST_CELLS, Rows, value_of
from corpus.reading.parts import HEADING, LINE, PARAGRAPH, Parsed, Part

_DEEPEST = 100  # boxes and tables within each other
_LISTS = {f"{TEXT}list", f"{TEXT}numbered-paragraph"}
_INDEXES = {f"{TEXT}{name}" for name in ("table-of-content", "illustration-index", "table-index", "alphabetical-index")}
_LEFT_OUT = {
    f"{TEXT}tracked-changes": "deleted text",
    f"{OFFICE}annotation": "comment",
    **dict.fromkeys(_INDEXES, "table of contents"),
}
_IGNORED = {f"{TEXT}sequence-decls", f"{TEXT}variable-decls", f"{OFFICE}forms", f"{TEXT}user-field-decls"}
_LEAVES = {f"{TEXT}p", f"{TEXT}h"}


def parse_odt(raw: bytes) -> Parsed:
    """Read a text document.

    raises  ParserFailed for a package that is damaged, locked, too large, or holds no text document
    """
    with open_odf(raw) as package:
        body, styles = body_of(package, "text")
        parsed = Parsed(told=told_by_meta(package))
        if has_macros(package):
            parsed.warnings.append("its macros were ignored")
        pictures = any(name.startswith("Pictures/") for name in package.namelist())
    blocks = Blocks(Words(styles), parsed)
    blocks.read(body)
    for reason, texts in blocks.words.left_out.items():
        parsed.drop(reason, texts)
    if not parsed.parts and pictures:
        raise ParserFailed("it holds only images; recognise their text (OCR) first")
    if not parsed.parts:
        raise ParserFailed("the file holds no text")
    return parsed


class Blocks:
    """Goes through block elements in order; each becomes parts."""

    def __init__(self, words: Words, parsed: Parsed) -> None:
        self.words = words
        self._parsed = parsed
        self._cells = MOST_CELLS
        self._depth = 0

    def read(self, parent: Any) -> None:
        """All blocks within an element, through sections and lists of any depth."""
        for block, listed in self._blocks(parent):
            if block.tag == f"{TABLE}table":
                self._table(block)
            else:
                self._paragraph(block, listed)
            self._aside()
        self._aside()

    def _blocks(self, parent: Any) -> Iterator[tuple[Any, bool]]:
        """Paragraphs, headings and tables, and whether each stands in a list."""
        waiting = [(one, False) for one in reversed(parent)]
        while waiting:
            one, listed = waiting.pop()
            tag = one.tag
            if tag in _LEAVES or tag == f"{TABLE}table":
                yield one, listed
            elif tag in _LEFT_OUT:
                lines = (" ".join("".join(line.itertext()).split()) for line in one.iter(*_LEAVES))
                self.words.left_out.setdefault(_LEFT_OUT[tag], []).extend(lines)
            elif tag == f"{DRAW}frame":
                self.words.boxes.append(one)
            elif isinstance(tag, str) and tag not in _IGNORED:
                waiting += [(inner, listed or tag in _LISTS) for inner in reversed(one)]

    def _paragraph(self, block: Any, listed: bool) -> None:
        if self.words.is_hidden(block):
            return
        text = self.words.read(block).strip()
        parts = self._parsed.parts
        if not text:
            return
        level = block.get(f"{TEXT}outline-level", "1") if block.tag == f"{TEXT}h" else ""
        if block.get(f"{TEXT}style-name", "") in self.words.styles.titles:
            if not parts:
                self._parsed.told["title"] = text
            parts.append(Part(HEADING, text, 1))
        elif level.isdigit():
            parts.append(Part(HEADING, text, max(1, min(int(level), 9))))
        else:
            follows = listed and parts and parts[-1].kind != HEADING
            parts.append(Part(LINE if follows else PARAGRAPH, text))

    def _aside(self) -> None:
        """Text boxes and notes stand below the block that they belong to."""
        boxes, self.words.boxes = self.words.boxes, []
        notes, self.words.notes = self.words.notes, []
        for note in notes:
            text = " ".join(self.words.read(one).strip() for one in note.iterfind(f"{TEXT}note-body/{TEXT}p"))
            self._parsed.parts += [Part(PARAGRAPH, f"注：{text}")] if text.strip() else []
        self._depth += 1
        if boxes and self._depth > _DEEPEST:
            raise ParserFailed("its text boxes are nested too deeply")
        for box in boxes:
            self.read(box)
        self._depth -= 1

    def _table(self, table: Any) -> None:
        """One line a row; a table of one column only arranges text, and its paragraphs are read as such."""
        rows = Rows(lambda cell: value_of(cell, self._lines(cell)), self._cells)
        heads = 0
        for row in _own_rows(table):
            header = row.getparent().tag == f"{TABLE}table-header-rows" and heads == len(rows.grid)
            rows.add(row)
            heads = len(rows.grid) if header else heads
        self._cells = rows.left
        found = rows.table(heads if 0 < heads < len(rows.grid) else None)
        if max(map(len, found.rows), default=0) <= 1:
            self._parsed.parts += [Part(PARAGRAPH, cell) for row in found.rows for cell in row if cell.strip()]
        else:
            self._parsed.parts += table_parts(found)

    def _lines(self, cell: Any) -> Iterator[str]:
        """Text of all paragraphs within a cell, those of lists and inner tables too."""
        return (self.words.read(one).strip() for one in cell.iter(*_LEAVES) if not self.words.is_hidden(one))


def _own_rows(table: Any) -> Iterator[Any]:
    """Rows of a table, not those of tables within it."""
    waiting = list(reversed(table))
    while waiting:
        one = waiting.pop()
        if one.tag == f"{TABLE}table-row":
            yield one
        elif isinstance(one.tag, str) and one.tag.startswith(f"{TABLE}table-") and not one.tag.endswith("-cell"):
            waiting += list(reversed(one))
