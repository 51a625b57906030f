"""CORS: closed to pages of others, unless their origin is on the list, letter by letter."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi import FastAPI
from support_calls import as_json, call

from rag.api.api_keys import add_key, remove_key
from rag.api.app import create_app
from rag.service import Service
from rag.settings import Settings

FRIEND = "https://friend.example"


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FastAPI]:
    home = tmp_path_factory.mktemp("origins")
    service = Service.open(
        Settings(home=home, corpus="none", allowed_origins=f"{FRIEND}, http://localhost:3000"), writable=True
    )
    yield create_app(service)
    service.close()


def test_a_friend_may_ask_and_read(app: FastAPI) -> None:
    heads, body = as_json({"question": "谁？"})
    answer = call(app, "POST", "/v1/ask", heads | {"origin": FRIEND, "sec-fetch-site": "cross-site"}, body)
    assert answer.status == 200
    assert answer.headers["access-control-allow-origin"] == FRIEND
    assert answer.headers["vary"] == "Origin"
    assert "access-control-allow-credentials" not in answer.headers


def test_a_friend_reads_errors_too(app: FastAPI) -> None:
    answer = call(app, "GET", "/nowhere", {"origin": FRIEND})
    assert answer.status == 404
    assert answer.headers["access-control-allow-origin"] == FRIEND


def test_a_friend_asks_first(app: FastAPI) -> None:
    answer = call(app, "OPTIONS", "/v1/ask", {"origin": FRIEND, "access-control-request-method": "POST"})
    assert answer.status == 204
    assert "POST" in answer.headers["access-control-allow-methods"]
    assert "Authorization" in answer.headers["access-control-allow-headers"]


@pytest.mark.parametrize(
    "origin",
    [
        "https://evil.example",
        "null",
        "",
        "*",
        "https://friend.example.evil",
        "https://sub.friend.example",
        "http://friend.example",
        "https://friend.example:443",
        "https://friend.example/",
        "HTTPS://FRIEND.EXAMPLE",
        "https://friend.example, https://evil.example",
    ],
)
def test_a_stranger_may_not(app: FastAPI, origin: str) -> None:
    heads, body = as_json({"question": "谁？"})
    answer = call(app, "POST", "/v1/ask", heads | {"origin": origin}, body)
    assert answer.status == 403
    assert answer.problem["code"] == "foreign_origin"
    for one in (answer, call(app, "GET", "/v1/stats", {"origin": origin})):
        assert "access-control-allow-origin" not in one.headers
    preflight = call(app, "OPTIONS", "/v1/ask", {"origin": origin, "access-control-request-method": "POST"})
    assert not [name for name in preflight.headers if name.startswith("access-control-")]


def test_two_origins_are_none(app: FastAPI) -> None:
    heads = [("origin", FRIEND), ("origin", "https://evil.example")]
    assert call(app, "DELETE", "/v1/documents/x", heads).status == 403


def test_closed_by_default(made_up_service: Service) -> None:
    app = create_app(made_up_service)
    answer = call(app, "GET", "/v1/stats", {"origin": FRIEND})
    assert answer.status == 200
    assert not [name for name in answer.headers if name.startswith("access-control-")]
    for method, path in (("POST", "/v1/ask"), ("PUT", "/v1/documents/x"), ("DELETE", "/v1/documents/yuntai")):
        for heads in ({"origin": FRIEND}, {"sec-fetch-site": "cross-site"}):
            assert call(app, method, path, heads).problem["code"] == "foreign_origin"
            assert call(app, method, path, heads | {"x-api-key": "rag_x"}).problem["code"] == "foreign_origin"


def test_a_friend_needs_a_key_like_everybody(app: FastAPI) -> None:
    home = app.state.service.settings.home
    add_key(home, "one", "ask")
    try:
        answer = call(app, "GET", "/v1/stats", {"origin": FRIEND})
        assert answer.status == 401
        assert answer.headers["access-control-allow-origin"] == FRIEND
        assert (
            call(app, "OPTIONS", "/v1/ask", {"origin": FRIEND, "access-control-request-method": "POST"}).status == 204
        )
    finally:
        remove_key(home, "one")


@pytest.mark.parametrize(
    "written",
    [
        "*",
        "null",
        "friend.example",
        "https://*.example",
        "https://friend.example/path",
        "https://frïend.example",
        "file://x",
    ],
)
def test_only_whole_origins_can_be_allowed(tmp_path: Path, written: str) -> None:
    with pytest.raises(ValueError, match="allowed_origins"):
        Settings(home=tmp_path, allowed_origins=written)
