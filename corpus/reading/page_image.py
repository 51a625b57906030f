"""Pictures of PDF pages, with what a citation quotes marked on them. Drawn in the bounded child."""

import base64
import re
import struct
import zlib
from dataclasses import dataclass
from typing import Any

import numpy as np
import pypdfium2
from numpy.typing import NDArray

from corpus.reading import bounded
from corpus.reading.bounded import ParserFailed
from corpus.reading.parts import Parsed
from corpus.reading.pdf_runs import Box, PageText

LONGEST_SIDE = 1600  # pixels
_SHARPEST = 150 / 72  # pixels a point
_MARK = np.array([255, 235, 110], dtype=np.float32) / 255  # what marked places are multiplied by
_PIECE = re.compile(r"[^，。：；、！？,.:;!?\s]{2,}")
_SHORTEST = 4  # characters of a quote's beginning or end that is looked for on a page of its own
_SPACE = re.compile(r"[\s\0\x02\ufffe\uffff]+")
_LINE = 0.6  # of a box's height by which the next one of its line may stand higher or lower

Picture = NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class PageImage:
    """A page as PNG. boxes: left, top, right, bottom in its pixels from the upper left corner, one a line."""

    png: bytes
    width: int
    height: int
    boxes: tuple[tuple[int, int, int, int], ...]


def page_image(raw: bytes, page: int, quote: str = "") -> PageImage:
    """A picture of a PDF's page, on which the quote is marked as far as the page shows it as text.

    page    counts from 1
    quote   a slice of the document's text; of one that goes on overleaf, its part on this page is marked
    raises  ParserFailed for a file that cannot be drawn within the limits, or has no such page
    """
    png, width, height, boxes = bounded.parse("picture", raw, page=page, quote=quote).drawn
    return PageImage(base64.b64decode(png), width, height, tuple(tuple(box) for box in boxes))


def drawn(raw: bytes, page: int, quote: str) -> Parsed:
    """The child's side of `page_image`: the PNG in base 64, its width and height, and the boxes."""
    try:
        document = pypdfium2.PdfDocument(raw)
        if not 0 < page <= len(document):
            raise ParserFailed(f"it has no page {page}")
        shown = document[page - 1]
        if document.get_formtype():
            document.init_forms()
            shown = document[page - 1]
        textpage = shown.get_textpage()
    except pypdfium2.PdfiumError:
        raise ParserFailed("the page is damaged") from None
    scale = min(_SHARPEST, LONGEST_SIDE / max(*shown.get_size(), 1.0))
    bitmap = shown.render(scale=scale, rev_byteorder=True)
    picture = bitmap.to_numpy()[:, :, :3].copy()
    boxes = [_pixels(shown, bitmap, box) for box in quoted_boxes(PageText(textpage.raw, {}), quote)]
    for left, top, right, bottom in boxes:
        area = picture[top:bottom, left:right]
        area[:] = (area * _MARK).astype(np.uint8)
    height, width = picture.shape[:2]
    return Parsed(pages=1, drawn=[base64.b64encode(_png(picture)).decode(), width, height, boxes])


def quoted_boxes(page: PageText, quote: str) -> list[Box]:
    """Boxes of a quote's characters on the page, one a line; none where the page does not show them.

    The sentence that a table's row became stands on no page: its cells are looked for one by one,
    and those are taken that stand level.
    """
    text, places = _compact(page.characters)
    wanted = _SPACE.sub("", quote)
    found = _stretch(text, wanted)
    if found:
        return _lines([page.box(places[at]) for at in range(*found)])
    pieces = [piece for piece in _PIECE.findall(quote) if len(piece) < len(wanted)]
    options = [[match.start() for match in re.finditer(re.escape(piece), text)] for piece in pieces]
    known = [(piece, starts) for piece, starts in zip(pieces, options, strict=True) if starts]
    if not known:
        return []
    piece, starts = min(known, key=lambda one: (len(one[1]), -len(one[0])))
    level = page.box(places[starts[0]])
    boxes: list[Box] = []
    for piece, starts in known:
        near = min(starts, key=lambda at: abs(page.box(places[at])[2] - level[2]))
        if abs(page.box(places[near])[2] - level[2]) < _LINE * (level[3] - level[2]):
            boxes += _lines([page.box(places[at]) for at in range(near, near + len(piece))])
    return boxes


def _compact(characters: str) -> tuple[str, list[int]]:
    """The page's characters that show something, and the index of each."""
    places = [at for at, letter in enumerate(characters) if not _SPACE.fullmatch(letter)]
    return "".join(characters[at] for at in places), places


def _stretch(text: str, wanted: str) -> tuple[int, int] | None:
    """Where the quote stands, or as much of its beginning or end as ends or begins the page."""
    if not wanted:
        return None
    start = text.find(wanted)
    if start >= 0:
        return start, start + len(wanted)
    for size in range(len(wanted) - 1, _SHORTEST - 1, -1):
        if (start := text.rfind(wanted[:size])) >= 0:
            head = (start, start + size)
            break
    else:
        head = (0, 0)
    for size in range(len(wanted) - 1, _SHORTEST - 1, -1):
        if (start := text.find(wanted[-size:])) >= 0:
            tail = (start, start + size)
            break
    else:
        tail = (0, 0)
    longest = max(head, tail, key=lambda one: one[1] - one[0])
    return longest if 2 * (longest[1] - longest[0]) >= min(len(wanted), 4 * _SHORTEST) else None


def _lines(boxes: list[Box]) -> list[Box]:
    """Boxes of characters joined to one for each line."""
    lines: list[Box] = []
    for box in boxes:
        if lines and abs(lines[-1][2] - box[2]) < _LINE * max(box[3] - box[2], 1.0) and box[0] >= lines[-1][0]:
            left, right, bottom, top = lines[-1]
            lines[-1] = (left, max(right, box[1]), min(bottom, box[2]), max(top, box[3]))
        else:
            lines.append(box)
    return lines


def _pixels(page: Any, bitmap: Any, box: Box) -> tuple[int, int, int, int]:
    """A box of the page in pixels of its picture."""
    left, right, bottom, top = box
    convert = bitmap.get_posconv(page)
    one, other = convert.to_bitmap(left, top), convert.to_bitmap(right, bottom)
    xs, ys = sorted((one[0], other[0])), sorted((one[1], other[1]))
    return max(0, xs[0] - 1), max(0, ys[0] - 1), min(bitmap.width, xs[1] + 1), min(bitmap.height, ys[1] + 1)


def _png(picture: Picture) -> bytes:
    """A picture of three colours as PNG."""
    height, width = picture.shape[:2]
    rows = np.zeros((height, 1 + 3 * width), dtype=np.uint8)
    rows[:, 1:] = picture.reshape(height, 3 * width)
    head = struct.pack(">2I5B", width, height, 8, 2, 0, 0, 0)
    body = zlib.compress(rows.tobytes(), 6)
    chunks = [(b"IHDR", head), (b"IDAT", body), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data)) for name, data in chunks
    )
