"""Files for tests, made by other programs' libraries or by hand: PDF, DOCX, XLSX and zip as bytes."""

import io
import struct
import zipfile
import zlib
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
_RELATIONS = "http://schemas.openxmlformats.org/package/2006/relationships"
_KIND = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_MAIN = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"


def zipped(
    entries: Mapping[str, bytes | str] | Sequence[tuple[str, bytes | str]], method: int = zipfile.ZIP_DEFLATED
) -> bytes:
    """A zip with these entries; a sequence may name one path twice."""
    pairs = entries.items() if isinstance(entries, Mapping) else entries
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", method) as archive:
        for path, content in pairs:
            archive.writestr(zipfile.ZipInfo(path, (2024, 5, 6, 0, 0, 0)), content, method)
    return file.getvalue()


def zipped_as(raw_name: bytes, content: bytes = "甲园占地80亩。".encode()) -> bytes:
    """A zip whose only name stands in these bytes, without the flag for UTF-8, as Windows writes it."""
    head = struct.pack("<HHHHHIIIHH", 20, 0, 0, 0, 0, zlib.crc32(content), len(content), len(content), len(raw_name), 0)
    local = b"PK\x03\x04" + head + raw_name + content
    record = b"PK\x01\x02" + struct.pack("<H", 20) + head + struct.pack("<HHHII", 0, 0, 0, 0, 0) + raw_name
    end = b"PK\x05\x06" + struct.pack("<HHHHIIH", 0, 0, 1, 1, len(record), len(local), 0)
    return local + record + end


def docx_of(body: str, parts: Mapping[str, bytes | str] | None = None, relations: str = "") -> bytes:
    """A Word package around the XML of a body."""
    standard = {
        "[Content_Types].xml": f'<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
        f'<Override PartName="/word/document.xml" ContentType="{_MAIN}"/></Types>',
        "_rels/.rels": f'<Relationships xmlns="{_RELATIONS}"><Relationship Id="r1" Type="{_KIND}/officeDocument" '
        'Target="word/document.xml"/></Relationships>',
        "word/document.xml": f"<w:document {W}><w:body>{body}</w:body></w:document>",
        "word/_rels/document.xml.rels": f'<Relationships xmlns="{_RELATIONS}">{relations}</Relationships>',
    }
    return zipped({**standard, **(parts or {})})


def relation(kind: str, target: str) -> str:
    return f'<Relationship Id="{kind}" Type="{_KIND}/{kind}" Target="{target}"/>'


def paragraph(text: str, properties: str = "") -> str:
    return f"<w:p><w:pPr>{properties}</w:pPr><w:r><w:t>{text}</w:t></w:r></w:p>"


def xlsx_of(rows: Sequence[Sequence[object]], change: Callable[[object], None] | None = None) -> bytes:
    """A workbook with one sheet; `change` gets the openpyxl workbook before it is saved."""
    import openpyxl

    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "园区"
    for row in rows:
        sheet.append(list(row))
    if change:
        change(book)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def pdf_of(pages: Sequence[Sequence[tuple[float, float, float, str]]], **options: object) -> bytes:
    """A PDF by reportlab with Adobe's Chinese font, which needs no file; (x, y, size, text) in points."""
    from reportlab.pdfbase import pdfmetrics
    from reportlab.pdfbase.cidfonts import UnicodeCIDFont
    from reportlab.pdfgen.canvas import Canvas

    pdfmetrics.registerFont(UnicodeCIDFont("STSong-Light"))
    file = io.BytesIO()
    canvas = Canvas(file, pagesize=(595, 842), invariant=1, **options)
    for lines in pages:
        for x, y, size, text in lines:
            canvas.setFont("STSong-Light", size)
            canvas.drawString(x, y, text)
        canvas.showPage()
    canvas.save()
    return file.getvalue()


def pdf_objects(*objects: bytes) -> bytes:
    """A PDF of these objects by hand, numbered from 1; the first is the catalogue."""
    raw, offsets = b"%PDF-1.7\n", []
    for number, body in enumerate(objects, start=1):
        offsets.append(len(raw))
        raw += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    table = b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    size = len(objects) + 1
    end = b"trailer\n<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF" % (size, len(raw))
    return raw + b"xref\n0 %d\n0000000000 65535 f \n" % size + table + end


def stream(content: bytes, filters: str = "/FlateDecode", levels: int = 1) -> bytes:
    """A stream object, deflated as often as it says."""
    for _ in range(levels):
        content = zlib.compress(content, 9)
    return b"<</Filter[%s]/Length %d>>stream\n%s\nendstream" % (filters.encode() * levels, len(content), content)


def printed(html: str, folder: Path) -> bytes:
    """A PDF that chromium prints of a page."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
        page = browser.new_page()
        page.set_content(html)
        raw = page.pdf(path=folder / "printed.pdf", format="A4")
        browser.close()
    return bytes(raw)
