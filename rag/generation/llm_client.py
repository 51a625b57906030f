"""The endpoint: one OpenAI-compatible address, asked carefully.  [httpx]

No redirect is followed, no proxy of the environment is used, nothing compressed is unpacked; every wait has
a deadline, every size a cap, and at most one retry fits inside the deadline. What comes back is data.
"""

import asyncio
import logging
import re
import time
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from typing import Final, Self
from urllib.parse import urlsplit

import httpx

from rag.generation.llm_errors import GenerationFailed, GenerationProblem, GenerationTimeout, GenerationUnavailable
from rag.generation.prompt import Message
from rag.generation.replies import ReplyPiece, stream_pieces, whole_piece
from rag.retrieval.circuit_breaker import Breaker

MOST_AT_ONCE: Final = 16  # requests under way; more are refused at once rather than queued
MOST_TOKENS: Final = 2048  # that the model is asked to stay within, its thoughts included
MOST_TEXT: Final = 20_000  # code points that it may say nevertheless
RETRY_AFTER: Final = 0.2  # seconds

_KEY: Final = re.compile(r"[!-~]*")
_TRANSIENT: Final = (500, 502, 503, 504)

log = logging.getLogger(__name__)
for _name in ("httpx", "httpcore"):  # they would log addresses, and headers at level debug
    logging.getLogger(_name).setLevel(logging.WARNING)


@dataclass(frozen=True, slots=True)
class Deadlines:
    """Seconds: to connect, to the first piece, from piece to piece, and for everything."""

    connect: float
    first: float
    between: float
    total: float

    @classmethod
    def within(cls, total: float) -> Self:
        """Deadlines for an answer in so many seconds; a small model on a CPU may need most of them to begin."""
        return cls(min(2.0, total), 0.8 * total, min(5.0, total / 2), total)


class Endpoint:
    """Asks one model at one address. Used by one event loop at a time.

    address  of the API without its last part, as in http://127.0.0.1:11434/v1
    key      sent as a bearer token, and nowhere else
    raises   ValueError for an address or a key that cannot be used, without repeating it
    """

    def __init__(self, address: str, model: str, key: str, deadlines: Deadlines) -> None:
        self._url = _require_address(address)
        if not _KEY.fullmatch(key):
            raise ValueError("the key of the LLM may hold printable ASCII characters only")
        if not model.strip():
            raise ValueError("the LLM needs the name of a model")
        self.model = model
        self._key = key
        self._deadlines = deadlines
        self._breaker = Breaker()
        self._at_once = 0
        self._client: httpx.AsyncClient | None = None

    def __repr__(self) -> str:
        return f"Endpoint({self.model!r})"

    async def pieces(self, messages: Sequence[Message]) -> AsyncGenerator[ReplyPiece]:
        """The model's answer piece by piece.

        raises  GenerationProblem, also in the middle of an answer
        """
        if self._at_once >= MOST_AT_ONCE or not self._breaker.enter():
            raise GenerationUnavailable("it is not asked: too many requests, or too many failures in a row")
        self._at_once += 1
        began = time.monotonic()
        ended = False
        try:
            async with aclosing(self._patiently(messages, began + self._deadlines.total)) as pieces:
                said = 0
                async for piece in pieces:
                    said += len(piece.text)
                    if said > MOST_TEXT:
                        raise GenerationFailed("the answer is too long")
                    yield piece
            self._breaker.succeed()
            ended = True
        except GenerationProblem as problem:
            log.warning("generation stopped after %.2f s: %s", time.monotonic() - began, problem)
            self._breaker.fail()
            ended = True
            raise
        finally:
            self._at_once -= 1
            if not ended:
                self._breaker.leave()

    async def close(self) -> None:
        client, self._client = self._client, None
        if client is not None:
            await client.aclose()

    async def _patiently(self, messages: Sequence[Message], until: float) -> AsyncGenerator[ReplyPiece]:
        """Once more if the first try failed before it gave anything, and for a reason that may pass."""
        for attempt in (1, 2):
            begun = False
            try:
                async with aclosing(self._punctually(messages, until)) as pieces:
                    async for piece in pieces:
                        begun = True
                        yield piece
                return
            except GenerationProblem as problem:
                if begun or attempt == 2 or not problem.transient or time.monotonic() + RETRY_AFTER >= until:
                    raise
            await asyncio.sleep(RETRY_AFTER)

    async def _punctually(self, messages: Sequence[Message], until: float) -> AsyncGenerator[ReplyPiece]:
        """One request whose pieces all come in time. The time stands outside of every yield."""
        patience = self._deadlines.first
        async with aclosing(self._request(messages)) as pieces:
            while True:
                wait = min(patience, until - time.monotonic())
                try:
                    async with asyncio.timeout(max(0.0, wait)):
                        piece = await anext(pieces, None)
                except TimeoutError:
                    raise GenerationTimeout("it took too long") from None
                if piece is None:
                    return
                patience = self._deadlines.between
                yield piece

    async def _request(self, messages: Sequence[Message]) -> AsyncGenerator[ReplyPiece]:
        body = {
            "model": self.model,
            "messages": list(messages),
            "stream": True,
            "temperature": 0,
            "max_tokens": MOST_TOKENS,
        }
        headers = {"Authorization": f"Bearer {self._key}"} if self._key else {}
        try:
            async with self._opened().stream("POST", self._url, json=body, headers=headers) as response:
                _require_answer(response)
                if response.headers.get("content-type", "").startswith("application/json"):
                    yield await whole_piece(response.aiter_raw())
                    return
                async with aclosing(stream_pieces(response.aiter_raw())) as pieces:
                    async for piece in pieces:
                        yield piece
        except (httpx.ConnectError, httpx.ConnectTimeout) as error:
            raise GenerationUnavailable(f"no connection ({type(error).__name__})", transient=True) from None
        except httpx.TimeoutException as error:
            raise GenerationTimeout(f"it took too long ({type(error).__name__})") from None
        except (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError) as error:
            raise GenerationFailed(f"the connection broke ({type(error).__name__})", transient=True) from None

    def _opened(self) -> httpx.AsyncClient:
        if self._client is None:
            self._client = httpx.AsyncClient(
                trust_env=False,
                verify=self._url.startswith("https:"),  # reading the authorities takes a moment: only where needed
                follow_redirects=False,
                headers={"Accept": "text/event-stream, application/json", "Accept-Encoding": "identity"},
                timeout=httpx.Timeout(self._deadlines.total, connect=self._deadlines.connect),
                limits=httpx.Limits(max_connections=MOST_AT_ONCE, max_keepalive_connections=2),
            )
        return self._client


def _require_answer(response: httpx.Response) -> None:
    """A plain 200 with events or JSON; nothing else is read."""
    if response.status_code != 200:
        raise GenerationFailed(f"status {response.status_code}", transient=response.status_code in _TRANSIENT)
    if response.headers.get("content-encoding", "identity").lower() != "identity":
        raise GenerationFailed("the reply is compressed, though that was not asked for")
    if not response.headers.get("content-type", "").startswith(("text/event-stream", "application/json")):
        raise GenerationFailed("the reply is neither an event stream nor JSON")


def _require_address(address: str) -> str:
    """The URL to post to."""
    try:
        parts = urlsplit(address)
        usable = parts.scheme in ("http", "https") and bool(parts.hostname) and (parts.port or 1) > 0
    except ValueError:
        usable = False
    if not usable or parts.username or parts.password or parts.query or parts.fragment or not address.isascii():
        raise ValueError("the address of the LLM must look like http://127.0.0.1:11434/v1, without name or key in it")
    return address.rstrip("/").removesuffix("/chat/completions") + "/chat/completions"
