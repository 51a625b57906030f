"""Citations: what a reader can check, cut out of the document by offsets and verified before it is shown."""

import hashlib
from dataclasses import dataclass

from corpus.document import Document, Source
from corpus.passage import Passage


class BrokenCitation(RuntimeError):
    """A quote that is not the slice of its document; never shown to anyone."""


@dataclass(frozen=True, slots=True)
class Citation:
    """One quote with its place and its sources.

    index          number shown in the answer, from 1
    start, end     code points into the document's text, half-open: text[start:end] == quote
    before, after  what surrounds the quote in its passage, for display
    """

    index: int
    document_id: str
    title: str
    section: tuple[str, ...]
    page: int | None
    start: int
    end: int
    quote: str
    before: str
    after: str
    sources: tuple[Source, ...]

    @property
    def quote_sha256(self) -> str:
        return hashlib.sha256(self.quote.encode()).hexdigest()


def cite(index: int, document: Document, passage: Passage, start: int, end: int) -> Citation:
    """Cite [start, end) of the document, which lies in the passage.

    raises  BrokenCitation if passage and document do not agree character by character
    """
    quote = document.text[start:end]
    inside = passage.text[start - passage.start : end - passage.start]
    if not passage.start <= start < end <= passage.end or quote != inside:
        raise BrokenCitation(f"{passage.id}: [{start}, {end}) differs between passage and document")
    return Citation(
        index=index,
        document_id=document.id,
        title=document.title,
        section=passage.section,
        page=document.page_of(start),
        start=start,
        end=end,
        quote=quote,
        before=document.text[passage.start : start],
        after=document.text[end : passage.end],
        sources=document.sources_of(start, end),
    )
