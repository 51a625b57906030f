"""Reading one file twice gives the same bytes, in whichever child process it is done."""

import json
from collections.abc import Callable
from email.message import EmailMessage

import pytest
from support_formats import (
    cell,
    epub_of,
    in_gbk,
    msg_of,
    odf_of,
    pptx_of,
    properties,
    rtf_of,
    sheet,
    slide_of,
    xls_of,
    xlsb_of,
)

from corpus.reading import bounded, read

WORDS = "<text:p>甲园占地80亩。</text:p>"
ROWS = [["名称", "面积"], ["甲园", 80.5], ["乙园", 90.0]]


def mail() -> bytes:
    """A message within a message, which is written out anew to become a document."""
    inner, outer = EmailMessage(), EmailMessage()
    for message, text in ((inner, "里层的租金是三元。"), (outer, "外层的租金是五元。")):
        message["Subject"], message["To"] = "通知", "a@example.com"
        message.set_content(text)
    outer.add_attachment(inner)
    outer.add_attachment(b"a,b\n1,2\n", maintype="text", subtype="csv", filename="b.csv")
    return outer.as_bytes()


def attached() -> bytes:
    inner = {"__properties_version1.0": bytes(8), **properties({"3707001F": "b.txt", "37010102": b"text of b"})}
    return msg_of({"0037001F": "通知", "1000001F": "租金五元。"}, {"__attach_version1.0_#00000000": inner})


MADE: dict[str, Callable[[], bytes]] = {
    "a.pptx": lambda: pptx_of(lambda show: [slide_of(show, f"第{n}页", "甲", "乙") for n in range(3)]),
    "a.xls": lambda: xls_of(ROWS),
    "a.xlsb": lambda: xlsb_of(ROWS),
    "a.ods": lambda: odf_of(
        "spreadsheet",
        sheet("表", "".join(f"<table:table-row>{cell(str(a))}{cell(str(b))}</table:table-row>" for a, b in ROWS)),
    ),
    "a.odt": lambda: odf_of("text", WORDS),
    "a.odp": lambda: odf_of("presentation", f"<draw:page><draw:frame>{WORDS}</draw:frame></draw:page>"),
    "a.rtf": lambda: rtf_of(in_gbk("甲园占地80亩。")),
    "a.epub": lambda: epub_of({"a.xhtml": "<h1>甲</h1><p>甲园占地80亩。</p>"}),
    "a.eml": mail,
    "a.msg": attached,
    "a.json": lambda: json.dumps([{"b": 1, "a": {"d": [1, 2], "c": "x"}}]).encode(),
    "a.xml": lambda: b"<r><b x='1' y='2'>3</b><b><c>4</c></b></r>",
}


def records(raw: bytes, name: str) -> str:
    reading = read(raw, name=name)
    return json.dumps([document.to_record() for document in reading.documents]) + repr(reading.report)


@pytest.mark.parametrize("name", MADE)
def test_reading_twice_gives_the_same_bytes(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    raw = MADE[name]()
    once = records(raw, name)
    assert records(raw, name) == once
    monkeypatch.setattr(bounded, "_IDLE", 0.0)  # a fresh child, with another seed for the hashes of strings
    assert records(raw, name) == once
