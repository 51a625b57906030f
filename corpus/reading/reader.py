"""The reader of all formats: which format it is, which reader takes it, and what was found.

Every ingest gives a Report: nothing is dropped or repaired without a word.
"""

import hashlib
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, replace
from pathlib import PurePosixPath

from corpus import passage
from corpus.cleaning import clean, clean_line, shows_nothing
from corpus.document import LONGEST_NAME, Document, InvalidDocument, id_from_name
from corpus.reading import article, bounded, mail, recognition
from corpus.reading.archive import members
from corpus.reading.assembly import assemble
from corpus.reading.attachments import attached_documents
from corpus.reading.converter import CONVERTED, ConversionFailed, converted
from corpus.reading.decoding import UndecodableText, decode
from corpus.reading.findings import Findings
from corpus.reading.formats import Unreadable, Unsupported, format_of
from corpus.reading.markdown import read_markdown
from corpus.reading.naming import id_from_path, repaired_name
from corpus.reading.parts import Parsed
from corpus.reading.plain import parts_of_lines
from corpus.reading.report import OriginalFile, Reading, Report
from corpus.reading.rows import read_rows
from corpus.reading.wrapping import unwrapped


@dataclass(frozen=True, slots=True)
class _Names:
    """given_id is the caller's choice, or None; fallback_id serves where the content names itself not.

    depth  how many files the file lies in
    """

    given_id: str | None
    fallback_id: str
    title: str
    depth: int = 0


_MOST_WARNINGS = 200  # of an archive's members that a report repeats
_MOST_PROBLEMS = 20  # of an archive that a message repeats


def read(
    raw: bytes,
    document_id: str | None = None,
    *,
    name: str = "",
    media_type: str = "",
    title: str = "",
    fallback_id: str = "",
) -> Reading:
    """Read one file. Of an archive every member becomes a document; those that cannot be read become warnings.

    document_id        wins over an id in the content; None takes that, else fallback_id
    name, media_type   choose the format: the media type decides, then the suffix of the name
    title              used where the content gives none
    fallback_id        where empty, made from the name or the bytes
    raises  Unsupported, Unreadable (undecodable, damaged or empty), InvalidDocument (header or id)
    """
    return _read(raw, document_id, name=name, media_type=media_type, title=title, fallback_id=fallback_id)


def _read(
    raw: bytes,
    document_id: str | None = None,
    *,
    name: str = "",
    media_type: str = "",
    title: str = "",
    fallback_id: str = "",
    depth: int = 0,
) -> Reading:
    name = repaired_name(name)
    fallback_id = document_id or fallback_id or _made_id(raw, name)
    try:
        kind, doubt = format_of(raw, name, media_type)
    except Unreadable as error:
        raise Unreadable(f"{fallback_id}: {error}") from None
    findings = Findings(warnings=[doubt] if doubt else [])
    names = _Names(document_id, fallback_id, clean_line(title), depth)
    if kind == "zip":
        if depth:
            raise Unreadable(f"{fallback_id}: archives within other files are not opened")
        return _read_archive(raw, names, findings, named=bool(document_id or name))
    read_one = _read_bounded if kind in bounded.PARSERS or kind in CONVERTED else _read_decoded
    reading = read_one(kind, raw, names, findings)
    reading = _entitled(reading, fallback_id, PurePosixPath(name.replace("\\", "/")).stem)
    ids = tuple(document.id for document in reading.documents if document.parent is None)
    own = OriginalFile(raw, name, media_type, names.title, document_id or "", fallback_id, ids)
    return replace(reading, files=(own, *reading.files))


def read_members(raw: bytes, prefix: str) -> Iterator[tuple[str, Reading | ValueError]]:
    """Read every member of an archive: its path, and what was read or why not.

    prefix  opens the ids of the members, parted by --; none where empty
    raises  Unreadable for an archive that cannot be opened
    """
    for member in members(raw):
        if member.problem:
            yield member.path, Unreadable(member.problem)
            continue
        fallback_id = id_from_path(f"{prefix}/{member.path}")
        try:
            yield member.path, read(member.raw, name=member.path, fallback_id=fallback_id)
        except (Unsupported, Unreadable, InvalidDocument) as error:
            yield member.path, error


def _entitled(reading: Reading, fallback_id: str, stem: str) -> Reading:
    """A document that nothing else gives a title has the name of its file, rather than its id."""
    main, *others = reading.documents
    title = clean_line(stem)[:LONGEST_NAME]
    if main.title != fallback_id or not title:
        return reading
    return replace(reading, documents=(replace(main, title=title), *others))


def _made_id(raw: bytes, name: str) -> str:
    return id_from_name(name) if name else f"document-{hashlib.sha256(raw).hexdigest()[:12]}"


def _read_decoded(kind: str, raw: bytes, names: _Names, findings: Findings) -> Reading:
    """Formats that are text."""
    try:
        decoded = decode(raw)
    except UndecodableText as error:
        raise Unreadable(f"{names.fallback_id}: {error}") from None
    cleaned = clean(decoded.text)
    if shows_nothing(cleaned.text):
        raise Unreadable(f"{names.fallback_id}: the file holds no text")
    findings.dropped += [f"{count} {what} characters" for what, count in cleaned.removed.items()]
    documents = _READERS[kind](cleaned.text, names, findings)
    report = _report(kind, documents, findings)
    return Reading(tuple(documents), replace(report, encoding=decoded.encoding, encoding_confidence=decoded.confidence))


def _read_bounded(kind: str, raw: bytes, names: _Names, findings: Findings) -> Reading:
    """Formats that a library parses, in a child process."""
    try:
        read_as, content = converted(kind, raw) if kind in CONVERTED else (kind, raw)
        parsed = recognition.completed(read_as, content, bounded.parse(read_as, content))
    except (bounded.ParserFailed, ConversionFailed) as error:
        raise Unreadable(f"{names.fallback_id}: {error}") from None
    if parsed.rows:
        documents = read_rows(parsed.rows, names.given_id, names.fallback_id)
    else:
        documents = [assemble(parsed, names.fallback_id, names.title, findings, kind)]
    if shows_nothing(documents[0].text):
        raise Unreadable(f"{names.fallback_id}: the file holds no text")
    attached, files = attached_documents(parsed.attached, documents[0], names.depth, _read, findings)
    documents += attached
    report = _report(kind, documents, findings)
    report = replace(report, encoding=parsed.encoding, encoding_confidence=parsed.confidence)
    return Reading(tuple(documents), report, tuple(files))


def _read_archive(raw: bytes, names: _Names, findings: Findings, named: bool) -> Reading:
    """All members as one reading; its report sums up theirs."""
    readings: dict[str, Reading] = {}
    problems: list[str] = []
    for path, outcome in read_members(raw, names.fallback_id if named else ""):
        if isinstance(outcome, Reading):
            readings[path] = outcome
            findings.dropped += [f"{path}: {line}" for line in outcome.report.dropped]
            findings.warnings += [f"{path}: {line}" for line in outcome.report.warnings]
        else:
            problems.append(f"{path}: {outcome}")
    if not readings:
        told = "; ".join(problems[:_MOST_PROBLEMS]) or "it is empty"
        raise Unreadable(f"{names.fallback_id}: nothing in the archive can be read: {told}")
    findings.warnings += problems[:_MOST_WARNINGS]
    if len(problems) > _MOST_WARNINGS:
        findings.warnings.append(f"{len(problems) - _MOST_WARNINGS} more members cannot be read")
    documents = {document.id: document for reading in readings.values() for document in reading.documents}
    if len(documents) < sum(len(reading.documents) for reading in readings.values()):
        findings.warnings.append("several members name the same id; the last of each was kept")
    files = tuple(file for reading in readings.values() for file in reading.files)
    if names.given_id and len(documents) == 1:
        documents = {names.given_id: replace(next(iter(documents.values())), id=names.given_id)}
        files = tuple(replace(file, given_id=names.given_id, ids=(names.given_id,)) for file in files)
    summed = _summed([one.report for one in readings.values()], documents, findings)
    return Reading(tuple(documents.values()), summed, files)


def _summed(reports: list[Report], documents: Collection[str], findings: Findings) -> Report:
    return Report(
        format="zip",
        encoding="",
        encoding_confidence=min(report.encoding_confidence for report in reports),
        documents=len(documents),
        pages=sum(report.pages for report in reports),
        sections=sum(report.sections for report in reports),
        passages=sum(report.passages for report in reports),
        characters=sum(report.characters for report in reports),
        coverage=min(report.coverage for report in reports),
        dropped=tuple(findings.dropped),
        warnings=tuple(findings.warnings),
    )


def _read_markdown(text: str, names: _Names, findings: Findings) -> list[Document]:
    return [read_markdown(text, names.given_id, names.fallback_id, names.title, findings)]


def _read_text(text: str, names: _Names, findings: Findings) -> list[Document]:
    if (letter := mail.recognise(text)) is not None:
        return [assemble(mail.parsed_mail(letter, Parsed()), names.fallback_id, names.title, findings, "eml")]
    page = article.recognise(text)
    if page is None:
        text, width = unwrapped(text)
        if width:
            findings.warnings.append(f"its lines are cut at {width} columns; those that go on were joined")
        parsed = Parsed(parts_of_lines(text.split("\n")))
        return [assemble(parsed, names.fallback_id, names.title, findings, "text")]
    findings.dropped.extend(page.furniture)
    findings.dropped.extend(f"{name}：{value}" for name, value in page.fields.items())
    if page.snippets:
        findings.warnings.append(f"{len(page.snippets)} snippets of other articles became documents of their own")
    return article.documents_of(page, names.fallback_id, names.title)


_READERS: dict[str, Callable[[str, _Names, Findings], list[Document]]] = {
    "markdown": _read_markdown,
    "text": _read_text,
}


def _report(kind: str, documents: list[Document], findings: Findings) -> Report:
    main = documents[0]
    lost = findings.coverage.warning()
    return Report(
        format=kind,
        encoding="",
        encoding_confidence=1.0,
        documents=len(documents),
        pages=len(main.pages),
        sections=len(main.sections),
        passages=passage.count(main),
        characters=len(main.text),
        coverage=round(findings.coverage.share, 4),
        dropped=tuple(findings.dropped),
        warnings=(*findings.warnings, *([lost] if lost else [])),
    )
