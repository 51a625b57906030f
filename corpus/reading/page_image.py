"""Pictures of PDF pages, with what a citation quotes marked on them. Drawn in the bounded child."""

import base64
import re
import struct
import zlib
from dataclasses import dataclass
from typing import Any

import numpy as np
import pypdfium2
import pypdfium2.raw as pdfium
from numpy.typing import NDArray

from corpus.reading import bounded
from corpus.reading.bounded import ParserFailed
from corpus.reading.parts import Parsed
from corpus.reading.pdf_fonts import of_the_machine
from corpus.reading.pdf_runs import Box, PageText

LONGEST_SIDE = 1600  # pixels
_SHARPEST = 150 / 72  # pixels a point
_MARK = np.array([255, 235, 110], dtype=np.float32) / 255  # what marked places are multiplied by
_PIECE = re.compile(r"[^，。：；、！？,.:;!?\s]{2,}")
_SHORTEST = 4  # characters of a quote's beginning or end that is looked for on a page of its own
_MOST_PLACES = 100  # of one piece on a page
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
        with of_the_machine():
            picture, boxes = _picture(raw, page, quote)
    except pypdfium2.PdfiumError:
        raise ParserFailed("the page is damaged") from None
    for left, top, right, bottom in boxes:
        area = picture[top:bottom, left:right]
        area[:] = (area * _MARK).astype(np.uint8)
    height, width = picture.shape[:2]
    return Parsed(pages=1, drawn=[base64.b64encode(_png(picture)).decode(), width, height, boxes])


def _picture(raw: bytes, number: int, quote: str) -> tuple[Picture, list[tuple[int, int, int, int]]]:
    """The page as it is seen, and the quote's boxes on it."""
    document = pypdfium2.PdfDocument(raw)
    if not 0 < number <= len(document):
        raise ParserFailed(f"it has no page {number}")
    if document.get_formtype() != pdfium.FORMTYPE_NONE:
        document.init_forms()
    page = document[number - 1]
    scale = min(_SHARPEST, LONGEST_SIDE / max(*page.get_size(), 1.0))
    bitmap = page.render(scale=scale, rev_byteorder=True)
    textpage = page.get_textpage()
    boxes = [_pixels(page, bitmap, box) for box in quoted_boxes(PageText(textpage.raw, {}), quote)]
    picture = bitmap.to_numpy()[:, :, :3].copy()
    for held in (textpage, bitmap, page, document):
        held.close()
    return picture, boxes


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
    return _cells(page, text, places, quote)


def _cells(page: PageText, text: str, places: list[int], quote: str) -> list[Box]:
    """Boxes of the cells that a row's sentence names, on the line where most of them stand; values count double."""
    standing: dict[str, list[tuple[int, Box]]] = {}
    weights: dict[str, int] = {}
    for found in _PIECE.finditer(quote):
        piece = found[0]
        starts = [match.start() for match in re.finditer(re.escape(piece), text)][:_MOST_PLACES]
        if starts and len(piece) < len(text):
            standing[piece] = [(at, page.box(places[at])) for at in starts]
            weights[piece] = 2 if found.start() and quote[found.start() - 1] in "：:" else 1
    levels = [box for boxes in standing.values() for _, box in boxes]
    if not levels:
        return []

    def weight(level: Box) -> int:
        return sum(
            weights[piece] for piece, boxes in standing.items() if any(_is_level(box, level) for _, box in boxes)
        )

    level = max(levels, key=weight)
    marked: list[Box] = []
    for piece, boxes in standing.items():
        start = next((at for at, box in boxes if _is_level(box, level)), None)
        if start is not None:
            marked += _lines([page.box(places[at]) for at in range(start, start + len(piece))])
    return marked


def _is_level(one: Box, other: Box) -> bool:
    return abs(one[2] - other[2]) < _LINE * max(other[3] - other[2], 1.0)


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
    sizes = range(len(wanted) - 1, _SHORTEST - 1, -1)
    heads = ((text.rfind(wanted[:size]), size) for size in sizes)
    tails = ((text.find(wanted[-size:]), size) for size in sizes)
    found = [next((one for one in options if one[0] >= 0), (0, 0)) for options in (heads, tails)]
    start, size = max(found, key=lambda one: one[1])
    return (start, start + size) if size >= min(len(wanted) / 3, 1.5 * _SHORTEST) else None


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
