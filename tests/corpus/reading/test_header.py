"""Headers in TOML and YAML: the same fields, plain texts, and an error that says what is wrong."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support_texts import relaxed

from corpus.document import InvalidDocument, Source
from corpus.reading.header import LONGEST_HEADER, split_header

TOML = """+++
id = "jia"
title = "甲园"
aliases = ["甲园区", "甲", "甲园区"]
districts = "滨江区"
date = 2023-01-03
[sources.bao]
title = "开园"
date = 2023-01-03T10:00:00Z
url = "https://a.cn/x"
+++
正文。"""
YAML = """---
id: jia
title: 甲园
aliases: [甲园区, 甲, 甲园区]
districts: 滨江区
date: 2023-01-03
sources:
  bao:
    title: 开园
    date: 2023-01-03
    url: https://a.cn/x
---
正文。"""


@pytest.mark.parametrize("text", [TOML, YAML], ids=["toml", "yaml"])
def test_both_forms_say_the_same(text: str) -> None:
    header, body = split_header(text, "x")
    assert body == "正文。"
    assert (header.line("id"), header.line("title"), header.line("date")) == ("jia", "甲园", "2023-01-03")
    assert (header.lines("aliases"), header.lines("districts")) == (("甲园区", "甲"), ("滨江区",))
    assert (header.line("kind"), header.lines("related")) == ("", ())
    assert header.sources() == {"bao": Source("开园", date="2023-01-03", url="https://a.cn/x")}
    assert header.unknown == ()


@pytest.mark.parametrize(
    ("yaml", "value"),
    [
        ("2023-01-03", "2023-01-03"),
        ("2023-01-03 10:00:00", "2023-01-03 10:00:00"),
        ("007", "007"),
        ("no", "no"),
        ("1e3", "1e3"),
        ("12:30", "12:30"),
        ("2021-13-45", "2021-13-45"),
        ("9" * 5000, "9" * 5000),
        ('"甲\\u202E\\u0000园\\n区"', "甲园 区"),
        ("", ""),
        ("!!python/object:os.system x", "x"),
    ],
    ids=lambda text: text[:20],
)
def test_yaml_values_keep_their_letters(yaml: str, value: str) -> None:
    header, _ = split_header(f"---\ntitle: {yaml}\n---\n正文。", "x")
    assert header.line("title") == value


@pytest.mark.parametrize(
    ("toml", "value"), [("7", "7"), ("1.5", "1.5"), ("2023-01-03", "2023-01-03"), ("'甲\t 园'", "甲 园")]
)
def test_toml_values_are_written_out(toml: str, value: str) -> None:
    header, _ = split_header(f"+++\ntitle = {toml}\n+++\n正文。", "x")
    assert header.line("title") == value


@pytest.mark.parametrize(
    ("written", "date", "note"),
    [
        ("2023-01-03", "2023-01-03", ""),
        ("2023年1月", "2023-01", ""),
        ("约2024", "", "约2024"),
        ("2023年1月报道", "2023-01", "2023年1月报道"),
        ("2021-13-45", "", "2021-13-45"),
    ],
)
def test_an_inexact_date_of_a_source_becomes_its_note(written: str, date: str, note: str) -> None:
    header, _ = split_header(f"---\nsources:\n  a: {{title: 题, date: {written}}}\n---\n正文。", "x")
    assert header.sources()["a"] == Source("题", date=date, date_note=note)


def test_the_document_may_be_its_own_source() -> None:
    header, _ = split_header("---\npublisher: 杭州日报\ndate: 2023-01-03\n---\n正文。", "x")
    assert header.own_source("甲园") == {"document": Source("甲园", "杭州日报", date="2023-01-03")}
    assert split_header("正文。", "x")[0].own_source("甲园") == {}


@pytest.mark.parametrize(
    "text",
    [
        "正文。",
        "---\n正文。",
        "---\n正文。\n---\n更多。",
        "---\n- 甲\n- 乙\n---\n正文。",
        " +++\nid = 1\n+++\n",
        "++++\n正文。",
        "+++",
    ],
)
def test_texts_without_a_header_stay_whole(text: str) -> None:
    header, body = split_header(text, "x")
    assert (header.fields, body) == ({}, text)


@pytest.mark.parametrize(
    "text", ["+++\n+++\n正文。", "---\n---\n正文。", "+++\n\n+++\n正文。", "---\n# 无\n---\n正文。"]
)
def test_an_empty_header_is_one(text: str) -> None:
    header, body = split_header(text, "x")
    assert (header.fields, body) == ({}, "正文。")


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("+++\nid = \n+++\n正文。", "cannot be read"),
        ("+++\nid = 'a'\nid = 'b'\n+++\n正文。", "cannot be read"),
        ("+++\ndate = 2021-13-45\n+++\n正文。", "cannot be read"),
        (f"+++\nid = {'9' * 5000}\n+++\n正文。", "cannot be read"),
        (f"+++\nid = {'[' * 5000}\n+++\n正文。", "nested too deeply"),
        ("+++\nid = 'a'\n正文。", "never closed"),
        ("---\nid: [甲\n---\n正文。", "cannot be read"),
        ("---\nid: 'a\n---\n正文。", "cannot be read"),
        ("---\n\tid: a\n---\n正文。", "cannot be read"),
        ("---\nid: *x\n---\n正文。", "cannot be read"),
        (f"---\nid: {'[' * 1500}\n---\n正文。", "nested too deeply"),
        (f"---\nid: {'a' * LONGEST_HEADER}\n---\n正文。", "characters"),
    ],
    ids=lambda text: text[:24],
)
def test_a_header_that_cannot_be_read_is_refused(text: str, why: str) -> None:
    with pytest.raises(InvalidDocument, match=f"^jia: .*{why}"):
        split_header(text, "jia")


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ("title: [甲]", "title must be text"),
        ("title: {a: b}", "title must be text"),
        ("aliases: [[甲]]", "aliases must be text"),
        ("sources: 甲", "sources must be a table of tables"),
        ("sources: {a: 甲}", "source a needs a title"),
        ("sources: {a: {publisher: 报}}", "source a needs a title"),
        ("sources: {a: {title: 题, page: 7}}", "source a needs a title"),
        ("sources: {a: {title: [题]}}", "title of source a must be text"),
        ("sources: {a: {title: 题, url: 'javascript:x'}}", "source a: .*http or https"),
        ("sources: {a: {title: %s}}" % ("长" * 501), "source a: .*too many"),
    ],
)
def test_a_field_of_a_wrong_kind_is_refused(fields: str, why: str) -> None:
    header, _ = split_header(f"---\n{fields}\n---\n正文。", "jia")
    with pytest.raises(InvalidDocument, match=f"^jia: {why}"):
        header.line("title"), header.lines("aliases"), header.sources()


def test_truth_values_of_toml_are_no_text() -> None:
    header, _ = split_header("+++\ntitle = true\n+++\n正文。", "jia")
    with pytest.raises(InvalidDocument, match="title must be text"):
        header.line("title")


def test_unknown_fields_are_named() -> None:
    header, _ = split_header("---\nlayout: post\ntags: [甲]\ntitle: 甲\n---\n正文。", "x")
    assert header.unknown == ("layout", "tags")


def test_a_yaml_bomb_does_not_explode() -> None:
    lines = [
        "a0: &a0 [x, x]",
        *(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 12)),
        "aliases: *a11",
    ]
    start = time.process_time()
    header, _ = split_header("---\n" + "\n".join(lines) + "\n---\n正文。", "x")
    with pytest.raises(InvalidDocument, match="aliases must be text"):
        header.lines("aliases")
    assert time.process_time() - start < 2


@relaxed
@given(
    st.sampled_from(["+++", "---"]), st.text(alphabet=st.sampled_from("abc甲=:[]{}\"'\n -&*!|>#,.017\t"), max_size=60)
)
def test_any_header_is_read_or_refused(fence: str, fields: str) -> None:
    try:
        header, body = split_header(f"{fence}\n{fields}\n{fence}\n正文。", "x")
        header.line("a"), header.lines("b"), header.sources()
    except InvalidDocument:
        return
    assert body.endswith("正文。")
