"""How often one key or address may ask: token buckets, told in headers."""

import math
import time
from collections import OrderedDict
from collections.abc import Callable, Sequence
from typing import Final, NamedTuple

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from rag.api.access_rules import need_of
from rag.api.addresses import client_address, household
from rag.api.problems import Problem
from rag.settings import Network

MOST: Final = 10_000  # buckets held at a time; the one that was not used for longest goes first


class RateVerdict(NamedTuple):
    """Whether one more request is allowed, and how much is left.

    reset, retry_after  whole seconds until the bucket is full again, and until it holds one request
    """

    allowed: bool
    remaining: int
    reset: int
    retry_after: int


class Buckets:
    """A bucket a name, each holding a minute's worth of requests and filled evenly.

    per_minute  requests, at least 1
    """

    def __init__(self, per_minute: int, most: int = MOST, clock: Callable[[], float] = time.monotonic) -> None:
        if per_minute < 1 or most < 1:
            raise ValueError(f"{per_minute} requests a minute in {most} buckets make no limit")
        self.per_minute = per_minute
        self._most = most
        self._clock = clock
        self._levels: OrderedDict[str, tuple[float, float]] = OrderedDict()  # requests left, and when that was

    def take(self, name: str) -> RateVerdict:
        """Take one request out of a bucket, if there is one in it."""
        now = self._clock()
        level, since = self._levels.pop(name, (float(self.per_minute), now))
        level = min(self.per_minute, level + max(0.0, now - since) * self.per_minute / 60)
        allowed = level >= 1
        level -= allowed
        self._levels[name] = (level, now)
        if len(self._levels) > self._most:
            self._levels.popitem(last=False)
        return RateVerdict(allowed, int(level), self._seconds(self.per_minute - level), self._seconds(1 - level))

    def __len__(self) -> int:
        return len(self._levels)

    def _seconds(self, requests: float) -> int:
        """Until so many more requests are in a bucket; rounded up, but not for what floating point makes of it."""
        return max(0, math.ceil(round(requests * 60 / self.per_minute, 6)))


class Rate:
    """Refuses what comes too often. It stands behind Access, whose scope["caller"] it reads.

    What needs no key (health, the page's files) is not counted: it costs next to nothing.
    """

    def __init__(self, app: ASGIApp, buckets: Buckets, trusted: Sequence[Network] = ()) -> None:
        self._app = app
        self._buckets = buckets
        self._trusted = trusted

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or need_of(scope["method"], scope["path"]) == "open":
            await self._app(scope, receive, send)
            return
        caller = scope.get("caller")
        address = household(client_address(scope, self._trusted))
        verdict = self._buckets.take(f"key {caller}" if caller else f"address {address}")
        headers = self._headers(verdict)
        if not verdict.allowed:
            headers["Retry-After"] = str(verdict.retry_after)
            detail = f"每分钟最多 {self._buckets.per_minute} 个请求，请在 {verdict.retry_after} 秒后重试"
            raise Problem(429, detail, headers=headers)
        encoded = [(name.lower().encode(), value.encode()) for name, value in headers.items()]

        async def told(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message.get("headers", []), *encoded]
            await send(message)

        await self._app(scope, receive, told)

    def _headers(self, verdict: RateVerdict) -> dict[str, str]:
        return {
            "RateLimit-Limit": str(self._buckets.per_minute),
            "RateLimit-Remaining": str(verdict.remaining),
            "RateLimit-Reset": str(verdict.reset),
        }
