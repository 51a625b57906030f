"""Compound files (OLE): which streams stand at the root, read without trusting a single number in them.

DOC, XLS, PPT, MSG and locked Office files share this container; the names at its root tell them apart.
"""

import struct
from collections.abc import Iterator

_HEADER = 512  # bytes
_ENTRY = 128  # bytes of a directory entry
_MOST_SECTORS = 4096  # of a directory that are looked at
_NONE = 0xFFFFFFF0  # and above: no sector, no entry


def root_names(raw: bytes) -> frozenset[str]:
    """Names of the streams and storages at the root; as many as can be found in a damaged file."""
    if len(raw) < _HEADER:
        return frozenset()
    shift = struct.unpack_from("<H", raw, 30)[0]
    if shift not in (9, 12):
        return frozenset()
    directory = b"".join(_sectors(raw, 1 << shift, struct.unpack_from("<I", raw, 48)[0]))
    entries = [directory[at : at + _ENTRY] for at in range(0, len(directory) - _ENTRY + 1, _ENTRY)]
    return frozenset(_children(entries))


def _children(entries: list[bytes]) -> Iterator[str]:
    """Names below the first entry, which is the root; each entry is visited once, whatever its links say."""
    waiting = [struct.unpack_from("<I", entries[0], 76)[0]] if entries else []
    seen: set[int] = set()
    while waiting:
        number = waiting.pop()
        if number >= len(entries) or number in seen:
            continue
        seen.add(number)
        entry = entries[number]
        length, left, right = (*struct.unpack_from("<H", entry, 64), *struct.unpack_from("<II", entry, 68))
        yield entry[: max(0, min(length, 64) - 2)].decode("utf-16-le", "replace")
        waiting += [left, right]


def _sectors(raw: bytes, size: int, first: int) -> Iterator[bytes]:
    """The sectors of a chain, until it ends, leaves the file or has gone on for too long."""
    tables = [one for one in struct.unpack_from("<109I", raw, 76) if one < _NONE]
    sector = first
    for _ in range(_MOST_SECTORS):
        start = (sector + 1) * size
        if sector >= _NONE or start >= len(raw):
            return
        yield raw[start : start + size]
        table, place = divmod(sector, size // 4)
        if table >= len(tables):
            return
        at = (tables[table] + 1) * size + 4 * place
        if at + 4 > len(raw):
            return
        sector = struct.unpack_from("<I", raw, at)[0]
