"""Markdown becomes clean canonical text: what a reader sees, with the source of every marked statement."""

import time
from contextlib import suppress
from itertools import pairwise

import pytest
from hypothesis import example, given
from support_texts import markdown, relaxed, texts

from corpus.cleaning import clean
from corpus.document import Document, InvalidDocument, Source
from corpus.reading.findings import Findings
from corpus.reading.markdown import read_markdown, undefined_marks


def read(text: str) -> Document:
    return read_markdown(clean(text).text, None, "fallback")


BLOCKS = {
    "paragraphs": ("甲。\n乙。\n\n丙。", "甲。乙。\n\n丙。"),
    "lines in latin letters": ("one\ntwo\n甲\nthree", "one two甲three"),
    "hard line ends": ("甲\\\n乙<br>丙<BR />丁", "甲\n乙\n丙\n丁"),
    "headings stay in the text": (
        "前言。\n\n## 概况\n\n甲。\n\n规模\n---\n\n乙。",
        "前言。\n\n概况\n\n甲。\n\n规模\n\n乙。",
    ),
    "list": ("包括：\n\n- 甲。\n- 乙。\n\n丙。", "包括：\n甲。\n乙。\n\n丙。"),
    "ordered list": ("1. 甲。\n2. 乙。", "1. 甲。\n2. 乙。"),
    "nested list": ("- 甲\n  - 乙\n    1. 丙\n- 丁", "甲\n乙\n1. 丙\n丁"),
    "list item of paragraphs": ("- 甲。\n\n  乙。\n\n丙。", "甲。\n乙。\n\n丙。"),
    "quote": ("> 甲。\n> 乙。\n>\n> > 丙。", "甲。乙。\n\n丙。"),
    "fenced code": (
        "甲。\n\n```python\n# no heading\nx = `1`  **y**\n```\n\n乙。",
        "甲。\n\n# no heading\nx = `1`  **y**\n\n乙。",
    ),
    "indented lines are prose": ("    甲。\n\n    乙*丙*。", "甲。\n\n乙丙。"),
    "full-width indents": ("\u3000\u3000甲。\n\u3000\u3000乙。", "甲。乙。"),
    "rule": ("甲。\n\n***\n\n乙。", "甲。\n\n乙。"),
    "emphasis": ("**甲**_乙_ *丙***丁**", "甲乙 丙丁"),
    "emphasis beside chinese marks": ("**甲。**乙**“丙”**丁*（戊）*己", "甲。乙“丙”丁（戊）己"),
    "lone stars": ("2 * 3 ** 4 甲* 乙*。", "2 * 3 ** 4 甲* 乙*。"),
    "code": ("`甲*乙*` ``a`b``", "甲*乙* a`b"),
    "links": (
        "见[甲园](https://a.cn 'x')、<https://b.cn/y>、[乙][r]。\n\n[r]: https://c.cn",
        "见甲园、https://b.cn/y、乙。",
    ),
    "images": ("![甲*园*图](x.png)。", "甲园图。"),
    "inline tags": ("甲<b>乙</b><!-- 丙 --><span title='x'>丁</span>。", "甲乙丁。"),
    "entities": ("a&nbsp;b &lt;script&gt; &#20013;", "a\xa0b <script> 中"),
    "invisible entities": ("甲&#8238;乙&#xFEFF;丙&#10;丁&#13;戊&#x0C;己", "甲乙丙 丁 戊 己"),
    "escapes": (r"\*甲\* \# \[^a]", "*甲* # [^a]"),
    "table": (
        "| 名称 | 面积 |\n|---|:-:|\n| 甲园 | 80.1亩 |\n| 乙园 |  |\n\n丙。",
        "名称：甲园，面积：80.1亩。\n名称：乙园。\n\n丙。",
    ),
    "table cells with sentences": (
        "| 名 | 说明 |\n|---|---|\n| 甲 | 第一。第二。 |\n| 乙 | 上<br>下； |",
        "名：甲，说明：第一。第二。\n名：乙，说明：上，下。",
    ),
    "ragged table": ("| a | b |\n|---|---|\n| 1 |\n| 2 | 3 | 4 |", "a：1。\na：2，b：3。"),
    "table without rows": ("| 甲 | 乙 |\n|---|---|", "甲，乙。"),
    "table without names": ("|  |  |\n|---|---|\n| 甲 | 乙 |", "甲，乙。"),
    "no table": ("| 甲 | 乙 |", "| 甲 | 乙 |"),
    "marks vanish": ("甲。[^a] 乙 [^b]。\n[^c]丙", "甲。乙。丙"),
    "class of characters": ("`[^a-z]` 甲 \\[^b]", "[^a-z] 甲 [^b]"),
}


@pytest.mark.parametrize(("text", "canonical"), BLOCKS.values(), ids=BLOCKS)
def test_canonical_text(text: str, canonical: str) -> None:
    assert read(text).text == canonical


@pytest.mark.parametrize(
    ("text", "title", "canonical"),
    [
        ("# 甲*园*\n\n正文。", "甲园", "正文。"),
        ("甲园\n===\n\n正文。", "甲园", "正文。"),
        ("正文。\n\n# 甲园\n\n更多。", "fallback", "正文。\n\n甲园\n\n更多。"),
        ("## 概况\n\n正文。", "fallback", "概况\n\n正文。"),
        ("---\ntitle: 甲园\n---\n# 甲园\n\n正文。", "甲园", "正文。"),
        ("---\ntitle: 甲园\n---\n# 另一题\n\n正文。", "甲园", "另一题\n\n正文。"),
        ("# 甲园\n\n# 乙园\n\n正文。", "甲园", "乙园\n\n正文。"),
    ],
)
def test_title(text: str, title: str, canonical: str) -> None:
    document = read(text)
    assert (document.title, document.text) == (title, canonical)


def test_sections_have_their_path() -> None:
    document = read("前言。\n\n## 概况\n\n甲。\n\n### 区位\n\n乙。\n\n# 附录\n\n丙。")
    assert [(s.path, document.text[s.start : s.end]) for s in document.sections] == [
        ((), "前言。"),
        (("概况",), "甲。"),
        (("概况", "区位"), "乙。"),
        (("附录",), "丙。"),
    ]


HEADER = '+++\nid = "jia"\n[sources.a]\ntitle = "A"\n[sources.b]\ntitle = "B"\n[sources.c]\ntitle = "C"\n+++\n'


def attributed(text: str) -> dict[str, tuple[str, ...]]:
    document = read(HEADER + text)
    return {document.text[one.start : one.end]: one.sources for one in document.attributions}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("甲占地80.1亩。[^a]乙。[^b][^a]", {"甲占地80.1亩。": ("a",), "乙。": ("b", "a")}),
        ("甲[^a]。乙[^b]。", {"甲。": ("a",), "乙。": ("b",)}),
        ("甲。 [^a] [^b]\n乙。[^c]", {"甲。": ("a", "b"), "乙。": ("c",)}),
        ("- 甲。[^a]\n  - 乙。[^b]\n- 丙。", {"甲。": ("a",), "乙。": ("b",)}),
        ("> 甲。[^a]\n\n乙。[^b]", {"甲。": ("a",), "乙。": ("b",)}),
        ("**甲**。[^a]*乙*[^b]。", {"甲。": ("a",), "乙。": ("b",)}),
        (
            "| 名 | 亩[^b] |\n|---|---|\n| 甲[^a] | 80[^c] |\n| 乙 | 7 |",
            {"名：甲，亩：80。": ("a", "b", "c"), "名：乙，亩：7。": ("b",)},
        ),
        ("甲。[^a][^z]乙。[^z]", {"甲。": ("a",)}),
        ("甲\\\n乙。[^a]", {"甲\n乙。": ("a",)}),
        ("甲。\\\n[^a]", {"甲。": ("a",)}),
        ("𠮷甲。[^a]👨\u200d👩乙。[^b]", {"𠮷甲。": ("a",), "👨\u200d👩乙。": ("b",)}),
        ("`[^a]`甲。[^b]", {"[^a]甲。": ("b",)}),
        ("```\n甲。[^a]\n```\n乙。[^b]", {"乙。": ("b",)}),
        ("[^a](https://a.cn)甲。[^b]", {"(https://a.cn)甲。": ("b",)}),
    ],
)
def test_every_marked_statement_knows_its_source(text: str, expected: dict[str, tuple[str, ...]]) -> None:
    assert attributed(text) == expected


def test_disagreements() -> None:
    document = read(HEADER + "据甲报，120家。[^a][^≠企业数]据乙报，150家。[^b][^≠企业数]\n\n- 面积。[^c][^≠面积]")
    (disagreement,) = document.disagreements
    assert disagreement.topic == "企业数"
    assert [document.text[start:end] for start, end in disagreement.spans] == ["据甲报，120家。", "据乙报，150家。"]
    assert [document.sources_of(*span)[0].title for span in disagreement.spans] == ["A", "B"]


@pytest.mark.parametrize(
    ("definition", "source"),
    [
        ("标题", Source("标题")),
        ("杭州日报，《开园》，https://a.cn/x?y=1。", Source("杭州日报，《开园》", url="https://a.cn/x?y=1")),
        ("[开园](https://a.cn/x)，杭州日报", Source("开园，杭州日报", url="https://a.cn/x")),
        ("<https://a.cn/x>", Source("https://a.cn/x", url="https://a.cn/x")),
        ("[点我](javascript:alert(1))", Source("[点我](javascript:alert(1")),
        ("第一行\n    第二行 https://a.cn", Source("第一行第二行", url="https://a.cn")),
        ("", Source("s")),
        ("长" * 600, Source("长" * 499 + "…")),
    ],
)
def test_footnotes_define_sources(definition: str, source: Source) -> None:
    document = read(f"甲。[^s]\n\n[^s]: {definition}\n\n乙。")
    assert document.sources == {"s": source}
    assert document.text == "甲。\n\n乙。"
    assert document.sources_of(0, 2) == (source,)


def test_definitions_anywhere_but_in_code() -> None:
    document = read("[^a]: 甲\n正文。[^a][^b][^c]\n\n> [^b]: 乙\n\n```\n[^c]: 丙\n```\n[^a]: 第二次")
    assert {key: source.title for key, source in document.sources.items()} == {"a": "甲", "b": "乙"}
    assert document.text == "正文。\n\n[^c]: 丙"


def test_undefined_marks_are_named() -> None:
    text = HEADER + "甲。[^a][^x]`[^y]`乙。[^f][^≠面积]\n\n[^f]: 脚注\n\n```\n[^z]\n```"
    assert undefined_marks(text) == {"x"}
    findings = Findings()
    read_markdown(text, None, "fallback", findings=findings)
    assert findings.warnings == ["footnotes used but never defined: x"]


def test_similar_questions_belong_to_the_paragraph_above() -> None:
    first = "<!-- 相似问：无主 -->\n甲。[^a]\n<!-- 相似问：甲在哪？｜ 甲 位置\n甲的地址|甲在哪？ -->\n\n"
    text = first + "- 乙。\n\n<!--相似问: 乙呢-->\n<!-- 旁注 -->\n"
    findings = Findings()
    document = read_markdown(text, "x", "x", findings=findings)
    assert document.text == "甲。\n乙。"
    assert [(document.text[one.start : one.end], one.questions) for one in document.asked] == [
        ("甲。", ("甲在哪？", "甲 位置", "甲的地址")),
        ("乙。", ("乙呢",)),
    ]
    assert findings.dropped == []


def test_what_is_dropped_is_reported() -> None:
    text = (
        "---\nlayout: post\n---\n<div>\n一\n</div>\n\n甲<b>乙</b>。\n\n<!-- 二 -->\n\n<script>alert(1)</script>\n\n丙。"
    )
    findings = Findings()
    document = read_markdown(text, None, "x", findings=findings)
    assert document.text == "一\n\n甲乙。\n\n丙。"
    assert findings.dropped == ["1 blocks of HTML", "header field layout: post"]
    assert findings.warnings == ["header fields that are not used: layout"]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("# 甲\n\n## 乙\n\n### 丙", "jia: the document holds headings but no text"),
        ("# 甲", "jia: the document holds no text"),
        ("<div><br></div>", "jia: the document holds no text"),
        ("<!-- 甲", "jia: the document holds no text"),
        ("[^a]: 甲", "jia: the document holds no text"),
        ("***", "jia: the document holds no text"),
        ("+++\nid = 1 2\n+++\n甲。", "jia: the header cannot be read"),
    ],
)
def test_a_document_without_text_is_refused(text: str, why: str) -> None:
    with pytest.raises(InvalidDocument, match=why):
        read_markdown(text, "jia", "jia")


def test_blocks_of_html_are_read_as_a_page_is() -> None:
    text = (
        "# 甲园\n\n<table><tr><th>楼</th><th>面积</th></tr>\n\n<tr><td>一号楼</td><td>80亩</td></tr></table>\n\n"
        "<div><p>现价<del>8元</del>6元。</p></div>\n\n~~旧址~~新址在滨江。共56<sup>1</sup>家。"
    )
    findings = Findings()
    document = read_markdown(text, None, "x", findings=findings)
    assert document.text == "楼：一号楼，面积：80亩。\n\n现价6元。\n\n新址在滨江。共56¹家。"
    assert findings.dropped == ["struck-out text: 8元", "struck-out text: 旧址"]


def test_a_footnote_that_says_something_stands_behind_its_mark() -> None:
    text = "占地80亩[^1]。\n\n乙园在建。[^2]\n\n[^1]: 不含二期。\n[^2]: 《某报》\n"
    document = read_markdown(text, None, "x")
    assert document.text == "占地80亩。\n\n注：不含二期。\n\n乙园在建。"
    assert document.sources["2"].title == "《某报》"


def test_whose_id_counts() -> None:
    text = "---\nid: own\n---\n甲。"
    assert read_markdown(text, "given", "fallback").id == "given"
    assert read_markdown(text, None, "fallback").id == "own"
    assert read_markdown("甲。", None, "fallback").id == "fallback"


def test_the_header_fills_the_document() -> None:
    fields = "title: 甲园\naliases: [甲]\nkind: park\ndistricts: [滨江区, 萧山区]\nrelated: [yi]\npublisher: 报"
    text = f"---\n{fields}\n---\n甲。"
    document = read(text)
    assert (document.aliases, document.kind, document.related) == (("甲",), "park", ("yi",))
    assert document.districts == ("滨江区", "萧山区")
    assert document.sources_of(0, 1) == (Source("甲园", "报"),)


def test_quotes_and_lists_of_a_thousand_levels_lose_no_word() -> None:
    assert read(">" * 1000 + "甲").text.endswith("甲")
    nested = read("".join("  " * level + f"- 第{level}层\n" for level in range(300))).text
    assert all(f"第{level}层" in nested for level in range(300))


HOSTILE = {
    "[": "[" * 100_000,
    "*": "*" * 50_000 + "a" + "*" * 50_000,
    "![": "![" * 20_000,
    "[^": "[^" * 50_000,
    "[a](": "[a](" * 10_000,
    "*a _b": "*a _b " * 10_000,
    "**a": "**a*" * 10_000,
    "<": "<" * 100_000,
    "<a": "<a " * 20_000,
    "`": "".join("`" * count + "a" for count in range(1, 300)),
    "blanks": "a" + " " * 200_000 + "b",
    "definitions between fences": "[^k]: x\n```\n```\n" * 5_000 + "甲",
    "open fences": "```\n~~~\n" * 5_000,
    "columns": "|".join("a" * 5_000) + "\n" + "|".join("-" * 5_000) + "\n" + "|".join("b" * 5_000),
    "entities": "&#x41;" * 20_000,
    "html": "<div>" * 50_000,
    "comment": "<!--" * 50_000,
    "headings": "# a\n" * 10_000 + "甲",
    "one line": "字" * 1_000_000,
    "breaks": "a\\\n" * 20_000,
    "marks": "甲。[^a]" * 20_000,
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_hostile_markdown_takes_bounded_time(text: str) -> None:
    start = time.process_time()
    with suppress(InvalidDocument):
        read(text)
    assert time.process_time() - start < 15


@relaxed
@given(texts)
@example("[^a]\n\n甲\\\n[^a]")
@example("[^a]:\n甲\xa0[^a]乙")
@example("+++\n+++\n[^≠]:\n甲[^≠x] [^≠x]")
def test_whatever_is_read_has_its_spans_in_order(text: str) -> None:
    cleaned = clean(text).text
    try:
        document = read_markdown(cleaned, "x", "x")
    except InvalidDocument:
        return
    assert clean(document.text).removed == {}
    spans = [(one.start, one.end) for one in document.attributions]
    assert spans == sorted(spans)
    assert all(one <= other for (_, one), (other, _) in pairwise(spans))
    for start, end in (*spans, *(span for one in document.disagreements for span in one.spans)):
        assert 0 <= start < end <= len(document.text)
        assert any(section.start <= start and end <= section.end for section in document.sections)
        assert document.text[start:end].strip() == document.text[start:end]


@relaxed
@given(markdown)
def test_no_mark_up_of_marks_is_left(text: str) -> None:
    try:
        document = read_markdown(clean(text).text.replace("`", "").replace("~", "").replace("\\", ""), "x", "x")
    except InvalidDocument:
        return
    assert "[^a]" not in document.text
