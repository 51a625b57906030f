"""Metrics: counted where it happens, named by the table of rules, and never by what clients sent."""

import io
import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi import FastAPI
from support_calls import as_json, call, logged, samples

from rag.api.access_rules import OTHER, RULES
from rag.api.api_keys import add_key
from rag.api.app import create_app
from rag.generation.wording import Generation
from rag.service import Service

CANARY = "kanarienvogel"


@pytest.fixture
def app(own_service: Service) -> Iterator[FastAPI]:
    return create_app(own_service)


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    with logged("digest") as stream:
        yield stream


def test_requests_are_counted_by_route_and_status(app: FastAPI) -> None:
    heads, body = as_json({"query": "云台科技园"})
    for _ in range(3):
        call(app, "POST", "/v1/search", heads, body)
    call(app, "POST", "/v1/search", heads, b"{")
    call(app, "GET", "/v1/documents/yuntai")
    call(app, "HEAD", f"/v1/documents/{CANARY}")
    call(app, "GET", f"/{CANARY}")
    call(app, "BREW", "/v1/search")
    call(app, "GET", "/v1/stats", {"host": "evil.example"})
    call(app, "DELETE", "/v1/documents/yuntai", {"origin": "https://evil.example"})
    found = samples(app)
    expected = {
        ("POST", "/v1/search", "200"): 3,
        ("POST", "/v1/search", "400"): 1,
        ("GET", "/v1/documents/{document_id}", "200"): 1,
        ("HEAD", "/v1/documents/{document_id}", "404"): 1,
        ("GET", OTHER, "404"): 1,
        ("other", "/v1/search", "405"): 1,
        ("GET", "/v1/stats", "421"): 1,
        ("DELETE", "/v1/documents/{document_id}", "403"): 1,
    }
    for (method, route, status), count in expected.items():
        assert found[f"rag_requests_total{{method={method},route={route},status={status}}}"] == count
    assert found["rag_request_seconds_count{route=/v1/search}"] == 5
    assert found["rag_stage_seconds_count{stage=rank}"] == 3


def test_answers_and_stages_are_counted_streamed_or_not(app: FastAPI) -> None:
    for question in ("云台科技园占地多少亩？", "月球上有几家咖啡馆？"):
        for stream in (False, True):
            heads, body = as_json({"question": question, "stream": stream, "generate": True})
            assert call(app, "POST", "/v1/ask", heads, body).status == 200
    found = samples(app)
    assert found["rag_answers_total{status=answered}"] == 2
    assert found["rag_answers_total{status=no_answer}"] == 2
    assert found["rag_degraded_total{reason=generation_unavailable}"] == 4
    for stage in ("encode", "lexical", "dense", "rank", "total"):
        assert found[f"rag_stage_seconds_count{{stage={stage}}}"] == 4
    assert 0 < found["rag_stage_seconds_sum{stage=total}"] < 4
    assert found["rag_stage_seconds_bucket{le=30.0,stage=total}"] == 4


def test_the_neighbours_contracts_are_counted_and_noted_too(app: FastAPI, log: io.StringIO) -> None:
    app.state.generation = None
    known, unknown = "云台科技园占地多少亩？", "月球上有几家咖啡馆？"
    for question in (known, unknown):
        for stream in (False, True):
            heads, body = as_json({"messages": [{"role": "user", "content": question}], "stream": stream})
            assert call(app, "POST", "/v1/chat/completions", heads, body).status == 200
    for setting in ({"top_k": 1}, {"top_k": 1, "score_threshold": 1}):
        heads, body = as_json({"query": known, "retrieval_setting": setting})
        assert call(app, "POST", "/retrieval", heads, body).status == 200
    found = samples(app)
    assert found["rag_answers_total{status=answered}"] == found["rag_answers_total{status=no_answer}"] == 3
    assert found["rag_stage_seconds_count{stage=rank}"] == 6
    noted = [line for line in map(json.loads, log.getvalue().splitlines()) if "answer" in line]
    assert [(line["route"], line["answer"], line["question_length"]) for line in noted] == [
        ("/v1/chat/completions", "answered", len(known)),
        ("/v1/chat/completions", "answered", len(known)),
        ("/v1/chat/completions", "no_answer", len(unknown)),
        ("/v1/chat/completions", "no_answer", len(unknown)),
        ("/retrieval", "answered", len(known)),
        ("/retrieval", "no_answer", len(known)),
    ]


def test_what_an_answer_through_openai_lacks_is_counted(own_service: Service) -> None:
    app = create_app(own_service)
    app.state.generation = Generation(own_service.index.tokeniser, "http://127.0.0.1:1/v1", "m", "", 1.0)
    heads, body = as_json({"messages": [{"role": "user", "content": "云台科技园占地多少亩？"}]})
    assert call(app, "POST", "/v1/chat/completions", heads, body).status == 200
    assert samples(app)["rag_degraded_total{reason=generation_unavailable}"] == 1


def test_the_state_is_that_of_now(app: FastAPI, own_service: Service) -> None:
    before = samples(app)
    own_service.put("新区占地10亩。".encode(), "xinqu", media_type="text/plain")
    after = samples(app)
    assert after["rag_documents{}"] == before["rag_documents{}"] + 1 == 3
    assert after["rag_passages{}"] == len(own_service.index.snapshot.dense)
    assert after["rag_generation{}"] == own_service.index.snapshot.generation
    assert after["process_resident_memory_bytes{}"] > 0


def test_nothing_that_clients_sent_becomes_a_label(app: FastAPI, own_service: Service) -> None:
    heads, body = as_json({"question": f"{CANARY}在哪里？", "history": [{"role": "user", "content": CANARY}]})
    call(app, "POST", "/v1/ask", heads | {"user-agent": CANARY, "x-api-key": CANARY, "referer": CANARY}, body)
    call(app, "PUT", f"/v1/documents/{CANARY}", {"content-type": "text/plain"}, CANARY.encode())
    call(app, CANARY.upper(), f"/{CANARY}", query=f"q={CANARY}")
    text = call(app, "GET", "/metrics").body.decode()
    assert CANARY not in text.lower()
    assert "yuntai" not in text
    assert set(re.findall(r'route="([^"]*)"', text)) <= {*RULES, OTHER}
    assert set(re.findall(r"[{,]([a-z]+)=", text)) <= {"method", "route", "status", "stage", "reason", "helpful", "le"}


def test_two_applications_count_apart(app: FastAPI, made_up_service: Service) -> None:
    call(app, "GET", "/v1/stats")
    assert "rag_requests_total{method=GET,route=/v1/stats,status=200}" not in samples(create_app(made_up_service))


def test_strange_words_are_counted_as_other(app: FastAPI) -> None:
    app.state.metrics.answered("answered", [f"{CANARY} {CANARY}", "llm_slow"], {"Total": 1.0})
    found = samples(app)
    assert found["rag_degraded_total{reason=other}"] == found["rag_degraded_total{reason=llm_slow}"] == 1
    assert found["rag_stage_seconds_count{stage=other}"] == 1


def test_only_an_administrator_reads_them(app: FastAPI, own_service: Service) -> None:
    home: Path = own_service.settings.home
    secrets = {role: add_key(home, role, role)[1] for role in ("ask", "write", "admin")}  # type: ignore[arg-type]
    assert call(app, "GET", "/metrics").status == 401
    statuses = {role: call(app, "GET", "/metrics", {"x-api-key": secret}).status for role, secret in secrets.items()}
    assert statuses == {"ask": 403, "write": 403, "admin": 200}
