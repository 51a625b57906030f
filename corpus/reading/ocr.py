"""Recognising the text of one page (OCR): of a PDF page, or of an image. Works in the bounded child."""

import io
import warnings
from functools import cache
from typing import Any

import numpy as np
import pypdfium2
from numpy.typing import NDArray

from corpus.reading.bounded import ParserFailed
from corpus.reading.parts import Parsed
from corpus.reading.pdf_fonts import of_the_machine

LONGEST_SIDE = 2000  # pixels of the picture that is recognised
_SHARPEST = 300 / 72  # pixels a point
MOST_PIXELS = 100_000_000  # of an image; a decoded one takes three bytes each
_LEAST_SURE = 0.5  # confidence from which on a line is text

Picture = NDArray[np.uint8]


def recognise(raw: bytes, kind: str, page: int) -> Parsed:
    """The lines of one page, as `drawn`: text, left, right, bottom, top, confidence, from top to bottom.

    kind    pdf or image
    page    counts from 1
    raises  ParserFailed for a picture that cannot be opened
    """
    with of_the_machine():
        picture, scale, height = _page_picture(raw, page) if kind == "pdf" else _image_picture(raw, page)
    found = _engine()(picture)
    if found.boxes is None:
        return Parsed(pages=1)
    lines: list[Any] = []
    for box, text, sure in zip(found.boxes, found.txts, found.scores, strict=True):
        if sure >= _LEAST_SURE and text.strip():
            xs, ys = [float(x) for x, _ in box], [float(y) for _, y in box]
            bottom, top = height - max(ys) / scale, height - min(ys) / scale
            lines.append([text, min(xs) / scale, max(xs) / scale, bottom, top, round(float(sure), 4)])
    return Parsed(pages=1, drawn=lines)


@cache
def _engine() -> Any:
    """The models, loaded once for the process; they lie in the package, nothing is fetched."""
    from rapidocr import RapidOCR

    threads = {f"EngineConfig.onnxruntime.{name}_op_num_threads": 1 for name in ("intra", "inter")}
    return RapidOCR(params={"Global.log_level": "critical", **threads})


def _page_picture(raw: bytes, number: int) -> tuple[Picture, float, float]:
    """A picture of a PDF page, its pixels a point, and the page's height in points."""
    document = pypdfium2.PdfDocument(raw)
    page = document[number - 1]
    width, height = page.get_size()
    scale = min(_SHARPEST, LONGEST_SIDE / max(width, height, 1.0))
    return page.render(scale=scale, may_draw_forms=False, rev_byteorder=False).to_numpy()[:, :, :3], scale, height


def _image_picture(raw: bytes, number: int) -> tuple[Picture, float, float]:
    """One picture of an image file, turned as its camera was held; a pixel counts as a point."""
    from PIL import Image, ImageOps

    Image.MAX_IMAGE_PIXELS = MOST_PIXELS
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            image = Image.open(io.BytesIO(raw), formats=("PNG", "JPEG", "TIFF"))
            image.seek(number - 1)
            image.draft("RGB", (LONGEST_SIDE, LONGEST_SIDE))
            shown = ImageOps.exif_transpose(image)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise ParserFailed(f"it has more than {MOST_PIXELS} pixels; scale it down") from None
    except (OSError, SyntaxError, ValueError, EOFError):
        raise ParserFailed("the image is damaged") from None
    height = float(shown.height)
    shrunk = _on_white(shown)
    shrunk.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
    return np.asarray(shrunk)[:, :, ::-1].copy(), shrunk.height / height, height


def _on_white(image: Any) -> Any:
    """The image in colours, what is transparent on white."""
    from PIL import Image

    if "A" in image.getbands() or "transparency" in image.info:
        coloured = image.convert("RGBA")
        ground = Image.new("RGBA", coloured.size, "white")
        return Image.alpha_composite(ground, coloured).convert("RGB")
    return image.convert("RGB")
