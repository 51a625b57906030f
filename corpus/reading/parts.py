"""Parts: what a reader found in a file, in reading order.

Readers know nothing of offsets: they hand over headings and paragraphs, and
`corpus.reading.assembly` puts them into one canonical text.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from corpus.cleaning import clean_line
from corpus.reading.builder import Mark
from corpus.reading.coverage import coverage

HEADING, PARAGRAPH, LINE = "heading", "paragraph", "line"
MOST_LINES = 50  # of dropped text that a report repeats
LONGEST_LINE = 80  # code points of each


class Attachment(NamedTuple):
    """A file within a file: its name and media type as they are told there, and its bytes in Base64."""

    name: str
    media_type: str
    base64: str


class Part(NamedTuple):
    """A heading, a paragraph, or a line (a paragraph without an empty line before it).

    level  of a heading, 1 the outermost
    pages  (page, offset in `text`) for every page that begins within the part; pages count from 1
    size   of its letters, in any unit; 0 where the format has none
    bold   whether all of it is
    marks  footnote marks, of Markdown alone
    asked  ways of asking for what it says
    """

    kind: str
    text: str
    level: int = 0
    pages: tuple[tuple[int, int], ...] = ()
    size: float = 0.0
    bold: bool = False
    marks: tuple[Mark, ...] = ()
    asked: tuple[str, ...] = ()


@dataclass(slots=True)
class PartList:
    """Takes headings and paragraphs in order, as a TextBuilder does, and keeps them as parts."""

    parts: list[Part] = field(default_factory=list)

    def heading(self, level: int, title: str) -> None:
        """Add a heading; level counts from 1 (outermost)."""
        if title := " ".join(title.split()):
            self.parts.append(Part(HEADING, title, level))

    def paragraph(
        self, text: str, marks: tuple[Mark, ...] = (), separator: str = "\n\n", *, bold: bool = False
    ) -> None:
        """Add a paragraph, or a line where the separator is a single line end."""
        if text.strip():
            self.parts.append(Part(LINE if separator == "\n" else PARAGRAPH, text, marks=marks, bold=bold))

    def ask(self, questions: Iterable[str]) -> None:
        """Ways of asking for what the last paragraph says; dropped before the first one."""
        if self.parts and self.parts[-1].kind != HEADING:
            last = self.parts[-1]
            self.parts[-1] = last._replace(asked=(*last.asked, *questions))


@dataclass(slots=True)
class Parsed:
    """All that a parser found.

    told      what the file says of itself: title, publisher, author, date, date_note, url
    encoding  of its text, empty for binary formats; confidence is 0–1
    pages     how many the file has, 0 for formats without
    attached  files that become documents of their own
    rows      documents given as JSON objects; a file of rows has no parts
    reported  all that was left out, in full, until it is measured what was lost
    measured  characters that the file shows and how many of them were lost; examples of those
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
    attached: list[Attachment] = field(default_factory=list)
    rows: list[Any] = field(default_factory=list)
    reported: list[str] = field(default_factory=list)
    measured: tuple[int, int, tuple[str, ...]] = (0, 0, ())
    scans: list[int] = field(default_factory=list)
    scanned: list[int] = field(default_factory=list)
    drawn: list[Any] = field(default_factory=list)

    def to_record(self) -> dict[str, Any]:
        """Its fields by name."""
        return {name: getattr(self, name) for name in self.__slots__}

    def measure(self, source: Iterable[str]) -> None:
        """Compare all that the file shows with the parts, what it says of itself, and what was left out."""
        kept = (*(part.text for part in self.parts), *self.told.values(), *self.reported)
        found = coverage(source, kept)
        self.measured = (found.visible, found.lost, found.examples)
        self.reported = []

    def drop(self, what: str, texts: Iterable[str]) -> None:
        """Note text that was left out: the first lines of it, each shortened, and how many more."""
        texts = list(texts)
        self.reported += texts
        lines = list(dict.fromkeys(line for text in texts if (line := clean_line(text))))
        self.dropped += [f"{what}: {_shortened(line)}" for line in lines[:MOST_LINES]]
        if len(lines) > MOST_LINES:
            self.dropped.append(f"{what}: {len(lines) - MOST_LINES} more")


def _shortened(line: str) -> str:
    return line if len(line) <= LONGEST_LINE else f"{line[: LONGEST_LINE - 1]}…"
