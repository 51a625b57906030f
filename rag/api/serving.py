"""Running the server: one process, the fast event loop and parser, a ready line with the address."""

import asyncio
import logging
import os
import secrets
import signal
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

import uvicorn
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

from index.errors import IndexProblem
from rag.api import tracing
from rag.api.app import create_app
from rag.api.frame import HEADERS
from rag.api.problems import Problem, problem_response
from rag.background import encoding, reading_ahead, watching_lexicon
from rag.service import Service
from rag.settings import SettingsInvalid

GRACE_SECONDS: Final = 8  # in which requests under way may finish after SIGTERM
LAST_SECONDS: Final = 9.5  # after SIGTERM, when the process ends whatever is still going on
CONNECTIONS: Final = 512  # beyond which new requests are answered 503 at once
HEAD_SECONDS: Final = 10.0  # in which the head of a request must have arrived
HEAD_BYTES: Final = 64 * 1024  # that a head may have
IDLE_SECONDS: Final = 15  # that a connection may stay open between requests

log = logging.getLogger(__name__)


class CannotListen(SettingsInvalid):
    """The address of the settings cannot be had."""


def listen(host: str, port: int) -> socket.socket:
    """Take the address, so that nobody else can; connections are accepted once the server runs.

    raises  CannotListen with the reason and what to do
    """
    try:
        family, _, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0]
        listener = socket.socket(family, socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise _cannot_listen(host, port, error) from None
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
    except OSError as error:
        listener.close()
        raise _cannot_listen(host, port, error) from None
    return listener


def serve(service: Service, listener: socket.socket) -> None:
    """Serve on the listener until SIGTERM or Ctrl-C, then close the index."""
    settings = service.settings
    _forget_old_feedback(service)
    config = uvicorn.Config(
        tracing.traced(create_app(service), os.environ),
        log_config=None,
        log_level=settings.log_level,
        access_log=False,
        http=_Connection,
        ws="none",
        lifespan="off",
        proxy_headers=False,
        server_header=False,
        timeout_keep_alive=IDLE_SECONDS,
        timeout_graceful_shutdown=GRACE_SECONDS,
    )
    server = _Server(config, settings.host)
    try:
        with (
            _signals_only_stop_serving(),
            watching_lexicon(service.carry_lexicon),
            reading_ahead(service.retriever),
            encoding(service.index),
        ):
            server.run([listener])
    finally:
        service.close()
        server.last.cancel()


class _Server(uvicorn.Server):
    """Says when it is ready (people wait for this line, and so do scripts) and does not outstay a stop."""

    def __init__(self, config: uvicorn.Config, host: str) -> None:
        super().__init__(config)
        self._host = f"[{host}]" if ":" in host else host
        self.last = threading.Timer(LAST_SECONDS, _end)
        self.last.daemon = True

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started and sockets:
            print(f"ready: http://{self._host}:{sockets[0].getsockname()[1]}/", flush=True)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self.last.start()
        await super().shutdown(sockets)


class _Connection(HttpToolsProtocol):
    """uvicorn's connection with what it lacks: a time and a size limit for the head of a request, and a mark on
    requests that come when there are too many. What is refused here is a problem like any other."""

    _in_head = False
    _head_bytes = 0
    _head_deadline: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._expect_head()

    def connection_lost(self, exc: Exception | None) -> None:
        self._head_came()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        self._head_bytes += len(data)
        super().data_received(data)
        if self._in_head and self._head_bytes > HEAD_BYTES:
            self._refuse(431 if self.headers else 414, "请求头或地址过大")
        elif self._answered and not (self._in_head or self.timeout_keep_alive_task or self.transport.is_closing()):
            self._expect_head()  # white space between requests has stopped uvicorn's own clock

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._expect_head()
        self._head_bytes = 1  # at the least: something came

    def on_headers_complete(self) -> None:
        self._head_came()
        if len(self.connections) > CONNECTIONS and not self.url.startswith(b"/health/"):
            self.scope["overloaded"] = True  # type: ignore[typeddict-unknown-key]
        super().on_headers_complete()

    def send_400_response(self, msg: str) -> None:
        self._refuse(400, "收到的不是有效的 HTTP 请求")

    @property
    def _answered(self) -> bool:
        """Whether every request on this connection so far has its whole answer."""
        return self.cycle is None or self.cycle.response_complete  # type: ignore[redundant-expr]

    def _expect_head(self) -> None:
        self._head_came()
        self._in_head = True
        self._head_deadline = self.loop.call_later(HEAD_SECONDS, self._head_is_late)

    def _head_came(self) -> None:
        self._in_head = False
        self._head_bytes = 0
        if self._head_deadline is not None:
            self._head_deadline.cancel()
            self._head_deadline = None

    def _head_is_late(self) -> None:
        if self._head_bytes:
            self._refuse(408, f"请求头没有在 {HEAD_SECONDS:.0f} 秒内收完")
        else:
            self.transport.close()

    def _refuse(self, status: int, detail: str) -> None:
        """Answer in place of the application and hang up; while an answer is under way, only hang up."""
        self._head_came()
        if self.transport.is_closing():
            return
        if self._answered or not (self.cycle.response_started or self.pipeline):
            request_id = secrets.token_hex(8)
            response = problem_response(Problem(status, detail), "", request_id)
            headers = [
                *response.raw_headers,
                *HEADERS,
                (b"x-request-id", request_id.encode()),
                (b"connection", b"close"),
            ]
            lines = [name + b": " + value + b"\r\n" for name, value in headers]
            self.transport.write(b"".join((STATUS_LINE[status], *lines, b"\r\n", bytes(response.body))))
        if not self._answered:  # the application learns that nobody listens any more
            self.cycle.disconnected = True
            self.cycle.message_event.set()
        self.transport.close()


def _forget_old_feedback(service: Service) -> None:
    """Feedback that cannot be read is no reason not to answer questions."""
    try:
        service.feedback.forget_old()
    except IndexProblem as problem:
        log.error("%s", problem)


@contextmanager
def _signals_only_stop_serving() -> Iterator[None]:
    """uvicorn repeats the signals that stopped it, which would kill the process before the index is closed."""
    held = {number: signal.signal(number, _ignore) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in held.items():
            signal.signal(number, handler)


def _ignore(number: int, frame: Any) -> None:
    """The server has heard it already."""


def _end() -> None:
    """What is acknowledged is durable and what is not leaves no trace, so ending here is safe."""
    log.warning("work under way did not end in %s s: leaving it", LAST_SECONDS)
    os._exit(0)


def _cannot_listen(host: str, port: int, error: Exception) -> CannotListen:
    reason = error.strerror if isinstance(error, OSError) else "it is not a host name"
    return CannotListen(
        f"cannot listen on {host}:{port}: {reason}; stop what listens there or set RAG_HOST and RAG_PORT"
    )
