"""Headers: the TOML (`+++`) or YAML (`---`) table that opens a Markdown document.

Only text is taken from it: a YAML value is read as the letters that stand there, so that
`date: 2021-01-03` and `id: 007` keep their form; numbers and dates of TOML are written out.
"""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import yaml

from corpus.cleaning import clean_line
from corpus.document import InvalidDocument, Source, unique
from corpus.reading.dates import dated

LONGEST_HEADER = 20_000  # code points; reading YAML and dotted TOML keys is slow
KNOWN = ("id", "title", "aliases", "kind", "districts", "related", "sources", "publisher", "author", "date", "url")
_HEADER = re.compile(r"\A(\+\+\+|---)[^\S\n]*\n(?:(.*?)\n)?\1[^\S\n]*(?:\n|\Z)", re.S)
_SOURCE_FIELDS = tuple(Source.__dataclass_fields__)


@dataclass(frozen=True, slots=True)
class Header:
    """What a document says of itself; an absent field is empty."""

    document_id: str
    fields: Mapping[str, Any]

    @property
    def unknown(self) -> tuple[str, ...]:
        """Names of fields that nothing here reads."""
        return tuple(sorted(clean_line(str(name))[:40] for name in self.fields if name not in KNOWN))

    def line(self, name: str) -> str:
        """A field of one line.

        raises  InvalidDocument if it holds a list or a table
        """
        return _line(self.document_id, name, self.fields.get(name))

    def lines(self, name: str) -> tuple[str, ...]:
        """A field of several names; a single name may stand without a list."""
        value = self.fields.get(name)
        listed = value if isinstance(value, list) else [value]
        return unique(_line(self.document_id, name, item) for item in listed)

    def sources(self) -> dict[str, Source]:
        """The sources that the header names, by key."""
        named = self.fields.get("sources") or {}
        if not isinstance(named, dict):
            raise InvalidDocument(f"{self.document_id}: sources must be a table of tables")
        return {str(key): self._source(str(key), value) for key, value in named.items()}

    def own_source(self, title: str) -> dict[str, Source]:
        """The document as its own source, if the header tells publisher, author, date or url."""
        told = {name: self.fields[name] for name in ("publisher", "author", "date", "url") if self.fields.get(name)}
        return {"document": self._source("document", {"title": title, **told})} if told else {}

    def _source(self, key: str, value: Any) -> Source:
        if not isinstance(value, dict) or not value.get("title") or not set(value) <= set(_SOURCE_FIELDS):
            known = ", ".join(_SOURCE_FIELDS)
            raise InvalidDocument(f"{self.document_id}: source {key[:40]} needs a title and knows only {known}")
        told = {name: _line(self.document_id, f"{name} of source {key[:40]}", value[name]) for name in value}
        return source_of(f"{self.document_id}: source {key[:40]}", told)


def split_header(text: str, document_id: str) -> tuple[Header, str]:
    """The header and the text behind it; an empty header where the text opens with none.

    raises  InvalidDocument for a header that cannot be read, is not closed, or is longer than LONGEST_HEADER
    """
    match = _HEADER.match(text)
    if match is None:
        if text.startswith("+++\n"):
            raise InvalidDocument(f"{document_id}: the header is opened with +++ and never closed")
        return Header(document_id, {}), text
    fields = _fields(match[1], match[2] or "", document_id)
    if fields is None:
        return Header(document_id, {}), text  # a line --- above text: a thematic break, not a header
    return Header(document_id, fields), text[match.end() :]


def source_of(what: str, told: Mapping[str, str]) -> Source:
    """A source of one-line fields; a date that is no exact date becomes a note.

    raises  InvalidDocument that opens with `what`
    """
    date, note = dated(told.get("date", ""))
    note = "，".join(part for part in (told.get("date_note", ""), note) if part)
    try:
        return Source(**{**told, "date": date, "date_note": note})
    except InvalidDocument as error:
        raise InvalidDocument(f"{what}: {error}") from None


def _fields(fence: str, text: str, document_id: str) -> dict[str, Any] | None:
    """The table between the fences; None where it is prose between two thematic breaks."""
    if len(text) > LONGEST_HEADER:
        raise InvalidDocument(f"{document_id}: a header of {len(text)} characters ({LONGEST_HEADER} at most)")
    try:
        table = tomllib.loads(text) if fence == "+++" else yaml.load(text, Loader=yaml.BaseLoader)
    except (ValueError, yaml.YAMLError) as error:
        raise InvalidDocument(
            f"{document_id}: the header cannot be read: {' '.join(str(error).split())[:200]}"
        ) from None
    except RecursionError:
        raise InvalidDocument(f"{document_id}: the header is nested too deeply") from None
    if table is None or table == "":
        return {}
    return table if isinstance(table, dict) else None


def _line(document_id: str, name: str, value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime):
        value = value.date()
    if isinstance(value, bool) or not isinstance(value, str | int | float | date):
        raise InvalidDocument(f"{document_id}: {name} must be text")
    return clean_line(str(value))
