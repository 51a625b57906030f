"""Fidelity: of files made by other programs every character is kept, in order, and every offset is true."""

import io
import re
from pathlib import Path

import pytest
from support_files import pdf_of, printed, xlsx_of

from corpus.document import Document
from corpus.passage import split
from corpus.reading import read

TITLE = "杭州产业社区导则（试行）"
PARAGRAPHS = [
    "甲园占地80.1亩，建筑面积约12.5万平方米，由某某公司运营，集孵化、研发、生产与配套于一体；2023年产值3.6亿元，同比增长12.5%。",
    "“产城融合”是指以产业为基础、以城市为载体——《导则》第三条这样写道：产业用地比例不低于60%，配套用房不超过15%……",
    "𠮷祥社区（Jíxiáng Community）位于滨江区，联系人：Zhang San，e-mail: a.b@example.com，网址 https://example.com/x?y=1。",
    "The industrial community model was first tried in 2014; it combines research, production and living in one place.",
    "㈠ 面积≥100㎡；㈡ 温度20℃～25℃；㈢ 税率6‰；№ 5；αβγ；①②③；ⅠⅡⅢ；１２３ＡＢＣ。",
]
HEADINGS = ["一、总则", "二、规模", "三、联系", "四、Background", "五、符号"]
TABLE = [["名称", "面积（亩）", "企业数"], ["甲园", "80.1", "120"], ["乙园", "90", "150"], ["丙园", "70.5", "99"]]


def squeezed(text: str) -> str:
    return re.sub(r"\s+", "", text)


def expected() -> str:
    return squeezed("".join(heading + paragraph for heading, paragraph in zip(HEADINGS, PARAGRAPHS, strict=True)))


def rows() -> str:
    head, *body = TABLE
    return "".join("，".join(f"{name}：{cell}" for name, cell in zip(head, row, strict=True)) + "。" for row in body)


def check(document: Document, wanted: str) -> None:
    """Every character, in order; sections and passages slice the text and hold all of it but the headings."""
    assert squeezed(document.text).removeprefix(squeezed(TITLE)) == wanted
    passages = split(document)
    assert all(passage.text == document.text[passage.start : passage.end] for passage in passages)
    covered = "".join(passage.text for passage in passages)
    headings = "".join({heading: None for section in document.sections for heading in section.path[-1:]})
    assert sorted(squeezed(covered + headings)) == sorted(squeezed(document.text).removeprefix(squeezed(TITLE)))


def html() -> str:
    blocks = "".join(f"<h2>{h}</h2>\n<p>{p}</p>\n" for h, p in zip(HEADINGS, PARAGRAPHS, strict=True))
    cells = "".join(f"<tr>{''.join(f'<td>{cell}</td>' for cell in row)}</tr>" for row in TABLE)
    return f"<h1>{TITLE}</h1>{blocks}<table>{cells}</table>"


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030", "utf-16"])
def test_html(encoding: str) -> None:
    page = f"<!doctype html><html><head><meta charset={encoding}></head><body>{html()}</body></html>"
    check(read(page.encode(encoding), name="a.html").documents[0], expected() + rows())


def test_html_by_lxml() -> None:
    from lxml import etree
    from lxml import html as writer

    root = writer.document_fromstring(f"<html><body>{html()}</body></html>")
    for raw in (etree.tostring(root, method="html"), etree.tostring(root, encoding="utf-8", xml_declaration=True)):
        check(read(raw, name="a.html").documents[0], expected() + rows())  # the first is ASCII with entities


def test_docx_by_python_docx() -> None:
    docx = pytest.importorskip("docx", reason="python-docx writes the file")
    written = docx.Document()
    written.add_heading(TITLE, 0)
    for heading, text in zip(HEADINGS, PARAGRAPHS, strict=True):
        written.add_heading(heading, 1)
        paragraph = written.add_paragraph()
        for piece in re.split(r"(?<=[，。；])", text):
            paragraph.add_run(piece).bold = len(piece) % 2 == 0
    table = written.add_table(len(TABLE), len(TABLE[0]))
    for row, cells in zip(TABLE, table.rows, strict=True):
        for text, cell in zip(row, cells.cells, strict=True):
            cell.text = text
    file = io.BytesIO()
    written.save(file)
    check(read(file.getvalue(), name="a.docx").documents[0], expected() + rows())


def test_xlsx_by_openpyxl() -> None:
    typed = [TABLE[0], *([name, float(area), int(count)] for name, area, count in TABLE[1:])]
    (one,) = read(xlsx_of(typed), name="a.xlsx").documents
    assert squeezed(one.text) == "园区" + rows()


def test_csv_by_the_standard_library() -> None:
    import csv

    file = io.StringIO()
    csv.writer(file).writerows([["标题", "正文"], *zip(HEADINGS, PARAGRAPHS, strict=True)])
    (one,) = read(file.getvalue().encode("gb18030"), name="a.csv").documents
    pairs = zip(HEADINGS, PARAGRAPHS, strict=True)
    assert squeezed(one.text) == squeezed("".join(f"标题：{h}，正文：{p.rstrip('。；：')}。" for h, p in pairs))


def test_pdf_by_reportlab() -> None:
    pytest.importorskip("reportlab", reason="reportlab writes the file")
    known = [text.replace("𠮷", "吉") for text in PARAGRAPHS[:2]]  # what Adobe's font of that time knows
    lines, y = [(72.0, 780.0, 20.0, TITLE)], 740.0
    for heading, text in zip(HEADINGS, known, strict=False):
        lines.append((72, y, 15, heading))
        for start in range(0, len(text), 30):
            y -= 18
            lines.append((72, y, 12, text[start : start + 30]))
        y -= 40
    (one,) = read(pdf_of([lines]), name="a.pdf").documents
    assert one.title == TITLE
    check(one, squeezed("".join(h + t for h, t in zip(HEADINGS, known, strict=False))))


def test_pdf_printed_by_a_browser(tmp_path: Path) -> None:
    pytest.importorskip("playwright.sync_api", reason="chromium prints the file")
    if not Path("/usr/bin/chromium").exists():
        pytest.skip("Debian's chromium is not installed")
    blocks = "".join(f"<h2>{h}</h2><p>{p}</p>" for h, p in zip(HEADINGS, PARAGRAPHS, strict=True))
    raw = printed(f"<html lang=zh><body><h1>{TITLE}</h1>{blocks * 4}</body></html>", tmp_path)
    reading = read(raw, name="a.pdf")
    (one,) = reading.documents
    assert reading.report.pages > 1
    check_printed(one)


def check_printed(one: Document) -> None:
    """The browser may draw a character by another that looks alike; all others are kept, in order."""
    import unicodedata

    def alike(text: str) -> str:
        return unicodedata.normalize("NFKC", squeezed(text)).replace("-", "")

    assert alike(one.text).removeprefix(alike(TITLE)) == alike(expected()) * 4
    assert all(passage.text == one.text[passage.start : passage.end] for passage in split(one))
    assert {passage.page for passage in split(one)} == set(range(1, len(one.pages) + 1))
