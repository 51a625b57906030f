"""Compressed RTF, as Outlook keeps the text of a message (MS-OXRTFCP)."""

import struct

from corpus.reading.bounded import ParserFailed

LARGEST = 64 * 2**20  # bytes unpacked
_DICTIONARY = (
    b"{\\rtf1\\ansi\\mac\\deff0\\deftab720{\\fonttbl;}{\\f0\\fnil \\froman \\fswiss \\fmodern \\fscript \\fdecor "
    b"MS Sans SerifSymbolArialTimes New RomanCourier{\\colortbl\\red0\\green0\\blue0\r\n\\par "
    b"\\pard\\plain\\f0\\fs20\\b\\i\\u\\tab\\tx"
)
_SIZE = 4096  # bytes of the ring
_PACKED, _PLAIN = 0x75465A4C, 0x414C454D
_HEAD = 16  # bytes


def unpacked(raw: bytes) -> bytes:
    """The RTF of a message's text.

    raises  ParserFailed for what is not packed so, or grows too large
    """
    if len(raw) < _HEAD:
        raise ParserFailed("its text is damaged")
    _, size, kind = struct.unpack_from("<III", raw)
    if kind == _PLAIN:
        return raw[_HEAD : _HEAD + size]
    if kind != _PACKED or size > LARGEST:
        raise ParserFailed("its text is damaged, or too large")
    ring = bytearray(_DICTIONARY.ljust(_SIZE, b" "))
    place, at, made = len(_DICTIONARY), _HEAD, bytearray()
    while at < len(raw) and len(made) <= size:
        control, at = raw[at], at + 1
        for bit in range(8):
            if control >> bit & 1:
                pair, at = int.from_bytes(raw[at : at + 2], "big"), at + 2
                if pair >> 4 == place:
                    return bytes(made)
                source, length = pair >> 4, (pair & 15) + 2
            else:
                source, length = -1, len(raw[at : at + 1])
            for step in range(length):  # one by one: a run may go on into what it has just written
                byte = raw[at] if source < 0 else ring[(source + step) % _SIZE]
                ring[place], place = byte, (place + 1) % _SIZE
                made.append(byte)
            at += source < 0
    return bytes(made)
