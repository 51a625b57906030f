"""PPTX → parts: one section a slide, with its title, text, tables, charts, diagrams and notes.

Slides count as pages. Hidden slides, comments and running footers are left out and reported;
macros, media and linked files are ignored.
"""

import posixpath
import zipfile
from collections.abc import Iterator
from typing import Any, NamedTuple

from corpus.reading.bounded import ParserFailed
from corpus.reading.office import open_package, read_xml, related, targets, told_by
from corpus.reading.parts import HEADING, LINE, PARAGRAPH, Parsed, Part
from corpus.reading.pptx_shapes import Shapes, paragraphs_of, shapes_of
from corpus.reading.titles import is_placeholder, opening_title

_NOTES = "备注："
_LEFT_OUT = {"dt": "running footer", "ftr": "running footer", "hdr": "running header", "sldNum": "slide number"}


class _Slide(NamedTuple):
    """number  as PowerPoint counts, hidden slides included"""

    number: int
    path: str
    root: Any


def parse_pptx(raw: bytes) -> Parsed:
    """Read a presentation.

    raises  ParserFailed for a package that is damaged, locked, too large, or without any text
    """
    with open_package(raw) as package:
        main = next(iter(related(package, "").get("officeDocument", [])), "ppt/presentation.xml")
        root = read_xml(package, main)
        if root is None or not str(root.tag).endswith("}presentation"):
            raise ParserFailed("it holds no presentation")
        parsed = Parsed(told=told_by(package))
        if is_placeholder(parsed.told.get("title", "")):
            del parsed.told["title"]
        if any(name.endswith("vbaProject.bin") for name in package.namelist()):
            parsed.warnings.append("its macros were ignored")
        for slide in _slides(package, main, root):
            parsed.pages = slide.number
            _read_slide(package, slide, parsed)
    if not any(part.text for part in parsed.parts):
        raise ParserFailed("its slides hold no text; they may be images: recognise their text (OCR) first")
    return parsed


def _slides(package: zipfile.ZipFile, main: str, root: Any) -> Iterator[_Slide]:
    """The slides in the order of the show; one that is named twice is shown twice, but read once."""
    known, seen = targets(package, main), set[str]()
    for number, one in enumerate(root.iterfind("{*}sldIdLst/{*}sldId"), start=1):
        key = next((value for name, value in one.items() if name.endswith("}id")), "")
        path = known.get(key, ("", ""))[1]
        slide = read_xml(package, path) if path not in seen else None
        seen.add(path)
        if slide is not None:
            yield _Slide(number, path, slide)


def _read_slide(package: zipfile.ZipFile, slide: _Slide, parsed: Parsed) -> None:
    shapes = shapes_of(package, slide.path, slide.root)
    if slide.root.get("show") in ("0", "false"):
        parsed.drop("hidden slide", [shapes.title, *(part.text for part in shapes.parts)])
        return
    for what, texts in shapes.left_out.items():
        parsed.drop(_LEFT_OUT.get(what, what), texts)
    notes, comments = _beside(package, slide.path)
    parsed.drop("comment", comments)
    title, parts = _titled(shapes, slide.number)
    if slide.number == 1 and shapes.title:
        parsed.told["title"] = title
    if not parts and not notes and not shapes.title:
        if shapes.pictures:
            parsed.warnings.append(f"slide {slide.number} holds only images, which were not read")
        parsed.parts.append(Part(PARAGRAPH, "", 0, ((slide.number, 0),)))
        return
    parsed.parts.append(Part(HEADING, title, 1, ((slide.number, 0),)))
    parsed.parts += parts
    parsed.parts += [Part(PARAGRAPH if number == 0 else LINE, line) for number, line in enumerate(notes)]


def _titled(shapes: Shapes, number: int) -> tuple[str, list[Part]]:
    """Title and text of a slide; one without a title takes its first line, if that looks like one, or its number."""
    if shapes.title:
        return shapes.title, shapes.parts
    title, rest = opening_title(shapes.parts)
    return title or f"第{number}张幻灯片", rest


def _beside(package: zipfile.ZipFile, path: str) -> tuple[list[str], list[str]]:
    """The speaker's notes and the comments of a slide."""
    others = related(package, path)
    notes: list[str] = []
    for target in others.get("notesSlide", []):
        root = read_xml(package, target)
        if root is None:
            continue
        for shape in root.iterfind(".//{*}sp"):
            holder = shape.find("{*}nvSpPr/{*}nvPr/{*}ph")
            if holder is not None and holder.get("type") == "body":
                notes += [line for line, _ in paragraphs_of(shape, {})]
    comments: list[str] = []
    for target in others.get("comments", []):
        root = read_xml(package, posixpath.normpath(target))
        comments += ["".join(root.itertext())] if root is not None else []
    return [_NOTES + notes[0], *notes[1:]] if notes else [], comments
