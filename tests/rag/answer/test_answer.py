"""Answers: quoted sentences with exactly their sources, every value where sources disagree, an honest no."""

import random
from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise

import pytest

from rag.answer.composition import LONGEST, MOST_STATEMENTS, NOTHING_FOUND, Answer, compose
from rag.service import Reply, Service

Keep = Callable[..., Service]

DISPUTED = """+++
title = "蓝溪小镇"
[sources.bao]
title = "蓝溪小镇开园"
date = "2020-12-21"
[sources.wang]
title = "走访蓝溪小镇"
date = "2021-01"
[sources.bu]
title = "部委通报"
+++
## 概况

蓝溪小镇位于桐庐县的分水江畔，山清水秀，民风淳朴，是远近闻名的制笔之乡，也是浙江省第一批特色小镇之一。[^bu]

## 面积

据日报报道，蓝溪小镇的规划面积是3.2平方公里。[^bao][^≠面积]

## 后来

据网站走访，另有说法：3.5平方公里。[^wang][^≠面积]

据部委通报，则为3.9平方公里。[^bu][^≠面积]
"""


@pytest.fixture
def keep(own_service: Service) -> Keep:
    """Gives a service that holds these Markdown documents and no other."""

    def kept(**documents: str) -> Service:
        own_service.index.remove(list(own_service.index.snapshot.documents))
        for name, text in documents.items():
            own_service.put(text.encode(), name, media_type="text/markdown")
        return own_service

    return kept


def assert_sound(service: Service, reply: Reply) -> Answer:
    """Every statement is the slice of its document that its citation names, with the sources of that slice."""
    answer = reply.answer
    assert len(answer.statements) == len(answer.citations)
    for number, (statement, citation) in enumerate(zip(answer.statements, answer.citations, strict=True), start=1):
        document = service.index.document(service.index.snapshot.documents[citation.document_id])
        assert statement.citations == (number,) == (citation.index,)
        assert statement.text == citation.quote == document.text[citation.start : citation.end]
        assert citation.sources == document.sources_of(citation.start, citation.end)
        assert document.text.count(citation.before + citation.quote + citation.after) >= 1
    spans = sorted((one.document_id, one.start, one.end) for one in answer.citations)
    for (name, _, end), (other, start, _) in pairwise(spans):
        assert name != other or end <= start, "two quotes overlap"
    return answer


def test_the_best_sentence_is_quoted_with_its_own_source(keep: Keep) -> None:
    service = keep(
        qinglan="# 青岚科技园\n\n位于西湖区。[^a]青岚科技园占地90亩。[^b]\n\n[^a]: 甲报\n\n[^b]: 乙报，2024-01-02\n"
    )
    answer = assert_sound(service, service.ask("青岚科技园占地多少亩？"))
    assert (answer.status, answer.disagreement) == ("answered", False)
    assert answer.statements[0].text == "青岚科技园占地90亩。"
    assert answer.text.startswith("青岚科技园占地90亩。[1]")
    assert [source.title for source in answer.citations[0].sources] == ["乙报，2024-01-02"]


def test_what_a_term_means_is_quoted_where_it_is_told(keep: Keep) -> None:
    service = keep(
        yuntai="# 云台改革\n\n云台改革最早的试点是德清。第一年出让35亩。云台改革，指把土地和标准一起出让的做法。"
    )
    answer = assert_sound(service, service.ask("什么是云台改革？"))
    assert [one.text for one in answer.statements] == ["云台改革，指把土地和标准一起出让的做法。"]


def test_a_side_of_a_comparison_that_nothing_tells_is_named(keep: Keep) -> None:
    texts = {
        "jia": "# 甲山小镇\n\n甲山小镇占地面积3平方公里。",
        "yi": "# 乙水小镇\n\n乙水小镇由丙云集团运营，有企业120家。",
    }
    compared = keep(**texts).ask("甲山小镇和乙水小镇哪个占地面积更大？")
    assert assert_sound(keep(**texts), compared).unanswered == ("乙水小镇",)
    assert [one.text for one in compared.answer.statements] == ["甲山小镇占地面积3平方公里。"]
    both = keep(**texts | {"yi": "# 乙水小镇\n\n乙水小镇占地面积4平方公里。"}).ask(
        "甲山小镇和乙水小镇哪个占地面积更大？"
    )
    assert both.answer.unanswered == ()
    assert len(both.answer.statements) == 2


def test_a_term_that_only_a_like_one_stands_for_is_not_told(keep: Keep) -> None:
    service = keep(dichan="# 某区产业\n\n某区的低碳产业产值2500亿元。某区有企业300家。")
    assert service.ask("什么是碳中和？").answer.status == "no_answer"
    assert service.ask("某区的低碳产业产值多少？").answer.status == "answered"


def test_nothing_found_is_one_fixed_sentence_without_citations(keep: Keep) -> None:
    service = keep(qinglan="# 青岚科技园\n\n青岚科技园占地90亩。\n")
    answer = service.ask("巴西的首都叫什么名字？").answer
    assert (answer.status, answer.text) == ("no_answer", NOTHING_FOUND)
    assert answer.statements == answer.citations == ()
    assert not answer.disagreement


@pytest.mark.parametrize("top_k", [1, 2, 5])
def test_every_disagreeing_value_is_shown_even_if_its_passage_was_not_asked_for(keep: Keep, top_k: int) -> None:
    service = keep(lanxi=DISPUTED, qinglan="# 青岚科技园\n\n青岚科技园的规划面积是9平方公里。\n")
    answer = assert_sound(service, service.ask("蓝溪小镇的规划面积是多少？", top_k=top_k))
    assert answer.disagreement
    assert all(value in answer.text for value in ("3.2平方公里", "3.5平方公里", "3.9平方公里"))
    sources = {citation.quote[:4]: [one.title for one in citation.sources] for citation in answer.citations}
    assert sources["据日报报"] == ["蓝溪小镇开园"]
    assert sources["据网站走"] == ["走访蓝溪小镇"]
    assert sources["据部委通"] == ["部委通报"]


def test_without_a_disputed_statement_nothing_is_called_disputed(keep: Keep) -> None:
    service = keep(lanxi=DISPUTED)
    answer = assert_sound(service, service.ask("蓝溪小镇是什么之乡？", top_k=1))
    assert "制笔之乡" in answer.text
    assert not answer.disagreement


def test_statements_at_the_same_place_of_two_documents_are_not_mixed_up(keep: Keep) -> None:
    """Both documents have their disputed statements at the same offsets."""
    text = (
        "# {0}\n\n据日报报道，{0}有企业{1}家。[^a][^≠企业]据网站走访，{0}有企业{2}家。[^b][^≠企业]\n\n"
        "[^a]: 甲\n\n[^b]: 乙\n"
    )
    service = keep(qinglan=text.format("青岚科技园", 11, 12), baiyun=text.format("白云科技园", 21, 22))
    answer = assert_sound(service, service.ask("青岚科技园和白云科技园各有多少家企业？"))
    for name in {citation.document_id for citation in answer.citations}:
        shown = "".join(citation.quote for citation in answer.citations if citation.document_id == name)
        values = ("11家", "12家") if name == "qinglan" else ("21家", "22家")
        assert all(value in shown for value in values)


@pytest.mark.parametrize("pause", ["，", ""])
def test_a_sentence_too_long_for_an_answer_is_quoted_from_its_beginning(keep: Keep, pause: str) -> None:
    long = "青岚科技园占地九十亩" + "".join(f"{pause}第{number}栋楼里有很多企业" for number in range(60)) + "。"
    service = keep(qinglan=f"# 青岚科技园\n\n{long}\n")
    answer = assert_sound(service, service.ask("青岚科技园占地多少亩？"))
    assert answer.status == "answered"
    quote = answer.citations[0].quote
    assert LONGEST // 2 < len(quote) <= LONGEST
    assert long.startswith(quote)
    assert quote.endswith(pause)


def test_only_passages_that_may_answer_are_quoted(keep: Keep) -> None:
    service = keep(one="# 青岚科技园\n\n青岚科技园占地90亩。", other="# 青岚小区\n\n青岚科技园旁的青岚小区占地30亩。")
    found = service.ask("青岚科技园占地多少亩？").retrieval
    likely, other = found.evidence
    for relevance, quoted in ((0.6, {"one", "other"}), (0.4, {"one"})):
        part = (replace(likely, relevance=0.9), replace(other, relevance=relevance, quotes=likely.quotes))
        answer = compose(replace(found, evidence=part, parts=(part,), relevance=0.9), service.index, 0.5)
        assert {one.document_id for one in answer.citations} == quoted


def test_answers_stay_short(keep: Keep) -> None:
    sentences = "".join(
        f"青岚科技园第{number}期占地{number}0亩，有企业{number}家，税收{number}亿元。" for number in range(1, 40)
    )
    service = keep(qinglan=f"# 青岚科技园\n\n{sentences}\n")
    answer = assert_sound(service, service.ask("青岚科技园第3期占地多少亩、有多少家企业、税收多少、第5期和第7期呢？"))
    assert answer.status == "answered"
    assert len(answer.statements) <= MOST_STATEMENTS
    assert sum(len(statement.text) for statement in answer.statements) <= LONGEST


def test_answers_are_sound_over_made_up_documents(keep: Keep) -> None:
    """Sixty documents of random sentences, marks and disagreements: every answer is exact, none overlaps itself."""
    chance = random.Random(7)
    names = [f"{one}{kind}" for one in ("青岚", "白云", "𠮷祥", "云台", "蓝溪", "紫阳") for kind in ("小镇", "科技园")]

    def sentence(name: str) -> str:
        fact = chance.choice(["占地{}亩", "有企业{}家", "{}年开园", "位于第{}大街", "税收{}亿元，同比增长{}%"])
        mark = chance.choice(["", "[^a]", "[^b]", "[^a][^b]", "[^a][^≠甲]", "[^b][^≠甲]", "[^a][^≠乙]"])
        return f"{name}{fact.format(chance.randint(1, 3000), chance.randint(1, 99))}。{mark}"

    def document(name: str) -> str:
        sections = [f"## 第{n}节\n\n" + "".join(sentence(name) for _ in range(chance.randint(1, 8))) for n in range(4)]
        return f"# {name}\n\n" + "\n\n".join(sections) + "\n\n[^a]: 甲报\n\n[^b]: 乙报\n"

    service = keep(**{f"d{number}": document(name) for number, name in enumerate(names)})
    disputed = 0
    for question in ("占地多少亩？", "有多少家企业？", "哪年开园？", "税收增长多少？", "在哪条街？"):
        for name in names:
            answer = assert_sound(service, service.ask(f"{name}{question}", top_k=chance.randint(1, 5)))
            disputed += answer.disagreement
    assert disputed > 5


def test_a_generation_is_named_and_kept_to(keep: Keep) -> None:
    service = keep(qinglan="# 青岚科技园\n\n青岚科技园占地90亩。\n")
    reply = service.ask("青岚科技园占地多少亩？")
    assert reply.retrieval.generation == service.index.snapshot.generation
    later = service.put("# 青岚科技园\n\n青岚科技园占地95亩。\n".encode(), "qinglan", media_type="text/markdown")
    again = service.ask("青岚科技园占地多少亩？")
    assert again.retrieval.generation == later.generation > reply.retrieval.generation
    assert "95亩" in again.answer.text
    assert "90亩" in reply.answer.text
