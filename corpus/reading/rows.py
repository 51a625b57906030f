"""Rows: documents given as JSON objects `{"id", "title", "text", …}`, alone or one a line (JSONL)."""

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from corpus.cleaning import clean, clean_line, shows_nothing
from corpus.document import Document, InvalidDocument, unique
from corpus.reading.header import source_of
from corpus.reading.plain import read_plain

FIELDS = ("id", "title", "text", "aliases", "kind", "districts", "publisher", "author", "date", "url")
_OF_SOURCE = ("publisher", "author", "date", "url")


def read_row(row: Any, document_id: str | None, fallback_id: str) -> Document:
    """Make a document of one row.

    document_id  wins over the row's id
    raises       InvalidDocument for a row without text, with unknown fields, or with values of a wrong kind
    """
    if not isinstance(row, dict):
        raise InvalidDocument(f"{fallback_id}: a row must be a JSON object with id, title and text")
    unknown = [repr(str(name)[:40]) for name in row if name not in FIELDS]
    if unknown:
        raise InvalidDocument(f"{fallback_id}: unknown fields {', '.join(unknown[:10])}; known are {', '.join(FIELDS)}")
    document_id = document_id or _string(row, "id", fallback_id) or fallback_id
    text, title = clean(_string(row, "text", document_id)).text, _line(row, "title", document_id)
    if shows_nothing(text):
        raise InvalidDocument(f"{document_id}: the row holds no text")
    told = {name: value for name in _OF_SOURCE if (value := _line(row, name, document_id))}
    source = source_of(document_id, {"title": title or document_id, **told}) if told else None
    return replace(
        read_plain(text, document_id, title, source),
        aliases=_lines(row, "aliases", document_id),
        districts=_lines(row, "districts", document_id),
        kind=_line(row, "kind", document_id),
    )


def read_rows(rows: list[Any], document_id: str | None, fallback_id: str) -> list[Document]:
    """A document of each row; those without an id of their own are numbered behind the file's.

    raises  InvalidDocument as `read_row` does, and where two rows have one id
    """
    if len(rows) == 1:
        return [read_row(rows[0], document_id, fallback_id)]
    named = document_id or fallback_id
    documents = [read_row(row, None, f"{named}-{number}") for number, row in enumerate(rows, start=1)]
    known = set[str]()
    for document in documents:
        if document.id in known:
            raise InvalidDocument(f"{named}: two rows have the id {document.id}")
        known.add(document.id)
    return documents


def is_row(value: Any) -> bool:
    """Whether a JSON object is meant as a document: it has a text, or nothing but fields of one."""
    return isinstance(value, dict) and ("text" in value or all(name in FIELDS for name in value))


def is_known_row(value: Any) -> bool:
    """Whether a JSON object is a document and nothing else: a text, and only fields of one."""
    return isinstance(value, dict) and isinstance(value.get("text"), str) and all(name in FIELDS for name in value)


def rows_of(text: str, name: str) -> Iterator[tuple[int, Any]]:
    """Line numbers and objects of a JSONL text.

    raises  InvalidDocument naming the line that is not JSON
    """
    for number, line in enumerate(text.split("\n"), start=1):
        if not line.strip():
            continue
        try:
            yield number, json.loads(line)
        except (ValueError, RecursionError):
            raise InvalidDocument(f"{name}, line {number}: not a JSON object") from None


def _string(row: dict[str, Any], name: str, document_id: str) -> str:
    value = row.get(name)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise InvalidDocument(f"{document_id}: {name} must be a string")
    return value


def _line(row: dict[str, Any], name: str, document_id: str) -> str:
    return clean_line(_string(row, name, document_id))


def _lines(row: dict[str, Any], name: str, document_id: str) -> tuple[str, ...]:
    value = row.get(name)
    if value is None:
        return ()
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise InvalidDocument(f"{document_id}: {name} must be a list of strings")
    return unique(clean_line(item) for item in value)
