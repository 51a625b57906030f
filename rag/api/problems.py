"""Errors of the HTTP contract: every one leaves as application/problem+json (RFC 9457) through this door."""

import logging
from collections.abc import Mapping, Sequence
from types import MappingProxyType

import orjson
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException

from corpus.document import InvalidDocument
from corpus.reading import Unreadable, Unsupported
from index.errors import IndexProblem, StorageFull
from index.passage_index import StaleSnapshot

log = logging.getLogger(__name__)

TITLES = {
    400: ("bad_request", "请求无法理解"),
    401: ("unauthorized", "需要身份验证"),
    403: ("forbidden", "没有权限"),
    404: ("not_found", "没有这个资源"),
    405: ("method_not_allowed", "不支持这种请求方法"),
    408: ("request_timeout", "请求接收超时"),
    413: ("content_too_large", "内容过大"),
    415: ("unsupported_media_type", "不支持这种内容格式"),
    422: ("invalid_parameter", "参数无效"),
    429: ("too_many_requests", "请求过于频繁"),
    500: ("internal_error", "服务内部错误"),
    503: ("unavailable", "服务暂时不可用"),
    507: ("insufficient_storage", "存储空间不足"),
}
_FIELD_MESSAGES = {
    "missing": "缺少这个字段",
    "extra_forbidden": "未知的字段",
    "string_type": "必须是字符串",
    "string_unicode": "含有无法编码的字符（半个代理对）",
    "string_too_long": "太长：最多 {max_length} 个字符",
    "string_too_short": "不能为空",
    "int_type": "必须是整数",
    "int_from_float": "必须是整数",
    "int_parsing": "必须是整数",
    "bool_type": "必须是 true 或 false",
    "greater_than_equal": "不能小于 {ge}",
    "less_than_equal": "不能大于 {le}",
    "literal_error": "只能是 {expected}",
    "list_type": "必须是列表",
    "too_long": "太多：最多 {max_length} 项",
    "dict_type": "必须是对象",
    "model_attributes_type": "必须是 JSON 对象",
    "model_type": "必须是 JSON 对象",
    "json_invalid": "不是有效的 JSON",
}


class Problem(HTTPException):
    """An error to be told to the client. An HTTPException, so that FastAPI lets it through wherever it is raised.

    errors  (JSON pointer, Chinese sentence) for each bad field
    """

    def __init__(
        self,
        status: int,
        detail: str,
        code: str = "",
        errors: Sequence[tuple[str, str]] = (),
        headers: Mapping[str, str] = MappingProxyType({}),
    ) -> None:
        super().__init__(status, detail, headers)
        self.code = code
        self.errors = errors


def problem_response(problem: Problem, path: str, request_id: str) -> Response:
    """The problem as RFC 9457 writes it."""
    code, title = TITLES.get(problem.status_code, ("error", "请求失败"))
    body = {
        "type": f"urn:hangzhou-rag:problem:{problem.code or code}",
        "title": title,
        "status": problem.status_code,
        "detail": problem.detail,
        "instance": path,
        "code": problem.code or code,
        "request_id": request_id,
    }
    if problem.errors:
        body["errors"] = [{"pointer": pointer, "detail": detail} for pointer, detail in problem.errors]
    return Response(orjson.dumps(body), problem.status_code, dict(problem.headers or {}), "application/problem+json")


def install(app: FastAPI) -> None:
    """Send every error through the one door."""
    app.add_exception_handler(Problem, _answer)
    app.add_exception_handler(HTTPException, _answer)
    app.add_exception_handler(RequestValidationError, _answer)
    for kind in (InvalidDocument, Unreadable, Unsupported, IndexProblem, StaleSnapshot):
        app.add_exception_handler(kind, _answer)
    app.add_exception_handler(Exception, _answer)


async def _answer(request: Request, error: Exception) -> Response:
    request_id = request.scope.get("request_id", "")
    problem = problem_of(error)
    if problem.status_code == 500:
        log.error("request %s failed", request_id, exc_info=error)
    return problem_response(problem, request.scope["path"].encode("utf-8", "replace").decode(), request_id)


def problem_of(error: Exception) -> Problem:
    """The problem that an exception means to a client."""
    match error:
        case Problem():
            return error
        case RequestValidationError():
            return Problem(422, "请求中有无效的字段，见 errors", errors=[_field(e) for e in error.errors()][:20])
        case HTTPException():
            return Problem(error.status_code, _http_detail(error.status_code), headers=error.headers or {})
        case Unsupported():
            return Problem(415, f"无法读取这种格式：{error}")
        case Unreadable() | InvalidDocument():
            return Problem(422, f"文档无法收录：{error}", "invalid_document")
        case StorageFull():
            return Problem(507, "磁盘已满，改动没有生效；腾出空间后请重试")
        case StaleSnapshot():
            return Problem(503, "文档正在频繁更新，请稍后再问", headers={"Retry-After": "1"})
        case IndexProblem():
            return Problem(503, "索引暂时不可用，请联系管理员", "index_unavailable")
    return Problem(500, "服务遇到意外错误；请把 request_id 告诉管理员")


def _http_detail(status: int) -> str:
    return {404: "没有这个地址", 405: "这个地址不支持这种请求方法", 400: "请求无法理解"}.get(status, TITLES.get(status, ("", "请求失败"))[1])


def _field(error: Mapping[str, object]) -> tuple[str, str]:
    """Pointer and sentence for one bad field; the client's value is never echoed."""
    location = error.get("loc")
    parts = [str(part) for part in location if part != "body"] if isinstance(location, (list, tuple)) else []
    context = error.get("ctx")
    sentence = _FIELD_MESSAGES.get(str(error.get("type")), "取值无效")
    try:
        sentence = sentence.format(**(context if isinstance(context, dict) else {}))
    except (KeyError, IndexError):
        sentence = "取值无效"
    pointer = "#/" + "/".join(part.encode("utf-8", "replace").decode().replace("~", "~0").replace("/", "~1") for part in parts)
    return pointer[:200], sentence
