"""Uploads: what a request brings, one file or several, and what became of each."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any, Final

from fastapi import Request
from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect

from corpus.document import InvalidDocument
from corpus.reading import Unreadable, Unsupported
from corpus.reading.naming import encoded_name, id_from_path, repaired_name
from rag.api import bodies
from rag.api.problems import Problem, named, problem_of
from rag.api.wire import bare_media_type, strict_json
from rag.content import similar_questions
from rag.content.provenance import AlreadyThere
from rag.service import Kept, Service

MOST_FILES: Final = 1000  # in one request
_FIELD: Final = "file"
_LONGEST_NAME: Final = 300  # code points of a name that an answer repeats
_EXPECTED = (Unreadable, Unsupported, InvalidDocument, AlreadyThere, Problem)


@dataclass(frozen=True, slots=True)
class UploadedFile:
    """One file as it came; name may hold the folders above it."""

    content: bytes
    name: str
    media_type: str


async def files_of(request: Request, most: int = MOST_FILES) -> list[UploadedFile]:
    """The raw body as one file, or the form fields `file` in order; at least one, and not more than `most`.

    raises  Problem 400 for a form that makes no sense, 422 for one without a file
    """
    media_type = request.headers.get("content-type", "")
    if bare_media_type(media_type) != "multipart/form-data":
        name = encoded_name(request.headers.get("content-disposition", ""))
        return [UploadedFile(await request.body(), name, media_type)]
    try:
        async with request.form(max_files=most, max_fields=8) as form:
            given = [one for one in form.getlist(_FIELD) if isinstance(one, UploadFile)]
            if not given:
                raise Problem(422, "表单中缺少文件", errors=[(f"#/{_FIELD}", "缺少这个字段")])
            return [UploadedFile(await one.read(), one.filename or "", one.content_type or "") for one in given]
    except (HTTPException, ClientDisconnect):
        raise
    except Exception:  # the form parser lets many kinds of errors through for forms that make no sense
        raise Problem(400, "表单无法解析：multipart 格式有误") from None


async def keep(file: UploadedFile, service: Service, document_id: str | None = None, *, replacing: bool = True) -> Kept:
    """Keep one file.

    raises  Problem 409 where its documents would replace those of another file of the same name
    """
    if not file.content:
        raise Problem(422, "没有内容", "invalid_document")
    if bare_media_type(file.media_type) == "application/json":
        strict_json(file.content)
    told = {"name": file.name, "media_type": file.media_type, "fallback_id": _id_of(file.name)}
    try:
        return await asyncio.to_thread(service.put, file.content, document_id, **told, replacing=replacing)
    except AlreadyThere as error:
        named = "、".join(error.ids[:5])
        raise Problem(
            409, f"已有同名而内容不同的文档：{named}；确要替换时加 replace=true，或用 PUT 指定编号", "already_there"
        ) from None


async def keep_all(files: Sequence[UploadedFile], service: Service, *, replacing: bool) -> dict[str, Any]:
    """Keep files one after the other; what is wrong with one does not keep the others out."""
    outcomes = [await _outcome(file, service, replacing=replacing) for file in files]
    return {
        "files": outcomes,
        "kept": sum(one["problem"] is None for one in outcomes),
        "refused": sum(one["problem"] is not None for one in outcomes),
        "generation": service.index.snapshot.generation,
    }


async def _outcome(file: UploadedFile, service: Service, *, replacing: bool) -> dict[str, Any]:
    name = repaired_name(file.name)[:_LONGEST_NAME]
    try:
        kept = await keep(file, service, replacing=replacing)
    except _EXPECTED as error:
        problem = problem_of(error)
        code, title = named(problem)
        told = {"title": title, "detail": problem.detail, "code": code}
        return {"name": name, "status": problem.status_code, "kept": None, "problem": told}
    body = bodies.kept_body(kept, service.steadily(lambda: similar_questions.orphans(service.index, kept.ids)))
    return {"name": name, "status": 200 if kept.replaced else 201, "kept": body, "problem": None}


def _id_of(name: str) -> str:
    """An id of a path within a folder that was uploaded; empty for a bare name, and for paths of a whole machine."""
    path = repaired_name(name).replace("\\", "/")
    parts = PurePosixPath(path).parts
    whole = path.startswith("/") or path[1:2] == ":" or ".." in parts
    return id_from_path(path) if len(parts) > 1 and not whole else ""
