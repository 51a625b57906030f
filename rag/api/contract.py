"""The contract described: OpenAPI with every answer and every refusal, in Chinese and with examples."""

from copy import deepcopy
from typing import Any, Final

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from pydantic import BaseModel

from corpus.reading.rows import FIELDS
from rag.api.problems import MEDIA_TYPE, TITLES, Problem, problem_body
from rag.schema import examples
from rag.schema.models import ProblemBody

DESCRIPTION: Final = """就杭州产业社区提问，得到按相关度排序的段落、精确到字的引用和由原文句子组成的简短回答；
语料中没有答案时如实说明。

偏移量按 Unicode 码位计，区间左闭右开。每个响应带 `X-Request-Id` 和 `Server-Timing`；
与索引有关的响应带 `ETag`，它是索引的代。GET 的地址也接受 HEAD。

所有错误都是 `application/problem+json`（RFC 9457）。"""

_DETAILS: Final = {
    400: "请求正文不是有效的 JSON",
    403: "这条反馈是用另一个密钥提交的",
    404: "没有这个文档",
    409: "写法不同但意思一样的问法已经指向同一个段落",
    413: "请求正文超过 20 MiB 的上限",
    415: "请求正文必须是 application/json",
    422: "请求中有无效的字段，见 errors",
    500: "服务遇到意外错误；请把 request_id 告诉管理员",
    503: "文档正在频繁更新，请稍后再问",
    507: "磁盘已满，改动没有生效；腾出空间后请重试",
}
_ROW: Final = {
    "type": "object",
    "required": ["text"],
    "additionalProperties": False,
    "properties": {
        name: {"type": "array", "items": {"type": "string"}} if name in ("aliases", "districts") else {"type": "string"}
        for name in FIELDS
    },
}
BINARY: Final = {"type": "string", "format": "binary"}
_OFFICE: Final = "application/vnd.openxmlformats-officedocument"
_BINARIES: Final = {
    "text/html": "page.html",
    "text/csv": "table.csv",
    "application/pdf": "report.pdf",
    f"{_OFFICE}.wordprocessingml.document": "report.docx",
    f"{_OFFICE}.spreadsheetml.sheet": "table.xlsx",
    f"{_OFFICE}.presentationml.presentation": "slides.pptx",
    "application/vnd.ms-excel": "table.xls",
    "application/vnd.oasis.opendocument.text": "report.odt",
    "application/vnd.oasis.opendocument.spreadsheet": "table.ods",
    "application/rtf": "letter.rtf",
    "application/epub+zip": "book.epub",
    "message/rfc822": "mail.eml",
    "application/vnd.ms-outlook": "mail.msg",
    "application/zip": "folder.zip",
}
UPLOAD: Final[dict[str, Any]] = {
    "requestBody": {
        "required": True,
        "description": "文件内容，按 Content-Type 识别；或 multipart 表单的 file 字段",
        "content": {
            "text/markdown": {"schema": {"type": "string"}, "example": examples.MARKDOWN},
            "text/plain": {"schema": {"type": "string"}, "example": examples.ROW["text"]},
            "application/json": {"schema": _ROW, "example": examples.ROW},
            **{kind: {"schema": BINARY, "example": f"the bytes of {name}"} for kind, name in _BINARIES.items()},
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": ["file"],
                    "properties": {"file": {"type": "string", "format": "binary", "description": "要收录的文件"}},
                },
                "example": {"file": "某某产业社区.md"},
            },
        },
    }
}
UPLOADS: Final[dict[str, Any]] = deepcopy(UPLOAD)  # of several files
_FORM = UPLOADS["requestBody"]["content"]["multipart/form-data"]
_FORM["schema"]["properties"]["file"]["description"] = "要收录的文件；可以有多个，文件名可含文件夹"


def answers(
    model: type[BaseModel], example: object, description: str, *refusals: int
) -> dict[int | str, dict[str, Any]]:
    """What a route answers: 200 with this model, and these refusals."""
    answer = {"model": model, "description": description, "content": {"application/json": {"example": example}}}
    return {200: answer, **refused(*refusals)}


def refused(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The refusals of a route, each with an example."""
    return {
        status: {
            "model": ProblemBody,
            "description": TITLES[status][1],
            "content": {MEDIA_TYPE: {"example": _example(status)}},
        }
        for status in statuses
    }


def describe(app: FastAPI) -> None:
    """Make the app describe itself by this contract."""

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            described = get_openapi(
                title=app.title, version=app.version, description=app.description, routes=app.routes, tags=_TAGS
            )
            for operation in (operation for path in described["paths"].values() for operation in path.values()):
                operation["responses"].setdefault("default", _anything_else())
                for response in operation["responses"].values():
                    _as_problem(response)
            app.openapi_schema = described
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign]


_TAGS: Final = [
    {"name": "问答", "description": "检索段落、提问、分析文字"},
    {"name": "文档", "description": "收录、替换、列出、读取、删除"},
    {"name": "反馈", "description": "对回答的评价：提交、收回、查看、导出为题集"},
    {"name": "词典", "description": "用户添加的专名和同义说法"},
    {"name": "状态", "description": "统计与健康检查"},
]


def _anything_else() -> dict[str, Any]:
    schema = {"$ref": f"#/components/schemas/{ProblemBody.__name__}"}
    return {"description": "其他错误", "content": {MEDIA_TYPE: {"schema": schema, "example": _example(500)}}}


def _as_problem(response: dict[str, Any]) -> None:
    """FastAPI writes every model as application/json; a problem has a media type of its own."""
    content = response.get("content", {})
    if MEDIA_TYPE in content and "application/json" in content:
        content[MEDIA_TYPE]["schema"] = content.pop("application/json")["schema"]


def _example(status: int) -> dict[str, object]:
    errors = [("#/top_k", "不能大于 100")] if status == 422 else []
    paths = {404: "/v1/documents/moumou", 409: "/v1/documents/moumou/similar-questions", 507: "/v1/documents/moumou"}
    path = paths.get(status, "/v1/ask")
    return problem_body(Problem(status, _DETAILS[status], errors=errors), path, "9f2c4e6a8b0d1f35")
