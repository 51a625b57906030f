"""The route by which an LLM proposes similar questions (问法); they are used only once somebody approves them."""

import asyncio
from typing import Any, Final

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, Field

from index.store.similar_questions import SimilarQuestionRefused
from rag.api.answering import generation_of
from rag.api.bodies import similar_question_body
from rag.api.contract import answers
from rag.api.document_routes import checked_id
from rag.api.problems import Problem
from rag.api.question_routes import The
from rag.api.similar_question_routes import PlacedRequest, no_document, problem_of_refusal
from rag.api.wire import StrictRoute, json_response
from rag.content import similar_questions
from rag.content.similar_questions import NoSuchDocument
from rag.generation.question_proposals import MOST_PASSAGES, propose
from rag.schema import examples
from rag.schema.document_models import SimilarQuestionBody


class ProposalsRequest(PlacedRequest):
    """请大模型提议问法。"""

    accept: bool = Field(default=False, description="不等批准，直接用于检索")


class ProposalsBody(BaseModel):
    """提议的结果。"""

    askings: list[SimilarQuestionBody] = Field(description="新保存的问法")
    dropped: int = Field(description="大模型写了而不能用或已经有的，有多少行")
    open: int = Field(description="还没有轮到的段落数；再次调用会接着做")
    degraded: list[str] = Field(description="大模型中途出的问题；平常为空")
    generation: int = Field(description="索引的代")


_EXAMPLE: Final = {
    "askings": [examples.SIMILAR_QUESTION | {"state": "proposed", "origin": "llm"}],
    "dropped": 1,
    "open": 0,
    "degraded": [],
    "generation": 13,
}
_FAILED: Final = "大模型没有给出可用的问法，请稍后再试"

router = APIRouter(prefix="/v1/documents/{document_id}/similar-questions", route_class=StrictRoute, tags=["文档"])


@router.post(
    "/proposals",
    summary="提议问法",
    description=f"请大模型为段落提议问法，一次最多 {MOST_PASSAGES} 个段落；存为 proposed，批准后才用于检索。",
    response_model=None,
    responses=answers(ProposalsBody, _EXAMPLE, "提议的问法", 400, 404, 413, 415, 422, 503, 507),
)
async def proposals(document_id: str, body: ProposalsRequest, request: Request, service: The) -> Response:
    """Refusals: 404 without the document, 503 without an LLM or where it says nothing."""
    wanted, generation = checked_id(document_id), generation_of(request)
    if generation is None:
        raise Problem(503, "没有配置大模型，无法提议问法；请联系管理员", "generation_unavailable")
    snapshot = service.index.snapshot
    entry = snapshot.documents.get(wanted)
    if entry is None:
        raise no_document()
    document, known = service.index.document(entry), snapshot.similar_questions.get(wanted, ())
    try:
        said = await propose(generation, service.index.tokeniser, document, body.place, known)
        added = await asyncio.to_thread(
            similar_questions.add_all, service.index, wanted, said.drafts, "llm", approved=body.accept
        )
    except SimilarQuestionRefused as refusal:
        raise problem_of_refusal(refusal) from None
    except NoSuchDocument:
        raise no_document() from None
    if said.degraded and not said.drafts:
        raise Problem(503, _FAILED, said.degraded[0], headers={"Retry-After": "30"})
    told: dict[str, Any] = {
        "askings": [similar_question_body(one) for one in added.kept],
        "dropped": said.dropped + len(added.refused),
        "open": said.open,
        "degraded": said.degraded,
        "generation": added.generation,
    }
    return json_response(told, generation=added.generation)
