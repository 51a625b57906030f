"""Hard-wrapped text, as e-mail and old systems write it: lines cut at a width, mid-sentence, are joined again.

A line is full where the first word of the next one would not have fitted behind it. A text is
wrapped where most lines are full and few of those end a sentence; any other text stays as it is.
"""

import re
import unicodedata
from itertools import pairwise

_NARROWEST, _WIDEST = 24, 120  # columns; a wide character takes two
_OVERHANG = 2  # columns by which a punctuation mark may stand beyond the margin
_MARGIN = 0.95  # share of lines that lie within the margin; an address may be longer
_FEWEST = 3  # full lines
_FULL = 0.5  # of all lines that another one follows
_OPEN = 0.6  # of the full lines: those that do not end a sentence
_PROSE = 0.3  # of the lines: those with a comma or a full stop inside
_ENDS = re.compile(r"[。！？；：.!?;:][”’」』）)\"']?$")
_INSIDE = re.compile(r"[，。；、！？]|[,.;] ")
_UNIT = re.compile(r"[\u2e80-\U0003ffff][，。、；：！？”’」』）》】…]*|[^\s\u2e80-\U0003ffff]+")
_PARTED_WORD = re.compile(r"[A-Za-z]-$")
_PARTED_NUMBER = re.compile(r"\d\.?$")
_WIDE = re.compile("[\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef\U00020000-\U0003ffff“”‘’…—·]")
_APART = re.compile(
    r"\s*(?:[-*+•●■◆○▪·>|#=_~]|[（(]?(?:\d{1,3}|[一二三四五六七八九十]{1,3}|[a-zA-Z])(?:[)）、．:：]|\.(?!\d))|第.{1,4}[篇部章节条]|[①-⑳])"
)  # lists, quotes, rules and headings
_TABLE = re.compile(r"\S(?:\t|  +|　　+|\s*\|\s*)\S")


def unwrapped(text: str) -> tuple[str, int]:
    """The text with its lines joined, and the width in columns at which they were cut; 0 where they were not.

    cost  linear in the text
    """
    lines = text.split("\n")
    widths = [_columns(line) for line in lines]
    margin = _margin(widths)
    if not margin:
        return text, 0
    pairs = [number for number, (one, other) in enumerate(pairwise(lines)) if one.strip() and other.strip()]
    full = {number for number in pairs if _is_full(widths[number], lines[number + 1], margin)}
    if not _is_wrapped(lines, pairs, full):
        return text, 0
    joined = [lines[0]]
    for number, (before, line) in enumerate(pairwise(lines)):
        if number in full and _goes_on(before, line):
            joined[-1] += _joint(before.rstrip(), line.lstrip()) + line.lstrip()
        else:
            joined.append(line)
    return ("\n".join(joined), margin) if len(joined) < len(lines) else (text, 0)


def _columns(line: str) -> int:
    """Columns that the line takes, with the blanks that set it in; of one too long to be cut, its characters."""
    line = line.rstrip()
    wide = (
        0
        if line.isascii() or len(line) > _WIDEST
        else sum(unicodedata.east_asian_width(letter) in "WFA" for letter in line)
    )
    return len(line) + wide


def _margin(widths: list[int]) -> int:
    """The width that nearly all lines keep to; 0 for one at which nobody cuts lines."""
    filled = sorted(width for width in widths if width)
    margin = filled[round(_MARGIN * (len(filled) - 1))] if len(filled) > _FEWEST else 0
    return margin if _NARROWEST <= margin <= _WIDEST else 0


def _is_full(width: int, following: str, margin: int) -> bool:
    unit = _UNIT.search(following)
    needed = _columns(unit[0]) if unit else 0
    blank = int(bool(unit) and following.lstrip()[0].isascii())
    return needed <= margin and margin - _OVERHANG - needed - blank < width <= margin + _OVERHANG


def _is_wrapped(lines: list[str], pairs: list[int], full: set[int]) -> bool:
    if len(full) < max(_FEWEST, _FULL * len(pairs)):
        return False
    still_open = sum(not _ENDS.search(lines[number].rstrip()) for number in full)
    prose = sum(bool(_INSIDE.search(lines[number])) for number in full)
    return still_open >= _OPEN * len(full) and prose >= _PROSE * len(full)


def _goes_on(before: str, line: str) -> bool:
    """Whether a line behind a full one belongs to it: no list, no table, not set in further."""
    if _APART.match(line) or _TABLE.search(line) or _TABLE.search(before):
        return False
    return _indent(line) <= _indent(before)


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())


def _joint(before: str, after: str) -> str:
    """A blank between words of letters; none beside Chinese, in a number, or behind a hyphen within a word."""
    parted = _PARTED_WORD.search(before) or (_PARTED_NUMBER.search(before) and after[0] in "0123456789.%％")
    return "" if _WIDE.match(before[-1]) or _WIDE.match(after[0]) or parted else " "
