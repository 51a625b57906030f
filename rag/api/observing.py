"""Watching requests from the outside: each gets its id, and when it ends it is counted and logged."""

import logging
import secrets
import time
from collections.abc import Sequence
from typing import Final

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from rag import logs
from rag.api.access_rules import need_of, template_of
from rag.api.addresses import client_address
from rag.api.metrics import METHODS, Metrics
from rag.settings import Network

GONE: Final = "gone"  # the status of a request whose client left before there was an answer

_SUSPECT = frozenset({"401", "403", "421", "429"})  # with these the address is logged: an operator may have to block it

log = logging.getLogger("rag.requests")


class Observer:
    """The outermost layer. Nothing of a request is noted but method, row of the rules, status, time and key name."""

    def __init__(self, app: ASGIApp, metrics: Metrics, trusted: Sequence[Network] = ()) -> None:
        self._app = app
        self._metrics = metrics
        self._trusted = trusted

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began, status = time.perf_counter(), GONE
        request_id = secrets.token_hex(8)
        notes = logs.begin(request_id)

        async def watched(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = str(message["status"])
            await send(message)

        try:
            await self._app({**scope, "request_id": request_id}, receive, watched)
        finally:
            self._note(scope, status, time.perf_counter() - began, notes)

    def _note(self, scope: Scope, status: str, seconds: float, notes: dict[str, object]) -> None:
        method = scope["method"] if scope["method"] in METHODS else "other"
        route = template_of(scope["path"])
        self._metrics.request(method, route, status, seconds)
        notes |= {"method": method, "route": route, "status": status, "ms": round(1000 * seconds, 2)}
        if status in _SUSPECT:
            notes["address"] = client_address(scope, self._trusted)
        humdrum = status < "400" and (route == "/metrics" or need_of(method, scope["path"]) == "open")
        log.log(logging.DEBUG if humdrum else logging.INFO, "request", extra={"notes": notes})
