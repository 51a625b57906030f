"""On the wire: strict JSON in, fast JSON out, server-sent events."""

import asyncio
import json
from collections.abc import Callable, Coroutine
from functools import partial
from typing import Any, TypeVar

import orjson
from fastapi import Request, Response
from fastapi.routing import APIRoute

from rag.api.problems import Problem
from rag.service import Service

Result = TypeVar("Result")


class StrictRequest(Request):
    """A request whose JSON has no double keys, no NaN and no bottomless nesting, and is UTF-8."""

    async def json(self) -> Any:
        raw = await self.body()
        try:
            return json.loads(raw.decode("utf-8"), object_pairs_hook=_once, parse_constant=_no_constant)
        except UnicodeDecodeError:
            raise Problem(400, "请求正文必须是 UTF-8 编码的 JSON") from None
        except (ValueError, RecursionError):
            raise Problem(400, "请求正文不是有效的 JSON", "malformed_json") from None


class StrictRoute(APIRoute):
    """A route that reads its body as a StrictRequest and insists on application/json."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handle = super().get_route_handler()

        async def strict(request: Request) -> Response:
            if self.body_field is not None:
                media_type = request.headers.get("content-type", "").split(";")[0].strip().lower()
                if media_type != "application/json":
                    raise Problem(415, "请求正文必须是 application/json")
            return await handle(StrictRequest(request.scope, request.receive))

        return strict


def json_response(body: Any, status: int = 200, *, generation: int | None = None) -> Response:
    """JSON as the contract writes it; with a generation, an ETag that names it."""
    headers = {} if generation is None else {"ETag": f'"{generation}"'}
    return Response(orjson.dumps(body), status, headers, "application/json")


def event(name: str, body: Any) -> bytes:
    """One server-sent event; JSON holds no raw line breaks, so one data line is enough."""
    return b"event: " + name.encode() + b"\ndata: " + orjson.dumps(body) + b"\n\n"


async def run(service: Service, deed: Callable[..., Result], *arguments: Any, **options: Any) -> Result:
    """Answer a question: at once where that takes a millisecond, in a thread where a large model must run."""
    if service.quick:
        return deed(*arguments, **options)
    return await asyncio.to_thread(partial(deed, *arguments, **options))


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a key occurs twice")
    return found


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is not JSON")
