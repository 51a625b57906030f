"""The one door of reading: which format it is, which reader takes it, and what was found.

Every ingest gives a Report: nothing is dropped or repaired without a word.
"""

import hashlib
import json
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import PurePosixPath

from corpus.cleaning import clean, clean_line, shows_nothing
from corpus.document import Document, id_from_name
from corpus.passage import split
from corpus.reading import article
from corpus.reading.decoding import UndecodableText, decode
from corpus.reading.findings import Findings
from corpus.reading.markdown import read_markdown
from corpus.reading.plain import read_plain
from corpus.reading.rows import read_row


class Unreadable(ValueError):
    """Bytes that claim an accepted format and cannot be read as such."""


class Unsupported(ValueError):
    """A format that we do not read."""


@dataclass(frozen=True, slots=True)
class Report:
    """What an ingest found; counts are of the article itself, `documents` of everything made from the input."""

    format: str
    encoding: str
    encoding_confidence: float
    documents: int
    pages: int
    sections: int
    passages: int
    characters: int
    dropped: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Reading:
    """Documents made from one input, the main one first, and the report."""

    documents: tuple[Document, ...]
    report: Report


@dataclass(frozen=True, slots=True)
class _Names:
    """given_id is the caller's choice, or None; fallback_id serves where the content names itself not."""

    given_id: str | None
    fallback_id: str
    title: str


SUFFIXES = {".md": "markdown", ".markdown": "markdown", ".txt": "text", ".text": "text", ".json": "json"}
_MEDIA_TYPES = {
    "text/markdown": "markdown",
    "text/x-markdown": "markdown",
    "text/plain": "text",
    "application/json": "json",
}
ACCEPTED = "Markdown (.md, text/markdown), plain text (.txt, text/plain) and JSON rows (.json, application/json)"
_SIGNATURES = {
    b"%PDF-": "PDF",
    b"PK\x03\x04": "zip or Office",
    b"\xd0\xcf\x11\xe0": "old Office",
    b"\x89PNG": "PNG",
    b"\xff\xd8\xff": "JPEG",
    b"GIF8": "GIF",
    b"\x1f\x8b": "gzip",
    b"{\\rtf": "RTF",
}
_HTML = re.compile(rb"(?:\xef\xbb\xbf)?\s*(?:<!doctype html|<html[\s>])", re.I)


def read(
    raw: bytes, document_id: str | None = None, *, name: str = "", media_type: str = "", title: str = ""
) -> Reading:
    """Read one file.

    document_id        wins over an id in the content; None takes that, else one made from the name or the bytes
    name, media_type   choose the format: the media type decides, then the suffix of the name
    title              used where the content gives none
    raises  Unsupported, Unreadable (undecodable or empty), InvalidDocument (header or id)
    """
    kind = _format(raw, name, media_type)
    fallback_id = document_id or (id_from_name(name) if name else f"document-{hashlib.sha256(raw).hexdigest()[:12]}")
    try:
        decoded = decode(raw)
    except UndecodableText as error:
        raise Unreadable(f"{fallback_id}: {error}") from None
    cleaned = clean(decoded.text)
    if shows_nothing(cleaned.text):
        raise Unreadable(f"{fallback_id}: the file holds no text")
    findings = Findings([f"{count} {what} characters" for what, count in cleaned.removed.items()])
    documents = _READERS[kind](cleaned.text, _Names(document_id, fallback_id, clean_line(title)), findings)
    report = _report(kind, documents, findings)
    return Reading(tuple(documents), replace(report, encoding=decoded.encoding, encoding_confidence=decoded.confidence))


def _format(raw: bytes, name: str, media_type: str) -> str:
    signature = next((what for start, what in _SIGNATURES.items() if raw.startswith(start)), None)
    if signature is None and _HTML.match(raw):
        signature = "HTML"
    if signature:
        raise Unsupported(f"the content is a {signature} file; accepted are {ACCEPTED}")
    bare = media_type.split(";")[0].strip().lower()
    if bare in _MEDIA_TYPES and not (bare == "text/plain" and name.lower().endswith((".md", ".markdown"))):
        return _MEDIA_TYPES[bare]
    if bare and bare != "application/octet-stream":
        raise Unsupported(f"media type {bare[:60]!r} is not read; accepted are {ACCEPTED}")
    suffix = PurePosixPath(name.replace("\\", "/")).suffix.lower()
    if suffix and suffix not in SUFFIXES:
        raise Unsupported(f"files ending in {suffix[:20]!r} are not read; accepted are {ACCEPTED}")
    return SUFFIXES.get(suffix, "text")


def _read_markdown(text: str, names: _Names, findings: Findings) -> list[Document]:
    return [read_markdown(text, names.given_id, names.fallback_id, names.title, findings)]


def _read_text(text: str, names: _Names, findings: Findings) -> list[Document]:
    page = article.recognise(text)
    if page is None:
        return [read_plain(text, names.fallback_id, names.title)]
    findings.dropped.extend(page.furniture)
    findings.dropped.extend(f"{name}：{value}" for name, value in page.fields.items())
    if page.snippets:
        findings.warnings.append(f"{len(page.snippets)} snippets of other articles became documents of their own")
    return article.documents_of(page, names.fallback_id, names.title)


def _read_json(text: str, names: _Names, findings: Findings) -> list[Document]:
    try:
        row = json.loads(text)
    except (ValueError, RecursionError):
        raise Unreadable(f"{names.fallback_id}: the content is not JSON") from None
    return [read_row(row, names.given_id, names.fallback_id)]


_READERS: dict[str, Callable[[str, _Names, Findings], list[Document]]] = {
    "markdown": _read_markdown,
    "text": _read_text,
    "json": _read_json,
}


def _report(kind: str, documents: list[Document], findings: Findings) -> Report:
    main = documents[0]
    return Report(
        format=kind,
        encoding="",
        encoding_confidence=1.0,
        documents=len(documents),
        pages=len(main.pages),
        sections=len(main.sections),
        passages=len(split(main)),
        characters=len(main.text),
        dropped=tuple(findings.dropped),
        warnings=tuple(findings.warnings),
    )
