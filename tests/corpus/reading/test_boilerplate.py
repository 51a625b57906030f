"""Boilerplate is taken out and reported; text that only looks like it stays."""

import pytest

from corpus.reading.boilerplate import without_boilerplate, without_mail
from corpus.reading.parts import PARAGRAPH, Part

PROSE = "甲园占地80.1亩，由某某公司运营，集孵化、研发、生产与配套于一体。"


def lines(*texts: str) -> list[Part]:
    return [Part(PARAGRAPH, text) for text in texts]


@pytest.mark.parametrize(
    ("framed", "reason"),
    [
        (["目 录", "第一章 总则 …… 1", "第二章 附则........12"], "table of contents"),
        (["目　录", "第一章 总则", "第二章 附则", "第一章 总则"], "table of contents"),
        (["当前位置：首页 > 政务公开 > 通知"], "breadcrumb"),
        (["【打印】【关闭】"], "line of buttons"),
        (["各区、县（市）人民政府，市政府各部门、各直属单位："], "salutation"),
    ],
)
def test_frames(framed: list[str], reason: str) -> None:
    kept, dropped = without_boilerplate(lines(*framed, PROSE))
    assert list(dropped) == [reason]
    assert [part.text for part in kept][-1] == PROSE
    assert len(kept) + len(dropped[reason]) == len(framed) + 1


@pytest.mark.parametrize(
    "line", ["申请材料包括下列各项：", "首页展示的企业", "各类企业共120家。", "目录", "大中小企业"]
)
def test_text_stays(line: str) -> None:
    assert without_boilerplate(lines(line, "（一）营业执照；", PROSE))[1] == {}


def test_a_message() -> None:
    parts = lines("发件人：物业 <wy@example.com>", "主题：停水通知", "日期：2025-05-06", PROSE, "> 旧的通知")
    kept, told, dropped = without_mail(parts)
    assert [part.text for part in kept] == [PROSE]
    assert told == {"author": "物业", "title": "停水通知", "date": "2025-05-06"}
    assert dropped["quoted message"] == ["> 旧的通知"]
    assert without_mail(lines("日期：2025-05-06", PROSE))[1:] == ({}, {})
