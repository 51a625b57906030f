"""Answering: a question asked of the service and, where there is one, worded by an LLM; whole or sentence by sentence.

All that is said to one question comes from one generation of the index: the passages and their documents are
read before the LLM is asked, so that a deletion meanwhile changes nothing.
"""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from fastapi import Request

from rag.api.bodies import citation_body, reply_body
from rag.generation.faithfulness.sentence_checks import Said, quoted
from rag.generation.llm_errors import Degraded
from rag.generation.task import EXTRACTIVE, Task, Worded, task_of
from rag.query.filters import Filter
from rag.service import Reply, Service

if TYPE_CHECKING:
    from rag.generation.wording import Generation

Item = TypeVar("Item")


@dataclass(frozen=True, slots=True)
class PreparedQuestion:
    """Everything known before anything is worded. body: the answer of the contract, made of quotes."""

    reply: Reply
    body: dict[str, Any]
    task: Task


class Telling(Protocol):
    """An answer being told: take its sentences, then ask for the outcome."""

    def sentences(self) -> AsyncGenerator[Said]: ...
    def outcome(self) -> Worded: ...


def generation_of(request: Request) -> "Generation | None":
    """The LLM that the app was given, if any."""
    held: Generation | None = getattr(request.app.state, "generation", None)
    return held


def prepare(
    service: Service,
    question: str,
    earlier: Sequence[str],
    top_k: int,
    only: Filter | None = None,
    *,
    spelling: bool = True,
) -> PreparedQuestion:
    """Find and quote.

    earlier  the user's questions before it, oldest first
    only     the documents to answer from pass this filter
    raises   StaleSnapshot if the documents change faster than they can be read
    """

    def found() -> PreparedQuestion:
        reply = service.ask(question, earlier, top_k, only, spelling=spelling)
        body = reply_body(reply, service.index, [])
        return PreparedQuestion(
            reply, body, task_of(reply.resolved, reply.answer, reply.retrieval, service.index.document)
        )

    return service.steadily(found)


def telling(generation: "Generation | None", prepared: PreparedQuestion, generate: bool | None) -> Telling:
    """Begin to tell. generate: whether an LLM is wanted; None leaves it to what is configured."""
    if generation is None or generate is False:
        return Quoting(prepared.task, ("generation_unavailable",) if generate else ())
    return generation.write(prepared.task)


async def told(generation: "Generation | None", prepared: PreparedQuestion, generate: bool | None) -> Worded:
    """The whole answer at once."""
    if generation is None or generate is False:
        return telling(None, prepared, generate).outcome()
    return await generation.word(prepared.task)


def whole_body(prepared: PreparedQuestion, worded: Worded) -> dict[str, Any]:
    """The answer of the contract with these words."""
    answer = worded.answer
    return prepared.body | {
        "answer": answer.text,
        "statements": [{"text": one.text, "citations": one.citations, "kind": one.kind} for one in answer.statements],
        "disagreement": answer.disagreement,
        "unanswered": answer.unanswered,
        "gaps": answer.gaps,
        "citations": [citation_body(citation) for citation in answer.citations],
        "generated_by": worded.generated_by,
        "degraded": [*prepared.reply.retrieval.degraded, *worded.degraded],
    }


class Quoting:
    """Tells the extractive answer, statement by statement."""

    def __init__(self, task: Task, degraded: tuple[Degraded, ...]) -> None:
        self._answer = task.extractive
        self._degraded = degraded

    async def sentences(self) -> AsyncGenerator[Said]:
        """The statements of the answer."""
        for said in quoted(self._answer):
            yield said

    def outcome(self) -> Worded:
        return Worded(self._answer, EXTRACTIVE, self._degraded)


async def beating(items: AsyncGenerator[Item], seconds: float) -> AsyncGenerator[Item | None]:
    """The items as they come, and a None for each so many seconds of silence."""
    async with aclosing(items):
        waiting = asyncio.ensure_future(anext(items, _END))
        try:
            while True:
                if not (await asyncio.wait({waiting}, timeout=seconds))[0]:
                    yield None
                    continue
                item = waiting.result()
                if isinstance(item, _End):
                    return
                yield item
                waiting = asyncio.ensure_future(anext(items, _END))
        finally:
            waiting.cancel()
            await asyncio.gather(waiting, return_exceptions=True)


class _End:
    """What comes after the last item."""


_END = _End()
