"""Passages: the exact slices of a document that can be searched and cited.

A passage is one or more whole sentences of one section. It never holds rewritten text:
cleaning happens before a Document exists, so every offset here points into Document.text.
A list stays with its introduction; of a long one each further part has it as its last heading.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from corpus.document import Document, Section
from corpus.sentences import iter_sentence_spans

SPLITTER_VERSION = "3"  # part of the index manifest: other cuts mean other passages
TARGET = 220  # code points; a passage is closed before it would grow beyond this
SMALLEST = 60  # code points; a shorter paragraph or rest is joined with its neighbour where that fits
LARGEST_WITH_REST = 300  # code points; how far a short rest may stretch the passage before it
LARGEST_LIST = 400  # code points; so far a list stays whole, with its introduction
LONGEST_LEAD = 100  # code points of an introduction that the further parts of a list repeat

Span = tuple[int, int]
_ITEM = re.compile(
    r"[（(]?(?:[一二三四五六七八九十]{1,3}|\d{1,2}|[a-zA-Z])[）)、.．:：](?!\d)|[①-⑳]|[-*•●■◆○▪·–—]\s?\S|第[一二三四五六七八九十\d]{1,3}[,，、：:]"
)
_OPENS = ("：", ":")


class _Piece(NamedTuple):
    """Sentences that belong together. lead: the span of the introduction that stands in another piece, or None."""

    start: int
    end: int
    lead: Span | None = None


@dataclass(frozen=True, slots=True)
class Passage:
    """One searchable slice of one document.

    start, end  code points into Document.text, half-open: 0 <= start < end
    text        Document.text[start:end], kept so that search needs no document
    section     heading path; a further part of a list ends it with the list's introduction
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
    def cut(cls, document: Document, section: Section, start: int, end: int, lead: Span | None = None) -> "Passage":
        text, asked = document.text[start:end], document.asked_of(start, end)
        path = section.path if lead is None else (*section.path, _lead(document.text[slice(*lead)]))
        return cls(document.id, start, end, text, path, document.page_of(start), asked)


def split(document: Document) -> list[Passage]:
    """Cut a document into passages, in text order.

    returns  whole sentences of one section each; more than TARGET code points only where one sentence
             is that long, a short rest was joined, or a list was kept whole; paragraphs kept together where they fit
    """
    return [
        Passage.cut(document, section, *piece)
        for section in document.sections
        for piece in _packed(document.text, section)
    ]


def count(document: Document) -> int:
    """How many passages `split` gives, without cutting them."""
    return sum(1 for section in document.sections for _ in _packed(document.text, section))


def _packed(text: str, section: Section) -> Iterator[_Piece]:
    """Pieces of whole sentences: lists first, then paragraphs, short ones joined with a neighbour."""
    held: _Piece | None = None
    for piece in _blocks(text, list(_paragraphs(text, section))):
        if held is None:
            held = piece
        elif held.lead is None is piece.lead and _may_join(held, piece):
            held = _Piece(held.start, piece.end)
        else:
            yield held
            held = piece
    if held is not None:
        yield held


def _may_join(held: _Piece, piece: _Piece) -> bool:
    return min(held.end - held.start, piece.end - piece.start) < SMALLEST and piece.end - held.start <= TARGET


def _blocks(text: str, paragraphs: Sequence[list[Span]]) -> Iterator[_Piece]:
    """Each list with its introduction, and the other paragraphs one by one."""
    at = 0
    while at < len(paragraphs):
        end = _end_of_list(text, paragraphs, at)
        listed = [sentence for paragraph in paragraphs[at:end] for sentence in paragraph]
        lead = _introduction(text, listed) if end > at + 1 or "\n" in text[listed[0][0] : listed[-1][1]] else None
        if lead is None:
            yield from (_Piece(*span) for span in _pieces(paragraphs[at]))
            at += 1
            continue
        yield from _parts_of_list(listed, lead)
        at = end


def _end_of_list(text: str, paragraphs: Sequence[list[Span]], at: int) -> int:
    """Behind the last paragraph of the list that the paragraph opens; behind itself where it opens none."""
    if text[paragraphs[at][-1][1] - 1] not in _OPENS and _introduction(text, paragraphs[at]) is None:
        return at + 1
    end = at + 1
    while end < len(paragraphs) and _ITEM.match(text, paragraphs[end][0][0]):
        end += 1
    return end


def _introduction(text: str, sentences: Sequence[Span]) -> Span | None:
    """The sentence with a colon at its end that lines follow which are items, or stand in a block with it."""
    for number, (start, end) in enumerate(sentences[:-1]):
        if text[end - 1] in _OPENS and "\n" in text[end : sentences[number + 1][0]]:
            following = sentences[number + 1][0]
            alone = text[end:following].count("\n") == 1
            return (start, end) if alone or _ITEM.match(text, following) else None
        if _ITEM.match(text, start):
            return None
    return None


def _parts_of_list(sentences: Sequence[Span], lead: Span) -> Iterator[_Piece]:
    """The list as one piece, or in parts of which all but the first name the introduction."""
    if sentences[-1][1] - sentences[0][0] <= LARGEST_LIST:
        yield _Piece(sentences[0][0], sentences[-1][1])
        return
    for start, end in _pieces(list(sentences)):
        yield _Piece(start, end, None if start < lead[1] else lead)


def _lead(introduction: str) -> str:
    """An introduction as a heading: on one line, its last clauses where it is long."""
    line = " ".join(introduction.split())
    while len(line) > LONGEST_LEAD and "，" in line[:-1]:
        line = line.split("，", 1)[1]
    return line[-LONGEST_LEAD:]


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
