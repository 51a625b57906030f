"""Pages of others: what they may do here. Nothing, unless their origin is on the operator's list."""

from typing import Final

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from rag.api.problems import Problem

_SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS"})
_READABLE: Final = (
    b"ETag, Retry-After, Server-Timing, X-Request-Id, RateLimit-Limit, RateLimit-Remaining, RateLimit-Reset"
)
_PREFLIGHT: Final = (
    (b"access-control-allow-methods", b"GET, POST, PUT, DELETE"),
    (b"access-control-allow-headers", b"Accept, Authorization, Content-Type, X-API-Key"),
    (b"access-control-max-age", b"600"),
)


class Origins:
    """The origins whose pages may ask and change things here.

    written  exact origins (https://example.com:8443) separated by commas; no pattern, no `*`, no `null`
    """

    def __init__(self, written: str = "") -> None:
        self._allowed = frozenset(part.strip().lower().encode("ascii") for part in written.split(",") if part.strip())

    def allowed(self, scope: Scope) -> bytes:
        """The origin of this request if it is on the list; empty if not."""
        origins = _values(scope, b"origin")
        return origins[0] if len(origins) == 1 and origins[0] in self._allowed else b""

    def check(self, scope: Scope) -> None:
        """A browser says where a request comes from; pages of others may not change or ask anything here.

        raises  Problem 403
        """
        if scope["method"] in _SAFE or self.allowed(scope):
            return
        site = _values(scope, b"sec-fetch-site")
        if site:
            foreign = site[0] not in (b"same-origin", b"none")
        else:
            origins = _values(scope, b"origin")
            foreign = bool(origins) and origins[0].partition(b"://")[2] not in _values(scope, b"host")
        if foreign:
            raise Problem(403, "不接受来自其他网站页面的请求", "foreign_origin")

    def __bool__(self) -> bool:
        return bool(self._allowed)


class Cors:
    """Tells browsers which other pages may read an answer. It stands around the frame, so that errors are told too."""

    def __init__(self, app: ASGIApp, origins: Origins) -> None:
        self._app = app
        self._origins = origins

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not self._origins:
            await self._app(scope, receive, send)
            return
        added = self._headers(scope)

        async def told(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message.get("headers", []), *added]
            await send(message)

        await self._app(scope, receive, told)

    def _headers(self, scope: Scope) -> list[tuple[bytes, bytes]]:
        origin = self._origins.allowed(scope)
        headers = [(b"vary", b"Origin")]
        if origin:
            headers += [(b"access-control-allow-origin", origin), (b"access-control-expose-headers", _READABLE)]
            if scope["method"] == "OPTIONS" and _values(scope, b"access-control-request-method"):
                headers += _PREFLIGHT
        return headers


def _values(scope: Scope, name: bytes) -> list[bytes]:
    return [value for held, value in scope["headers"] if held == name]
