"""Chinese sentence boundaries.

A sentence ends after 。！？；… and their half-width forms, together with the quotes and
brackets that close behind them. Inside quotes and brackets nothing ends, a line break
always ends, and the dot of 80.1, of an address or of a list number is not a full stop.
"""

import re
import unicodedata
from collections.abc import Iterator

LONGEST = 400  # code points; a longer stretch without boundary is cut, so that passages stay bounded
_REACH = 200  # how far an opening bracket may wait for its partner before it is taken for a stray

_PAIRS = {"“": "”", "‘": "’", "「": "」", "『": "』", "（": "）", "(": ")", "《": "》", "〈": "〉", "【": "】", "[": "]", "〔": "〕"}
_CLOSING = frozenset(_PAIRS.values()) | {'"', "'"}
_ENDING = frozenset("。！？；…!?;")
_CONTINUING = frozenset("，、：,）)】》等")
_SOFT = re.compile(r"[，、：,\s]")


def sentence_spans(text: str) -> list[tuple[int, int]]:
    """Sentences of the text as [start, end) in code points.

    returns  in order, not overlapping, without white space at their edges; together they
             hold every character that is not white space; none is longer than LONGEST
    cost     linear in the text
    """
    spans: list[tuple[int, int]] = []
    for start, end in _lines(text):
        for left, right in _sentences(text, start, end):
            spans.extend(_bounded(text, left, right))
    return spans


def _lines(text: str) -> Iterator[tuple[int, int]]:
    start = 0
    for line in text.split("\n"):
        yield start, start + len(line)
        start += len(line) + 1


def _sentences(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Trimmed sentences of one line."""
    left = position = start
    while position < end:
        partner = _partner(text, position, end)
        if partner is not None and not _ends_with(text, partner):
            position = partner + 1
            continue
        if partner is None and not _is_end(text, position, left, end):
            position += 1
            continue
        position = _after_closing(text, position if partner is None else partner, end)
        if partner is None or position >= end or text[position] not in _CONTINUING:
            yield from _trimmed(text, left, position)
            left = position
    yield from _trimmed(text, left, end)


def _partner(text: str, position: int, end: int) -> int | None:
    """Where the bracket or quote that opens at position closes; None for anything else and for strays."""
    closing = _PAIRS.get(text[position])
    if closing is None:
        return None
    partner = text.find(closing, position + 1, min(end, position + _REACH))
    return partner if partner > 0 else None


def _ends_with(text: str, partner: int) -> bool:
    """他说：“好。” ends with the quote; a bracket such as （见图。） does not end the sentence around it."""
    return text[partner] in "”’」』" and text[partner - 1] in "。！？!?…"


def _is_end(text: str, position: int, left: int, end: int) -> bool:
    character = text[position]
    following = text[position + 1] if position + 1 < end else "\n"
    if character == "…":
        return following != "…" and following not in _CONTINUING
    if character in "!?;":
        return not (following.isascii() and (following.isalnum() or following in "/=&%"))
    if character in _ENDING:
        return True
    return character == "." and _is_full_stop(text, position, left, following)


def _is_full_stop(text: str, position: int, left: int, following: str) -> bool:
    before = text[position - 1] if position > left else ""
    if not before or before == ".":
        return False
    if before in _CLOSING or _is_ideograph(before):
        return following not in "."
    opening = text[left:position].strip()
    is_list_number = len(opening) <= 3 and opening.isalnum()
    return following.isspace() and before.isalnum() and not is_list_number


def _after_closing(text: str, position: int, end: int) -> int:
    """Behind the run of ending and closing marks that starts at position."""
    position += 1
    while position < end and (text[position] in _ENDING or text[position] in _CLOSING):
        position += 1
    return position


def _is_ideograph(character: str) -> bool:
    return "\u3400" <= character <= "\u9fff" or "\U00020000" <= character <= "\U0003ffff"


def _trimmed(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    if start < end:
        yield start, end


def _bounded(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Cut an overlong sentence at commas or white space, else anywhere but inside a grapheme."""
    while end - start > LONGEST:
        cut = _soft_cut(text, start) or _hard_cut(text, start)
        yield from _trimmed(text, start, cut)
        start = cut
    yield from _trimmed(text, start, end)


def _soft_cut(text: str, start: int) -> int | None:
    last = None
    for match in _SOFT.finditer(text, start + LONGEST // 2, start + LONGEST):
        last = match.end()
    return last


def _hard_cut(text: str, start: int) -> int:
    cut = start + LONGEST
    while cut > start + LONGEST // 2 and _joins(text[cut - 1], text[cut]):
        cut -= 1
    return cut


def _joins(before: str, after: str) -> bool:
    """True where a cut would tear a grapheme: combining marks, joiners, variation selectors, flags."""
    joiner = "\u200d"
    return (
        unicodedata.combining(after) != 0
        or joiner in (before, after)
        or unicodedata.category(after) in {"Mn", "Me", "Mc", "Sk"}
        or ("\U0001f1e6" <= before <= "\U0001f1ff" and "\U0001f1e6" <= after <= "\U0001f1ff")
    )
