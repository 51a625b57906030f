"""On the wire: strict JSON in, fast JSON out, server-sent events."""

import asyncio
import json
import re
from collections.abc import Callable, Coroutine, Mapping
from functools import partial
from typing import Any, TypeVar

import orjson
from fastapi import Request, Response
from fastapi.routing import APIRoute

from rag.api.problems import Problem
from rag.service import Service

Result = TypeVar("Result")
_CHARSET = re.compile(r";\s*charset\s*=\s*\"?([^\s;\"]*)", re.I)


class StrictRequest(Request):
    """A request whose JSON is read by `strict_json`."""

    async def json(self) -> Any:
        return strict_json(await self.body())


class StrictRoute(APIRoute):
    """A route that reads its body as a StrictRequest and insists on application/json in UTF-8."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handle = super().get_route_handler()

        async def strict(request: Request) -> Response:
            if self.body_field is not None:
                _require_json(request.headers.get("content-type", ""))
            return await handle(StrictRequest(request.scope, request.receive))

        return strict


def strict_json(raw: bytes) -> Any:
    """JSON in UTF-8 without a byte order mark, double keys, NaN or bottomless nesting.

    raises  Problem 400, which does not repeat what was sent
    """
    try:
        return json.loads(raw.decode("utf-8"), object_pairs_hook=_once, parse_constant=_no_constant)
    except UnicodeDecodeError:
        raise Problem(400, "请求正文必须是 UTF-8 编码的 JSON", "malformed_json") from None
    except (ValueError, RecursionError):
        raise Problem(400, "请求正文不是有效的 JSON", "malformed_json") from None


def bare_media_type(content_type: str) -> str:
    """The media type without its parameters, in lower case."""
    return content_type.split(";")[0].strip().lower()


def json_response(
    body: Any, status: int = 200, *, generation: int | None = None, timing: Mapping[str, float] | None = None
) -> Response:
    """JSON as the contract writes it.

    generation  names the state of the index in an ETag
    timing      milliseconds by stage, told in Server-Timing
    """
    headers = {} if generation is None else {"ETag": f'"{generation}"'}
    if timing:
        headers["Server-Timing"] = ", ".join(f"{stage};dur={spent:.3f}" for stage, spent in timing.items())
    return Response(orjson.dumps(body), status, headers, "application/json")


def event(name: str, body: Any) -> bytes:
    """One server-sent event; JSON holds no raw line breaks, so one data line is enough."""
    return b"event: " + name.encode() + b"\ndata: " + orjson.dumps(body) + b"\n\n"


async def run(service: Service, deed: Callable[..., Result], *arguments: Any, **options: Any) -> Result:
    """Answer a question: at once where that takes a millisecond, in a thread where a large model must run."""
    if service.quick:
        return deed(*arguments, **options)
    return await asyncio.to_thread(partial(deed, *arguments, **options))


def _require_json(content_type: str) -> None:
    charset = _CHARSET.search(content_type)
    if bare_media_type(content_type) != "application/json":
        raise Problem(415, "请求正文必须是 application/json")
    if charset and charset[1].lower() not in ("utf-8", "utf8"):
        raise Problem(415, "请求正文必须是 UTF-8 编码的 JSON")


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a key occurs twice")
    return found


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is not JSON")
