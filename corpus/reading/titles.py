"""Titles: which of a file's own words may serve as one, and which are only what a programme fills in."""

import re

from corpus.reading.parts import HEADING, Part

LONGEST_TITLE = 40  # code points of a line that may serve as a title
_CLOSING = frozenset("。！？；，、：.!?;:…")
_PLACEHOLDER = re.compile(
    r"(?:powerpoint|microsoft (?:word|excel|powerpoint)|wps)\s*(?:presentation|演示文稿|文档|演示|表格)?(?:\s*-.*)?"
    r"|presentation\s*\d*|演示文稿\s*\d*|幻灯片\s*\d*|(?:slide|文档|工作簿|document|book|untitled|无标题)\s*\d*",
    re.I,
)


def is_placeholder(title: str) -> bool:
    """Whether a title is what a programme writes where nobody gave one."""
    return _PLACEHOLDER.fullmatch(title.strip()) is not None


def opening_title(parts: list[Part]) -> tuple[str, list[Part]]:
    """A first line that may serve as the title of what follows, and the rest; empty where it may not."""
    if len(parts) < 2 or parts[0].kind == HEADING:
        return "", parts
    first = parts[0].text
    fits = "\n" not in first and 0 < len(first) <= LONGEST_TITLE and first[-1] not in _CLOSING
    return (first, parts[1:]) if fits else ("", parts)
