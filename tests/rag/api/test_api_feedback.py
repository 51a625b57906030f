"""The routes for feedback: what is taken, who may see and remove it, and that nothing of it is logged."""

import io
import json
from collections.abc import Iterator
from typing import Any

import pytest
from fastapi import FastAPI
from support_calls import Answer, as_json, call, logged, samples
from support_server import AREA, AREA_QUOTE

from rag.api.api_keys import add_key
from rag.api.app import create_app
from rag.content.feedback_store import FILE, Wanted
from rag.evaluation.evaluate import Options, run
from rag.schema.feedback_models import FeedbackListBody, FeedbackRequest, GivenBody
from rag.service import Service
from rag.settings import Settings

CANARY = "金丝雀"


@pytest.fixture
def app(own_service: Service) -> FastAPI:
    return create_app(own_service)


def give(app: FastAPI, key: str = "", **fields: Any) -> Answer:
    heads, body = as_json({"question": AREA, "status": "answered", "helpful": True} | fields)
    return call(app, "POST", "/v1/feedback", heads | ({"x-api-key": key} if key else {}), body)


def given(app: FastAPI, **fields: Any) -> str:
    answer = give(app, **fields)
    assert answer.status == 201, answer.body
    return GivenBody.model_validate_json(answer.body, extra="forbid").id


def listed(app: FastAPI, query: str = "", key: str = "") -> dict[str, Any]:
    answer = call(app, "GET", "/v1/feedback", {"x-api-key": key} if key else {}, query=query)
    assert answer.status == 200, answer.body
    FeedbackListBody.model_validate_json(answer.body, extra="forbid")
    return json.loads(answer.body)  # type: ignore[no-any-return]


def cited(app: FastAPI, question: str = AREA) -> list[dict[str, Any]]:
    """The spans under an answer, as the page sends them."""
    heads, body = as_json({"question": question})
    answer = json.loads(call(app, "POST", "/v1/ask", heads, body).body)
    return [{name: one[name] for name in ("document_id", "start", "end")} for one in answer["citations"]]


def test_feedback_goes_all_the_way(app: FastAPI, own_service: Service) -> None:
    spans = cited(app)
    entry_id = given(app, resolved=AREA, answer="答。[1]", passages=spans, comment="好", trace_id="9f2c4e6a8b0d1f35")
    body = listed(app)
    (entry,) = body["feedback"]
    assert (body["total"], body["next_cursor"], entry["id"]) == (1, None, entry_id)
    assert (entry["question"], entry["comment"], entry["trace_id"], entry["key"]) == (
        AREA,
        "好",
        "9f2c4e6a8b0d1f35",
        "",
    )
    (shown,) = entry["passages"]
    assert (shown["quote"], shown["standing"]) == (AREA_QUOTE, "same")
    assert shown["content_hash"] == own_service.index.snapshot.documents["jixiang"].content_hash
    own_service.put("别的内容。".encode(), "jixiang", media_type="text/plain")
    assert listed(app)["feedback"][0]["passages"][0]["standing"] == "gone"
    for _ in range(2):
        assert call(app, "DELETE", f"/v1/feedback/{entry_id}").status == 204
    assert listed(app)["total"] == 0


def test_nulls_are_as_good_as_nothing(app: FastAPI) -> None:
    names = ("resolved", "reason", "comment", "answer", "trace_id")
    given(app, **dict.fromkeys(names), status="no_answer", passages=[])
    (entry,) = listed(app)["feedback"]
    assert [entry[name] for name in names] == ["", None, "", "", ""]


def test_a_span_of_a_document_that_is_gone_is_kept_and_marked(app: FastAPI) -> None:
    given(
        app,
        passages=[{"document_id": "gone", "start": 0, "end": 3}, {"document_id": "yuntai", "start": 0, "end": 10**6}],
    )
    shown = listed(app)["feedback"][0]["passages"]
    assert [(one["quote"], one["standing"]) for one in shown] == [("", "gone")] * 2


def test_pages_and_filters(app: FastAPI) -> None:
    for number in range(5):
        given(app, question=f"问{number}", helpful=False, reason="wrong" if number % 2 else None)
    first = listed(app, "limit=2")
    second = listed(app, f"limit=2&cursor={first['next_cursor']}")
    third = listed(app, f"limit=2&cursor={second['next_cursor']}")
    told = [entry["question"] for page in (first, second, third) for entry in page["feedback"]]
    assert told == ["问4", "问3", "问2", "问1", "问0"]
    assert third["next_cursor"] is None
    assert listed(app, "reason=wrong")["total"] == 2
    assert listed(app, "helpful=true")["total"] == 0
    assert listed(app, "helpful=false&since=2020-01-01&until=2999-12-31")["total"] == 5
    assert listed(app, "until=2020-01-01")["total"] == 0


@pytest.mark.parametrize(
    ("fields", "pointer"),
    [
        ({"question": None}, "#/question"),
        ({"question": " \u200b"}, "#/question"),
        ({"question": "长" * 1001}, "#/question"),
        ({"question": "\ud800"}, "#/question"),
        ({"resolved": "长" * 1001}, "#/resolved"),
        ({"status": "maybe"}, "#/status"),
        ({"helpful": "true"}, "#/helpful"),
        ({"helpful": 1}, "#/helpful"),
        ({"helpful": False, "reason": "bad"}, "#/reason"),
        ({"reason": "wrong"}, "#/reason"),
        ({"comment": "长" * 501}, "#/comment"),
        ({"answer": "长" * 10_001}, "#/answer"),
        ({"trace_id": "x" * 201}, "#/trace_id"),
        ({"passages": [{}] * 101}, "#/passages"),
        ({"passages": [{"document_id": "a", "start": 0}]}, "#/passages/0/end"),
        ({"passages": [{"document_id": "", "start": 0, "end": 1}]}, "#/passages/0/document_id"),
        ({"passages": [{"document_id": "a", "start": -1, "end": 1}]}, "#/passages/0/start"),
        ({"passages": [{"document_id": "a", "start": 3, "end": 3}]}, "#/passages/0/end"),
        ({"passages": [{"document_id": "a", "start": 0, "end": 2**63}]}, "#/passages/0/end"),
        ({"passages": [{"document_id": "a", "start": 0, "end": 1.5}]}, "#/passages/0/end"),
        ({"stars": 5}, "#/stars"),
    ],
)
def test_bad_fields_are_named(app: FastAPI, own_service: Service, fields: dict[str, Any], pointer: str) -> None:
    answer = give(app, **fields)
    assert answer.status == 422
    assert pointer in [error["pointer"] for error in answer.problem["errors"]]
    assert own_service.feedback.count(Wanted()) == 0


@pytest.mark.parametrize("name", ["question", "status", "helpful"])
def test_what_must_be_said(app: FastAPI, name: str) -> None:
    whole = {"question": AREA, "status": "answered", "helpful": True}
    del whole[name]
    heads, body = as_json(whole)
    answer = call(app, "POST", "/v1/feedback", heads, body)
    assert [error["pointer"] for error in answer.problem["errors"]] == [f"#/{name}"]


@pytest.mark.parametrize(
    "query",
    ["limit=0", "limit=1001", "cursor=%21", "helpful=maybe", "reason=bad", "since=2024", "until=2024-02-30", "x=1"],
)
def test_bad_queries_are_refused(app: FastAPI, query: str) -> None:
    answer = call(app, "GET", "/v1/feedback", query=query)
    assert answer.status == 422
    assert answer.problem["errors"][0]["pointer"] == f"#/{query.partition('=')[0]}"


def test_other_refusals_are_problems(app: FastAPI) -> None:
    assert call(app, "POST", "/v1/feedback", {"content-type": "text/plain"}, b"{}").problem["status"] == 415
    assert call(app, "POST", "/v1/feedback", {"content-type": "application/json"}, b"{").problem["status"] == 400
    large = call(app, "POST", "/v1/feedback", {"content-type": "application/json"}, b" " * (5 * 2**20))
    assert large.problem["status"] == 413
    assert call(app, "DELETE", "/v1/feedback/a%00b").status == 422
    assert call(app, "DELETE", "/v1/feedback/" + "a" * 65).status == 422
    assert call(app, "PUT", "/v1/feedback", {"content-type": "application/json"}, b"{}").status == 405
    assert call(app, "GET", "/v1/feedback/export", query="part=all").problem["errors"][0]["pointer"] == "#/part"


def test_each_key_takes_back_its_own(app: FastAPI, own_service: Service) -> None:
    home = own_service.settings.home
    before = given(app)
    phone, laptop = (add_key(home, name, "ask")[1] for name in ("phone", "laptop"))
    writer = add_key(home, "writer", "write")[1]
    entry_id = json.loads(give(app, phone).body)["id"]

    def taken(entry: str, key: str) -> int:
        return call(app, "DELETE", f"/v1/feedback/{entry}", {"x-api-key": key}).status

    assert give(app).status == 401
    assert listed(app, key=writer)["feedback"][0]["key"] == "phone"
    assert call(app, "GET", "/v1/feedback", {"x-api-key": phone}).status == 403
    assert call(app, "GET", "/v1/feedback/export", {"x-api-key": phone}).status == 403
    assert taken(entry_id, laptop) == 403
    assert taken(before, phone) == 403
    assert taken(entry_id, phone) == 204
    assert taken(before, writer) == 204
    assert listed(app, key=writer)["total"] == 0


def test_a_setting_turns_it_off_and_leaves_what_is_kept(own_service: Service) -> None:
    entry_id = given(create_app(own_service))
    own_service.settings = own_service.settings.model_copy(update={"feedback": "off"})
    app = create_app(own_service)
    refused = give(app)
    assert (refused.status, refused.problem["code"]) == (403, "feedback_off")
    assert "RAG_FEEDBACK" in refused.problem["detail"]
    assert listed(app)["total"] == 1
    assert call(app, "DELETE", f"/v1/feedback/{entry_id}").status == 204


def test_it_is_limited_like_other_routes(own_service: Service) -> None:
    own_service.settings = own_service.settings.model_copy(update={"rate_per_minute": 2})
    app = create_app(own_service)
    assert [give(app).status for _ in range(3)] == [201, 201, 429]


def test_a_damaged_file_is_told_and_stops_nothing_else(app: FastAPI, own_service: Service) -> None:
    (own_service.settings.home / FILE).write_bytes(b"no database" * 1000)
    answer = give(app)
    assert (answer.status, answer.problem["code"]) == (503, "feedback_unusable")
    heads, body = as_json({"question": AREA})
    assert call(app, "POST", "/v1/ask", heads, body).status == 200


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    with logged("text") as stream:
        yield stream


def test_nothing_of_it_is_logged_or_becomes_a_label(app: FastAPI, log: io.StringIO) -> None:
    entry_id = given(
        app, question=CANARY, resolved=CANARY, comment=CANARY, answer=CANARY, helpful=False, reason="wrong"
    )
    give(app, question=CANARY, helpful=CANARY)
    given(app)
    listed(app)
    call(app, "DELETE", f"/v1/feedback/{entry_id}")
    found = samples(app)
    assert found["rag_feedback_total{helpful=false,reason=wrong}"] == 1
    assert found["rag_feedback_total{helpful=true,reason=}"] == 1
    lines = [json.loads(line) for line in log.getvalue().splitlines()]
    assert [line["feedback"] for line in lines if "feedback" in line] == ["unhelpful", "helpful"]
    assert CANARY not in log.getvalue()
    assert entry_id not in log.getvalue()


def test_the_export_is_read_by_rag_evaluate(
    app: FastAPI,
    own_service: Service,
    tmp_path: Any,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    given(app, passages=cited(app), answer=AREA_QUOTE)
    given(app, question="月球上有几家咖啡馆？", status="answered", helpful=False, reason="should_refuse")
    given(app, question="云台科技园几时开园？", helpful=False, reason="wrong")
    for part, name in (("questions", "good.jsonl"), ("to_judge", "open.jsonl")):
        answer = call(app, "GET", "/v1/feedback/export", query=f"part={part}")
        assert answer.headers["content-type"] == "application/jsonl"
        (tmp_path / name).write_bytes(answer.body)
    own_service.close()
    monkeypatch.setattr(
        "rag.evaluation.evaluate.load_settings", lambda: Settings(home=own_service.settings.home, corpus="none")
    )
    capsys.readouterr()
    assert run(Options((tmp_path / "good.jsonl",), json=True)) == 0
    figures = json.loads(capsys.readouterr().out)["sets"]["good"]["hybrid"]
    assert figures["questions"] == 2
    assert figures["measures"]["answer hit"]["mean"] == figures["measures"]["refused"]["mean"] == 1
    assert run(Options((tmp_path / "open.jsonl",))) == 2
    assert "nobody has judged it yet" in capsys.readouterr().err


def test_the_example_of_the_contract_is_taken(app: FastAPI) -> None:
    fields = {name: field.examples[0] for name, field in FeedbackRequest.model_fields.items() if field.examples}
    given(app, **fields)
