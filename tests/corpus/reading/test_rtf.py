"""RTF: letters in every way that programs write them, headings, tables, notes; what is not shown is reported."""

import pytest
from support_formats import in_gbk, in_rtf, rtf_of

from corpus.reading import Reading, Unreadable, read

PROSE = "押金在退租后三个月内退还。"


def opened(body: str, **head: str) -> Reading:
    return read(rtf_of(body, **head), name="信.rtf")


@pytest.mark.parametrize(
    ("body", "head"),
    [
        (in_gbk(PROSE), r"\ansi\ansicpg936"),
        (in_rtf(PROSE), r"\ansi\ansicpg1252\uc1"),
        (in_gbk(PROSE), r"\ansi\ansicpg1252\deff0{\fonttbl{\f0\fcharset134 SimSun;}}"),
        (r"\f1 " + in_gbk(PROSE), r"\ansi\ansicpg1252{\fonttbl{\f0\fcharset0 Arial;}{\f1\fcharset134 SimSun;}}"),
        ("".join(f"\\uc2{in_rtf(sign)[:-1]}{in_gbk(sign)}" for sign in PROSE), r"\ansi\ansicpg936"),
        (r"{\uc0 " + "".join(f"{in_rtf(sign)[:-1]} " for sign in PROSE) + "}", r"\ansi"),
        (r"{\upr{???}{\*\ud{" + in_rtf(PROSE) + "}}}", r"\ansi"),
    ],
)
def test_letters_in_every_way(body: str, head: str) -> None:
    assert opened(body, head=head).documents[0].text == PROSE


def test_letters_beyond_the_first_plane_and_big5() -> None:
    assert opened(in_rtf("𠮷村😀")).documents[0].text == "𠮷村😀"
    escaped = "".join(f"\\'{byte:02x}" for byte in "總則規劃".encode("big5"))
    assert opened(escaped, head=r"\ansi\ansicpg950").documents[0].text == "總則規劃"


def test_headings_by_style_and_outline() -> None:
    head = r"\ansi\ansicpg936{\stylesheet{\s0 Normal;}{\s1 heading 1;}{\s2\outlinelevel1 " + in_gbk("小标") + ";}}"
    body = rf"\pard\s1 {in_gbk('总则')}\par\pard {in_gbk(PROSE)}\par\pard\s2 {in_gbk('费用')}\par\pard {in_gbk(PROSE)}"
    (one,) = opened(body, head=head).documents
    assert [section.path for section in one.sections] == [("总则",), ("总则", "费用")]


def test_tables_with_merged_cells() -> None:
    def row(*cells: str, definition: str = r"\cellx1\cellx2") -> str:
        return rf"\trowd{definition}\pard\intbl " + "".join(in_gbk(one) + r"\cell " for one in cells) + r"\row "

    body = row("名称", "楼") + row("甲园", "一号楼", definition=r"\clvmgf\cellx1\cellx2")
    body += row("", "二号楼", definition=r"\clvmrg\cellx1\cellx2") + rf"\pard {in_gbk(PROSE)}\par"
    assert opened(body).documents[0].text == f"名称：甲园，楼：一号楼。\n名称：甲园，楼：二号楼。\n\n{PROSE}"


def test_numbers_that_were_computed_stand_in_the_text_and_bullets_do_not() -> None:
    body = rf"\pard\ls1{{\listtext\pard\plain 1.\tab}}{in_gbk('水费')}\par{{\listtext\'b7\tab}}{in_gbk('电费')}\par"
    assert opened(body).documents[0].text == "1. 水费\n电费"


def test_notes_fields_and_raised_marks() -> None:
    body = rf"{in_gbk('企业56')}{{\super 1}}{in_gbk('家')}{{\footnote\pard {in_gbk('据年报')}\par}}"
    body += rf"{{\field{{\*\fldinst HYPERLINK x}}{{\fldrslt {in_gbk('，见附件')}}}}}\par"
    assert opened(body).documents[0].text == "企业56¹家，见附件\n\n注：据年报"


def test_what_is_not_shown_is_reported() -> None:
    old = in_gbk("旧价")
    body = rf"{{\header {in_gbk('页眉')}\par}}{{\strike {old}}}{{\v {in_gbk('密')}}}{{\deleted {in_gbk('删')}}}"
    body += rf"{{\*\annotation {in_gbk('批注')}}}{{\*\unknown {in_gbk('无关')}}}{{\pict ffd8}}{in_gbk(PROSE)}"
    reading = opened(body)
    assert reading.documents[0].text == PROSE
    assert set(reading.report.dropped) == {
        "running header: 页眉",
        "struck-out text: 旧价",
        "hidden text: 密",
        "deleted text: 删",
        "comment: 批注",
    }


def test_title_and_author_come_from_the_information_group() -> None:
    body = rf"{{\info{{\company X}}{{\title {in_gbk('租赁办法')}}}{{\author {in_gbk('甲方')}}}}}{in_gbk(PROSE)}"
    (one,) = opened(body).documents
    assert (one.title, one.sources["document"].author, one.text) == ("租赁办法", "甲方", PROSE)


def test_a_file_that_ends_in_the_middle_says_so() -> None:
    reading = read(rtf_of(in_gbk(PROSE))[:-1], name="信.rtf")
    assert reading.documents[0].text == PROSE
    assert "it ends in the middle" in reading.report.warnings[0]


def test_binary_data_is_passed_over() -> None:
    assert opened(r"{\object{\*\objdata\bin5 }{}\\}}" + in_gbk(PROSE)).documents[0].text == PROSE


def test_pictures_alone_are_refused() -> None:
    with pytest.raises(Unreadable, match="only images"):
        opened(r"{\pict ffd8}")
