"""Plain text → document: paragraphs by line, headings where the text shows them."""

import re

from corpus.document import Document, Source
from corpus.reading.builder import TextBuilder

_NUMBERINGS = (
    *(re.compile(rf"第[一二三四五六七八九十百\d]{{1,4}}{unit}") for unit in "篇部章节条"),
    re.compile(r"[一二三四五六七八九十]{1,3}、"),
    re.compile(r"[（(][一二三四五六七八九十]{1,3}[）)]"),
    re.compile(r"\d+[、.．]\s*\D"),
    re.compile(r"\d{1,2}(?:[.．]\d{1,2})+[、.．]?\s+\D"),
)
_NUMBERS = frozenset("第（(一二三四五六七八九十")  # and digits open every one of them
_PLAIN_NUMBERS = 7  # index of the first numbering by digits
_PROSE_ENDS = frozenset("。！？；，、：,.!?;:”』」…")
LONGEST_HEADING = 30  # code points
LONGEST_TITLE = 60  # code points


def read_plain(text: str, document_id: str, title: str = "", source: Source | None = None) -> Document:
    """Read cleaned plain text.

    title   where empty, a first line that looks like a title is taken, else the id
    """
    paragraphs = [" ".join(line.split()) if line.isascii() else line.strip() for line in text.split("\n")]
    paragraphs = [paragraph for paragraph in paragraphs if paragraph]
    if len(paragraphs) > 1 and (paragraphs[0] == title or (not title and _is_title(*paragraphs[:2]))):
        title = paragraphs.pop(0)
    builder = TextBuilder()
    add_paragraphs(builder, paragraphs)
    return Document(
        id=document_id,
        title=title or document_id,
        text=builder.text(),
        sections=builder.sections(),
        sources={"document": source} if source else {},
    )


def add_paragraphs(builder: TextBuilder, paragraphs: list[str]) -> None:
    """Add lines of plain text, those that look like headings as headings."""
    for previous, paragraph, following in zip(["", *paragraphs], paragraphs, [*paragraphs[1:], ""], strict=False):
        if is_heading(paragraph, following, previous):
            builder.heading(_level(paragraph), paragraph)
        else:
            builder.paragraph(paragraph)


def is_heading(line: str, following: str, previous: str = "") -> bool:
    """Whether a line opens a section: short, without closing punctuation, and one of two.

    Numbered as headings are, where its neighbours are not numbered alike (that is a list);
    or without a comma and followed by longer prose.
    """
    if len(line) > LONGEST_HEADING or not following or line[-1:] in _PROSE_ENDS:
        return False
    if (numbering := _numbering(line)) is not None:
        prose = numbering >= _PLAIN_NUMBERS and ("，" in line or "," in line)
        return not prose and numbering not in (_numbering(following), _numbering(previous))
    return len(following) > len(line) and following[-1] in "。：:！？." and "，" not in line and "," not in line


def _is_title(line: str, following: str) -> bool:
    if is_heading(line, following):
        return True
    ends_open = len(line) <= LONGEST_TITLE and line[-1:] not in _PROSE_ENDS and _numbering(line) is None
    return ends_open and _numbering(following) is not None and len(following) <= LONGEST_HEADING


def _numbering(line: str) -> int | None:
    """Which way of numbering the line opens with; None for none."""
    if not (line[:1].isdigit() or line[:1] in _NUMBERS):
        return None
    return next((number for number, pattern in enumerate(_NUMBERINGS) if pattern.match(line)), None)


def _level(line: str) -> int:
    if line.startswith(("（", "(")):
        return 3
    return 1 if re.match(r"第.{1,4}[篇部章]", line) else 2
