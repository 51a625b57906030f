"""Lines of a paged text, and which of them are page furniture: running headers, footers, page numbers."""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import pairwise

from corpus.reading.parts import Parsed
from corpus.reading.pdf_cells import Table

_EDGE = 3  # lines at each edge of a page that may be furniture
_EDGE_SHARE = 0.15  # of a page's height
_PRINT_EDGE = 0.06  # of a page's height, where programs print beside the text
_GAP = 0.9  # font sizes between furniture and text
_FEWEST = 3  # pages on which a line must repeat
_SHARE = 0.4  # of all pages, or of the odd or even ones twice that
_DIGITS = re.compile(r"\d+|[〇零一二三四五六七八九十百]+(?=\s*页)")
_DECORATED = re.compile(
    r"[-—–~·•\s]*(?:第\s*)?(\d{1,5})\s*页?\s*(?:[/／,，]?\s*(?:of|共)?\s*\d{1,5}\s*页?)?[-—–~·•\s]*"
    r"|page\s+(\d{1,5})(?:\s+of\s+\d+)?",
    re.I,
)
_PRINTED = re.compile(
    r"(?:\d{2,4}[/.-]\d{1,2}[/.-]\d{1,4}|\d{4}年\d{1,2}月\d{1,2}日)[,，]?\s*(?:[上下]午\s*)?\d{1,2}[:：]\d{2}(?:[:：]\d{2})?(?:\s*[AP]M)?(?:\s.*)?"
    r"|(?:about:blank|(?:https?|file)://\S+)(?:\s+.{0,40})?(?:\s+\d{1,4}\s*/\s*\d{1,4})?|.{0,80}(?:about:blank|(?:https?|file)://\S+)\s+\d{1,4}\s*/\s*\d{1,4}",
    re.I,
)  # what browsers print at the edges: «2024/5/6 12:30 title», «https://… 1/3»
_BARE = re.compile(r"\s*\d{1,5}\s*")


@dataclass(frozen=True, slots=True)
class Line:
    """One line. left, right, bottom, top are points from the page's lower left corner; size is its font's.

    bold      whether all of it is
    table     the table that the line stands for
    artifact  the file itself says that it is beside the text
    parted    it holds words that stand far apart, and so is no line of running text
    """

    text: str
    left: float
    right: float
    bottom: float
    top: float
    size: float
    bold: bool = False
    table: Table | None = None
    artifact: bool = False
    parted: bool = False


@dataclass(frozen=True, slots=True)
class Page:
    """Lines of one page in reading order. number counts from 1; height is in points.

    scan  what it shows is a picture, or letters without a meaning: its text can be recognised
    """

    number: int
    height: float
    lines: list[Line]
    scan: bool = False


def without_furniture(pages: list[Page], parsed: Parsed) -> list[Page]:
    """Pages without the lines that repeat at their edges and without page numbers, which are reported."""
    repeated = Counter(key for page in pages for key in {_key(page, line) for line in _edges(page)})
    enough = max(_FEWEST if len(pages) > 2 else 2, _SHARE * len(pages))
    shift = _numbering(pages)
    largest = _usual_size(pages) if len(pages) == 2 else float("inf")  # on two pages, a title may repeat
    dropped: list[str] = []

    def is_furniture(page: Page, line: Line) -> bool:
        if shift is not None and _number(line) == page.number + shift:
            return True
        if line.artifact or _PRINTED.fullmatch(line.text.strip()):
            return True
        decorated = _number(line) == page.number and not _BARE.fullmatch(line.text)
        return decorated or (repeated[_key(page, line)] >= enough and line.size <= largest)

    kept = []
    for page in pages:
        edges = {id(line) for line in [*_edges(page), *_printed(page)] if is_furniture(page, line)}
        furniture = [line.text for line in page.lines if id(line) in edges]
        dropped += [_DIGITS.sub("#", text) for text in furniture]
        parsed.reported += furniture
        kept.append(replace(page, lines=[line for line in page.lines if id(line) not in edges]))
    parsed.drop("page furniture", (f"{text} (×{count})" for text, count in Counter(dropped).items()))
    return kept


def _edges(page: Page) -> Iterator[Line]:
    """Lines at the top and bottom that stand apart from the text, wherever they stand in the file."""
    ranked = sorted((line for line in page.lines if line.table is None), key=lambda line: line.bottom)
    low, high = _EDGE_SHARE * page.height, (1 - _EDGE_SHARE) * page.height
    yield from _apart([line for line in ranked if line.top < low][: _EDGE + 1], ranked)
    yield from _apart([line for line in ranked if line.bottom > high][: -_EDGE - 2 : -1], ranked[::-1])


def _printed(page: Page) -> Iterator[Line]:
    """Lines at the outermost edges, however near the text, and those that the file itself puts aside."""
    for line in page.lines:
        if (
            line.table is None
            and not _PRINT_EDGE * page.height < line.bottom < (1 - _PRINT_EDGE) * page.height - line.size
        ):
            yield line


def _apart(edge: list[Line], ranked: list[Line]) -> list[Line]:
    """The outermost lines of an edge up to the first wide gap or change of size; none where there is neither."""
    for count, (outer, inner) in enumerate(pairwise(ranked[: len(edge) + 1]), start=1):
        gap = max(inner.bottom - outer.top, outer.bottom - inner.top)
        if gap > _GAP * max(outer.size, inner.size) or abs(outer.size - inner.size) > 0.4:
            return edge[:count]
    return edge if len(edge) == len(ranked) else []


def _key(page: Page, line: Line) -> tuple[str, bool]:
    """What is equal on every page: the text without its numbers, at the top or at the bottom."""
    return _DIGITS.sub("#", line.text.strip()), line.bottom > page.height / 2


def _usual_size(pages: list[Page]) -> float:
    """The size of most letters."""
    letters: Counter[float] = Counter()
    for page in pages:
        for line in page.lines:
            letters[line.size] += len(line.text)
    return letters.most_common(1)[0][0] if letters else 0.0


def _number(line: Line) -> int | None:
    match = _DECORATED.fullmatch(line.text.strip())
    return int(match[1] or match[2]) if match else None


def _numbering(pages: list[Page]) -> int | None:
    """How far printed page numbers are ahead of the pages' own, if at least two and most agree; else None."""
    shifts = Counter(
        number - page.number for page in pages for line in _edges(page) if (number := _number(line)) is not None
    )
    (shift, count), *_ = shifts.most_common(1) or [(0, 0)]
    return shift if count >= max(2, 0.3 * len(pages)) else None
