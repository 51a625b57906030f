"""ODP → parts: one section a slide, with its title, text, tables and notes; slides count as pages."""

from typing import Any

from corpus.reading.bounded import ParserFailed
from corpus.reading.odf import DRAW, PRESENTATION, TEXT, Words, body_of, has_macros, open_odf, told_by_meta
from corpus.reading.odt import Blocks
from corpus.reading.parts import HEADING, PARAGRAPH, Parsed, Part
from corpus.reading.titles import opening_title

_RUNNING = ("header", "footer", "date-time", "page-number")
_NOTES = "备注："


def parse_odp(raw: bytes) -> Parsed:
    """Read a presentation.

    raises  ParserFailed for a package that is damaged, locked, too large, or without any text
    """
    with open_odf(raw) as package:
        body, styles = body_of(package, "presentation")
        parsed = Parsed(told=told_by_meta(package))
        if has_macros(package):
            parsed.warnings.append("its macros were ignored")
    words = Words(styles)
    for number, page in enumerate(body.iterfind(f"{DRAW}page"), start=1):
        parsed.pages = number
        _read_slide(page, number, words, parsed)
    for reason, texts in words.left_out.items():
        parsed.drop(reason, texts)
    if not any(part.text for part in parsed.parts):
        raise ParserFailed("its slides hold no text; they may be images: recognise their text (OCR) first")
    return parsed


def _read_slide(page: Any, number: int, words: Words, parsed: Parsed) -> None:
    if page.get(f"{DRAW}style-name", "") in words.styles.unseen:
        parsed.drop("hidden slide", (" ".join("".join(one.itertext()).split()) for one in page.iter(f"{TEXT}p")))
        return
    title, found = "", Parsed()
    blocks = Blocks(words, found)
    for shape in page:
        kind = shape.get(f"{PRESENTATION}class", "")
        if kind == "title" and not title:
            title = " ".join(words.read(one).strip() for one in shape.iter(f"{TEXT}p")).strip()
        elif kind in _RUNNING:
            words.left_out.setdefault("running footer", []).append("".join(shape.itertext()).strip())
        elif shape.tag != f"{PRESENTATION}notes":
            blocks.read(shape)
    parts = found.parts
    if not title:
        title, parts = opening_title(parts)
    elif number == 1:
        parsed.told["title"] = title
    notes = _notes(page, words)
    if title or parts or notes:
        parsed.parts.append(Part(HEADING, title or f"第{number}张幻灯片", 1, ((number, 0),)))
    parsed.parts += parts
    parsed.parts += [Part(PARAGRAPH, _NOTES + "\n".join(notes))] if notes else []


def _notes(page: Any, words: Words) -> list[str]:
    """The speaker's notes."""
    frames = page.iterfind(f"{PRESENTATION}notes/{DRAW}frame")
    told = (frame for frame in frames if frame.get(f"{PRESENTATION}class") == "notes")
    return [line for frame in told for one in frame.iter(f"{TEXT}p") if (line := words.read(one).strip())]
