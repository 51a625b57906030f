"""PDF → parts: text in reading order, lines joined to paragraphs, page furniture dropped, pages kept.

PDFium finds the characters and their places; `pdf_lines` and `pdf_paragraphs` do the rest.
"""

import ctypes
from typing import Any

import pypdfium2
import pypdfium2.raw as pdfium

from corpus.cleaning import visible
from corpus.reading.bounded import ParserFailed
from corpus.reading.dates import iso_date
from corpus.reading.parts import HEADING, Parsed
from corpus.reading.pdf_lines import Line, Page, without_furniture
from corpus.reading.pdf_paragraphs import paragraphs_of

MOST_PAGES = 10_000
MOST_CHARACTERS = 20_000_000
_PASSWORD, _SECURITY = pdfium.FPDF_ERR_PASSWORD, pdfium.FPDF_ERR_SECURITY
_HYPHENS = {0x02: "\x02", 0xFFFE: "\x02"}  # how PDFium writes a hyphen that ends a line
_EM = 0.6  # of a font's size; a generated blank that is narrower stands between letters of one word
_STRANGE_SHARE = 0.05  # of all characters without a meaning: from here on a warning
_MOST_NAMED = 20  # pages that a warning names
_GENERIC = ("untitled", "microsoft word -", "microsoft powerpoint -", "幻灯片", "无标题")


def parse_pdf(raw: bytes) -> Parsed:
    """Read a PDF.

    raises  ParserFailed for one that is encrypted, damaged, too long, or holds no text (a scan)
    """
    document = _opened(raw)
    count = len(document)
    if not 0 < count <= MOST_PAGES:
        raise ParserFailed(f"it has {count} pages ({MOST_PAGES} at most)" if count else "it has no pages")
    parsed = Parsed(told=_told(document), pages=count)
    pages = _pages(document, parsed)
    texts = [line.text for page in pages for line in page.lines]
    if not any(text.strip() for text in texts):
        raise ParserFailed("it holds no text: a scan or images only; recognise its text (OCR) first")
    _warn(pages, texts, parsed)
    parsed.parts = paragraphs_of(without_furniture(pages, parsed))
    if not parsed.parts:  # everything repeats, as in a form of one line a page
        parsed.dropped.clear()
        parsed.parts = paragraphs_of(pages)
    _name(parsed)
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
    if title.startswith(_GENERIC) or title.endswith((".doc", ".docx")):
        del told["title"]
    made = metadata.get("CreationDate", "").removeprefix("D:")[:8]
    day = iso_date(f"{made[:4]}-{made[4:6]}-{made[6:]}") if len(made) == 8 and made.isdigit() else ""
    if day:
        told["date_note"] = f"文件生成于{day}"
    return {name: visible(value) for name, value in told.items() if value.strip() and "\ufffd" not in value}


def _pages(document: Any, parsed: Parsed) -> list[Page]:
    """Lines of every page; a page that cannot be read is left out with a warning."""
    pages, characters = [], 0
    for number in range(1, len(document) + 1):
        try:
            page = document[number - 1]
            textpage = page.get_textpage()
        except pypdfium2.PdfiumError:
            parsed.warnings.append(f"page {number} is damaged and was left out")
            pages.append(Page(number, 0.0, []))
            continue
        pages.append(Page(number, page.get_height(), _lines(textpage.raw)))
        characters += sum(len(line.text) for line in pages[-1].lines)
        textpage.close()
        page.close()
        if characters > MOST_CHARACTERS:
            raise ParserFailed(f"it holds more than {MOST_CHARACTERS} characters")
    return pages


def _lines(textpage: Any) -> list[Line]:
    """Lines of one page, in the order in which PDFium reads them."""
    lines: list[Line] = []
    letters: list[str] = []
    indices: list[int] = []
    for index, code in enumerate(_codes(textpage)):
        if code in (0x0A, 0x0D):
            _end_line(textpage, letters, indices, lines)
        elif code == 0x20 and pdfium.FPDFText_IsGenerated(textpage, index) == 1 and _is_narrow(textpage, index):
            continue
        elif code not in (0, 0xFFFF):
            letters.append(_HYPHENS.get(code) or chr(code))
            indices.append(index)
    _end_line(textpage, letters, indices, lines)
    return lines


def _codes(textpage: Any) -> list[int]:
    """Code units of all characters; one call for the page where it gives as many as there are."""
    count = pdfium.FPDFText_CountChars(textpage)
    buffer = (ctypes.c_ushort * (max(count, 0) + 1))()
    if count > 0 and pdfium.FPDFText_GetText(textpage, 0, count, buffer) == count + 1:
        return list(buffer[:count])
    return [pdfium.FPDFText_GetUnicode(textpage, index) for index in range(count)]


def _end_line(textpage: Any, letters: list[str], indices: list[int], lines: list[Line]) -> None:
    """Close the line: its text, and the box around its first and last visible characters."""
    text = "".join(letters).encode("utf-16-le", "surrogatepass").decode("utf-16-le", "ignore")
    shown = [index for index, letter in zip(indices, letters, strict=True) if not letter.isspace() and letter != "\x02"]
    if shown:
        first, last = _box(textpage, shown[0]), _box(textpage, shown[-1])
        size = pdfium.FPDFText_GetFontSize(textpage, shown[len(shown) // 2])
        height = abs(first[3] - first[2])
        lines.append(
            Line(_plain(text), first[0], last[1], min(first[2], last[2]), max(first[3], last[3]), _seen(size, height))
        )
    letters.clear()
    indices.clear()


def _plain(text: str) -> str:
    """The line without invisible characters, but with the sign of a hyphen at its end."""
    ends = text.rstrip().endswith("\x02")
    return visible(text).strip() + ("\x02" if ends else "")


def _seen(size: float, height: float) -> float:
    """The size as it is seen; some programs write 1 and enlarge the whole page."""
    return round(height if height > 0 and not 0.5 < size / height < 2 else size, 1)


def _box(textpage: Any, index: int) -> tuple[float, float, float, float]:
    """Left, right, bottom, top of a character, in points from the page's lower left corner."""
    rect = pdfium.FS_RECTF()
    if not pdfium.FPDFText_GetLooseCharBox(textpage, index, ctypes.byref(rect)):
        return 0.0, 0.0, 0.0, 0.0
    return rect.left, rect.right, rect.bottom, rect.top


def _is_narrow(textpage: Any, index: int) -> bool:
    """Whether a blank that PDFium put between two Chinese characters is mere letter spacing."""
    before, after = (pdfium.FPDFText_GetUnicode(textpage, at) for at in (index - 1, index + 1))
    if min(before, after) < 0x2E80:
        return False
    gap = _box(textpage, index + 1)[0] - _box(textpage, index - 1)[1]
    return bool(gap < _EM * pdfium.FPDFText_GetFontSize(textpage, index - 1))


def _warn(pages: list[Page], texts: list[str], parsed: Parsed) -> None:
    blank = [str(page.number) for page in pages if not page.lines]
    if blank:
        more = f" and {len(blank) - _MOST_NAMED} more" if len(blank) > _MOST_NAMED else ""
        parsed.warnings.append(f"pages without text: {', '.join(blank[:_MOST_NAMED])}{more}")
    strange = sum(text.count("\ufffd") + sum("\ue000" <= letter <= "\uf8ff" for letter in text) for text in texts)
    if strange > _STRANGE_SHARE * sum(map(len, texts)):
        parsed.warnings.append(f"{strange} characters have no meaning: the PDF does not say which letters they are")


def _name(parsed: Parsed) -> None:
    """The first large heading of the first page is the title, where the file names none."""
    opening = parsed.parts[0]
    if not parsed.told.get("title") and opening.kind == HEADING and opening.level == 1:
        parsed.told["title"] = opening.text
