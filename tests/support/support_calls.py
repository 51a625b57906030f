"""Calling an application as a server would, without one: byte for byte, with what was read of the body."""

import asyncio
import io
import json
import logging
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote

from fastapi import FastAPI
from prometheus_client.parser import text_string_to_metric_families
from starlette.types import ASGIApp, Message

from rag import logs
from rag.api.metrics import MEDIA_TYPE

Heads = Mapping[str, str | bytes] | Sequence[tuple[str, str | bytes]]


@dataclass
class Answer:
    """What came back, and how much of the body had been asked for when the answer began."""

    status: int
    headers: dict[str, str]
    body: bytes
    read_before: int = 0
    order: list[str] = field(default_factory=list)

    @property
    def problem(self) -> dict[str, Any]:
        assert self.headers["content-type"] == "application/problem+json"
        found: dict[str, Any] = json.loads(self.body)
        return found


def call(
    app: ASGIApp,
    method: str,
    path: str,
    heads: Heads = (),
    body: bytes = b"",
    *,
    client: tuple[str, int] | None = ("127.0.0.1", 50000),
    query: str = "",
) -> Answer:
    """Send one request straight into the application."""
    given = heads.items() if isinstance(heads, Mapping) else heads
    own = [] if any(name == "host" for name, _ in given) else [("host", "127.0.0.1")]
    lines = [*own, ("content-length", str(len(body))), *given]
    scope = {
        "type": "http", "asgi": {"version": "3.0", "spec_version": "2.3"}, "http_version": "1.1", "method": method,
        "scheme": "http", "path": unquote(path), "raw_path": path.encode(), "root_path": "",
        "query_string": query.encode(), "client": client, "server": ("127.0.0.1", 8000), "state": {},
        "headers": [(name.encode(), value if isinstance(value, bytes) else value.encode()) for name, value in lines],
    }  # fmt: skip
    sent: list[Message] = []
    order: list[str] = []
    pieces = [body[start : start + 65536] for start in range(0, len(body), 65536)] or [b""]

    async def receive() -> Message:
        order.append("receive")
        if not pieces:
            await asyncio.Event().wait()  # the client stays and listens
        return {"type": "http.request", "body": pieces.pop(0), "more_body": bool(pieces)}

    async def send(message: Message) -> None:
        order.append(message["type"].rpartition(".")[2])
        sent.append(message)

    asyncio.run(app(scope, receive, send))
    start, *rest = sent
    headers = {name.decode(): value.decode("latin-1") for name, value in start["headers"]}
    read_before = order[: order.index("start")].count("receive")
    return Answer(start["status"], headers, b"".join(one.get("body", b"") for one in rest), read_before, order)


def as_json(content: object) -> tuple[dict[str, str | bytes], bytes]:
    """Headers and body of a JSON request."""
    return {"content-type": "application/json"}, json.dumps(content).encode()


@contextmanager
def logged(questions: logs.Questions) -> Iterator[io.StringIO]:
    """What is logged at level info, as lines of JSON; logging is afterwards as it was."""
    root = logging.getLogger()
    held, level = list(root.handlers), root.level
    stream = io.StringIO()
    logs.configure("info", questions, stream)
    yield stream
    root.handlers[:] = held
    root.setLevel(level)


def samples(app: FastAPI) -> dict[str, float]:
    """Every sample by its name and labels, as `name{label=value}`."""
    answer = call(app, "GET", "/metrics")
    assert answer.status == 200
    assert answer.headers["content-type"] == MEDIA_TYPE
    found = {}
    for family in text_string_to_metric_families(answer.body.decode()):
        for sample in family.samples:
            labels = ",".join(f"{name}={value}" for name, value in sorted(sample.labels.items()))
            found[f"{sample.name}{{{labels}}}"] = sample.value
    return found
