"""Hostile files in the further formats: a clear error, or what can be read of them, in bounded time and memory."""

import io
import json
import re
import struct
import time
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from email.message import EmailMessage
from typing import Any

import pytest
from support_files import zipped
from support_formats import (
    ODF as SPACES,
)
from support_formats import (
    cell,
    compound_of,
    epub_of,
    in_gbk,
    msg_of,
    odf_of,
    pptx_of,
    properties,
    rtf_of,
    sheet,
    slide_of,
    xls_of,
    xlsb_of,
)

from corpus.document import InvalidDocument
from corpus.reading import Unreadable, Unsupported, read

TEXT = "甲园占地80.1亩，由某某公司运营。"
LAUGHS = (
    '<?xml version="1.0"?><!DOCTYPE l [<!ENTITY a "haha">'
    + "".join(f'<!ENTITY {chr(98 + n)} "{f"&{chr(97 + n)};" * 10}">' for n in range(12))
    + "]>"
)
OUTSIDE = '<?xml version="1.0"?><!DOCTYPE l [<!ENTITY a SYSTEM "file:///etc/passwd">]>'
PARAGRAPH = f"<text:p>{TEXT}</text:p>"
LOOP = (
    '<style:style style:name="A" style:parent-style-name="B"/><style:style style:name="B" style:parent-style-name="A"/>'
)
NO_CHAPTER = {"a.xhtml": f"<p>{TEXT}</p>"}


@dataclass(frozen=True)
class Bad:
    """One file. error matches the refusal; where it is empty the text holds `text` and the report `told`."""

    id: str
    name: str
    make: Callable[[], bytes]
    error: str = ""
    text: str = TEXT
    told: str = ""
    seconds: float = 20.0


def changed(raw: bytes, path: str, content: bytes | str | None) -> bytes:
    """A package with one part replaced, added, or (None) taken out."""
    with zipfile.ZipFile(io.BytesIO(raw)) as package:
        parts = {name: package.read(name) for name in package.namelist() if name != path}
    return zipped(parts | ({path: content} if content is not None else {}))


def show(*titles: str) -> bytes:
    def fill(presentation: Any) -> None:
        for title in titles or ("首页",):
            slide_of(presentation, title, TEXT)

    return pptx_of(fill)


def slide(inner: str) -> bytes:
    spaces = 'xmlns:p="http://schemas.openxmlformats.org/presentationml/2006/main" '
    spaces += 'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main"'
    return f"<p:sld {spaces}><p:cSld><p:spTree>{inner}</p:spTree></p:cSld></p:sld>".encode()


BOX = f"<p:sp><p:txBody><a:p><a:r><a:t>{TEXT}</a:t></a:r></a:p></p:txBody></p:sp>"


def looped_show() -> bytes:
    raw = show()
    with zipfile.ZipFile(io.BytesIO(raw)) as package:
        main = package.read("ppt/presentation.xml").decode()
    one = re.search(r"<p:sldId [^>]*>", main)
    assert one is not None
    return changed(raw, "ppt/presentation.xml", main.replace(one[0], one[0] * 20_000))


PPTX = [
    Bad(
        "pptx-laughs",
        "a.pptx",
        lambda: changed(show(), "ppt/slides/slide1.xml", LAUGHS + "<a>&m;</a>"),
        "document type",
    ),
    Bad(
        "pptx-outside",
        "a.pptx",
        lambda: changed(show(), "ppt/presentation.xml", OUTSIDE + "<a>&a;</a>"),
        "document type",
    ),
    Bad("pptx-cut", "a.pptx", lambda: show()[:-100], "damaged"),
    Bad("pptx-no-slide", "a.pptx", lambda: changed(show(), "ppt/slides/slide1.xml", None), "hold no text"),
    Bad("pptx-no-main", "a.pptx", lambda: changed(show(), "ppt/presentation.xml", None), "no presentation"),
    Bad("pptx-one-slide-often", "a.pptx", looped_show),
    Bad("pptx-bomb", "a.pptx", lambda: changed(show(), "ppt/slides/slide1.xml", b" " * 60_000_000), "packed more than"),
    Bad(
        "pptx-deep-groups",
        "a.pptx",
        lambda: changed(show(), "ppt/slides/slide1.xml", slide("<p:grpSp>" * 1_500 + BOX + "</p:grpSp>" * 1_500 + BOX)),
    ),
    Bad("pptx-many-shapes", "a.pptx", lambda: changed(show(), "ppt/slides/slide1.xml", slide(BOX * 20_000))),
    Bad("pptx-macros", "a.pptm", lambda: changed(show(), "ppt/vbaProject.bin", b"Sub"), told="macros were ignored"),
    Bad("pptx-huge-image", "a.pptx", lambda: changed(show(), "ppt/media/image1.png", b"\x89PNG" + b"\xff" * 5_000_000)),
    Bad(
        "pptx-chart-outside",
        "a.pptx",
        lambda: changed(
            show(),
            "ppt/slides/_rels/slide1.xml.rels",
            '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r" '
            'Type="x/notesSlide" Target="../../../../etc/passwd"/></Relationships>',
        ),
    ),
]


def book() -> bytes:
    return xls_of([["名称", "说明"], ["甲园", TEXT]])


def looped_compound() -> bytes:
    """The directory's chain of sectors leads back to itself."""
    raw = bytearray(book())
    first = struct.unpack_from("<I", raw, 48)[0]
    fat = struct.unpack_from("<I", raw, 76)[0]
    struct.pack_into("<I", raw, (fat + 1) * 512 + 4 * first, first)
    return bytes(raw)


def far_cells() -> bytes:
    return xls_of([["名称", "说明"], ["甲园", TEXT]], lambda _, one: one.write(65_535, 255, "远"))


XLS = [
    Bad("xls-cut", "a.xls", lambda: book()[:2000], "old Office"),
    Bad("xls-only-head", "a.xls", lambda: book()[:512], "old Office"),
    Bad("xls-garbage", "a.xls", lambda: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(range(256)) * 40, "old Office"),
    Bad("xls-directory-loop", "a.xls", looped_compound, "damaged|old Office|broke down|takes longer|text"),
    Bad("xls-far-cells", "a.xls", far_cells, "more than .* cells|broke down"),
    Bad("xls-empty-stream", "a.xls", lambda: compound_of({"Workbook": b""}), "empty|damaged"),
    Bad(
        "xls-lying-records",
        "a.xls",
        lambda: compound_of({"Workbook": b"\x09\x08\xff\xff" * 2000}),
        "damaged|broke down|emp",
    ),
    Bad("xls-locked", "a.xls", lambda: compound_of({"EncryptedPackage": b"x" * 99}), "locked with a password"),
    Bad("xls-zeros", "a.xls", lambda: bytes(10_000), "it is no XLS file"),
    Bad("xlsb-cut", "a.xlsb", lambda: xlsb_of([["名称"]])[:-60], "damaged"),
    Bad(
        "xlsb-far-cells",
        "a.xlsb",
        lambda: changed(
            xlsb_of([["名称", TEXT]]),
            "xl/worksheets/sheet1.bin",
            bytes.fromhex("810100910100")
            + b"\x00\x11"
            + struct.pack("<IIHHBI", 1_048_575, 0, 300, 0, 0, 0)
            + b"\x05\x10"
            + struct.pack("<IId", 16_383, 0, 1.0)
            + bytes.fromhex("920100820100"),
        ),
        "damaged|more than|broke down|empty|text",
        text="",
    ),
    Bad("xlsb-no-sheet", "a.xlsb", lambda: changed(xlsb_of([["名"]]), "xl/worksheets/sheet1.bin", None), "damaged"),
]


def nested(tags: str, depth: int, inner: str) -> str:
    """Elements within each other, around something."""
    names = re.findall(r"<([\w:-]+)>", tags)
    return tags * depth + inner + "".join(f"</{name}>" for name in reversed(names)) * depth


def odt(body: str, styles: str = "", parts: dict[str, str] | None = None) -> bytes:
    return odf_of("text", body, styles, parts)


def ods(rows: str) -> bytes:
    return odf_of("spreadsheet", sheet("表", rows))


BLANKS = '<text:s text:c="2000000000"/>'
WIDE = cell(TEXT, 'table:number-columns-repeated="99999999"')
ODF = [
    Bad("odt-laughs", "a.odt", lambda: changed(odt(PARAGRAPH), "content.xml", LAUGHS + "<a>&m;</a>"), "document type"),
    Bad("odt-outside", "a.odt", lambda: changed(odt(PARAGRAPH), "styles.xml", OUTSIDE + "<a>&a;</a>"), "document type"),
    Bad("odt-no-content", "a.odt", lambda: changed(odt(PARAGRAPH), "content.xml", None), "content is missing"),
    Bad("odt-no-body", "a.odt", lambda: changed(odt(""), "content.xml", f"<office:x {SPACES}/>"), "no text document"),
    Bad("odt-deep-lists", "a.odt", lambda: odt(nested("<text:list><text:list-item>", 900, PARAGRAPH))),
    Bad("odt-deep-spans", "a.odt", lambda: odt(f"<text:p>{nested('<text:span>', 1_800, TEXT)}</text:p>")),
    Bad(
        "odt-deep-boxes",
        "a.odt",
        lambda: odt(nested("<text:p><draw:frame><draw:text-box>", 500, PARAGRAPH)),
        "nested too deeply",
    ),
    Bad("odt-blanks", "a.odt", lambda: odt(f"<text:p>{TEXT}{BLANKS * 5_000}乙</text:p>")),
    Bad("odt-style-loop", "a.odt", lambda: odt(PARAGRAPH, LOOP)),
    Bad(
        "odt-macros",
        "a.odt",
        lambda: odt(PARAGRAPH, parts={"Basic/Standard/M.xml": "<x/>"}),
        told="macros were ignored",
    ),
    Bad("odt-bomb", "a.odt", lambda: changed(odt(PARAGRAPH), "content.xml", b" " * 60_000_000), "packed more than"),
    Bad(
        "odt-drawing",
        "a.odt",
        lambda: zipped({"mimetype": "application/vnd.oasis.opendocument.graphics"}),
        "OpenDocument file",
    ),
    Bad(
        "ods-repeated-rows",
        "a.ods",
        lambda: ods(f'<table:table-row table:number-rows-repeated="99999999">{cell(TEXT)}</table:table-row>'),
        "more than .* cells",
    ),
    Bad(
        "ods-repeated-cells",
        "a.ods",
        lambda: ods(f"<table:table-row>{WIDE}</table:table-row>" * 400),
        "more than .* cells",
    ),
    Bad("ods-broken", "a.ods", lambda: changed(odf_of("spreadsheet", ""), "content.xml", "<office:x"), "no XML"),
    Bad("odp-nothing", "a.odp", lambda: odf_of("presentation", "<draw:page/>" * 1000), "hold no text"),
]
OBJECT = r"{\object\objupdate{\*\objdata " + "d0cf11e0" * 100_000 + "}}"
ROW = r"\trowd\cellx1\cellx2\intbl a\cell b\cell\row"
RTF = [
    Bad("rtf-deep", "a.rtf", lambda: rtf_of("{" * 200_000 + in_gbk(TEXT)), "nested more than"),
    Bad("rtf-closed-often", "a.rtf", lambda: rtf_of("}" * 200_000 + in_gbk(TEXT))),
    Bad("rtf-long-binary", "a.rtf", lambda: rtf_of(in_gbk(TEXT) + r"\bin2000000000 x"), told="ends in the middle"),
    Bad("rtf-negative-binary", "a.rtf", lambda: rtf_of(r"\bin-5 " + in_gbk(TEXT))),
    Bad(
        "rtf-huge-numbers",
        "a.rtf",
        lambda: rtf_of(r"\uc999999999\u9999999999\uc0\f-99999 " + in_gbk(TEXT)),
        text="运营。",
    ),
    Bad("rtf-half-letters", "a.rtf", lambda: rtf_of(r"\u-10179?\u-10179?\u-8704?\u-8704?" + in_gbk(TEXT))),
    Bad("rtf-object", "a.rtf", lambda: rtf_of(OBJECT + in_gbk(TEXT))),
    Bad("rtf-many-rows", "a.rtf", lambda: rtf_of(ROW * 30_000 + r"\pard " + in_gbk(TEXT))),
    Bad("rtf-many-words", "a.rtf", lambda: rtf_of(r"\b\b0" * 300_000 + " " + in_gbk(TEXT))),
    Bad("rtf-no-page", "a.rtf", lambda: rtf_of(in_gbk(TEXT), r"\ansi\ansicpg99999{\fonttbl{\f0\fcharset999 x;}}")),
    Bad("rtf-empty", "a.rtf", lambda: rtf_of(""), "no text"),
]
OUT = (
    '<package><manifest><item id="a" href="../../../etc/passwd" media-type="text/html"/></manifest>'
    '<spine><itemref idref="a"/></spine></package>'
)
EPUB = [
    Bad(
        "epub-laughs",
        "a.epub",
        lambda: epub_of(NO_CHAPTER, {"O/b.opf": LAUGHS + "<package>&m;</package>"}),
        "no text|no package",
    ),
    Bad("epub-outside", "a.epub", lambda: epub_of(NO_CHAPTER, {"O/toc.ncx": OUTSIDE + "<ncx>&a;</ncx>"})),
    Bad("epub-spine-loop", "a.epub", lambda: epub_of(NO_CHAPTER, spine='<itemref idref="c0"/>' * 50_000)),
    Bad("epub-out", "a.epub", lambda: changed(epub_of(NO_CHAPTER), "O/b.opf", OUT), "no text"),
    Bad("epub-no-container", "a.epub", lambda: changed(epub_of(NO_CHAPTER), "META-INF/container.xml", "")),
    Bad("epub-no-spine", "a.epub", lambda: changed(epub_of(NO_CHAPTER), "O/b.opf", "<package/>"), "no text"),
    Bad("epub-bomb", "a.epub", lambda: epub_of({"a.xhtml": " " * 60_000_000}), "packed more than"),
    Bad("epub-many", "a.epub", lambda: epub_of({f"{n}.xhtml": "" for n in range(5_200)}), "parts; split it"),
]


def headed(head: str) -> bytes:
    return f"Subject: x\r\nTo: a\r\n{head}\r\n\r\n{TEXT}".encode()


def nested_mail(depth: int) -> bytes:
    opened = "".join(f"Content-Type: multipart/mixed; boundary=b{n}\r\n\r\n--b{n}\r\n" for n in range(depth))
    return (
        "Subject: x\r\nTo: a@example.com\r\n" + opened + f"Content-Type: text/plain; charset=utf-8\r\n\r\n{TEXT}"
    ).encode()


def many_parts(count: int) -> bytes:
    part = "--x\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n甲\r\n"
    return f"Subject: x\r\nContent-Type: multipart/mixed; boundary=x\r\n\r\n{part * count}--x--".encode()


def attached(content: bytes, name: str) -> bytes:
    message = EmailMessage()
    message["Subject"], message["To"] = "通知", "a@example.com"
    message.set_content(TEXT)
    message.add_attachment(content, maintype="application", subtype="octet-stream", filename=name)
    return message.as_bytes()


def looped_storages() -> bytes:
    """A storage whose child is the root."""
    raw = bytearray(msg_of({"0037001F": "通知", "1000001F": TEXT}))
    at = (struct.unpack_from("<I", raw, 48)[0] + 1) * 512
    struct.pack_into("<BBIII", raw, at + 128 + 66, 1, 1, 0, 0, 0)
    return bytes(raw)


LYING = struct.pack("<IIII", 9, 2**31, 0x75465A4C, 0) + b"\xff" * 999
MANY = {f"__attach_version1.0_#{n:08X}": {"__substg1.0_3707001F": b"a\0"} for n in range(600)}
MAIL = [
    Bad("eml-deep", "a.eml", lambda: nested_mail(3_000), "too much memory|damaged|broke down|text"),
    Bad("eml-many-parts", "a.eml", lambda: many_parts(3_000), "more than 2000 parts"),
    Bad("eml-no-head", "a.eml", lambda: TEXT.encode(), "no head"),
    Bad("eml-no-boundary", "a.eml", lambda: headed("Content-Type: multipart/mixed"), "x|text", text=""),
    Bad("eml-long-head", "a.eml", lambda: headed(f"X-Y: {'甲' * 300_000}")),
    Bad("eml-broken-base64", "a.eml", lambda: b"Subject: =?utf-8?B?@@@?=\r\nTo: a\r\n\r\n" + TEXT.encode()),
    Bad("eml-odd-charset", "a.eml", lambda: headed("Content-Type: text/plain; charset=nichts")),
    Bad("eml-odd-date", "a.eml", lambda: headed("Date: Tue, 99 Apr 99999 99:00:00")),
    Bad("eml-zip-bomb", "a.eml", lambda: attached(zipped({"a.txt": b"0" * 50_000_000}), "a.zip"), told="not opened"),
    Bad("eml-programme", "a.eml", lambda: attached(b"MZ\x90", "发票.pdf.exe"), told="not read"),
    Bad(
        "msg-cut",
        "a.msg",
        lambda: msg_of({"0037001F": "通知", "1000001F": TEXT})[:700],
        "old Office|damaged|broke down",
    ),
    Bad("msg-storage-loop", "a.msg", looped_storages, "damaged|old Office|too much memory|no message|text", text=""),
    Bad("msg-empty", "a.msg", lambda: msg_of({}), "no text"),
    Bad("msg-lying-rtf", "a.msg", lambda: msg_of({"10090102": LYING}), "too large"),
    Bad(
        "msg-short-properties",
        "a.msg",
        lambda: compound_of({"__properties_version1.0": b"x", **properties({"1000001F": TEXT})}),
    ),
    Bad("msg-many-attachments", "a.msg", lambda: msg_of({"1000001F": TEXT}, MANY), "more than 500"),
]
DATA = [
    Bad("json-deep-object", "a.json", lambda: b'{"a":' * 50_000 + b"1" + b"}" * 50_000, "nested too deeply"),
    Bad("json-rather-deep", "a.json", lambda: b'{"a":' * 800 + b"1" + b"}" * 800, "nested too deeply"),
    Bad("json-wide", "a.json", lambda: json.dumps({f"k{n}": TEXT for n in range(50_000)}).encode()),
    Bad("json-long-number", "a.json", lambda: f'{{"a": {"9" * 100_000}, "b": "{TEXT}"}}'.encode()),
    Bad("json-many-names", "a.json", lambda: json.dumps([{f"k{n}": TEXT} for n in range(3_000)]).encode()),
    Bad("json-not-a-number", "a.json", lambda: f'{{"a": NaN, "b": "{TEXT}"}}'.encode()),
    Bad("xml-laughs", "a.xml", lambda: (LAUGHS + "<a>&m;</a>").encode(), "entit"),
    Bad("xml-outside", "a.xml", lambda: (OUTSIDE + f"<a>&a;{TEXT}</a>").encode(), "entities"),
    Bad("xml-deep", "a.xml", lambda: b"<a>" * 100_000, "no XML"),
    Bad("xml-open", "a.xml", lambda: f"<a>{TEXT}".encode(), "no XML"),
    Bad("xml-many", "a.xml", lambda: f"<a>{'<b/>' * 200_000}<c>{TEXT}</c></a>".encode()),
    Bad("xml-odd-encoding", "a.xml", lambda: b'<?xml version="1.0" encoding="nichts"?><a>x</a>', "no XML"),
    Bad("doc-damaged", "a.doc", lambda: compound_of({"WordDocument": b"x"})[:600], "old Office"),
]
ROWS = [*PPTX, *XLS, *ODF, *RTF, *EPUB, *MAIL, *DATA]


def test_there_are_enough_of_them() -> None:
    assert len(ROWS) == len({row.id for row in ROWS}) >= 80


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.id)
def test_hostile_formats(row: Bad) -> None:
    raw = row.make()
    began = time.monotonic()
    try:
        reading = read(raw, name=row.name)
    except (Unreadable, Unsupported, InvalidDocument) as error:
        message = str(error)
        assert row.error, f"it was refused: {message}"
        assert re.search(row.error, message), message
        assert len(message) < 2000
    else:
        text = "\n".join(document.text for document in reading.documents)
        assert not row.error or row.error.endswith("text"), text[:100]
        assert row.text in text, text[:200]
        assert any(row.told in line for line in reading.report.warnings) or not row.told, reading.report.warnings
        assert "root:" not in text
    assert time.monotonic() - began < row.seconds
