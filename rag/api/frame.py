"""The frame around every request: identity, limits, security headers, and the last handler of errors. Plain ASGI."""

import asyncio
import logging
import secrets
import time
from contextlib import suppress
from typing import Final

from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from rag.api.admission import Admission, has_body
from rag.api.problems import Problem, log_unexpected, problem_of, problem_response

BODY_SECONDS: Final = 30.0  # in which a request body must have arrived
LINGER_SECONDS: Final = 1.0  # how long the rest of a refused body is read and thrown away, so that the answer arrives
PAGE_POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "base-uri 'none'; form-action 'self'; frame-ancestors 'none'; require-trusted-types-for 'script'"
)
HEADERS: Final = (
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"x-frame-options", b"DENY"),
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
    (b"cache-control", b"no-store"),
)

log = logging.getLogger(__name__)


class Frame:
    """Gives each request an id, refuses what must not come in, and answers HEAD where GET is answered."""

    def __init__(self, app: ASGIApp, admission: Admission) -> None:
        self._app = app
        self._admission = admission

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        exchange = _Exchange(scope, receive, send, self._admission.body_limit(scope))
        try:
            self._admission.check(scope)
            await self._app(exchange.scope, exchange.receive, exchange.send)
        except ClientDisconnect:
            log.debug("request %s: the client went away", exchange.request_id)
        except asyncio.CancelledError:  # the server stops and waits no longer: the client is told, and this task ends
            await exchange.fail(Problem(503, "服务正在停止，请稍后重试", headers={"Retry-After": "5"}))
        except Exception as error:
            await exchange.fail(error)


class _Exchange:
    """One request and its answer: counts the body that comes in, dresses what goes out."""

    def __init__(self, scope: Scope, receive: Receive, send: Send, limit: int) -> None:
        self._began = time.perf_counter()
        self._deadline = time.monotonic() + BODY_SECONDS
        self._receive = receive
        self._send = send
        self._limit = limit
        self._seen = 0
        self._complete = not has_body(scope)
        self._awaits_continue = any(name == b"expect" for name, _ in scope["headers"])
        self._head_only = scope["method"] == "HEAD"
        self._answered = False
        self._lingers = False
        self.request_id = scope.get("request_id") or secrets.token_hex(8)
        self.scope = dict(scope) | {"request_id": self.request_id} | ({"method": "GET"} if self._head_only else {})

    async def receive(self) -> Message:
        """The next piece of the body, or the news that the client went away.

        raises  Problem 408 when the body takes too long, 413 when it is too large
        """
        if self._complete:
            return await self._receive()
        try:
            async with asyncio.timeout(max(0.0, self._deadline - time.monotonic())):
                message = await self._receive()
        except TimeoutError:
            raise Problem(408, f"请求正文没有在 {BODY_SECONDS:.0f} 秒内收完") from None
        self._seen += len(message.get("body", b""))
        self._complete = not message.get("more_body", False)
        if self._seen > self._limit:
            raise Problem(413, f"请求正文超过 {self._limit // 2**20} MiB 的上限")
        return message

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self._answered = True
            self._lingers = not self._complete
            message["headers"] = self._dressed(list(message.get("headers", [])))
        elif self._head_only:
            message["body"] = b""
        if self._lingers and message["type"] == "http.response.body" and not message.get("more_body", False):
            await self._send({**message, "more_body": True})
            await self._drain()
            message = {"type": "http.response.body", "body": b"", "more_body": False}
        await self._send(message)

    async def fail(self, error: Exception) -> None:
        """Answer with the problem that the error means.

        raises  the error itself where an answer has begun: the server then cuts the connection
        """
        log_unexpected(error, self.request_id)
        if self._answered:
            raise error
        await problem_response(problem_of(error), self.scope["path"], self.request_id)(
            self.scope, self._receive, self.send
        )

    def _dressed(self, headers: list[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
        """Headers with those that every answer carries."""
        timing = [value for name, value in headers if name == b"server-timing"]
        headers = [(name, value) for name, value in headers if name != b"server-timing"]
        held = {name for name, _ in headers}
        headers += [(name, value) for name, value in HEADERS if name not in held]
        if self._lingers:  # the rest of the body is not read: the connection cannot be used again
            headers.append((b"connection", b"close"))
        headers.append((b"x-request-id", self.request_id.encode()))
        timing.append(f"app;dur={1000 * (time.perf_counter() - self._began):.2f}".encode())
        headers.append((b"server-timing", b", ".join(timing)))
        return headers

    async def _drain(self) -> None:
        """Throw away what the client still sends, for a moment: closing at once would cost it the answer."""
        if self._awaits_continue and not self._seen:
            return
        with suppress(TimeoutError):
            async with asyncio.timeout(LINGER_SECONDS):
                while not self._complete:
                    message = await self._receive()
                    self._complete = not message.get("more_body", False)
