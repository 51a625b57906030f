"""Bad input: every row of the catalogue gets a true 4xx as problem+json, without an echo, and the service goes on."""

import asyncio
import contextlib
import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import pytest
from fastapi import FastAPI
from starlette.types import Message
from support_hostile import CANARY, CHUNKED, FRAMING, GET, POST, ROWS, TEXT, Row, asked, got, kept, raw

from index.errors import IndexUnusable, StorageFull
from index.passage_index import StaleSnapshot
from rag.api import frame
from rag.api.admission import QUESTION_BYTES
from rag.api.app import create_app
from rag.api.serving import CONNECTIONS
from rag.service import Service
from rag.settings import Settings

PROBLEM = {"type", "title", "status", "detail", "instance", "code", "request_id"}
LEAKS = ("Traceback", "site-packages", "uvicorn", "starlette", "/rag/", ".py")
SECONDS = 2.0  # in which every answer must have come
TRIES = 3  # the best of which counts: other programs may hold one up


@dataclass(frozen=True)
class Reply:
    status: int
    headers: dict[str, str]
    body: bytes


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FastAPI]:
    service = Service.open(Settings(home=tmp_path_factory.mktemp("home"), corpus="none"), writable=True)
    service.put("云台科技园占地300亩。".encode(), "yuntai", media_type="text/plain")
    yield create_app(service)
    service.close()


def call(app: FastAPI, row: Row, receive: Callable[[], Any] | None = None) -> Reply:
    """Send the row straight into the application, byte for byte as a server would."""
    address = urlsplit(f"http://127.0.0.1{row.path}")
    heads = {"host": "127.0.0.1", "content-length": str(len(row.body)), **row.headers}
    scope = {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": "1.1",
        "method": row.method,
        "scheme": "http",
        "path": unquote(address.path),
        "raw_path": address.path.encode(),
        "root_path": "",
        "query_string": address.query.encode(),
        "headers": [(k.encode(), v.encode("latin-1", "replace")) for k, v in heads.items()],
        "client": ("127.0.0.1", 1),
        "server": ("127.0.0.1", 8000),
        "state": {},
    }
    sent: list[Message] = []
    bodies = [row.body]

    async def body() -> Message:
        if not bodies:
            await asyncio.Event().wait()
        return {"type": "http.request", "body": bodies.pop(), "more_body": False}

    async def send(message: Message) -> None:
        sent.append(message)

    asyncio.run(app(scope, receive or body, send))
    start, *rest = sent
    headers = {name.decode(): value.decode() for name, value in start["headers"]}
    return Reply(start["status"], headers, b"".join(message.get("body", b"") for message in rest))


def speak(port: int, request: bytes, *, patience: float = 5.0) -> Reply | None:
    """Send bytes to a real server and read until it hangs up; None where it does so without an answer."""
    with socket.create_connection(("127.0.0.1", port), timeout=patience) as connection:
        received = b""
        try:
            connection.sendall(request)
            while piece := connection.recv(2**16):
                received += piece
        except (ConnectionResetError, BrokenPipeError):
            pass
    return parsed(received) if received else None


def parsed(received: bytes) -> Reply:
    head, _, body = received.partition(b"\r\n\r\n")
    status, *lines = head.decode("latin-1").split("\r\n")
    return Reply(int(status.split()[1]), dict(line.lower().split(": ", 1) for line in lines), body)


def written(row: Row) -> bytes:
    """The row as HTTP/1.1."""
    heads = {"host": "127.0.0.1", "content-length": str(len(row.body)), "connection": "close", **row.headers}
    lines = [f"{row.method} {row.path} HTTP/1.1", *(f"{name}: {value}" for name, value in heads.items())]
    return "\r\n".join(lines).encode("latin-1", "replace") + b"\r\n\r\n" + row.body


def timed(deed: Callable[[], Reply | None]) -> tuple[Reply | None, float]:
    """The last answer, and the seconds of the quickest try."""
    best = float("inf")
    for _ in range(TRIES):
        began = time.perf_counter()
        reply = deed()
        best = min(best, time.perf_counter() - began)
        if best < SECONDS:
            break
    return reply, best


def check(row: Row, reply: Reply | None, seconds: float) -> None:
    """The answer has a true status, is a problem in full, and gives nothing away."""
    assert reply is not None
    assert reply.status in row.allowed, reply.body[:300]
    assert seconds < SECONDS
    assert len(reply.headers["x-request-id"]) == 16
    assert reply.headers["x-content-type-options"] == "nosniff"
    if reply.status < 400:
        return
    assert reply.headers["content-type"] == "application/problem+json"
    if row.method == "HEAD":
        return
    problem = json.loads(reply.body)
    assert set(problem) - {"errors"} == PROBLEM
    assert problem["status"] == reply.status
    assert problem["request_id"] == reply.headers["x-request-id"]
    assert all(
        set(one) == {"pointer", "detail"} and one["pointer"].startswith("#") for one in problem.get("errors", [])
    )
    told = json.dumps(problem | {"instance": ""}, ensure_ascii=False)  # the path, escaped, is the one thing repeated
    assert not any(leak.lower() in told.lower() for leak in (CANARY, *LEAKS))
    assert len(told) < 2000


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.id)
def test_bad_input_in_process(app: FastAPI, row: Row) -> None:
    check(row, *timed(lambda: call(app, row)))


@pytest.fixture(scope="module")
def port(start_server: Callable[[], Any]) -> int:
    server = start_server()
    server.put("yuntai", {"title": "云台科技园", "text": "云台科技园占地300亩。"})
    return int(server.port)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.id)
def test_bad_input_over_a_socket(port: int, row: Row) -> None:
    check(row, *timed(lambda: speak(port, written(row))))


@pytest.mark.parametrize("name", FRAMING)
def test_bad_framing(port: int, name: str) -> None:
    allowed, request = FRAMING[name]
    reply, seconds = timed(lambda: speak(port, request))
    if reply is None:
        assert None in allowed
    else:
        check(Row(name, {status for status in allowed if status}), reply, seconds)


def test_many_requests_on_one_connection_are_answered_in_order(port: int) -> None:
    one = GET.replace(b"Connection: close\r\n", b"") + b"\r\n"
    with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
        connection.sendall(one * 300 + GET + b"\r\n")
        received = b"".join(iter(lambda: connection.recv(2**16), b""))
    assert received.count(b"HTTP/1.1 200 OK") == 301


def test_the_service_goes_on_after_all_that(port: int) -> None:
    row = asked("afterwards", {200}, "/v1/ask", question="云台科技园占地多少亩？")
    reply = speak(port, written(row))
    check(row, reply, 0)
    assert reply
    assert "300亩" in json.loads(reply.body)["answer"]


def test_beyond_the_most_connections_requests_are_turned_away_but_health_answers(port: int) -> None:
    crowd = [socket.create_connection(("127.0.0.1", port)) for _ in range(CONNECTIONS)]
    try:
        row = asked("crowded", {503}, query="x")
        reply = speak(port, written(row))
        check(row, reply, 0)
        assert reply
        assert reply.headers["retry-after"] == "1"
        health = speak(port, written(got("health", {200}, "/health/live")))
        assert health
        assert health.status == 200
    finally:
        for connection in crowd:
            connection.close()


IMPATIENT = """
import rag.api.frame, rag.api.serving, rag.cli.main
rag.api.serving.HEAD_SECONDS = rag.api.frame.BODY_SECONDS = 0.5
rag.cli.main.main()
"""


@pytest.fixture(scope="module")
def impatient_port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """A real server that waits half a second where the usual one waits ten and thirty."""
    settings = {"RAG_HOME": str(tmp_path_factory.mktemp("home")), "RAG_CORPUS": "none", "RAG_PORT": "0"}
    command = [sys.executable, "-c", IMPATIENT, "serve"]
    with subprocess.Popen(command, env=os.environ | settings, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        yield int(process.stdout.readline().rstrip("/\n").rpartition(":")[2])
        process.terminate()


@pytest.mark.parametrize(
    ("allowed", "pieces"),
    [
        ({None}, [b""]),
        ({408}, [b"GET /v1/st"]),
        ({408}, [GET, *[b"X: a\r\n"] * 20]),
        ({408}, [POST + b"Content-Length: 100\r\n\r\n", *[b"x"] * 30]),
        ({408}, [CHUNKED, *[b"1\r\nx\r\n"] * 30]),
        ({200}, [GET.replace(b"Connection: close\r\n", b"") + b"\r\n", *[b"\r\n"] * 20]),
    ],
    ids=["silent", "half-a-line", "dripping-head", "dripping-body", "dripping-chunks", "white-space-between-requests"],
)
def test_slow_clients_are_hung_up_on(impatient_port: int, allowed: set[int | None], pieces: list[bytes]) -> None:
    began = time.monotonic()
    received = b""
    with socket.create_connection(("127.0.0.1", impatient_port), timeout=0.1) as connection:
        while time.monotonic() - began < 8:
            try:
                if pieces:
                    connection.sendall(pieces.pop(0))
                piece = connection.recv(2**16)
                received += piece
                if not piece:
                    break
            except TimeoutError:
                continue
            except (ConnectionResetError, BrokenPipeError):
                break
    assert time.monotonic() - began < 7
    assert (parsed(received).status if received else None) in allowed


def test_what_nobody_expects_is_a_plain_500_and_a_trace_in_the_log(
    app: FastAPI, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError(CANARY)

    monkeypatch.setattr(app.state.service, "search", broken)
    reply = call(app, asked("broken", {500}, query="x"))
    check(asked("broken", {500}), reply, 0)
    assert CANARY in caplog.text
    assert reply.headers["x-request-id"] in caplog.text


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [
        (StorageFull("full"), 507, "insufficient_storage"),
        (StaleSnapshot("stale"), 503, "unavailable"),
        (IndexUnusable(Path("/secret"), "damaged"), 503, "index_unavailable"),
        (MemoryError(), 503, "unavailable"),
    ],
    ids=lambda value: type(value).__name__,
)
def test_known_failures_have_a_true_status(
    app: FastAPI, monkeypatch: pytest.MonkeyPatch, error: Exception, status: int, code: str
) -> None:
    def failing(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr(app.state.service, "put", failing)
    reply = call(app, kept("failing", {status}, TEXT, "text/plain"))
    check(kept("failing", {status}, b"", ""), reply, 0)
    assert json.loads(reply.body)["code"] == code
    assert "/secret" not in reply.body.decode()


def test_a_client_that_goes_away_while_sending_leaves_no_trace(app: FastAPI, caplog: pytest.LogCaptureFixture) -> None:
    async def gone() -> Message:
        return {"type": "http.disconnect"}

    for row in (asked("gone", set(), query="x"), kept("gone", set(), TEXT, "text/plain")):
        with contextlib.suppress(ValueError):  # nothing was sent
            call(app, row, gone)
    assert "failed" not in caplog.text


def test_a_body_that_grows_beyond_the_limit_is_cut_off_at_once(app: FastAPI) -> None:
    """Without a declared length the limit holds piece by piece."""
    given = 0

    async def endless() -> Message:
        nonlocal given
        given += 2**16
        await asyncio.sleep(0)
        return {"type": "http.request", "body": b"x" * 2**16, "more_body": True}

    row = raw("endless", {413}, b"", transfer_encoding="chunked")
    row.headers["content-length"] = "0"
    monkey = pytest.MonkeyPatch()
    monkey.setattr(frame, "LINGER_SECONDS", 0.0)
    check(row, call(app, row, endless), 0)
    monkey.undo()
    assert given <= QUESTION_BYTES + 2 * 2**16
