"""Words of a question in a passage: found in every spelling, shown where the author wrote them."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.testclient import TestClient
from support_server import loaded_once

from corpus.lexicon import bundled_lexicon
from rag.query.expansion import Thesaurus, kin_of
from rag.query.question import read_question, tokens_of
from rag.retrieval.highlighting import Matcher

TEXTS = st.text(alphabet="占地面积八十亩80.1佔畝８０公里linkParkＬ的社区𠮷祥，。 \u200b", max_size=60)


def matcher(question: str, *, kin: bool = False) -> Matcher:
    encoder, tokeniser = loaded_once()
    read = read_question(question, tokeniser, encoder)
    wordings = Thesaurus(bundled_lexicon()).wordings(read.folded) if kin else []
    known = frozenset(read.words) | frozenset(read.grams)
    return Matcher(read, kin_of(wordings, known, lambda folded: tokens_of(folded, tokeniser)))


def marked(question: str, text: str, *, kin: bool = False) -> list[str]:
    return [text[start:end] for start, end in matcher(question, kin=kin).spans(text)]


@pytest.mark.parametrize(
    ("question", "text", "words"),
    [
        ("物联网街有几家上市企业？", "物聯網街的上市企業有12家。", ["物聯網街", "上市企業"]),
        ("linkpark在哪个区？", "ＬｉｎｋＰａｒｋ（滨河）位于临安。", ["ＬｉｎｋＰａｒｋ"]),
        ("八十点一亩的是哪个园区？", "该园区占地80.10亩。", ["园区", "80.10"]),
        ("𠮷祥产业社区在哪？", "“𠮷祥产业社区”开园。", ["𠮷祥产业社区"]),
        ("滨江的面积是多少", "滨江区的面积很大，区的边界不清。", ["滨江", "面积"]),
    ],
    ids=["traditional", "full width", "number", "astral", "no grammar"],
)
def test_words_are_found_in_every_spelling(question: str, text: str, words: list[str]) -> None:
    assert marked(question, text) == words


def test_numbers_and_latin_words_are_found_whole_only() -> None:
    assert marked("80亩的park", "180亩、80.5亩、1.80亩、parking、car park、80亩。") == ["park", "80"]


def test_another_wording_counts_where_all_of_it_stands() -> None:
    assert marked("健身房在哪", "社区设有锻炼场地。") == []
    assert marked("健身房在哪", "社区设有锻炼场地。", kin=True) == ["锻炼"]


@given(TEXTS, TEXTS)
def test_spans_lie_in_order_apart_and_inside(question: str, text: str) -> None:
    spans = matcher(question or "占地").spans(text)
    ends = [0, *(end for _, end in spans)]
    assert all(before <= start < end <= len(text) for before, (start, end) in zip(ends, spans, strict=False))
    assert all(end < start for (_, end), (start, _) in pairwise(spans))


def test_a_passage_tells_its_matches_and_the_share_of_each_index(client: TestClient) -> None:
    body = client.post("/v1/ask", json={"question": "𠮷祥产业社區佔地多少畝？"}).json()
    passage = body["passages"][0]
    words = [passage["text"][start:end] for start, end in passage["matches"]]
    assert words == ["𠮷祥产业社区", "𠮷祥产业社区占地", "𠮷祥"]
    assert sum(leg["share"] for leg in passage["scores"].values()) == pytest.approx(1, abs=2e-4)
    assert client.post("/v1/search", json={"query": "占地"}).json()["results"][0]["matches"]


def test_a_index_that_searched_alone_has_the_whole_share(client: TestClient) -> None:
    for mode in ("dense", "lexical"):
        results = client.post("/v1/search", json={"query": "产业社区占地", "mode": mode}).json()["results"]
        assert [result["scores"][mode]["share"] for result in results] == [1.0] * len(results)
