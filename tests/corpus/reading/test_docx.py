"""DOCX: what a reader of the document sees, in order; what he does not see is left out and reported."""

import io

import pytest
from support_files import W, docx_of, paragraph, relation

from corpus.reading import Reading, bounded, read
from corpus.reading.office import open_package, outermost

PROSE = "甲园占地80.1亩，由某某公司运营。"
STYLES = (
    f"<w:styles {W}>"
    '<w:style w:styleId="1"><w:name w:val="heading 1"/></w:style>'
    '<w:style w:styleId="2"><w:name w:val="标题 2"/></w:style>'
    '<w:style w:styleId="own"><w:name w:val="我的标题"/><w:basedOn w:val="2"/></w:style>'
    '<w:style w:styleId="out"><w:name w:val="x"/><w:pPr><w:outlineLvl w:val="2"/></w:pPr></w:style>'
    '<w:style w:styleId="t"><w:name w:val="Title"/></w:style>'
    '<w:style w:styleId="toc"><w:name w:val="toc 1"/></w:style>'
    "</w:styles>"
)


def styled(text: str, style: str) -> str:
    return paragraph(text, f'<w:pStyle w:val="{style}"/>')


def opened(body: str, parts: dict[str, str] | None = None, relations: str = "") -> Reading:
    relations += relation("styles", "styles.xml")
    return read(docx_of(body, {"word/styles.xml": STYLES, **(parts or {})}, relations), name="导则.docx")


def run(inside: str) -> str:
    return f"<w:p><w:r>{inside}</w:r></w:p>"


def test_headings_by_name_ancestor_and_outline() -> None:
    body = styled("智造社区导则", "t") + paragraph(PROSE) + styled("概况", "1") + paragraph(PROSE)
    body += styled("规模", "own") + paragraph(PROSE) + styled("企业", "out") + paragraph(PROSE)
    (one,) = opened(body).documents
    assert one.title == "智造社区导则"
    assert [section.path for section in one.sections] == [
        (),
        ("概况",),
        ("概况", "规模"),
        ("概况", "规模", "企业"),
    ]


def test_without_any_title_the_file_names_the_document() -> None:
    (one,) = opened(paragraph(PROSE)).documents
    assert (one.id, one.title, one.sources) == ("导则", "导则", {})


@pytest.mark.parametrize(
    ("body", "text"),
    [
        (run("<w:t>甲</w:t><w:tab/><w:t>乙</w:t><w:br/><w:t>丙</w:t><w:noBreakHyphen/><w:t>丁</w:t>"), "甲 乙\n丙-丁"),
        (run('<w:t>甲</w:t><w:br w:type="page"/><w:t>乙</w:t>'), "甲乙"),
        (run("<w:t>甲</w:t>") + run("<w:t>乙</w:t>"), "甲\n\n乙"),
        ("<w:p><w:ins><w:r><w:t>新</w:t></w:r></w:ins><w:del><w:r><w:delText>旧</w:delText></w:r></w:del></w:p>", "新"),
        ("<w:p><w:hyperlink><w:r><w:t>链接</w:t></w:r></w:hyperlink></w:p>", "链接"),
        (run("<w:instrText>PAGE</w:instrText>") + run("<w:t>甲</w:t>"), "甲"),
        ("<w:sdt><w:sdtContent>" + paragraph("甲") + "</w:sdtContent></w:sdt>", "甲"),
        ("<w:p><w:r><w:rPr><w:vanish/></w:rPr><w:t>密</w:t></w:r><w:r><w:t>甲</w:t></w:r></w:p>", "甲"),
        (run('<w:sym w:font="x" w:char="2103"/><w:t>甲</w:t>'), "℃甲"),
        (
            paragraph("甲") + run("<w:pict><w:txbxContent>" + paragraph("框内") + "</w:txbxContent></w:pict>"),
            "甲\n\n框内",
        ),
        (paragraph("甲：") + paragraph("一", "<w:numPr/>") + paragraph("二", "<w:numPr/>"), "甲：\n一\n二"),
        (styled("概况\t1", "toc") + paragraph("甲"), "甲"),
    ],
)
def test_words_as_word_shows_them(body: str, text: str) -> None:
    assert opened(body).documents[0].text == text


def test_tables_with_merged_cells() -> None:
    def cell(text: str, properties: str = "") -> str:
        return f"<w:tc><w:tcPr>{properties}</w:tcPr>{paragraph(text) if text else '<w:p/>'}</w:tc>"

    rows = [
        cell("区") + cell("名称") + cell("面积"),
        cell("滨江区", '<w:vMerge w:val="restart"/>') + cell("甲园") + cell("80亩"),
        cell("", "<w:vMerge/>") + cell("乙园") + cell("90亩"),
        cell("合计", '<w:gridSpan w:val="2"/>') + cell("170亩"),
    ]
    (one,) = opened(f"<w:tbl>{''.join(f'<w:tr>{row}</w:tr>' for row in rows)}</w:tbl>").documents
    assert one.text.split("\n") == [
        "区：滨江区，名称：甲园，面积：80亩。",
        "区：滨江区，名称：乙园，面积：90亩。",
        "合计，面积：170亩。",
    ]


def test_footnotes_stand_below_their_paragraph() -> None:
    notes = f'<w:footnotes {W}><w:footnote w:id="1">{paragraph("据统计局。")}</w:footnote></w:footnotes>'
    body = f'<w:p><w:r><w:t>{PROSE}</w:t></w:r><w:r><w:footnoteReference w:id="1"/></w:r></w:p>' + paragraph("后文。")
    (one,) = opened(body, {"word/footnotes.xml": notes}, relation("footnotes", "footnotes.xml")).documents
    assert one.text == f"{PROSE}\n\n注：据统计局。\n\n后文。"


def test_what_is_not_seen_is_reported() -> None:
    header = f"<w:hdr {W}>{paragraph('内部资料')}</w:hdr>"
    body = paragraph("甲") + "<w:p><w:del><w:r><w:delText>旧</w:delText></w:r></w:del></w:p>"
    report = opened(body, {"word/header1.xml": header}, relation("header", "header1.xml")).report
    assert report.dropped == ("deleted text: 旧", "running header: 内部资料")


def test_core_properties_become_the_source() -> None:
    docx = pytest.importorskip("docx")
    written = docx.Document()
    written.core_properties.title = "智造社区导则"
    written.core_properties.author = "市经信局"
    written.add_paragraph(PROSE)
    file = io.BytesIO()
    written.save(file)
    (one,) = read(file.getvalue(), name="x.docx").documents
    source = one.sources["document"]
    assert (one.title, source.author) == ("智造社区导则", "市经信局")
    assert source.date == ""
    assert source.date_note.startswith("文件修改于")


def test_a_block_is_let_go_before_the_next_one_is_read() -> None:
    """However long a document is, no more of its tree is held than what was read ahead."""
    body = (paragraph(PROSE) + "<w:tbl><w:tr><w:tc><w:p/></w:tc></w:tr></w:tbl>") * 3000
    sdt = f"<w:sdt><w:sdtPr/><w:sdtContent>{body}</w:sdtContent></w:sdt>"
    space = W.split('"')[1]
    tags = [f"{{{space}}}p", f"{{{space}}}tbl"]
    with open_package(docx_of(body + sdt)) as package:
        held, blocks = [], 0
        for blocks, block in enumerate(outermost(package, "word/document.xml", tags, ()), start=1):
            if blocks % 500 == 0:
                held.append(sum(1 for _ in block.getroottree().iter()))
    assert blocks == 12_000
    assert max(held) < 3000 < 7 * blocks / 2


def test_more_parts_than_are_sent_at_once_arrive_in_order() -> None:
    count = 2 * bounded._FRAME + 1
    (one,) = opened("".join(paragraph(f"甲园{number}") for number in range(count))).documents
    assert one.text.split("\n\n") == [f"甲园{number}" for number in range(count)]


def test_deleted_blocks_are_not_read() -> None:
    body = f"<w:moveFrom>{paragraph('旧')}</w:moveFrom><w:ins>{paragraph(PROSE)}</w:ins>"
    assert opened(body).documents[0].text == PROSE
