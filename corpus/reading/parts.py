"""Parts: what a parser found in a file, in reading order, and the document made of them.

Parsers of HTML, PDF, DOCX and tables know nothing of offsets: they hand over headings and
paragraphs, and `assemble` puts them into one canonical text.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from corpus.cleaning import clean, clean_line, is_clean_line
from corpus.document import LONGEST_NAME, Document, InvalidDocument, is_address
from corpus.reading.builder import TextBuilder
from corpus.reading.findings import Findings
from corpus.reading.header import source_of

HEADING, PARAGRAPH, LINE = "heading", "paragraph", "line"
MOST_LINES = 50  # of dropped text that a report repeats
LONGEST_LINE = 80  # code points of each


class Part(NamedTuple):
    """A heading, a paragraph, or a line (a paragraph without an empty line before it).

    level  of a heading, 1 the outermost
    pages  (page, offset in `text`) for every page that begins within the part; pages count from 1
    size   of its letters, in any unit; 0 where the format has none
    bold   whether all of it is
    """

    kind: str
    text: str
    level: int = 0
    pages: tuple[tuple[int, int], ...] = ()
    size: float = 0.0
    bold: bool = False


@dataclass(slots=True)
class Parsed:
    """All that a parser found.

    told      what the file says of itself: title, publisher, author, date, date_note, url
    encoding  of its text, empty for binary formats; confidence is 0–1
    pages     how many the file has, 0 for formats without
    scans     pages without text that show something: their text can be recognised
    scanned   pages whose text was recognised
    drawn     the lines that were recognised on one page, or a picture of one: what a task gives instead of parts
    """

    parts: list[Part] = field(default_factory=list)
    told: dict[str, str] = field(default_factory=dict)
    dropped: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    encoding: str = ""
    confidence: float = 1.0
    pages: int = 0
    scans: list[int] = field(default_factory=list)
    scanned: list[int] = field(default_factory=list)
    drawn: list[Any] = field(default_factory=list)

    def to_record(self) -> dict[str, Any]:
        """Its fields by name."""
        return {name: getattr(self, name) for name in self.__slots__}

    def drop(self, what: str, texts: Iterable[str]) -> None:
        """Note text that was left out: the first lines of it, each shortened, and how many more."""
        lines = list(dict.fromkeys(line for text in texts if (line := clean_line(text))))
        self.dropped += [f"{what}: {_shortened(line)}" for line in lines[:MOST_LINES]]
        if len(lines) > MOST_LINES:
            self.dropped.append(f"{what}: {len(lines) - MOST_LINES} more")


def assemble(parsed: Parsed, document_id: str, title: str, findings: Findings) -> Document:
    """One document of all parts.

    title    used where the file gives none
    raises   InvalidDocument where nothing but white space was found
    """
    findings.dropped += parsed.dropped
    findings.warnings += parsed.warnings
    told = _fit(parsed.told)
    name = told.get("title") or title or document_id
    parts, removed = _cleaned(parsed.parts)
    findings.dropped += [f"{count} {what} characters" for what, count in removed.items()]
    if not any(part.kind != HEADING for part in parts):
        parts = [part._replace(kind=PARAGRAPH) for part in parts]  # slides, for instance: all is large
    builder, starts = _built(parts, name)
    sections = builder.sections()
    if not sections:
        raise InvalidDocument(f"{document_id}: the file holds no text")
    text = builder.text()
    says_more = any(told.get(field) for field in ("publisher", "author", "date", "date_note", "url"))
    return Document(
        id=document_id,
        title=name,
        text=text,
        sections=sections,
        sources={"document": source_of(document_id, {**told, "title": name})} if says_more else {},
        pages=_page_starts(starts, parsed.pages, len(text)),
        scanned=tuple(parsed.scanned),
    )


def _built(parts: list[Part], title: str) -> tuple[TextBuilder, dict[int, int]]:
    """The text, and the offset at which each page that holds something begins."""
    builder, starts = TextBuilder(), dict[int, int]()
    for number, part in enumerate(parts):
        before = builder.length
        if part.kind != HEADING:
            builder.paragraph(part.text, separator="\n" if part.kind == LINE else "\n\n")
        elif number or part.text != title:
            builder.heading(part.level, part.text)
        begin = builder.length - len(part.text) if builder.length > before else before
        for page, offset in part.pages:
            starts.setdefault(page, min(begin + offset, builder.length))
    return builder, starts


def _cleaned(parts: list[Part]) -> tuple[list[Part], dict[str, int]]:
    """Parts that hold something, without invisible characters; and how many of those there were."""
    kept, counts = [], dict[str, int]()
    for part in parts:
        if part.kind != HEADING and is_clean_line(part.text):
            text = part.text.strip()  # nearly every part, so it has a quick way
        else:
            cleaned = clean(part.text)
            text = clean_line(part.text) if part.kind == HEADING else cleaned.text.strip()
            for kind, count in cleaned.removed.items():
                counts[kind] = counts.get(kind, 0) + count
        if text or part.pages:
            kept.append(part if text == part.text else part._replace(text=text))
    return kept, counts


def _page_starts(starts: Mapping[int, int], pages: int, length: int) -> tuple[int, ...]:
    """Offset of every page; a page without text begins where the next one does."""
    offsets, following = [], length
    for page in range(pages, 0, -1):
        following = min(following, starts.get(page, following))
        offsets.append(following)
    return (0, *offsets[::-1][1:]) if offsets else ()


def _fit(told: Mapping[str, str]) -> dict[str, str]:
    """Values that a source can keep: one line, not too long, no address that is none."""
    lines = {name: clean_line(value)[:LONGEST_NAME] for name, value in told.items() if name != "url"}
    url = told.get("url", "").strip()
    if url and is_address(url):
        lines["url"] = url
    return {name: value for name, value in lines.items() if value}


def _shortened(line: str) -> str:
    return line if len(line) <= LONGEST_LINE else f"{line[: LONGEST_LINE - 1]}…"
