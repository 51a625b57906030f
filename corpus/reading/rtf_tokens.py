"""RTF tokens: groups, control words, and text whose bytes are in the code page of their font."""

import re
from collections.abc import Iterator
from typing import NamedTuple

OPEN, CLOSE, WORD, TEXT, BYTES = "open", "close", "word", "text", "bytes"

_TOKEN = re.compile(
    rb"(?P<open>\{)|(?P<close>\})"
    rb"|\\(?P<word>[a-zA-Z]{1,32})(?P<number>-?\d{1,10})?[ ]?"
    rb"|\\'(?P<hex>[0-9a-fA-F]{2})"
    rb"|\\(?P<sign>[^a-zA-Z'])"
    rb"|(?P<text>[^\\{}\r\n]+)|[\r\n]+|\\",
    re.S,
)
_SIGNS = {b"~": "\u00a0", b"_": "-", b"-": "", b"\\": "\\", b"{": "{", b"}": "}"}
_PARAGRAPHS = (b"\n", b"\r")  # behind a backslash they end a paragraph


class Token(NamedTuple):
    """One token. name  of a control word or sign; number  its parameter, None without one; raw  bytes of text"""

    kind: str
    name: str = ""
    number: int | None = None
    raw: bytes = b""


def tokens(raw: bytes) -> Iterator[Token]:
    """The tokens of a file, in order; binary data is passed over."""
    at = 0
    while (found := _TOKEN.match(raw, at)) is not None:
        at = found.end()
        if found["open"]:
            yield Token(OPEN)
        elif found["close"]:
            yield Token(CLOSE)
        elif found["word"]:
            name, number = found["word"].decode("ascii"), int(found["number"]) if found["number"] else None
            if name == "bin":
                at += max(0, number or 0)
            else:
                yield Token(WORD, name, number)
        elif found["hex"]:
            yield Token(BYTES, raw=bytes.fromhex(found["hex"].decode("ascii")))
        elif found["sign"] in _PARAGRAPHS:
            yield Token(WORD, "par")
        elif found["sign"]:
            yield Token(WORD, "*") if found["sign"] == b"*" else Token(TEXT, _SIGNS.get(found["sign"], ""))
        elif found["text"]:
            yield Token(BYTES, raw=found["text"])
