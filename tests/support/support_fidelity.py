"""Hand-checked files of every format, what must be read from them, and how much of it was.

Most are made here by the library that usually writes them, or printed by chromium. Those in
tests/examples/reading were written by LibreOffice 7.4: soffice --headless --convert-to docx guide.fodt
"""

import csv
import io
import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from difflib import SequenceMatcher
from pathlib import Path

from support_files import pdf_of, printed, xlsx_of, zipped

from corpus.document import Document
from corpus.passage import split

WRITTEN = Path(__file__).parents[1] / "examples" / "reading"
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
SECTIONS = list(zip(HEADINGS, PARAGRAPHS, strict=True))
_, *_BODY = TABLE
ROWS = [f"名称：{name}，面积：{area}亩，企业数：{count}。" for name, area, count in _BODY]
PROSE = "".join(heading + paragraph for heading, paragraph in SECTIONS)
WHOLE = PROSE + "".join(ROWS)


@dataclass(frozen=True)
class Sample:
    """One file. text is what it says, title and white space left out; looks  letters may stand for like ones."""

    name: str
    make: Callable[[], bytes]
    text: str
    looks: bool = False


def squeezed(text: str) -> str:
    return re.sub(r"\s+", "", text)


def told(sample: Sample, document: Document) -> tuple[str, str]:
    """What the sample says and what was read, both without white space and title."""
    wanted, found = squeezed(sample.text), squeezed(document.text).removeprefix(squeezed(TITLE))
    if sample.looks:
        wanted, found = (unicodedata.normalize("NFKC", text).replace("-", "") for text in (wanted, found))
    return wanted, found


def kept_share(wanted: str, found: str) -> float:
    """Characters that were read in their order, of all that either side holds."""
    if wanted == found:
        return 1.0
    blocks = SequenceMatcher(None, wanted, found, autojunk=False).get_matching_blocks()
    return sum(block.size for block in blocks) / max(len(wanted), len(found))


def true_offsets(document: Document) -> tuple[int, int]:
    """Passages that equal their slice of the text and lie in their section, and how many there are."""
    passages = split(document)
    spans = [(section.start, section.end) for section in document.sections]
    true = [
        one.text == document.text[one.start : one.end] and any(a <= one.start and one.end <= b for a, b in spans)
        for one in passages
    ]
    return sum(true), len(true)


def markdown() -> bytes:
    blocks = "".join(f"## {h}\n\n{p.replace('甲园', '**甲园**', 1)}\n\n" for h, p in SECTIONS)
    table = "\n".join(f"| {' | '.join(row)} |" for row in [TABLE[0], ["---"] * 3, *TABLE[1:]])
    return f"# {TITLE}\r\n\r\n{blocks}{table}\n".encode()


def wrapped(columns: int = 60) -> str:
    """The text as e-mail cuts it: a first line set in, then lines of so many columns."""
    lines = [TITLE]
    for heading, paragraph in SECTIONS:
        lines += [heading, ""]
        for letter in paragraph:
            own = 1 + (unicodedata.east_asian_width(letter) in "WFA")
            if not lines[-1] or (_columns(lines[-1]) + own > columns and letter not in "，。；："):
                lines += [""] if lines[-1] else []
            lines[-1] += letter
    return "\n".join(line for line in lines if line)


def _columns(text: str) -> int:
    return sum(1 + (unicodedata.east_asian_width(letter) in "WFA") for letter in text)


def html(charset: str = "utf-8") -> bytes:
    blocks = "".join(f"<h2>{h}</h2>\n<p>{p}</p>\n" for h, p in SECTIONS)
    cells = "".join(f"<tr>{''.join(f'<td>{cell}</td>' for cell in row)}</tr>" for row in TABLE)
    body = f"<h1>{TITLE}</h1>{blocks}<table>{cells}</table>"
    return f"<!doctype html><html><head><meta charset={charset}></head><body>{body}</body></html>".encode(charset)


def html_by_lxml(entities: bool) -> bytes:
    from lxml import etree
    from lxml import html as writer

    root = writer.document_fromstring(html().decode())
    if entities:
        return bytes(etree.tostring(root, method="html"))  # ASCII
    return bytes(etree.tostring(root, encoding="utf-8", xml_declaration=True))


def docx_by_python_docx() -> bytes:
    import docx

    written = docx.Document()
    written.add_heading(TITLE, 0)
    for heading, text in SECTIONS:
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
    return file.getvalue()


def xlsx_by_openpyxl() -> bytes:
    return xlsx_of([TABLE[0], *([name, float(area), int(count)] for name, area, count in TABLE[1:])])


def csv_file(encoding: str) -> bytes:
    file = io.StringIO()
    csv.writer(file).writerows([["标题", "正文"], *SECTIONS])
    return file.getvalue().encode(encoding)


def pdf_by_reportlab() -> bytes:
    lines, y = [(72.0, 780.0, 20.0, TITLE)], 740.0
    for heading, text in KNOWN:
        lines.append((72, y, 15, heading))
        for start in range(0, len(text), 30):
            y -= 18
            lines.append((72, y, 12, text[start : start + 30]))
        y -= 40
    return pdf_of([lines])


def printed_by_chromium(folder: Path) -> Sample:
    """Several pages that chromium prints now; it draws some characters by others that look alike.

    Few fonts of Debian draw 𠮷, and what no font draws does not come into the file.
    """
    blocks = "".join(f"<h2>{heading}</h2><p>{text}</p>" for heading, text in SECTIONS).replace("𠮷", "吉")
    raw = printed(f"<html lang=zh><body><h1>{TITLE}</h1>{blocks * 4}</body></html>", folder)
    return Sample("chromium.pdf", lambda: raw, PROSE.replace("𠮷", "吉") * 4, looks=True)


def written(name: str) -> Callable[[], bytes]:
    return (WRITTEN / name).read_bytes


KNOWN = SECTIONS[:2]  # what Adobe's Chinese font of 1999 knows
CSV = "".join(f"标题：{heading}，正文：{paragraph.rstrip('。；：')}。" for heading, paragraph in SECTIONS)
SAMPLES = [
    Sample("written.md", markdown, WHOLE),
    Sample("utf-8.txt", lambda: "\n".join([TITLE, *map("\n".join, SECTIONS)]).encode(), PROSE),
    Sample("gb18030.txt", lambda: "\n".join([TITLE, *map("\n".join, SECTIONS)]).encode("gb18030"), PROSE),
    Sample("utf-16.txt", lambda: "\r\n".join([TITLE, *map("\r\n".join, SECTIONS)]).encode("utf-16"), PROSE),
    Sample("wrapped.txt", lambda: wrapped().encode(), PROSE),
    Sample("utf-8.html", html, WHOLE),
    Sample("gb18030.html", lambda: html("gb18030"), WHOLE),
    Sample("utf-16.html", lambda: html("utf-16"), WHOLE),
    Sample("entities.html", lambda: html_by_lxml(entities=True), WHOLE),
    Sample("xhtml.html", lambda: html_by_lxml(entities=False), WHOLE),
    Sample("libreoffice.html", written("guide.html"), WHOLE),
    Sample("python-docx.docx", docx_by_python_docx, WHOLE),
    Sample("libreoffice.docx", written("guide.docx"), WHOLE),
    Sample("openpyxl.xlsx", xlsx_by_openpyxl, "园区" + "".join(ROWS)),
    Sample("libreoffice.xlsx", written("parks.xlsx"), "园区" + "".join(ROWS)),
    Sample("utf-8.csv", lambda: csv_file("utf-8-sig"), CSV),
    Sample("gb18030.csv", lambda: csv_file("gb18030"), CSV),
    Sample("libreoffice.csv", written("parks.csv"), "".join(ROWS)),
    Sample("reportlab.pdf", pdf_by_reportlab, "".join(map("".join, KNOWN))),
    Sample("libreoffice.pdf", written("pages.pdf"), PROSE * 3),
    Sample("packed.zip", lambda: zipped({"a/导则.docx": (WRITTEN / "guide.docx").read_bytes()}), WHOLE),
    Sample("stored.zip", lambda: zipped({"导则.md": markdown()}, 0), WHOLE),
]
