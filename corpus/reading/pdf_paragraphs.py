"""Paragraphs of a paged text: lines that belong together are joined, also across pages."""

from dataclasses import dataclass, field

from corpus.reading.parts import HEADING, PARAGRAPH, Parsed, Part
from corpus.reading.pdf_continuing import Margins, ends_sentence, goes_on, margins_of
from corpus.reading.pdf_joining import joined
from corpus.reading.pdf_lines import Line, Page
from corpus.reading.pdf_runs import HYPHEN
from corpus.reading.pdf_sizes import body_size, footnotes, heading_levels, with_true_headings
from corpus.reading.pdf_tables import PagedTable, table_parts

_LONGEST_HEADING = 80  # code points


@dataclass
class _Open:
    """The paragraph that is being joined, and the pages that begin within it."""

    kind: str
    level: int
    text: str = ""
    last: Line | None = None
    page: int = 0
    pages: list[tuple[int, int]] = field(default_factory=list)
    bold: bool = True
    first: Line | None = None


def paragraphs_of(pages: list[Page], parsed: Parsed | None = None) -> list[Part]:
    """Headings, paragraphs and tables in order, with the pages that begin in each.

    parsed  takes note of heads of tables that are printed again
    """
    joining = _Joining(heading_levels(pages), body_size(pages))
    for page in pages:
        joining.add(page)
    parts = joining.finished()
    if parsed is not None:
        parsed.drop("head of a table, printed again", joining.again)
    return _first_of_pages(with_true_headings(parts))


class _Joining:
    """Takes page after page."""

    def __init__(self, levels: dict[float, int], body: float) -> None:
        self._levels = levels
        self._body = body
        self._parts: list[Part] = []
        self._current: _Open | None = None
        self._table: PagedTable | None = None
        self.again: list[str] = []

    def add(self, page: Page) -> None:
        """Take a page; its footnotes stand before a paragraph that goes on on the next one."""
        notes = footnotes(page, self._body)
        margins = margins_of(page)
        for line in page.lines:
            if line.table is not None:
                self._add_table(line, page.number)
            elif id(line) not in notes:
                self._add_line(line, page.number, margins)
        if notes:
            if self._current is not None and ends_sentence(self._current.text):
                self._close()
            held, self._current = self._current, None
            self._close_table()
            for line in page.lines:
                if id(line) in notes:
                    self._add_line(line, page.number, margins)
            self._close()
            self._current = held

    def finished(self) -> list[Part]:
        self._close()
        self._close_table()
        return self._parts

    def _add_line(self, line: Line, page: int, margins: Margins) -> None:
        self._close_table()
        level = 0 if len(line.text) > _LONGEST_HEADING else self._levels.get(line.size, 0)
        kind = HEADING if level else PARAGRAPH
        current = self._current
        if current is None or not _continues(current, line, page, kind, level, margins):
            self._close()
            current = self._current = _Open(kind, level, first=line)
        _append(current, line, page)
        current.last, current.page = line, page
        current.bold = current.bold and line.bold

    def _add_table(self, line: Line, page: int) -> None:
        self._close()
        if line.table is None:
            return
        if self._table is None or not self._table.goes_on(line.table, page):
            self._close_table()
            self._table = PagedTable(above=self._caption())
        self.again += self._table.add(line.table, page)

    def _caption(self) -> str:
        """The text before a table, where it is short enough to be its caption."""
        last = self._parts[-1].text if self._parts else ""
        return last if len(last) <= _LONGEST_HEADING else ""

    def _close(self) -> None:
        if self._current is not None:
            text = self._current.text.replace(HYPHEN, "-")
            size = self._current.first.size if self._current.first else 0.0
            kind, level, pages = self._current.kind, self._current.level, tuple(self._current.pages)
            self._parts.append(Part(kind, text, level, pages, size, self._current.bold))
            self._current = None

    def _close_table(self) -> None:
        if self._table is not None:
            self._parts += [part._replace(size=self._body) for part in table_parts(self._table)]
            self._table = None


def _continues(current: _Open, line: Line, page: int, kind: str, level: int, margins: Margins) -> bool:
    """Whether the line continues the paragraph that is open."""
    last = current.last
    if last is None or (kind, level) != (current.kind, current.level):
        return False
    here = margins if page == current.page else None
    return goes_on(current.text, last, line, kind, here, last is current.first)


def _append(current: _Open, line: Line, page: int) -> None:
    text, blank = joined(current.text, line.text)
    text += blank
    if page != current.page:
        current.pages.append((page, len(text)))
    current.text = text + line.text


def _first_of_pages(parts: list[Part]) -> list[Part]:
    """Each page begins once: with the first part that lies on it."""
    seen: set[int] = set()
    kept = []
    for part in parts:
        fresh = tuple(pair for pair in part.pages if pair[0] not in seen)
        seen.update(page for page, _ in fresh)
        kept.append(part._replace(pages=fresh))
    return kept
