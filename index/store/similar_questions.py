"""Similar questions that operators add to documents: where each belongs, and which passages it leads to.

They are records of their own beside the documents, so they survive when a document is replaced. A record names
its place by heading path and, where it means one passage, by a sentence of it; both are looked up in the text of
today. A record whose place is gone is an orphan: it is kept, and does nothing.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final, Literal

from corpus.document import Document, Section
from corpus.folding import fold
from corpus.passage import Passage, split
from corpus.sentences import sentence_spans

LONGEST: Final = 200  # code points of one
MOST: Final = 200  # of one document, proposals included
MOST_PASSAGES: Final = 100  # that one may lead to; more are no place but a whole book

_SHOWN: Final = 10  # sections that a refusal names
_SPACE: Final = re.compile(r"\s+")

Span = tuple[int, int]
Origin = Literal["operator", "llm"]
Place = int | tuple[str, ...]  # an offset into the text, code points; or a heading path, () for the whole document
Reason = Literal["text", "too_long", "offset", "section", "too_wide", "duplicate", "too_many"]


class SimilarQuestionRefused(ValueError):
    """A similar question that cannot be added; says why and what to do. reason is for programs."""

    def __init__(self, reason: Reason, message: str) -> None:
        super().__init__(message)
        self.reason: Reason = reason


@dataclass(frozen=True, slots=True)
class SimilarQuestion:
    """One record.

    number    names it for ever; 0 before it is kept
    section   heading path of the place; it covers the sections below it
    quote     a sentence of the passage that is meant; empty where the section is
    start     where the quote began when the record was made, code points
    approved  whether it is used; what an LLM proposed is not until somebody approves
    """

    number: int
    document_id: str
    text: str
    section: tuple[str, ...]
    quote: str
    start: int
    origin: Origin
    approved: bool

    @property
    def key(self) -> str:
        return key_of(self.text)


SimilarQuestions = Mapping[str, Sequence[SimilarQuestion]]  # by document id, in the order of their numbers


@dataclass(frozen=True, slots=True)
class SimilarQuestionChange:
    """A change of one document's records. removed, approved: their numbers."""

    document_id: str
    added: tuple[SimilarQuestion, ...] = ()
    removed: frozenset[int] = frozenset()
    approved: frozenset[int] = frozenset()

    def __bool__(self) -> bool:
        return bool(self.added or self.removed or self.approved)

    def after(self, similar_questions: Iterable[SimilarQuestion]) -> tuple[SimilarQuestion, ...]:
        """The document's records after the change; added ones have no numbers yet."""
        kept = (one for one in similar_questions if one.number not in self.removed)
        changed = (replace(one, approved=True) if one.number in self.approved else one for one in kept)
        return (*changed, *self.added)

    def changes_use(self, similar_questions: Sequence[SimilarQuestion]) -> bool:
        """Whether passages will be found in other ways than before; not where proposals come and go."""
        used = [[one for one in some if one.approved] for some in (similar_questions, self.after(similar_questions))]
        return used[0] != used[1]


def make_similar_question(
    document: Document, text: str, place: Place, known: Sequence[SimilarQuestion], origin: Origin = "operator"
) -> SimilarQuestion:
    """A record ready to be kept; an operator's is used at once, an LLM's is only proposed.

    known   what is kept of the document already
    raises  SimilarQuestionRefused if the text is none, the place is not there, or it leads there already
    """
    if len(known) >= MOST:
        raise SimilarQuestionRefused(
            "too_many", f"{document.id} has {MOST} similar questions, the most there may be; remove some"
        )
    cleaned = clean_question(text)
    section, quote, start = _anchor(document, place)
    made = SimilarQuestion(0, document.id, cleaned, section, quote, start, origin, origin == "operator")
    led = passages_of(made, document)
    if not led:
        raise _no_section(document, section)
    if len(led) > MOST_PASSAGES:
        raise SimilarQuestionRefused(
            "too_wide", f"it would lead to {len(led)} passages; name a section with fewer, or an offset"
        )
    same = [span for one in known if one.key == made.key for span in spans_of(one, document)]
    for passage in led:
        if made.key in map(key_of, passage.asked) or _touches(same, passage):
            raise SimilarQuestionRefused("duplicate", f"{cleaned!r} leads to {passage.id} already")
    return made


def clean_question(text: str) -> str:
    """The text on one line.

    raises  SimilarQuestionRefused if it holds nothing that could be asked, something invisible, or is too long
    """
    cleaned = _SPACE.sub(" ", text).strip()
    if not cleaned.isprintable() or not key_of(cleaned):
        raise SimilarQuestionRefused(
            "text", "a similar question needs letters, digits or ideographs, and nothing invisible"
        )
    if len(cleaned) > LONGEST:
        raise SimilarQuestionRefused(
            "too_long", f"a similar question has {LONGEST} characters at most, this one {len(cleaned)}"
        )
    return cleaned


def key_of(text: str) -> str:
    """What two similar questions have in common that are the same but for spelling and punctuation."""
    return "".join(character for character in fold(text).text if character.isalnum())


def spans_of(similar: SimilarQuestion, document: Document) -> tuple[Span, ...]:
    """Where the place of a record is in the text of today; nothing for an orphan.

    A sentence that is gone leaves its section; one that moved under another heading is followed there.
    """
    spans = [(one.start, one.end) for one in document.sections if _is_under(one, similar.section)]
    if similar.quote:
        found = _occurrences(document.text, similar.quote)
        inside = [span for span in found if any(start <= span[0] < end for start, end in spans)]
        if inside or found:
            return (min(inside or found, key=lambda span: (abs(span[0] - similar.start), span)),)
    return tuple(spans)


def passages_of(similar: SimilarQuestion, document: Document) -> list[Passage]:
    """The passages that a record leads to, with the similar questions that the document itself holds."""
    spans = spans_of(similar, document)
    return [passage for passage in split(document) if _touches(spans, passage)] if spans else []


def passages_at(document: Document, place: Place) -> list[Passage]:
    """The passages of a place, each with the similar questions that the document itself holds.

    raises  SimilarQuestionRefused if there is no such place
    """
    section, quote, start = _anchor(document, place)
    found = passages_of(SimilarQuestion(0, document.id, "", section, quote, start, "operator", True), document)
    if not found:
        raise _no_section(document, section)
    return found


def with_similar_questions(
    document: Document, passages: Sequence[Passage], similar_questions: Sequence[SimilarQuestion]
) -> list[Passage]:
    """The passages with the similar questions of these records behind those of the document, each once."""
    used = [(one.text, spans_of(one, document)) for one in similar_questions if one.approved]
    if not used:
        return list(passages)
    return [_asked(one, [text for text, spans in used if _touches(spans, one)]) for one in passages]


def by_document(similar_questions: Iterable[SimilarQuestion]) -> dict[str, tuple[SimilarQuestion, ...]]:
    """Records grouped by the document they belong to."""
    found: dict[str, tuple[SimilarQuestion, ...]] = {}
    for one in similar_questions:
        found[one.document_id] = (*found.get(one.document_id, ()), one)
    return found


def _asked(passage: Passage, texts: Sequence[str]) -> Passage:
    known, more = set(map(key_of, passage.asked)), []
    for text in texts:
        if key_of(text) not in known:
            known.add(key_of(text))
            more.append(text)
    return replace(passage, asked=(*passage.asked, *more)) if more else passage


def _anchor(document: Document, place: Place) -> tuple[tuple[str, ...], str, int]:
    """Heading path, quote and start of a place."""
    if isinstance(place, tuple):
        return place, "", 0
    for passage in split(document):
        if passage.start <= place < passage.end:
            spans = [(passage.start + left, passage.start + right) for left, right in sentence_spans(passage.text)]
            start, end = max((one for one in spans if one[0] <= place), default=spans[0])
            return passage.section, document.text[start:end], start
    message = f"offset {place} of {document.id} lies in no passage (its text has {len(document.text)} characters)"
    raise SimilarQuestionRefused("offset", f"{message}; name one inside a sentence")


def _no_section(document: Document, path: tuple[str, ...]) -> SimilarQuestionRefused:
    known = dict.fromkeys(" › ".join(one.path) for one in document.sections if one.path)
    shown = "; ".join(list(known)[:_SHOWN]) or "none"
    return SimilarQuestionRefused(
        "section", f"{document.id} has no section {' › '.join(path)!r}; its sections: {shown}"
    )


def _is_under(section: Section, path: tuple[str, ...]) -> bool:
    return section.start < section.end and section.path[: len(path)] == path


def _touches(spans: Iterable[Span], passage: Passage) -> bool:
    return any(start < passage.end and passage.start < end for start, end in spans)


def _occurrences(text: str, quote: str) -> list[Span]:
    found, at = [], text.find(quote)
    while at >= 0:
        found.append((at, at + len(quote)))
        at = text.find(quote, at + 1)
    return found
