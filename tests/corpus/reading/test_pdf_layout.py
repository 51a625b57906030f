"""The layout of PDF pages: columns, tables, turned text, what lies over it, and that nothing is lost."""

from typing import Any

import pytest
from support_pdf import FONT, drawn, lost, paragraph, table

from corpus.reading import Reading, read

pytest.importorskip("reportlab", reason="the files are made by reportlab")

PROSE = "甲园占地八十亩，由某某公司运营，集孵化、研发、生产与配套于一体，已有企业一百二十家入驻其中。"
OTHER = "乙园占地九十亩，由另一公司运营，以智能制造、新材料与软件为主业，已有企业六十四家入驻其中。"
HEAD = ("企业", "楼层", "租金", "押金")
EDGES = (72, 200, 280, 380, 480)
ROWS = [
    HEAD,
    *((f"企业{letter}", f"{n}层", str(3000 + n), str(6000 + n)) for n, letter in enumerate("甲乙丙丁", start=1)),
]


def opened(raw: bytes) -> Reading:
    return read(raw, name="某某.pdf")


def text_of(raw: bytes) -> str:
    return opened(raw).documents[0].text


def columns(canvas: Any) -> None:
    paragraph(canvas, "园区通讯", 790, 240, size=18)
    paragraph(canvas, PROSE * 2, 740, 72, wide=17)
    paragraph(canvas, OTHER * 2, 737, 310, wide=17)


def turned(canvas: Any) -> None:
    canvas.rotate(90)
    canvas.setFont(FONT, 12)
    for number, line in enumerate((PROSE[:23], PROSE[23:])):
        canvas.drawString(100, -(200 + 18 * number), line)


def upright_columns(canvas: Any) -> None:
    canvas.setFont(FONT, 14)
    for column, text in enumerate(("青枫書院建於民國十二年", "由沈氏族人捐資興建。")):
        for row, letter in enumerate(text):
            canvas.drawString(480 - 30 * column, 760 - 18 * row, letter)


def watermarked(canvas: Any) -> None:
    paragraph(canvas, PROSE, 700)
    canvas.setFillGray(0.8)
    for at in range(6):
        canvas.saveState()
        canvas.translate(80 + 150 * (at % 3), 300 + 250 * (at // 3))
        canvas.rotate(35)
        canvas.drawString(0, 0, "内部资料")
        canvas.restoreState()
    canvas.setFillGray(0)


def tiled(canvas: Any) -> None:
    paragraph(canvas, PROSE, 700)
    canvas.setFillGray(0.85)
    for at in range(8):
        canvas.drawString(72 + 200 * (at % 2), 710 - 60 * (at // 2), "仅供查阅")
    canvas.setFillGray(0)


def twice(canvas: Any) -> None:
    canvas.setFont(FONT, 14)
    for shift in (0, 0.3):
        canvas.drawString(72 + shift, 700 - shift, "园区年度报告")
    canvas.drawString(72, 660, "代码：6")
    canvas.drawString(72 + 56 - 7, 660, "688001")
    canvas.drawString(72 + 49.2, 659.8, "688001")


def raised(canvas: Any) -> None:
    canvas.setFont(FONT, 12)
    canvas.drawString(72, 700, "入驻企业56")
    canvas.drawString(72 + 48 + 12, 700, "家，面积3m")
    canvas.setFont(FONT, 7)
    canvas.drawString(72 + 48 + 12 * 0.5 * 2, 705, "1")


def ruled(canvas: Any) -> None:
    paragraph(canvas, "自本年起按下表执行：", 780)
    table(canvas, ROWS, 760, EDGES)
    paragraph(canvas, "本表由物业中心解释。", 620)


def unruled(canvas: Any) -> None:
    table(canvas, ROWS, 760, EDGES, ruled=False)


def hidden(canvas: Any) -> None:
    paragraph(canvas, PROSE, 700)
    written = canvas.beginText(72, 500)
    written.setTextRenderMode(3)
    written.textOut("看不见的字")
    canvas.drawText(written)
    canvas.drawString(-300, 400, "页外的字")


def listed(canvas: Any) -> None:
    for number, item in enumerate(("提交申请表", "现场踏勘", "签订协议"), start=1):
        canvas.drawString(72, 760 - 20 * number, "•")
        canvas.drawString(100, 760 - 20 * number, item)


@pytest.mark.parametrize(
    "draw", [columns, turned, upright_columns, watermarked, tiled, twice, raised, ruled, unruled, hidden, listed]
)
def test_no_visible_character_is_lost(draw: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    assert lost(drawn(draw), monkeypatch) == ""


def test_columns_are_read_one_after_the_other_whether_or_not_their_lines_stand_level() -> None:
    text = text_of(drawn(columns))
    assert PROSE * 2 in text
    assert OTHER * 2 in text
    assert text.index(PROSE) < text.index(OTHER)


def test_a_page_on_its_side_is_read_upright() -> None:
    assert text_of(drawn(turned)) == PROSE


def test_text_from_top_to_bottom_is_read_in_columns_from_the_right() -> None:
    assert text_of(drawn(upright_columns)).replace("\n", "") == "青枫書院建於民國十二年由沈氏族人捐資興建。"


@pytest.mark.parametrize(("draw", "mark"), [(watermarked, "内部资料"), (tiled, "仅供查阅")])
def test_watermarks_are_dropped_and_reported(draw: Any, mark: str) -> None:
    reading = opened(drawn(draw))
    assert reading.documents[0].text == PROSE
    assert reading.report.dropped == (f"watermark: {mark}",)


def test_what_is_drawn_twice_stands_once() -> None:
    reading = opened(drawn(twice))
    assert reading.documents[0].title == "园区年度报告"
    assert "园区年度报告" not in reading.documents[0].text
    assert "688001" in reading.documents[0].text
    assert reading.documents[0].text.count("8001") == 1


def test_a_raised_digit_is_no_digit_of_the_number_before_it() -> None:
    assert "入驻企业56¹家" in text_of(drawn(raised))


@pytest.mark.parametrize("draw", [ruled, unruled])
def test_rows_of_tables_stand_alone_with_their_names(draw: Any) -> None:
    assert "企业：企业丙，楼层：3层，租金：3003，押金：6003。" in text_of(drawn(draw)).split("\n")


def test_a_table_goes_on_overleaf_with_its_names_and_each_row_has_its_page() -> None:
    more = [HEAD, ("企业戊", "5层", "3005", "6005"), ("企业己", "6层", "3006", "6006")]
    (document,) = opened(
        drawn(lambda canvas: table(canvas, ROWS, 760, EDGES), lambda canvas: table(canvas, more, 760, EDGES))
    ).documents
    row = "企业：企业戊，楼层：5层，租金：3005，押金：6005。"
    assert document.text.count(row) == 1
    assert document.page_of(document.text.index(row)) == 2
    assert document.page_of(document.text.index("企业：企业丁")) == 1


def test_a_row_that_the_page_parts_is_made_whole() -> None:
    long = "先行除去封面、胶带、线圈、钉书针等非属纸类之物"
    first = [("类别", "说明"), ("纸类", "可回收，装箱后交付，不得混入其他物品。"), ("杂类", long)]
    (document,) = opened(
        drawn(
            lambda canvas: table(canvas, first, 760, (72, 140, 520)),
            lambda canvas: table(
                canvas, [("", "品后交付。"), ("木类", "不可回收，另行处理，交由清洁科。")], 760, (72, 140, 520)
            ),
        )
    ).documents
    assert f"类别：杂类，说明：{long}品后交付。" in document.text.split("\n")


def test_a_merged_cell_stands_in_every_row() -> None:
    def draw(canvas: Any) -> None:
        canvas.setFont(FONT, 11)
        for left, base, wide, high, text in [
            (72, 740, 100, 20, "区"), (172, 740, 100, 20, "园区"), (272, 740, 100, 20, "家数"),
            (72, 700, 100, 40, "余杭"), (172, 720, 100, 20, "甲园"), (272, 720, 100, 20, "12"),
            (172, 700, 100, 20, "乙园"), (272, 700, 100, 20, "34"),
        ]:  # fmt: skip
            canvas.rect(left, base, wide, high)
            canvas.drawString(left + 4, base + 6, text)

    assert text_of(drawn(draw)).split("\n") == ["区：余杭，园区：甲园，家数：12。", "区：余杭，园区：乙园，家数：34。"]


def test_one_command_that_draws_over_several_cells_is_cut_at_their_lines() -> None:
    def draw(canvas: Any) -> None:
        table(canvas, [("名称", "家数"), ("", "")], 760, (72, 132, 192))
        canvas.drawString(72 + 22, 726, "甲园一 12")

    assert text_of(drawn(draw)) == "名称：甲园一，家数：12。"


def test_a_sentence_goes_on_overleaf_past_footer_and_footnote() -> None:
    def first(canvas: Any) -> None:
        paragraph(canvas, "绿化投诉同比下降，并与", 300)
        canvas.setFont(FONT, 8)
        canvas.drawString(72, 80, "① 数据来自年度统计。")
        canvas.drawString(280, 30, "- 1 -")

    def second(canvas: Any) -> None:
        paragraph(canvas, "白露苗圃签订协议。" + PROSE * 2, 760)
        canvas.setFont(FONT, 8)
        canvas.drawString(280, 30, "- 2 -")

    (document,) = opened(drawn(first, second)).documents
    assert "绿化投诉同比下降，并与白露苗圃签订协议。" in document.text
    assert document.page_of(document.text.index("白露苗圃")) == 2
    assert document.page_of(document.text.index("① 数据")) == 1


def test_what_a_browser_prints_at_the_edges_is_dropped_and_reported() -> None:
    def draw(canvas: Any) -> None:
        canvas.setFont(FONT, 8)
        canvas.drawString(24, 826, "2024/5/6 12:30")
        canvas.drawString(240, 826, "园区通知")
        canvas.drawString(24, 12, "https://park.example/notice/1.html")
        canvas.drawString(560, 12, "1/1")
        paragraph(canvas, PROSE, 790)

    reading = opened(drawn(draw))
    assert reading.documents[0].text == PROSE
    assert reading.report.dropped == (
        "page furniture: #/#/# #:# 园区通知 (×1)",
        "page furniture: https://park.example/notice/#.html #/# (×1)",
    )


def test_running_text_is_no_heading_where_tables_hold_most_letters() -> None:
    rows = [("序号", "材料名称及要求"), *((str(n), "营业执照副本复印件一份并加盖公章") for n in range(1, 25))]

    def draw(canvas: Any) -> None:
        top = paragraph(canvas, PROSE, 800, size=14, wide=30)
        table(canvas, rows, top, (72, 130, 420))

    (document,) = opened(drawn(draw)).documents
    assert PROSE in document.text
    assert document.sections[0].start <= document.text.index(PROSE)


def test_values_of_form_fields_stand_behind_their_labels() -> None:
    def draw(canvas: Any) -> None:
        canvas.drawString(72, 700, "企业名称：")
        canvas.acroForm.textfield(name="company", x=160, y=692, width=200, height=22, value="JiaMu Tech")
        canvas.drawString(72, 660, "注册资本：")
        canvas.acroForm.textfield(name="capital", x=160, y=652, width=200, height=22, value="500")

    assert text_of(drawn(draw)).split("\n\n") == ["企业名称： JiaMu Tech", "注册资本： 500"]


def test_letters_spread_over_a_line_are_one_word() -> None:
    def draw(canvas: Any) -> None:
        for number, letter in enumerate("收费标准"):
            canvas.drawString(200 + 40 * number, 780, letter)
        paragraph(canvas, PROSE, 740)

    document = opened(drawn(draw)).documents[0]
    assert (document.title, document.text) == ("收费标准", PROSE)


def test_a_page_that_the_file_turns_is_read_as_it_is_seen() -> None:
    def draw(canvas: Any) -> None:
        canvas.setPageRotation(90)
        canvas.rotate(90)
        for number, line in enumerate((PROSE[:23], PROSE[23:])):
            canvas.drawString(100, -(200 + 18 * number), line)
        for number, row in enumerate(ROWS):
            for column, text in enumerate(row):
                canvas.drawString(100 + 110 * column, -(300 + 22 * number), text)

    text = text_of(drawn(draw))
    assert text.startswith(PROSE)
    assert "企业：企业丙，楼层：3层，租金：3003，押金：6003。" in text


def test_on_two_pages_a_running_header_goes_and_a_title_stays() -> None:
    def draw(canvas: Any) -> None:
        canvas.setFont(FONT, 9)
        canvas.drawString(72, 815, "青枫园区 内部发行")
        canvas.setFont(FONT, 18)
        canvas.drawString(240, 780, "缴费通知单")
        paragraph(canvas, PROSE, 700)

    reading = opened(drawn(draw, draw))
    assert reading.report.dropped == ("page furniture: 青枫园区 内部发行 (×2)",)
    assert reading.documents[0].text.count("缴费通知单") + (reading.documents[0].title == "缴费通知单") == 2


def test_a_caption_above_a_table_without_lines_is_no_part_of_it() -> None:
    def draw(canvas: Any) -> None:
        canvas.drawString(72, 790, "表1 各企业所在楼层与租金一览表（截至五月）及其说明")
        table(canvas, ROWS, 780, EDGES, ruled=False)
        paragraph(canvas, PROSE, 640)

    document = opened(drawn(draw)).documents[0]
    lines = document.text.split("\n")
    assert document.title == "表1 各企业所在楼层与租金一览表（截至五月）及其说明"
    assert "企业：企业丁，楼层：4层，租金：3004，押金：6004。" in lines
    assert lines[-1] == PROSE


def test_rows_with_lines_between_them_alone_are_a_table_whatever_their_cells_hold() -> None:
    def draw(canvas: Any) -> None:
        canvas.setFont(FONT, 11)
        for number, (name, texts) in enumerate(
            (
                ("项目", ("要求",)),
                ("申请", ("提交申请表与营业执照，", "由招商部初审。")),
                ("退租", ("提前一个月书面通知。",)),
            )
        ):
            top = 760 - 50 * number
            canvas.line(72, top, 400, top)
            canvas.drawString(76, top - 30, name)
            for line, text in enumerate(texts):
                canvas.drawString(200, top - 20 - 16 * line, text)
        canvas.line(72, 610, 400, 610)

    assert text_of(drawn(draw)).split("\n") == [
        "项目：申请，要求：提交申请表与营业执照，由招商部初审。",
        "项目：退租，要求：提前一个月书面通知。",
    ]


def test_signature_and_day_at_the_right_margin_stand_apart() -> None:
    def draw(canvas: Any) -> None:
        paragraph(canvas, PROSE * 2, 760)
        canvas.drawRightString(504, 640, "青枫园区管理委员会")
        canvas.drawRightString(504, 622, "2024年5月6日")

    (source,) = opened(drawn(draw)).documents[0].sources.values()
    assert (source.publisher, source.date) == ("青枫园区管理委员会", "2024-05-06")


def test_texts_side_by_side_are_no_table() -> None:
    def draw(canvas: Any) -> None:
        for column, name in enumerate("甲乙丙"):
            paragraph(
                canvas, f"{name}园占地八十亩，企业百家，以软件和智能制造为主业。", 700, 60 + 170 * column, wide=12
            )

    texts = text_of(drawn(draw)).split("\n\n")
    assert texts == [f"{name}园占地八十亩，企业百家，以软件和智能制造为主业。" for name in "甲乙丙"]


def test_a_list_with_its_marks_apart_is_no_table() -> None:
    assert text_of(drawn(listed)).split("\n\n") == ["• 提交申请表", "• 现场踏勘", "• 签订协议"]


def test_a_contents_page_keeps_its_lines() -> None:
    def draw(canvas: Any) -> None:
        for number, (name, page) in enumerate((("总则", 1), ("扶持措施", 4), ("附则", 9))):
            canvas.drawString(72, 760 - 20 * number, name)
            canvas.drawRightString(500, 760 - 20 * number, str(page))
        paragraph(canvas, PROSE, 600)

    assert text_of(drawn(draw)).split("\n\n")[:3] == ["总则 1", "扶持措施 4", "附则 9"]


def test_signs_drawn_apart_from_text_that_goes_downwards_stand_in_their_columns() -> None:
    def draw(canvas: Any) -> None:
        signs = []
        for column, text in enumerate(("青枫書院建於民國，由沈氏", "捐資興建，現存正屋三間。")):
            for row, letter in enumerate(text):
                if letter in "，。":
                    signs.append((480 - 20 * column, 760 - 14 * row, letter))
                else:
                    canvas.drawString(480 - 20 * column, 760 - 14 * row, letter)
        for sign in signs:
            canvas.drawString(*sign)

    assert text_of(drawn(draw)) == "青枫書院建於民國，由沈氏捐資興建，現存正屋三間。"


def test_a_blank_that_the_file_draws_between_ideographs_stays() -> None:
    def draw(canvas: Any) -> None:
        canvas.drawString(72, 740, "第一章 ")
        canvas.drawString(72 + 42, 740, "总则与适用范围")
        paragraph(canvas, PROSE, 700)

    assert text_of(drawn(draw)).startswith("第一章 总则与适用范围")


def test_heads_that_stand_in_the_middle_belong_to_the_columns_below_them() -> None:
    def draw(canvas: Any) -> None:
        for column, name in enumerate(HEAD):
            canvas.drawString(72 + 120 * column + 60, 760, name)
        for number, row in enumerate(ROWS[1:], start=1):
            for column, text in enumerate(row):
                canvas.drawString(72 + 120 * column, 760 - 20 * number, text)

    assert "企业：企业丙，楼层：3层，租金：3003，押金：6003。" in text_of(drawn(draw)).split("\n")
