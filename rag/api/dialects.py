"""Errors in the neighbours' words: on their paths, a problem leaves in the shape that their clients understand."""

from typing import Any, Final

import orjson
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from rag.api.problems import MEDIA_TYPE

OPENAI_PATHS: Final = ("/v1/chat/completions", "/v1/models")
DIFY_PATHS: Final = ("/retrieval",)

_OPENAI_TYPES: Final = {
    401: "authentication_error",
    403: "permission_error",
    404: "not_found_error",
    429: "rate_limit_error",
}
_DIFY_CODES: Final = {401: 1002, 403: 1002, 404: 2001}  # of its documentation; others are the HTTP status


class Dialects:
    """The outermost layer: whoever refused, routes or frame, the body is put into the words of the path."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        speak = dialect_of(scope["path"]) if scope["type"] == "http" else None
        await self._app(scope, receive, _Translated(send, speak) if speak else send)


def dialect_of(path: str) -> Any:
    """What puts a problem into the words of this path; None where problems are understood."""
    if any(path == one or path.startswith(f"{one}/") for one in OPENAI_PATHS):
        return openai_error
    return dify_error if path.rstrip("/") in DIFY_PATHS else None


def openai_error(problem: dict[str, Any]) -> dict[str, Any]:
    """{"error": {message, type, param, code}}; request_id besides."""
    status = problem["status"]
    kind = _OPENAI_TYPES.get(status) or ("server_error" if status >= 500 else "invalid_request_error")
    fields = problem.get("errors") or [{"pointer": "", "detail": ""}]
    param = fields[0]["pointer"].removeprefix("#/").replace("/", ".") or None
    message = f"{problem['detail']}：{param} {fields[0]['detail']}" if param else problem["detail"]
    error = {"message": message, "type": kind, "param": param, "code": problem["code"]}
    return {"error": error | {"request_id": problem["request_id"]}}


def dify_error(problem: dict[str, Any]) -> dict[str, Any]:
    """{error_code, error_msg}; request_id besides."""
    fields = "；".join(f"{one['pointer']} {one['detail']}" for one in problem.get("errors", ()))
    message = f"{problem['detail']}（{fields}）" if fields else problem["detail"]
    code = _DIFY_CODES.get(problem["status"], problem["status"])
    return {"error_code": code, "error_msg": message, "request_id": problem["request_id"]}


class _Translated:
    """Passes everything on but problems: these are held back, put into other words, and sent as JSON."""

    def __init__(self, send: Send, speak: Any) -> None:
        self._send = send
        self._speak = speak
        self._start: Message | None = None
        self._body = b""

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start" and (b"content-type", MEDIA_TYPE.encode()) in message["headers"]:
            self._start = message
        elif self._start is None:
            await self._send(message)
        else:
            self._body += message.get("body", b"")
            if not message.get("more_body", False):
                await self._tell(self._start)

    async def _tell(self, start: Message) -> None:
        body = orjson.dumps(self._speak(orjson.loads(self._body))) if self._body else b""  # none answers HEAD
        kept = [(name, value) for name, value in start["headers"] if name not in (b"content-type", b"content-length")]
        length = [(b"content-length", str(len(body)).encode())] if body else []
        await self._send({**start, "headers": [*kept, (b"content-type", b"application/json"), *length]})
        await self._send({"type": "http.response.body", "body": body, "more_body": False})
