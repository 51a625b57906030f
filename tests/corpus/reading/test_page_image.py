"""Pictures of pages: the cited words are marked where they stand."""

import io
from typing import Any

import pytest
from support_pdf import HEIGHT, WIDTH, drawn, paragraph, table

from corpus.reading.bounded import ParserFailed
from corpus.reading.page_image import PageImage, page_image

pytest.importorskip("reportlab", reason="the files are made by reportlab")

PROSE = "甲园占地八十亩，由某某公司运营。"
Box = tuple[int, int, int, int]


def points(image: PageImage, box: Box) -> tuple[float, ...]:
    """Left, right, bottom and top of a box in points from the page's lower left corner."""
    scale = image.height / HEIGHT
    left, top, right, bottom = (side / scale for side in box)
    return left, right, HEIGHT - bottom, HEIGHT - top


def test_a_quote_is_marked_where_it_stands() -> None:
    image = page_image(drawn(lambda canvas: paragraph(canvas, PROSE * 2, 700, wide=32)), 1, "由某某公司运营。")
    ((left, right, bottom, top),) = [points(image, box) for box in image.boxes]
    assert (left, right) == pytest.approx((72 + 8 * 12, 72 + 16 * 12), abs=2)
    assert bottom < 700 < top < 715
    assert image.png.startswith(b"\x89PNG\r\n\x1a\n")


def test_the_marked_place_is_yellow_and_the_rest_white() -> None:
    Image = pytest.importorskip("PIL.Image")
    image = page_image(drawn(lambda canvas: paragraph(canvas, PROSE, 700)), 1, PROSE)
    shown = Image.open(io.BytesIO(image.png))
    assert shown.size == (image.width, image.height) == (round(image.height * WIDTH / HEIGHT), 1600)
    left, top, _, _ = image.boxes[0]
    assert shown.getpixel((left, top)) == (255, 235, 110)
    assert shown.getpixel((5, 5)) == (255, 255, 255)


def test_a_quote_of_several_lines_has_a_box_for_each() -> None:
    image = page_image(drawn(lambda canvas: paragraph(canvas, PROSE * 3, 700, wide=20)), 1, PROSE * 3)
    assert len(image.boxes) == 3


def test_of_a_quote_that_goes_on_overleaf_each_page_shows_its_part() -> None:
    raw = drawn(lambda canvas: paragraph(canvas, PROSE[:9], 100), lambda canvas: paragraph(canvas, PROSE[9:], 700))
    first, second = (page_image(raw, page, PROSE).boxes for page in (1, 2))
    assert len(first) == len(second) == 1
    assert first[0][1] > second[0][1]


def test_the_row_of_a_table_is_marked_and_not_its_head() -> None:
    rows = [("企业", "租金"), ("甲公司", "3001"), ("乙公司", "3002"), ("丙公司", "3003")]
    image = page_image(drawn(lambda canvas: table(canvas, rows, 760, (72, 200, 300))), 1, "企业：乙公司，租金：3002。")
    assert {round(points(image, box)[2] + 3) // 20 for box in image.boxes} == {706 // 20}
    assert len(image.boxes) >= 2


def test_a_page_without_the_quote_has_no_boxes() -> None:
    assert page_image(drawn(lambda canvas: paragraph(canvas, PROSE, 700)), 1, "别处的话，与此无关。").boxes == ()


def test_a_page_that_is_not_there_is_refused() -> None:
    with pytest.raises(ParserFailed, match="it has no page 2"):
        page_image(drawn(lambda canvas: paragraph(canvas, PROSE, 700)), 2)


def test_a_file_that_is_no_pdf_is_refused() -> None:
    with pytest.raises(ParserFailed, match="the page is damaged"):
        page_image(b"%PDF-1.7 nothing", 1)


def test_drawing_for_people_leaves_reading_as_it_was() -> None:
    from corpus.reading import read

    raw = drawn(lambda canvas: paragraph(canvas, PROSE, 700))
    before: Any = read(raw, name="a.pdf").documents
    page_image(raw, 1, PROSE)
    assert read(raw, name="a.pdf").documents == before
