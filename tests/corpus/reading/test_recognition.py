"""Scans and images: their text is recognised page by page where the extra is installed, and else asked for."""

import io
from typing import Any

import pytest
from support_pdf import drawn, paragraph

from corpus.document import Document
from corpus.reading import bounded, read, recognition
from corpus.reading.formats import Unreadable
from corpus.reading.image import parse_image
from corpus.reading.parts import Parsed
from corpus.reading.scanned import scanned_page

pytest.importorskip("reportlab", reason="the files are made by reportlab")
Image = pytest.importorskip("PIL.Image", reason="the pictures are made by Pillow")

PROSE = "甲园占地八十亩，由某某公司运营，集孵化、研发、生产与配套于一体，已有企业一百二十家入驻其中。"
WORDS = "The deposit is 3000 yuan"
ocr = pytest.mark.skipif(not recognition.is_installed(), reason="the extra ocr is not installed")


def picture(text: str = WORDS) -> Any:
    from PIL import ImageDraw, ImageFont

    image = Image.new("RGB", (900, 500), "white")
    ImageDraw.Draw(image).text((60, 100), text, fill="black", font=ImageFont.load_default(48))
    return image


def saved(image: Any, form: str, **options: Any) -> bytes:
    file = io.BytesIO()
    image.save(file, form, **options)
    return file.getvalue()


def scan(canvas: Any) -> None:
    from reportlab.lib.utils import ImageReader

    canvas.drawImage(ImageReader(picture()), 40, 300, 515, 286)


def test_without_the_extra_a_scan_is_refused_with_the_command_that_installs_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recognition, "is_installed", lambda: False)
    with pytest.raises(Unreadable, match=r"a scan or images only .*pip install 'hangzhou-community-rag\[ocr\]'"):
        read(drawn(scan), name="扫描.pdf")
    with pytest.raises(Unreadable, match=r"pip install 'hangzhou-community-rag\[ocr\]'"):
        read(saved(picture(), "PNG"), name="扫描.png")


@pytest.mark.parametrize(("installed", "known"), [(False, False), (True, True)])
def test_folders_are_searched_for_pictures_only_with_the_extra(
    installed: bool, known: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recognition, "is_installed", lambda: installed)
    assert {".png" in recognition.suffixes(), ".tiff" in recognition.suffixes()} == {known}
    assert recognition.suffixes()[".pdf"] == "pdf"


def test_without_the_extra_a_mixed_pdf_names_the_pages_that_cannot_be_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recognition, "is_installed", lambda: False)
    reading = read(drawn(lambda canvas: paragraph(canvas, PROSE, 700), scan), name="手册.pdf")
    assert reading.documents[0].text == PROSE
    assert reading.report.warnings[0].startswith("pages without text that can be read (scans): 2; for OCR: pip install")


@ocr
def test_a_scanned_page_between_others_is_read_and_known_as_such() -> None:
    reading = read(
        drawn(lambda canvas: paragraph(canvas, PROSE, 700), scan, lambda canvas: paragraph(canvas, PROSE[::-1], 700)),
        name="手册.pdf",
    )
    (document,) = reading.documents
    assert document.text.split("\n\n") == [PROSE, WORDS, PROSE[::-1]]
    assert document.scanned == (2,)
    assert [document.is_scanned(document.text.index(text)) for text in (PROSE, WORDS, PROSE[::-1])] == [
        False,
        True,
        False,
    ]
    assert reading.report.warnings == ("pages without text of their own, read by OCR: 2; confidence 1.00",)
    assert Document.from_record(document.to_record()) == document


@ocr
@pytest.mark.parametrize(("form", "name"), [("PNG", "a.png"), ("JPEG", "a.jpg"), ("TIFF", "a.tif")])
def test_images_are_read(form: str, name: str) -> None:
    (document,) = read(saved(picture(), form), name=name).documents
    assert (document.text, document.pages, document.scanned) == (WORDS, (0,), (1,))


@ocr
def test_every_page_of_a_tiff_is_read() -> None:
    raw = saved(picture("First page."), "TIFF", save_all=True, append_images=[picture("Second page.")])
    (document,) = read(raw, name="a.tiff").documents
    assert document.text.split("\n\n") == ["First page.", "Second page."]
    assert document.page_of(document.text.index("Second")) == 2


@ocr
def test_a_page_that_cannot_be_recognised_costs_only_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    parse = bounded.parse

    def failing(kind: str, raw: bytes, /, **options: Any) -> Parsed:
        if kind == "scan" and options["page"] == 1:
            raise bounded.ParserFailed("reading it takes longer than 60 s; split it")
        return parse(kind, raw, **options)

    monkeypatch.setattr(bounded, "parse", failing)
    reading = read(drawn(scan, scan), name="扫描.pdf")
    assert reading.documents[0].text == WORDS
    assert reading.documents[0].scanned == (2,)
    assert reading.report.warnings[-1] == "page 1 could not be recognised: reading it takes longer than 60 s; split it"


@ocr
def test_progress_is_told_page_by_page() -> None:
    raw, told = drawn(scan, scan), []
    recognition.completed("pdf", raw, bounded.parse("pdf", raw), lambda done, pages: told.append((done, pages)))
    assert told == [(1, 2), (2, 2)]


@ocr
def test_an_image_without_text_is_refused() -> None:
    with pytest.raises(Unreadable, match="no text was found in its pictures"):
        read(saved(Image.new("RGB", (300, 300), "white"), "PNG"), name="a.png")


@ocr
def test_a_damaged_image_is_refused() -> None:
    with pytest.raises(Unreadable, match="the image is damaged"):
        read(saved(picture(), "PNG")[:200], name="a.png")


def test_an_invisible_layer_of_text_is_taken_before_recognition(monkeypatch: pytest.MonkeyPatch) -> None:
    def draw(canvas: Any) -> None:
        scan(canvas)
        written = canvas.beginText(72, 500)
        written.setTextRenderMode(3)
        written.textOut("押金三千元")
        canvas.drawText(written)

    monkeypatch.setattr(recognition, "is_installed", lambda: False)
    (document,) = read(drawn(draw), name="可搜.pdf").documents
    assert (document.text, document.scanned) == ("押金三千元", ())


def test_lines_of_two_columns_are_read_one_after_the_other() -> None:
    left = [[f"甲园的第{n}行文字写在左边这一栏，", 50.0, 280.0, 700.0 - 20 * n, 714.0 - 20 * n, 0.99] for n in range(4)]
    right = [
        [f"乙园的第{n}行文字写在右边这一栏，", 320.0, 550.0, 700.0 - 20 * n, 714.0 - 20 * n, 0.99] for n in range(4)
    ]
    lines = [line for pair in zip(left, right, strict=True) for line in pair]
    assert [line.text[:1] for line in scanned_page(1, lines).lines] == ["甲"] * 4 + ["乙"] * 4


def test_recognised_lines_become_paragraphs() -> None:
    lines = [["园区通知", 200.0, 400.0, 740.0, 790.0, 0.99], ["一、停水时间", 50.0, 150.0, 700.0, 714.0, 0.9],
             ["自五月六日八时起。", 50.0, 190.0, 660.0, 674.0, 0.9]]  # fmt: skip
    parsed = parse_image(saved(picture(), "PNG"), recognised={"1": lines})
    assert [(part.kind, part.text) for part in parsed.parts] == [
        ("heading", "园区通知"), ("paragraph", "一、停水时间"), ("paragraph", "自五月六日八时起。"),
    ]  # fmt: skip
