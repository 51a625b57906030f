"""Markdown → document: TOML or YAML header, headings, paragraphs, lists, tables, footnote marks.

markdown-it parses; this module turns its tokens into canonical text. A footnote mark such as
``[^hzrb]`` behind a statement names its source, defined in the header (``[sources.hzrb]``) or
by a footnote (``[^hzrb]: title``). Raw HTML is dropped, its text kept.
"""

import re
import tomllib
from typing import Any

import yaml
from markdown_it import MarkdownIt
from markdown_it.tree import SyntaxTreeNode

from corpus.document import Document, InvalidDocument, Source, unique
from corpus.reading.builder import DISAGREES, Mark, TextBuilder

_HEADER = re.compile(r"\A(\+\+\+|---)[^\S\n]*\n(.*?)\n\1[^\S\n]*(?:\n|\Z)", re.S)
_DEFINITION = re.compile(r"^ {0,3}\[\^([^\]\s]+)\]:[^\S\n]*(.*)$", re.M)
_FENCE = re.compile(r"^ {0,3}(`{3,}|~{3,}).*?(?:^ {0,3}\1|\Z)", re.S | re.M)
_MARK = re.compile(r"\[\^([^\]\s]+)\]")
_ADDRESS = re.compile(r"https?://[^\s<>\"）)]+")
_WIDE = re.compile(r"[\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef\U00020000-\U0003ffff。，、；：？！“”‘’（）《》]")


def read_markdown(text: str, document_id: str | None, fallback_id: str, title: str = "") -> Document:
    """Read cleaned Markdown.

    document_id  wins over the header's id; None leaves the choice to the header, then to fallback_id
    title        used where neither header nor first heading gives one
    raises       InvalidDocument for a header that cannot be read
    """
    header, body = _header(text, document_id or fallback_id)
    document_id = document_id or str(header.get("id") or fallback_id)
    body, footnotes = _definitions(body)
    blocks = SyntaxTreeNode(_parser().parse(body)).children
    builder = TextBuilder()
    first_heading = ""
    if blocks and blocks[0].type == "heading" and blocks[0].tag == "h1":
        first_heading = _inline(blocks.pop(0))[0]
    _add_blocks(builder, blocks)
    sources = {key: _source(document_id, key, value) for key, value in _table(header, "sources").items()} | footnotes
    canonical = builder.text()
    return Document(
        id=document_id,
        title=str(header.get("title") or first_heading or title or document_id),
        text=canonical,
        sections=builder.sections(),
        sources=_default_source(header, sources),
        attributions=tuple(a for a in builder.attributions() if set(a.sources) <= set(sources)),
        disagreements=builder.disagreements(),
        aliases=_names(header, "aliases"),
        kind=str(header.get("kind", "")),
        districts=_names(header, "districts"),
        related=_names(header, "related"),
    )


def undefined_marks(text: str) -> set[str]:
    """Footnote keys that a Markdown text uses but never defines."""
    header, body = _header(text, "document")
    body, footnotes = _definitions(body)
    used = {key for key in _MARK.findall(body) if not key.startswith(DISAGREES)}
    return used - set(footnotes) - set(_table(header, "sources"))


def _parser() -> MarkdownIt:
    return MarkdownIt("commonmark", {"maxNesting": 50}).enable("table")


def _header(text: str, document_id: str) -> tuple[dict[str, Any], str]:
    match = _HEADER.match(text)
    if match is None:
        return {}, text
    try:
        header = tomllib.loads(match[2]) if match[1] == "+++" else yaml.safe_load(match[2])
    except (tomllib.TOMLDecodeError, yaml.YAMLError) as error:
        raise InvalidDocument(f"{document_id}: the header cannot be read: {' '.join(str(error).split())}") from None
    if header is None:
        return {}, text[match.end() :]
    if not isinstance(header, dict):
        if match[1] == "---":
            return {}, text  # a thematic break above a line of text, not a header
        raise InvalidDocument(f"{document_id}: the header is not a table of names and values")
    return header, text[match.end() :]


def _definitions(body: str) -> tuple[str, dict[str, Source]]:
    """Take footnote definitions out of the body (not out of fenced code)."""
    fenced = [match.span() for match in _FENCE.finditer(body)]
    sources: dict[str, Source] = {}

    def take(match: re.Match[str]) -> str:
        if any(start <= match.start() < end for start, end in fenced):
            return match[0]
        address = _ADDRESS.search(match[2])
        title = _ADDRESS.sub("", match[2]).strip(" ，,。<>") or (address[0] if address else match[1])
        sources[match[1]] = Source(title=title, url=address[0] if address else "")
        return ""

    return _DEFINITION.sub(take, body), sources


def _add_blocks(builder: TextBuilder, nodes: list[SyntaxTreeNode], list_depth: int = 0) -> None:
    for node in nodes:
        match node.type:
            case "heading":
                builder.heading(int(node.tag[1:]), _inline(node)[0])
            case "paragraph":
                text, marks = _inline(node)
                builder.paragraph(text, marks, "\n" if list_depth else "\n\n")
            case "fence" | "code_block":
                builder.paragraph(node.content.strip("\n"))
            case "table":
                _add_table(builder, node)
            case "bullet_list" | "ordered_list":
                _add_blocks(builder, node.children, list_depth + 1)
            case "list_item" | "blockquote":
                _add_blocks(builder, node.children, list_depth)


def _add_table(builder: TextBuilder, table: SyntaxTreeNode) -> None:
    """One line a row, every cell behind its column's name, so that a row can be quoted alone."""
    head, *bodies = table.children
    names = [_inline(cell)[0] for cell in head.children[0].children]
    separator = "\n\n"
    for row in (row for body in bodies for row in body.children):
        cells = [_inline(cell) for cell in row.children]
        builder.paragraph(*table_row(names, cells), separator=separator)
        separator = "\n"


def table_row(names: list[str], cells: list[tuple[str, tuple[Mark, ...]]]) -> tuple[str, tuple[Mark, ...]]:
    """«面积：80.1亩；年份：2021。» with the cells' marks moved to the end of the row."""
    parts = [f"{name}：{text}" if name else text for name, (text, _) in zip(names, cells, strict=False) if text]
    line = "；".join(parts) + "。" if parts else ""
    keys = [mark.key for _, marks in cells for mark in marks]
    return line, tuple(Mark(len(line), key) for key in keys)


def _inline(node: SyntaxTreeNode) -> tuple[str, tuple[Mark, ...]]:
    """Clean text of a block and the footnote marks that stood in it."""
    raw = "".join(_spoken(child) for inline in node.children for child in inline.children)
    raw = _joined_lines(raw).strip()
    pieces: list[str] = []
    marks: list[Mark] = []
    length = position = 0
    for match in _MARK.finditer(raw):
        pieces.append(raw[position : match.start()])
        length += match.start() - position
        marks.append(Mark(length, match[1]))
        position = match.end()
    return "".join([*pieces, raw[position:]]), tuple(marks)


def _spoken(node: SyntaxTreeNode) -> str:
    """What a reader sees of an inline node: text, code, the words of links and images; no HTML tags."""
    match node.type:
        case "text" | "code_inline":
            return node.content
        case "softbreak" | "hardbreak":
            return "\n"
        case "html_inline":
            return ""
    return "".join(_spoken(child) for child in node.children)


def _joined_lines(text: str) -> str:
    """Join the lines of one paragraph: without a blank between Chinese characters, with one elsewhere."""
    lines = [line.strip() for line in text.split("\n")]
    joined = lines[0]
    for line in lines[1:]:
        wide = joined and line and (_WIDE.match(joined[-1]) or _WIDE.match(line[0]))
        joined += line if wide else f" {line}"
    return joined


def _table(header: dict[str, Any], name: str) -> dict[str, Any]:
    value = header.get(name, {})
    return value if isinstance(value, dict) else {}


def _names(header: dict[str, Any], name: str) -> tuple[str, ...]:
    value = header.get(name, ())
    return unique(str(item) for item in ([value] if isinstance(value, str) else value or ()))


def _source(document_id: str, key: str, value: Any) -> Source:
    fields = set(Source.__dataclass_fields__)
    if not isinstance(value, dict) or not value.get("title") or not set(value) <= fields:
        raise InvalidDocument(f"{document_id}: source {key} needs a title and knows only {', '.join(sorted(fields))}")
    return Source(**{name: str(content) for name, content in value.items()})


def _default_source(header: dict[str, Any], sources: dict[str, Source]) -> dict[str, Source]:
    """A header that names publisher, author, date or address describes the document itself as the source."""
    own = {name: str(header[name]) for name in ("publisher", "author", "date", "url") if header.get(name)}
    if sources or not own:
        return sources
    return {"document": Source(title=str(header.get("title", "")), **own)}
