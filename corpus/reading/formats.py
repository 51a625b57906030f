"""Formats: what a file is, by its first bytes, its media type and its name."""

import io
import re
import zipfile
from collections.abc import Mapping
from pathlib import PurePosixPath

from corpus.reading.compound import root_names

SUFFIXES = {
    ".md": "markdown",
    ".markdown": "markdown",
    ".txt": "text",
    ".text": "text",
    ".json": "json",
    ".xml": "xml",
    ".html": "html",
    ".htm": "html",
    ".xhtml": "html",
    ".pdf": "pdf",
    ".docx": "docx",
    ".docm": "docx",
    ".dotx": "docx",
    ".xlsx": "xlsx",
    ".xlsm": "xlsx",
    ".xltx": "xlsx",
    ".xlsb": "xlsb",
    ".xls": "xls",
    ".xlt": "xls",
    ".et": "xls",
    ".pptx": "pptx",
    ".pptm": "pptx",
    ".ppsx": "pptx",
    ".potx": "pptx",
    ".odt": "odt",
    ".ott": "odt",
    ".ods": "ods",
    ".ots": "ods",
    ".odp": "odp",
    ".otp": "odp",
    ".rtf": "rtf",
    ".epub": "epub",
    ".eml": "eml",
    ".mht": "eml",
    ".mhtml": "eml",
    ".msg": "msg",
    ".csv": "csv",
    ".tsv": "tsv",
    ".zip": "zip",
    ".doc": "doc",
    ".dot": "doc",
    ".wps": "doc",
    ".ppt": "ppt",
    ".pps": "ppt",
    ".dps": "ppt",
    ".png": "image",
    ".jpg": "image",
    ".jpeg": "image",
    ".tif": "image",
    ".tiff": "image",
}
_OFFICE = "application/vnd.openxmlformats-officedocument"
_OPEN = "application/vnd.oasis.opendocument"
MEDIA_TYPES = {
    "text/markdown": "markdown",
    "text/x-markdown": "markdown",
    "text/plain": "text",
    "application/json": "json",
    "application/xml": "xml",
    "text/xml": "xml",
    "text/html": "html",
    "application/xhtml+xml": "html",
    "application/pdf": "pdf",
    f"{_OFFICE}.wordprocessingml.document": "docx",
    f"{_OFFICE}.wordprocessingml.template": "docx",
    "application/vnd.ms-word.document.macroenabled.12": "docx",
    f"{_OFFICE}.spreadsheetml.sheet": "xlsx",
    f"{_OFFICE}.spreadsheetml.template": "xlsx",
    "application/vnd.ms-excel.sheet.macroenabled.12": "xlsx",
    "application/vnd.ms-excel.sheet.binary.macroenabled.12": "xlsb",
    "application/vnd.ms-excel": "xls",
    f"{_OFFICE}.presentationml.presentation": "pptx",
    f"{_OFFICE}.presentationml.slideshow": "pptx",
    f"{_OFFICE}.presentationml.template": "pptx",
    "application/vnd.ms-powerpoint.presentation.macroenabled.12": "pptx",
    f"{_OPEN}.text": "odt",
    f"{_OPEN}.text-template": "odt",
    f"{_OPEN}.spreadsheet": "ods",
    f"{_OPEN}.spreadsheet-template": "ods",
    f"{_OPEN}.presentation": "odp",
    f"{_OPEN}.presentation-template": "odp",
    "application/rtf": "rtf",
    "text/rtf": "rtf",
    "application/epub+zip": "epub",
    "message/rfc822": "eml",
    "multipart/related": "eml",
    "application/vnd.ms-outlook": "msg",
    "application/msword": "doc",
    "application/vnd.ms-powerpoint": "ppt",
    "text/csv": "csv",
    "text/tab-separated-values": "tsv",
    "application/zip": "zip",
    "application/x-zip-compressed": "zip",
    "image/png": "image",
    "image/jpeg": "image",
    "image/tiff": "image",
}
_VAGUE = {  # what systems say of much else
    "application/octet-stream",
    "text/plain",
    "text/xml",
    "application/xml",
    "application/vnd.ms-excel",
    "application/msword",
    "application/vnd.ms-powerpoint",
}
_WPS = re.compile(r"application/(?:wps-office|vnd\.wps-office)\.(\w+)")
ACCEPTED = (
    "Markdown, plain text, HTML, XML, JSON, PDF, DOCX, XLSX, PPTX, XLS, XLSB, ODT, ODS, ODP, RTF, EPUB, EML, MSG, "
    "CSV, TSV, zip archives of these, and, where LibreOffice is installed, DOC, PPT and WPS; "
    "with the extra ocr, PNG, JPEG and TIFF"
)

MOST_ENTRIES = 20_000  # of a zip's directory; Python reads all of it at once
_SIGNATURES = {
    b"%PDF-": "pdf",
    b"PK\x03\x04": "zip",
    b"PK\x05\x06": "zip",
    b"\xd0\xcf\x11\xe0": "old Office",
    b"\x89PNG": "image",
    b"\xff\xd8\xff": "image",
    b"GIF8": "GIF",
    b"\x1f\x8b": "gzip",
    b"{\\rtf": "rtf",
    b"Rar!\x1a\x07": "RAR",
    b"7z\xbc\xaf\x27\x1c": "7-Zip",
    b"BZh": "bzip2",
    b"\xfd7zXZ": "xz",
    b"II*\x00": "image",
    b"MM\x00*": "image",
}
_HTML = re.compile(
    rb"(?:\xef\xbb\xbf)?\s*(?:<\?xml[^>]{0,200}>\s*)?(?:<!--.{0,2000}?-->\s*)*<(?:!doctype html|html[\s>])", re.I | re.S
)
_ZIPPED = ("docx", "xlsx", "xlsb", "pptx", "odt", "ods", "odp", "epub", "zip")
_COMPOUND = {"WordDocument": "doc", "PowerPoint Document": "ppt", "Workbook": "xls", "Book": "xls"}
_MESSAGE = "__properties_version1.0"  # a stream that only an Outlook message has at its root
_OPENED = (
    "pdf",
    "image",
    "rtf",
    "doc",
    "ppt",
    "xls",
    "msg",
    *_ZIPPED,
)  # formats that show in their first bytes, always
_CONTAINERS = {"xl/workbook.bin": "xlsb", "word/": "docx", "xl/": "xlsx", "ppt/": "pptx"}
_OPENDOCUMENT = re.compile(rb"opendocument\.(text|spreadsheet|presentation)(?:-template)?\s*\Z")
_OPEN_KINDS = {b"text": "odt", b"spreadsheet": "ods", b"presentation": "odp"}
_LOCKED = "EncryptedPackage".encode("utf-16-le")
_DISGUISED = {  # what programs write under the name of an old Office format
    "xml": re.compile(rb"(?:\xef\xbb\xbf)?\s*<\?xml", re.I),
    "eml": re.compile(rb"MIME-Version:|From: |Message-ID:", re.I),
}


class Unreadable(ValueError):
    """Bytes that claim an accepted format and cannot be read as such."""


class Unsupported(ValueError):
    """A format that we do not read."""


class NeedsConverter(Unsupported):
    """A format that only LibreOffice reads, which is not installed."""


def format_of(raw: bytes, name: str, media_type: str) -> tuple[str, str]:
    """The format to read as, and a warning where the name says another (else empty).

    name, media_type  the media type decides, then the suffix; both give way to bytes that can be nothing else
    raises            Unsupported for a format that is not read or a media type that the bytes contradict;
                      Unreadable for a format that the bytes do not show
    """
    said, by = _said(name, media_type)
    shown = _signature(raw)
    if shown == "html" and b"%PDF-" in raw[:2048]:
        raise Unsupported(f"the content is both HTML and PDF; accepted are {ACCEPTED}")
    if shown == "zip" and (by != "media type" or said in _ZIPPED):
        shown = _container(raw)
    if shown is None:
        if (disguised := _disguised(raw, said)) is not None:
            return disguised, f"the name says {said}, but the content is {disguised.upper()} and was read as such"
        if said in _OPENED:
            raise Unreadable(f"it is no {said.upper()} file: its first bytes are others")
        return said or "text", ""
    if shown not in (*_OPENED, "html"):
        raise Unsupported(f"the content is a {shown} file; accepted are {ACCEPTED}")
    if said in (None, shown) or (said == "zip" and shown in _ZIPPED):
        return shown, ""
    if by == "media type":
        raise Unsupported(f"the content is a {shown.upper()} file, but was sent as {said}")
    return shown, f"the name says {said}, but the content is {shown.upper()} and was read as such"


def _signature(raw: bytes) -> str | None:
    """What the first bytes show; None where they could be any text."""
    shown = next((what for start, what in _SIGNATURES.items() if raw.startswith(start)), None)
    if shown == "old Office":
        return _compound(raw)
    if shown is None and _HTML.match(raw[:8192]):
        return "html"
    return shown


def _disguised(raw: bytes, said: str | None) -> str | None:
    """The text format that stands under the name of an old Office format; None for any other name or content."""
    if said not in ("doc", "xls") or b"\x00" in raw[:1024]:
        return None
    named = next((kind for kind, opening in _DISGUISED.items() if opening.match(raw)), None)
    return named or ("csv" if said == "xls" and raw.strip() else None)


def _compound(raw: bytes) -> str:
    """What a compound file holds, by the names at its root."""
    names = root_names(raw)
    if "EncryptedPackage" in names or (not names and _LOCKED in raw):
        raise Unreadable("it is an Office file locked with a password; save it without one")
    if _MESSAGE in names:
        return "msg"
    return next((kind for name, kind in _COMPOUND.items() if name in names), "old Office")


def _container(raw: bytes) -> str:
    """What a zip holds; many formats are zips."""
    if raw.count(b"PK\x01\x02") > MOST_ENTRIES:
        raise Unreadable(f"the archive holds more than {MOST_ENTRIES} files")
    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as archive:
            names = archive.namelist()
            if "mimetype" in names and archive.getinfo("mimetype").file_size < 200:
                kind = archive.read("mimetype")
                if b"epub" in kind:
                    return "epub"
                if b"opendocument" in kind:
                    known = _OPENDOCUMENT.search(kind)
                    return _OPEN_KINDS[known[1]] if known else "OpenDocument"
    except (zipfile.BadZipFile, ValueError, NotImplementedError, RuntimeError, OSError, EOFError) as error:
        raise Unreadable(f"the zip archive is damaged ({' '.join(str(error).split())[:80]})") from None
    if "META-INF/container.xml" in names and "[Content_Types].xml" not in names:
        return "epub"
    if "[Content_Types].xml" in names:
        for start, what in _CONTAINERS.items():
            if any(name.startswith(start) for name in names):
                return what
    return "zip"


def _said(name: str, media_type: str) -> tuple[str | None, str]:
    """The format that media type or name say, and which of them said it."""
    bare = media_type.split(";")[0].strip().lower()
    suffix = PurePosixPath(name.replace("\\", "/")).suffix.lower()
    if wps := _WPS.fullmatch(bare):
        bare, suffix = "", suffix or f".{wps[1]}"
    if bare in _VAGUE and suffix in SUFFIXES:
        return SUFFIXES[suffix], "name"  # browsers call Markdown plain text, and CSV Excel
    if bare in MEDIA_TYPES:
        return MEDIA_TYPES[bare], "name" if bare in _VAGUE - {"text/plain"} else "media type"
    if bare and bare not in _VAGUE:
        raise Unsupported(f"media type {bare[:60]!r} is not read; accepted are {ACCEPTED}")
    if suffix and suffix not in SUFFIXES:
        raise Unsupported(f"files ending in {suffix[:20]!r} are not read; accepted are {ACCEPTED}")
    return _by_suffix(suffix, SUFFIXES)


def _by_suffix(suffix: str, known: Mapping[str, str]) -> tuple[str | None, str]:
    return (known[suffix], "name") if suffix else (None, "")
