"""Routes for documents: keep, list, show, delete."""

import asyncio
from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Query, Request, Response

from corpus.document import InvalidDocument, require_id
from rag.api import bodies, uploads
from rag.api.contract import BINARY, UPLOAD, UPLOADS, answers, refused
from rag.api.downloads import original_response
from rag.api.paging import cursor_of, key_of
from rag.api.problems import Problem
from rag.api.question_routes import The
from rag.api.wire import json_response
from rag.content import similar_questions
from rag.query.filters import passing
from rag.schema import examples
from rag.schema.document_models import DocumentBody, DocumentsBody, KeptBody, ManyKeptBody
from rag.schema.requests import ListQuery, UploadQuery

_REFUSALS = (400, 413, 415, 422, 503, 507)
_kept_answers = {
    **answers(KeptBody, examples.KEPT | {"replaced": True}, "替换了同编号的文档", *_REFUSALS),
    201: answers(KeptBody, examples.KEPT, "收录了新文档")[200],
}
_many_answers = answers(ManyKeptBody, examples.MANY_KEPT, "多个文件各自的结果")[200]
_ORIGINAL = {"application/octet-stream": {"schema": BINARY, "example": "the bytes of 某某产业社区.md"}}

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
    (file,) = await uploads.files_of(request, most=1)
    return await _keep(checked_id(document_id), file, service)


@router.post(
    "",
    summary="收录文档",
    response_model=None,
    openapi_extra=UPLOADS,
    responses={**_kept_answers, 207: _many_answers, **refused(409)},
)
async def post(wanted: Annotated[UploadQuery, Query()], request: Request, service: The) -> Response:
    """与 PUT 相同，编号取自内容：文件头的 id、JSON 的 id、文件路径，或内容的散列。

    表单中有多个 file 字段时逐个收录，返回 207 和每个文件各自的结果。编号只取自文件名、而同编号的文档内容不同时，
    返回 409；确要替换时加 replace=true，或用 PUT 指定编号。
    """
    files = await uploads.files_of(request)
    if len(files) > 1:
        return json_response(await uploads.keep_all(files, service, replacing=wanted.replace), 207)
    return await _keep(None, files[0], service, replacing=wanted.replace)


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


@router.get(
    "/{document_id}/original",
    summary="下载原文件",
    response_model=None,
    response_class=Response,
    responses={
        200: {"description": "原文件，逐字节与收录时相同", "content": _ORIGINAL},
        **refused(404, 422, 503),
    },
)
async def get_original(document_id: str, service: The) -> Response:
    """收录时的原文件；附件和摘录没有自己的文件时，给出所在文件。始终作为附件下载，不在浏览器中打开。"""
    wanted = checked_id(document_id)
    if wanted not in service.index.snapshot.documents:
        raise Problem(404, "没有这个文档")
    found = await asyncio.to_thread(service.originals.fetch, wanted)
    if found is None:
        raise Problem(404, "没有保存这个文档的原文件", "no_original")
    return original_response(found, wanted)


@router.delete(
    "/{document_id}",
    summary="删除文档",
    status_code=204,
    response_model=None,
    responses={204: {"description": "已删除，或本来就没有"}, **refused(422, 503, 507)},
)
async def delete(document_id: str, service: The) -> Response:
    """删除后立即检索不到；重复删除同样返回 204。"""
    generation = await asyncio.to_thread(service.remove, [checked_id(document_id)])
    return Response(status_code=204, headers={"ETag": f'"{generation}"'})


async def _keep(
    document_id: str | None, file: uploads.UploadedFile, service: The, *, replacing: bool = True
) -> Response:
    kept = await uploads.keep(file, service, document_id, replacing=replacing)
    body = bodies.kept_body(kept, service.steadily(lambda: similar_questions.orphans(service.index, kept.ids)))
    response = json_response(body, 200 if kept.replaced else 201, generation=kept.generation)
    response.headers["Location"] = f"/v1/documents/{quote(kept.reading.documents[0].id)}"
    return response


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
