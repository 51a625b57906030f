"""Image files (PNG, JPEG, TIFF) → parts, by the lines that were recognised on them."""

import io
from typing import Any, Literal

from corpus.reading.bounded import ParserFailed
from corpus.reading.parts import Parsed
from corpus.reading.pdf_paragraphs import paragraphs_of
from corpus.reading.scanned import scanned_page

MOST_FRAMES = 200  # pages of a TIFF


def parse_image(raw: bytes, recognised: dict[str, list[Any]] | None = None) -> Parsed:
    """Read an image file.

    recognised  lines by page; None before any was recognised: then all pages are scans
    raises      ParserFailed for one that cannot be opened
    """
    parsed = Parsed(pages=_frames(raw))
    if recognised is None:
        parsed.scans = list(range(1, parsed.pages + 1))
        return parsed
    pages = [
        scanned_page(int(number), lines) for number, lines in sorted(recognised.items(), key=lambda one: int(one[0]))
    ]
    parsed.parts = paragraphs_of(pages)
    parsed.scanned = [page.number for page in pages if page.lines]
    return parsed


def _frames(raw: bytes) -> int:
    """How many pages an image has, told by its head alone; 1 for all but TIFF."""
    if not raw.startswith((b"II*\x00", b"MM\x00*")):
        return 1
    order: Literal["little", "big"] = "little" if raw.startswith(b"II") else "big"
    count, at, seen = 0, int.from_bytes(raw[4:8], order), set[int]()
    with io.BytesIO(raw) as file:
        while at and at not in seen and count <= MOST_FRAMES:
            seen.add(at)
            count += 1
            file.seek(at)
            entries = int.from_bytes(file.read(2), order)
            file.seek(at + 2 + 12 * entries)
            at = int.from_bytes(file.read(4), order)
    if not 0 < count <= MOST_FRAMES:
        raise ParserFailed(f"it has {count} pages ({MOST_FRAMES} at most)")
    return count
