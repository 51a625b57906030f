"""Routes for documents: keep, list, show, delete."""

import asyncio
from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Query, Request, Response
from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect

from corpus.document import InvalidDocument, require_id
from corpus.reading.naming import encoded_name
from rag.api import bodies
from rag.api.contract import UPLOAD, answers, refused
from rag.api.paging import cursor_of, key_of
from rag.api.problems import Problem
from rag.api.question_routes import The
from rag.api.wire import bare_media_type, json_response, strict_json
from rag.content import similar_questions
from rag.query.filters import passing
from rag.schema import examples
from rag.schema.document_models import DocumentBody, DocumentsBody, KeptBody
from rag.schema.requests import ListQuery

_REFUSALS = (400, 413, 415, 422, 503, 507)
_kept_answers = {
    **answers(KeptBody, examples.KEPT | {"replaced": True}, "替换了同编号的文档", *_REFUSALS),
    201: answers(KeptBody, examples.KEPT, "收录了新文档")[200],
}

router = APIRouter(prefix="/v1/documents", tags=["文档"])


@router.put(
    "/{document_id}",
    summary="收录或替换文档",
    response_model=None,
    openapi_extra=UPLOAD,
    responses=_kept_answers,
)
async def put(document_id: str, request: Request, service: The) -> Response:
    """正文为文件内容（按 Content-Type 识别）或 multipart 表单的 file 字段。返回后即可检索，断电不丢。"""
    return await _keep(checked_id(document_id), request, service)


@router.post("", summary="收录文档", response_model=None, openapi_extra=UPLOAD, responses=_kept_answers)
async def post(request: Request, service: The) -> Response:
    """与 PUT 相同，编号取自内容：文件头的 id、JSON 的 id、文件名，或内容的散列。"""
    return await _keep(None, request, service)


@router.get(
    "",
    summary="列出文档",
    response_model=None,
    responses=answers(DocumentsBody, examples.DOCUMENTS, "一页文档", 422),
)
async def list_documents(wanted: Annotated[ListQuery, Query()], service: The) -> Response:
    """按收录先后列出文档；写了的筛选条件都要符合。日期是目录所记的最新来源日期，没有日期的文档不符合日期条件。"""
    snapshot = service.index.snapshot
    after = key_of(wanted.cursor) if wanted.cursor is not None else 0
    passes = passing(wanted.only)
    matching = [entry for entry in snapshot.documents.values() if passes(entry)]
    page = [entry for entry in matching if entry.key > after][: wanted.limit + 1]
    more = len(page) > wanted.limit
    body = {
        "documents": [bodies.summary_body(entry, snapshot) for entry in page[: wanted.limit]],
        "total": len(matching),
        "next_cursor": cursor_of(page[wanted.limit - 1].key) if more else None,
        "generation": snapshot.generation,
    }
    return json_response(body, generation=snapshot.generation)


@router.get(
    "/{document_id}",
    summary="读取文档",
    response_model=None,
    responses=answers(DocumentBody, examples.DOCUMENT, "元数据与全文", 404, 422, 503),
)
async def get(document_id: str, service: The) -> Response:
    """元数据与全文；任何引用都满足 text[start:end] == quote。"""
    wanted = checked_id(document_id)

    def found() -> Response:
        snapshot = service.index.snapshot
        entry = snapshot.documents.get(wanted)
        if entry is None:
            raise Problem(404, "没有这个文档")
        shown = similar_questions.shown(service.index, snapshot, wanted)
        body = bodies.document_body(entry, service.index.document(entry), snapshot, shown)
        return json_response(body, generation=snapshot.generation)

    return service.steadily(found)


@router.delete(
    "/{document_id}",
    summary="删除文档",
    status_code=204,
    response_model=None,
    responses={204: {"description": "已删除，或本来就没有"}, **refused(422, 503, 507)},
)
async def delete(document_id: str, service: The) -> Response:
    """删除后立即检索不到；重复删除同样返回 204。"""
    generation = await asyncio.to_thread(service.index.remove, [checked_id(document_id)])
    return Response(status_code=204, headers={"ETag": f'"{generation}"'})


async def _keep(document_id: str | None, request: Request, service: The) -> Response:
    raw, name, media_type = await _content(request)
    if not raw:
        raise Problem(422, "没有内容", "invalid_document")
    if bare_media_type(media_type) == "application/json":
        strict_json(raw)
    kept = await asyncio.to_thread(service.put, raw, document_id, name=name, media_type=media_type)
    body = bodies.kept_body(kept, service.steadily(lambda: similar_questions.orphans(service.index, kept.ids)))
    response = json_response(body, 200 if kept.replaced else 201, generation=kept.generation)
    response.headers["Location"] = f"/v1/documents/{quote(kept.reading.documents[0].id)}"
    return response


async def _content(request: Request) -> tuple[bytes, str, str]:
    """Bytes, file name and media type, from a raw body or from the form field `file`."""
    media_type = request.headers.get("content-type", "")
    if bare_media_type(media_type) != "multipart/form-data":
        return await request.body(), encoded_name(request.headers.get("content-disposition", "")), media_type
    try:
        async with request.form(max_files=1, max_fields=8) as form:
            file = form.get("file")
            if not isinstance(file, UploadFile):
                raise Problem(422, "表单中缺少文件", errors=[("#/file", "缺少这个字段")])
            return await file.read(), file.filename or "", file.content_type or ""
    except (HTTPException, ClientDisconnect):
        raise
    except Exception:  # the form parser lets many kinds of errors through for forms that make no sense
        raise Problem(400, "表单无法解析：multipart 格式有误") from None


def checked_id(document_id: str) -> str:
    """The id of a path if it may name a document, else Problem 422."""
    try:
        return require_id(document_id)
    except InvalidDocument:
        raise Problem(
            422,
            "文档编号无效：以字母、汉字或数字开头，其后可含 . _ ~ -，最多 128 个字符",
            errors=[("#/document_id", "取值无效")],
        ) from None
