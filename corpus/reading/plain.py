"""Plain text → document: paragraphs by line, headings where the text shows them."""

from collections.abc import Sequence

from corpus.document import Document, Source
from corpus.reading.assembly import built
from corpus.reading.numbering import numbering
from corpus.reading.outline import is_bare_heading, with_headings
from corpus.reading.parts import HEADING, PARAGRAPH, Part

LONGEST_TITLE = 60  # code points
_PROSE_ENDS = frozenset("。！？；，、：,.!?;:”』」…")


def read_plain(text: str, document_id: str, title: str = "", source: Source | None = None) -> Document:
    """Read cleaned plain text.

    title   where empty, a first line that looks like a title is taken, else the id
    """
    parts = parts_of_lines(text.split("\n"))
    if len(parts) > 1 and (parts[0].text == title or (not title and _is_title(parts))):
        title = parts.pop(0).text
    builder, _ = built(with_headings(parts), title)
    return Document(
        id=document_id,
        title=title or document_id,
        text=builder.text(),
        sections=builder.sections(),
        sources={"document": source} if source else {},
        asked=builder.asked(),
    )


def parts_of_lines(lines: Sequence[str]) -> list[Part]:
    """A paragraph for every line that holds something."""
    stripped = (" ".join(line.split()) if line.isascii() else line.strip() for line in lines)
    return [Part(PARAGRAPH, line) for line in stripped if line]


def _is_title(parts: Sequence[Part]) -> bool:
    """Whether the first line is the title: the next line is prose under it, or a heading of its own."""
    line, following = parts[0].text, parts[1].text
    if is_bare_heading(line, following):
        return True
    ends_open = len(line) <= LONGEST_TITLE and line[-1:] not in _PROSE_ENDS and numbering(line) is None
    return ends_open and numbering(following) is not None and with_headings(parts)[1].kind == HEADING
