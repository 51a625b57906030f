"""Descriptions: title, number, issuer, day and validity from the text, then from properties that are no placeholder."""

import pytest

from corpus.reading.description import described, is_placeholder_title
from corpus.reading.parts import HEADING, PARAGRAPH, Part

PROSE = "为做好今年的工作，经市政府同意，现就有关事项通知如下，请认真贯彻执行。"


def lines(*texts: str) -> list[Part]:
    return [Part(PARAGRAPH, text) for text in texts]


def test_an_official_notice() -> None:
    parts = lines(
        "甲市人民政府办公厅", "关于加强停车管理的通知", "甲政办〔2019〕2 号", PROSE,
        "本通知自2020年1月1日起施行，有效期3年。", "甲市人民政府办公厅", "二〇一九年三月一日",
    )  # fmt: skip
    found = described(
        parts, {"title": "Microsoft Word - 文档1", "date_note": "文件生成于2020-01-01", "author": "Administrator"}
    )
    assert found.told == {
        "title": "甲市人民政府办公厅关于加强停车管理的通知",
        "number": "甲政办〔2019〕2号",
        "publisher": "甲市人民政府办公厅",
        "date": "2019-03-01",
        "validity": "自2020年1月1日起施行，有效期3年",
    }
    assert found.signed == ["甲市人民政府办公厅", "二〇一九年三月一日"]
    assert [part.text for part in found.parts if part.text] == [
        "甲政办〔2019〕2 号",
        PROSE,
        "本通知自2020年1月1日起施行，有效期3年。",
    ]


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("发布时间：2021-03-05 来源：区政府办 浏览次数：12", {"date": "2021-03-05", "publisher": "区政府办"}),
        ("来源：本站", {}),
        ("（2005年5月1日通过 根据2020年6月2日第三次会议修正）", {"date": "2020-06-02"}),
        ("发文字号：甲政〔2020〕1号", {"number": "甲政〔2020〕1号"}),
        ("有效性：现行有效", {"validity": "现行有效"}),
    ],
)
def test_lines_of_metadata(line: str, told: dict[str, str]) -> None:
    found = described([Part(HEADING, "甲市停车条例", 1), *lines(line, PROSE)], {})
    assert found.told == {"title": "甲市停车条例", **told}


@pytest.mark.parametrize(
    "title", ["幻灯片 1", "PowerPoint 演示文稿", "标准名称", "无标题文档", "办法.doc", "Sheet1", "新建文本文档"]
)
def test_placeholders(title: str) -> None:
    assert is_placeholder_title(title)
    assert "title" not in described(lines(PROSE), {"title": title}).told


@pytest.mark.parametrize("title", ["甲园介绍", "2024年工作报告", "Bailu Tech Park"])
def test_titles_that_people_gave(title: str) -> None:
    assert described(lines(PROSE), {"title": title}).told == {"title": title}
