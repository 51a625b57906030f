"""Passages: the exact slices of a document that can be searched and cited.

A passage is one or more whole sentences of one section. It never holds rewritten text:
cleaning happens before a Document exists, so every offset here points into Document.text.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from corpus.document import Document, Section
from corpus.sentences import iter_sentence_spans

SPLITTER_VERSION = "2"  # part of the index manifest: other cuts mean other passages
TARGET = 220  # code points; a passage is closed before it would grow beyond this
SMALLEST = 60  # code points; a shorter paragraph or rest is joined with its neighbour where that fits
LARGEST_WITH_REST = 300  # code points; how far a short rest may stretch the passage before it

Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Passage:
    """One searchable slice of one document.

    start, end  code points into Document.text, half-open: 0 <= start < end
    text        Document.text[start:end], kept so that search needs no document
    section     heading path
    page        one-based page that the passage starts on, None for formats without pages
    asked       ways in which people ask for what it says; never quoted
    """

    document_id: str
    start: int
    end: int
    text: str
    section: tuple[str, ...] = ()
    page: int | None = None
    asked: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not 0 <= self.start < self.end:
            raise ValueError(f"{self.document_id}: span [{self.start}, {self.end}) is empty or reversed")
        if len(self.text) != self.end - self.start:
            raise ValueError(f"{self.document_id}: span [{self.start}, {self.end}) holds {len(self.text)} characters")

    @property
    def id(self) -> str:
        return f"{self.document_id}:{self.start}-{self.end}"

    @classmethod
    def cut(cls, document: Document, section: Section, start: int, end: int) -> "Passage":
        text, asked = document.text[start:end], document.asked_of(start, end)
        return cls(document.id, start, end, text, section.path, document.page_of(start), asked)


def split(document: Document) -> list[Passage]:
    """Cut a document into passages, in text order.

    returns  whole sentences of one section each; more than TARGET code points only where one
             sentence is that long or a short rest was joined; paragraphs kept together where they fit
    """
    return [
        Passage.cut(document, section, start, end)
        for section in document.sections
        for start, end in _packed(document.text, section)
    ]


def count(document: Document) -> int:
    """How many passages `split` gives, without cutting them."""
    return sum(1 for section in document.sections for _ in _packed(document.text, section))


def _packed(text: str, section: Section) -> Iterator[Span]:
    """Spans of whole sentences: paragraphs are packed on their own, short ones joined with a neighbour."""
    held: Span | None = None
    for piece in (piece for paragraph in _paragraphs(text, section) for piece in _pieces(paragraph)):
        if held is None:
            held = piece
        elif min(_length(held), _length(piece)) < SMALLEST and piece[1] - held[0] <= TARGET:
            held = (held[0], piece[1])
        else:
            yield held
            held = piece
    if held is not None:
        yield held


def _paragraphs(text: str, section: Section) -> Iterator[list[Span]]:
    """Sentences of each paragraph; paragraphs are parted by an empty line."""
    paragraph: list[Span] = []
    for sentence in iter_sentence_spans(text, section.start, section.end):
        if paragraph and sentence[0] > paragraph[-1][1] + 1 and "\n\n" in text[paragraph[-1][1] : sentence[0]]:
            yield paragraph
            paragraph = []
        paragraph.append(sentence)
    if paragraph:
        yield paragraph


def _pieces(sentences: list[Span]) -> list[Span]:
    """Sentences packed up to TARGET; a short rest stays with the piece before it."""
    if len(sentences) == 1:
        return sentences
    pieces: list[Span] = []
    for start, end in sentences:
        if pieces and end - pieces[-1][0] <= TARGET:
            pieces[-1] = (pieces[-1][0], end)
        else:
            pieces.append((start, end))
    if len(pieces) > 1 and _length(pieces[-1]) < SMALLEST and pieces[-1][1] - pieces[-2][0] <= LARGEST_WITH_REST:
        pieces[-2:] = [(pieces[-2][0], pieces[-1][1])]
    return pieces


def _length(span: Span) -> int:
    return span[1] - span[0]
