"""Documents: one canonical text, its sections, and where each of its statements comes from.

The text is made once, by a reader, and never changes afterwards: every offset in the
system (passages, citations, attributions) counts code points of `Document.text`.
"""

import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Self

ID_FORM = re.compile(r"[^\W_][\w.~-]{0,127}")


class InvalidDocument(ValueError):
    """A document that cannot be kept; the message says which and why."""


@dataclass(frozen=True, slots=True)
class Source:
    """Where statements come from. Unknown fields are empty; date is YYYY, YYYY-MM or YYYY-MM-DD."""

    title: str
    publisher: str = ""
    author: str = ""
    date: str = ""
    date_note: str = ""
    url: str = ""


@dataclass(frozen=True, slots=True)
class Section:
    """A stretch of text under one heading.

    path        headings from the outermost to this one; empty before the first heading
    start, end  the body without the heading line, code points, half-open
    """

    path: tuple[str, ...]
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Attribution:
    """The statement [start, end) comes from these sources (keys of `Document.sources`)."""

    start: int
    end: int
    sources: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Disagreement:
    """Statements that give different values for the same topic; each span is one statement."""

    topic: str
    spans: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class Document:
    """One text that can be searched and cited.

    id           stable short name: a letter or digit, then letters, digits, ``. _ ~ -``; at most 128 code points
    text         the canonical text, headings included, one paragraph a line
    sections     in order, within the text, not overlapping
    pages        offset at which each page starts, for paged formats; empty otherwise
    parent       id of the document it was found in (a snippet of a scraped page), or None
    """

    id: str
    title: str
    text: str
    sections: tuple[Section, ...]
    sources: Mapping[str, Source] = field(default_factory=dict)
    attributions: tuple[Attribution, ...] = ()
    disagreements: tuple[Disagreement, ...] = ()
    aliases: tuple[str, ...] = ()
    kind: str = ""
    districts: tuple[str, ...] = ()
    related: tuple[str, ...] = ()
    pages: tuple[int, ...] = ()
    parent: str | None = None

    def __post_init__(self) -> None:
        require_id(self.id)
        _require_text(self.id, "title", self.title)
        _require_text(self.id, "text", self.text)
        if not self.text.strip():
            raise InvalidDocument(f"{self.id}: the document holds no text")
        previous = 0
        for section in self.sections:
            if not previous <= section.start <= section.end <= len(self.text):
                raise InvalidDocument(f"{self.id}: section [{section.start}, {section.end}) is out of order")
            previous = section.end
        for attribution in self.attributions:
            unknown = set(attribution.sources) - set(self.sources)
            if unknown:
                raise InvalidDocument(f"{self.id}: sources used but not defined: {', '.join(sorted(unknown))}")

    @property
    def content_hash(self) -> str:
        """SHA-256 over everything but the id; equal hashes mean nothing to do."""
        content = {name: value for name, value in self.to_record().items() if name != "id"}
        return hashlib.sha256(json.dumps(content, ensure_ascii=False, sort_keys=True).encode()).hexdigest()

    def sources_of(self, start: int, end: int) -> tuple[Source, ...]:
        """Sources of the statements that touch [start, end); all sources if the document attributes none of it."""
        keys: list[str] = []
        for attribution in self.attributions:
            if attribution.start < end and start < attribution.end:
                keys.extend(key for key in attribution.sources if key not in keys)
        if not self.attributions:
            keys = list(self.sources)
        return tuple(self.sources[key] for key in keys)

    def page_of(self, offset: int) -> int | None:
        """One-based page that holds the offset; None for a document without pages."""
        page = sum(start <= offset for start in self.pages)
        return page or None

    def to_record(self) -> dict[str, Any]:
        """Plain JSON values, the inverse of `from_record`."""
        return asdict(self) | {"sources": {key: asdict(source) for key, source in self.sources.items()}}

    @classmethod
    def from_record(cls, record: Mapping[str, Any]) -> Self:
        return cls(
            id=record["id"],
            title=record["title"],
            text=record["text"],
            sections=tuple(Section(tuple(s["path"]), s["start"], s["end"]) for s in record["sections"]),
            sources={key: Source(**source) for key, source in record["sources"].items()},
            attributions=tuple(
                Attribution(a["start"], a["end"], tuple(a["sources"])) for a in record["attributions"]
            ),
            disagreements=tuple(
                Disagreement(d["topic"], tuple((start, end) for start, end in d["spans"]))
                for d in record["disagreements"]
            ),
            aliases=tuple(record["aliases"]),
            kind=record["kind"],
            districts=tuple(record["districts"]),
            related=tuple(record["related"]),
            pages=tuple(record["pages"]),
            parent=record["parent"],
        )


def require_id(document_id: str) -> str:
    """Return the id if it may name a document, else raise InvalidDocument."""
    if not ID_FORM.fullmatch(document_id):
        raise InvalidDocument(
            f"{document_id[:40]!r} cannot be a document id: use a letter or digit, then letters, digits and . _ ~ - "
            "(128 characters at most)"
        )
    return document_id


def id_from_name(name: str) -> str:
    """A document id for a file name: its stem, other characters replaced by ``-``."""
    stem = name.replace("\\", "/").rsplit("/", 1)[-1].rsplit(".", 1)[0] or name
    cleaned = re.sub(r"[^\w.~]+", "-", stem).strip("-._~")[:100]
    return cleaned or "document-" + hashlib.sha256(name.encode("utf-8", "replace")).hexdigest()[:12]


def unique(items: Iterable[str]) -> tuple[str, ...]:
    """The non-empty items in their order, each once."""
    return tuple(dict.fromkeys(item for item in items if item))


def _require_text(document_id: str, name: str, text: str) -> None:
    if any("\ud800" <= character <= "\udfff" for character in text):
        raise InvalidDocument(f"{document_id}: the {name} holds half of a surrogate pair, which no encoding can store")
    if "\x00" in text:
        raise InvalidDocument(f"{document_id}: the {name} holds a NUL character")
