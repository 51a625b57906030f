"""Lines of one PDF page, as PDFium finds its characters and their places.

PDFium is asked for a page's characters at once and for the places of few of them: each
call costs more than all that Python does with its answer.
"""

import ctypes
import re
from typing import Any

import pypdfium2.raw as pdfium

from corpus.cleaning import visible
from corpus.reading.pdf_fonts import install
from corpus.reading.pdf_lines import Line

_HYPHEN = "\x02"  # how PDFium writes a hyphen that ends a line
_MEANING = {0: "", 0xFFFF: "", 0xFFFE: _HYPHEN}
_EM = 0.6  # of a font's size; a generated blank that is narrower stands between letters of one word, and
_EM_BESIDE = 0.3  # so does one between a Chinese and another letter, which programs set a little apart
_LINE = re.compile(r"[^\r\n]+")
_SHOWN = re.compile(r"[^\s\0\x02\ufffe\uffff]")
_WIDE = "[\u2e80-\U0010ffff]"
_BESIDE_WIDE = re.compile(f"(?<={_WIDE}) | (?={_WIDE})")

install()


def lines_of(textpage: Any) -> list[Line]:
    """Lines of the page that show something, in the order in which PDFium reads them."""
    text = _characters(textpage)
    lines = []
    for found in _LINE.finditer(text):
        start, end = found.span()
        first = _SHOWN.search(text, start, end)
        if first is not None:
            lines.append(_line(textpage, text, first.start(), end))
    return lines


def _characters(textpage: Any) -> str:
    """All characters of the page; the index of each is PDFium's."""
    count = pdfium.FPDFText_CountChars(textpage)
    buffer = (ctypes.c_ushort * (max(count, 0) + 1))()
    if count > 0 and pdfium.FPDFText_GetText(textpage, 0, count, buffer) == count + 1:
        return "".join(map(chr, buffer[:count]))
    return "".join(chr(pdfium.FPDFText_GetUnicode(textpage, index)) for index in range(count))


def _line(textpage: Any, text: str, first: int, end: int) -> Line:
    """The line whose first visible character stands at `first`, and the box around that and its last one."""
    last = end - 1
    while not _SHOWN.match(text, last):
        last -= 1
    middle = _SHOWN.search(text, (first + last) // 2, last + 1)
    left, right = _box(textpage, first), _box(textpage, last)
    size = pdfium.FPDFText_GetFontSize(textpage, middle.start() if middle else last)
    height = abs(left[3] - left[2])
    bottom, top = min(left[2], right[2]), max(left[3], right[3])
    return Line(_words(textpage, text, first, end), left[0], right[1], bottom, top, _seen(size, height))


def _words(textpage: Any, text: str, start: int, end: int) -> str:
    """The line without mere letter spacing and invisible characters, but with the sign of a hyphen at its end."""
    pieces = []
    for blank in _BESIDE_WIDE.finditer(text, start + 1, end - 1):
        if pdfium.FPDFText_IsGenerated(textpage, blank.start()) == 1 and _is_narrow(textpage, text, blank.start()):
            pieces.append(text[start : blank.start()])
            start = blank.end()
    pieces.append(text[start:end])
    whole = "".join(pieces).translate(_MEANING)
    if not whole.isascii():  # halves of one character that PDFium counts as two
        whole = whole.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "ignore")
    hyphen = _HYPHEN if whole.rstrip().endswith(_HYPHEN) else ""
    return visible(whole).strip() + hyphen


def _seen(size: float, height: float) -> float:
    """The size as it is seen; some programs write 1 and enlarge the whole page."""
    return round(height if height > 0 and not 0.5 < size / height < 2 else size, 1)


def _box(textpage: Any, index: int) -> tuple[float, float, float, float]:
    """Left, right, bottom, top of a character, in points from the page's lower left corner."""
    rect = pdfium.FS_RECTF()
    if not pdfium.FPDFText_GetLooseCharBox(textpage, index, ctypes.byref(rect)):
        return 0.0, 0.0, 0.0, 0.0
    return rect.left, rect.right, rect.bottom, rect.top


def _is_narrow(textpage: Any, text: str, index: int) -> bool:
    """Whether a blank that PDFium put beside a Chinese character is mere letter spacing."""
    gap = _box(textpage, index + 1)[0] - _box(textpage, index - 1)[1]
    widest = _EM if min(text[index - 1], text[index + 1]) >= "\u2e80" else _EM_BESIDE
    return bool(gap < widest * pdfium.FPDFText_GetFontSize(textpage, index - 1))
