"""Plain text → document: paragraphs by line, headings where the text shows them."""

import re

from corpus.document import Document, Source
from corpus.reading.builder import TextBuilder

_NUMBERED = re.compile(r"第[一二三四五六七八九十百\d]{1,4}[章节篇条部]|[一二三四五六七八九十]{1,3}、|（[一二三四五六七八九十]{1,3}）|\d+(?:\.\d+)*[、.．]\s*\D")
_ENDS_LIKE_PROSE = re.compile(r"[。！？；，、：,.!?;:”』」…]$")
LONGEST_HEADING = 30  # code points


def read_plain(text: str, document_id: str, title: str = "", source: Source | None = None) -> Document:
    """Read cleaned plain text.

    title   where empty, a first line that looks like a title is taken, else the id
    """
    paragraphs = [" ".join(line.split()) if line.isascii() else line.strip() for line in text.split("\n")]
    paragraphs = [paragraph for paragraph in paragraphs if paragraph]
    if not title and len(paragraphs) > 1 and is_heading(paragraphs[0], paragraphs[1]):
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
    for number, paragraph in enumerate(paragraphs):
        following = paragraphs[number + 1] if number + 1 < len(paragraphs) else ""
        if is_heading(paragraph, following):
            builder.heading(_level(paragraph), paragraph)
        else:
            builder.paragraph(paragraph)


def is_heading(line: str, following: str) -> bool:
    """A short line without closing punctuation, numbered as headings are or without a comma and followed by prose."""
    if len(line) > LONGEST_HEADING or not following or _ENDS_LIKE_PROSE.search(line):
        return False
    if _NUMBERED.match(line):
        return True
    return "，" not in line and "," not in line and len(following) > len(line) and following[-1] in "。：:！？"


def _level(line: str) -> int:
    if line.startswith("（"):
        return 3
    return 1 if line.startswith("第") and "章" in line[:6] else 2
