"""Documents: one canonical text, its sections, and where each of its statements comes from.

The text is made once, by a reader, and never changes afterwards: every offset in the
system (passages, citations, attributions) counts code points of `Document.text`.
"""

import hashlib
import json
import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from datetime import date
from itertools import islice, pairwise, takewhile
from typing import Any, Self
from urllib.parse import urlsplit

ID_FORM = re.compile(r"[^\W_][\w.~-]{0,127}")
LONGEST_NAME = 500  # code points of a title, an alias, a publisher …
LONGEST_ADDRESS = 2000  # code points

_DATE = re.compile(r"[0-9]{4}(?:-[0-9]{2}){0,2}")
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
_UNSAFE = re.compile(r"[\s\x00-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2066-\u2069\"<>\\]")


class InvalidDocument(ValueError):
    """A document that cannot be kept; the message says which and why."""


@dataclass(frozen=True, slots=True)
class Source:
    """Where statements come from. Unknown fields are empty.

    date       YYYY, YYYY-MM or YYYY-MM-DD, a day that exists; what is not so exact stands in date_note
    url        an http or https address without a user name
    number     of an official document, as 杭政办〔2019〕2号; its publisher is who issued it
    validity   from when or whether it is in force, in its own words
    raises     InvalidDocument for any other date or address, or a field longer than LONGEST_NAME
    """

    title: str
    publisher: str = ""
    author: str = ""
    date: str = ""
    date_note: str = ""
    url: str = ""
    number: str = ""
    validity: str = ""

    def __post_init__(self) -> None:
        for name in ("title", "publisher", "author", "date_note", "number", "validity"):
            _require_name(f"source {name}", getattr(self, name))
        if self.date and not is_date(self.date):
            raise InvalidDocument(f"{self.date[:20]!r} is not a date: write YYYY, YYYY-MM or YYYY-MM-DD")
        if self.url and not is_address(self.url):
            raise InvalidDocument("a source's url must be an http or https address, without a user name or blanks")


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
class QuestionGroup:
    """Ways in which people ask for what [start, end) says: they help to find it and are never quoted."""

    start: int
    end: int
    questions: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Document:
    """One text that can be searched and cited.

    id           stable short name: a letter or digit, then letters, digits, ``. _ ~ -``; at most 128 code points
    text         the canonical text, headings included, one paragraph a line
    sections     in order, within the text, not overlapping
    pages        offset at which each page starts, for paged formats; empty otherwise
    scanned      pages whose text was recognised from a picture (OCR), and may be read wrongly
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
    asked: tuple[QuestionGroup, ...] = ()
    scanned: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        require_id(self.id)
        _require_storable(self.id, "text", self.text)
        if not self.text.strip():
            raise InvalidDocument(f"{self.id}: the document holds no text")
        for name, value in self._names():
            _require_name(f"{self.id}: {name}", value)
        self._require_order()
        for attribution in self.attributions:
            if unknown := {key for key in attribution.sources if key not in self.sources}:
                raise InvalidDocument(f"{self.id}: sources used but not defined: {', '.join(sorted(unknown))}")

    def _names(self) -> Iterator[tuple[str, str]]:
        """Every short text in the document, with what it is."""
        yield from (("title", self.title), ("kind", self.kind))
        lists = {"alias": self.aliases, "district": self.districts, "related": self.related, "source": self.sources}
        yield from ((name, value) for name, values in lists.items() for value in values)
        yield from (("topic", disagreement.topic) for disagreement in self.disagreements)
        yield from (("similar question", question) for asking in self.asked for question in asking.questions)

    def _require_order(self) -> None:
        """Sections and similar questions follow each other; attributions, disagreements and pages lie in the text."""
        previous = 0
        for section in self.sections:
            if not previous <= section.start <= section.end <= len(self.text):
                raise InvalidDocument(f"{self.id}: section [{section.start}, {section.end}) is out of order")
            previous = section.end
        if any(one.end > other.start for one, other in pairwise(self.asked)):
            raise InvalidDocument(f"{self.id}: the similar questions are out of order")
        spans = [(one.start, one.end) for one in self.attributions] + [(one.start, one.end) for one in self.asked]
        for start, end in [*spans, *(span for disagreement in self.disagreements for span in disagreement.spans)]:
            if not 0 <= start < end <= len(self.text):
                raise InvalidDocument(f"{self.id}: statement [{start}, {end}) does not lie in the text")
        if list(self.pages) != sorted(page for page in self.pages if 0 <= page <= len(self.text)):
            raise InvalidDocument(f"{self.id}: the page offsets are out of order")

    @property
    def content_hash(self) -> str:
        """SHA-256 over everything but the id; equal hashes mean nothing to do."""
        content = {name: value for name, value in self.to_record().items() if name != "id"}
        content["sources"] = {key: _told(source) for key, source in self.sources.items()}
        return hashlib.sha256(json.dumps(content, ensure_ascii=False, sort_keys=True).encode()).hexdigest()

    def sources_of(self, start: int, end: int) -> tuple[Source, ...]:
        """Sources of the statements that touch [start, end); all sources of a document that attributes nothing."""
        keys: list[str] = []
        for attribution in self.attributions:
            if attribution.start < end and start < attribution.end:
                keys.extend(key for key in attribution.sources if key not in keys)
        if not self.attributions:
            keys = list(self.sources)
        return tuple(self.sources[key] for key in keys)

    def asked_of(self, start: int, end: int) -> tuple[str, ...]:
        """Similar questions for what [start, end) says, each once."""
        first = bisect_right(self.asked, start, key=lambda one: one.end)
        found = takewhile(lambda one: one.start < end, islice(self.asked, first, None))
        return unique(question for one in found for question in one.questions)

    def page_of(self, offset: int) -> int | None:
        """One-based page that holds the offset; None for a document without pages."""
        return bisect_right(self.pages, offset) or None

    def is_scanned(self, offset: int) -> bool:
        """Whether the text at the offset was recognised from a picture."""
        return bool(self.scanned) and self.page_of(offset) in self.scanned

    def to_record(self) -> dict[str, Any]:
        """Plain JSON values, the inverse of `from_record`; without `scanned` where it is empty, as in older records."""
        record = asdict(self) | {"sources": {key: asdict(source) for key, source in self.sources.items()}}
        if not self.scanned:
            del record["scanned"]
        return record

    @classmethod
    def from_record(cls, record: Mapping[str, Any]) -> Self:
        return cls(
            id=record["id"],
            title=record["title"],
            text=record["text"],
            sections=tuple(Section(tuple(s["path"]), s["start"], s["end"]) for s in record["sections"]),
            sources={key: Source(**source) for key, source in record["sources"].items()},
            attributions=tuple(Attribution(a["start"], a["end"], tuple(a["sources"])) for a in record["attributions"]),
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
            asked=tuple(QuestionGroup(a["start"], a["end"], tuple(a["questions"])) for a in record["asked"]),
            scanned=tuple(record.get("scanned", ())),
        )


def _told(source: Source) -> dict[str, str]:
    """The fields of a source; number and validity only where it has them, so that hashes of older documents hold."""
    fields = asdict(source)
    return {name: value for name, value in fields.items() if value or name not in ("number", "validity")}


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


def is_date(text: str) -> bool:
    """True for YYYY, YYYY-MM and YYYY-MM-DD that exist."""
    if not _DATE.fullmatch(text):
        return False
    try:
        date.fromisoformat(text + "-01-01"[len(text) - 4 :])
    except ValueError:
        return False
    return True


def is_address(text: str) -> bool:
    """True for an http or https address with a host, without user name, blanks or invisible characters."""
    if len(text) > LONGEST_ADDRESS or _UNSAFE.search(text):
        return False
    try:
        parts = urlsplit(text)
        return (
            parts.scheme in {"http", "https"} and bool(parts.hostname) and "@" not in parts.netloc and parts.port != 0
        )
    except ValueError:
        return False


def _require_name(what: str, text: str) -> None:
    _require_storable(what, "name", text)
    if len(text) > LONGEST_NAME:
        raise InvalidDocument(f"{what}: {len(text)} characters are too many for a name ({LONGEST_NAME} at most)")


def _require_storable(what: str, name: str, text: str) -> None:
    if found := _UNSTORABLE.search(text):
        character = "a NUL character" if found[0] == "\x00" else "half of a surrogate pair, which no encoding can store"
        raise InvalidDocument(f"{what}: the {name} holds {character}")
