"""A scripted LLM server on the loopback: real HTTP, one behaviour a request."""

import asyncio
import json
import socket
import struct
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

Writer = asyncio.StreamWriter
Behaviour = Callable[["Asked", Writer], Awaitable[None]]
EVENTS = "text/event-stream"
BRIEF = 1.0  # seconds; the deadline for an LLM that never ends, the smallest that the settings allow
AMPLE = 20.0  # the deadline for one that does, on however busy a machine


@dataclass
class Asked:
    """One request as the server got it."""

    head: str
    body: dict[str, Any]


@dataclass
class FakeLLM:
    """Where the server listens, and what was asked of it."""

    port: int = 0
    asked: list[Asked] = field(default_factory=list)

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}/v1"


@asynccontextmanager
async def fake_llm(*script: Behaviour) -> AsyncIterator[FakeLLM]:
    """A server that does what the script says, request by request; its last behaviour is repeated."""
    fake = FakeLLM()
    tasks: set[asyncio.Task[None]] = set()

    async def serve(reader: asyncio.StreamReader, writer: Writer) -> None:
        tasks.add(asyncio.current_task())  # type: ignore[arg-type]
        with suppress(ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
            length = next(int(line.split(":")[1]) for line in head.splitlines() if line.lower().startswith("content-l"))
            asked = Asked(head, json.loads(await reader.readexactly(length)))
            fake.asked.append(asked)
            await script[min(len(fake.asked), len(script)) - 1](asked, writer)
            await writer.drain()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    fake.port = server.sockets[0].getsockname()[1]
    try:
        yield fake
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        server.close()
        await server.wait_closed()


def head(status: str = "200 OK", media_type: str = EVENTS, *more: str) -> bytes:
    lines = [f"HTTP/1.1 {status}", f"Content-Type: {media_type}", "Connection: close", *more]
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


def event(text: str | None, finish: str | None = None) -> bytes:
    choice = {"index": 0, "delta": {"content": text}, "finish_reason": finish}
    return b"data: " + json.dumps({"choices": [choice]}, ensure_ascii=False).encode() + b"\n\n"


DONE = b"data: [DONE]\n\n"


def raw(*parts: bytes, pause: float = 0.0) -> Behaviour:
    """Write these bytes, with a pause after each, and hang up."""

    async def write(asked: Asked, writer: Writer) -> None:
        for part in parts:
            writer.write(part)
            await writer.drain()
            await asyncio.sleep(pause)

    return write


def says(*texts: str, pause: float = 0.0, finish: str | None = "stop") -> Behaviour:
    """A proper stream of these pieces."""
    return raw(head(), *(event(text) for text in texts), event(None, finish) + DONE, pause=pause)


def replies(body: object, status: str = "200 OK", media_type: str = "application/json", *more: str) -> Behaviour:
    """One whole body; bytes as they are, anything else as JSON."""
    told = body if isinstance(body, bytes) else json.dumps(body).encode()
    return raw(head(status, media_type, f"Content-Length: {len(told)}", *more) + told)


def silent(*parts: bytes) -> Behaviour:
    """Write these bytes, then nothing any more, and keep the line open."""

    async def wait(asked: Asked, writer: Writer) -> None:
        await raw(*parts)(asked, writer)
        await asyncio.sleep(60)

    return wait


def endless(part: bytes, pause: float = 0.0) -> Behaviour:
    """The same bytes for ever."""

    async def repeat(asked: Asked, writer: Writer) -> None:
        writer.write(head())
        while True:
            writer.write(part)
            await writer.drain()
            await asyncio.sleep(pause)

    return repeat


def reset(*parts: bytes) -> Behaviour:
    """Write these bytes, then cut the connection with RST."""

    async def cut(asked: Asked, writer: Writer) -> None:
        await raw(*parts, pause=0.05)(asked, writer)
        linger = struct.pack("ii", 1, 0)
        writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        writer.transport.abort()

    return cut
