"""OpenDocument packages: opened with care, their styles, and the words of a paragraph as they are seen."""

import zipfile
from dataclasses import dataclass, field
from typing import Any

from corpus.reading.bounded import ParserFailed
from corpus.reading.dates import iso_date
from corpus.reading.office import open_package, read_xml
from corpus.reading.raised import raised
from corpus.reading.titles import is_placeholder

_OASIS = "urn:oasis:names:tc:opendocument:xmlns:"
OFFICE, TEXT, TABLE, DRAW, STYLE, PRESENTATION = (
    f"{{{_OASIS}{name}:1.0}}" for name in ("office", "text", "table", "drawing", "style", "presentation")
)
_MOST_BLANKS = 100  # that one element may stand for
_CONTENT = "content.xml"
_SILENT = {
    f"{OFFICE}annotation",
    f"{OFFICE}annotation-end",
    f"{TEXT}tracked-changes",
    f"{TEXT}ruby-text",
    f"{TEXT}hidden-text",
    f"{TEXT}note",
    f"{DRAW}frame",
    f"{DRAW}custom-shape",
    f"{OFFICE}event-listeners",
}
_BOXES = {f"{DRAW}frame", f"{DRAW}custom-shape"}


@dataclass(slots=True)
class Styles:
    """Names of styles by what they do to their text."""

    hidden: set[str] = field(default_factory=set)
    struck: set[str] = field(default_factory=set)
    raised: set[str] = field(default_factory=set)
    titles: set[str] = field(default_factory=set)
    unseen: set[str] = field(default_factory=set)  # of sheets, rows or slides

    def add(self, style: Any) -> None:
        """Take a style; one that is based on a style taken before does what that does."""
        name, parent = style.get(f"{STYLE}name", ""), style.get(f"{STYLE}parent-style-name", "")
        for names in (self.hidden, self.struck, self.raised, self.titles):
            if parent in names:
                names.add(name)
        if name == "Title":
            self.titles.add(name)
        for properties in style:
            told = {str(key).rsplit("}", 1)[-1]: value for key, value in properties.items()}
            if told.get("display") in ("none", "false") or told.get("visibility") == "hidden":
                (self.hidden if str(properties.tag).endswith("text-properties") else self.unseen).add(name)
            if told.get("text-line-through-style", "none") != "none":
                self.struck.add(name)
            if told.get("text-position", "").startswith(("super", "33%")):
                self.raised.add(name)


@dataclass(slots=True)
class Words:
    """Reads paragraphs. left_out  text by the reason why it is not shown; notes, boxes  what was met on the way"""

    styles: Styles
    left_out: dict[str, list[str]] = field(default_factory=dict)
    notes: list[Any] = field(default_factory=list)
    boxes: list[Any] = field(default_factory=list)

    def read(self, element: Any) -> str:
        """The text of a paragraph or heading; its notes and text boxes are put aside."""
        pieces: list[str] = [element.text or ""]
        waiting: list[tuple[Any, bool]] = [(one, False) for one in reversed(element)]
        lifted: list[int] = []  # where the pieces of each raised span that is open begin
        while waiting:
            one, ended = waiting.pop()
            if ended:
                if self._style_of(one) in self.styles.raised:
                    start = lifted.pop()
                    pieces[start:] = [raised("".join(pieces[start:]))]
            elif self._enter(one, pieces):
                if self._style_of(one) in self.styles.raised:
                    lifted.append(len(pieces))
                waiting.append((one, True))
                pieces.append(one.text or "")
                waiting += [(inner, False) for inner in reversed(one)]
                continue
            pieces.append(one.tail or "")
        return "".join(pieces)

    def _enter(self, one: Any, pieces: list[str]) -> bool:
        """Whether the words within an element are read."""
        tag = one.tag
        if tag == f"{TEXT}s":
            count = one.get(f"{TEXT}c", "1")
            pieces.append(" " * min(int(count), _MOST_BLANKS) if count.isdigit() else " ")
        elif tag == f"{TEXT}tab":
            pieces.append(" ")
        elif tag == f"{TEXT}line-break":
            pieces.append("\n")
        elif tag == f"{TEXT}note":
            self.notes.append(one)
        elif tag in _BOXES:
            self.boxes.append(one)
        elif not isinstance(tag, str) or tag in _SILENT:
            self._drop("comment" if tag == f"{OFFICE}annotation" else "hidden text", one)
        elif self._style_of(one) in self.styles.hidden:
            self._drop("hidden text", one)
        elif self._style_of(one) in self.styles.struck:
            self._drop("struck-out text", one)
        else:
            return True
        return False

    def is_hidden(self, paragraph: Any) -> bool:
        """Whether a paragraph's own style hides it."""
        if self._style_of(paragraph) not in self.styles.hidden:
            return False
        self._drop("hidden text", paragraph)
        return True

    def _style_of(self, one: Any) -> str:
        return str(one.get(f"{TEXT}style-name", ""))

    def _drop(self, reason: str, one: Any) -> None:
        if isinstance(one.tag, str) and one.tag != f"{TEXT}ruby-text" and (text := "".join(one.itertext()).strip()):
            self.left_out.setdefault(reason, []).append(text)


def open_odf(raw: bytes) -> zipfile.ZipFile:
    """Open a package.

    raises  ParserFailed for one that is no package, too large, or locked
    """
    package = open_package(raw)
    manifest = read_xml(package, "META-INF/manifest.xml")
    if manifest is not None and any(True for _ in manifest.iter("{*}encryption-data")):
        raise ParserFailed("it is locked with a password; save it without one")
    if _CONTENT not in package.NameToInfo:
        raise ParserFailed("it is damaged: its content is missing")
    return package


def body_of(package: zipfile.ZipFile, kind: str) -> tuple[Any, Styles]:
    """The body of this kind (text, presentation) and the styles.

    raises  ParserFailed where the package holds none
    """
    root = read_xml(package, _CONTENT)
    body = root.find(f"{OFFICE}body/{OFFICE}{kind}")
    if body is None:
        raise ParserFailed(f"it holds no {kind} document")
    styles = Styles()
    common = read_xml(package, "styles.xml")
    for one in (common, root):
        for style in one.iter(f"{STYLE}style") if one is not None else ():
            styles.add(style)
    return body, styles


def told_by_meta(package: zipfile.ZipFile) -> dict[str, str]:
    """Title, author and day of the last change."""
    root = read_xml(package, "meta.xml")
    if root is None:
        return {}
    texts = {str(one.tag).rsplit("}", 1)[-1]: (one.text or "").strip() for one in root.iterfind(f"{OFFICE}meta/*")}
    told = {"title": texts.get("title", ""), "author": texts.get("initial-creator", "") or texts.get("creator", "")}
    if is_placeholder(told["title"]):
        told["title"] = ""
    if changed := iso_date(texts.get("date", "") or texts.get("creation-date", "")):
        told["date_note"] = f"文件修改于{changed}"
    return {name: value for name, value in told.items() if value}


def has_macros(package: zipfile.ZipFile) -> bool:
    return any(
        name.startswith(("Basic/", "Scripts/")) and name.endswith((".xml", ".py")) for name in package.namelist()
    )
