"""Paragraphs of a paged text: lines that belong together are joined, also across pages."""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from corpus.reading.parts import HEADING, PARAGRAPH, Part
from corpus.reading.pdf_lines import Line, Page

_LARGER = 1.12  # times the size of the running text: from here on a heading
_LONGEST_HEADING = 80  # code points
_LONGEST_PARAGRAPH = 10_000  # code points; lines that seem to go on for longer are no prose
_SLACK = 1.6  # font sizes by which a full line that ends a sentence may miss the margin, and
_OPEN_SLACK = 4.0  # by which one may that ends within a sentence
_INDENT = 1.2  # font sizes by which a first line is set in
_GAP = 1.9  # line heights that part paragraphs
_LEVELS = 4
_WIDE = re.compile("[\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef\U00020000-\U0003ffff“”‘’…—·]")
_ENDS = re.compile(r"[。！？!?；;：:][”’」』）)]?$")
_PARTED = re.compile("[a-z]-")
_WORD = re.compile(r"[!-~]{0,30}")
_OPENS = re.compile(
    r"[（(]?(?:[一二三四五六七八九十]{1,3}|\d{1,2})[）)、]"
    r"|[•●■◆○▪\uf06c\uf0b7-]\s|[①-⑳]|\d{1,2}[.．]\D"
)

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


def paragraphs_of(pages: list[Page]) -> list[Part]:
    """Headings and paragraphs in order, with the pages that begin in each."""
    levels = _levels(pages)
    parts: list[Part] = []
    current: _Open | None = None
    for page in pages:
        margins = _margins(page)
        for line in page.lines:
            level = 0 if len(line.text) > _LONGEST_HEADING else levels.get(line.size, 0)
            kind = HEADING if level else PARAGRAPH
            if current is None or not _goes_on(current, line, page.number, kind, level, margins):
                parts += _closed(current)
                current = _Open(kind, level)
            _append(current, line, page.number)
            current.last = line
            current.page = page.number
    return _first_of_pages(parts + list(_closed(current)))


def _levels(pages: list[Page]) -> dict[float, int]:
    """Heading level by font size: sizes above that of the running text, the largest is 1."""
    letters: Counter[float] = Counter()
    for page in pages:
        for line in page.lines:
            letters[line.size] += len(line.text)
    if not letters:
        return {}
    body = letters.most_common(1)[0][0]
    sizes = sorted((size for size in letters if size > _LARGER * body), reverse=True)
    return {size: min(rank, _LEVELS) for rank, size in enumerate(sizes, start=1)}


def _margins(page: Page) -> dict[tuple[float, int], float]:
    """Right margin of the lines of one size that begin at about the same place."""
    margins: dict[tuple[float, int], float] = {}
    for line in page.lines:
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
    if last is None or (kind, level) != (current.kind, current.level) or _OPENS.match(line.text):
        return False
    if len(current.text) > _LONGEST_PARAGRAPH:
        return False
    size = max(line.size, 1.0)
    if abs(last.size - line.size) > 0.1 * size:
        return False
    same_page = page == current.page
    own = round(last.left / max(1.0, 4 * last.size))
    margin = margins.get((last.size, own), last.right) if same_page else max(line.right, last.right)
    is_full = last.right >= margin - _slack(last, line) or current.text.endswith("\x02")
    if kind == HEADING:
        return same_page and is_full and 0 < last.bottom - line.bottom < _GAP * size and bool(line.text)
    if not is_full or (_ENDS.search(last.text) and _ARTICLE.match(line.text)):
        return False
    if _ENDS.search(last.text) and line.left > last.left + _INDENT * size:
        return False
    if same_page and line.bottom < last.bottom:
        height = last.top - last.bottom
        indented = line.left > last.left + _INDENT * size and not _is_first(current)
        return not indented and last.bottom - line.top < (_GAP - 1) * max(height, size)
    if same_page and line.bottom > last.top:  # the next column
        return not _ENDS.search(last.text)
    return not same_page and not _ENDS.search(last.text)


def _slack(last: Line, following: Line) -> float:
    """How far a full line may end before the margin: the first word of the next one did not fit."""
    word = len((_WORD.match(following.text) or [""])[0]) / 2
    return (word + (_SLACK if _ENDS.search(last.text) else _OPEN_SLACK)) * last.size


def _is_first(current: _Open) -> bool:
    return current.last is not None and current.text == current.last.text


def _append(current: _Open, line: Line, page: int) -> None:
    """Join a line: without a blank in Chinese, without the hyphen of a parted word."""
    text = current.text
    if text.endswith("\x02") or (_PARTED.fullmatch(text[-2:]) and re.match("[a-z]", line.text)):
        text = text[:-1]
    elif text and not (_WIDE.match(text[-1]) or _WIDE.match(line.text[:1])):
        text += " "
    if page != current.page:
        current.pages.append((page, len(text)))
    current.text = text + line.text


def _closed(current: _Open | None) -> list[Part]:
    if current is None:
        return []
    text = current.text.replace("\x02", "-")
    return [Part(current.kind, text, current.level, tuple(current.pages))]


def _first_of_pages(parts: list[Part]) -> list[Part]:
    """Each page begins once: with the first part that lies on it."""
    seen: set[int] = set()
    kept = []
    for part in parts:
        fresh = tuple(pair for pair in part.pages if pair[0] not in seen)
        seen.update(page for page, _ in fresh)
        kept.append(part._replace(pages=fresh))
    return kept
