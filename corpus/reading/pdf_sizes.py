"""Font sizes of a paged text: which is that of the running text, which those of headings and footnotes."""

import re
from collections import Counter, defaultdict
from collections.abc import Sequence
from statistics import median

from corpus.reading.parts import HEADING, PARAGRAPH, Part
from corpus.reading.pdf_lines import Page

_LARGER = 1.12  # times the size of the running text: from here on a heading
_SMALLER = 0.95  # times the size of the running text: at most that of a footnote
_USUAL_HEADING = 40  # code points: large text that is usually longer is no heading
_LEVELS = 4
_NOTE = re.compile(r"[⁰¹²³⁴-⁹①-⑳*＊※]|[\[［〔]\d{1,3}[\]］〕]|注\s?\d?[:：]|\d{1,2}\s")


def _letters(pages: Sequence[Page]) -> Counter[float]:
    """How many letters are set in each size, without those in tables."""
    letters: Counter[float] = Counter()
    for page in pages:
        for line in page.lines:
            if line.table is None:
                letters[line.size] += len(line.text)
    return letters


def body_size(pages: Sequence[Page]) -> float:
    """The size of the running text: of most letters."""
    letters = _letters(pages)
    return letters.most_common(1)[0][0] if letters else 0.0


def heading_levels(pages: Sequence[Page]) -> dict[float, int]:
    """Heading level by font size: sizes above that of the running text, the largest is 1."""
    body = body_size(pages)
    sizes = sorted((size for size in _letters(pages) if body and size > _LARGER * body), reverse=True)
    return {size: min(rank, _LEVELS) for rank, size in enumerate(sizes, start=1)}


def with_true_headings(parts: list[Part]) -> list[Part]:
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
    return [
        part._replace(kind=PARAGRAPH, level=0) if part.kind == HEADING and part.size in prose else part
        for part in parts
    ]


def footnotes(page: Page, body: float) -> set[int]:
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
