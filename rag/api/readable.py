"""An answer as plain text for people: sentences with marks, then the list of sources; and where each mark stands."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from corpus.document import Source
from rag.answer.citation import Citation
from rag.answer.composition import Answer, Statement
from rag.api.bodies import duplicates_of

SOURCES: Final = "\n\n来源：\n"
MOST_DUPLICATES: Final = 3  # told under one source; annotations hold all

Deduplication = list[dict[str, Any]]


class Readable:
    """The text grows piece by piece; annotations tell where its marks stand, in code points, half-open.

    passages  of the answer, as the contract has them: they know where else a quote stands
    """

    def __init__(self, passages: Sequence[Mapping[str, Any]]) -> None:
        self.text = ""
        self._passages = passages
        self._marks: list[tuple[int, int, int]] = []

    def say(self, statement: Statement) -> str:
        """Add a sentence with its marks; returns what was added."""
        before = len(self.text)
        self.text += statement.text
        for number in statement.citations:
            start = len(self.text)
            self.text += f"[{number}]"
            self._marks.append((number, start, len(self.text)))
        return self.text[before:]

    def end(self, answer: Answer) -> str:
        """Add the list of sources, or the sentence that nothing was found; returns what was added."""
        before = len(self.text)
        if answer.status == "no_answer":
            self.text += answer.text
        elif answer.citations:
            self.text += SOURCES + "\n".join(
                _line(citation, duplicates_of(citation, self._passages)) for citation in answer.citations
            )
        return self.text[before:]

    def annotations(self, answer: Answer) -> list[dict[str, Any]]:
        """One for each mark: a url_citation where a source has an address on the web, else a file_citation."""
        cited = {citation.index: citation for citation in answer.citations}
        also = {number: duplicates_of(citation, self._passages) for number, citation in cited.items()}
        return [_annotation(cited[number], start, end, also[number]) for number, start, end in self._marks]


def web_address(citation: Citation) -> str:
    """The first address of its sources that a browser may open; empty if there is none."""
    addresses = (source.url for source in citation.sources)
    return next((address for address in addresses if address.lower().startswith(("http://", "https://"))), "")


def _line(citation: Citation, duplicates: Deduplication) -> str:
    path = " · ".join((citation.title, *citation.section))
    line = " ".join(filter(None, (f"[{citation.index}]", path, *map(_source, citation.sources))))
    if not duplicates:
        return line
    more = f" 等 {len(duplicates)} 处" if len(duplicates) > MOST_DUPLICATES else ""
    return f"{line}\n    另见：{'；'.join(map(_duplicate, duplicates[:MOST_DUPLICATES]))}{more}"


def _duplicate(duplicate: Mapping[str, Any]) -> str:
    return " ".join(
        filter(None, (f"《{duplicate['title']}》", duplicate["publisher"], duplicate["date"], duplicate["address"]))
    )


def _source(source: Source) -> str:
    titled = f"《{source.title}》" if source.title else ""
    said = f"—— {source.publisher}{titled}{source.number}".rstrip()
    return " ".join(filter(None, (said, source.date, source.url)))


def _annotation(citation: Citation, start: int, end: int, duplicates: Deduplication) -> dict[str, Any]:
    place = {"start_index": start, "end_index": end}
    quoted = {"document_id": citation.document_id, "quote": citation.quote, "also_in": duplicates}
    address = web_address(citation)
    if address:
        return {"type": "url_citation", "url_citation": place | {"title": citation.title, "url": address} | quoted}
    file = {"file_id": citation.document_id, "filename": citation.title}
    return {"type": "file_citation", "file_citation": place | file | quoted}
