"""Routes for documents: keep, list, show, delete."""

import asyncio
import base64
import binascii
from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from starlette.datastructures import UploadFile

from corpus.document import InvalidDocument, require_id
from index.catalogue import DocumentEntry
from rag.api import bodies
from rag.api.models import DocumentBody, DocumentsBody, KeptBody
from rag.api.problems import Problem
from rag.api.questions import The
from rag.api.wire import json_response

router = APIRouter(prefix="/v1/documents", tags=["文档"])

_CONTENT: Mapping[str, Any] = {
    "text/markdown": {"schema": {"type": "string"}, "example": "# 某某产业社区\n\n某某产业社区占地10亩。"},
    "text/plain": {"schema": {"type": "string"}},
    "application/json": {
        "schema": {"type": "object", "required": ["text"]},
        "example": {"title": "某某产业社区", "text": "某某产业社区占地10亩。"},
    },
    "multipart/form-data": {
        "schema": {"type": "object", "properties": {"file": {"type": "string", "format": "binary"}}, "required": ["file"]}
    },
}
_UPLOAD = {"requestBody": {"required": True, "content": dict(_CONTENT)}}


@router.put(
    "/{document_id}", summary="收录或替换文档", response_model=None, openapi_extra=_UPLOAD,
    responses={200: {"model": KeptBody}, 201: {"model": KeptBody}},
)
async def put(document_id: str, request: Request, service: The) -> Response:
    """正文为文件内容（按 Content-Type 识别）或 multipart 表单的 file 字段。返回后即可检索，断电不丢。"""
    return await _keep(_checked(document_id), request, service)


@router.post(
    "", summary="收录文档", response_model=None, openapi_extra=_UPLOAD,
    responses={200: {"model": KeptBody}, 201: {"model": KeptBody}},
)
async def post(request: Request, service: The) -> Response:
    """与 PUT 相同，编号取自内容：文件头的 id、JSON 的 id、文件名，或内容的散列。"""
    return await _keep(None, request, service)


@router.get("", summary="列出文档", response_model=None, responses={200: {"model": DocumentsBody}})
async def list_documents(
    service: The,
    limit: Annotated[int, Query(ge=1, le=1000, description="每页多少个")] = 50,
    cursor: Annotated[str | None, Query(max_length=64, description="上一页给出的 next_cursor")] = None,
    kind: Annotated[str | None, Query(max_length=64, description="只列这一类")] = None,
    district: Annotated[str | None, Query(max_length=64, description="只列这个区县")] = None,
) -> Response:
    """按收录先后列出文档。"""
    snapshot = service.index.snapshot
    after = _position(cursor)
    matching = [entry for entry in snapshot.documents.values() if _matches(entry, kind, district)]
    page = [entry for entry in matching if entry.key > after][: limit + 1]
    more = len(page) > limit
    body = {
        "documents": [bodies.summary_body(entry) for entry in page[:limit]],
        "total": len(matching),
        "next_cursor": _cursor(page[limit - 1]) if more else None,
        "generation": snapshot.generation,
    }
    return json_response(body, generation=snapshot.generation)


@router.get("/{document_id}", summary="读取文档", response_model=None, responses={200: {"model": DocumentBody}})
async def get(document_id: str, service: The) -> Response:
    """元数据与全文；任何引用都满足 text[start:end] == quote。"""
    snapshot = service.index.snapshot
    entry = snapshot.documents.get(_checked(document_id))
    if entry is None:
        raise Problem(404, "没有这个文档")
    return json_response(bodies.document_body(entry, service.index.document(entry)), generation=snapshot.generation)


@router.delete("/{document_id}", summary="删除文档", status_code=204, response_model=None)
async def delete(document_id: str, service: The) -> Response:
    """删除后立即检索不到；重复删除同样返回 204。"""
    generation = await asyncio.to_thread(service.index.remove, [_checked(document_id)])
    return Response(status_code=204, headers={"ETag": f'"{generation}"'})


async def _keep(document_id: str | None, request: Request, service: The) -> Response:
    raw, name, media_type = await _content(request)
    if not raw:
        raise Problem(422, "没有内容", "invalid_document")
    kept = await asyncio.to_thread(service.put, raw, document_id, name=name, media_type=media_type)
    status = 200 if kept.replaced else 201
    return json_response(bodies.kept_body(kept), status, generation=kept.generation)


async def _content(request: Request) -> tuple[bytes, str, str]:
    """Bytes, file name and media type, from a raw body or from the form field `file`."""
    media_type = request.headers.get("content-type", "")
    if not media_type.lower().startswith("multipart/"):
        return await request.body(), "", media_type
    async with request.form(max_files=1, max_fields=8) as form:
        file = form.get("file")
        if not isinstance(file, UploadFile):
            raise Problem(422, "表单中缺少文件", errors=[("#/file", "缺少这个字段")])
        return await file.read(), file.filename or "", file.content_type or ""


def _checked(document_id: str) -> str:
    try:
        return require_id(document_id)
    except InvalidDocument:
        raise Problem(422, "文档编号无效：以字母、汉字或数字开头，其后可含 . _ ~ -，最多 128 个字符") from None


def _matches(entry: DocumentEntry, kind: str | None, district: str | None) -> bool:
    return (kind is None or entry.kind == kind) and (district is None or district in entry.districts)


def _cursor(entry: DocumentEntry) -> str:
    return base64.urlsafe_b64encode(str(entry.key).encode()).decode().rstrip("=")


def _position(cursor: str | None) -> int:
    if cursor is None:
        return 0
    try:
        position = int(base64.urlsafe_b64decode(cursor.encode() + b"=" * (-len(cursor) % 4)))
    except (ValueError, binascii.Error):
        position = -1
    if position < 0:
        raise Problem(422, "cursor 无效：请使用上一页给出的 next_cursor", errors=[("#/cursor", "取值无效")])
    return position
