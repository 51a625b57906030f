"""Copies: a re-posted article is shown once, with every place; what states something else is shown too."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from opencc import OpenCC
from starlette.testclient import TestClient
from support_reposts import NEWS, QUESTION, post

from corpus.bundled import bundled_documents
from corpus.document import Document
from corpus.folding import fold
from corpus.lexicon import bundled_lexicon
from corpus.passage import split
from corpus.reading import read
from index.encoder.loading import load_encoder
from index.lexical.tokeniser import Tokeniser
from index.passage_index import PassageIndex
from rag.api.app import create_app
from rag.evaluation.deduplication_figures import document_rows, passage_rows
from rag.evaluation.reposts import (
    EDITS,
    FOOTER,
    HEADER,
    SHARES,
    reposts,
    with_a_negation,
    with_another_number,
    with_another_word,
)
from rag.reader.relevance import bundled_model
from rag.retrieval.deduplication import Duplicate, wording_of
from rag.retrieval.retriever import Retriever
from rag.service import Service
from rag.settings import Settings

BUNDLED = list(bundled_documents())
TOKENISER = Tokeniser(bundled_lexicon())
ORIGINAL = post("original", NEWS, publisher="云台日报", date="2023-01-03", url="https://example.org/1")
REPOST = post("repost", f"{HEADER}{OpenCC('s2t').convert(NEWS)}{FOOTER}", publisher="某网", date="2023-02")
OTHER_AREA = post("other-area", NEWS.replace("80.1亩", "88亩"))
OTHER_PLACE = post("other-place", NEWS.replace("云台街道", "蓝溪街道"))

DENIED = post("denied", NEWS.replace("由云台集团", "未由云台集团"))


@pytest.fixture
def index(tmp_path: Path) -> Iterator[PassageIndex]:
    opened = PassageIndex.open(tmp_path, load_encoder("static"), TOKENISER, writable=True)
    yield opened
    opened.close()


def found(index: PassageIndex, question: str = QUESTION, top_k: int = 10, **options: Any) -> dict[str, list[Duplicate]]:
    """Documents whose passage on the area is found, with the copies of that passage."""
    evidence = Retriever(index, bundled_model()).retrieve(question, top_k, **options).evidence
    telling = [one for one in evidence if "占地" in fold(one.found.passage.text).text]
    assert len({one.document.id for one in telling}) == len(telling)
    return {one.document.id: list(one.also_in) for one in telling}


@pytest.mark.parametrize("mode", ["hybrid", "dense", "lexical"])
def test_a_repost_is_shown_once_with_its_place(index: PassageIndex, mode: str) -> None:
    index.put([ORIGINAL, REPOST])
    ((shown, (copy,)),) = found(index, mode=mode).items()
    assert {shown, copy.document.id} == {"original", "repost"}
    other = index.document(copy.document)
    assert other.text[copy.passage.start : copy.passage.end] == copy.passage.text


def test_deleting_the_one_shown_shows_the_other(index: PassageIndex) -> None:
    index.put([ORIGINAL, REPOST])
    (shown,) = found(index)
    index.remove([shown])
    assert found(index) == {({"original", "repost"} - {shown}).pop(): []}
    index.put([ORIGINAL, REPOST])
    assert len(found(index)) == 1


@pytest.mark.parametrize("other", [OTHER_AREA, OTHER_PLACE, DENIED])
def test_a_text_that_states_something_else_is_shown_beside(index: PassageIndex, other: Document) -> None:
    index.put([ORIGINAL, other])
    assert index.snapshot.near_to("original").keys() == {index.snapshot.documents[other.id]}
    assert found(index) == {"original": [], other.id: []}


def test_a_filter_tells_only_of_copies_that_pass_it(index: PassageIndex) -> None:
    index.put([ORIGINAL, REPOST])
    assert found(index, only={"id": ["repost"]}) == {"repost": []}


def test_many_copies_do_not_crowd_out_the_rest(index: PassageIndex) -> None:
    index.put([post(f"copy{number}", f"来源：第{number}网\n\n{NEWS}") for number in range(60)])
    index.put([post("rest", "蓝溪科技园占地三百亩，四周都是茶园，园区里有企业二十家。")])
    shown = found(index, "占地多少亩", top_k=5)
    assert "rest" in shown
    assert len(shown) == 2


def test_a_quoted_paragraph_is_shown_once(index: PassageIndex) -> None:
    """Two long texts that have one paragraph in common are no near duplicates."""
    paragraph = NEWS.split("\n\n")[0]
    one, other = (
        post(name, f"{'。'.join(split_text.text for split_text in split(BUNDLED[number])[:5])}\n\n{paragraph}")
        for name, number in (("one", 0), ("other", 1))
    )
    index.put([one, other])
    assert not index.snapshot.near
    best, *_ = Retriever(index, bundled_model()).retrieve(QUESTION, 10).evidence
    assert {best.document.id, *(copy.document.id for copy in best.also_in)} == {"one", "other"}


def test_a_subject_that_was_asked_for_is_not_shown_under_another_name(index: PassageIndex) -> None:
    """Both texts are alike to the letter, and the question wants both subjects."""
    text = "园区占地一百亩，一期工程五幢楼，二期工程三幢楼，由两家单位共同投资，目前都在招商，欢迎企业入驻。"
    for name in ("甲山小镇", "乙水小镇"):
        index.put([read(f"# {name}\n\n{text}".encode(), name, media_type="text/markdown").documents[0]])
    assert set(found(index, "甲山小镇和乙水小镇占地多少亩")) == {"甲山小镇", "乙水小镇"}
    assert len(found(index, "占地多少亩")) == 1


@pytest.mark.parametrize(
    ("shown", "other", "expected"),
    [
        (NEWS, NEWS, True),
        (NEWS, OpenCC("s2t").convert(NEWS), True),
        (NEWS, HEADER + NEWS, True),
        (NEWS, NEWS.replace("帮助企业", "助企业"), True),
        (NEWS, NEWS[: len(NEWS) // 2], True),
        (NEWS[: len(NEWS) // 2], NEWS, False),
        (NEWS, NEWS.replace("120家", "121家"), False),
        (NEWS, NEWS.replace("每周三下午", "每周三下午2点"), False),
        (NEWS, NEWS.replace("云台集团", "蓝溪集团"), False),
        (NEWS, NEWS.replace("西溪区", "东溪区"), False),
        (NEWS, NEWS.replace("帮助企业", "服务企业"), False),
        (NEWS, NEWS.replace("也可以使用", "不可以使用"), False),
        (NEWS, NEWS.replace("可以使用", "不可以使用"), False),
        (NEWS.replace("可以使用", "不可以使用"), NEWS, False),
        (NEWS, NEWS.replace("云台产业", "蓝溪产业"), False),
        (NEWS, BUNDLED[0].text, False),
        ("电话：88881234。", "电话：88881234。", True),
        ("有停车位三个。", "有停车位四个。", False),
    ],
)
def test_what_a_copy_states_must_stand_in_the_passage_shown(shown: str, other: str, expected: bool) -> None:
    assert wording_of(shown).says(wording_of(other)) is expected


def test_no_bundled_passage_is_a_copy_of_one_in_another_document() -> None:
    wordings = [(document.id, wording_of(passage.text)) for document in BUNDLED for passage in split(document)]
    assert [
        (one, other)
        for one, shown in wordings
        for other, wording in wordings
        if one != other and len(shown.shingles & wording.shingles) > 10 and shown.says(wording)
    ] == []


def test_the_figures_of_the_readme_hold() -> None:
    """On every ninth document; the README's table is made from all of them."""
    some = BUNDLED[::9]
    made = list(reposts(some))
    assert len(made) == len(some) * len(EDITS) * len(SHARES)
    near = {row.threshold: row for row in document_rows(some, made)}[0.3]
    assert near.wrong == 0
    assert near.found[0] > 0.99
    assert min(near.found) > 0.85
    said = {row.threshold: row for row in passage_rows(some, made)}[0.75]
    assert said.found[0] > 0.98
    assert min(said.found) > 0.75
    assert said.precision > 0.99


def test_one_number_of_a_text_is_changed() -> None:
    assert with_another_number("占地80亩，12家企业，2020年") == "占地80亩，13家企业，2020年"
    assert with_another_number("没有数字") is None


def test_one_word_of_a_text_is_changed_or_negated() -> None:
    assert with_another_word("甲园80亩，负责人是张伟") == "甲园80亩，负责乾坤张伟"
    assert with_another_word("abc 12") is None
    assert with_a_negation("园区允许停车") == "园区允不许停车"
    assert with_a_negation("园区不允许停车，也未开放") == "园区允许停车，也未开放"
    assert with_a_negation("abc 12") is None


@pytest.fixture
def client(index: PassageIndex, tmp_path: Path) -> Iterator[TestClient]:
    index.put([ORIGINAL])
    service = Service(Settings(home=tmp_path, corpus="none"), index)
    with TestClient(create_app(service), base_url="http://127.0.0.1") as opened:
        yield opened


def put(client: TestClient, document_id: str, text: str) -> dict[str, Any]:
    reply = client.put(f"/v1/documents/{document_id}", content=text, headers={"Content-Type": "text/markdown"})
    assert reply.status_code == 201, reply.text
    return dict(reply.json())


def test_the_contract_tells_of_copies_and_near_duplicates(client: TestClient) -> None:
    kept = put(
        client, "repost", f"---\ntitle: 转载\npublisher: 某网\ndate: 2023-02\nurl: https://example.com/2\n---\n\n{NEWS}"
    )
    assert kept["near_duplicates"] == [{"id": "original", "title": "云台产业社区开园", "resemblance": 1.0}]
    assert kept["report"]["warnings"] == ["nearly the same as original (云台产业社区开园): 100% alike"]
    listed = client.get("/v1/documents").json()["documents"]
    assert [[near["id"] for near in one["near_duplicates"]] for one in listed] == [["repost"], ["original"]]
    assert client.get("/v1/documents/repost").json()["near_duplicates"][0]["id"] == "original"
    for body in (
        client.post("/v1/search", json={"query": QUESTION}).json()["results"],
        client.post("/v1/ask", json={"question": QUESTION}).json()["passages"],
    ):
        (copy,) = body[0]["also_in"]
        assert {body[0]["citation"]["document_id"], copy["document_id"]} == {"original", "repost"}
        text = client.get(f"/v1/documents/{copy['document_id']}").json()["text"]
        assert text[copy["start"] : copy["end"]] in NEWS
    client.delete("/v1/documents/original")
    (result, *_) = client.post("/v1/search", json={"query": QUESTION}).json()["results"]
    assert (result["citation"]["document_id"], result["also_in"]) == ("repost", [])
    assert client.get("/v1/documents/repost").json()["near_duplicates"] == []


def test_a_copy_tells_publisher_date_and_address(client: TestClient) -> None:
    put(client, "repost", f"---\ntitle: 蓝溪\n---\n\n{NEWS}")
    (result, *_) = client.post("/v1/search", json={"query": "蓝溪", "top_k": 1}).json()["results"]
    assert result["citation"]["document_id"] == "repost"
    assert {name: result["also_in"][0][name] for name in ("title", "publisher", "date", "address")} == {
        "title": "云台产业社区开园",
        "publisher": "云台日报",
        "date": "2023-01-03",
        "address": "https://example.org/1",
    }
