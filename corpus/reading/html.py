"""HTML → parts: the main text with its headings, lists and tables, and what the page says of itself.

Scripts, styles, navigation, forms, hidden text and site furniture are left out and reported.
"""

import re
from collections.abc import Iterator
from itertools import chain
from typing import Any

from lxml import etree

from corpus.reading.bounded import ParserFailed
from corpus.reading.decoding import Decoded, UndecodableText, decode
from corpus.reading.grid import table_parts
from corpus.reading.html_pruning import main_of, prune, shown_texts, without_notices
from corpus.reading.html_rewriting import rewrite
from corpus.reading.html_source import told_by
from corpus.reading.html_tables import table_of
from corpus.reading.parts import HEADING, LINE, PARAGRAPH, Parsed, Part

_DECLARED = re.compile(rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?\s*([\w.:-]{2,40})", re.I)
_CHARSETS = {
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "gb18030": "gb18030",
    "x-gbk": "gb18030",
    "big5": "big5hkscs",
    "big5-hkscs": "big5hkscs",
    "shift_jis": "cp932",
    "euc-jp": "euc_jp",
    "euc-kr": "cp949",
    "iso-8859-1": "cp1252",
    "windows-1252": "cp1252",
}
_DECLARED_CONFIDENCE = 0.9  # of an encoding that the page declares and every byte fits
_NAME = re.compile(r"[a-z0-9]+")
_BLOCKS = frozenset(
    _NAME.findall(
        "address article aside blockquote body caption center dd details dialog dir div dl dt fieldset figcaption "
        "figure footer form header hgroup hr html legend li main menu nav ol p pre section summary table tbody td "
        "tfoot th thead tr ul h1 h2 h3 h4 h5 h6"
    )
)
_HEADINGS = {f"h{level}": level for level in range(1, 7)}
_LONGEST_HEADING = 200  # code points
_WIDE = "[\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef\U00020000-\U0003ffff“”‘’…—]"
_SOURCE_BREAK = re.compile(rf"(?<={_WIDE})[ \t]*[\r\n]\s*(?={_WIDE})")
_BLANKS = re.compile(r"[ \t\r\n\f]+")
_TAG = re.compile(r"(</?[a-zA-Z][a-zA-Z0-9]{0,20})[^<>]{0,5000}>")
_EDGES = " \u3000\xa0"
_BREAK = "\x0b"  # a <br>, until blanks have been joined
_LISTS = frozenset(("ul", "ol", "dl", "dir", "menu"))
_ITEMS = frozenset(("li", "dt", "dd"))
_TELLING = frozenset((*_HEADINGS, *_LISTS, *_ITEMS, "pre", "br"))  # tags that change how their text is taken
_SITE = re.compile(r"\s*[_|｜]\s*|\s+[-–—]+\s+|——")
_SHORTEST_TITLE = 4  # code points


def parse_html(raw: bytes) -> Parsed:
    """Read a page.

    raises  ParserFailed for bytes that are no text, and for pages without any
    """
    try:
        decoded = decode_page(raw)
    except UndecodableText as error:
        raise ParserFailed(str(error)) from None
    parsed = Parsed(encoding=decoded.encoding, confidence=decoded.confidence)
    root = _tree(decoded.text, parsed)
    parsed.told = told_by(root)
    shown = list(shown_texts(root))
    prune(root, parsed)
    rewrite(root)
    body = main_of(root, parsed)
    parsed.parts = without_notices(list(_Walk(body).parts()), parsed)
    if not parsed.parts:
        raise ParserFailed("the page holds no text; it may be filled in by scripts")
    _name(parsed)
    parsed.measure(shown)
    return parsed


def parse_fragment(text: str) -> Parsed | None:
    """Read a piece of a page within another text: everything that it shows; None where it is no mark-up at all."""
    parsed = Parsed()
    try:
        root = _tree(text, parsed)
    except ParserFailed:
        return None
    prune(root, parsed)
    rewrite(root)
    parsed.parts = list(_Walk(next(root.iter("body"), root)).parts())
    return parsed


def decode_page(raw: bytes) -> Decoded:
    """Decode a page: a byte order mark or strict UTF-8 first, then what the page declares, then the best guess.

    raises  UndecodableText if none of them reads every byte
    """
    declared = _DECLARED.search(raw[:4096])
    encoding = _CHARSETS.get(declared[1].decode("ascii", "replace").lower()) if declared else None
    if encoding is not None and b"\x00" not in raw and not raw.startswith(b"\xef\xbb\xbf"):
        try:
            raw.decode("utf-8")
        except UnicodeDecodeError:
            try:
                return Decoded(raw.decode(encoding), encoding, _DECLARED_CONFIDENCE)
            except UnicodeDecodeError:
                pass  # the declaration is wrong: let the whole file decide
    return decode(raw)


def _tree(text: str, parsed: Parsed) -> Any:
    parser = etree.HTMLParser(encoding="utf-8", no_network=True, huge_tree=True, remove_comments=True, remove_pis=True)
    root = etree.fromstring(text.replace("\x00", "").encode("utf-8", "replace"), parser) if text.strip() else None
    if root is None:
        raise ParserFailed("the page is empty")
    if any("depth" in error.message for error in parser.error_log):
        parsed.warnings.append("its elements are nested too deeply, so its structure was not read")
        return etree.fromstring(_flattened(text).encode("utf-8", "replace"), parser)
    return root


def _flattened(text: str) -> str:
    """The page with nothing but the ends of its blocks; what a parser cannot nest can still be read."""
    pieces = _TAG.split(re.sub(r"<!--.*?-->", "", text, flags=re.S)) if "-->" in text else _TAG.split(text)
    kept, silent = ["<html><body><p>"], ""
    for words, tag in zip(pieces[::2], [*pieces[1::2], ""], strict=True):
        kept.append("" if silent else words)
        name = tag.strip("</>").lower()
        if name in ("script", "style", "noscript", "template"):
            silent = "" if tag.startswith("</") else name
        elif name in _BLOCKS or name == "br":
            kept.append("<p>")
    return "".join(kept)


class _Walk:
    """Goes through the elements in order, without recursion, and gathers blocks."""

    def __init__(self, root: Any) -> None:
        self._root = root
        self._words: list[str] = []
        self._level = 0  # of the heading that is open, 0 outside
        self._preformatted = 0
        self._item = False  # a list item has begun that has no text yet
        self._lists = 0
        self._above = ""  # the last block, where the unit of a table may be told

    def parts(self) -> Iterator[Part]:
        walker = etree.iterwalk(self._root, events=("start", "end"))
        for event, element in walker:
            tag = element.tag
            if self._words and tag in _BLOCKS and (part := self._ended()) is not None:
                yield part
            if event == "start":
                if tag == "table" and (parts := _table_parts(element, self._above)) is not None:
                    walker.skip_subtree()
                    yield from parts
                else:
                    if tag in _TELLING:
                        self._enter(tag)
                    self._say(element.text)
                continue
            if tag in _TELLING:
                self._leave(tag)
            if element is not self._root:
                self._say(element.tail)
        if (part := self._ended()) is not None:
            yield part

    def _say(self, text: str | None) -> None:
        if text:
            self._words.append(text.replace("\n", _BREAK) if self._preformatted else text)

    def _enter(self, tag: str) -> None:
        self._level = _HEADINGS.get(tag, self._level)
        self._preformatted += tag == "pre"
        self._lists += tag in _LISTS
        self._item = self._item or tag in _ITEMS
        if tag == "br":
            self._words.append(_BREAK)

    def _leave(self, tag: str) -> None:
        if tag in _HEADINGS:
            self._level = 0
        self._preformatted -= tag == "pre"
        self._lists -= tag in _LISTS

    def _ended(self) -> Part | None:
        """What has been said since the last block began; None where that is nothing."""
        text = _joined("".join(self._words))
        self._words.clear()
        if not text:
            return None
        if self._level and len(text) <= _LONGEST_HEADING:
            part = Part(HEADING, text, self._level)
        else:
            part = Part(LINE if self._item and self._lists else PARAGRAPH, text)
        self._item = False
        self._above = text
        return part


def _joined(text: str) -> str:
    """Lines as a browser shows them: blanks joined, but none where only the source breaks a Chinese line."""
    text = _BLANKS.sub(" ", _SOURCE_BREAK.sub("", text) if "\n" in text or "\r" in text else text)
    if _BREAK not in text:
        return text.strip(_EDGES)
    lines = (line.strip(_EDGES) for line in text.split(_BREAK))
    return "\n".join(line for line in lines if line)


def _table_parts(element: Any, above: str) -> Iterator[Part] | None:
    """Caption and rows of a table, then the tables within its cells; None for one that only arranges the page."""
    found = table_of(element, lambda cell: "\n".join(part.text for part in _Walk(cell).parts()))
    if found is None:
        return None
    table, inner = found
    captions = [text for caption in element.iterchildren("caption") if (text := _joined("".join(caption.itertext())))]
    table.above = "\n".join((above, *captions))
    parts = [*(Part(PARAGRAPH, caption) for caption in captions), *table_parts(table)]
    return chain(parts, *(_inner_parts(name, one) for name, one in inner))


def _inner_parts(name: str, element: Any) -> Iterator[Part]:
    """A table within a cell, below the name of the row that holds it."""
    if name:
        yield Part(PARAGRAPH, name)
    yield from _Walk(element).parts()


def _name(parsed: Parsed) -> None:
    """The title without the site's name: the first heading, where the page's title opens with it or there is none."""
    title = parsed.told.get("title", "")
    first = next((part.text for part in parsed.parts if part.kind == HEADING and part.level == 1), "")
    bare = _SITE.split(title)[0]
    if first and (not title or first in title or title in first):
        parsed.told["title"] = first
    elif len(bare) >= _SHORTEST_TITLE:
        parsed.told["title"] = bare
