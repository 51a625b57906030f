"""Wording: an answer in the LLM's words as far as the passages bear them out, else the one made of quotes."""

from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from typing import Final

from index.lexical.tokeniser import Tokeniser
from rag.answer.citation import BrokenCitation
from rag.generation.drafts import Drafts
from rag.generation.faithfulness.sentence_checks import Checker, Said, quoted
from rag.generation.llm_client import Deadlines, Endpoint
from rag.generation.llm_errors import Degraded, GenerationProblem
from rag.generation.prompt import Message, messages
from rag.generation.replies import ReplyPiece
from rag.generation.task import EXTRACTIVE, Task, Worded

DEADLINE: Final = 20.0  # seconds
_CUT_SHORT: Final = ("length", "content_filter")


class Generation:
    """An LLM behind an OpenAI-compatible address (vLLM, Ollama, DeepSeek, Qwen …).

    deadline  seconds in which an answer must be there
    raises    ValueError for an address, model or key that cannot be used
    """

    def __init__(
        self, tokeniser: Tokeniser, address: str, model: str, key: str = "", deadline: float = DEADLINE
    ) -> None:
        self._tokeniser = tokeniser
        self._endpoint = Endpoint(address, model, key, Deadlines.within(deadline))

    @property
    def model(self) -> str:
        return self._endpoint.model

    async def word(self, task: Task) -> Worded:
        """The whole answer; the extractive one, marked, where the LLM does not come to a good end."""
        writing = self.write(task)
        async with aclosing(writing.sentences()) as sentences:
            async for _ in sentences:
                pass
        worded = writing.outcome()
        return extractive(task, *worded.degraded, dropped=worded.dropped) if worded.degraded else worded

    def write(self, task: Task) -> "Writing":
        """The answer sentence by sentence."""
        return Writing(self._endpoint, task, self._tokeniser)

    def speak(self, messages: Sequence[Message]) -> AsyncGenerator[ReplyPiece]:
        """What the LLM says, unchecked.

        raises  GenerationProblem, also in the middle of it
        """
        return self._endpoint.pieces(messages)

    async def close(self) -> None:
        await self._endpoint.close()


class Writing:
    """One answer in the making: take its `sentences`, then ask for the `outcome`.

    What was said cannot be taken back: where the LLM breaks off after some sentences that hold, these are
    the answer, and it is marked as degraded.
    """

    def __init__(self, endpoint: Endpoint, task: Task, tokeniser: Tokeniser) -> None:
        self._endpoint = endpoint
        self._task = task
        self._checker = Checker(task, tokeniser)
        self._degraded: Degraded | None = None

    async def sentences(self) -> AsyncGenerator[Said]:
        """Checked sentences as they become complete; the quotes where none holds, nothing where nothing was found."""
        if self._task.extractive.status == "no_answer":
            return
        drafts, finish = Drafts(), ""
        try:
            async with aclosing(self._endpoint.pieces(messages(self._task))) as pieces:
                async for piece in pieces:
                    finish = piece.finish or finish
                    for draft in drafts.feed(piece.text):
                        if said := self._checker.check(draft):
                            yield said
            for draft in drafts.finish(whole=finish not in _CUT_SHORT):
                if said := self._checker.check(draft):
                    yield said
        except GenerationProblem as problem:
            self._degraded = problem.degraded
        except BrokenCitation:
            self._degraded = "generation_failed"
        for said in self._checker.unsaid() if self._checker.answer else quoted(self._task.extractive):
            yield said

    def outcome(self) -> Worded:
        """The answer, once the sentences have come to their end."""
        if self._task.extractive.status == "no_answer":
            return extractive(self._task)
        answer = self._checker.answer
        if answer is None:
            return extractive(self._task, self._degraded or "generation_unsupported", dropped=self._checker.dropped)
        degraded = (self._degraded,) if self._degraded else ()
        return Worded(answer, self._endpoint.model, degraded, self._checker.dropped)


def extractive(task: Task, *degraded: Degraded, dropped: int = 0) -> Worded:
    """The answer made of quotes, saying why no other is given."""
    return Worded(task.extractive, EXTRACTIVE, degraded, dropped)
