"""PDF: lines become paragraphs, page furniture goes, and every offset knows its page."""

import struct

import pytest
from support_files import pdf_of

from corpus.passage import split
from corpus.reading import Reading, read
from corpus.reading.parts import Parsed
from corpus.reading.pdf_fonts import box_font
from corpus.reading.pdf_lines import Line, Page, without_furniture
from corpus.reading.pdf_paragraphs import paragraphs_of

pytest.importorskip("reportlab", reason="the files are made by reportlab")

WIDTH = 36  # characters in a full line of 12 points
SENTENCE = "甲园占地八十亩，由某某公司运营，集孵化、研发、生产与配套于一体，已有企业一百二十家入驻其中。"
Drawn = tuple[float, float, float, str]


def lines_of(text: str, top: float, left: float = 72, indent: bool = True) -> list[Drawn]:
    """A paragraph as word processors set it: the first line is set in by two characters."""
    first = WIDTH - 2 if indent else WIDTH
    pieces = [text[:first]] + [text[at : at + WIDTH] for at in range(first, len(text), WIDTH)]
    return [(left + 24 * (indent and not number), top - 18 * number, 12, piece) for number, piece in enumerate(pieces)]


def opened(*pages: list[Drawn]) -> Reading:
    return read(pdf_of(pages), name="白皮书.pdf")


def test_lines_are_joined_to_paragraphs() -> None:
    text = SENTENCE * 3
    (one,) = opened([*lines_of(text, 760), *lines_of(text[::-1], 640)]).documents
    assert one.text == f"{text}\n\n{text[::-1]}"


def test_a_paragraph_goes_on_over_the_page_and_offsets_know_the_page() -> None:
    text = SENTENCE * 4
    drawn = lines_of(text, 760)
    (one,) = opened(drawn[:3], [(x, y, size, line) for x, y, size, line in drawn[3:]]).documents
    assert one.text == text
    assert one.pages == (0, WIDTH * 3 - 2)
    assert one.page_of(WIDTH * 3 - 3) == 1
    assert one.page_of(WIDTH * 3 - 2) == 2


def test_larger_lines_are_headings_and_the_first_is_the_title() -> None:
    body = lines_of(SENTENCE * 2, 680)
    (one,) = opened(
        [(72, 780, 22, "产业社区白皮书"), (72, 730, 15, "一、概况"), *body],
        [(72, 780, 15, "二、规模"), *lines_of(SENTENCE, 740)],
    ).documents
    assert one.title == "产业社区白皮书"
    assert [section.path for section in one.sections] == [("一、概况",), ("二、规模",)]
    assert one.pages == (0, one.text.index("二、规模"))
    assert [passage.page for passage in split(one)] == [1, 2]


def test_page_furniture_is_dropped_and_reported() -> None:
    def page(number: int) -> list[Drawn]:
        furniture = [(72.0, 815.0, 9.0, "杭州产业社区白皮书"), (280.0, 30.0, 9.0, f"— {number + 4} —")]
        return [*furniture, *lines_of(f"第{number}章写道，" + SENTENCE * 2, 740)]

    reading = opened(*(page(number) for number in range(1, 5)))
    text = reading.documents[0].text
    assert "白皮书" not in text
    assert "—" not in text
    assert [f"第{number}章写道" in text for number in range(1, 5)] == [True] * 4
    assert reading.report.dropped == ("page furniture: 杭州产业社区白皮书 (×4)", "page furniture: — # — (×4)")
    assert reading.report.pages == 4


def test_a_repeated_line_within_the_text_stays() -> None:
    pages = [lines_of(SENTENCE * 2, 740) for _ in range(4)]
    assert opened(*pages).documents[0].text.count(SENTENCE) == 8


def test_a_number_at_the_edge_that_counts_nothing_stays() -> None:
    (one,) = opened([(72, 60, 12, "120"), *lines_of(SENTENCE, 740)]).documents
    assert "120" in one.text


def test_two_columns_are_read_one_after_the_other() -> None:
    left, right = "甲" * 60 + "。", "乙" * 60 + "。"

    def column(text: str, x: float) -> list[Drawn]:
        return [(x, 760 - 18 * row, 12, text[row * 16 : row * 16 + 16]) for row in range(4)]

    assert opened([*column(left, 72), *column(right, 320)]).documents[0].text == f"{left}\n\n{right}"


def test_equal_lines_in_a_font_that_the_file_does_not_hold_all_stay() -> None:
    """PDFium takes equal lines without extent for one, as they are where no font is installed."""
    drawn = [(72.0, 760.0 - 40 * row, 12.0, "已入驻。") for row in range(6)]
    assert opened(drawn).documents[0].text == "\n\n".join(["已入驻。"] * 6)


def test_the_only_font_maps_every_character_to_its_box() -> None:
    font = box_font()
    table = font.index(b"cmap")
    (offset,) = struct.unpack(">I", font[table + 8 : table + 12])
    assert struct.unpack(">3I", font[offset + 28 : offset + 40]) == (0, 0x10FFFF, 1)


def made(*lines: tuple[str, float, float, float]) -> list[Page]:
    return [Page(1, 842, [Line(text, left, right, y, y + 12, 12) for text, left, right, y in lines])]


@pytest.mark.parametrize(
    ("lines", "texts"),
    [
        ([("The develop\x02", 72, 500, 700), ("ment of parks", 72, 300, 682)], ["The development of parks"]),
        ([("The develop-", 72, 500, 700), ("ment of parks", 72, 300, 682)], ["The development of parks"]),
        ([("A state-of-the", 72, 500, 700), ("art park", 72, 300, 682)], ["A state-of-the art park"]),
        ([("甲园占地", 72, 500, 700), ("80亩", 72, 300, 682)], ["甲园占地80亩"]),
        ([("甲园占地80亩。", 72, 300, 700), ("乙园占地90亩。", 72, 300, 600)], ["甲园占地80亩。", "乙园占地90亩。"]),
        ([("1. 孵化", 72, 500, 700), ("2. 研发", 72, 500, 682)], ["1. 孵化", "2. 研发"]),
        ([("（一）孵化", 72, 500, 700), ("（二）研发", 72, 500, 682)], ["（一）孵化", "（二）研发"]),
    ],
)
def test_how_lines_are_joined(lines: list[tuple[str, float, float, float]], texts: list[str]) -> None:
    assert [part.text for part in paragraphs_of(made(*lines))] == texts


def test_a_single_page_keeps_its_first_line() -> None:
    page = made(("杭州产业社区", 72, 300, 800), ("甲园占地80亩。", 72, 300, 700))
    assert without_furniture(page, Parsed()) == page


def test_metadata_become_the_source() -> None:
    from io import BytesIO

    from reportlab.pdfgen.canvas import Canvas

    file = BytesIO()
    canvas = Canvas(file, invariant=1)
    canvas.setTitle("产业社区白皮书")
    canvas.setAuthor("市经信局")
    canvas.drawString(72, 700, "Park A covers 80 mu.")
    canvas.save()
    (one,) = read(file.getvalue(), name="x.pdf").documents
    assert (one.title, one.sources["document"].author) == ("产业社区白皮书", "市经信局")
    assert one.text == "Park A covers 80 mu."
