"""Access: every route asks for the role in the table, before it reads anything; what is not in the table is closed."""

import asyncio
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from starlette.types import Message
from support_calls import Answer, Heads, as_json, call

from rag.api.access import FAILURES, Access, UnsafeBinding, require_safe_binding
from rag.api.access_rules import OTHER, RULES, need_of, template_of
from rag.api.api_keys import KEY_FILE, KeyRing, Role, add_key, read_keys, remove_key
from rag.api.app import create_app
from rag.api.problems import Problem
from rag.service import Service
from rag.settings import Settings

LARGE = 10 * 2**20
METHODS = ("GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "TRACE", "BREW")
RANK = {"open": 0, "ask": 1, "write": 2, "admin": 3}


@dataclass
class Guarded:
    """An application whose home holds one key a role."""

    app: FastAPI
    home: Path
    secrets: dict[str, str]

    def call(
        self, method: str, path: str, holder: str = "", heads: Heads = (), body: bytes = b"", **options: Any
    ) -> Answer:
        given = list(heads.items() if isinstance(heads, dict) else heads)
        if holder:
            given.append(("authorization", f"Bearer {self.secrets[holder]}"))
        return call(self.app, method, path, given, body, **options)


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Guarded]:
    home = tmp_path_factory.mktemp("guarded")
    service = Service.open(Settings(home=home, corpus="none"), writable=True)
    service.put("云台科技园占地300亩。".encode(), "yuntai", media_type="text/plain")
    roles: tuple[Role, ...] = ("ask", "write", "admin")
    secrets = {role: add_key(home, role, role)[1] for role in roles}
    yield Guarded(create_app(service), home, secrets | {"wrong": "rag_" + "x" * 43})
    service.close()


def fresh(settings: Settings, test: Callable[[FastAPI], None]) -> None:
    service = Service.open(settings, writable=True)
    try:
        test(create_app(service))
    finally:
        service.close()


def routes(app: FastAPI) -> set[tuple[str, str]]:
    """Method and template of everything that the application serves."""
    described = {(method.upper(), path) for path, methods in app.openapi()["paths"].items() for method in methods}
    pages = [route for route in app.router.routes if getattr(route, "path", None) and hasattr(route, "methods")]
    plain = {(method, route.path) for route in pages for method in route.methods or ("GET", "POST", "DELETE")}
    return described | {(method, path) for method, path in plain if method != "HEAD"}


def test_every_route_is_in_the_table(guarded: Guarded) -> None:
    served = routes(guarded.app)
    assert len(served) >= 12
    assert [one for one in served if one[0] not in RULES.get(one[1], {})] == []
    assert [route.path for route in guarded.app.router.routes if type(route).__name__ == "Mount"] in (
        ["/page"],
        ["/page", "/mcp"],
    )


PATHS = [template.replace("{document_id}", "yuntai").replace("{", "").replace("}", "") for template in RULES]


@pytest.mark.parametrize(
    "path", [*PATHS, "/nowhere", "/v1", "/v1/secret", "/v1/ask/more", "/docsx", "/health", "/page"]
)
def test_every_route_with_every_key(guarded: Guarded, path: str) -> None:
    for method, holder in product(METHODS, ("", "wrong", "ask", "write", "admin")):
        need = need_of(method, path)
        answer = guarded.call(method, path, holder, client=(f"10.0.{METHODS.index(method)}.{len(path)}", 1))
        if need == "open":
            assert answer.status not in (401, 403), (method, holder)
        elif holder in ("", "wrong"):
            assert answer.status == 401, (method, holder)
            assert answer.headers["www-authenticate"].startswith('Bearer realm="hangzhou-rag"')
        elif RANK[holder] < RANK[need]:
            assert answer.status == 403, (method, holder)
        else:
            assert answer.status not in (401, 403), (method, holder)
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert len(answer.headers["x-request-id"]) == 16


def test_the_page_of_the_description_opens_and_the_description_needs_a_key(guarded: Guarded) -> None:
    page = guarded.call("GET", "/docs")
    assert page.status == 200
    assert b"/page/docs.js" in page.body
    assert not any(path.encode() in page.body for path in RULES if path.startswith("/v1/"))
    assert guarded.call("GET", "/openapi.json").status == 401
    assert guarded.call("GET", "/openapi.json", "ask").status == 200


def test_what_each_role_may_do() -> None:
    opened = {path for path, methods in RULES.items() if "open" in methods.values()}
    assert opened == {"/", "/page/{file}", "/docs", "/health/live", "/health/ready"}
    for changing in ("PUT", "DELETE", "PATCH"):
        assert need_of(changing, "/v1/documents/yuntai") in ("write", "admin")
    assert need_of("GET", "/metrics") == need_of("PUT", "/v1/lexicon") == need_of("GET", "/not/there") == "admin"
    assert {
        need_of("POST", path) for path in ("/v1/ask", "/v1/search", "/v1/chat/completions", "/retrieval", "/mcp")
    } == {"ask"}


@pytest.mark.parametrize(
    ("path", "template"),
    [
        ("/", "/"),
        ("", OTHER),
        ("//", OTHER),
        ("/page", OTHER),
        ("/page/", "/page/{file}"),
        ("/page/a/b", "/page/{file}"),
        ("/v1/documents", "/v1/documents"),
        ("/v1/documents/", "/v1/documents/{document_id}"),
        ("/v1/documentsx", OTHER),
        ("/V1/ask", OTHER),
        ("/v1/ask/", OTHER),
        ("/v1//ask", OTHER),
        ("/health/live/", OTHER),
        ("/health/live/../../v1/ask", OTHER),
        ("/v1/models/a/b", "/v1/models/{model}"),
        ("/v1/ask\0", OTHER),
        ("/v1/ask?x", OTHER),
    ],
)
def test_rows_of_paths(path: str, template: str) -> None:
    assert template_of(path) == template


@pytest.mark.parametrize(
    "heads",
    [
        [("authorization", "")],
        [("authorization", "Bearer")],
        [("authorization", "Bearer ")],
        [("authorization", "Basic eDp5")],
        [("authorization", "Bearer r\u00e9g")],
        [("authorization", b"Bearer \xe9")],
        [("authorization", "Bearer 密钥")],
        [("authorization", b"Bearer \xff\xfe\x00")],
        [("x-api-key", "")],
        [("x-api-key", b"\xe9")],
        [("x-api-key", "密钥")],
        [("cookie", "key=KEY")],
        [("proxy-authorization", "Bearer KEY")],
        [("authorization", "KEY")],
        [("authorization", "Bearer  KEY")],
        [("authorization", "Bearer KEY ")],
        [("authorization", "Bearer\tKEY")],
        [("authorization", "Bearer KEY,Bearer KEY")],
        [("authorization", "Bearer KEY"), ("authorization", "Bearer KEY")],
        [("authorization", "Bearer KEY"), ("x-api-key", "KEY")],
        [("x-api-key", "KEY"), ("x-api-key", "other")],
        [("authorization", "Bearer lower")],
        [("authorization", "Bearer " + "x" * 20_000)],
    ],
    ids=lambda heads: repr(heads)[:60],
)
def test_what_is_no_key(guarded: Guarded, heads: list[tuple[str, str | bytes]]) -> None:
    secret = guarded.secrets["admin"]
    filled = [
        (name, value.replace("KEY", secret).replace("lower", secret.lower()) if isinstance(value, str) else value)
        for name, value in heads
    ]
    answer = guarded.call("GET", "/v1/stats", heads=filled, client=("192.0.2.1", 1))
    assert answer.status in (401, 429)
    assert secret.encode() not in answer.body


@pytest.mark.parametrize(
    "heads",
    [
        {"authorization": "Bearer KEY"},
        {"authorization": "bearer KEY"},
        {"authorization": "BEARER KEY"},
        {"x-api-key": "KEY"},
    ],
)
def test_what_is_a_key(guarded: Guarded, heads: dict[str, str]) -> None:
    filled = {name: value.replace("KEY", guarded.secrets["ask"]) for name, value in heads.items()}
    assert guarded.call("GET", "/v1/stats", heads=filled).status == 200
    assert guarded.call("HEAD", "/v1/stats", heads=filled).status == 200


@pytest.mark.parametrize("name", ["api_key", "key", "access_token", "token", "x-api-key", "authorization"])
def test_a_key_in_the_address_is_no_key(guarded: Guarded, name: str) -> None:
    secret = guarded.secrets["admin"]
    answer = guarded.call("GET", "/v1/stats", query=f"{name}={secret}")
    assert answer.status == 401
    assert "不能放在地址里" in answer.problem["detail"]
    assert secret.encode() not in answer.body


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("PUT", "/v1/documents/x"),
        ("POST", "/v1/documents"),
        ("POST", "/v1/ask"),
        ("POST", "/v1/search"),
        ("POST", "/nowhere"),
    ],
)
@pytest.mark.parametrize("holder", ["", "wrong"])
def test_the_body_of_a_stranger_is_not_read(guarded: Guarded, method: str, path: str, holder: str) -> None:
    size = LARGE if path.startswith("/v1/documents") else 2**20
    heads = {"content-type": "multipart/form-data; boundary=x"}
    answer = guarded.call(method, path, holder, heads, bytes(size), client=("192.0.2.9", 1))
    assert answer.status == 401
    assert answer.read_before == 0
    waiting = guarded.call(
        method, path, holder, heads | {"expect": "100-continue"}, bytes(size), client=("192.0.2.9", 1)
    )
    assert "receive" not in waiting.order


@pytest.mark.parametrize(
    "host", ["127.0.0.1/?x=", "127.0.0.1/health/live?", "a/page/", "evil.example", "127.0.0.1#", "127.0.0.1\\@x"]
)
def test_a_bad_host_opens_nothing(guarded: Guarded, host: str) -> None:
    for path in PATHS:
        for holder in ("", "ask"):
            answer = guarded.call("GET", path, holder, {"host": host})
            assert answer.status in (400, 421)


def test_a_bad_host_opens_nothing_where_any_name_is_answered(tmp_path: Path) -> None:
    def check(app: FastAPI) -> None:
        for path in PATHS:
            bad = call(app, "GET", path, {"host": "a.example/health/live?x="}).status
            assert bad == 400
            if need_of("GET", path) != "open":
                assert call(app, "GET", path, {"host": "a.example"}).status == 401

    fresh(Settings(home=tmp_path, corpus="none", host="0.0.0.0"), check)


def test_without_a_key_this_machine_may_do_all_and_others_nothing(tmp_path: Path) -> None:
    def local(app: FastAPI) -> None:
        heads, body = as_json({"question": "谁？"})
        assert call(app, "POST", "/v1/ask", heads, body).status == 200
        assert call(app, "POST", "/v1/ask", heads | {"authorization": "Bearer whatever"}, body).status == 200
        assert call(app, "DELETE", "/v1/documents/x").status == 204
        _, secret = add_key(tmp_path, "first", "ask")
        assert call(app, "POST", "/v1/ask", heads, body).status == 401
        assert call(app, "POST", "/v1/ask", heads | {"x-api-key": secret}, body).status == 200
        assert call(app, "DELETE", "/v1/documents/x", {"x-api-key": secret}).status == 403
        (tmp_path / KEY_FILE).write_text("{", encoding="utf-8")
        assert call(app, "POST", "/v1/ask", heads | {"x-api-key": secret}, body).problem["code"] == "keys_unusable"
        assert call(app, "GET", "/health/live").status == 200
        (tmp_path / KEY_FILE).unlink()
        assert call(app, "POST", "/v1/ask", heads, body).status == 200

    def elsewhere(app: FastAPI) -> None:
        assert call(app, "GET", "/v1/stats").status == 401
        _, secret = add_key(tmp_path, "first", "ask")
        assert call(app, "GET", "/v1/stats", {"x-api-key": secret}).status == 200
        assert remove_key(tmp_path, "first")
        assert call(app, "GET", "/v1/stats", {"x-api-key": secret}).status == 401

    fresh(Settings(home=tmp_path, corpus="none"), local)
    fresh(Settings(home=tmp_path, corpus="none", host="0.0.0.0"), elsewhere)


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "", "192.168.1.5", "rag.example", "127.0.0.1.example"])
def test_another_address_needs_a_key(tmp_path: Path, host: str) -> None:
    settings = Settings.model_construct(host=host, home=tmp_path)
    with pytest.raises(UnsafeBinding) as refused:
        require_safe_binding(settings, ())
    assert str(refused.value) == (
        f"RAG_HOST={host} lets other machines in and there is no API key; make one with: "
        "rag key add NAME --role ask|write|admin, or bind to this machine only with RAG_HOST=127.0.0.1"
    )
    add_key(tmp_path, "one", "ask")
    require_safe_binding(settings, read_keys(tmp_path))


@pytest.mark.parametrize("host", ["127.0.0.1", "127.8.8.8", "::1", "localhost", "LocalHost"])
def test_this_machine_needs_none(tmp_path: Path, host: str) -> None:
    require_safe_binding(Settings(host=host, home=tmp_path), ())


def test_wrong_keys_are_slowed_down_by_address_and_right_ones_are_not(tmp_path: Path) -> None:
    now = [0.0]
    _, secret = add_key(tmp_path, "one", "ask")

    async def answered(scope: Any, receive: Any, send: Any) -> None:
        return None

    access = Access(answered, KeyRing(tmp_path), local=True, clock=lambda: now[0])

    def status(key: str, address: str) -> int:
        scope = {
            "type": "http",
            "method": "GET",
            "path": "/v1/stats",
            "client": (address, 1),
            "headers": [(b"x-api-key", key.encode())],
        }
        try:
            asyncio.run(access(scope, answered, answered))  # type: ignore[arg-type]
        except Problem as problem:
            return problem.status_code
        return 200

    assert [status("wrong", "192.0.2.1") for _ in range(FAILURES + 3)] == [401] * FAILURES + [429] * 3
    assert status(secret, "192.0.2.1") == 200
    assert status("wrong", "192.0.2.2") == 401
    now[0] = 60 / FAILURES
    assert [status("wrong", "192.0.2.1") for _ in range(2)] == [401, 429]


def test_websockets_are_closed(tmp_path: Path) -> None:
    sent: list[Message] = []

    async def never(scope: Any, receive: Any, send: Any) -> None:
        raise AssertionError("let in")

    async def send(message: Message) -> None:
        sent.append(message)

    access = Access(never, KeyRing(tmp_path), local=True)
    asyncio.run(access({"type": "websocket", "path": "/v1/ask"}, never, send))  # type: ignore[arg-type]
    assert sent == [{"type": "websocket.close", "code": 1008}]


def test_problems_of_access_are_in_the_contract(guarded: Guarded) -> None:
    refused = guarded.call("PUT", "/v1/documents/x", "ask", {"content-type": "text/plain"}, b"x")
    assert refused.problem["code"] == "role_too_low"
    assert refused.problem["detail"] == "这个密钥的权限是 ask，这项操作需要 write"
    assert json.loads(guarded.call("GET", "/v1/stats").body)["code"] == "unauthorized"
