"""Numberings: how Chinese texts number their parts, from 第一编 down to ①, and how deep each stands."""

import re
from typing import NamedTuple

from corpus.numerals import read

PART, SUBPART, CHAPTER, DIVISION, ARTICLE = 10, 20, 30, 40, 50
COUNTED, BRACKETED, DECIMAL, SMALL, CIRCLED = 60, 70, 80, 90, 95
_HAN = "[一二三四五六七八九十百千零〇○两]{1,7}"
_ORDINAL = rf"第[ \u3000]?(?:({_HAN}|\d{{1,4}})|[（(]({_HAN}|\d{{1,4}})[）)])[ \u3000]?"
_AFTER = r"(?:之[一二三四五六七八九十]{1,2}(?![处间]))?"
_UNITS = {
    "编": PART,
    "篇": PART,
    "卷": PART,
    "部分": PART,
    "部": PART,
    "分编": SUBPART,
    "章": CHAPTER,
    "节": DIVISION,
    "条": ARTICLE,
}
_STATUTORY = re.compile(
    rf"{_ORDINAL}(分编|部分|编(?![辑制号])|[篇卷](?![幅])|部(?![门队])|章(?![程])|节(?![点课目能])|条(?![例件线款])){_AFTER}"
)
_OTHERS = (
    (re.compile(r"([一二三四五六七八九十]{1,3})(?:[、.．]|(?=[ \u3000]))"), COUNTED),
    (re.compile(r"[（(]([一二三四五六七八九十]{1,3})[）)]"), BRACKETED),
    (re.compile(r"(\d{1,2}(?:[.．]\d{1,2}){1,4})(?:[、.．]|(?=[ \u3000]))[ \u3000]*(?=\D)"), DECIMAL),
    (re.compile(r"(\d{1,3})(?:、|[.．](?!\d)|(?=[ \u3000]+[^\W\d_]))"), DECIMAL),
    (re.compile(r"[（(](\d{1,2})[）)]"), SMALL),
    (re.compile(r"(\d{1,2})[)）]"), SMALL),
    (re.compile("([①-⑳])"), CIRCLED),
)
_OPENERS = frozenset("第（(一二三四五六七八九十0123456789①②③④⑤⑥⑦⑧⑨⑩⑪⑫⑬⑭⑮⑯⑰⑱⑲⑳")


class Numbering(NamedTuple):
    """The number that a line opens with.

    rank    the smaller, the further out; PART … CIRCLED, of 1.2.3 DECIMAL + 3
    number  its value; of 1.2.3 the last one; 0 where it has none
    label   as it is written, without what parts it from the words behind: 第十一条之一, （二）, 3.
    end     where the words behind it begin
    """

    rank: int
    number: int
    label: str
    end: int


def numbering(line: str) -> Numbering | None:
    """The numbering that a line opens with; None for none."""
    if line[:1] not in _OPENERS:
        return None
    if (found := _STATUTORY.match(line)) is not None:
        return _made(line, found, _UNITS[found[3]], found[1] or found[2])
    for pattern, rank in _OTHERS:
        if (found := pattern.match(line)) is not None:
            parts = re.split("[.．]", found[1])
            return _made(line, found, rank + len(parts) if rank == DECIMAL else rank, parts[-1])
    return None


def _made(line: str, found: re.Match[str], rank: int, numeral: str) -> Numbering:
    end = found.end()
    while end < len(line) and line[end].isspace():
        end += 1
    return Numbering(rank, _value(numeral), found[0].strip(), end)


def _value(numeral: str) -> int:
    if "①" <= numeral <= "⑳":
        return ord(numeral) - ord("①") + 1
    return int(read(numeral) or 0)


def opens_article(text: str, previous: int) -> Numbering | None:
    """The number of the article that a paragraph opens; None where it opens none or only refers to one.

    previous  number of the article before, 0 for none: «第三条规定的…» opens an article only behind 第二条
    """
    found = numbering(text)
    if found is None or found.rank != ARTICLE:
        return None
    apart = found.end > len(found.label) or found.end == len(text) or text[found.end] in "【〔[（(:："
    follows = found.number in (1, previous + 1) or "之" in found.label
    return found if apart or follows else None
