"""Rows: documents given as JSON objects `{"id", "title", "text", …}`, alone or one a line (JSONL)."""

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from corpus.cleaning import clean
from corpus.document import Document, InvalidDocument, Source, unique
from corpus.reading.plain import read_plain

FIELDS = ("id", "title", "text", "aliases", "kind", "districts", "publisher", "author", "date", "url")


def read_row(row: Any, document_id: str | None, fallback_id: str) -> Document:
    """Make a document of one row.

    document_id  wins over the row's id
    raises       InvalidDocument for a row without text, with unknown fields, or with values of a wrong kind
    """
    if not isinstance(row, dict):
        raise InvalidDocument(f"{fallback_id}: a row must be a JSON object with id, title and text")
    unknown = sorted(set(row) - set(FIELDS))
    if unknown:
        raise InvalidDocument(f"{fallback_id}: unknown fields {', '.join(unknown)}; known are {', '.join(FIELDS)}")
    text, title = _string(row, "text", fallback_id), _string(row, "title", fallback_id)
    document_id = document_id or _string(row, "id", fallback_id) or fallback_id
    fields = {name: _string(row, name, document_id) for name in ("publisher", "author", "date", "url")}
    source = Source(title=title or document_id, **fields) if any(fields.values()) else None
    document = read_plain(clean(text).text, document_id, clean(title).text.replace("\n", " "), source)
    aliases, districts = _strings(row, "aliases", document_id), _strings(row, "districts", document_id)
    return replace(document, aliases=aliases, districts=districts, kind=_string(row, "kind", document_id))


def rows_of(text: str, name: str) -> Iterator[tuple[int, Any]]:
    """Line numbers and objects of a JSONL text.

    raises  InvalidDocument naming the line that is not JSON
    """
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip():
            continue
        try:
            yield number, json.loads(line)
        except (ValueError, RecursionError):
            raise InvalidDocument(f"{name}, line {number}: not a JSON object") from None


def _string(row: dict[str, Any], name: str, document_id: str) -> str:
    value = row.get(name) or ""
    if not isinstance(value, str):
        raise InvalidDocument(f"{document_id}: {name} must be a string")
    return value


def _strings(row: dict[str, Any], name: str, document_id: str) -> tuple[str, ...]:
    value = row.get(name) or []
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise InvalidDocument(f"{document_id}: {name} must be a list of strings")
    return unique(value)
