"""PDF → parts: text in reading order, lines joined to paragraphs, page furniture dropped, pages kept.

`pdf_text` asks PDFium for the lines of each page; `pdf_lines` and `pdf_paragraphs` do the rest.
"""

import re
from typing import Any

import pypdfium2
import pypdfium2.raw as pdfium

from corpus.cleaning import visible
from corpus.reading.bounded import ParserFailed
from corpus.reading.dates import iso_date
from corpus.reading.parts import HEADING, Parsed
from corpus.reading.pdf_lines import Page, without_furniture
from corpus.reading.pdf_overlays import Dropped
from corpus.reading.pdf_page import STRANGE, Reader
from corpus.reading.pdf_paragraphs import paragraphs_of
from corpus.reading.scanned import scanned_page

MOST_PAGES = 10_000
MOST_CHARACTERS = 20_000_000
_PASSWORD, _SECURITY = pdfium.FPDF_ERR_PASSWORD, pdfium.FPDF_ERR_SECURITY
_STRANGE_SHARE = 0.05  # of all characters without a meaning: from here on a warning
_MOST_NAMED = 20  # pages that a warning names
_FILE_NAME = re.compile(
    r"\.(?:docx?|wps|xlsx?|et|pptx?|dps|html?|txt|md|pdf|tmp|indd|cdr|dwg)$|^[\w-]*\d[\w-]*$|^文档\s*\d*$|^document\d*$"
)
_PEOPLE = frozenset(  # whom programs name where nobody was
    (
        "anonymous",
        "(anonymous)",
        "(unspecified)",
        "user",
        "admin",
        "administrator",
        "unknown",
        "author",
        "owner",
        "用户",
        "微软用户",
        "microsoft",
        "windows",
        "匿名",
        "雨林木风",
        "lenovo",
    )
)
_GENERIC = (
    "untitled",
    "(anonymous)",
    "(unspecified)",
    "about:blank",
    "microsoft word -",
    "microsoft powerpoint -",
    "幻灯片",
    "无标题",
)


def parse_pdf(raw: bytes, recognised: dict[str, list[Any]] | None = None) -> Parsed:
    """Read a PDF.

    recognised  lines of scanned pages, by page; None before any was recognised
    raises      ParserFailed for one that is encrypted, damaged, too long, or holds neither text nor pictures
    """
    document = _opened(raw)
    count = len(document)
    if not 0 < count <= MOST_PAGES:
        raise ParserFailed(f"it has {count} pages ({MOST_PAGES} at most); split it" if count else "it has no pages")
    parsed = Parsed(told=_told(document), pages=count)
    pages, texts = _pages(document, parsed)
    if recognised is not None:
        found = {int(number): scanned_page(int(number), lines) for number, lines in recognised.items() if lines}
        pages = [found.get(page.number, page) for page in pages]
        parsed.scanned = sorted(found)
    else:
        parsed.scans = [page.number for page in pages if page.scan]
    if not any(line.text.strip() for page in pages for line in page.lines):
        if parsed.scans:
            return parsed
        raise ParserFailed("it holds no text, and no pictures whose text could be recognised (OCR)")
    _warn(pages, texts, parsed)
    parsed.parts = paragraphs_of(without_furniture(pages, parsed), parsed)
    if not parsed.parts:  # everything repeats, as in a form of one line a page
        parsed.dropped.clear()
        parsed.parts = paragraphs_of(pages, parsed)
    _name(parsed)
    parsed.measure(texts)
    return parsed


def _opened(raw: bytes) -> Any:
    try:
        return pypdfium2.PdfDocument(raw)
    except pypdfium2.PdfiumError as error:
        refused = getattr(error, "err_code", None) in (_PASSWORD, _SECURITY) or "password" in str(error).lower()
        if refused and b"/Encrypt" in raw:  # PDFium may tell the fault of the file before
            raise ParserFailed("it is encrypted and needs a password; save it without one") from None
        raise ParserFailed("it is damaged, or no PDF") from None


def _told(document: Any) -> dict[str, str]:
    """Title, author and the day it was made, where they are more than what a program puts there."""
    metadata = document.get_metadata_dict(skip_empty=True)
    told = {"title": metadata.get("Title", ""), "author": metadata.get("Author", "")}
    title = told["title"].strip().lower()
    if title.startswith(_GENERIC) or _FILE_NAME.search(title):
        del told["title"]
    if told["author"].strip().lower() in _PEOPLE:
        del told["author"]
    made = metadata.get("CreationDate", "").removeprefix("D:")[:8]
    day = iso_date(f"{made[:4]}-{made[4:6]}-{made[6:]}") if len(made) == 8 and made.isdigit() else ""
    if day:
        told["date_note"] = f"文件生成于{day}"
    return {name: visible(value) for name, value in told.items() if value.strip() and "\ufffd" not in value}


def _pages(document: Any, parsed: Parsed) -> tuple[list[Page], list[str]]:
    """Lines of every page, and all that the pages show; a page that cannot be read is left out with a warning."""
    pages: list[Page] = []
    characters = 0
    reader = Reader({}, Dropped(), _forms(document))
    for number in range(1, len(document) + 1):
        try:
            page = document[number - 1]
            pages.append(reader.read(page, number))
        except pypdfium2.PdfiumError:
            parsed.warnings.append(f"page {number} is damaged and was left out")
            pages.append(Page(number, 0.0, []))
            continue
        characters += sum(len(line.text) for line in pages[-1].lines)
        page.close()
        if characters > MOST_CHARACTERS:
            raise ParserFailed(f"it holds more than {MOST_CHARACTERS} characters; split it")
    for reason, texts in reader.dropped.texts.items():
        parsed.drop(reason, texts)
    return pages, reader.shown


def _forms(document: Any) -> Any:
    """PDFium's handle for the fields of a form; None for a document without."""
    if document.get_formtype() == pdfium.FORMTYPE_NONE:
        return None
    document.init_forms()
    return document.formenv.raw if document.formenv else None


def _warn(pages: list[Page], texts: list[str], parsed: Parsed) -> None:
    blank = [str(page.number) for page in pages if not page.lines and not page.scan]
    if blank:
        more = f" and {len(blank) - _MOST_NAMED} more" if len(blank) > _MOST_NAMED else ""
        parsed.warnings.append(f"pages without text: {', '.join(blank[:_MOST_NAMED])}{more}")
    strange = sum(len(STRANGE.findall(text)) for text in texts)
    if strange > _STRANGE_SHARE * sum(map(len, texts)):
        parsed.warnings.append(f"{strange} characters have no meaning: the PDF does not say which letters they are")


def _name(parsed: Parsed) -> None:
    """The first large heading of the first page is the title, where the file names none."""
    opening = parsed.parts[0]
    if not parsed.told.get("title") and opening.kind == HEADING and opening.level == 1:
        parsed.told["title"] = opening.text
