"""Values of a PDF's form fields and the text of its notes: drawn by the viewer, not by the page."""

import ctypes
from typing import Any

import pypdfium2.raw as pdfium

from corpus.cleaning import clean_line
from corpus.reading.pdf_overlays import Dropped
from corpus.reading.pdf_runs import ASCENT, DESCENT, Face, Run

_MOST = 2000  # annotations of one page
_LONGEST = 10_000  # code points of one value
_FACE = Face("field", False, False)
_SIZE = (6.0, 12.0)  # points between which the letters of a field are taken to be
_CHECKED, _UNCHECKED = "☑", "☐"
_TICKS = (pdfium.FPDF_FORMFIELD_CHECKBOX, pdfium.FPDF_FORMFIELD_RADIOBUTTON)
_SILENT = (pdfium.FPDF_FORMFIELD_PUSHBUTTON, pdfium.FPDF_FORMFIELD_SIGNATURE)
_COMMENTS = (pdfium.FPDF_ANNOT_TEXT, pdfium.FPDF_ANNOT_POPUP)
_HIDDEN = pdfium.FPDF_ANNOT_FLAG_HIDDEN | pdfium.FPDF_ANNOT_FLAG_NOVIEW


def fields_of(page: Any, forms: Any, dropped: Dropped) -> list[Run]:
    """A run for every filled field and every text written onto the page; comments are noted as dropped.

    forms  PDFium's handle for the document's fields, None for a document without
    """
    runs: list[Run] = []
    for number in range(min(pdfium.FPDFPage_GetAnnotCount(page), _MOST)):
        annotation = pdfium.FPDFPage_GetAnnot(page, number)
        if not annotation:
            continue
        kind = pdfium.FPDFAnnot_GetSubtype(annotation)
        hidden = pdfium.FPDFAnnot_GetFlags(annotation) & _HIDDEN
        if kind == pdfium.FPDF_ANNOT_WIDGET and forms and not hidden:
            runs += _placed(annotation, _value(annotation, forms))
        elif kind == pdfium.FPDF_ANNOT_FREETEXT and not hidden:
            runs += _placed(annotation, _told(pdfium.FPDFAnnot_GetStringValue, annotation, b"Contents"))
        elif kind in _COMMENTS and (said := _told(pdfium.FPDFAnnot_GetStringValue, annotation, b"Contents")):
            dropped.texts["comment"].append(said)
        pdfium.FPDFPage_CloseAnnot(annotation)
    return runs


def _value(annotation: Any, forms: Any) -> str:
    kind = pdfium.FPDFAnnot_GetFormFieldType(forms, annotation)
    if kind in _TICKS:
        return _CHECKED if pdfium.FPDFAnnot_IsChecked(forms, annotation) else _UNCHECKED
    if kind in _SILENT or pdfium.FPDFAnnot_GetFormFieldFlags(forms, annotation) & pdfium.FPDF_FORMFLAG_TEXT_PASSWORD:
        return ""
    return _told(pdfium.FPDFAnnot_GetFormFieldValue, forms, annotation)


def _placed(annotation: Any, value: str) -> list[Run]:
    """Runs of a value, one a line, within the annotation's box."""
    rect = pdfium.FS_RECTF()
    lines = [line for text in value[:_LONGEST].splitlines() if (line := clean_line(text))]
    if not lines or not pdfium.FPDFAnnot_GetRect(annotation, ctypes.byref(rect)):
        return []
    bottom, top = min(rect.bottom, rect.top), max(rect.bottom, rect.top)
    pitch = (top - bottom) / len(lines)
    size = min(max(0.75 * pitch, _SIZE[0]), _SIZE[1])
    runs = []
    for number, line in enumerate(lines):
        base = top - (number + 0.5) * pitch - (0.5 - DESCENT) * size
        right = min(rect.right, rect.left + size * len(line))
        runs.append(Run(line, rect.left, right, base - DESCENT * size, base + ASCENT * size, base, size, _FACE))
    return runs


def _told(call: Any, *arguments: Any) -> str:
    """A text that PDFium writes into a buffer as UTF-16."""
    size = call(*arguments, None, 0)
    if size <= 2:
        return ""
    buffer = (ctypes.c_ushort * (size // 2))()
    call(*arguments, buffer, size)
    return bytes(buffer)[: size - 2].decode("utf-16-le", "replace")
