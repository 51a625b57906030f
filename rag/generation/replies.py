"""Replies of an OpenAI-compatible server, read with caps on every size: server-sent events, or one JSON object."""

from collections.abc import AsyncGenerator, AsyncIterator
from dataclasses import dataclass
from typing import Any, Final

import orjson

from rag.generation.llm_errors import GenerationFailed

MOST_BYTES: Final = 2**20  # of a whole reply; 2,048 tokens, an event each, are half of that
LONGEST_LINE: Final = 64 * 1024  # bytes


@dataclass(frozen=True, slots=True)
class ReplyPiece:
    """A piece of the answer; empty while the model thinks. finish: why it ended, "" before the end."""

    text: str
    finish: str = ""


async def stream_pieces(chunks: AsyncIterator[bytes]) -> AsyncGenerator[ReplyPiece]:
    """Pieces of an event stream until [DONE] or its end; what comes after [DONE] is not read.

    raises  GenerationFailed for a line or a reply that is too long, for what is not an answer, and for a stream
            that ends without [DONE] or a reason: a server that dies looks like that
    """
    finished = False
    async for told in _data(chunks):
        if told == b"[DONE]":
            return
        if piece := _event_piece(_json(told)):
            finished = finished or bool(piece.finish)
            yield piece
    _require(finished, "the stream broke off")


async def whole_piece(chunks: AsyncIterator[bytes]) -> ReplyPiece:
    """The one piece of a reply that is a single JSON object."""
    raw = bytearray()
    async for chunk in chunks:
        raw += chunk
        _require(len(raw) <= MOST_BYTES, "the reply is too long")
    choice = _first_choice(_json(bytes(raw)))
    _require(choice is not None, "the reply has no choice")
    return _piece(choice or {}, "message", required=True)


async def _data(chunks: AsyncIterator[bytes]) -> AsyncGenerator[bytes]:
    """What stands on the data lines, comments and empty ones left out; the last line may lack its end."""
    seen = 0
    rest = b""
    async for chunk in chunks:
        seen += len(chunk)
        _require(seen <= MOST_BYTES, "the reply is too long")
        *complete, rest = (rest + chunk).split(b"\n")
        _require(max(map(len, (rest, *complete))) <= LONGEST_LINE, "a line of the reply is too long")
        for told in [line[5:].strip() for line in complete if line.startswith(b"data:")]:
            if told:
                yield told
    if rest.startswith(b"data:"):
        yield rest[5:].strip()


def _event_piece(event: dict[str, Any]) -> ReplyPiece | None:
    """The piece in one event; None for one that tells only about usage."""
    choice = _first_choice(event)
    return None if choice is None else _piece(choice, "delta", required=False)


def _piece(choice: dict[str, Any], name: str, *, required: bool) -> ReplyPiece:
    told = choice.get(name) or {}
    _require(isinstance(told, dict), f"{name} is not an object")
    text = told.get("content")
    _require(isinstance(text, str) or (text is None and not required), "content is not text")
    finish = choice.get("finish_reason") or ""
    _require(isinstance(finish, str), "finish_reason is not text")
    return ReplyPiece(text or "", finish)


def _first_choice(told: dict[str, Any]) -> dict[str, Any] | None:
    _require("error" not in told, "the server reports an error")
    choices = told.get("choices")
    _require(isinstance(choices, list), "choices is not a list")
    if not choices:
        return None
    _require(isinstance(choices[0], dict), "a choice is not an object")
    first: dict[str, Any] = choices[0]
    return first


def _json(raw: bytes) -> dict[str, Any]:
    try:
        told = orjson.loads(raw)
    except orjson.JSONDecodeError:
        raise GenerationFailed("the reply is not JSON") from None
    _require(isinstance(told, dict), "the reply is not a JSON object")
    found: dict[str, Any] = told
    return found


def _require(holds: bool, otherwise: str) -> None:
    if not holds:
        raise GenerationFailed(otherwise)
