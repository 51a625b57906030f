"""DOCX → parts: headings, paragraphs, lists, tables, text boxes and footnotes, as they are seen.

What is deleted, hidden, a field's code, a comment, a running header or a table of contents is
left out and reported. Macros and linked files are ignored.
"""

import zipfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from corpus.reading import docx_tables
from corpus.reading.bounded import ParserFailed
from corpus.reading.docx_formula import formula_text
from corpus.reading.docx_numbering import Numbers, numbers_of
from corpus.reading.docx_styles import Styles, is_on, looks_of, styles_of
from corpus.reading.grid import table_parts
from corpus.reading.numbering import COUNTED, numbering
from corpus.reading.office import open_package, outermost, read_xml, related, root_tag, told_by
from corpus.reading.parts import HEADING, LINE, PARAGRAPH, Parsed, Part
from corpus.reading.small_marks import lowered, raised

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_M = "{http://schemas.openxmlformats.org/officeDocument/2006/math}"
_ALTERNATIVE = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
_LONGEST_HEADING = 100  # code points; what is longer is prose in large letters
_DEEPEST_TABLE = 8  # tables within the cells of tables
_LEFT_OUT = {f"{_W}{name}" for name in ("del", "moveFrom", "instrText", "delText", "rt", "pPr", "rPr", "sectPr")}
_SIGNS = {f"{_W}tab": " ", f"{_W}br": "\n", f"{_W}cr": "\n", f"{_W}noBreakHyphen": "-", f"{_W}ptab": " "}
_NOTES = ("footnote", "endnote")
_REFERENCES = {f"{_W}{kind}Reference" for kind in _NOTES}
_TEXTS = {f"{_W}t", f"{_M}t"}
_BLOCKS = {f"{_W}{name}" for name in ("p", "tbl", "altChunk")}
_HIDING = {f"{_W}del", f"{_W}moveFrom", f"{_W}sdtPr", _ALTERNATIVE}  # a block within one of these is not seen
_SILENT = _LEFT_OUT | _HIDING
_FORMULA = f"{_M}oMath"
_FORMS = {"superscript": raised, "subscript": lowered}
_RUN, _BOX, _SYMBOL = (f"{_W}{name}" for name in ("r", "txbxContent", "sym"))


@dataclass(slots=True)
class _Reader:
    """What the parts beside the text say, and what was found so far."""

    styles: Styles
    numbers: Numbers
    parsed: Parsed
    notes: dict[str, str] = field(default_factory=dict)
    boxes: list[Any] = field(default_factory=list)
    waiting: list[str] = field(default_factory=list)
    left_out: dict[str, list[str]] = field(default_factory=dict)


def parse_docx(raw: bytes) -> Parsed:
    """Read a Word document.

    raises  ParserFailed for a package that is damaged, locked, too large, or holds no text document
    """
    with open_package(raw) as package:
        main = next(iter(related(package, "").get("officeDocument", [])), "word/document.xml")
        root = root_tag(package, main)
        if not root.endswith("}document"):
            raise ParserFailed("it holds no text document")
        if root != f"{_W}document":
            raise ParserFailed("it is in the strict form of the format; save it as an ordinary DOCX")
        others = related(package, main)
        reader = _reader(package, others, Parsed(told=told_by(package)))
        _read_blocks(outermost(package, main, _BLOCKS, _HIDING), reader)
        _flush_notes(reader)
        _report(package, others, reader)
        reader.parsed.measure(_shown(package, main, others))
    return reader.parsed


def _shown(package: zipfile.ZipFile, main: str, others: Mapping[str, list[str]]) -> Iterator[str]:
    """Words of the text and its notes, run by run, read once more and by themselves."""
    paths = [main, *(path for kind in _NOTES for path in others.get(f"{kind}s", []))]
    for path in (path for path in paths if path in package.NameToInfo):
        for run in outermost(package, path, _TEXTS, {_ALTERNATIVE}):
            yield run.text or ""


def _reader(package: zipfile.ZipFile, others: Mapping[str, list[str]], parsed: Parsed) -> _Reader:
    styles, lists = (
        next((root for path in others.get(kind, []) if (root := read_xml(package, path)) is not None), None)
        for kind in ("styles", "numbering")
    )
    reader = _Reader(styles_of(styles), numbers_of(lists, styles), parsed)
    for kind in _NOTES:
        for path in others.get(f"{kind}s", []):
            root = read_xml(package, path)
            for note in root.iterfind(f"{_W}{kind}") if root is not None else ():
                if note.get(f"{_W}type") in (None, "normal"):
                    reader.notes[f"{kind}{note.get(f'{_W}id')}"] = _text_within(note, reader)
    return reader


def _read_blocks(blocks: Iterable[Any], reader: _Reader) -> None:
    """Paragraphs and tables in order, and behind each the text boxes that it holds."""
    for block in blocks:
        if block.tag == f"{_W}tbl":
            _flush_notes(reader)
            reader.parsed.parts += _table(block, reader)
        elif block.tag == f"{_W}altChunk":
            reader.parsed.warnings.append("a file that is embedded as a whole (altChunk) was left out")
        else:
            _read_paragraph(block, reader)
        while reader.boxes:
            _read_blocks(_blocks(reader.boxes.pop(0)), reader)


def _blocks(parent: Any) -> Iterator[Any]:
    """Block elements within a parent, through wrappers of any depth."""
    waiting = list(parent)[::-1]
    while waiting:
        one = waiting.pop()
        if one.tag in _BLOCKS:
            yield one
        elif one.tag not in _SILENT:
            waiting.extend(list(one)[::-1])


def _read_paragraph(paragraph: Any, reader: _Reader) -> None:
    properties = paragraph.find(f"{_W}pPr")
    style = _value(properties, "pStyle")
    text = _text_of(paragraph, reader).strip()
    chain = reader.styles.chain(style)
    label = reader.numbers.label(properties, chain) if text else ""
    if style in reader.styles.contents:
        reader.left_out.setdefault("table of contents", []).append(text)
        return
    if not text:
        return
    text = label + text
    level = _level(properties, style, reader)
    size, bold = looks_of(paragraph, reader.styles, chain)
    parts = reader.parsed.parts
    if level is not None and len(text) <= _LONGEST_HEADING:
        _flush_notes(reader)
        if level == 0 and not parts:
            reader.parsed.told["title"] = text
        parts.append(Part(HEADING, text, max(1, level)))
        return
    in_list = style.startswith("List") or (properties is not None and properties.find(f"{_W}numPr") is not None)
    found = numbering(label)
    follows = in_list and parts and parts[-1].kind != HEADING and (found is None or found.rank > COUNTED)
    parts.append(Part(LINE if follows else PARAGRAPH, text, size=size, bold=bold))
    _flush_notes(reader)


def _level(properties: Any, style: str, reader: _Reader) -> int | None:
    own = _value(properties, "outlineLvl")
    if own.isdigit() and int(own) < 9:
        return int(own) + 1
    return reader.styles.levels.get(style)


def _text_of(paragraph: Any, reader: _Reader) -> str:
    """The paragraph as it is seen; its text boxes and footnotes are put aside."""
    pieces: list[str] = []
    waiting = [paragraph]
    while waiting:
        one = waiting.pop()
        tag = one.tag
        if tag in _TEXTS:
            pieces.append(one.text or "")
        elif not isinstance(tag, str) or tag in _LEFT_OUT or tag == _ALTERNATIVE:
            _note_deleted(one, reader)
        elif tag == _BOX:
            reader.boxes.append(one)
        elif tag == _RUN and (reason := _why_unseen(one, reader)):
            reader.left_out.setdefault(reason, []).append("".join(one.itertext(f"{_W}t")))
        elif tag == _RUN and (form := _FORMS.get(_value(one, f"rPr/{_W}vertAlign"))) is not None:
            pieces.append(form("".join(one.itertext(f"{_W}t"))))
            waiting.extend(child for child in list(one)[::-1] if child.tag in _REFERENCES)
        elif tag == _FORMULA:
            pieces.append(formula_text(one))
        elif tag == _SYMBOL:
            pieces.append(_symbol(one))
        elif tag in _SIGNS:
            pieces.append(_SIGNS[tag] if one.get(f"{_W}type") != "page" else "")
        elif tag in _REFERENCES:
            reader.waiting.append(f"{tag[len(_W) : -len('Reference')]}{one.get(f'{_W}id')}")
        else:
            waiting.extend(list(one)[::-1])
    return "".join(pieces)


def _note_deleted(one: Any, reader: _Reader) -> None:
    if one.tag in (f"{_W}del", f"{_W}moveFrom"):
        deleted = "".join(one.itertext(f"{_W}delText", f"{_W}t"))
        reader.left_out.setdefault("deleted text", []).append(deleted)


def _why_unseen(run: Any, reader: _Reader) -> str:
    """Why a run is not read: it is hidden or struck out; empty where it is seen."""
    properties = run.find(f"{_W}rPr")
    if properties is None:
        return ""
    if any(is_on(properties.find(f"{_W}{name}")) for name in ("strike", "dstrike")):
        return "struck-out text"
    hidden = is_on(properties.find(f"{_W}vanish")) or _value(run, f"rPr/{_W}rStyle") in reader.styles.hidden
    return "hidden text" if hidden else ""


def _symbol(one: Any) -> str:
    """A character of a symbol font; those of the private area have no meaning elsewhere."""
    try:
        number = int(one.get(f"{_W}char", ""), 16)
    except ValueError:
        return ""
    return chr(number) if 32 <= number < 0xD800 else "•" if number >= 0xF000 else ""


def _table(table: Any, reader: _Reader, depth: int = 0) -> list[Part]:
    """One line a row; a table of one column only arranges text, and its paragraphs are read as such."""
    read, inner = docx_tables.table_of(table, partial(_cell_text, reader=reader, depth=depth))
    if max(map(len, read.rows), default=0) <= 1:
        cells = (cell for row in read.rows for cell in row)
        parts = [Part(PARAGRAPH, cell) for cell in cells if cell.strip() and cell != docx_tables.ELSEWHERE]
    else:
        read.above = reader.parsed.parts[-1].text if reader.parsed.parts else ""
        parts = table_parts(read)
    for name, one in inner:
        parts += [Part(PARAGRAPH, name)] if name and len(parts) else []
        parts += _table(one, reader, depth + 1)
    return parts


def _cell_text(cell: Any, reader: _Reader, depth: int) -> tuple[str, list[Any]]:
    """Text of a cell's paragraphs, one a line, and the tables within it; those nested too deeply are read as text."""
    if depth >= _DEEPEST_TABLE:
        return _text_within(cell, reader), []
    blocks = list(_blocks(cell))
    lines = (_text_of(block, reader).strip() for block in blocks if block.tag == f"{_W}p")
    return "\n".join(line for line in lines if line), [block for block in blocks if block.tag == f"{_W}tbl"]


def _text_within(parent: Any, reader: _Reader) -> str:
    """Text of all paragraphs within a cell or a note, one a line."""
    lines = (_text_of(paragraph, reader).strip() for paragraph in parent.iter(f"{_W}p"))
    return "\n".join(line for line in lines if line)


def _flush_notes(reader: _Reader) -> None:
    """Footnotes stand below the paragraph, heading or table that refers to them."""
    for key in reader.waiting:
        if note := reader.notes.pop(key, ""):
            reader.parsed.parts.append(Part(PARAGRAPH, f"注：{note}"))
    reader.waiting.clear()


def _report(package: zipfile.ZipFile, others: Mapping[str, list[str]], reader: _Reader) -> None:
    parsed = reader.parsed
    for what, texts in reader.left_out.items():
        parsed.drop(what, texts)
    for kind, what in (("header", "running header"), ("footer", "running footer"), ("comments", "comment")):
        for path in others.get(kind, []):
            root = read_xml(package, path)
            parsed.drop(what, ["".join(root.itertext(f"{_W}t"))] if root is not None else [])
    if any(name.endswith("vbaProject.bin") for name in package.namelist()):
        parsed.warnings.append("its macros were ignored")
    if not parsed.parts and others.get("image"):
        raise ParserFailed("it holds only images; recognise their text (OCR) first")


def _value(parent: Any, path: str) -> str:
    """The w:val of a descendant; empty where it, or its parent, is missing."""
    found = parent.find(f"{_W}{path}") if parent is not None else None
    return str(found.get(f"{_W}val", "")) if found is not None else ""
