"""OpenAI's contract: chat completions and models, so that its clients can ask here without a change.

The last message of the user is the question, the user's messages before it the history. Instructions of the
client (system, developer) are not for a service that only says what its documents say, and are ignored.
"""

import time
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Annotated, Any, Final, Literal

import orjson
from fastapi import APIRouter, Request, Response
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, ConfigDict, Field

from rag import logs
from rag.api.answering import PreparedQuestion, beating, generation_of, prepare, telling, told
from rag.api.dialects import openai_error
from rag.api.metrics import count_answer
from rag.api.problems import Problem, log_unexpected, problem_body, problem_of
from rag.api.question_routes import HEARTBEAT_SECONDS, The
from rag.api.readable import Readable
from rag.api.wire import StrictRoute, json_response, run
from rag.generation.task import Worded
from rag.schema.requests import QUESTION_LIMIT

MODEL: Final = "hangzhou-rag"
EXTRACTIVE_MODEL: Final = "hangzhou-rag-extractive"  # never worded by an LLM
TOP_K: Final = 5
MOST_MESSAGES: Final = 1000

_CREATED: Final = 1_700_000_000  # clients want a time; the models do not change
_STREAM_HEADERS: Final = {"X-Accel-Buffering": "no", "Cache-Control": "no-store"}

router = APIRouter(prefix="/v1", route_class=StrictRoute, include_in_schema=False)  # described by OpenAI


class _Lenient(BaseModel):
    """Clients send many fields that mean nothing here: temperature, tools, user …"""

    model_config = ConfigDict(extra="ignore", strict=True, frozen=True)


class TextPart(_Lenient):
    """消息的一部分；只支持文字。"""

    type: Literal["text", "input_text"] = Field(description="只能是 text")
    text: str = Field(description="文字")


class ChatMessage(_Lenient):
    """一条消息。"""

    role: Literal["system", "developer", "user", "assistant", "tool", "function"] = Field(description="谁说的")
    content: str | list[TextPart] | None = Field(None, description="说了什么")

    @property
    def text(self) -> str:
        if isinstance(self.content, list):
            return "\n".join(part.text for part in self.content)
        return self.content or ""


class StreamOptions(_Lenient):
    """流的选项。"""

    include_usage: bool = Field(False, description="最后给出用量")


class ChatRequest(_Lenient):
    """对话补全；最后一条 user 消息是问题，其余未列出的字段被忽略。"""

    model: Annotated[str, Field(max_length=200)] = Field(
        MODEL, description=f"{MODEL}，或从不用大模型的 {EXTRACTIVE_MODEL}"
    )
    messages: list[ChatMessage] = Field(
        min_length=1,
        max_length=MOST_MESSAGES,
        description="对话，从旧到新",
        examples=[[{"role": "user", "content": "linkpark产业社区占地多少亩？"}]],
    )
    stream: bool | None = Field(False, description="以事件流返回")
    stream_options: StreamOptions | None = Field(None, description="流的选项")
    n: Literal[1] | None = Field(None, description="只能是 1")


@router.post("/chat/completions", summary="对话补全（OpenAI 兼容）", response_model=None)
async def complete(body: ChatRequest, request: Request, service: The) -> Response:
    """用 OpenAI 的客户端提问：回答末尾列出来源，每个引用编号在 annotations 里有一条带位置的引用。"""
    question, earlier = _turns(body)
    limit = service.settings.max_question
    if len(question) > limit:
        raise Problem(422, f"问题太长：最多 {limit} 个字符", errors=[("#/messages", f"最多 {limit} 个字符")])
    logs.note(question=question)
    prepared = await run(service, prepare, service, question, earlier, TOP_K)
    completion = _Completion(body, request, prepared)
    if body.stream:
        return StreamingResponse(completion.stream(), 200, _STREAM_HEADERS, "text/event-stream")
    answer = await completion.whole()
    return json_response(answer, generation=prepared.reply.retrieval.generation)


@router.get("/models", summary="模型列表（OpenAI 兼容）", response_model=None)
async def models() -> Response:
    """可选的 model：由大模型措辞（若已配置）的，和只摘录原文的。"""
    return json_response({"object": "list", "data": [_model(name) for name in (MODEL, EXTRACTIVE_MODEL)]})


@router.get("/models/{name}", summary="一个模型（OpenAI 兼容）", response_model=None)
async def model(name: str) -> Response:
    """模型的说明。"""
    if name not in (MODEL, EXTRACTIVE_MODEL):
        raise Problem(404, "没有这个模型", "model_not_found")
    return json_response(_model(name))


class _Completion:
    """One answer in OpenAI's words."""

    def __init__(self, body: ChatRequest, request: Request, prepared: PreparedQuestion) -> None:
        self._prepared = prepared
        self._request = request
        self._generation = generation_of(request)
        self._generate = False if body.model == EXTRACTIVE_MODEL else None
        self._usage_wanted = body.stream_options is not None and body.stream_options.include_usage
        self._frame = {
            "id": f"chatcmpl-{request.scope['request_id']}",
            "created": int(time.time()),
            "model": EXTRACTIVE_MODEL if body.model == EXTRACTIVE_MODEL else MODEL,
            "system_fingerprint": f"generation-{prepared.reply.retrieval.generation}",
        }

    async def whole(self) -> dict[str, Any]:
        worded = await told(self._generation, self._prepared, self._generate)
        count_answer(self._request, self._prepared.body, worded.degraded)
        text = Readable(self._prepared.body["passages"])
        for statement in worded.answer.statements:
            text.say(statement)
        text.end(worded.answer)
        annotations = text.annotations(worded.answer)
        message = {"role": "assistant", "content": text.text, "refusal": None, "annotations": annotations}
        choice = {"index": 0, "message": message, "finish_reason": "stop", "logprobs": None}
        completion = {"object": "chat.completion", "choices": [choice], "usage": self._usage(text)}
        return self._frame | completion | {"rag": self._about(worded)}

    async def stream(self) -> AsyncGenerator[bytes]:
        """Chunks sentence by sentence, the sources, the annotations, the end; an error ends the stream as such."""
        try:
            async with aclosing(self._chunks()) as chunks:
                async for chunk in chunks:
                    yield b": still at work\n\n" if chunk is None else b"data: " + orjson.dumps(chunk) + b"\n\n"
            yield b"data: [DONE]\n\n"
        except Exception as error:
            request_id = self._request.scope["request_id"]
            log_unexpected(error, request_id)
            problem = problem_body(problem_of(error), self._request.scope["path"], request_id)
            yield b"data: " + orjson.dumps(openai_error(problem)) + b"\n\n"

    async def _chunks(self) -> AsyncGenerator[dict[str, Any] | None]:
        text = Readable(self._prepared.body["passages"])
        teller = telling(self._generation, self._prepared, self._generate)
        yield self._chunk({"role": "assistant", "content": ""})
        async with aclosing(beating(teller.sentences(), HEARTBEAT_SECONDS)) as sentences:
            async for said in sentences:
                yield None if said is None else self._chunk({"content": text.say(said.statement)})
        worded = teller.outcome()
        count_answer(self._request, self._prepared.body, worded.degraded)
        yield self._chunk({"content": text.end(worded.answer)})
        yield self._chunk({"annotations": text.annotations(worded.answer)})
        yield self._chunk({}, "stop") | {"rag": self._about(worded)}
        if self._usage_wanted:
            yield self._frame | {"object": "chat.completion.chunk", "choices": [], "usage": self._usage(text)}

    def _chunk(self, delta: dict[str, Any], finish: str | None = None) -> dict[str, Any]:
        choice = {"index": 0, "delta": delta, "finish_reason": finish, "logprobs": None}
        return self._frame | {"object": "chat.completion.chunk", "choices": [choice]}

    def _usage(self, text: Readable) -> dict[str, int]:
        """Counted in code points: there are no tokens here that would cost anything."""
        asked, answered = len(self._prepared.reply.question), len(text.text)
        return {"prompt_tokens": asked, "completion_tokens": answered, "total_tokens": asked + answered}

    def _about(self, worded: Worded) -> dict[str, Any]:
        """What OpenAI's contract has no field for."""
        body = self._prepared.body
        told = {name: body[name] for name in ("status", "relevance", "resolved_question", "generation")}
        return told | {
            "generated_by": worded.generated_by,
            "degraded": [*self._prepared.reply.retrieval.degraded, *worded.degraded],
        }


def _turns(body: ChatRequest) -> tuple[str, list[str]]:
    """The question, and the user's messages before it.

    raises  Problem 422 if nothing is asked
    """
    asked = [message.text for message in body.messages if message.role == "user"]
    if not asked or not any(character.isprintable() and not character.isspace() for character in asked[-1]):
        raise Problem(422, "没有问题：最后一条 user 消息不能为空", errors=[("#/messages", "没有问题")])
    return asked[-1], [text[:QUESTION_LIMIT] for text in asked[:-1] if text.strip()]


def _model(name: str) -> dict[str, Any]:
    return {"id": name, "object": "model", "created": _CREATED, "owned_by": "hangzhou-rag"}
