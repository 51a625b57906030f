"""Rows of one PDF page: runs on one base line, and the text that they make together."""

import re
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from corpus.cleaning import visible
from corpus.reading.pdf_runs import ASCENT, DESCENT, HYPHEN, Run

WIDE_GAP = 0.9  # font sizes; from here on what stands on one base line may be two columns
_SAME_BASE = 0.25  # font sizes by which base lines of one row may differ
_EM = 0.6  # of a font's size: a gap that is narrower parts letters of one word, and
_EM_BESIDE = 0.3  # so does one between a Chinese and another letter, which programs set a little apart
_EM_SIGN = 1.3  # behind a wide sign, which fills but half of its square
_SIGNS = frozenset("，。、；：！？")
_EM_LATIN = 0.14  # between two other letters: from here on it is a blank
_SMALL = 0.87  # of the row's size: the size of raised and lowered marks
_RAISED = 0.12  # font sizes above the base line, from where on a small digit is an exponent or a note's mark
_TOUCHING = 0.5  # font sizes between a mark and what it stands at
_SPREAD = re.compile(r"[ \u3000]+")
SPREAD_LINE = re.compile(r"(?:[\u2e80-\U0003ffff][ \u3000]+)+[\u2e80-\U0003ffff]")  # 目 录, 供 水 保 障
_LOWEST, _HIGHEST = -0.6, 0.75  # of the row's size: where the base line of a mark may lie
_OVERLAPPING = 1.2  # font sizes by which boxes may overlap, where a file does not say how wide its letters are
_LONGEST_SPREAD = 12  # letters of a heading that is spread over a line
_MARK = re.compile(r"[\[［(（〔]?([-−+]?\d{1,3})[\]］)）〕]?")
_RAISED_DIGITS = str.maketrans("0123456789-−+", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁻⁺")


@dataclass(slots=True)
class Segment:
    """Runs of one row without a wide gap between them."""

    runs: list[Run]
    size: float

    @property
    def left(self) -> float:
        return self.runs[0].left

    @property
    def right(self) -> float:
        return self.runs[0].right if len(self.runs) == 1 else max(run.right for run in self.runs)

    def text(self) -> str:
        return joined_runs(self.runs, self.size)

    def is_bold(self) -> bool:
        return all(run.face.bold for run in self.runs)


@dataclass(slots=True)
class Row:
    """Runs on one base line, from left to right; size is that of its first large run."""

    base: float
    size: float
    runs: list[Run] = field(default_factory=list)

    @property
    def top(self) -> float:
        return self.base + ASCENT * self.size

    @property
    def bottom(self) -> float:
        return self.base - DESCENT * self.size

    def segments(self) -> list[Segment]:
        """Its runs, parted at wide gaps."""
        parted: list[Segment] = []
        right = 0.0
        for run in self.runs:
            if parted and run.left - right < WIDE_GAP * self.size:
                parted[-1].runs.append(run)
                right = max(right, run.right)
            else:
                parted.append(Segment([run], self.size))
                right = run.right
        return parted


def rows_of(runs: Iterable[Run]) -> list[Row]:
    """Rows from top to bottom; raised and lowered marks belong to the row that they touch."""
    rows: list[Row] = []
    bases: list[float] = []
    for run in sorted(runs, key=lambda run: (-run.size, -run.base, run.left)):
        row = _row_for(run, rows, bases)
        if row is None:
            at = bisect_left(bases, run.base)
            row = Row(run.base, run.size)
            rows.insert(at, row)
            bases.insert(at, run.base)
        row.runs.append(run)
    for row in rows:
        row.runs.sort(key=lambda run: run.left + run.right)
    return rows[::-1]


def _row_for(run: Run, rows: Sequence[Row], bases: Sequence[float]) -> Row | None:
    """The row of larger or equal runs that a run belongs to."""
    reach = max(run.size, 6.0) * 1.5
    at = bisect_left(bases, run.base - reach)
    nearest: Row | None = None
    while at < len(rows) and bases[at] <= run.base + reach:
        row = rows[at]
        at += 1
        off = run.base - row.base
        fits = abs(off) < _SAME_BASE * max(run.size, 0.5 * row.size) or (
            run.size < _SMALL * row.size and _LOWEST * row.size < off < _HIGHEST * row.size and _touches(run, row)
        )
        if fits and (nearest is None or abs(off) < abs(run.base - nearest.base)):
            nearest = row
    return nearest


def _touches(run: Run, row: Row) -> bool:
    over, gap = _OVERLAPPING * row.size, _TOUCHING * row.size
    return any(-over < run.left - other.right < gap or -over < other.left - run.right < gap for other in row.runs)


def is_raised(run: Run, row_base: float, size: float) -> bool:
    """Whether a run is a raised mark of a row of this size."""
    return run.size < _SMALL * size and run.base - row_base > _RAISED * size


def joined_runs(runs: Sequence[Run], size: float) -> str:
    """Text of runs of one row from left to right: blanks where gaps show them, raised digits as such."""
    if len(runs) == 1:
        return _tidied(runs[0].text)
    base = max(runs, key=lambda run: (run.size, len(run.text))).base
    pieces: list[str] = []
    previous: Run | None = None
    for run, raised in _with_marks(runs, base, size):
        if previous is not None and not raised and _is_parted(previous, run, size):
            pieces.append(" ")
        pieces.append(raised if raised else run.text)
        previous = run
    return _tidied("".join(pieces))


def _tidied(whole: str) -> str:
    """A line without invisible characters and mere letter spacing, but with the sign of a hyphen at its end."""
    hyphen = HYPHEN if whole.rstrip().endswith(HYPHEN) else ""
    shown = visible(whole).strip()
    spread = " " in shown and SPREAD_LINE.fullmatch(shown) is not None
    return (_SPREAD.sub("", shown) if spread else shown) + hyphen


def _with_marks(runs: Sequence[Run], base: float, size: float) -> Iterable[tuple[Run, str]]:
    """Runs, and of raised digits how they are written; a mark in brackets is several runs."""
    at = 0
    while at < len(runs):
        end, mark = at, ""
        while end < len(runs) and is_raised(runs[end], base, size):
            mark += runs[end].text
            end += 1
        found = _MARK.fullmatch(mark.replace(" ", ""))
        if found:
            yield runs[end - 1], found[1].translate(_RAISED_DIGITS)
            at = end
        else:
            yield runs[at], ""
            at += 1


def _is_parted(one: Run, other: Run, size: float) -> bool:
    """Whether the gap between two runs is a blank."""
    gap = other.left - one.right
    if one.blank_after or other.blank_before:
        return gap > _EM_LATIN * size
    if one.text[-1] in _SIGNS:  # in text from top to bottom they stand high in their squares
        return gap > _EM_SIGN * size
    wide = (one.text[-1] >= "\u2e80") + (other.text[0] >= "\u2e80")
    return gap > (_EM_LATIN, _EM_BESIDE, _EM)[wide] * min(size, max(one.size, other.size))


def is_spread(text: str) -> bool:
    """Whether a row is one word whose letters are spread over it, whether or not they are joined already."""
    return SPREAD_LINE.fullmatch(text) is not None or (len(text) <= _LONGEST_SPREAD and " " not in text)
