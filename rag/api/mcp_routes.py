"""The route of the MCP server, where the package mcp is installed."""

import asyncio
import importlib.util
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from fastapi import FastAPI
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from rag import logs
from rag.api.metrics import Metrics
from rag.service import Service

if TYPE_CHECKING:
    from mcp.server.streamable_http_manager import StreamableHTTPSessionManager

PATH: Final = "/mcp"


def install(app: FastAPI, service: Service) -> None:
    """Serve MCP at PATH; without the package, the path is unknown."""
    if importlib.util.find_spec("mcp") is not None:
        app.router.routes.append(Route(PATH, McpRoute(service, app.state.metrics)))


class McpRoute:
    """Streamable HTTP, stateless, so that nothing is kept between two calls.

    The first call imports the package and starts the task in which its sessions live; the task ends with
    the event loop.
    """

    def __init__(self, service: Service, metrics: Metrics) -> None:
        self._service = service
        self._metrics = metrics
        self._sessions: StreamableHTTPSessionManager | None = None
        self._living: asyncio.Task[None] | None = None
        self._ready = asyncio.Event()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self._sessions is None:
            from rag.api.mcp_server import http_sessions

            self._sessions = http_sessions(self._service, _Counting(self._metrics))
            self._living = asyncio.create_task(self._live(self._sessions))
        await self._ready.wait()
        await self._sessions.handle_request(scope, receive, send)

    async def _live(self, sessions: "StreamableHTTPSessionManager") -> None:
        async with sessions.run():
            self._ready.set()
            await asyncio.Event().wait()


class _Counting:
    """Counts and notes what the tools did, as the other routes do for themselves."""

    def __init__(self, metrics: Metrics) -> None:
        self._metrics = metrics

    def searched(self, query: str, body: Mapping[str, Any]) -> None:
        logs.note(question=query)
        self._metrics.searched(body["timing_ms"])

    def answered(self, question: str, body: Mapping[str, Any]) -> None:
        logs.note(question=question, answer=body["status"])
        self._metrics.answered(body["status"], body["degraded"], body["timing_ms"])
