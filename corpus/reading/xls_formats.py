"""Formats of an XLS workbook's cells: which numbers are shown as percentages.

The library that reads the values tells dates but no other formats, and 0.125 is not what a person
sees in a cell that shows 12.5%. Only the few records that say so are looked at.
"""

import io
import re
import struct
from collections.abc import Iterator

import olefile

Decimals = dict[tuple[int, int], int]  # row and column, from 0 → decimals of the percentage

_BOF, _FORMAT, _XF, _NUMBER, _RK, _MULRK, _FORMULA = 0x809, 0x41E, 0xE0, 0x203, 0x27E, 0xBD, 0x6
_SHEET, _END = 0x85, 0x0A
_BUILT_IN = {9: 0, 10: 2}  # 0% and 0.00%
_PERCENT = re.compile(r"[#,]*0(?:\.(0+))?%")


def percentages(raw: bytes) -> list[Decimals]:
    """Of each sheet in the order of the workbook, the cells that are shown as percentages; empty where none is."""
    with olefile.OleFileIO(io.BytesIO(raw)) as file:
        name = next((one for one in ("Workbook", "Book") if file.exists(one)), None)
        book = file.openstream(name).read() if name else b""
    codes, forms, places = dict(_BUILT_IN), list[int](), list[int]()
    for kind, body in _records(book, 0):
        if kind == _FORMAT and len(body) > 5:
            _note_format(body, codes)
        elif kind == _XF and len(body) >= 4:
            forms.append(struct.unpack_from("<H", body, 2)[0])
        elif kind == _SHEET and len(body) >= 4:
            places.append(struct.unpack_from("<I", body, 0)[0])
    shown = {number: codes[form] for number, form in enumerate(forms) if form in codes}
    return [_of_sheet(book, place, shown) for place in places] if shown else []


def _note_format(body: bytes, codes: dict[int, int]) -> None:
    number, length, flags = struct.unpack_from("<HHB", body)
    text = body[5:].decode("utf-16-le" if flags & 1 else "latin-1", "replace")[:length]
    if found := _PERCENT.fullmatch(text.split(";")[0]):
        codes[number] = len(found[1] or "")


def _of_sheet(book: bytes, start: int, shown: dict[int, int]) -> Decimals:
    found: Decimals = {}
    for kind, body in _records(book, start):
        if kind in (_NUMBER, _RK, _FORMULA) and len(body) >= 6:
            row, column, form = struct.unpack_from("<HHH", body)
            if form in shown:
                found[row, column] = shown[form]
        elif kind == _MULRK and len(body) >= 6:
            row, column = struct.unpack_from("<HH", body)
            for number in range((len(body) - 6) // 6):
                form = struct.unpack_from("<H", body, 4 + 6 * number)[0]
                if form in shown:
                    found[row, column + number] = shown[form]
    return found


def _records(book: bytes, start: int) -> Iterator[tuple[int, bytes]]:
    """Records of one substream: to its end, or where the bytes end."""
    at, depth = start, 0
    while at + 4 <= len(book):
        kind, size = struct.unpack_from("<HH", book, at)
        depth += (kind == _BOF) - (kind == _END)
        if depth == 0:
            return
        yield kind, book[at + 4 : at + 4 + size]
        at += 4 + size
