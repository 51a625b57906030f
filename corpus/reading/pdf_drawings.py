"""What is drawn on a PDF page beside its text: the lines that rule tables, and images."""

import ctypes
import itertools
from dataclasses import dataclass, field
from typing import Any

import pypdfium2.raw as pdfium

THIN = 3.0  # points; a drawn box that is thinner is a line
_SHORTEST = 5.0  # points of a line
_MOST_OBJECTS, _MOST_SEGMENTS = 20_000, 20_000  # of a page; a drawing has more, a table has not
_MOST_NESTED = 3
_LINE, _BEZIER, _MOVE = pdfium.FPDF_SEGMENT_LINETO, pdfium.FPDF_SEGMENT_BEZIERTO, pdfium.FPDF_SEGMENT_MOVETO

Point = tuple[float, float]
Matrix = tuple[float, float, float, float, float, float]
_SAME: Matrix = (1, 0, 0, 1, 0, 0)


@dataclass(frozen=True, slots=True)
class Rule:
    """A straight line: at this height (or, if upright, at this x) from start to end."""

    at: float
    start: float
    end: float


@dataclass(slots=True)
class Drawings:
    """Level and upright lines, and the boxes (left, right, bottom, top) of images, in page points.

    shapes  how many figures are drawn
    """

    level: list[Rule] = field(default_factory=list)
    upright: list[Rule] = field(default_factory=list)
    images: list[tuple[float, float, float, float]] = field(default_factory=list)
    shapes: int = 0

    def line(self, one: Point, other: Point) -> None:
        """Note a line, if it is level or upright."""
        (x0, y0), (x1, y1) = one, other
        wide, high = abs(x1 - x0), abs(y1 - y0)
        if high <= 1.0 and wide >= _SHORTEST:
            self.level.append(Rule((y0 + y1) / 2, min(x0, x1), max(x0, x1)))
        elif wide <= 1.0 and high >= _SHORTEST:
            self.upright.append(Rule((x0 + x1) / 2, min(y0, y1), max(y0, y1)))

    def shape(self, points: list[Point], stroked: bool) -> None:
        """Note the lines of one closed or open figure: a thin one is a line, one that is only filled none."""
        left, right = min(x for x, _ in points), max(x for x, _ in points)
        bottom, top = min(y for _, y in points), max(y for _, y in points)
        if min(right - left, top - bottom) <= THIN:
            if right - left >= top - bottom:
                self.line((left, (bottom + top) / 2), (right, (bottom + top) / 2))
            else:
                self.line(((left + right) / 2, bottom), ((left + right) / 2, top))
        elif stroked:
            for one, other in itertools.pairwise(points):
                self.line(one, other)


def drawings_of(page: Any) -> Drawings:
    """The drawings of a page; empty for lines where there are more than any table has."""
    found = Drawings()
    budget = [_MOST_OBJECTS, _MOST_SEGMENTS]
    count = pdfium.FPDFPage_CountObjects(page)
    for number in range(count):
        _note(pdfium.FPDFPage_GetObject(page, number), _SAME, found, budget, 0)
    if min(budget) <= 0:
        found.level.clear()
        found.upright.clear()
    return found


def _note(drawn: Any, outer: Matrix, found: Drawings, budget: list[int], depth: int) -> None:
    kind = pdfium.FPDFPageObj_GetType(drawn)
    if kind == pdfium.FPDF_PAGEOBJ_TEXT or min(budget) <= 0:
        return
    budget[0] -= 1
    if kind == pdfium.FPDF_PAGEOBJ_PATH:
        found.shapes += 1
        _note_path(drawn, _times(_matrix(drawn), outer), found, budget)
    elif kind == pdfium.FPDF_PAGEOBJ_IMAGE:
        a, b, c, d, e, f = _times(_matrix(drawn), outer)
        xs, ys = [e, e + a, e + c, e + a + c], [f, f + b, f + d, f + b + d]
        found.images.append((min(xs), max(xs), min(ys), max(ys)))
    elif kind == pdfium.FPDF_PAGEOBJ_FORM and depth < _MOST_NESTED:
        inner = _times(_matrix(drawn), outer)
        for number in range(pdfium.FPDFFormObj_CountObjects(drawn)):
            _note(pdfium.FPDFFormObj_GetObject(drawn, number), inner, found, budget, depth + 1)


def _note_path(path: Any, matrix: Matrix, found: Drawings, budget: list[int]) -> None:
    segments = pdfium.FPDFPath_CountSegments(path)
    budget[1] -= segments
    if segments < 2 or min(budget) <= 0:
        return
    fill, stroke = ctypes.c_int(), ctypes.c_int()
    pdfium.FPDFPath_GetDrawMode(path, ctypes.byref(fill), ctypes.byref(stroke))
    if not (fill.value or stroke.value):
        return
    x, y = ctypes.c_float(), ctypes.c_float()
    points: list[Point] = []
    a, b, c, d, e, f = matrix
    for number in range(segments):
        segment = pdfium.FPDFPath_GetPathSegment(path, number)
        kind = pdfium.FPDFPathSegment_GetType(segment)
        if kind == _MOVE and len(points) > 1:
            found.shape(points, bool(stroke.value))
        if kind == _MOVE:
            points = []
        pdfium.FPDFPathSegment_GetPoint(segment, ctypes.byref(x), ctypes.byref(y))
        points.append((a * x.value + c * y.value + e, b * x.value + d * y.value + f))
        if pdfium.FPDFPathSegment_GetClose(segment):
            points.append(points[0])
    if len(points) > 1:
        found.shape(points, bool(stroke.value))


def _matrix(drawn: Any) -> Matrix:
    matrix = pdfium.FS_MATRIX()
    if not pdfium.FPDFPageObj_GetMatrix(drawn, ctypes.byref(matrix)):
        return _SAME
    return matrix.a, matrix.b, matrix.c, matrix.d, matrix.e, matrix.f


def _times(one: Matrix, other: Matrix) -> Matrix:
    """First one, then the other."""
    a, b, c, d, e, f = one
    g, h, i, j, k, m = other
    return (
        a * g + b * i,
        a * h + b * j,
        c * g + d * i,
        c * h + d * j,
        e * g + f * i + k,
        e * h + f * j + m,
    )
