"""Paragraphs of a paged text: lines that belong together are joined, also across pages."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from statistics import median

from corpus.reading.parts import HEADING, PARAGRAPH, Parsed, Part
from corpus.reading.pdf_joining import OPENS_ITEM, joined
from corpus.reading.pdf_lines import Line, Page
from corpus.reading.pdf_runs import HYPHEN
from corpus.reading.pdf_tables import PagedTable, table_parts

_LARGER = 1.12  # times the size of the running text: from here on a heading
_LONGEST_HEADING = 80  # code points
_USUAL_HEADING = 40  # code points: large text that is usually longer is no heading
_LONGEST_PARAGRAPH = 10_000  # code points; lines that seem to go on for longer are no prose
_SLACK = 1.6  # font sizes by which a full line that ends a sentence may miss the margin, and
_OPEN_SLACK = 4.0  # by which one may that ends within a sentence
_INDENT = 1.2  # font sizes by which a first line is set in
_OUTDENT = 3.0  # font sizes by which a line may begin before the one above: first lines are set in, signatures stand right
_LONG = 10  # letters of a line that may be the middle of a sentence
_INNER = re.compile("[，、；,]")
_GAP = 1.9  # line heights that part paragraphs
_LEVELS = 4
_SMALLER = 0.95  # times the size of the running text: at most that of a footnote
_NOTE = re.compile(r"[⁰¹²³⁴-⁹①-⑳*＊※]|[\[［〔]\d{1,3}[\]］〕]|注\s?\d?[:：]|\d{1,2}\s")
_ENDS = re.compile(r"[。！？!?；;：:][”’」』）)]?$")
_WORD = re.compile(r"[!-~]{0,30}")
_ARTICLE = re.compile(r"第[一二三四五六七八九十百\d]{1,4}[章节篇条部]")  # also within sentences: 《导则》第三条


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
    joining = _Joining(_levels(pages), _body_size(pages))
    for page in pages:
        joining.add(page)
    parts = joining.finished()
    if parsed is not None:
        parsed.drop("head of a table, printed again", joining.again)
    return _first_of_pages(_with_true_headings(parts))


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
        """Take a page; its footnotes stand before the paragraph that goes on on the next one."""
        notes = _footnotes(page, self._body)
        margins = _margins(page)
        for line in page.lines:
            if line.table is not None:
                self._add_table(line, page.number)
            elif id(line) not in notes:
                self._add_line(line, page.number, margins)
        if notes:
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

    def _add_line(self, line: Line, page: int, margins: dict[tuple[float, int], float]) -> None:
        self._close_table()
        level = 0 if len(line.text) > _LONGEST_HEADING else self._levels.get(line.size, 0)
        kind = HEADING if level else PARAGRAPH
        current = self._current
        if current is None or not _goes_on(current, line, page, kind, level, margins):
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
            self._table = PagedTable()
        self.again += self._table.add(line.table, page)

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


def _letters(pages: Sequence[Page]) -> Counter[float]:
    """How many letters are set in each size, without those in tables."""
    letters: Counter[float] = Counter()
    for page in pages:
        for line in page.lines:
            if line.table is None:
                letters[line.size] += len(line.text)
    return letters


def _body_size(pages: Sequence[Page]) -> float:
    """The size of the running text: of most letters."""
    letters = _letters(pages)
    return letters.most_common(1)[0][0] if letters else 0.0


def _levels(pages: Sequence[Page]) -> dict[float, int]:
    """Heading level by font size: sizes above that of the running text, the largest is 1."""
    body = _body_size(pages)
    sizes = sorted((size for size in _letters(pages) if body and size > _LARGER * body), reverse=True)
    return {size: min(rank, _LEVELS) for rank, size in enumerate(sizes, start=1)}


def _with_true_headings(parts: list[Part]) -> list[Part]:
    """Large text of which most pieces are long or end as sentences do is running text."""
    by_size: dict[float, list[Part]] = defaultdict(list)
    for part in parts:
        if part.kind == HEADING:
            by_size[part.size].append(part)
    prose = {
        size
        for size, same in by_size.items()
        if median(len(part.text) for part in same) > _USUAL_HEADING
        or sum(part.text.endswith(("。", "；", "，")) for part in same) > 0.4 * len(same)
    }
    if not prose:
        return parts
    return [part._replace(kind=PARAGRAPH, level=0) if part.kind == HEADING and part.size in prose else part for part in parts]


def _footnotes(page: Page, body: float) -> set[int]:
    """Small lines that end the page and open with a mark."""
    found: set[int] = set()
    held: list[int] = []
    for line in reversed(page.lines):
        if line.table is not None or line.size > _SMALLER * body or line.bottom > page.height / 2:
            break
        held.append(id(line))
        if _NOTE.match(line.text):
            found.update(held)
    return found if len(found) < len(page.lines) else set()


def _margins(page: Page) -> dict[tuple[float, int], float]:
    """Right margin of the lines of one size that begin at about the same place."""
    margins: dict[tuple[float, int], float] = {}
    for line in page.lines:
        if line.table is not None:
            continue
        for place in _places(line):
            margins[line.size, place] = max(margins.get((line.size, place), 0.0), line.right)
    return margins


def _places(line: Line) -> Iterator[int]:
    """Where a line begins, in steps of four font sizes, and the steps beside, as first lines are set in."""
    step = round(line.left / max(1.0, 4 * line.size))
    yield from (step - 1, step, step + 1)


def _goes_on(
    current: _Open, line: Line, page: int, kind: str, level: int, margins: dict[tuple[float, int], float]
) -> bool:
    """Whether the line continues the paragraph that is open."""
    last = current.last
    if last is None or (kind, level) != (current.kind, current.level) or OPENS_ITEM.match(line.text):
        return False
    if len(current.text) > _LONGEST_PARAGRAPH or (current.bold != line.bold and _is_first(current)):
        return False
    size = max(line.size, 1.0)
    if abs(last.size - line.size) > 0.1 * size:
        return False
    ended = _ENDS.search(last.text) is not None
    if ended and _ARTICLE.match(line.text):
        return False
    if page != current.page:
        return kind != HEADING and not ended and _goes_on_overleaf(last, line)
    if kind == HEADING:
        return _is_full(last, line, margins) and 0 < last.bottom - line.bottom < _GAP * size
    if not (_is_full(last, line, margins) or _is_open(last, line)) and not current.text.endswith(HYPHEN):
        return False
    if line.bottom < last.bottom:
        height = last.top - last.bottom
        moved = line.left - last.left
        aside = moved > _INDENT * size and (ended or not _is_first(current)) or moved < -_OUTDENT * size
        return not aside and last.bottom - line.top < (_GAP - 1) * max(height, size)
    return line.bottom > last.top and not ended  # the next column


def _is_full(last: Line, line: Line, margins: dict[tuple[float, int], float]) -> bool:
    """Whether a line reaches the right margin, so that the next one may go on with it."""
    own = round(last.left / max(1.0, 4 * last.size))
    return last.right >= margins.get((last.size, own), last.right) - _slack(last, line)


def _is_open(last: Line, line: Line) -> bool:
    """Whether a line that ends before the margin ends within a sentence all the same."""
    if _ENDS.search(last.text) or abs(line.left - last.left) > 0.5 * last.size:
        return False
    word = last.text[-1:].isascii() and last.text[-1:].isalpha() and line.text[:1].isascii() and line.text[:1].islower()
    return word or last.text.endswith(("，", "、", ",")) or (len(last.text) > _LONG and "，" in last.text)


def _goes_on_overleaf(last: Line, line: Line) -> bool:
    """Whether the first line of a page goes on with a sentence of the page before."""
    if _ARTICLE.match(line.text) or line.left > last.left + _INDENT * line.size:
        return False
    full = last.right >= max(line.right, last.right) - _slack(last, line)
    return full or _INNER.search(last.text) is not None


def _slack(last: Line, following: Line) -> float:
    """How far a full line may end before the margin: the first word of the next one did not fit."""
    word = len((_WORD.match(following.text) or [""])[0]) / 2
    return (word + (_SLACK if _ENDS.search(last.text) else _OPEN_SLACK)) * last.size


def _is_first(current: _Open) -> bool:
    return current.last is not None and current.last is current.first


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
