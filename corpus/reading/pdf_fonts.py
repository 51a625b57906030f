"""The one font that PDFium finds here: every character is a box of the size of its letter.

A font that a PDF names but does not hold would else be looked for among those of the machine,
and every letter drawn to measure it: ten times as slow, another result on every machine, and
where none is installed PDFium takes equal lines for one. What the characters are and how wide,
the PDF itself says. The font is made here, table by table, as TrueType's specification has it.
"""

import ctypes
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pypdfium2.raw as pdfium

_EM = 1000  # units
_BOTTOM, _TOP = -120, 880
_EVERY_CHARACTER = (0, 0x10FFFF)
_ALIGNMENT = 4  # bytes
_WHOLE = 0  # the table that stands for all of them
_HANDLE = 1  # any pointer but NULL


def install() -> None:
    """Make PDFium look for fonts here and nowhere else; once for the process."""
    pdfium.FPDF_SetSystemFontInfo(ctypes.byref(_FONTS))


@contextmanager
def of_the_machine() -> Iterator[None]:
    """For as long as a page is drawn for people, PDFium finds the machine's fonts."""
    fonts = pdfium.FPDF_GetDefaultSystemFontInfo()
    pdfium.FPDF_SetSystemFontInfo(fonts)
    try:
        yield
    finally:
        install()
        pdfium.FPDF_FreeDefaultSystemFontInfo(fonts)


def box_font() -> bytes:
    """A TrueType font that shows every character by one glyph."""
    corners = struct.pack(">4h", 0, _EM, 0, -_EM) + struct.pack(">4h", _BOTTOM, 0, _TOP - _BOTTOM, 0)
    glyph = struct.pack(">5h2H4B", 1, 0, _BOTTOM, _EM, _TOP, 3, 0, *[1] * 4) + corners
    tables = {
        b"cmap": struct.pack(">4HI2H6I", 0, 1, 3, 10, 12, 13, 0, 28, 0, 1, *_EVERY_CHARACTER, 1),
        b"glyf": glyph,
        b"head": struct.pack(">4I2H2Q4h5H", 0x10000, 0x10000, 0, 0x5F0F3CF5, 0, _EM, 0, 0, *_BOX, 0, 8, 2, 1, 0),
        b"hhea": struct.pack(">I3hH11hH", 0x10000, _TOP, _BOTTOM, 0, _EM, 0, 0, _EM, 1, *[0] * 7, 1),
        b"hmtx": struct.pack(">H2h", _EM, 0, 0),
        b"loca": struct.pack(">3I", 0, 0, len(glyph)),
        b"maxp": struct.pack(">I14H", 0x10000, 2, 4, 1, 0, 0, 2, *[0] * 8),
    }
    offset = 12 + 16 * len(tables)
    directory, body = struct.pack(">I4H", 0x10000, len(tables), 64, 2, 48), b""
    for name, table in tables.items():
        directory += name + struct.pack(">3I", 0, offset + len(body), len(table))
        body += table + bytes(-len(table) % _ALIGNMENT)
    return directory + body


def _font_given(*wanted: Any) -> int:
    """PDFium's question for a font; whatever it wants, it gets the only one."""
    return _HANDLE


def _bytes_given(info: Any, handle: Any, table: int, buffer: Any, size: int) -> int:
    """PDFium's question for a font's bytes: how many there are, and where the buffer has room, they themselves."""
    if table != _WHOLE:
        return 0
    if buffer and size >= len(_FONT):
        ctypes.memmove(buffer, _FONT, len(_FONT))
    return len(_FONT)


_BOX = (0, _BOTTOM, _EM, _TOP)
_FONT = box_font()
_KINDS = dict(pdfium.FPDF_SYSFONTINFO._fields_)
_FONTS = pdfium.FPDF_SYSFONTINFO(
    version=1, MapFont=_KINDS["MapFont"](_font_given), GetFontData=_KINDS["GetFontData"](_bytes_given)
)
