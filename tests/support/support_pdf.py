"""PDF pages drawn by reportlab, and the check that none of their characters is lost."""

import io
import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

import pypdfium2

from corpus.passage import split
from corpus.reading import pdf
from corpus.reading.assembly import assemble
from corpus.reading.findings import Findings
from corpus.reading.parts import Parsed

FONT = "STSong-Light"
WIDTH, HEIGHT = 595, 842
Draw = Callable[[Any], None]


def drawn(*pages: Draw) -> bytes:
    """A PDF with one page for each function, which gets reportlab's canvas."""
    from reportlab.pdfbase import pdfmetrics
    from reportlab.pdfbase.cidfonts import UnicodeCIDFont
    from reportlab.pdfgen.canvas import Canvas

    pdfmetrics.registerFont(UnicodeCIDFont(FONT))
    file = io.BytesIO()
    canvas = Canvas(file, pagesize=(WIDTH, HEIGHT), invariant=1)
    for draw in pages:
        canvas.setFont(FONT, 12)
        draw(canvas)
        canvas.showPage()
    canvas.save()
    return file.getvalue()


def paragraph(canvas: Any, text: str, top: float, left: float = 72, wide: int = 36, size: float = 12) -> float:
    """Draw a text in lines of so many letters; returns where the next one may begin."""
    canvas.setFont(FONT, size)
    for at in range(0, len(text), wide):
        canvas.drawString(left, top, text[at : at + wide])
        top -= 1.5 * size
    return top


def table(
    canvas: Any, rows: Sequence[Sequence[str]], top: float, edges: Sequence[float], ruled: bool = True, step: float = 20
) -> None:
    """Draw cells between these edges, with or without lines."""
    canvas.setFont(FONT, 11)
    for number, row in enumerate(rows):
        base = top - step * (number + 1)
        for text, left, right in zip(row, edges, edges[1:], strict=False):
            canvas.drawString(left + 4, base + 6, text)
            if ruled:
                canvas.rect(left, base, right - left, step)


def lost(raw: bytes, monkeypatch: Any) -> str:
    """Visible characters of a PDF that are neither in a passage (or its heading path) nor reported as dropped."""
    dropped: list[str] = []
    monkeypatch.setattr(Parsed, "drop", lambda self, what, texts: dropped.extend(texts))
    document = assemble(pdf.parse_pdf(raw), "x", "x", Findings())
    found = Counter(_shown("".join(text for passage in split(document) for text in (passage.text, *passage.section))))
    found.update(_shown(document.title))
    found.update(_shown("".join(_whole(text) for text in dropped)))
    missing = Counter(_shown(_text_of(raw))) - found
    numbered = any("#" in text for text in dropped)  # page numbers are reported without their digits
    return "".join(sorted(letter for letter in missing.elements() if not (numbered and letter.isdigit())))


def _whole(text: str) -> str:
    """Dropped text as often as it stood there: «— # — (×4)»."""
    found = re.fullmatch(r"(.*) \(×(\d+)\)", text)
    return found[1] * int(found[2]) if found else text


def _text_of(raw: bytes) -> str:
    """All that PDFium itself reads, page by page."""
    document = pypdfium2.PdfDocument(raw)
    return "".join(page.get_textpage().get_text_range() for page in document)


def _shown(text: str) -> str:
    """Letters and signs that show something, in one form each; hyphens at line ends are none.

    A row's sentence has its own full stop, and a note's mark no brackets.
    """
    whole = unicodedata.normalize("NFKC", text.replace("\x02", "").replace("\ufffe", ""))
    return "".join(
        letter for letter in whole if not letter.isspace() and letter.isprintable() and letter not in "-[]。；:"
    )
