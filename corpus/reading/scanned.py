"""Pages of recognised lines: their places and sizes are those of a picture, and so a little off."""

from collections.abc import Sequence
from statistics import median
from typing import Any

from corpus.reading.pdf_layout import ordered
from corpus.reading.pdf_lines import Page
from corpus.reading.pdf_runs import ASCENT, DESCENT, Box, Face, Run

_FACE = Face("scan", False, False)
_LARGE = 1.35  # times the usual height of lines: from here on the letters are larger, not only differently cut
_OF_HEIGHT = 0.8  # of a recognised line's height is the size of its letters


def scanned_page(number: int, lines: Sequence[Sequence[Any]]) -> Page:
    """The page of these lines: text, left, right, bottom, top, confidence, in points from the lower left corner."""
    if not lines:
        return Page(number, 0.0, [])
    usual = median(line[4] - line[3] for line in lines)
    runs = [_run(str(text).strip(), (left, right, bottom, top), usual) for text, left, right, bottom, top, _ in lines]
    return Page(number, max(line[4] for line in lines), ordered(runs, []))


def _run(text: str, box: Box, usual: float) -> Run:
    left, right, bottom, top = box
    height = top - bottom
    size = round(_OF_HEIGHT * (height if height > _LARGE * usual else usual))
    middle = (bottom + top) / 2
    base = middle - (0.5 - DESCENT) * size
    return Run(text, left, right, base - DESCENT * size, base + ASCENT * size, base, size or 1, _FACE)
