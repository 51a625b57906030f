"""Files for tests in further formats, made by other programs' libraries or by hand, as bytes."""

import io
import struct
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from support_files import zipped

_OASIS = "urn:oasis:names:tc:opendocument:xmlns:"
ODF = " ".join(
    f'xmlns:{name}="{_OASIS}{name}:1.0"' for name in ("office", "text", "table", "style", "presentation")
) + (
    f' xmlns:draw="{_OASIS}drawing:1.0" xmlns:fo="{_OASIS}xsl-fo-compatible:1.0" xmlns:meta="{_OASIS}meta:1.0"'
    ' xmlns:dc="http://purl.org/dc/elements/1.1/"'
)
_SECTOR, _MINI, _CUTOFF = 512, 64, 4096
_FREE, _END, _FAT = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD


def pptx_of(fill: Callable[[Any], None]) -> bytes:
    """A presentation; `fill` gets the python-pptx object before it is saved."""
    import pptx

    show = pptx.Presentation()
    fill(show)
    file = io.BytesIO()
    show.save(file)
    return file.getvalue()


def slide_of(show: Any, title: str, *lines: str) -> Any:
    """A slide with title and text, in the second layout."""
    slide = show.slides.add_slide(show.slide_layouts[1])
    slide.shapes.title.text = title
    slide.placeholders[1].text_frame.text = "\n".join(lines)
    return slide


def xls_of(rows: Sequence[Sequence[object]], change: Callable[[Any, Any], None] | None = None) -> bytes:
    """An old workbook with one sheet; a cell (value, form) is shown in this form. `change` gets book and sheet."""
    import xlwt

    book = xlwt.Workbook()
    sheet = book.add_sheet("园区")
    styles: dict[str, Any] = {}  # a workbook holds few
    for row, cells in enumerate(rows):
        for column, cell in enumerate(cells):
            value, form = cell if isinstance(cell, tuple) else (cell, "General")
            if value is not None:
                style = styles.setdefault(form, xlwt.easyxf(num_format_str=form))
                sheet.write(row, column, value, style)
    if change:
        change(book, sheet)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def xlsb_of(rows: Sequence[Sequence[str | float]]) -> bytes:
    """A binary workbook with one sheet, by hand."""
    width = max(map(len, rows))
    sheet = _record(0x81) + _record(0x94, struct.pack("<IIII", 0, len(rows) - 1, 0, width - 1)) + _record(0x91)
    for number, row in enumerate(rows):
        sheet += _record(0, struct.pack("<IIHHBII", number, 0, 300, 0, 0, 0, 0)[:17])
        for column, value in enumerate(row):
            head = struct.pack("<II", column, 0)
            if isinstance(value, str):
                sheet += _record(6, head + _wide(value))
            else:
                sheet += _record(5, head + struct.pack("<d", value))
    sheet += _record(0x92) + _record(0x82)
    book = _record(0x83) + _record(0x8F)
    book += _record(0x9C, struct.pack("<II", 0, 1) + _wide("rId1") + _wide("园区")) + _record(0x90) + _record(0x84)
    kind = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    opened = '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
    return zipped(
        {
            "[Content_Types].xml": "<Types/>",
            "_rels/.rels": f'{opened}<Relationship Id="r" Type="{kind}/officeDocument" Target="xl/workbook.bin"/>'
            "</Relationships>",
            "xl/workbook.bin": book,
            "xl/_rels/workbook.bin.rels": f'{opened}<Relationship Id="rId1" Type="{kind}/worksheet" '
            'Target="worksheets/sheet1.bin"/></Relationships>',
            "xl/worksheets/sheet1.bin": sheet,
        }
    )


def _record(kind: int, body: bytes = b"") -> bytes:
    head = bytes([kind]) if kind < 0x80 else bytes([kind & 0x7F | 0x80, kind >> 7])
    size, length = b"", len(body)
    while True:
        size += bytes([length & 0x7F | (0x80 if length > 0x7F else 0)])
        length >>= 7
        if not length:
            return head + size + body


def _wide(text: str) -> bytes:
    return struct.pack("<I", len(text)) + text.encode("utf-16-le")


def odf_of(kind: str, body: str, styles: str = "", parts: Mapping[str, str | bytes] | None = None) -> bytes:
    """An OpenDocument package of this kind (text, spreadsheet, presentation) around the XML of its body."""
    content = (
        f"<office:document-content {ODF}><office:automatic-styles>{styles}</office:automatic-styles>"
        f"<office:body><office:{kind}>{body}</office:{kind}></office:body></office:document-content>"
    )
    mimetype = f"application/vnd.oasis.opendocument.{kind}"
    return zipped({"mimetype": mimetype, "content.xml": content, **(parts or {})})


def cell(text: str, attributes: str = "") -> str:
    return f"<table:table-cell {attributes}><text:p>{text}</text:p></table:table-cell>"


def sheet(name: str, rows: str, attributes: str = "") -> str:
    return f'<table:table table:name="{name}" {attributes}>{rows}</table:table>'


def epub_of(chapters: Mapping[str, str], extra: Mapping[str, str | bytes] | None = None, spine: str = "") -> bytes:
    """A book of these chapters (name → XHTML body)."""
    items = "".join(
        f'<item id="c{n}" href="{name}" media-type="application/xhtml+xml"/>' for n, name in enumerate(chapters)
    )
    refs = spine or "".join(f'<itemref idref="c{n}"/>' for n in range(len(chapters)))
    opf = (
        '<package xmlns="http://www.idpf.org/2007/opf" xmlns:dc="http://purl.org/dc/elements/1.1/"><metadata>'
        "<dc:title>园区手册</dc:title><dc:creator>甲方</dc:creator><dc:date>2024-05-06</dc:date></metadata>"
        f'<manifest>{items}<item id="ncx" href="toc.ncx" media-type="application/x-dtbncx+xml"/></manifest>'
        f"<spine>{refs}</spine></package>"
    )
    container = '<container xmlns="urn:x"><rootfiles><rootfile full-path="O/b.opf"/></rootfiles></container>'
    pages = {
        f"O/{name}": f'<?xml version="1.0"?><html xmlns="http://www.w3.org/1999/xhtml"><body>{body}</body></html>'
        for name, body in chapters.items()
    }
    standard = {"mimetype": "application/epub+zip", "META-INF/container.xml": container, "O/b.opf": opf}
    return zipped({**standard, **pages, **(extra or {})})


Tree = Mapping[str, "bytes | Tree"]


def compound_of(tree: Tree) -> bytes:
    """A compound file: names → bytes of a stream, or a storage. Streams stand in full sectors or the mini stream."""
    entries: list[list[Any]] = [["Root Entry", 5, _FREE, _FREE, 0, 0]]  # name, type, right, child, start, size
    contents: list[tuple[int, bytes]] = []

    def fill(parent: int, inner: Tree) -> None:
        before = None
        for name in sorted(inner, key=lambda one: (len(one), one.upper())):
            number, value = len(entries), inner[name]
            entries.append([name, 2 if isinstance(value, bytes) else 1, _FREE, _FREE, 0, 0])
            if before is None:
                entries[parent][3] = number
            else:
                entries[before][2] = number
            before = number
            if isinstance(value, bytes):
                contents.append((number, value))
            else:
                fill(number, value)

    fill(0, tree)
    fat: list[int] = []
    body = b""

    def chain(raw: bytes) -> int:
        nonlocal body
        count = -(-len(raw) // _SECTOR)
        first = len(fat)
        fat.extend([*range(first + 1, first + count), _END] if count else [])
        body += raw.ljust(count * _SECTOR, b"\0")
        return first if count else _END

    mini, minifat = b"", list[int]()
    for number, raw in contents:
        entries[number][5] = len(raw)
        if len(raw) >= _CUTOFF:
            entries[number][4] = chain(raw)
        else:
            count = -(-len(raw) // _MINI)
            entries[number][4] = len(minifat) if count else _END
            minifat.extend([*range(len(minifat) + 1, len(minifat) + count), _END] if count else [])
            mini += raw.ljust(count * _MINI, b"\0")
    entries[0][4], entries[0][5] = chain(mini), len(mini)
    minifat_at = chain(struct.pack(f"<{len(minifat)}I", *minifat))
    listed = b""
    for name, kind, right, child, start, size in entries:
        wide = name.encode("utf-16-le") + b"\0\0"
        listed += wide.ljust(64, b"\0") + struct.pack("<HBBIII", len(wide), kind, 1, _FREE, right, child)
        listed += bytes(16 + 4 + 8 + 8) + struct.pack("<IQ", start, size)
    directory_at = chain(listed)
    fat_sectors = 1
    while fat_sectors * 128 < len(fat) + fat_sectors:
        fat_sectors += 1
    fat_at = len(fat)
    fat += [_FAT] * fat_sectors
    body += struct.pack(f"<{len(fat)}I", *fat).ljust(fat_sectors * _SECTOR, b"\xff")
    minifat_count = -(-len(minifat) * 4 // _SECTOR)
    head = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16) + struct.pack("<HHHHH", 0x3E, 3, 0xFFFE, 9, 6) + bytes(6)
    head += struct.pack("<IIIII", 0, fat_sectors, directory_at, 0, _CUTOFF)
    head += struct.pack("<IIII", minifat_at, minifat_count, _END, 0)
    head += struct.pack(f"<{fat_sectors}I", *range(fat_at, fat_at + fat_sectors)).ljust(436, b"\xff")
    return head + body


def msg_of(told: Mapping[str, str | bytes], tree: Tree | None = None, fixed: bytes = b"") -> bytes:
    """An Outlook message: property tags (0037001F) → text or bytes, and further storages."""
    return compound_of({"__properties_version1.0": bytes(32) + fixed, **properties(told), **(tree or {})})


def properties(told: Mapping[str, str | bytes]) -> dict[str, bytes]:
    return {
        f"__substg1.0_{tag}": value if isinstance(value, bytes) else value.encode("utf-16-le")
        for tag, value in told.items()
    }


def in_rtf(text: str) -> str:
    """Letters by number, each with a question mark for old readers."""
    return "".join(
        f"\\u{number - 65_536 if number > 32_767 else number}?"
        for number in struct.unpack(f"<{len(text.encode('utf-16-le')) // 2}H", text.encode("utf-16-le"))
    )


def in_gbk(text: str) -> str:
    """Letters as escaped bytes of GBK."""
    return "".join(f"\\'{byte:02x}" for byte in text.encode("gbk"))


def rtf_of(body: str, head: str = r"\ansi\ansicpg936\deff0{\fonttbl{\f0\fnil\fcharset134 SimSun;}}") -> bytes:
    return ("{\\rtf1" + head + body + "}").encode("latin-1")
