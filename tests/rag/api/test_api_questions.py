"""SimilarQuestion over HTTP: the fields of the contract, exact citations, filters, follow-ups, headers."""

import hashlib
from typing import Any

import pytest
from pydantic import BaseModel
from starlette.testclient import TestClient

from rag.answer.composition import NOTHING_FOUND
from rag.schema.models import AnalyzeBody, AskBody, CitationBody, HealthBody, ResultBody, SearchBody, StatsBody
from rag.service import Service

AREA = "𠮷祥产业社区占地多少亩？"
COMPANIES = "𠮷祥产业社区有企业多少家？"
OFF_TOPIC = "巴西的首都叫什么名字？"


def search(client: TestClient, query: str, **options: Any) -> dict[str, Any]:
    reply = client.post("/v1/search", json={"query": query, **options})
    assert reply.status_code == 200, reply.text
    return exactly(SearchBody, reply.json())


def ask(client: TestClient, question: str, **options: Any) -> dict[str, Any]:
    reply = client.post("/v1/ask", json={"question": question, **options})
    assert reply.status_code == 200, reply.text
    return exactly(AskBody, reply.json())


def exactly(model: type[BaseModel], body: dict[str, Any]) -> dict[str, Any]:
    """The body, which has the documented fields, all of them and no other."""
    model.model_validate(body, extra="forbid")
    assert_all_fields(model, body)
    return body


def assert_all_fields(model: type[BaseModel], body: dict[str, Any]) -> None:
    optional = {name for name, field in model.model_fields.items() if not field.is_required()}
    assert set(body) | optional == set(model.model_fields)


def assert_exact(client: TestClient, citation: dict[str, Any]) -> None:
    document = client.get(f"/v1/documents/{citation['document_id']}").json()
    text = document["text"]
    assert text[citation["start"] : citation["end"]] == citation["quote"] != ""
    assert text[: citation["start"]].endswith(citation["before"])
    assert text[citation["end"] :].startswith(citation["after"])
    assert hashlib.sha256(citation["quote"].encode()).hexdigest() == citation["quote_sha256"]
    assert all(source in document["sources"].values() for source in citation["sources"])
    assert_all_fields(CitationBody, citation)


def test_search_gives_ranked_passages_with_exact_citations(client: TestClient) -> None:
    body = search(client, AREA, top_k=3)
    assert (body["query"], body["mode"], body["degraded"]) == (AREA, "hybrid", [])
    assert [result["rank"] for result in body["results"]] == list(range(1, len(body["results"]) + 1))
    relevances = [result["relevance"] for result in body["results"]]
    assert relevances == sorted(relevances, reverse=True)
    assert all(0 <= relevance <= 1 for relevance in relevances)
    assert "80.1亩" in body["results"][0]["citation"]["quote"]
    for result in body["results"]:
        assert_all_fields(ResultBody, result)
        assert "explanation" not in result
        assert_exact(client, result["citation"])
        citation = result["citation"]
        assert citation["before"] + citation["quote"] + citation["after"] == result["text"]
        assert citation["index"] == result["rank"]
        assert result["passage_id"].startswith(f"{citation['document_id']}:")


def test_search_returns_no_more_than_top_k(client: TestClient) -> None:
    assert len(search(client, "产业社区", top_k=1)["results"]) == 1
    assert len(search(client, "产业社区")["results"]) <= 5


@pytest.mark.parametrize(("mode", "other"), [("lexical", "dense"), ("dense", "lexical")])
def test_one_index_alone_gives_only_its_own_scores(client: TestClient, mode: str, other: str) -> None:
    body = search(client, AREA, mode=mode)
    assert body["results"]
    assert body["mode"] == mode
    assert other not in body["timing_ms"]
    for result in body["results"]:
        assert set(result["scores"]) == {mode}
        assert result["scores"][mode]["rank"] >= 1


def test_timing_is_told_by_stage_in_body_and_header(client: TestClient) -> None:
    for path, body in (("/v1/search", {"query": AREA}), ("/v1/ask", {"question": AREA})):
        reply = client.post(path, json=body)
        stages = dict(part.split(";dur=") for part in reply.headers["server-timing"].split(", "))
        assert set(reply.json()["timing_ms"]) == {"encode", "lexical", "dense", "rank", "total"}
        assert set(stages) == {"encode", "lexical", "dense", "rank", "total", "app"}
        assert all(float(spent) >= 0 for spent in stages.values())


def test_every_answer_names_its_generation_and_its_request(client: TestClient, made_up_service: Service) -> None:
    generation = made_up_service.index.snapshot.generation
    replies = [client.post("/v1/search", json={"query": AREA}), client.post("/v1/ask", json={"question": AREA})]
    replies += [client.get(path) for path in ("/v1/stats", "/v1/documents", "/v1/documents/yuntai", "/health/ready")]
    for reply in replies:
        assert reply.headers["etag"] == f'"{generation}"'
    assert len({reply.headers["x-request-id"] for reply in replies}) == len(replies)


def test_search_explains_itself_when_asked_to(client: TestClient) -> None:
    explanation = search(client, AREA, explain=True)["results"][0]["explanation"]
    assert set(explanation["log_odds_shares"]) == set(explanation["features"])


@pytest.mark.parametrize(
    ("only", "found"),
    [
        ({"kind": "park"}, {"yuntai"}),
        ({"kind": ["park", "community"]}, {"yuntai", "jixiang"}),
        ({"district": "滨江区"}, {"jixiang"}),
        ({"district": ["西湖区"], "kind": "community"}, set()),
        ({"id": ["yuntai", "nowhere"]}, {"yuntai"}),
        ({"origin": "user"}, {"yuntai", "jixiang"}),
        ({"origin": []}, set()),
        ({}, {"yuntai", "jixiang"}),
    ],
)
def test_a_filter_keeps_documents_that_fit_every_field(
    client: TestClient, only: dict[str, Any], found: set[str]
) -> None:
    for mode in ("hybrid", "lexical", "dense"):
        results = search(client, "占地多少亩", filter=only, top_k=100, mode=mode)["results"]
        assert {result["citation"]["document_id"] for result in results} == found


def test_a_comparison_names_the_side_of_which_nothing_is_told(client: TestClient) -> None:
    assert ask(client, "𠮷祥产业社区和云台科技园哪个企业更多？")["unanswered"] == ["云台科技园"]


def test_ask_answers_with_a_quoted_and_cited_sentence(client: TestClient) -> None:
    body = ask(client, AREA)
    assert body["status"] == "answered"
    assert body["question"] == body["resolved_question"] == AREA
    assert (body["generated_by"], body["disagreement"], body["degraded"]) == ("extractive", False, [])
    assert body["unanswered"] == []
    assert body["answer"].startswith("𠮷祥产业社区占地80.1亩，由𠮷祥集团运营。[1]")
    assert body["answer"] == "".join(f"{one['text']}[{one['citations'][0]}]" for one in body["statements"])
    assert [citation["index"] for citation in body["citations"]] == list(range(1, len(body["citations"]) + 1))
    for statement, citation in zip(body["statements"], body["citations"], strict=True):
        assert statement["text"] == citation["quote"]
        assert_exact(client, citation)
    assert body["citations"][0]["sources"] == [
        {
            "title": "𠮷祥产业社区开园",
            "publisher": "杭州日报",
            "author": "张三",
            "date": "2024-05-06",
            "date_note": "",
            "url": "https://example.com/kaiyuan?a=1&b=2",
            "number": "",
            "validity": "",
        }
    ]
    for result in body["passages"]:
        assert_exact(client, result["citation"])


def test_ask_shows_every_value_where_sources_disagree(client: TestClient) -> None:
    for top_k in (1, 5):
        body = ask(client, COMPANIES, top_k=top_k)
        assert body["disagreement"]
        assert "120家" in body["answer"]
        assert "150家" in body["answer"]
        by_quote = {citation["quote"]: citation["sources"] for citation in body["citations"]}
        (first,) = (sources for quote, sources in by_quote.items() if "120家" in quote)
        (second,) = (sources for quote, sources in by_quote.items() if "150家" in quote)
        assert [source["publisher"] for source in first] == ["杭州日报"]
        assert [source["date_note"] for source in second] == ["日期未标明"]


def test_ask_says_so_when_nothing_answers(client: TestClient) -> None:
    body = ask(client, OFF_TOPIC)
    assert (body["status"], body["answer"]) == ("no_answer", NOTHING_FOUND)
    assert body["citations"] == body["statements"] == []
    assert body["passages"]
    assert not body["disagreement"]


def test_a_follow_up_is_made_whole_from_the_user_s_turns(client: TestClient) -> None:
    history = [{"role": "user", "content": "云台科技园在哪里？"}, {"role": "assistant", "content": "𠮷祥产业社区。"}]
    body = ask(client, "那它占地多少亩？", history=history)
    assert body["question"] == "那它占地多少亩？"
    assert body["resolved_question"] == "云台科技园占地多少亩？"
    assert "300亩" in body["answer"]


def test_the_largest_history_is_answered_quickly(client: TestClient) -> None:
    history = [{"role": "user", "content": "某某甲乙" * 2500}] * 100
    body = ask(client, "那它占地多少亩？", history=history)
    assert body["timing_ms"]["total"] < 1000


def test_asking_for_generation_without_an_llm_is_told(client: TestClient) -> None:
    assert ask(client, AREA, generate=True)["degraded"] == ["generation_unavailable"]
    assert ask(client, AREA, generate=False)["degraded"] == []
    assert ask(client, AREA, generate=None)["degraded"] == []


def test_the_same_question_has_the_same_answer(client: TestClient) -> None:
    replies = [ask(client, COMPANIES) for _ in range(3)]
    for reply in replies:
        del reply["timing_ms"]
    assert replies[0] == replies[1] == replies[2]


def test_an_empty_index_answers_honestly(own_client: TestClient, own_service: Service) -> None:
    own_service.index.remove(list(own_service.index.snapshot.documents))
    assert search(own_client, AREA)["results"] == []
    body = ask(own_client, AREA)
    assert (body["status"], body["passages"], body["relevance"]) == ("no_answer", [], 0)


def test_analyze_shows_words_that_point_into_the_text(client: TestClient) -> None:
    text = "𠮷祥園區有１００家企業"
    body = exactly(AnalyzeBody, client.post("/v1/analyze", json={"text": text}).json())
    assert body["text"] == text
    assert "100" in body["folded"]
    assert "企业" in [word["text"] for word in body["words"]]
    (enterprise,) = (word for word in body["words"] if word["text"] == "企业")
    assert text[enterprise["start"] : enterprise["end"]] == "企業"


def test_stats_count_documents_passages_and_facets(client: TestClient, made_up_service: Service) -> None:
    body = exactly(StatsBody, client.get("/v1/stats").json())
    assert body["documents"] == 2
    assert body["passages"] == len(made_up_service.index.snapshot.dense)
    assert body["encoder"]["dimension"] == made_up_service.index.encoder.dimension
    assert body["facets"] == {
        "kind": {"community": 1, "park": 1},
        "district": {"滨江区": 1, "西湖区": 1},
        "origin": {"user": 2},
        "year": {"2024": 1, "2020": 1},
    }


@pytest.mark.parametrize(
    ("only", "expected"),
    [
        ({"from": "2024"}, {"jixiang"}),
        ({"to": "2020-12-31"}, {"yuntai"}),
        ({"from": "2020", "to": "2024"}, {"jixiang", "yuntai"}),
        ({"from": "2021", "to": "2022"}, set()),
        ({"q": "云台"}, {"yuntai"}),
        ({"q": "雲臺", "from": "2021"}, set()),
    ],
)
def test_questions_and_lists_are_filtered_by_date_and_words_of_names(
    client: TestClient, only: dict[str, str], expected: set[str]
) -> None:
    found = {one["citation"]["document_id"] for one in search(client, "占地多少亩", filter=only)["results"]}
    asked = {one["citation"]["document_id"] for one in ask(client, "占地多少亩", filter=only)["passages"]}
    listed = {one["id"] for one in client.get("/v1/documents", params=only).json()["documents"]}
    assert found == asked == listed == expected


@pytest.mark.parametrize(
    ("only", "pointer"),
    [
        ({"from": "2024-13-40"}, "/from"),
        ({"to": "2023-02-29"}, "/to"),
        ({"to": "去年"}, "/to"),
        ({"from": "2024", "to": "2023"}, ""),
        ({"q": "词" * 201}, "/q"),
        ({"colour": "red"}, "/colour"),
    ],
)
def test_filters_that_mean_nothing_are_refused_with_their_field(
    client: TestClient, only: dict[str, str], pointer: str
) -> None:
    replies = [
        (client.post("/v1/search", json={"query": "占地", "filter": only}), f"#/filter{pointer}"),
        (client.post("/v1/ask", json={"question": "占地", "filter": only}), f"#/filter{pointer}"),
        (client.get("/v1/documents", params=only), f"#{pointer}"),
    ]
    for reply, expected in replies:
        assert reply.status_code == 422
        assert [one["pointer"] for one in reply.json()["errors"]] == [expected]
    told = {one["detail"] for reply, _ in replies for one in reply.json()["errors"]}
    assert len(told) == 1
    assert told != {"取值无效"}


def test_a_document_without_a_date_is_left_out_where_dates_are_asked_for(own_client: TestClient) -> None:
    own_client.put(
        "/v1/documents/undated", content="# 无日期园\n\n无日期园占地九亩。", headers={"Content-Type": "text/markdown"}
    )
    for only in ({"from": "0001"}, {"to": "9999"}):
        listed = own_client.get("/v1/documents", params=only).json()["documents"]
        assert {one["id"] for one in listed} == {"jixiang", "yuntai"}


def test_health(client: TestClient) -> None:
    assert exactly(HealthBody, client.get("/health/live").json()) == {"status": "ok"}
    assert exactly(HealthBody, client.get("/health/ready").json()) == {"status": "ready"}


@pytest.mark.parametrize("path", ["/", "/docs", "/page/main.js", "/openapi.json", "/v1/stats", "/v1/documents/yuntai"])
def test_head_answers_as_get_does_without_the_body(client: TestClient, path: str) -> None:
    whole, head = client.get(path), client.head(path)
    assert head.status_code == whole.status_code == 200
    assert head.content == b""
    assert head.headers["content-length"] == str(len(whole.content))
    assert head.headers["content-type"] == whole.headers["content-type"]


def test_options_and_405_tell_what_is_allowed(client: TestClient) -> None:
    allowed = {
        "/v1/ask": "POST, OPTIONS",
        "/v1/documents": "GET, HEAD, POST, OPTIONS",
        "/v1/documents/yuntai": "GET, HEAD, PUT, DELETE, OPTIONS",
        "/": "GET, HEAD, OPTIONS",
        "/page/main.js": "GET, HEAD, OPTIONS",
    }
    for path, methods in allowed.items():
        assert client.options(path).status_code == 204
        assert client.options(path).headers["allow"] == methods
        refused = client.patch(path)
        assert refused.status_code == 405
        assert refused.headers["allow"] == methods


@pytest.mark.parametrize("path", ["/", "/docs", "/page/main.js"])
def test_the_page_comes_with_a_strict_policy_and_is_asked_about_each_time(client: TestClient, path: str) -> None:
    reply = client.get(path)
    assert "script-src 'self'" in reply.headers["content-security-policy"]
    assert "unsafe" not in reply.headers["content-security-policy"]
    assert reply.headers["cache-control"] == "no-cache"
    unchanged = client.get(path, headers={"if-none-match": reply.headers["etag"]})
    assert unchanged.status_code == 304
    assert unchanged.headers["content-security-policy"] == reply.headers["content-security-policy"]


def test_neither_page_nor_docs_load_anything_from_elsewhere(client: TestClient) -> None:
    for path in ("/", "/docs"):
        assert "http" not in client.get(path).text.replace("http-equiv", "")


def test_answers_are_not_kept_by_browsers_and_may_not_be_framed(client: TestClient) -> None:
    for reply in (client.post("/v1/ask", json={"question": AREA}), client.get("/nowhere")):
        assert reply.headers["cache-control"] == "no-store"
        assert reply.headers["x-frame-options"] == "DENY"
        assert reply.headers["x-content-type-options"] == "nosniff"
        assert reply.headers["content-security-policy"] == "default-src 'none'; frame-ancestors 'none'"
        assert "server" not in reply.headers
        assert not any(name.startswith("access-control") for name in reply.headers)
