"""Markdown → document: TOML or YAML header, headings, paragraphs, lists, tables, footnote marks.

markdown-it parses; this module turns its tokens into canonical text. A footnote mark such as
``[^hzrb]`` behind a statement names its source, defined in the header (``[sources.hzrb]``) or
by a footnote (``[^hzrb]: title``). A comment ``<!-- 相似问：…｜… -->`` behind a paragraph holds ways of
asking for what it says. Other blocks of HTML are read as a page is; of HTML within a line the
tags are dropped and the text is kept. Struck-out text is left out and reported. Indented lines
are prose, not code.
"""

import re
from collections.abc import Mapping
from dataclasses import asdict
from html import unescape
from itertools import chain
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.rules_block import StateBlock, blockquote, list_block

from corpus.cleaning import clean_line
from corpus.document import LONGEST_NAME, Document, InvalidDocument, Source
from corpus.reading.assembly import built, kept_of, structured
from corpus.reading.blocks import Blocks
from corpus.reading.coverage import coverage
from corpus.reading.description import FIELDS
from corpus.reading.findings import Findings
from corpus.reading.header import Header, source_of, split_header
from corpus.reading.html import parse_fragment
from corpus.reading.parts import HEADING, Parsed
from corpus.reading.words import WordReader

_SIGN = re.compile(r"[][!*_`<>&\\|~]")
_LINE = re.compile(r"\n\s*\S")
_LINE_WEIGHT = 3  # signs; what a line costs beside those in it
_FREE = 100_000  # signs that any text may hold, and
_SHARE = 0.1  # of its characters more; parsing one takes about 15 µs
_NESTING = 60  # levels of quotes and lists; the signs of deeper ones stay in the text
_MARKUP = (
    (re.compile(r"<!--(?:(?!-->)[\s\S])*(?:-->|\Z)"), ""),
    (re.compile(r"<(script|style)\b[\s\S]*?(?:</\1>|\Z)", re.I), ""),
    (re.compile(r"</?[a-zA-Z][^<>]{0,2000}>"), "\n"),
    (re.compile(r"\[\^[^\]\s\[]{1,100}\]:?"), ""),
    (re.compile(r"\]\([^()\n]{0,2000}\)"), "]"),
    (re.compile(r"\bhttps?://[!-~]+"), ""),
    (re.compile(r"^ {0,3}(?:`{3,}|~{3,}).*$", re.M), ""),
)
_DEFINITION = re.compile(
    r"(?P<fence>^ {0,3}(?P<ticks>`{3,}|~{3,})[\s\S]*?(?:^ {0,3}(?P=ticks)|\Z))"
    r"|^[> ]{0,8}\[\^(?P<key>[^\]\s\[]{1,100})\]:[^\S\n]*(?P<text>.*(?:\n(?: {2,}|\t+)\S.*)*)\n?",
    re.M,
)


def read_markdown(
    text: str, document_id: str | None, fallback_id: str, title: str = "", findings: Findings | None = None
) -> Document:
    """Read cleaned Markdown.

    document_id  wins over the header's id; None leaves the choice to the header, then to fallback_id
    title        used where neither header nor first heading gives one
    findings     takes what was dropped or looks wrong
    raises       InvalidDocument for a header that cannot be read, and for headings without any text
    """
    header, body = split_header(text, document_id or fallback_id)
    findings = findings or Findings()
    document_id = document_id or header.line("id") or fallback_id
    if signs := _excess(body):
        findings.warnings.append(f"{signs} signs of mark-up are too many to read, so it was taken as it is typed")
        blocks, footnotes = _typed(body), dict[str, Source]()
    else:
        blocks, footnotes = _read_body(body, header.line("title"))
    found = blocks.builder.parts
    if not any(part.kind != HEADING for part in found):
        raise InvalidDocument(f"{document_id}: the document holds {'headings but ' if found else ''}no text")
    parts, said, left = structured(found, {"title": header.line("title") or blocks.title}, "markdown")
    name = clean_line(said.get("title", ""))[:LONGEST_NAME] or title or document_id
    (builder, _), sources = built(parts, ""), header.sources() | footnotes
    sections = builder.sections()
    told = Parsed()
    for what, texts in left.items():
        told.drop(what, texts)
    findings.dropped += [*blocks.left, *told.dropped]
    away = [*blocks.reported, *(one for texts in left.values() for one in texts)]
    kept = kept_of(builder.text(), sections), said.values(), (source.title for source in sources.values()), away
    findings.coverage = coverage(shown_by(body), chain([name], *kept))
    _report(findings, header, blocks.dropped, builder.keys() - set(sources))
    return Document(
        id=document_id,
        title=name,
        text=builder.text(),
        sections=sections,
        sources=sources or _own_source(header, name, said),
        attributions=builder.attributions(known=sources),
        disagreements=builder.disagreements(),
        aliases=header.lines("aliases"),
        kind=header.line("kind"),
        districts=header.lines("districts"),
        related=header.lines("related"),
        asked=builder.asked(),
    )


def undefined_marks(text: str) -> set[str]:
    """Footnote keys that a Markdown text uses but never defines."""
    header, body = split_header(text, "document")
    blocks, footnotes = _read_body(body, header.line("title"))
    return built(blocks.builder.parts, "")[0].keys() - set(footnotes) - set(header.sources())


def _read_body(body: str, title: str) -> tuple[Blocks, dict[str, Source]]:
    """Blocks and footnotes of the text behind the header."""
    body, definitions = _without_definitions(body)
    env: dict[str, Any] = {}
    tokens = _block_parser().parse(body, env)
    words = WordReader(env)
    notes = {key: words.read(text)[0] for key, text in definitions.items() if _says(text)}
    blocks = Blocks(words, title, parse_fragment, notes)
    for token in tokens:
        blocks.add(token)
    blocks.end()
    if words.struck:
        struck = Parsed()
        struck.drop("struck-out text", words.struck)
        blocks.left += struck.dropped
        blocks.reported += words.struck
    return blocks, {key: _footnote(key, text, words) for key, text in definitions.items()}


def _says(definition: str) -> bool:
    """Whether a footnote says something itself, instead of naming a source: a sentence without an address."""
    return "://" not in definition and definition.rstrip()[-1:] in "。！；"


def _excess(body: str) -> int:
    """How many signs of mark-up the text holds, where they are too many to be parsed in time; else 0."""
    signs = len(_SIGN.findall(body)) + _LINE_WEIGHT * len(_LINE.findall(body))
    return signs if signs > _FREE + _SHARE * len(body) else 0


def _typed(body: str) -> Blocks:
    """The text with all its signs, by paragraphs."""
    blocks = Blocks(WordReader({}), "", parse_fragment)
    for paragraph in body.split("\n\n"):
        blocks.builder.paragraph(paragraph.strip("\n"))
    return blocks


def _without_definitions(body: str) -> tuple[str, Mapping[str, str]]:
    """Take footnote definitions out of the body (not out of fenced code); the first of a key counts."""
    definitions: dict[str, str] = {}

    def take(match: re.Match[str]) -> str:
        if match["fence"]:
            return match[0]
        definitions.setdefault(match["key"], match["text"])
        return ""

    return _DEFINITION.sub(take, body), definitions


def _footnote(key: str, text: str, words: WordReader) -> Source:
    """The source that a footnote describes."""
    title, address = words.read_definition(text)
    title = title or address or key
    return Source(title=title if len(title) <= LONGEST_NAME else f"{title[: LONGEST_NAME - 1]}…", url=address)


def shown_by(body: str) -> list[str]:
    """What the text shows, line by line: without addresses, mark-up and comments."""
    for pattern, replacement in _MARKUP:
        body = pattern.sub(replacement, body)
    return unescape(body).split("\n")


def _own_source(header: Header, name: str, said: Mapping[str, str]) -> dict[str, Source]:
    """The document as its own source: what its header tells, completed by what its text says."""
    own = header.own_source(name)
    told = {field: said[field][:LONGEST_NAME] for field in FIELDS if field != "title" and said.get(field)}
    if not told:
        return own
    known = {field: value for field, value in asdict(own["document"]).items() if value} if own else {}
    return {"document": source_of(name, {**told, "title": name, **known})}


def _report(findings: Findings, header: Header, dropped: int, missing: set[str]) -> None:
    if dropped:
        findings.dropped.append(f"{dropped} blocks of HTML")
    if unknown := header.unknown:
        findings.dropped += [f"header field {name}: {str(header.fields.get(name, ''))[:80]}" for name in unknown[:20]]
        findings.warnings.append(f"header fields that are not used: {', '.join(unknown[:20])}")
    if missing:
        findings.warnings.append(f"footnotes used but never defined: {', '.join(sorted(missing)[:20])}")


def _block_parser() -> MarkdownIt:
    """A parser of blocks that leaves their lines to WordReader."""
    parser = MarkdownIt("commonmark", {"maxNesting": 2 * _NESTING})
    parser.enable("table").disable(["code", "inline", "text_join"])
    interrupts = ["paragraph", "reference", "blockquote"]
    parser.block.ruler.at("blockquote", _shallow_quote, {"alt": [*interrupts, "list"]})
    parser.block.ruler.at("list", _shallow_list, {"alt": interrupts})
    return parser


def _shallow_quote(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    return state.level < _NESTING and blockquote(state, start, end, silent)


def _shallow_list(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    return state.level < _NESTING and list_block(state, start, end, silent)
