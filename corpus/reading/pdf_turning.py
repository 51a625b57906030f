"""Turning a PDF page so that its text stands upright; text set from top to bottom counts as turned by 270°."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from corpus.reading.pdf_drawings import Drawings, Rule
from corpus.reading.pdf_runs import DOWNWARDS, UPRIGHT, Run

_FEWEST = 3  # letters that make a column
_PITCH = (0.3, 1.85)  # font sizes from one letter to the one below; flat and tall ones are moved a little
_SIGN_PITCH = (-0.6, 2.6)  # to a sign and from one, which browsers place as in level text
_SIGNS = frozenset("，。、；：！？")
_BESIDE = 0.25  # font sizes by which letters of one column may stand beside one another


def turned_run(run: Run, turn: int, width: float, height: float) -> Run:
    """The run on the page turned so that text of this turn is upright."""
    if turn == UPRIGHT:
        return run
    left, right, bottom, top = run.left, run.right, run.bottom, run.top
    if turn == 90:
        sides = (bottom, top, width - right, width - left)
        base = width - run.base
    elif turn == 180:
        sides = (width - right, width - left, height - top, height - bottom)
        base = height - run.base
    else:
        sides = (height - top, height - bottom, left, right)
        base = run.base
    own = run.turn if run.turn < 0 else (run.turn - turn) % 360
    return replace(run, left=sides[0], right=sides[1], bottom=sides[2], top=sides[3], base=base, turn=own)


def turned_drawings(drawings: Drawings, turn: int, width: float, height: float) -> Drawings:
    """The lines on the turned page; images keep their places."""
    if turn == UPRIGHT:
        return drawings
    level, upright = drawings.level, drawings.upright
    if turn == 180:
        return Drawings(
            [Rule(height - one.at, width - one.end, width - one.start) for one in level],
            [Rule(width - one.at, height - one.end, height - one.start) for one in upright],
            drawings.images,
        )
    if turn == 90:
        return Drawings(
            [Rule(width - one.at, one.start, one.end) for one in upright],
            [Rule(one.at, width - one.end, width - one.start) for one in level],
            drawings.images,
        )
    return Drawings(
        [Rule(one.at, height - one.end, height - one.start) for one in upright],
        [Rule(height - one.at, one.start, one.end) for one in level],
        drawings.images,
    )


def main_turn(runs: Sequence[Run]) -> int:
    """The turn of most of the page's letters."""
    letters: Counter[int] = Counter()
    for run in runs:
        if run.turn >= 0:
            letters[run.turn] += len(run.text)
    return letters.most_common(1)[0][0] if letters else UPRIGHT


def with_columns(runs: list[Run]) -> list[Run]:
    """Runs with letters that are drawn one below the other joined to one run that goes downwards."""
    joined: list[Run] = []
    column: list[Run] = []
    for run in runs:
        run = _set_downwards(run)
        if column and not _is_below(column[-1], run):
            joined += _closed(column)
            column = []
        if _may_stand_in_column(run):
            column.append(run)
        else:
            joined += [*_closed(column), run]
            column = []
    return _all_downwards(joined + _closed(column))


def _all_downwards(runs: list[Run]) -> list[Run]:
    """On a page of text that goes downwards, single letters do so too: signs are often drawn on their own."""
    letters = sum(len(run.text) for run in runs)
    if 2 * sum(len(run.text) for run in runs if run.turn == DOWNWARDS) <= letters:
        return runs
    return [_downwards(run) if run.turn == DOWNWARDS or _may_stand_in_column(run) else run for run in runs]


def _downwards(run: Run) -> Run:
    """The run as one that goes downwards in the column whose middle it stands in."""
    return replace(run, base=(run.left + run.right - run.size) / 2, turn=DOWNWARDS)


def _may_stand_in_column(run: Run) -> bool:
    return run.turn == UPRIGHT and len(run.text) == 1 and run.text >= "\u2e80"


def _is_below(one: Run, other: Run) -> bool:
    size = max(one.size, 1.0)
    step = one.base - other.base
    beside = abs(one.left + one.right - other.left - other.right) / 2
    least = (_SIGN_PITCH if other.text in _SIGNS else _PITCH)[0]
    most = (_SIGN_PITCH if one.text in _SIGNS else _PITCH)[1]
    return (
        _may_stand_in_column(other)
        and least * size < step < most * size
        and beside < _BESIDE * size
        and abs(one.size - other.size) < 0.5
    )


def _closed(column: list[Run]) -> list[Run]:
    if len(column) < _FEWEST:
        return column
    first, last = column[0], column[-1]
    return [
        replace(
            first,
            text="".join(run.text for run in column),
            left=min(run.left for run in column),
            right=max(run.right for run in column),
            bottom=min(run.bottom for run in column),
            base=first.left,
            turn=DOWNWARDS,
            last=last.last,
        )
    ]


def _set_downwards(run: Run) -> Run:
    """A run of a font for vertical text is upright and yet goes downwards: it is far higher than wide."""
    count = len(run.text)
    narrow = run.right - run.left < 1.5 * run.size
    if run.turn == UPRIGHT and count > 1 and narrow and run.top - run.bottom > 0.75 * count * run.size:
        return replace(run, base=run.left, turn=DOWNWARDS)
    return run
