"""The frame around every request: identity, size and time limits, security headers. Plain ASGI."""

import asyncio
import secrets
import time
from collections.abc import MutableMapping
from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from rag.api.problems import Problem, problem_response

BODY_SECONDS = 30.0  # in which a request body must have arrived
_HEADERS = (
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"x-frame-options", b"DENY"),
)
PAGE_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)


class Frame:
    """Gives each request an id, cuts off bodies that are too large or too slow, and times the answer."""

    def __init__(self, app: ASGIApp, max_body: int) -> None:
        """max_body in bytes."""
        self._app = app
        self._max_body = max_body

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        start = time.perf_counter()
        request_id = secrets.token_hex(8)
        scope["request_id"] = request_id

        async def framed_send(message: Message) -> None:
            if message["type"] == "http.response.start":
                _dress(message, request_id, start)
            await send(message)

        body = _Body(receive, self._max_body)
        try:
            body.check_declared(scope)
            await self._app(scope, body.receive, framed_send)
        except Problem as problem:
            if body.answered:
                raise
            await problem_response(problem, scope["path"], request_id)(scope, receive, framed_send)


class _Body:
    """Counts what arrives."""

    def __init__(self, receive: Receive, limit: int) -> None:
        self._receive = receive
        self._limit = limit
        self._seen = 0
        self._complete = False
        self._deadline = time.monotonic() + BODY_SECONDS
        self.answered = False

    def check_declared(self, scope: Scope) -> None:
        declared = next((value for name, value in scope["headers"] if name == b"content-length"), b"0")
        if not declared.isdigit() or len(declared) > 18:
            raise Problem(400, "Content-Length 无效")
        if int(declared) > self._limit:
            raise self._too_large()

    async def receive(self) -> Message:
        if self._complete:
            return await self._receive()
        try:
            message = await asyncio.wait_for(self._receive(), max(0.0, self._deadline - time.monotonic()))
        except TimeoutError:
            raise Problem(408, f"请求正文没有在 {BODY_SECONDS:.0f} 秒内收完", headers={"Connection": "close"}) from None
        self._seen += len(message.get("body", b""))
        self._complete = not message.get("more_body", False)
        if self._seen > self._limit:
            raise self._too_large()
        return message

    def _too_large(self) -> Problem:
        return Problem(413, f"请求正文超过 {self._limit // 2**20} MiB 的上限", headers={"Connection": "close"})


def _dress(message: MutableMapping[str, Any], request_id: str, start: float) -> None:
    """Add the headers that every answer carries."""
    headers = list(message.get("headers", []))
    held = {name for name, _ in headers}
    headers += [(name, value) for name, value in _HEADERS if name not in held]
    if b"content-security-policy" not in held:
        headers.append((b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"))
    if b"cache-control" not in held:
        headers.append((b"cache-control", b"no-store"))
    headers.append((b"x-request-id", request_id.encode()))
    milliseconds = 1000 * (time.perf_counter() - start)
    headers.append((b"server-timing", f"app;dur={milliseconds:.2f}".encode()))
    message["headers"] = headers
