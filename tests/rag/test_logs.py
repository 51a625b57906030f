"""Logs: one object a line, and nothing in them that a person sent, unless an operator wishes for questions."""

import asyncio
import hashlib
import io
import json
import logging
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from support_calls import as_json, call

from index.errors import IndexLocked
from rag import logs
from rag.api.api_keys import add_key
from rag.api.app import create_app
from rag.service import Service
from rag.settings import Settings

QUESTION = "问题里的金丝雀在哪里？"
TEXT = "文档里的金丝雀占地300亩。"
CANARIES = ("金丝雀", "canary")


class Log(io.StringIO):
    """A stream of log lines."""

    @property
    def lines(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.getvalue().splitlines()]


@pytest.fixture(autouse=True)
def _as_it_was() -> Iterator[None]:
    root = logging.getLogger()
    held, level = list(root.handlers), root.level
    levels = {name: logging.getLogger(name).level for name in (*logs.QUIET, "rag", "index", "corpus", "uvicorn")}
    yield
    root.handlers[:] = held
    root.setLevel(level)
    for name, value in levels.items():
        logging.getLogger(name).setLevel(value)


@pytest.fixture
def log() -> Log:
    stream = Log()
    logs.configure("debug", "none", stream)
    return stream


def test_a_line_is_an_object(log: Log) -> None:
    logging.getLogger("rag.api.serving").warning("work under way did not end in %s s", 9.5)
    (line,) = log.lines
    assert line.pop("time").endswith("+00:00")
    assert line == {"level": "warning", "logger": "rag.api.serving", "message": "work under way did not end in 9.5 s"}


@pytest.mark.parametrize(
    "nasty", ["\n", "\r", "\x1b[31m", "\0", "\x7f", "\x9b", "\u2028", "\u202e", "\u200b", "\ud800", "\U000e0041", '"\\']
)
def test_a_line_stays_a_line(log: Log, nasty: str) -> None:
    logging.getLogger("rag").info("before%safter", nasty, extra={"notes": {"caller": f"a{nasty}b"}})
    written = log.getvalue()
    assert written.count("\n") == 1
    assert all(character.isprintable() for character in written[:-1])
    assert log.lines[0]["message"] == f"before{nasty}after"
    assert log.lines[0]["caller"] == f"a{nasty}b"


def test_chinese_stays_readable(log: Log) -> None:
    logging.getLogger("rag").info("加载词典")
    assert "加载词典" in log.getvalue()


def test_a_line_goes_to_what_stderr_is_now(monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = Log(), Log()
    monkeypatch.setattr(sys, "stderr", first)
    logs.configure("info")
    logging.getLogger("rag").info("one")
    monkeypatch.setattr(sys, "stderr", second)
    first.close()
    logging.getLogger("rag").info("two")
    assert [line["message"] for line in second.lines] == ["two"]


def test_configured_twice_is_logged_once() -> None:
    first, second = Log(), Log()
    logs.configure("info", "none", first)
    logs.configure("warning", "none", second)
    logging.getLogger("rag").info("not told")
    logging.getLogger("rag").warning("told")
    assert first.lines == []
    assert [line["message"] for line in second.lines] == ["told"]


def test_what_others_say_may_quote_and_is_withheld(log: Log) -> None:
    foreign = logging.getLogger("mcp.server")
    foreign.setLevel(logging.WARNING)
    foreign.warning("Failed to validate: %s", QUESTION)
    foreign.warning(f"Failed to validate: {QUESTION}")
    logging.getLogger("httpcore.http11").debug("canary")
    logging.getLogger("uvicorn.access").info('"GET /?q=canary"')
    assert [line["message"].partition(" (at ")[0] for line in log.lines] == ["Failed to validate: %s", "something"]
    assert not any(canary in log.getvalue() for canary in CANARIES)


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (ValueError(QUESTION), "ValueError"),
        (KeyError("canary"), "KeyError"),
        (OSError(28, "No space left on device", "/home/canary"), "OSError: No space left on device"),
        (UnicodeEncodeError("ascii", QUESTION, 0, 1, "no"), "UnicodeEncodeError"),
        (IndexLocked("process 5 is writing"), "IndexLocked: process 5 is writing"),
    ],
)
def test_an_error_is_told_by_kind_and_place(log: Log, error: Exception, told: str) -> None:
    def fail() -> None:
        raise error

    try:
        fail()
    except type(error):
        logging.getLogger("rag.api.problems").exception("request failed")
    (line,) = log.lines
    assert line["error"] == told
    assert "tests/rag/test_logs.py:" in line["trace"][-1]
    assert line["trace"][-1].endswith(" fail")
    assert not any(canary in log.getvalue() for canary in CANARIES)


def test_questions_are_told_as_wished() -> None:
    def told(questions: logs.Questions) -> dict[str, Any]:
        stream = Log()
        logs.configure("info", questions, stream)
        logging.getLogger("rag").info("request", extra={"notes": {"question": QUESTION, "status": "200"}})
        (line,) = stream.lines
        return {name: value for name, value in line.items() if name.startswith("question")}

    digest = {"question_length": 11, "question_sha256": hashlib.sha256(QUESTION.encode()).hexdigest()[:16]}
    assert told("none") == {}
    assert told("digest") == digest
    assert told("text") == digest | {"question": QUESTION}


def test_notes_belong_to_one_request() -> None:
    async def request(name: str) -> dict[str, object]:
        notes = logs.begin(name)
        await asyncio.sleep(0)
        await asyncio.to_thread(logs.note, caller=name)
        return notes

    async def both() -> list[dict[str, object]]:
        return await asyncio.gather(request("a"), request("b"))

    assert asyncio.run(both()) == [{"request_id": one, "caller": one} for one in ("a", "b")]
    logs.note(nobody="listens")


def test_the_canaries_are_in_no_line(log: Log, own_service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keys, questions, documents: asked, refused, failed and cut off."""
    app = create_app(own_service)
    heads, body = as_json({"question": QUESTION, "history": [{"role": "user", "content": QUESTION}]})
    secret = add_key(own_service.settings.home, "page", "admin")[1]
    keyed = heads | {"authorization": f"Bearer {secret}"}

    call(app, "PUT", "/v1/documents/canary", keyed | {"content-type": "text/plain"}, TEXT.encode())
    call(
        app, "PUT", "/v1/documents/x", keyed | {"content-type": "application/json"}, b'{"text": "canary", "canary": 1}'
    )
    for path in ("/v1/ask", "/v1/search"):
        call(app, "POST", path, keyed, body)
        call(app, "POST", path, keyed, body[:-5])
        call(app, "POST", path, heads | {"x-api-key": "rag_canary"}, body)
    call(app, "GET", "/canary", keyed, query=f"q=canary&api_key={secret}")
    call(app, "GET", "/v1/stats", query=f"api_key={secret}")
    call(
        app,
        "CANARY",
        "/v1/stats",
        keyed | {"user-agent": "canary", "x-request-id": "canary", "x-forwarded-for": "canary"},
    )

    def broken(*arguments: Any, **options: Any) -> None:
        raise RuntimeError(f"cannot think about {arguments}{options}{QUESTION}{TEXT}{secret}")

    monkeypatch.setattr(Service, "ask", broken)
    assert call(app, "POST", "/v1/ask", keyed, body).status == 500
    streamed, asked = as_json({"question": QUESTION, "stream": True})
    call(app, "POST", "/v1/ask", streamed | {"x-api-key": secret}, asked)

    written = log.getvalue()
    assert len(log.lines) > 12
    assert not [canary for canary in (*CANARIES, secret, secret[4:], "rag_", "Bearer") if canary in written]
    assert not [canary for canary in CANARIES if json.dumps(canary)[1:-1] in written]


def test_a_request_is_one_line_with_its_id(log: Log, own_service: Service) -> None:
    app = create_app(own_service)
    secret = add_key(own_service.settings.home, "page", "ask")[1]
    heads, body = as_json({"question": "云台科技园占地多少亩？"})
    answer = call(app, "POST", "/v1/ask", heads | {"x-api-key": secret}, body)
    (line,) = [line for line in log.lines if line["logger"] == "rag.requests"]
    assert line["request_id"] == answer.headers["x-request-id"]
    assert 0 < line["ms"] < 5000
    expected = {
        "message": "request",
        "method": "POST",
        "route": "/v1/ask",
        "status": "200",
        "caller": "page",
        "answer": "answered",
    }
    assert expected.items() <= line.items()
    assert "address" not in line
    refused = call(app, "DELETE", "/v1/documents/yuntai", {"x-api-key": secret})
    assert (log.lines[-1]["status"], log.lines[-1]["address"]) == ("403", "127.0.0.1")
    assert log.lines[-1]["request_id"] == refused.headers["x-request-id"] == refused.problem["request_id"]


def test_an_error_s_line_names_the_request(log: Log, own_service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*arguments: Any, **options: Any) -> None:
        raise RuntimeError

    monkeypatch.setattr(Service, "ask", broken)
    answer = call(create_app(own_service), "POST", "/v1/ask", *as_json({"question": "谁？"}))
    failed, ended = log.lines
    assert failed["request_id"] == ended["request_id"] == answer.problem["request_id"]
    assert failed["error"] == "RuntimeError"
    assert ended["status"] == "500"


def test_health_and_the_page_are_quiet(own_service: Service) -> None:
    stream = Log()
    logs.configure("info", "none", stream)
    app = create_app(own_service)
    for path in ("/", "/page/index.html", "/health/live", "/health/ready", "/metrics"):
        call(app, "GET", path)
    assert stream.lines == []
    call(app, "GET", "/page/nothing")
    assert [line["status"] for line in stream.lines] == ["404"]


def test_settings_choose(tmp_path: Path) -> None:
    assert Settings(home=tmp_path).log_questions == "none"
    with pytest.raises(ValueError, match="log_questions"):
        Settings(home=tmp_path, log_questions="all")  # type: ignore[arg-type]
