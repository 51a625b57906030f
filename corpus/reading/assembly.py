"""Assembly: the parts that a reader found → one document with its sections, pages and sources."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from corpus.cleaning import clean, clean_line, is_clean_line
from corpus.document import LONGEST_NAME, Document, InvalidDocument, Section, is_address
from corpus.reading.boilerplate import without_boilerplate, without_mail
from corpus.reading.builder import TextBuilder
from corpus.reading.coverage import Coverage, coverage
from corpus.reading.description import FIELDS, described
from corpus.reading.findings import Findings
from corpus.reading.header import source_of
from corpus.reading.outline import question_of, with_headings
from corpus.reading.parts import HEADING, LINE, PARAGRAPH, Parsed, Part


class Structured(NamedTuple):
    """Blocks with their headings, what the file and its text say of themselves, and what was left out and why."""

    parts: list[Part]
    told: dict[str, str]
    dropped: Mapping[str, Sequence[str]]


MAIL = ("eml", "msg")  # formats whose readers have parted head and text already


def structured(parts: Sequence[Part], told: Mapping[str, str], kind: str = "") -> Structured:
    """What every reader does with its blocks: frames taken out, the text's own description, headings found.

    kind  the format that they came in
    """
    if not parts:
        return Structured([], dict(told), {})
    kept, mail, dropped = (list(parts), {}, {}) if kind in MAIL else without_mail(parts)
    kept, boilerplate = without_boilerplate(kept, kind)
    description = described(kept, {**told, **mail}, kind)
    signed = {"signature": description.signed} if description.signed else {}
    return Structured(with_headings(description.parts), description.told, dropped | boilerplate | signed)


def assemble(parsed: Parsed, document_id: str, title: str, findings: Findings, kind: str = "") -> Document:
    """One document of all parts.

    title   used where the file gives none
    kind    the format
    raises  InvalidDocument where nothing but white space was found
    """
    findings.warnings += parsed.warnings
    parts, removed = _cleaned(parsed.parts)
    findings.dropped += [f"{count} {what} characters" for what, count in removed.items()]
    if not any(part.kind != HEADING for part in parts):
        parts = [part._replace(kind=PARAGRAPH) for part in parts]  # slides, for instance: all is large
    whole = parts
    parts, said, dropped = structured(parts, parsed.told, kind)
    for what, texts in dropped.items():
        parsed.drop(what, texts)
    findings.dropped += parsed.dropped
    told = _fit(said)
    name = told.get("title") or title or document_id
    builder, starts = built(parts, name)
    sections = builder.sections()
    if not sections:
        raise InvalidDocument(f"{document_id}: the file holds no text")
    text = builder.text()
    kept = [*kept_of(text, sections), name, *said.values(), *(line for lines in dropped.values() for line in lines)]
    visible, lost, examples = parsed.measured
    found = coverage((part.text for part in whole), kept)
    findings.coverage = Coverage(visible, lost, tuple(examples)).then(found)
    says_more = any(told.get(field) for field in FIELDS if field != "title")
    return Document(
        id=document_id,
        title=name,
        text=text,
        sections=sections,
        sources={"document": source_of(document_id, {**told, "title": name})} if says_more else {},
        asked=builder.asked(),
        pages=_page_starts(starts, parsed.pages, len(text)),
        scanned=tuple(parsed.scanned),
    )


def kept_of(text: str, sections: Sequence[Section]) -> list[str]:
    """All that passages hold of a text: the sections, and each heading above them."""
    headings = dict.fromkeys(name for section in sections for name in section.path)
    return [*(text[section.start : section.end] for section in sections), *headings]


def built(parts: Sequence[Part], title: str) -> tuple[TextBuilder, dict[int, int]]:
    """The text, and the offset at which each page that holds something begins.

    What stands below a heading that is a question is asked for in its words.
    """
    builder, starts = TextBuilder(), dict[int, int]()
    question = ""
    for number, part in enumerate(parts):
        before = builder.length
        if part.kind != HEADING:
            builder.paragraph(part.text, part.marks, "\n" if part.kind == LINE else "\n\n")
            builder.ask([*([question] if question else []), *part.asked])
            question = ""
        elif number or part.text != title:
            builder.heading(part.level, part.text)
            question = question_of(part.text)
        begin = builder.length - len(part.text) if builder.length > before else before
        for page, offset in part.pages:
            starts.setdefault(page, min(begin + offset, builder.length))
    return builder, starts


def _cleaned(parts: list[Part]) -> tuple[list[Part], dict[str, int]]:
    """Parts that hold something, without invisible characters; and how many of those there were."""
    kept, counts = [], dict[str, int]()
    for part in parts:
        if part.kind != HEADING and is_clean_line(part.text):
            text = part.text.strip()  # nearly every part, so it has a quick way
        else:
            cleaned = clean(part.text)
            text = clean_line(part.text) if part.kind == HEADING else cleaned.text.strip()
            for kind, count in cleaned.removed.items():
                counts[kind] = counts.get(kind, 0) + count
        if text or part.pages:
            kept.append(part if text == part.text else part._replace(text=text))
    return kept, counts


def _page_starts(starts: Mapping[int, int], pages: int, length: int) -> tuple[int, ...]:
    """Offset of every page; a page without text begins where the next one does."""
    offsets, following = [], length
    for page in range(pages, 0, -1):
        following = min(following, starts.get(page, following))
        offsets.append(following)
    return (0, *offsets[::-1][1:]) if offsets else ()


def _fit(told: Mapping[str, str]) -> dict[str, str]:
    """Values that a source can keep: one line, not too long, no address that is none."""
    lines = {name: clean_line(value)[:LONGEST_NAME] for name, value in told.items() if name != "url"}
    url = told.get("url", "").strip()
    if url and is_address(url):
        lines["url"] = url
    return {name: value for name, value in lines.items() if value}
