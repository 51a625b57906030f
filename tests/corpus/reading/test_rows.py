"""Rows: JSON objects become documents, or are refused with the field that is wrong."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support_texts import relaxed

from corpus.document import InvalidDocument, Source
from corpus.reading import Unreadable, read
from corpus.reading.rows import FIELDS, read_row, rows_of


def test_a_full_row() -> None:
    row = {
        "id": "jia",
        "title": "甲园\n介绍",
        "text": "甲园占地80.1亩。\r\n\r\n甲园有企业120家。",
        "aliases": ["甲园区", "", "甲园区"],
        "kind": "park",
        "districts": ["滨江区"],
        "publisher": "杭州日报",
        "author": "本报",
        "date": "2023年1月3日",
        "url": "https://a.cn/x",
    }
    assert set(row) == set(FIELDS)
    document = read_row(row, None, "fallback")
    assert (document.id, document.title, document.kind) == ("jia", "甲园 介绍", "park")
    assert document.text == "甲园占地80.1亩。\n\n甲园有企业120家。"
    assert (document.aliases, document.districts) == (("甲园区",), ("滨江区",))
    source = Source("甲园 介绍", "杭州日报", "本报", "2023-01-03", url="https://a.cn/x")
    assert document.sources_of(0, 5) == (source,)


@pytest.mark.parametrize(
    ("row", "given_id", "document_id", "title"),
    [
        ({"text": "甲。"}, None, "file-3", "file-3"),
        ({"text": "甲。", "id": "own"}, None, "own", "own"),
        ({"text": "甲。", "id": "own", "title": "题"}, "given", "given", "题"),
        ({"text": "甲。", "id": None, "title": None, "aliases": None}, None, "file-3", "file-3"),
        ({"text": "题目\n甲园占地80.1亩，由某公司运营。"}, None, "file-3", "题目"),
    ],
)
def test_whose_id_and_title_count(row: Any, given_id: str | None, document_id: str, title: str) -> None:
    document = read_row(row, given_id, "file-3")
    assert (document.id, document.title) == (document_id, title)


@pytest.mark.parametrize(
    ("row", "named"),
    [
        ([], "a JSON object"),
        ("甲。", "a JSON object"),
        (None, "a JSON object"),
        ({}, "no text"),
        ({"title": "甲"}, "no text"),
        ({"text": " \u200b\n"}, "no text"),
        ({"text": 7}, "text must be a string"),
        ({"text": "甲。", "id": 7}, "id must be a string"),
        ({"text": "甲。", "id": 0}, "id must be a string"),
        ({"text": "甲。", "title": False}, "title must be a string"),
        ({"text": "甲。", "id": "a b"}, "cannot be a document id"),
        ({"text": "甲。", "aliases": "甲园"}, "aliases must be a list"),
        ({"text": "甲。", "aliases": ["甲", 7]}, "aliases must be a list"),
        ({"text": "甲。", "date": 2021}, "date must be a string"),
        ({"text": "甲。", "url": "javascript:alert(1)"}, "http or https"),
        ({"text": "甲。", "url": "http://a@b.cn"}, "http or https"),
        ({"text": "甲。", "body": "x", "tags": []}, "unknown fields 'body', 'tags'"),
        ({"text": "甲\ud800。"}, "surrogate"),
        ({"text": "甲。", "aliases": ["\ud800"]}, "surrogate"),
        ({"text": "甲。", "publisher": "\udfff"}, "surrogate"),
        ({"text": "甲。", "title": "长" * 501}, "too many"),
    ],
)
def test_wrong_rows_are_refused(row: Any, named: str) -> None:
    with pytest.raises(InvalidDocument, match=named) as refused:
        read_row(row, None, "file-3")
    assert "file-3" in str(refused.value) or "a b" in str(refused.value)


def test_control_characters_are_cleaned_away() -> None:
    row = {
        "text": "甲\x00园。",
        "title": "甲\u202e\x00园",
        "kind": "pa\x00rk",
        "aliases": ["\u2066甲"],
        "author": "某\x07",
    }
    document = read_row(row, None, "x")
    assert (document.text, document.title, document.kind, document.aliases) == ("甲园。", "甲园", "park", ("甲",))
    assert document.sources["document"].author == "某"


def test_rows_of_a_file_have_line_numbers() -> None:
    text = '{"text": "甲"}\n\n{"text": "乙\u2028丙\x85丁"}\r\n[1]\n'
    assert list(rows_of(text, "x.jsonl")) == [(1, {"text": "甲"}), (3, {"text": "乙\u2028丙\x85丁"}), (4, [1])]


@pytest.mark.parametrize("line", ["{", "nul", "[" * 100_000, "9" * 5000, "{'a': 1}"])
def test_a_line_that_is_no_json_is_named(line: str) -> None:
    rows = rows_of(f"{{}}\n{line}\n{{}}", "x.jsonl")
    assert next(rows) == (1, {})
    with pytest.raises(InvalidDocument, match=r"x\.jsonl, line 2"):
        next(rows)


@pytest.mark.parametrize("raw", [b"{", b"", b"\xff", b"[" * 100_000])
def test_a_file_that_is_no_json_is_unreadable(raw: bytes) -> None:
    with pytest.raises(Unreadable):
        read(raw, media_type="application/json")


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(alphabet=st.characters(), max_size=20),
    lambda values: st.lists(values, max_size=3) | st.dictionaries(st.text(max_size=5), values, max_size=3),
    max_leaves=5,
)


@relaxed
@given(st.dictionaries(st.sampled_from([*FIELDS, "other"]), json_values, max_size=6))
def test_any_row_is_kept_or_refused(row: Any) -> None:
    try:
        document = read_row(json.loads(json.dumps(row)), None, "x")
    except InvalidDocument:
        return
    assert document.sections
    assert document.content_hash
