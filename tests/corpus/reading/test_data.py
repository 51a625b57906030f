"""JSON and XML in their plain forms: records as rows with their names, objects as sections."""

import json

import pytest

from corpus.document import InvalidDocument
from corpus.reading import Reading, Unreadable, read


def opened(value: object, name: str = "数据.json") -> Reading:
    return read(json.dumps(value, ensure_ascii=False).encode(), name=name)


def test_records_are_rows_with_their_names() -> None:
    records = [
        {"名称": "甲园", "面积": 80.10, "规模": {"企业": 56, "员工": None}, "标签": ["数字", "智造"], "运营": True},
        {"名称": "乙园", "备注": "在建"},
    ]
    assert opened(records).documents[0].text == (
        "名称：甲园，面积：80.1，规模／企业：56，标签：数字、智造，运营：是。\n名称：乙园，备注：在建。"
    )


def test_numbers_stay_as_they_are_written() -> None:
    (one,) = read(b'[{"a": 7.50, "b": 12345678901234567890}]', name="a.json").documents
    assert one.text == "a：7.50，b：12345678901234567890。"


def test_objects_are_sections() -> None:
    value = {"title": "园区", "电话": "0571", "规模": {"面积": "80亩", "企业": [{"名称": "甲"}, {"名称": "乙"}]}}
    (one,) = opened(value).documents
    assert one.title == "园区"
    assert one.text == "title：园区\n电话：0571\n\n规模\n\n面积：80亩\n\n企业\n\n名称：甲。\n名称：乙。"
    assert [section.path for section in one.sections] == [(), ("规模",), ("规模", "企业")]


def test_json_lines() -> None:
    raw = '{"名称": "甲", "价": 1}\n\n{"名称": "乙", "价": 2}\n'.encode()
    assert read(raw, name="a.json").documents[0].text == "名称：甲，价：1。\n名称：乙，价：2。"


def test_rows_stay_documents() -> None:
    rows = [{"id": "jia", "title": "甲园", "text": "占地80亩。"}, {"title": "乙园", "text": "占地90亩。"}]
    assert [(one.id, one.title) for one in opened(rows).documents] == [("jia", "甲园"), ("数据-2", "乙园")]
    assert opened(rows[0]).documents[0].id == "jia"


@pytest.mark.parametrize(
    ("value", "problem"),
    [
        ({"text": "甲", "x": 1}, "unknown fields 'x'"),
        ({"id": 7, "text": "甲"}, "id must be a string"),
        ({"title": "甲"}, "the row holds no text"),
        ([{"id": "a", "text": "甲"}, {"id": "a", "text": "乙"}], "two rows have the id a"),
    ],
)
def test_rows_that_make_no_sense_are_refused(value: object, problem: str) -> None:
    with pytest.raises(InvalidDocument, match=problem):
        opened(value)


@pytest.mark.parametrize(("raw", "problem"), [(b"[]", "no text"), (b"7", "JSON object"), (b'{"a": 1', "not JSON")])
def test_json_without_text(raw: bytes, problem: str) -> None:
    with pytest.raises(Unreadable, match=problem):
        read(raw, name="a.json")


def test_deep_objects_are_told_with_their_path() -> None:
    value: object = "五元"
    for depth in range(9, 0, -1):
        value = {f"层{depth}": value}
    assert opened({"a": value, "b": "c"}).documents[0].text.endswith("层6／层7／层8／层9：五元")


XML = (
    '<?xml version="1.0" encoding="gb2312"?><园区表><园区 区="余杭"><名称>甲园</名称><面积 单位="亩">80</面积></园区>'
    "<园区><名称>乙园</名称></园区></园区表>"
)


def test_repeated_elements_are_records() -> None:
    reading = read(XML.encode("gbk"), name="表.xml")
    assert reading.documents[0].text == "区：余杭，名称：甲园，面积／单位：亩，面积：80。\n名称：乙园。"
    assert (reading.report.format, reading.report.encoding) == ("xml", "gb2312")


def test_other_elements_are_sections_and_prose_stays_prose() -> None:
    raw = "<办法><title>租赁办法</title><总则><条>租金为<b>五元</b>一平方米。</条></总则></办法>".encode()
    (one,) = read(raw, name="a.xml").documents
    assert (one.title, one.text) == ("租赁办法", "title：租赁办法\n\n总则\n\n条：租金为五元一平方米。")
    assert one.sections[-1].path == ("总则",)


def test_reading_twice_gives_the_same_bytes() -> None:
    once, again = (json.dumps(read(XML.encode("gbk"), name="表.xml").documents[0].to_record()) for _ in range(2))
    assert once == again
