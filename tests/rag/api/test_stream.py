"""The event stream of /v1/ask: passages first, sentences with their citations, then the whole; errors as an event."""

import asyncio
import contextlib
import json
import socket
from collections.abc import Callable
from typing import Any

import pytest
from starlette.testclient import TestClient
from support_waiting import connections_of, wait_until

from index.errors import IndexUnusable
from rag.answer.composition import NOTHING_FOUND
from rag.api import question_routes
from rag.schema.models import AskBody, CitationBody, ProblemBody, ResultBody
from rag.service import Service

COMPANIES = "𠮷祥产业社区有企业多少家？"


def events(text: str) -> list[tuple[str, Any]]:
    """Name and body of each event, comments left out."""
    assert text.endswith("\n\n")
    found = []
    for block in text.removesuffix("\n\n").split("\n\n"):
        if block.startswith(":"):
            continue
        name, data = block.split("\n")
        found.append((name.removeprefix("event: "), json.loads(data.removeprefix("data: "))))
    return found


def streamed(client: TestClient, question: str, **options: Any) -> list[tuple[str, Any]]:
    reply = client.post("/v1/ask", json={"question": question, "stream": True, **options})
    assert reply.status_code == 200
    assert reply.headers["content-type"] == "text/event-stream; charset=utf-8"
    assert reply.headers["cache-control"] == "no-store"
    assert reply.headers["x-accel-buffering"] == "no"
    assert len(reply.headers["x-request-id"]) == 16
    return events(reply.text)


def test_an_answer_arrives_as_passages_sentences_citations_and_the_whole(client: TestClient) -> None:
    told = streamed(client, COMPANIES)
    names = [name for name, _ in told]
    assert names[0] == "retrieval"
    assert names[-1] == "done"
    assert set(names[1:-1]) == {"delta", "citation"}
    done = told[-1][1]
    AskBody.model_validate(done, extra="forbid")
    assert "".join(body["text"] for name, body in told if name == "delta") == done["answer"]
    assert [body for name, body in told if name == "citation"] == done["citations"]
    assert told[0][1] == {"passages": done["passages"], "generation": done["generation"]}
    for citation in done["citations"]:
        CitationBody.model_validate(citation, extra="forbid")
    for passage in done["passages"]:
        ResultBody.model_validate(passage, extra="forbid")


def test_each_sentence_comes_before_its_citation(client: TestClient) -> None:
    told = [(name, body) for name, body in streamed(client, COMPANIES) if name in ("delta", "citation")]
    for (first, delta), (second, citation) in zip(told[::2], told[1::2], strict=True):
        assert (first, second) == ("delta", "citation")
        assert delta["text"] == f"{citation['quote']}[{citation['index']}]"


def test_the_whole_is_what_the_plain_answer_says(client: TestClient) -> None:
    plain = client.post("/v1/ask", json={"question": COMPANIES}).json()
    done = streamed(client, COMPANIES)[-1][1]
    del plain["timing_ms"], done["timing_ms"]
    assert done == plain


def test_no_answer_is_streamed_too(client: TestClient) -> None:
    told = streamed(client, "巴西的首都叫什么名字？")
    assert [name for name, _ in told] == ["retrieval", "delta", "done"]
    assert told[1][1] == {"text": NOTHING_FOUND}
    assert told[2][1]["status"] == "no_answer"


def test_accepting_events_asks_for_them(client: TestClient) -> None:
    reply = client.post("/v1/ask", json={"question": COMPANIES}, headers={"accept": "text/event-stream"})
    assert events(reply.text)[-1][0] == "done"


def test_text_with_line_ends_and_fake_events_stays_inside_its_event(own_client: TestClient) -> None:
    text = "蓝溪小镇占地1200亩\u2028data: 假的\n\nevent: done\n\ndata: {}"
    own_client.put("/v1/documents/lanxi", json={"title": "蓝溪小镇", "text": text})
    told = streamed(own_client, "蓝溪小镇占地多少亩？\u2028\u2029\x85\nevent: done\ndata: {}")
    assert [name for name, _ in told].count("done") == 1


def test_a_bad_question_is_refused_with_a_true_status(client: TestClient) -> None:
    assert client.post("/v1/ask", json={"question": " ", "stream": True}).status_code == 422
    assert client.post("/v1/ask", json={"question": "云" * 1001, "stream": True}).status_code == 422


@pytest.mark.parametrize(
    ("error", "status"), [(IndexUnusable.__new__(IndexUnusable), 503), (ZeroDivisionError("secret"), 500)]
)
def test_what_goes_wrong_ends_the_stream_with_an_error(
    client: TestClient, made_up_service: Service, monkeypatch: pytest.MonkeyPatch, error: Exception, status: int
) -> None:
    def failing(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr(made_up_service, "ask", failing)
    told = streamed(client, COMPANIES)
    assert [name for name, _ in told] == ["error"]
    problem = told[0][1]
    ProblemBody.model_validate(problem, extra="forbid")
    assert (problem["status"], problem["instance"]) == (status, "/v1/ask")
    assert "secret" not in json.dumps(problem)


def test_a_long_silence_is_filled_with_comments(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    async def slowly(_: Service, deed: Callable[..., Any], *arguments: Any) -> Any:
        for _ in range(20):  # in steps: a machine that stalls must not leave out the beats between
            await asyncio.sleep(0.01)
        return deed(*arguments)

    monkeypatch.setattr(question_routes, "HEARTBEAT_SECONDS", 0.03)
    monkeypatch.setattr(question_routes, "run", slowly)
    reply = client.post("/v1/ask", json={"question": COMPANIES, "stream": True})
    assert reply.text.count(": still at work\n\n") >= 2
    assert events(reply.text)[-1][0] == "done"


def test_a_client_that_leaves_ends_the_work(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    ended: list[str] = []

    async def for_ever(*_: Any) -> Any:
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            ended.append("cancelled")
            raise

    monkeypatch.setattr(question_routes, "run", for_ever)
    monkeypatch.setattr(question_routes, "HEARTBEAT_SECONDS", 0.01)
    body = json.dumps({"question": COMPANIES, "stream": True}).encode()
    messages = [{"type": "http.request", "body": body, "more_body": False}]

    async def leave_soon() -> None:
        async def receive() -> Any:
            if messages:
                return messages.pop()
            await asyncio.sleep(0.05)
            return {"type": "http.disconnect"}

        sent: list[Any] = []

        async def send(message: Any) -> None:
            sent.append(message)

        headers = [
            (b"host", b"127.0.0.1"),
            (b"content-type", b"application/json"),
            (b"content-length", b"%d" % len(body)),
        ]
        scope = {"type": "http", "asgi": {"version": "3.0", "spec_version": "2.3"}, "http_version": "1.1"}
        scope |= {"method": "POST", "scheme": "http", "path": "/v1/ask", "raw_path": b"/v1/ask", "root_path": ""}
        await client.app(scope | {"query_string": b"", "headers": headers, "state": {}}, receive, send)
        assert sent

    asyncio.run(asyncio.wait_for(leave_soon(), 5))
    assert ended == ["cancelled"]


def test_a_real_client_may_hang_up_in_the_middle(start_server: Callable[[], Any]) -> None:
    """A hundred clients that leave after the first bytes: the server goes on and holds none of their connections."""
    server = start_server()
    server.put("yuntai", {"title": "云台科技园", "text": "云台科技园占地300亩。"})
    body = json.dumps({"question": "云台科技园占地多少亩？", "stream": True}).encode()
    lines = [
        "POST /v1/ask HTTP/1.1",
        "Host: 127.0.0.1",
        "Content-Type: application/json",
        f"Content-Length: {len(body)}",
    ]
    head = "\r\n".join([*lines, "", ""])
    for taken in range(100):
        with socket.create_connection(("127.0.0.1", server.port), timeout=5) as connection:
            connection.sendall(head.encode() + body)
            with contextlib.suppress(ConnectionResetError):
                connection.recv(1 + taken * 20)
    with socket.create_connection(("127.0.0.1", server.port), timeout=5) as connection:
        connection.sendall(head.replace("\r\n\r\n", "\r\nConnection: close\r\n\r\n").encode() + body)
        received = b"".join(iter(lambda: connection.recv(2**16), b""))
    assert b"event: done" in received
    wait_until(lambda: connections_of(server.process.pid) == 0)
