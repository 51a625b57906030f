"""Runs of one PDF page: stretches of text that one command draws, with their places, as PDFium gives them.

PDFium is asked for a page's characters at once and for the places of few of them: each
call costs more than all that Python does with its answer.
"""

import ctypes
import math
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import pypdfium2.raw as pdfium

from corpus.reading.pdf_fonts import install

HYPHEN = "\x02"  # how PDFium writes a hyphen that ends a line
UPRIGHT, DOWNWARDS, SLANTED = 0, 270, -1  # turns
_SLANT = 12.0  # degrees from the four directions: from here on text is slanted
_HIDDEN_MODE, _BOLD_MODE = 3, 2  # PDF's ways of drawing text: not at all; filled and outlined
_BOLD_WEIGHT = 600
_PALE = 150  # of 255: the brightness from which on text may be a watermark
_BOLD_NAME = re.compile(r"bold|black|heavy|simhei|heiti|黑体|_gb2312-b|medium|semibold|fzhei|xiaobiaosong|小标宋", re.I)
_ARTIFACT = "Artifact\0".encode("utf-16-le")
_MEANING = {0: "", 0xFFFF: "", 0xFFFE: HYPHEN}
_APART = re.compile(r"[\r\n]+|[ \t\u00a0\u3000]{2,}|\t")

_address = ctypes.CFUNCTYPE(ctypes.c_void_p, ctypes.c_void_p, ctypes.c_int)
_object_at = _address(ctypes.cast(pdfium.FPDFText_GetTextObject, ctypes.c_void_p).value or 0)

install()

Box = tuple[float, float, float, float]  # left, right, bottom, top


@dataclass(frozen=True, slots=True)
class Face:
    """How letters look. type3 are drawn by the file itself; browsers make bold letters so."""

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


class PageText:
    """The characters of one page."""

    def __init__(self, textpage: Any, faces: dict[int, Face]) -> None:
        self._raw = textpage
        self._page = ctypes.cast(textpage, ctypes.c_void_p).value
        self._rect = pdfium.FS_RECTF()
        self._faces = faces
        self.characters = _characters(textpage)

    def runs(self) -> list[Run]:
        """Runs that show something, in the order in which they are drawn."""
        return [run for start, end in self._stretches() for run in self._runs_of(start, end)]

    def box(self, index: int) -> Box:
        """Of one character; zeros where it has none."""
        if not pdfium.FPDFText_GetLooseCharBox(self._raw, index, ctypes.byref(self._rect)):
            return 0.0, 0.0, 0.0, 0.0
        return self._rect.left, self._rect.right, self._rect.bottom, self._rect.top

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
        for first, last in pieces:
            while first <= last and self.characters[first].isspace():
                first += 1
            while first <= last and self.characters[last].isspace():
                last -= 1
            if first <= last:
                box = _around(self.box(first), self.box(last))
                text = _meant(self.characters[first : last + 1])
                made.append(replace(run, text=text, first=first, last=last, **_sides(box)))
        return [one for one in made if one.text.strip(f" {HYPHEN}") or HYPHEN in one.text]

    def _stretches(self) -> Iterator[tuple[int, int]]:
        """Ranges of characters that one command draws; what PDFium puts between them is left out."""
        count = len(self.characters)
        page = self._page
        start, drawn = 0, None
        for index in range(count):
            owner = _object_at(page, index)
            if owner != drawn:
                if drawn:
                    yield start, index
                start, drawn = index, owner
        if drawn:
            yield start, count

    def _runs_of(self, start: int, end: int) -> list[Run]:
        text = self.characters[start:end]
        if not text.strip("\0 \r\n\t\u3000\u00a0\ufeff\u200b"):
            return []
        run = self._described(start)
        pieces, begin = [], start
        for gap in _APART.finditer(text):
            pieces.append((begin, start + gap.start() - 1))
            begin = start + gap.end()
        return self.cut(run, [*pieces, (begin, end - 1)])

    def _described(self, index: int) -> Run:
        """A run without text and sides, but with all that its object says."""
        owner = pdfium.FPDFText_GetTextObject(self._raw, index)
        matrix, size = pdfium.FS_MATRIX(), ctypes.c_float()
        pdfium.FPDFText_GetMatrix(self._raw, index, ctypes.byref(matrix))
        pdfium.FPDFTextObj_GetFontSize(owner, ctypes.byref(size))
        x, y = ctypes.c_double(), ctypes.c_double()
        pdfium.FPDFText_GetCharOrigin(self._raw, index, ctypes.byref(x), ctypes.byref(y))
        turn = _turn(matrix.a, matrix.b)
        seen = round(abs(size.value) * (math.hypot(matrix.c, matrix.d) or 1.0), 1)
        mode = pdfium.FPDFTextObj_GetTextRenderMode(owner)
        face = self._face(owner)
        if mode == _BOLD_MODE and not face.bold:
            face = replace(face, bold=True)
        base = y.value if turn in (UPRIGHT, 180, SLANTED) else x.value
        hidden = mode == _HIDDEN_MODE
        return Run("", 0, 0, 0, 0, base, seen, face, turn, hidden, _is_artifact(owner), index, index)

    def _face(self, owner: Any) -> Face:
        font = pdfium.FPDFTextObj_GetFont(owner)
        key = ctypes.cast(font, ctypes.c_void_p).value or 0
        if key not in self._faces:
            buffer = ctypes.create_string_buffer(128)
            pdfium.FPDFFont_GetBaseFontName(font, buffer, 128)
            name = buffer.value.decode("utf-8", "replace")
            bold = pdfium.FPDFFont_GetWeight(font) >= _BOLD_WEIGHT or bool(_BOLD_NAME.search(name))
            self._faces[key] = Face(name, bold, type3=not name)
        return self._faces[key]


def _characters(textpage: Any) -> str:
    """All characters of the page; the index of each is PDFium's."""
    count = pdfium.FPDFText_CountChars(textpage)
    buffer = (ctypes.c_ushort * (max(count, 0) + 1))()
    if count > 0 and pdfium.FPDFText_GetText(textpage, 0, count, buffer) == count + 1:
        return "".join(map(chr, buffer[:count]))
    return "".join(chr(pdfium.FPDFText_GetUnicode(textpage, index)) for index in range(count))


def _meant(text: str) -> str:
    """The text without what shows nothing, its halves of one character joined."""
    whole = text.translate(_MEANING)
    if whole.isascii() or not any("\ud800" <= letter <= "\udfff" for letter in whole):
        return whole
    return whole.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "ignore")


def _turn(a: float, b: float) -> int:
    """The nearest of the four directions of a text whose x axis is (a, b)."""
    if b == 0 and a > 0:
        return UPRIGHT
    angle = math.degrees(math.atan2(b, a)) % 360
    nearest = round(angle / 90) * 90
    return nearest % 360 if abs(angle - nearest) < _SLANT else SLANTED


def _is_artifact(owner: Any) -> bool:
    """Whether the file marks an object as no part of its content: header, footer, watermark."""
    buffer, size = (ctypes.c_ushort * 16)(), ctypes.c_ulong()
    for number in range(pdfium.FPDFPageObj_CountMarks(owner)):
        mark = pdfium.FPDFPageObj_GetMark(owner, number)
        if pdfium.FPDFPageObjMark_GetName(mark, buffer, 32, ctypes.byref(size)) and size.value == len(_ARTIFACT):
            return bytes(buffer)[: len(_ARTIFACT)] == _ARTIFACT
    return False


def _around(one: Box, other: Box) -> Box:
    return min(one[0], other[0]), max(one[1], other[1]), min(one[2], other[2]), max(one[3], other[3])


def _sides(box: Box) -> dict[str, float]:
    return dict(zip(("left", "right", "bottom", "top"), box, strict=True))
