"""Routes for feedback: give it, take it back, read it, export it as questions."""

import asyncio
from typing import Annotated, Any, Final, Literal

from fastapi import APIRouter, Query, Request, Response

from rag.api.contract import answers, refused
from rag.api.metrics import count_feedback
from rag.api.paging import cursor_of, key_of
from rag.api.problems import Problem
from rag.api.question_routes import The
from rag.api.wire import StrictRoute, json_response
from rag.content.feedback_questions import exported, jsonl, standing
from rag.content.feedback_record import Feedback, FeedbackEntry, PassageShown
from rag.content.feedback_store import FeedbackFull, OthersFeedback, Wanted
from rag.schema import examples
from rag.schema.feedback_models import FeedbackListBody, FeedbackQuery, FeedbackRequest, GivenBody
from rag.service import Service

JSON_LINES: Final = "application/jsonl"
LONGEST_ID: Final = 64  # characters

_given_answers = {201: answers(GivenBody, examples.GIVEN, "收下了")[200], **refused(400, 403, 413, 415, 422, 503, 507)}
_exported_answers: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "每行一题",
        "content": {JSON_LINES: {"schema": {"type": "string"}, "example": examples.EXPORTED}},
    },
    **refused(422, 503),
}

router = APIRouter(prefix="/v1/feedback", route_class=StrictRoute, tags=["反馈"])


@router.post("", summary="评价回答", status_code=201, response_model=None, responses=_given_answers)
async def give(body: FeedbackRequest, request: Request, service: The) -> Response:
    """评价一个回答是否有帮助。问题的文字只在这里保存，可用返回的 id 收回，过期自动删除，不进日志。"""
    if service.settings.feedback == "off":
        raise Problem(403, "管理员关闭了反馈（RAG_FEEDBACK=off）", "feedback_off")
    for name, text in (("question", body.question), ("resolved", body.resolved or "")):
        if len(text) > service.settings.max_question:
            limit = f"太长：最多 {service.settings.max_question} 个字符"
            raise Problem(422, f"问题{limit}", errors=[(f"#/{name}", limit)])
    feedback = service.steadily(lambda: _feedback(body, service))
    try:
        entry_id = await asyncio.to_thread(service.feedback.add, feedback, request.scope.get("caller", ""))
    except FeedbackFull:
        raise Problem(507, "反馈已存满，没有收下；请管理员导出后删除一些", "feedback_full") from None
    count_feedback(request, body.helpful, body.reason)
    return json_response({"id": entry_id}, 201)


@router.delete(
    "/{feedback_id}",
    summary="收回评价",
    status_code=204,
    response_model=None,
    responses={204: {"description": "已删除，或本来就没有"}, **refused(403, 422, 503, 507)},
)
async def take_back(feedback_id: str, request: Request, service: The) -> Response:
    """从磁盘上删除一条评价；重复删除同样返回 204。ask 权限只能收回用同一个密钥提交的。"""
    if len(feedback_id) > LONGEST_ID or not feedback_id.isalnum() or not feedback_id.isascii():
        raise Problem(422, "反馈编号无效：请使用提交时得到的 id", errors=[("#/feedback_id", "取值无效")])
    owner = request.scope.get("caller", "") if request.scope.get("role") == "ask" else None
    try:
        await asyncio.to_thread(service.feedback.remove, feedback_id, owner)
    except OthersFeedback:
        raise Problem(403, "这条反馈是用另一个密钥提交的，只有那个密钥或管理员能收回", "others_feedback") from None
    return Response(status_code=204)


@router.get(
    "",
    summary="列出评价",
    response_model=None,
    responses=answers(FeedbackListBody, examples.FEEDBACK, "一页评价，最新的在前", 422, 503),
)
async def list_feedback(wanted: Annotated[FeedbackQuery, Query()], service: The) -> Response:
    """按是否有帮助、原因和日期筛选；standing 说明引文是否还在原处。"""
    before = None if wanted.cursor is None else key_of(wanted.cursor)
    which = Wanted(wanted.helpful, wanted.reason, wanted.since, wanted.until)
    body = await asyncio.to_thread(_page, service, which, before, wanted.limit)
    return json_response(body)


@router.get("/export", summary="导出为题集", response_model=None, response_class=Response, responses=_exported_answers)
async def export(
    service: The,
    part: Annotated[
        Literal["questions", "to_judge"], Query(description="questions 可直接评测；to_judge 尚待人工判断，评测会拒绝")
    ] = "questions",
) -> Response:
    """`rag evaluate` 能读的 JSONL：有帮助的回答以引文为答案要点，应当拒答的没有答案；其余带 to_be_judged，另行导出。"""
    rows = await asyncio.to_thread(_rows, service, part)
    return Response(rows, media_type=JSON_LINES)


def _feedback(body: FeedbackRequest, service: Service) -> Feedback:
    """What was sent, with each span's quote and its document's version as they are now."""
    return Feedback(
        question=body.question,
        status=body.status,
        helpful=body.helpful,
        reason=body.reason,
        resolved=body.resolved or "",
        comment=body.comment or "",
        answer=body.answer or "",
        passages=tuple(_shown(one.document_id, one.start, one.end, service) for one in body.passages),
        trace_id=body.trace_id or "",
    )


def _shown(document_id: str, start: int, end: int, service: Service) -> PassageShown:
    """A document that is gone meanwhile is no reason to lose what a person thinks: its quote is then empty."""
    entry = service.index.snapshot.documents.get(document_id)
    text = service.index.document(entry).text if entry else ""
    quote = text[start:end] if end <= len(text) else ""
    return PassageShown(document_id, start, end, quote, entry.content_hash if entry else "")


def _page(service: Service, wanted: Wanted, before: int | None, limit: int) -> dict[str, Any]:
    found = service.feedback.entries(wanted, before=before, limit=limit + 1)
    return {
        "feedback": service.steadily(lambda: [_entry_body(entry, service) for entry in found[:limit]]),
        "total": service.feedback.count(wanted),
        "next_cursor": cursor_of(found[limit - 1].key) if len(found) > limit else None,
    }


def _entry_body(entry: FeedbackEntry, service: Service) -> dict[str, Any]:
    record = entry.feedback.to_record()
    for told, shown in zip(record["passages"], entry.feedback.passages, strict=True):
        told["standing"] = standing(shown, service.index)
    return {"id": entry.id, "at": entry.at, "key": entry.owner} | record


def _rows(service: Service, part: str) -> bytes:
    entries = service.feedback.entries(Wanted())
    made = service.steadily(lambda: exported(entries, lambda shown: standing(shown, service.index)))
    return jsonl(made.questions if part == "questions" else made.to_judge)
