"""Routes that answer: search, ask, analyze."""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from functools import partial
from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import StreamingResponse

from rag import logs
from rag.api import bodies
from rag.api.answering import PreparedQuestion, beating, generation_of, prepare, telling, told, whole_body
from rag.api.contract import answers
from rag.api.metrics import count_answer, count_search
from rag.api.problems import Problem, log_unexpected, problem_body, problem_of
from rag.api.wire import StrictRoute, event, json_response, run
from rag.reader.relevance import bundled_model
from rag.retrieval.analysis import analyse
from rag.schema import examples
from rag.schema.models import AnalyzeBody, AskBody, SearchBody
from rag.schema.requests import AnalyzeRequest, AskRequest, SearchRequest
from rag.service import Service

HEARTBEAT_SECONDS: Final = 10.0  # of silence after which a stream sends a comment
_STREAM_HEADERS: Final = {"X-Accel-Buffering": "no"}  # a proxy in between must not hold events back
_REFUSALS: Final = (400, 413, 415, 422, 503)

router = APIRouter(prefix="/v1", route_class=StrictRoute, tags=["问答"])


async def service_of(request: Request) -> Service:
    """The service that the app was made with; FastAPI would call a plain function in another thread."""
    service: Service = request.app.state.service
    return service


The = Annotated[Service, Depends(service_of)]

_ask_answers = answers(
    AskBody, examples.ASK, "回答；stream 为 true 或 Accept 为 text/event-stream 时是事件流", *_REFUSALS
)
_ask_answers[200]["content"]["text/event-stream"] = {"schema": {"type": "string"}, "example": examples.ASK_STREAM}


@router.post(
    "/search",
    summary="检索段落",
    response_model=None,
    responses=answers(SearchBody, examples.SEARCH, "段落，最相关的在前", *_REFUSALS),
)
async def search(body: SearchRequest, request: Request, service: The) -> Response:
    """按相关度给出段落，每个段落附一条精确到字的引用。没有结果时返回空列表，状态仍是 200。"""
    _check_length(service, "#/query", body.query)
    logs.note(question=body.query)
    answer = await run(service, _search, service, body)
    count_search(request, answer)
    return json_response(answer, generation=answer["generation"], timing=answer["timing_ms"])


@router.post("/ask", summary="提问", response_model=None, responses=_ask_answers)
async def ask(body: AskRequest, request: Request, service: The) -> Response:
    """给出由原文句子组成的简短回答，逐句注明出处；语料里没有答案时 status 为 no_answer。

    事件流依次是：retrieval（段落）、delta（一句回答）与它的 citation、done（完整的回答）；
    出错时以 error（错误对象）结束；久无事件时有一行注释保持连接。
    """
    _check_length(service, "#/question", body.question)
    logs.note(question=body.question)
    if body.stream or "text/event-stream" in request.headers.get("accept", ""):
        return StreamingResponse(_stream(service, body, request), 200, _STREAM_HEADERS, "text/event-stream")
    prepared = await _prepared(service, body)
    answer = whole_body(prepared, await told(generation_of(request), prepared, body.generate))
    count_answer(request, answer)
    return json_response(answer, generation=answer["generation"], timing=answer["timing_ms"])


@router.post(
    "/analyze",
    summary="分析文字",
    response_model=None,
    responses=answers(AnalyzeBody, examples.ANALYZE, "折叠后的文字和词", 400, 413, 415, 422),
)
async def analyze(body: AnalyzeRequest, service: The) -> Response:
    """显示文字折叠（繁简、全半角、数字单位）后的样子、切出的词、数量，以及词典认出了什么；start、end 指向原文。"""
    found = analyse(body.text, service.retriever)
    return json_response(bodies.analysis_body(body.text, found), generation=found.snapshot.generation)


def _search(service: Service, body: SearchRequest) -> dict[str, Any]:
    model = bundled_model() if body.explain else None

    def searched() -> dict[str, Any]:
        only = body.filter.only if body.filter else None
        retrieval = service.search(body.query, body.top_k, body.mode, only)
        return bodies.search_body(retrieval, service.index, model)

    return service.steadily(searched)


async def _stream(service: Service, body: AskRequest, request: Request) -> AsyncGenerator[bytes]:
    """The answer as events; whatever goes wrong ends the stream with an event `error`."""
    try:
        async with aclosing(beating(_events(service, body, request), HEARTBEAT_SECONDS)) as events:
            async for told_now in events:
                yield b": still at work\n\n" if told_now is None else told_now
    except Exception as error:
        request_id = request.scope["request_id"]
        log_unexpected(error, request_id)
        yield event("error", problem_body(problem_of(error), request.scope["path"], request_id))


async def _events(service: Service, body: AskRequest, request: Request) -> AsyncGenerator[bytes]:
    """Passages first, then the answer sentence by sentence with its citations, then the whole."""
    prepared = await _prepared(service, body)
    yield event("retrieval", {name: prepared.body[name] for name in ("passages", "generation")})
    teller = telling(generation_of(request), prepared, body.generate)
    async with aclosing(teller.sentences()) as sentences:
        async for said in sentences:
            marks = "".join(f"[{number}]" for number in said.statement.citations)
            yield event("delta", {"text": said.statement.text + marks})
            for citation in said.citations:
                yield event("citation", bodies.citation_body(citation))
    answer = whole_body(prepared, teller.outcome())
    count_answer(request, answer)
    if not answer["statements"]:
        yield event("delta", {"text": answer["answer"]})
    yield event("done", answer)


async def _prepared(service: Service, body: AskRequest) -> PreparedQuestion:
    earlier = [turn.content for turn in body.history if turn.role == "user"]
    only = body.filter.only if body.filter else None
    spelled = partial(prepare, spelling=body.spelling == "auto")
    return await run(service, spelled, service, body.question, earlier, body.top_k, only)


def _check_length(service: Service, pointer: str, text: str) -> None:
    limit = service.settings.max_question
    if len(text) > limit:
        raise Problem(422, f"问题太长：最多 {limit} 个字符", errors=[(pointer, f"太长：最多 {limit} 个字符")])
