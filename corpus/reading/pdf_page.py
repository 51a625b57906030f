"""One PDF page → its lines and tables in reading order."""

import ctypes
import re
from dataclasses import dataclass, field, replace
from typing import Any

import pypdfium2.raw as pdfium

from corpus.reading.pdf_cells import ruled_tables
from corpus.reading.pdf_drawings import Drawings, drawings_of
from corpus.reading.pdf_fields import fields_of
from corpus.reading.pdf_layout import ordered
from corpus.reading.pdf_lines import Line, Page
from corpus.reading.pdf_overlays import Dropped, cleared
from corpus.reading.pdf_row_rules import row_ruled_tables
from corpus.reading.pdf_runs import ASCENT, DESCENT, UPRIGHT, Box, Face, PageText, Run
from corpus.reading.pdf_turning import main_turn, turned_drawings, turned_run, with_columns

STRANGE = re.compile("[\ufffd\ue000-\uf8ff]")
_STRANGE_SHARE = 0.3  # of a page's characters without a meaning: from here on it had better be recognised
_LITTLE = 40  # characters of a page number, a stamp or a heading beside a picture
_PICTURE, _WHOLE_PICTURE = 0.05, 0.5  # of the page, that pictures fill: without any text, and beside some
_SHAPES = 60  # drawn figures of a page without text: its letters are drawn


@dataclass(slots=True)
class Reader:
    """Reads pages of one document; faces are those of its fonts, forms is PDFium's handle for its fields.

    shown  the words of all pages as they are drawn, also of what was dropped
    """

    faces: dict[int, Face]
    dropped: Dropped
    forms: Any = None
    shown: list[str] = field(default_factory=list)

    def read(self, page: Any, number: int) -> Page:
        """The page's lines, in the coordinates of the page turned so that most of its text is upright."""
        textpage = page.get_textpage()
        try:
            box = _shown(page.raw)
            text = PageText(textpage.raw, self.faces, box[3])
            drawings = drawings_of(page.raw)
            drawn = text.runs()
            runs = cleared(drawn, text, box, drawings.images, self.dropped)
            fields = fields_of(page.raw, self.forms, self.dropped)
            self.shown += [word for run in (*drawn, *fields) for word in run.text.split()]
            runs += [_beside_label(run, runs) for run in fields]
            lines, height = _laid_out(with_columns(runs), drawings, text, box)
        finally:
            textpage.close()
        has_layer = any(run.hidden for run in drawn)
        return Page(number, height, lines, not has_layer and _is_scan(lines, drawings, box))


def _laid_out(runs: list[Run], drawings: Drawings, text: PageText, box: Box) -> tuple[list[Line], float]:
    width, height = box[1], box[3]
    main = main_turn(runs)
    turned = [_level(turned_run(run, main, width, height)) for run in runs] if main else runs
    drawings = turned_drawings(drawings, main, width, height)
    if main % 180:
        width, height = height, width
    tables, rest = ruled_tables(turned, drawings, text if main == UPRIGHT else None)
    by_rows, rest = row_ruled_tables(rest, drawings)
    tables += by_rows
    lines = ordered([run for run in rest if run.turn == UPRIGHT], tables)
    for turn in sorted({run.turn for run in rest} - {UPRIGHT}):
        aside = [_level(turned_run(run, turn, width, height)) for run in rest if run.turn == turn]
        lines += [replace(line, bottom=height / 2, top=height / 2 + line.size) for line in ordered(aside, [])]
    return lines, height


def _is_scan(lines: list[Line], drawings: Drawings, box: Box) -> bool:
    """Whether a page shows a picture and little text, or text without a meaning."""
    text = "".join(line.text for line in lines)
    if len(text) >= _LITTLE:
        return len(STRANGE.findall(text)) > _STRANGE_SHARE * len(text)
    area = (box[1] - box[0]) * (box[3] - box[2])
    pictured = sum((image[1] - image[0]) * (image[3] - image[2]) for image in drawings.images)
    return pictured > (_PICTURE if not text else _WHOLE_PICTURE) * area or (not text and drawings.shapes > _SHAPES)


def _level(run: Run) -> Run:
    """An upright run with the height of its font's size, whatever its font says."""
    if run.turn != UPRIGHT:
        return run
    return replace(run, bottom=run.base - DESCENT * run.size, top=run.base + ASCENT * run.size)


def _shown(page: Any) -> Box:
    """The box of the page that is shown: left, right, bottom, top."""
    rect = pdfium.FS_RECTF()
    if not pdfium.FPDF_GetPageBoundingBox(page, ctypes.byref(rect)):
        return 0.0, 612.0, 0.0, 792.0
    return rect.left, rect.right, rect.bottom, rect.top


def _beside_label(field: Run, runs: list[Run]) -> Run:
    """A field's value on the base line of the text to its left, where there is any."""
    middle, reach = (field.bottom + field.top) / 2, 1.2 * field.size
    labels = [
        run
        for run in runs
        if run.turn == UPRIGHT and run.left < field.left and abs((run.bottom + run.top) / 2 - middle) < reach
    ]
    if not labels:
        return field
    label = min(labels, key=lambda run: (round(abs((run.bottom + run.top) / 2 - middle) / reach * 2), -run.left))
    return _level(replace(field, base=label.base, size=label.size))
