"""Routes that answer: search, ask, analyze."""

from collections.abc import Iterator
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import StreamingResponse

from corpus.folding import fold
from rag.api import bodies
from rag.api.models import AnalyzeBody, AnalyzeRequest, AskBody, AskRequest, SearchBody, SearchRequest
from rag.api.problems import Problem
from rag.api.wire import StrictRoute, event, json_response, run
from rag.relevance import bundled_model
from rag.service import Reply, Service

router = APIRouter(prefix="/v1", route_class=StrictRoute)


def service_of(request: Request) -> Service:
    """The service that the app was made with."""
    service: Service = request.app.state.service
    return service


The = Annotated[Service, Depends(service_of)]


@router.post("/search", summary="检索段落", tags=["问答"], response_model=None, responses={200: {"model": SearchBody}})
async def search(body: SearchRequest, service: The) -> Response:
    """按相关度给出段落，每个段落附一条精确到字的引用。没有结果时返回空列表，状态仍是 200。"""
    _check_length(service, body.query)
    only = {name: [value] if isinstance(value, str) else value for name, value in (body.filter or {}).items()}
    try:
        answer = await run(service, _search, service, body, only)
        return json_response(answer, generation=answer["generation"])
    except ValueError as error:
        raise Problem(422, "filter 中有未知的字段", errors=[("#/filter", str(error))]) from None


@router.post("/ask", summary="提问", tags=["问答"], response_model=None, responses={200: {"model": AskBody}})
async def ask(body: AskRequest, request: Request, service: The) -> Response:
    """给出由原文句子组成的简短回答，逐句注明出处；语料里没有答案时 status 为 no_answer。"""
    _check_length(service, body.question)
    earlier = [turn.content for turn in body.history if turn.role == "user"]
    reply, answer = await run(service, _ask, service, body, earlier)
    if body.stream or "text/event-stream" in request.headers.get("accept", ""):
        return StreamingResponse(_events(answer), media_type="text/event-stream")
    return json_response(answer, generation=reply.retrieval.generation)


@router.post("/analyze", summary="分析文字", tags=["问答"], response_model=None, responses={200: {"model": AnalyzeBody}})
async def analyze(body: AnalyzeRequest, service: The) -> Response:
    """显示文字折叠（繁简、全半角、数字单位）后的样子和切出的词；start、end 指向原文。"""
    folded = fold(body.text)
    words = []
    for token in service.index.tokeniser.tokens(folded.text):
        start, end = folded.raw_span(token.start, token.end)
        words.append({"text": token.text, "start": start, "end": end})
    grams = service.index.tokeniser.grams(folded.text)
    return json_response({"text": body.text, "folded": folded.text, "words": words, "grams": grams})


def _search(service: Service, body: SearchRequest, only: dict[str, list[str]]) -> Any:
    retrieval = service.search(body.query, body.top_k, body.mode, only)
    return bodies.search_body(retrieval, service.index, bundled_model() if body.explain else None)


def _ask(service: Service, body: AskRequest, earlier: list[str]) -> tuple[Reply, dict[str, Any]]:
    reply = service.ask(body.question, earlier, body.top_k)
    degraded = ["generation_unavailable"] if body.generate else []
    return reply, bodies.reply_body(reply, service.index, degraded)


def _events(answer: dict[str, Any]) -> Iterator[bytes]:
    """Passages first, then the answer sentence by sentence with its citations, then the whole."""
    yield event("retrieval", {"passages": answer["passages"], "generation": answer["generation"]})
    cited = {citation["index"]: citation for citation in answer["citations"]}
    if not answer["statements"]:
        yield event("delta", {"text": answer["answer"]})
    for statement in answer["statements"]:
        marks = "".join(f"[{number}]" for number in statement["citations"])
        yield event("delta", {"text": statement["text"] + marks})
        for number in statement["citations"]:
            yield event("citation", cited[number])
    yield event("done", answer)


def _check_length(service: Service, text: str) -> None:
    limit = service.settings.max_question
    if len(text) > limit:
        raise Problem(422, f"问题太长：最多 {limit} 个字符")
