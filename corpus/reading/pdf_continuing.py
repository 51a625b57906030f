"""Whether a line of a paged text goes on with the paragraph before it."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from corpus.reading.parts import HEADING
from corpus.reading.pdf_joining import OPENS_ITEM
from corpus.reading.pdf_lines import Line, Page
from corpus.reading.pdf_runs import HYPHEN

_LONGEST_PARAGRAPH = 10_000  # code points; lines that seem to go on for longer are no prose
_SLACK = 1.6  # font sizes by which a full line that ends a sentence may miss the margin, and
_OPEN_SLACK = 4.0  # by which one may that ends within a sentence
_INDENT = 1.2  # font sizes by which a first line is set in
_OUTDENT = (
    3.0  # font sizes by which a line may begin before the one above: first lines are set in, signatures stand right
)
_RIGHT = 8.0  # font sizes from the left margin, from where on a line may stand at the right one
_LONGEST_NAME = 25  # letters of who signs
_GAP = 1.9  # line heights that part paragraphs
_LONG = 10  # letters of a line that may be the middle of a sentence
_SHORT = 9  # letters of lines that stand below one another as a list
_INNER = re.compile("[，、；,]")
_SIGNS = re.compile("[，。、；：,.;:！？]")
_ENDS = re.compile(r"[。！？!?；;：:][”’」』）)]?$")
_WORD = re.compile(r"[!-~]{0,30}")
_ARTICLE = re.compile(r"第[一二三四五六七八九十百\d]{1,4}[章节篇条部]")  # also within sentences: 《导则》第三条


@dataclass(frozen=True, slots=True)
class Margins:
    """Where the lines of one page end, by their size and where they begin; left is where the first of all begins."""

    rights: dict[tuple[float, int], float]
    left: float

    def right_of(self, line: Line) -> float:
        """The right margin of the lines of this size that begin at about the same place."""
        return self.rights.get((line.size, round(line.left / max(1.0, 4 * line.size))), line.right)


def margins_of(page: Page) -> Margins:
    """The margins of all lines that are no tables."""
    rights: dict[tuple[float, int], float] = {}
    lines = [line for line in page.lines if line.table is None]
    for line in lines:
        for place in _places(line):
            rights[line.size, place] = max(rights.get((line.size, place), 0.0), line.right)
    return Margins(rights, min((line.left for line in lines), default=0.0))


def _places(line: Line) -> Iterator[int]:
    """Where a line begins, in steps of four font sizes, and the steps beside, as first lines are set in."""
    step = round(line.left / max(1.0, 4 * line.size))
    yield from (step - 1, step, step + 1)


def goes_on(text: str, last: Line, line: Line, kind: str, margins: Margins | None, is_first: bool) -> bool:
    """Whether a line goes on with a paragraph, of the same kind and level, or with a heading.

    text      of the paragraph so far; last is its last line
    margins   of the page; None where the line begins the next one
    is_first  the last line is the only one so far
    """
    size = max(line.size, 1.0)
    if OPENS_ITEM.match(line.text) or last.parted or line.parted or len(text) > _LONGEST_PARAGRAPH:
        return False
    if abs(last.size - line.size) > 0.1 * size or (last.bold != line.bold and is_first):
        return False
    ended = ends_sentence(last.text)
    if ended and _ARTICLE.match(line.text):
        return False
    if margins is None:
        return kind != HEADING and not ended and _goes_on_overleaf(last, line)
    if kind == HEADING:
        return _is_full(last, line, margins) and 0 < last.bottom - line.bottom < _GAP * size
    if _is_listed(text, last, line) or _stand_right(last, line, margins):
        return False
    if not (_is_full(last, line, margins) or _is_open(last, line)) and not text.endswith(HYPHEN):
        return False
    if line.bottom < last.bottom:
        height = last.top - last.bottom
        moved = line.left - last.left
        aside = (moved > _INDENT * size and (ended or not is_first)) or moved < -_OUTDENT * size
        return not aside and last.bottom - line.top < (_GAP - 1) * max(height, size)
    return line.bottom > last.top and not ended  # the next column


def ends_sentence(text: str) -> bool:
    """Whether a text ends where a sentence does."""
    return _ENDS.search(text) is not None


def _is_full(last: Line, line: Line, margins: Margins) -> bool:
    """Whether a line reaches the right margin, so that the next one may go on with it."""
    return last.right >= margins.right_of(last) - _slack(last, line)


def _is_open(last: Line, line: Line) -> bool:
    """Whether a line that ends before the margin ends within a sentence all the same."""
    if _ENDS.search(last.text) or abs(line.left - last.left) > 0.5 * last.size:
        return False
    word = last.text[-1:].isascii() and last.text[-1:].isalpha() and line.text[:1].isascii() and line.text[:1].islower()
    return word or last.text.endswith(("，", "、", ",")) or (len(last.text) > _LONG and "，" in last.text)


def _is_listed(text: str, last: Line, line: Line) -> bool:
    """Whether lines are too short and bare for running text: names below one another."""
    short = len(text) <= _SHORT and len(line.text) <= _SHORT and last.right - last.left <= _SHORT * last.size
    return short and not (_SIGNS.search(text) or _SIGNS.search(line.text))


def _stand_right(last: Line, line: Line, margins: Margins) -> bool:
    """Whether two lines are set at the right margin, as a signature and its day are."""
    size = last.size
    level = abs(last.right - line.right) < 0.6 * size and abs(last.left - line.left) > 0.6 * size
    bare = not _SIGNS.search(last.text) and len(last.text) <= _LONGEST_NAME
    return level and bare and min(last.left, line.left) > margins.left + _RIGHT * size


def _goes_on_overleaf(last: Line, line: Line) -> bool:
    """Whether the first line of a page goes on with a sentence of the page before."""
    if _ARTICLE.match(line.text) or line.left > last.left + _INDENT * line.size:
        return False
    if last.text.endswith("."):
        return False
    full = last.right >= max(line.right, last.right) - _slack(last, line)
    return full or _INNER.search(last.text) is not None


def _slack(last: Line, following: Line) -> float:
    """How far a full line may end before the margin: the first word of the next one did not fit."""
    word = len((_WORD.match(following.text) or [""])[0]) / 2
    return (word + (_SLACK if _ENDS.search(last.text) else _OPEN_SLACK)) * last.size
