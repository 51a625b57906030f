"""Pages of a list: where the next one begins, as clients send it back."""

import base64
import binascii
from typing import Final

from rag.api.problems import Problem

LONGEST: Final = 64  # characters of a cursor

_LARGEST: Final = 2**63  # beyond, SQLite knows no number


def cursor_of(key: int) -> str:
    """The last key of a page, in letters that stand for nothing a client should rely on."""
    return base64.urlsafe_b64encode(str(key).encode()).decode().rstrip("=")


def key_of(cursor: str) -> int:
    """The key that `cursor_of` wrote.

    raises  Problem 422
    """
    try:
        digits = base64.b64decode(cursor.encode() + b"=" * (-len(cursor) % 4), b"-_", validate=True)
    except (ValueError, binascii.Error):
        digits = b""
    if not digits.isdigit() or int(digits) >= _LARGEST:
        raise Problem(422, "cursor 无效：请使用上一页给出的 next_cursor", errors=[("#/cursor", "取值无效")])
    return int(digits)
