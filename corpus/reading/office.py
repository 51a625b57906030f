"""Office packages: the zip of XML parts that DOCX and XLSX files are, opened with care."""

import io
import posixpath
import zipfile
from collections.abc import Collection, Iterator, Mapping
from typing import Any
from urllib.parse import unquote

from lxml import etree

from corpus.reading.bounded import ParserFailed
from corpus.reading.dates import iso_date

LARGEST_PACKAGE = 512 * 2**20  # bytes of all parts unpacked
HIGHEST_RATIO = 200  # unpacked to packed, of a large part
_LARGE = 8 * 2**20  # bytes
MOST_PARTS = 5000
_PROLOGUE = 65_536  # bytes in which a document type is looked for

_CORE = "docProps/core.xml"
_DOCTYPES = (b"<!DOCTYPE", *("<!DOCTYPE".encode(encoding) for encoding in ("utf-16-le", "utf-16-be")))


def open_package(raw: bytes, doctypes: bool = False) -> zipfile.ZipFile:
    """Open a package that is no bomb.

    doctypes  whether its parts may declare a document type; they must then be read by `read_xml_leniently`
    raises    ParserFailed for one that is too large, packed too tightly, or locked
    """
    package = zipfile.ZipFile(io.BytesIO(raw))
    parts = package.infolist()
    if len(parts) > MOST_PARTS or sum(part.file_size for part in parts) > LARGEST_PACKAGE:
        raise ParserFailed(
            f"unpacked it is larger than {LARGEST_PACKAGE // 2**20} MiB, or has more than {MOST_PARTS} parts; split it"
        )
    for part in parts:
        if part.flag_bits & 1:
            raise ParserFailed("it is locked with a password; save it without one")
        if part.file_size > max(_LARGE, HIGHEST_RATIO * part.compress_size):
            raise ParserFailed(f"its part {part.filename[:60]} is packed more than {HIGHEST_RATIO} times")
        if not doctypes and part.filename.endswith((".xml", ".rels")):
            _refuse_doctype(package, part.filename)
    return package


def read_part(package: zipfile.ZipFile, path: str) -> bytes | None:
    """A part's bytes; None where it is missing."""
    return package.read(path) if path in package.NameToInfo else None


def read_xml(package: zipfile.ZipFile, path: str) -> Any:
    """A part's root element; None where it is missing.

    raises  ParserFailed for a part that declares entities or is no XML
    """
    raw = read_part(package, path)
    if raw is None:
        return None
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=True)
    try:
        root = etree.fromstring(raw, parser)
    except etree.XMLSyntaxError as error:
        raise ParserFailed(f"its part {path} is no XML ({str(error)[:80]})") from None
    if root.getroottree().docinfo.doctype:
        raise ParserFailed(f"its part {path} declares a document type, which no Office file does")
    return root


def read_xml_leniently(package: zipfile.ZipFile, path: str) -> Any:
    """A part's root element; None where it is missing or nothing of it can be read. Entities stay unread."""
    raw = read_part(package, path)
    if raw is None:
        return None
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, recover=True)
    return etree.fromstring(raw, parser) if raw.strip() else None


def parse_any_xml(raw: bytes) -> Any:
    """The root element of a file that may be any XML.

    raises  ParserFailed for what is no XML, or declares entities
    """
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, remove_comments=True, remove_pis=True
    )
    try:
        root = etree.fromstring(raw, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise ParserFailed(f"it is no XML ({' '.join(str(error).split())[:80]})") from None
    declared = root.getroottree().docinfo.internalDTD
    if declared is not None and any(True for _ in declared.iterentities()):
        raise ParserFailed("it declares entities, which are not read")
    return root


def streamed(package: zipfile.ZipFile, path: str, names: tuple[str, ...]) -> Iterator[Any]:
    """Elements of these names as they are read; each is emptied before the next one comes.

    raises  ParserFailed for a part that declares entities or is no XML
    """
    for _, element in _events(package, path, tuple(f"{{*}}{name}" for name in names), ("end",)):
        yield element
        _let_go(element)


def outermost(package: zipfile.ZipFile, path: str, tags: Collection[str], silent: Collection[str]) -> Iterator[Any]:
    """Elements with these tags that lie in no other such element; each is emptied before the next one is read.

    silent  tags of elements of which nothing is given
    raises  ParserFailed for a part that declares entities or is no XML
    """
    opened: list[Any] = []  # the outermost and those within, held so that lxml gives the same objects again
    for event, element in _events(package, path, (*tags, *silent), ("start", "end")):
        if event == "start":
            opened.append(element)
            continue
        opened.pop()
        if not opened:
            if element.tag in tags:
                yield element
            _let_go(element)


def root_tag(package: zipfile.ZipFile, path: str) -> str:
    """The tag of a part's root, without reading on; empty where the part is missing."""
    events = _events(package, path, None, ("start",)) if path in package.NameToInfo else iter(())
    return next((str(element.tag) for _, element in events), "")


def _events(
    package: zipfile.ZipFile, path: str, tags: tuple[str, ...] | None, events: tuple[str, ...]
) -> Iterator[tuple[str, Any]]:
    with package.open(path) as part:
        parser = etree.iterparse(
            part, events=events, tag=tags, resolve_entities=False, no_network=True, load_dtd=False, huge_tree=True
        )
        try:
            yield from parser
        except etree.XMLSyntaxError as error:
            raise ParserFailed(f"its part {path} is no XML ({str(error)[:80]})") from None
        if parser.root is not None and parser.root.getroottree().docinfo.doctype:
            raise ParserFailed(f"its part {path} declares a document type, which no Office file does")


def _let_go(element: Any) -> None:
    """Empty an element that has been read, and take out what stands before it."""
    element.clear()
    while element.getprevious() is not None:
        del element.getparent()[0]


def targets(package: zipfile.ZipFile, path: str) -> Mapping[str, tuple[str, str]]:
    """Kind (styles, footnotes …) and path of the parts that a part names as related, by their ids."""
    folder, name = posixpath.split(path)
    root = read_xml(package, posixpath.join(folder, "_rels", f"{name}.rels"))
    found: dict[str, tuple[str, str]] = {}
    for one in root if root is not None else ():
        kind, target = str(one.get("Type", "")).rsplit("/", 1)[-1], unquote(str(one.get("Target", "")))
        if one.get("TargetMode") != "External":
            whole = target.lstrip("/") if target.startswith("/") else posixpath.normpath(posixpath.join(folder, target))
            found.setdefault(str(one.get("Id", len(found))), (kind, whole))
    return found


def related(package: zipfile.ZipFile, path: str) -> Mapping[str, list[str]]:
    """Paths of related parts by their kind; path "" is the package."""
    found: dict[str, list[str]] = {}
    for kind, target in targets(package, path).values():
        found.setdefault(kind, []).append(target)
    return found


def _refuse_doctype(package: zipfile.ZipFile, path: str) -> None:
    """No Office file declares a document type; those that do mean harm (entities without end, or from outside)."""
    with package.open(path) as part:
        opening = part.read(_PROLOGUE)
    if any(sign in opening for sign in _DOCTYPES):
        raise ParserFailed(f"its part {path} declares a document type, which no Office file does")


def told_by(package: zipfile.ZipFile) -> dict[str, str]:
    """Title, author and day of the last change, from the core properties."""
    root = read_xml(package, _CORE)
    if root is None:
        return {}
    texts = {etree.QName(one).localname: (one.text or "").strip() for one in root.iterchildren(tag=etree.Element)}
    told = {"title": texts.get("title", ""), "author": texts.get("creator", "")}
    changed = iso_date(texts.get("modified", "") or texts.get("created", ""))
    if changed:
        told["date_note"] = f"文件修改于{changed}"
    return {name: value for name, value in told.items() if value}
