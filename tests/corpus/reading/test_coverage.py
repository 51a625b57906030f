"""Coverage: what a file shows is in passages or in the report, in every format; what is lost is named."""

import pytest

from corpus.reading.coverage import coverage
from corpus.reading.reader import read

PROSE = "甲园占地80.1亩，由某某公司运营，集孵化、研发、生产与配套于一体。"


def test_what_is_lost_is_counted_and_named() -> None:
    found = coverage([PROSE, "乙园在建，明年投入使用。"], [PROSE])
    assert (found.visible, found.lost) == (
        len("甲园占地801亩由某某公司运营集孵化研发生产与配套于一体乙园在建明年投入使用"),
        9,
    )
    assert found.examples == ("乙园在建，明年投入使用。",)
    assert found.warning().endswith("% of its text was lost without a reason: «乙园在建，明年投入使用。»")
    assert coverage([PROSE], [PROSE[20:], PROSE[:20]]).share > 0.95
    assert coverage([], []).warning() == ""


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.txt", f"甲园介绍\n一、概况\n二、面积\n{PROSE}\n三、附录\n"),
        (
            "a.md",
            f"---\nlayout: post\n---\n# 甲园\n\n## 概况\n\n## 面积\n\n{PROSE}[^1]\n\n"
            "<table><tr><td>甲</td><td>乙</td></tr></table>\n\n[^1]: 不含二期。\n",
        ),
        ("a.html", f"<nav>首页</nav><h1>甲园</h1><p>{PROSE}</p><p style='display:none'>优惠码9999</p><h2>附录</h2>"),
        ("a.csv", "名称,面积\n甲园,80亩\n乙园,90亩\n"),
    ],
)
def test_every_format_keeps_or_reports_all(name: str, text: str) -> None:
    report = read(text.encode(), name=name).report
    assert report.coverage == 1.0
    assert not any("lost" in warning for warning in report.warnings)
