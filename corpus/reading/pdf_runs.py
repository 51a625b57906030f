"""Runs of one PDF page: stretches of text that one command draws, with their places, as PDFium gives them.

PDFium is asked for a page's characters at once and for the places of few of them: each
call costs more than all that Python does with its answer.
"""

import ctypes
import math
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import pypdfium2.raw as pdfium

from corpus.reading.pdf_fonts import install

HYPHEN = "\x02"  # how PDFium writes a hyphen that ends a line
UPRIGHT, DOWNWARDS, SLANTED = 0, 270, -1  # turns
ASCENT, DESCENT = 0.88, 0.12  # of a font's size above and below the base line
_SLANT = 12.0  # degrees from the four directions: from here on text is slanted
_HIDDEN_MODE, _BOLD_MODE = 3, 2  # PDF's ways of drawing text: not at all; filled and outlined
_BOLD_WEIGHT = 600
_EDGE = 0.15  # of a page's height, where headers and footers stand
_PALE = 150  # of 255: the brightness from which on text may be a watermark
_BOLD_NAME = re.compile(r"bold|black|heavy|simhei|heiti|黑体|_gb2312-b|medium|semibold|fzhei|xiaobiaosong|小标宋", re.I)
_ARTIFACT = "Artifact\0".encode("utf-16-le")
_MEANING = {0: "", 0xFFFF: "", 0xFFFE: HYPHEN}
_ODD = re.compile("[\0\ufffe\uffff\ud800-\udfff]")
_WORD_OR_BLANK = re.compile(r"[^ \r\n]+|[ \r\n]")
_APART = re.compile(r"[\r\n]+|[ \t\u00a0\u3000]{2,}|\t")


def _quick(call: Any, *kinds: Any, gives: Any = ctypes.c_int) -> Any:
    """The same function for bare addresses: no object is made for each call."""
    return ctypes.CFUNCTYPE(gives, *kinds)(ctypes.cast(call, ctypes.c_void_p).value or 0)


_NAME_BUFFER, _NAME_LENGTH = (ctypes.c_ushort * 16)(), ctypes.c_ulong()
_NAME, _NAME_SIZE = ctypes.addressof(_NAME_BUFFER), ctypes.addressof(_NAME_LENGTH)
_P, _I = ctypes.c_void_p, ctypes.c_int
_object_at = _quick(pdfium.FPDFText_GetTextObject, _P, _I, gives=_P)
_font_of = _quick(pdfium.FPDFTextObj_GetFont, _P, gives=_P)
_size_of = _quick(pdfium.FPDFTextObj_GetFontSize, _P, _P)
_mode_of = _quick(pdfium.FPDFTextObj_GetTextRenderMode, _P)
_marks_of = _quick(pdfium.FPDFPageObj_CountMarks, _P)
_mark_of = _quick(pdfium.FPDFPageObj_GetMark, _P, ctypes.c_ulong, gives=_P)
_name_of = _quick(pdfium.FPDFPageObjMark_GetName, _P, _P, ctypes.c_ulong, _P)
_box_of = _quick(pdfium.FPDFText_GetLooseCharBox, _P, _I, _P)
_matrix_of = _quick(pdfium.FPDFText_GetMatrix, _P, _I, _P)
_origin_of = _quick(pdfium.FPDFText_GetCharOrigin, _P, _I, _P, _P)

install()

Box = tuple[float, float, float, float]  # left, right, bottom, top


@dataclass(frozen=True, slots=True)
class Face:
    """How letters look. type3 are drawn by the file itself: browsers draw bold ones so where a font has none."""

    name: str
    bold: bool
    type3: bool


@dataclass(frozen=True, slots=True)
class Run:
    """A stretch of text of one line.

    left … top   points from the page's lower left corner; base is the base line's
    turn         degrees by which it is turned against the clock: 0, 90, 180, 270, or SLANTED
    hidden       drawn invisibly, as the text behind a scan is
    artifact     marked by the file as no part of its content: header, footer, watermark
    first, last  PDFium's indexes of its characters, the last one included; -1 for none
    blank_before, blank_after  whether the file draws a blank beside it
    """

    text: str
    left: float
    right: float
    bottom: float
    top: float
    base: float
    size: float
    face: Face
    turn: int = UPRIGHT
    hidden: bool = False
    artifact: bool = False
    first: int = -1
    last: int = -1
    blank_before: bool = False
    blank_after: bool = False


class _Look(NamedTuple):
    """What runs in one font and size have in common. drop is how far their base line lies above their box's bottom."""

    font: int
    told: float
    height: float
    size: float
    turn: int
    face: Face
    drop: float


class PageText:
    """The characters of one page.

    faces   of fonts that are known, by their addresses; grows
    height  of the page: only at its edges it is asked whether the file puts text aside
    """

    def __init__(self, textpage: Any, faces: dict[int, Face], height: float = 0.0) -> None:
        self._raw = textpage
        self._page = ctypes.cast(textpage, ctypes.c_void_p).value
        self._faces = faces
        self._text_from, self._text_to = _EDGE * height, (1 - _EDGE) * height
        self._rect, self._matrix = pdfium.FS_RECTF(), pdfium.FS_MATRIX()
        self._told, self._x, self._y = ctypes.c_float(), ctypes.c_double(), ctypes.c_double()
        self._into = [ctypes.addressof(one) for one in (self._rect, self._matrix, self._told, self._x, self._y)]
        self._look: _Look | None = None
        self.characters = _characters(textpage)
        self._plain = _ODD.search(self.characters) is None

    def runs(self) -> list[Run]:
        """Runs that show something, in the order in which they are drawn."""
        found: list[Run] = []
        for start, end, owner in self._stretches():
            made = self._runs_of(start, end, owner)
            if not made and found and " " in self.characters[start:end]:
                found[-1] = replace(found[-1], blank_after=True)
            found += made
        return found

    def box(self, index: int) -> Box:
        """Of one character; zeros where it has none."""
        if not _box_of(self._page, index, self._into[0]):
            return 0.0, 0.0, 0.0, 0.0
        rect = self._rect
        return rect.left, rect.right, rect.bottom, rect.top

    def is_pale(self, run: Run) -> bool:
        """Whether a run is drawn in a light or half transparent colour."""
        red, green, blue, opaque = (ctypes.c_uint() for _ in range(4))
        owner = pdfium.FPDFText_GetTextObject(self._raw, run.first) if run.first >= 0 else None
        if not owner or not pdfium.FPDFPageObj_GetFillColor(owner, red, green, blue, opaque):
            return False
        light = 0.3 * red.value + 0.6 * green.value + 0.1 * blue.value
        return 255 - (255 - light) * opaque.value / 255 > _PALE

    def cut(self, run: Run, pieces: list[tuple[int, int]]) -> list[Run]:
        """Parts of a run, by its characters' indexes; pieces without a letter are left out."""
        made = []
        for start, end in pieces:
            first, last = start, end
            while first <= last and self.characters[first].isspace():
                first += 1
            while first <= last and self.characters[last].isspace():
                last -= 1
            text = self.characters[first : last + 1]
            text = text if self._plain else _meant(text)
            if text.strip(" "):
                left, right, bottom, top = self._sides(first, last)
                if run.turn == UPRIGHT and top - bottom < 1.6 * run.size:
                    bottom, top = run.base - DESCENT * run.size, run.base + ASCENT * run.size
                made.append(
                    Run(text, left, right, bottom, top, run.base, run.size, run.face, run.turn, run.hidden,
                        run.artifact, first, last, first > start, last < end)
                )  # fmt: skip
        return made

    def _sides(self, first: int, last: int) -> Box:
        one = self.box(first)
        if first == last:
            return one
        other = self.box(last)
        return min(one[0], other[0]), max(one[1], other[1]), min(one[2], other[2]), max(one[3], other[3])

    def _stretches(self) -> Iterator[tuple[int, int, int]]:
        """Ranges of characters that one command draws, and it; what PDFium puts between them is left out.

        PDFium puts nothing but blanks and line ends, so words are cut only where their ends differ.
        """
        start, end, drawn = 0, 0, None
        for word in _WORD_OR_BLANK.finditer(self.characters):
            at = word.start()
            while at < word.end():
                owner = _object_at(self._page, at)
                begin, at = at, self._end_of(at, word.end(), owner)
                if owner != drawn:
                    if drawn:
                        yield start, end, drawn
                    start, drawn = begin, owner
                end = at
        if drawn:
            yield start, end, drawn

    def _end_of(self, first: int, limit: int, owner: int | None) -> int:
        """Behind the last character before the limit that the same command draws."""
        page, step = self._page, 1
        if limit - first > 2 and _object_at(page, limit - 1) == owner:
            return limit
        while first + step < limit and _object_at(page, first + step) == owner:
            first += step
            step *= 2
        limit = min(limit, first + step)
        while limit - first > 1:
            middle = (first + limit) // 2
            first, limit = (middle, limit) if _object_at(page, middle) == owner else (first, middle)
        return limit

    def _runs_of(self, start: int, end: int, owner: int) -> list[Run]:
        text = self.characters[start:end]
        if not text.strip("\0 \r\n\t\u3000\u00a0\ufeff\u200b"):
            return []
        run = self._described(start, owner)
        pieces, begin = [], start
        if end - start > 2:
            for gap in _APART.finditer(text):
                pieces.append((begin, start + gap.start() - 1))
                begin = start + gap.end()
        return self.cut(run, [*pieces, (begin, end - 1)])

    def _described(self, index: int, owner: int) -> Run:
        """A run without text and sides, but with all that its object says."""
        look, bottom = self._look_of(index, owner)
        mode = _mode_of(owner)
        face = replace(look.face, bold=True) if mode == _BOLD_MODE and not look.face.bold else look.face
        base, hidden = bottom + look.drop, mode == _HIDDEN_MODE
        aside = not self._text_from < base < self._text_to and _is_artifact(owner)
        return Run("", 0, 0, 0, 0, base, look.size, face, look.turn, hidden, aside, index, index)

    def _look_of(self, index: int, owner: int) -> tuple[_Look, float]:
        """How a run looks, and where its box begins from below (of turned text, from the left)."""
        font = _font_of(owner) or 0
        _size_of(owner, self._into[2])
        told = self._told.value
        left, _, bottom, top = self.box(index)
        look = self._look
        if look and look.font == font and look.told == told and abs(top - bottom - look.height) < 0.01:
            return look, bottom
        _matrix_of(self._page, index, self._into[1])
        _origin_of(self._page, index, self._into[3], self._into[4])
        matrix = self._matrix
        turn = _turn(matrix.a, matrix.b)
        size = round(abs(told) * (math.hypot(matrix.c, matrix.d) or 1.0), 1)
        face = self._face(font)
        start = bottom if turn in (UPRIGHT, 180, SLANTED) else left
        base = self._y.value if turn in (UPRIGHT, 180, SLANTED) else self._x.value
        look = _Look(font, told, top - bottom, size, turn, face, base - start)
        self._look = look if turn == UPRIGHT and not face.type3 else None
        return look, start

    def _face(self, font: int) -> Face:
        if font not in self._faces:
            owner = ctypes.cast(font, pdfium.FPDF_FONT)
            buffer = ctypes.create_string_buffer(128)
            pdfium.FPDFFont_GetBaseFontName(owner, buffer, 128)
            name = buffer.value.decode("utf-8", "replace")
            bold = not name or pdfium.FPDFFont_GetWeight(owner) >= _BOLD_WEIGHT or bool(_BOLD_NAME.search(name))
            self._faces[font] = Face(name, bold, type3=not name)
        return self._faces[font]


def _characters(textpage: Any) -> str:
    """All characters of the page; the index of each is PDFium's."""
    count = pdfium.FPDFText_CountChars(textpage)
    buffer = (ctypes.c_ushort * (max(count, 0) + 1))()
    if count > 0 and pdfium.FPDFText_GetText(textpage, 0, count, buffer) == count + 1:
        return "".join(map(chr, buffer[:count]))
    return "".join(chr(pdfium.FPDFText_GetUnicode(textpage, index)) for index in range(count))


def _meant(text: str) -> str:
    """The text without what shows nothing, its halves of one character joined."""
    return text.translate(_MEANING).encode("utf-16-le", "surrogatepass").decode("utf-16-le", "ignore")


def _turn(a: float, b: float) -> int:
    """The nearest of the four directions of a text whose x axis is (a, b)."""
    if b == 0 and a > 0:
        return UPRIGHT
    angle = math.degrees(math.atan2(b, a)) % 360
    nearest = round(angle / 90) * 90
    return nearest % 360 if abs(angle - nearest) < _SLANT else SLANTED


def _is_artifact(owner: int) -> bool:
    """Whether the file marks an object as no part of its content: header, footer, watermark."""
    for number in range(_marks_of(owner)):
        mark = _mark_of(owner, number)
        if _name_of(mark, _NAME, 32, _NAME_SIZE) and _NAME_LENGTH.value == len(_ARTIFACT):
            return bytes(_NAME_BUFFER)[: len(_ARTIFACT)] == _ARTIFACT
    return False
