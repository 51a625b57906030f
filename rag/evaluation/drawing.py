"""Plots as inline SVG, drawn with a few lines of our own. Colours come from the page's style sheet, by class.

Every plot is 360 units wide, so that on a phone a unit is about a pixel and text stays readable.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape

WIDTH, HEIGHT = 360, 216
LEFT, RIGHT, TOP, BOTTOM = 40, 12, 12, 38
_LABELS = 104  # room for the labels of horizontal bars
_VALUES = 40  # room for the numbers behind them
_BAR = 11  # thickness of one bar
_MOST_POINTS = 160  # of one line; more cannot be told apart

Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar between 0 and 1, with its interval and, where there is one, the baseline's value."""

    value: float
    low: float
    high: float
    baseline: float | None = None


@dataclass(frozen=True, slots=True)
class BarRow:
    """Bars of one label, one for each series; None where the series does not apply."""

    label: str
    bars: tuple[Bar | None, ...]


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a histogram; the baseline's height beside it."""

    label: str
    value: float
    baseline: float | None = None


@dataclass(frozen=True, slots=True)
class PlotLine:
    """Points from left to right, drawn with this class; dots with a radius each where radii are given."""

    style: str
    points: Sequence[Point]
    radii: Sequence[float] = ()


@dataclass(frozen=True, slots=True)
class Axis:
    """What an axis spans and where it is marked; log10 of the value is drawn where logarithmic."""

    title: str
    low: float
    high: float
    ticks: tuple[tuple[float, str], ...]
    logarithmic: bool = False

    def place(self, value: float, start: float, end: float) -> float:
        """Where a value stands between start and end; values outside of the axis stand at its ends."""
        low, high, at = (math.log10(v) if self.logarithmic else v for v in (self.low, self.high, value))
        return start + (end - start) * (min(max(at, low), high) - low) / (high - low)

    def at(self, share: float) -> float:
        """The value at a share of the axis' length."""
        if self.logarithmic:
            return float(self.low * (self.high / self.low) ** share)
        return self.low + (self.high - self.low) * share


def share_axis(title: str, high: float = 1.0) -> Axis:
    """0 to `high`, marked at round percentages."""
    return Axis(title, 0.0, high, tuple((at, f"{100 * at:.3g} %") for at in _round_marks(high)))


def bars(rows: Sequence[BarRow], described: str) -> str:
    """Horizontal bars from 0 to 1 with intervals, a tick for the baseline, and the value behind each."""
    heights = [_BAR * len(row.bars) + 12 for row in rows]
    floor, right = sum(heights), WIDTH - _VALUES
    parts = _vertical_grid(share_axis(""), _LABELS, right, 0, floor)
    top = 0.0
    for row, room in zip(rows, heights, strict=True):
        parts.append(_text(_LABELS - 6, top + room / 2 + 4, row.label, "end"))
        for number, bar in enumerate(row.bars):
            if bar is not None:
                parts.append(_bar(bar, number, top + 6 + _BAR * number, right))
        top += room
    return _picture(parts, floor + 20, described)


def columns(held: Sequence[Column], described: str) -> str:
    """A histogram; the baseline as a narrow column to the left of each."""
    highest = 1.1 * max([1.0, *(c.value for c in held), *(c.baseline or 0 for c in held)])  # room for the numbers
    floor, step = HEIGHT - BOTTOM, (WIDTH - LEFT - RIGHT) / max(len(held), 1)
    parts = _horizontal_grid(Axis("", 0, highest, tuple((at, f"{at:g}") for at in _round_marks(highest))))
    for number, column in enumerate(held):
        left = LEFT + step * number
        parts.append(_column(left + step * 0.3, step * 0.6, column.value / highest, "a"))
        if column.baseline is not None:
            parts.append(_column(left + step * 0.1, step * 0.18, column.baseline / highest, "base"))
        parts.append(_text(left + step * 0.6, floor + 14, column.label, "middle"))
        parts.append(
            _text(left + step * 0.6, floor - 4 - (floor - TOP) * column.value / highest, f"{column.value:g}", "middle")
        )
    return _picture(parts, HEIGHT, described)


def lines(x: Axis, y: Axis, held: Sequence[PlotLine], described: str, marks: Iterable[tuple[float, str]] = ()) -> str:
    """Lines and dots over two axes; marks are labelled values of x, drawn as upright lines."""
    right, floor = WIDTH - RIGHT, HEIGHT - BOTTOM
    parts = _horizontal_grid(y) + _vertical_grid(x, LEFT, right, TOP, floor)
    for line in held:
        places = [(x.place(a, LEFT, right), y.place(b, floor, TOP)) for a, b in line.points]
        parts.append(_polyline(_thinned(places), line.style))
        dots = zip(places, line.radii, strict=False)
        parts += [f'<circle class="{line.style}" cx="{a:.1f}" cy="{b:.1f}" r="{r:.1f}"/>' for (a, b), r in dots]
    for number, (value, label) in enumerate(marks):
        at = x.place(value, LEFT, right)
        parts.append(f'<line class="mark" x1="{at:.1f}" x2="{at:.1f}" y1="{TOP}" y2="{floor}"/>')
        anchor = "end" if at > WIDTH * 0.7 else "start"
        parts.append(_text(at + (-4 if anchor == "end" else 4), TOP + 10 + 13 * number, label, anchor))
    return _picture(parts, HEIGHT, described)


def spread(values: Sequence[float], axis: Axis, bins: int) -> list[Point]:
    """Outline of a histogram over an axis: share of the values in each bin, as steps."""
    counts = [0] * bins
    for value in values:
        counts[min(int(axis.place(value, 0, bins)), bins - 1)] += 1
    shares = [count / len(values) for count in counts]
    steps = [
        point
        for at, share in enumerate(shares)
        for point in ((axis.at(at / bins), share), (axis.at((at + 1) / bins), share))
    ]
    return [(axis.low, 0.0), *steps, (axis.high, 0.0)]


def _round_marks(high: float) -> list[float]:
    """Multiples of 1, 2 or 5 times a power of ten from 0 to `high`, at most seven."""
    power = 10.0 ** math.floor(math.log10(high))
    step = next(step for factor in (0.1, 0.2, 0.5, 1.0, 2.0) if high / (step := factor * power) <= 6)
    return [round(step * number, 9) for number in range(int(high / step + 1e-9) + 1)]


def _bar(bar: Bar, series: int, top: float, right: float) -> str:
    room = right - _LABELS
    at, low, high = (_LABELS + room * min(max(value, 0.0), 1.0) for value in (bar.value, bar.low, bar.high))
    middle = top + _BAR / 2 - 1
    drawn = (
        f'<rect class="{"abc"[series]}" x="{_LABELS}" y="{top:.1f}" width="{at - _LABELS:.1f}" height="{_BAR - 2}"/>'
    )
    drawn += f'<line class="whisker" x1="{low:.1f}" x2="{high:.1f}" y1="{middle:.1f}" y2="{middle:.1f}"/>'
    if bar.baseline is not None:
        old = _LABELS + room * min(max(bar.baseline, 0.0), 1.0)
        drawn += f'<line class="old" x1="{old:.1f}" x2="{old:.1f}" y1="{top - 1:.1f}" y2="{top + _BAR - 1:.1f}"/>'
    return drawn + _text(WIDTH - 2, top + _BAR - 2, f"{bar.value:.3f}", "end")


def _column(left: float, width: float, share: float, style: str) -> str:
    floor = HEIGHT - BOTTOM
    height = (floor - TOP) * share
    return f'<rect class="{style}" x="{left:.1f}" y="{floor - height:.1f}" width="{width:.1f}" height="{height:.1f}"/>'


def _polyline(points: Sequence[Point], style: str) -> str:
    path = " ".join(f"{a:.1f},{b:.1f}" for a, b in points)
    return f'<polyline class="{style}" points="{path}"/>' if len(points) > 1 else ""


def _thinned(points: Sequence[Point]) -> Sequence[Point]:
    step = max(1, math.ceil(len(points) / _MOST_POINTS))
    return [*points[:-1:step], *points[-1:]]


def _horizontal_grid(y: Axis) -> list[str]:
    floor = HEIGHT - BOTTOM
    parts = [f'<line class="axis" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{floor}" y2="{floor}"/>']
    for value, label in y.ticks:
        at = y.place(value, floor, TOP)
        parts.append(f'<line class="grid" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{at:.1f}" y2="{at:.1f}"/>')
        parts.append(_text(LEFT - 5, at + 4, label, "end"))
    return parts


def _vertical_grid(x: Axis, left: float, right: float, top: float, floor: float) -> list[str]:
    parts = []
    for value, label in x.ticks:
        at = x.place(value, left, right)
        parts.append(f'<line class="grid" x1="{at:.1f}" x2="{at:.1f}" y1="{top:.1f}" y2="{floor:.1f}"/>')
        parts.append(_text(min(at, WIDTH - 18), floor + 14, label, "middle"))
    return [*parts, _text((left + right) / 2, floor + 31, x.title, "middle")] if x.title else parts


def _text(x: float, y: float, text: str, anchor: str) -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{escape(text)}</text>'


def _picture(parts: Iterable[str], height: float, described: str) -> str:
    box = f"0 0 {WIDTH} {height:.0f}"
    return f'<svg viewBox="{box}" role="img" aria-label="{escape(described, quote=True)}">{"".join(parts)}</svg>'
