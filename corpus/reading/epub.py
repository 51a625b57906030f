"""EPUB → parts: the chapters in the order of the spine, each through the HTML reader."""

import posixpath
import zipfile
from collections.abc import Iterator
from typing import Any
from urllib.parse import unquote

from corpus.reading.bounded import ParserFailed
from corpus.reading.dates import iso_date
from corpus.reading.html import parse_html
from corpus.reading.office import open_package, read_part, read_xml_leniently
from corpus.reading.parts import HEADING, Parsed, Part

MOST_CHAPTERS = 5000
_CONTAINER = "META-INF/container.xml"
_ENCRYPTION = "META-INF/encryption.xml"
_FONTS = ("http://www.idpf.org/2008/embedding", "http://ns.adobe.com/pdf/enc#RC")  # only fonts are made unreadable so
_PAGES = ("application/xhtml+xml", "text/html", "application/x-dtbook+xml")
_TOLD = {"title": "title", "creator": "author", "publisher": "publisher"}


def parse_epub(raw: bytes) -> Parsed:
    """Read a book.

    raises  ParserFailed for a package that is damaged, protected, too large, or without any text
    """
    with open_package(raw, doctypes=True) as package:
        _refuse_protected(package)
        path = _package_document(package)
        root = read_xml_leniently(package, path)
        if root is None:
            raise ParserFailed("it is damaged: it names no package document")
        parsed = Parsed(told=_told(root))
        items = _items(root, posixpath.dirname(path))
        labels = _labels(package, root, items)
        for chapter, linear in _chapters(root, items):
            _read_chapter(package, chapter, labels.get(chapter, ""), linear, parsed)
    if not parsed.parts:
        raise ParserFailed("its chapters hold no text; they may be images: recognise their text (OCR) first")
    return parsed


def _refuse_protected(package: zipfile.ZipFile) -> None:
    root = read_xml_leniently(package, _ENCRYPTION)
    methods = [one.get("Algorithm", "") for one in root.iter("{*}EncryptionMethod")] if root is not None else []
    if "META-INF/rights.xml" in package.NameToInfo or any(not one.startswith(_FONTS) for one in methods):
        raise ParserFailed("it is protected by digital rights management")


def _package_document(package: zipfile.ZipFile) -> str:
    root = read_xml_leniently(package, _CONTAINER)
    named = [str(one.get("full-path", "")) for one in root.iter("{*}rootfile")] if root is not None else []
    others = (name for name in package.namelist() if name.endswith(".opf"))
    return next((unquote(one) for one in named if one), "") or next(others, "")


def _told(root: Any) -> dict[str, str]:
    told: dict[str, str] = {}
    for one in root.iterfind("{*}metadata//*"):
        name = str(one.tag).rsplit("}", 1)[-1]
        if name in _TOLD and (one.text or "").strip():
            told.setdefault(_TOLD[name], one.text.strip())
        elif name == "date" and (day := iso_date(one.text or "")):
            told.setdefault("date", day)
    return told


def _items(root: Any, folder: str) -> dict[str, tuple[str, str]]:
    """Path and media type of what the manifest names, by its id."""
    return {
        str(one.get("id")): (_resolved(folder, str(one.get("href", ""))), str(one.get("media-type", "")).lower())
        for one in root.iterfind("{*}manifest/{*}item")
    }


def _chapters(root: Any, items: dict[str, tuple[str, str]]) -> Iterator[tuple[str, bool]]:
    """Paths of the chapters in reading order, each once, and whether it belongs to the main text."""
    seen = set[str]()
    for one in root.iterfind("{*}spine/{*}itemref"):
        path, kind = items.get(str(one.get("idref")), ("", ""))
        if path and path not in seen and kind in _PAGES:
            seen.add(path)
            if len(seen) > MOST_CHAPTERS:
                raise ParserFailed(f"it has more than {MOST_CHAPTERS} chapters; split it")
            yield path, one.get("linear", "yes") != "no"


def _labels(package: zipfile.ZipFile, root: Any, items: dict[str, tuple[str, str]]) -> dict[str, str]:
    """What the book's table of contents calls each file, from the older form of it (NCX) and the newer (nav)."""
    labels: dict[str, str] = {}
    navigation = [
        items[str(one.get("id"))][0]
        for one in root.iterfind("{*}manifest/{*}item")
        if "nav" in str(one.get("properties", "")).split()
    ]
    for path, kind in items.values():
        if kind == "application/x-dtbncx+xml" and (contents := read_xml_leniently(package, path)) is not None:
            for point in contents.iter("{*}navPoint"):
                target = point.find("{*}content")
                words = " ".join("".join(point.xpath("./*[local-name()='navLabel']//text()")).split())
                if target is not None and words:
                    labels.setdefault(_resolved(posixpath.dirname(path), str(target.get("src", ""))), words)
    for path in navigation:
        contents = read_xml_leniently(package, path)
        for link in contents.iter("{*}a") if contents is not None else ():
            words = " ".join("".join(link.itertext()).split())
            if words:
                labels.setdefault(_resolved(posixpath.dirname(path), str(link.get("href", ""))), words)
    return labels


def _read_chapter(package: zipfile.ZipFile, path: str, label: str, linear: bool, parsed: Parsed) -> None:
    """A chapter without a heading of its own has the one of the table of contents."""
    raw = read_part(package, path)
    if raw is None:
        parsed.warnings.append(f"its chapter {path[:80]} is missing")
        return
    try:
        page = parse_html(raw)
    except ParserFailed:
        parsed.drop("page without text", [path])
        return
    if not linear:
        parsed.drop("beside the main text", [part.text for part in page.parts])
        return
    parsed.dropped += page.dropped
    parsed.warnings += [f"{path}: {warning}" for warning in page.warnings]
    if label and page.parts[0].kind != HEADING:
        parsed.parts.append(Part(HEADING, label, 1))
    parsed.parts += page.parts


def _resolved(folder: str, target: str) -> str:
    return posixpath.normpath(posixpath.join(folder, unquote(target.split("#")[0])))
