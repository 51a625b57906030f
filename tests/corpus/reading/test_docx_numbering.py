"""Word's automatic numbers: forms, levels, restarts; formulas in one line."""

import pytest
from lxml import etree

from corpus.reading.docx_formula import formula_text
from corpus.reading.docx_numbering import counted, numbers_of

W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
M = "http://schemas.openxmlformats.org/officeDocument/2006/math"


@pytest.mark.parametrize(
    ("number", "form", "written"),
    [
        (11, "chineseCounting", "十一"), (20, "chineseCountingThousand", "二十"), (105, "chineseCounting", "一百零五"),
        (1260, "chineseCountingThousand", "一千二百六十"), (3, "decimalEnclosedCircle", "③"), (4, "upperRoman", "IV"),
        (2, "ideographTraditional", "乙"), (27, "lowerLetter", "aa"), (7, "decimalZero", "07"), (5, "unheard", "5"),
    ],
)  # fmt: skip
def test_forms(number: int, form: str, written: str) -> None:
    assert counted(number, form) == written


def _xml(text: str) -> etree._Element:
    return etree.fromstring(f'<x xmlns:w="{W}" xmlns:m="{M}">{text}</x>')


NUMBERING = """
<w:abstractNum w:abstractNumId="0">
 <w:lvl w:ilvl="0"><w:start w:val="1"/><w:numFmt w:val="chineseCounting"/><w:lvlText w:val="第%1条"/></w:lvl>
 <w:lvl w:ilvl="1"><w:start w:val="1"/><w:numFmt w:val="chineseCounting"/><w:lvlText w:val="（%2）"/></w:lvl>
</w:abstractNum>
<w:num w:numId="1"><w:abstractNumId w:val="0"/></w:num>
<w:num w:numId="2"><w:abstractNumId w:val="0"/>
 <w:lvlOverride w:ilvl="0"><w:startOverride w:val="5"/></w:lvlOverride></w:num>
"""


def test_levels_go_on_and_restart() -> None:
    numbers = numbers_of(_xml(NUMBERING), None)

    def label(number: int, level: int) -> str:
        properties = _xml(f'<w:numPr><w:ilvl w:val="{level}"/><w:numId w:val="{number}"/></w:numPr>')
        return numbers.label(properties, ())

    labels = [label(*place) for place in ((1, 0), (1, 1), (1, 1), (1, 0), (1, 1), (2, 0), (1, 0), (0, 0))]
    assert labels == ["第一条 ", "（一）", "（二）", "第二条 ", "（一）", "第五条 ", "第六条 ", ""]


def _m(name: str, *inner: str) -> str:
    return f"<m:{name}>{''.join(inner)}</m:{name}>"


def test_formulas() -> None:
    def t(text: str) -> str:
        return _m("r", _m("t", text))

    fraction = _m("f", _m("num", t("a+b")), _m("den", t("c")))
    power = _m("sSup", _m("e", t("x")), _m("sup", t("2")))
    assert formula_text(_xml(fraction)) == "(a+b)/c"
    assert formula_text(_xml(power + _m("rad", _m("e", t("y"))))) == "x²√(y)"
    assert formula_text(_xml("<m:e>" * 100 + t("z") + "</m:e>" * 100)) == "z"
