"""Recognition: pages that hold pictures of text get it from OCR, where the extra `ocr` is installed.

Each page is recognised in the bounded child on its own, so that one that takes too long costs
only itself; then the file is parsed again with the lines that were found.
"""

from collections.abc import Callable
from importlib.util import find_spec
from typing import Any

from corpus.reading import bounded
from corpus.reading.bounded import ParserFailed
from corpus.reading.formats import SUFFIXES
from corpus.reading.parts import Parsed

MOST_PAGES = 200  # of one file that are recognised; each takes seconds
INSTALL = "pip install 'hangzhou-community-rag[ocr]'"
_MOST_NAMED = 20  # pages that a warning names
_DOUBTFUL = 0.9  # mean confidence below which a warning says so

Progress = Callable[[int, int], None]


def is_installed() -> bool:
    """Whether the extra `ocr` is installed."""
    return find_spec("rapidocr") is not None and find_spec("onnxruntime") is not None


def suffixes() -> dict[str, str]:
    """Ends of file names and their formats; those of images only where their text can be recognised."""
    return {suffix: kind for suffix, kind in SUFFIXES.items() if kind != "image" or is_installed()}


def completed(kind: str, raw: bytes, parsed: Parsed, progress: Progress | None = None) -> Parsed:
    """What was parsed, with the text of its scanned pages.

    progress  is told after each page how many are done, and of how many
    raises    ParserFailed where nothing but pictures was found and their text cannot be recognised
    """
    if not parsed.scans:
        return parsed
    if not is_installed():
        return _without(parsed)
    wanted = parsed.scans[:MOST_PAGES]
    found: dict[str, list[Any]] = {}
    problems: list[str] = []
    if left := parsed.scans[MOST_PAGES:]:
        problems.append(f"pages {_named(left)} were not recognised: {MOST_PAGES} at most")
    try:
        for done, page in enumerate(wanted, start=1):
            try:
                found[str(page)] = bounded.parse("scan", raw, kind=kind, page=page).drawn
            except ParserFailed as error:
                problems.append(f"page {page} could not be recognised: {error}")
            if progress is not None:
                progress(done, len(wanted))
    finally:
        bounded.rest("scan")
    if not any(found.values()) and not parsed.parts:
        raise ParserFailed(f"no text was found in its pictures{': ' + problems[0] if problems else ''}")
    whole = bounded.parse(kind, raw, recognised=found)
    whole.warnings += [*_confidence(found), *problems]
    return whole


def _without(parsed: Parsed) -> Parsed:
    """The same without the text of scanned pages, and a word on how to get it."""
    if not parsed.parts:
        raise ParserFailed(f"it holds no text: a scan or images only (扫描件); to read it by OCR: {INSTALL}")
    parsed.warnings.append(f"pages without text that can be read (scans): {_named(parsed.scans)}; for OCR: {INSTALL}")
    return parsed


def _confidence(found: dict[str, list[Any]]) -> list[str]:
    """How sure the recognition is, over all letters of all pages."""
    lines = [line for page in found.values() for line in page]
    letters = sum(len(line[0]) for line in lines)
    if not letters:
        return []
    sure = sum(line[-1] * len(line[0]) for line in lines) / letters
    doubt = "; check its figures" if sure < _DOUBTFUL else ""
    pages = [int(page) for page, lines in found.items() if lines]
    return [f"pages without text of their own, read by OCR: {_named(pages)}; confidence {sure:.2f}{doubt}"]


def _named(pages: list[int]) -> str:
    more = f" and {len(pages) - _MOST_NAMED} more" if len(pages) > _MOST_NAMED else ""
    return ", ".join(map(str, pages[:_MOST_NAMED])) + more
