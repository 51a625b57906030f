"""The checks of a knowledge base: a sound one passes, and every fault that can be made is found."""

from pathlib import Path

import pytest

from corpus.checking import KINDS, LONGEST_STATEMENT, Finding, check, fact_coverage, read_facts
from corpus.document import Document, InvalidDocument, Section
from corpus.reading import read

JIA = """+++
id = "jia"
title = "甲园"
aliases = ["甲产业社区"]
kind = "park"
districts = ["滨江区"]
related = ["yi"]
[sources.bao]
title = "开园"
publisher = "甲报"
date = "2023-01-03"
url = "https://a.cn/1"
[sources.wang]
title = "走访"
date_note = "日期未标明"
url = "http://b.cn/2"
+++
## 概况

甲园位于滨江区。[^bao]甲园占地80.1亩。[^bao]

## 规模

据甲报，甲园有企业120家。[^bao][^≠企业数]据走访，甲园有企业150家。[^wang][^≠企业数]
"""
YI = """---
id: yi
title: 乙园
kind: community
districts: [萧山区]
related: [jia]
sources:
  bao: {title: 乙园开园, url: "https://a.cn/3"}
---
- 乙园位于萧山区，主打“三化”服务。[^bao]
"""


def findings(**texts: str) -> list[tuple[str, str]]:
    documents = [read(text.encode(), name=f"{name}.md").documents[0] for name, text in texts.items()]
    return [(one.document_id, one.problem) for one in check(documents, texts)]


def test_a_sound_knowledge_base_passes() -> None:
    assert findings(jia=JIA, yi=YI) == []
    assert check([]) == check([], {}) == []


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ('title = "甲园"', "", "it has no title"),
        ('kind = "park"', 'kind = "garden"', "kind 'garden' is none of case, city, community"),
        ('kind = "park"', "", "kind '' is none of"),
        ('districts = ["滨江区"]', "", "it names no district"),
        ('url = "http://b.cn/2"', "", "source wang has no http or https address"),
        ('title = "走访"', 'title = "\u200b"', "source wang has no title"),
        ('date = "2023-01-03"', 'date = "2023年1月"', "the date of source bao is not YYYY, YYYY-MM or YYYY-MM-DD"),
        ("[^wang]", "", "source wang is never used"),
        ("80.1亩。[^bao]", "80.1亩。[^bao][^nobody]", "source nobody is used and not defined"),
        ("80.1亩。[^bao]", "80.1亩。", "a statement has no source: 甲园占地80.1亩。"),
        (
            "滨江区。[^bao]",
            "滨江区。",
            "a mark stands for another stretch than one sentence: 甲园位于滨江区。甲园占地80.1亩。",
        ),
        ("甲园占地80.1亩", "甲" * LONGEST_STATEMENT, f"a statement has {LONGEST_STATEMENT + 1} characters: 甲甲"),
        ('related = ["yi"]', 'related = ["bing"]', "related bing is no document"),
        ('related = ["yi"]', 'related = ["jia"]', "related jia is itself"),
        ('aliases = ["甲产业社区"]', 'aliases = ["甲園"]', "the name 甲园 is borne twice: jia、jia"),
        ("[^bao][^≠企业数]", "[^bao]", "nothing disagrees about 企业数: its mark stands alone"),
        ("甲园占地80.1亩", "甲园位于滨江區", "said before in jia: 甲园位于滨江區。"),
        ("## 规模", "## 沿革\n\n## 规模", "nothing stands under the heading 沿革"),
        ("## 规模", "## 沿革\n<!-- 相似问：甲园几岁了 -->\n\n## 规模", "nothing stands under the heading 沿革"),
        ("据走访，甲园有企业150家。[^wang][^≠企业数]", "[^wang]\n\n### 治理", "nothing stands under the heading 治理"),
        ('id = "jia"', 'id = "bing"', "no file has the name of this id"),
    ],
)
def test_every_fault_is_found(old: str, new: str, problem: str) -> None:
    assert old in JIA
    found = findings(jia=JIA.replace(old, new, 1), yi=YI)
    assert any(said.startswith(problem) for _, said in found), found


def test_a_statement_of_the_greatest_length_passes() -> None:
    assert findings(jia=JIA.replace("甲园占地80.1亩", "甲" * (LONGEST_STATEMENT - 1)), yi=YI) == []


def test_a_heading_above_another_needs_no_text_of_its_own() -> None:
    assert findings(jia=JIA.replace("## 概况", "## 甲园\n\n### 概况"), yi=YI) == []


def test_a_document_without_sources_is_found() -> None:
    found = findings(yi=YI.partition("sources:")[0] + "---\n乙园位于萧山区。\n")
    assert ("yi", "it names no source") in found
    assert ("yi", "a statement has no source: 乙园位于萧山区。") in found


def test_names_and_statements_that_two_documents_share_are_found() -> None:
    found = findings(
        jia=JIA,
        yi=YI.replace("title: 乙园", "title: 甲产业社區").replace("乙园位于萧山区，主打“三化”服务", "甲園位于滨江区"),
    )
    assert ("yi", "the name 甲产业社区 is borne twice: jia、yi") in found
    assert ("yi", "said before in jia: 甲園位于滨江区。") in found


def test_ids_are_file_names() -> None:
    found = findings(jia=JIA, other=YI)
    assert ("other", "no document has the id of this file") in found
    assert ("yi", "no file has the name of this id") in found


def test_two_documents_of_one_id_are_found() -> None:
    document = read(YI.replace("[jia]", "[]").encode(), name="yi.md").documents[0]
    assert Finding("yi", "two documents have this id") in check([document, document])


def test_a_text_that_cannot_be_read_is_found() -> None:
    problems = [one.problem for one in check([], {"x": "+++\nid = \n+++\n"}) if one.document_id == "x"]
    assert any("the header cannot be read" in problem for problem in problems)


def test_without_the_texts_the_documents_alone_are_checked() -> None:
    document = Document("x", "x", "一句。", (Section((), 0, 3),))
    assert [one.problem for one in check([document])] == [
        "a statement has no source: 一句。",
        "it has no title",
        "it names no district",
        "it names no source",
        f"kind '' is none of {', '.join(KINDS)}",
    ]


def write_facts(folder: Path, name: str, *statements: str) -> None:
    lines = [f"- statement: {statement}\n  source: bao" for statement in statements]
    (folder / f"{name}.yaml").write_text("id: x\nfacts:\n" + "\n".join(lines), encoding="utf-8")


def test_facts_are_looked_up_by_their_numbers_and_quoted_names(tmp_path: Path) -> None:
    documents = [read(text.encode(), name="x.md").documents[0] for text in (JIA, YI)]
    write_facts(tmp_path, "jia", "甲园占地80.1亩，在滨江。", "甲园面积0.1平方公里、8亩。", "甲园有企业120家。")
    write_facts(tmp_path, "yi", "乙园主打 “三化” 服务。", "乙园主打《指南》和“六联”。")
    write_facts(tmp_path, "bing", "丙园没有文档，有1家企业。", "丙园什么也没说。")
    coverage = fact_coverage(documents, read_facts(tmp_path))
    assert (coverage.facts, coverage.found) == (7, 4)
    assert coverage.share == 4 / 7
    assert coverage.missing == (
        Finding("bing", "1 missing of: 丙园没有文档，有1家企业。"),
        Finding("jia", "0.1、8 missing of: 甲园面积0.1平方公里、8亩。"),
        Finding("yi", "指南、六联 missing of: 乙园主打《指南》和“六联”。"),
    )


@pytest.mark.parametrize(
    "text", ["", "- 1", "facts: 7", "facts: [甲]", "facts: [{source: x}]", "facts: [", "a: 2021-13-45"]
)
def test_a_file_that_holds_no_facts_is_named(tmp_path: Path, text: str) -> None:
    (tmp_path / "x.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(InvalidDocument, match=r"x\.yaml: no list of facts"):
        read_facts(tmp_path)


def test_a_folder_without_facts_is_named(tmp_path: Path) -> None:
    with pytest.raises(InvalidDocument, match="no YAML files of facts"):
        read_facts(tmp_path / "missing")
    (tmp_path / "x.yaml").write_text("facts: []", encoding="utf-8")
    assert fact_coverage([], read_facts(tmp_path)).share == 1
