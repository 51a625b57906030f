"""PPTX: slides in order with their titles, tables, charts and notes; what is not shown is reported."""

from typing import Any

from support_formats import pptx_of, slide_of

from corpus.reading import Reading, read


def opened(fill: Any) -> Reading:
    return read(pptx_of(fill), name="推介.pptx")


def test_slides_become_sections_and_pages() -> None:
    def fill(show: Any) -> None:
        slide_of(show, "智造社区推介", "占地80.1亩", "优惠期三年")
        slide_of(show, "租金", "每平方米2.5元").notes_slide.notes_text_frame.text = "可面议"

    reading = opened(fill)
    (one,) = reading.documents
    assert one.title == "智造社区推介"
    assert one.text == "占地80.1亩\n优惠期三年\n\n租金\n\n每平方米2.5元\n\n备注：可面议"
    assert [section.path for section in one.sections] == [(), ("租金",)]
    assert (one.page_of(one.text.index("三年")), one.page_of(one.text.index("2.5"))) == (1, 2)
    assert (reading.report.format, reading.report.pages) == ("pptx", 2)


def test_tables_and_charts_keep_their_names() -> None:
    def fill(show: Any) -> None:
        from pptx.chart.data import CategoryChartData
        from pptx.enum.chart import XL_CHART_TYPE

        slide = show.slides.add_slide(show.slide_layouts[5])
        slide.shapes.title.text = "企业"
        table = slide.shapes.add_table(3, 2, 0, 2_000_000, 900, 900).table
        for row, cells in enumerate((("名称", "面积"), ("甲园", "80亩"), ("", "90亩"))):
            for column, text in enumerate(cells):
                table.cell(row, column).text = text
        table.cell(1, 0).merge(table.cell(2, 0))
        data = CategoryChartData(number_format="0.0%")
        data.categories = ["2023年", "2024年"]
        data.add_series("增速", (0.125, 0.2))
        slide.shapes.add_chart(XL_CHART_TYPE.LINE, 0, 4_000_000, 900, 900, data)

    (one,) = opened(fill).documents
    assert "名称：甲园，面积：80亩。\n名称：甲园，面积：90亩。" in one.text
    assert "2023年，增速：12.5%。\n2024年，增速：20.0%。" in one.text


def test_text_is_read_from_top_to_bottom_whatever_was_drawn_first() -> None:
    def fill(show: Any) -> None:
        slide = show.slides.add_slide(show.slide_layouts[6])
        for top, text in ((3_000_000, "第三句。"), (1_000_000, "概况"), (2_000_000, "第二句。")):
            slide.shapes.add_textbox(0, top, 900, 900).text_frame.text = text

    (one,) = opened(fill).documents
    assert one.text.endswith("第二句。\n\n第三句。")
    assert [section.path for section in one.sections] == [("概况",)]


def test_groups_are_read_as_wholes() -> None:
    def fill(show: Any) -> None:
        slide = show.slides.add_slide(show.slide_layouts[6])
        group = slide.shapes.add_group_shape()
        group.shapes.add_textbox(0, 2_000_000, 900, 900).text_frame.text = "组内的第一句话。"
        group.shapes.add_textbox(0, 2_500_000, 900, 900).text_frame.text = "组内的第二句话。"
        slide.shapes.add_textbox(0, 2_200_000, 900, 900).text_frame.text = "组外的一句话。"

    text = opened(fill).documents[0].text
    assert text.endswith("组内的第一句话。\n\n组内的第二句话。\n\n组外的一句话。")


def test_hidden_slides_struck_out_text_and_footers_are_reported() -> None:
    def fill(show: Any) -> None:
        slide_of(show, "公开", "内容甲")
        hidden = slide_of(show, "内部", "底价一元")
        hidden._element.set("show", "0")
        run = slide_of(show, "费用", "旧价五元").placeholders[1].text_frame.paragraphs[0].runs[0]
        run.font._element.set("strike", "sngStrike")
        slide_of(show, "末页", "内容乙")

    reading = opened(fill)
    text = reading.documents[0].text
    assert "底价" not in text
    assert "旧价" not in text
    assert {"hidden slide: 底价一元", "struck-out text: 旧价五元"} <= set(reading.report.dropped)
    assert reading.documents[0].page_of(text.index("内容乙")) == 4


def test_raised_digits_do_not_join_a_number() -> None:
    def fill(show: Any) -> None:
        paragraph = slide_of(show, "企业", "x").placeholders[1].text_frame.paragraphs[0]
        paragraph.runs[0].text = "入驻企业56"
        mark = paragraph.add_run()
        mark.text = "1"
        mark.font._element.set("baseline", "30000")
        paragraph.add_run().text = "家"

    assert opened(fill).documents[0].text.endswith("入驻企业56¹家")


def test_a_slide_of_images_is_told_and_one_without_a_title_has_its_number() -> None:
    def fill(show: Any) -> None:
        slide_of(show, "首页", "内容")
        slide = show.slides.add_slide(show.slide_layouts[6])
        slide.shapes.add_textbox(0, 0, 900, 900).text_frame.text = "这里只有一整句话，没有标题。"

    (one,) = opened(fill).documents
    assert one.sections[-1].path == ("第2张幻灯片",)
