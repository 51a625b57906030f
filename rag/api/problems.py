"""Errors of the HTTP contract: every one leaves as application/problem+json (RFC 9457) from here."""

import logging
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Final
from urllib.parse import quote

import orjson
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.routing import Match, Mount
from starlette.types import Scope

from corpus.document import InvalidDocument
from corpus.reading import SUFFIXES, Unreadable, Unsupported
from corpus.reading.formats import NeedsConverter
from index.errors import IndexProblem, StorageFull
from index.passage_index import StaleSnapshot
from rag.content.feedback_store import FeedbackUnusable

log = logging.getLogger(__name__)

MEDIA_TYPE: Final = "application/problem+json"
TITLES: Final = {
    400: ("bad_request", "请求无法理解"),
    401: ("unauthorized", "需要身份验证"),
    403: ("forbidden", "没有权限"),
    404: ("not_found", "没有这个资源"),
    405: ("method_not_allowed", "不支持这种请求方法"),
    408: ("request_timeout", "请求接收超时"),
    409: ("conflict", "与已有的内容冲突"),
    413: ("content_too_large", "内容过大"),
    414: ("address_too_long", "地址过长"),
    415: ("unsupported_media_type", "不支持这种内容格式"),
    421: ("misdirected_request", "主机名不符"),
    422: ("invalid_parameter", "参数无效"),
    429: ("too_many_requests", "请求过于频繁"),
    431: ("headers_too_large", "请求头过大"),
    500: ("internal_error", "服务内部错误"),
    503: ("unavailable", "服务暂时不可用"),
    507: ("insufficient_storage", "存储空间不足"),
}
_FIELD_MESSAGES: Final = {
    "missing": "缺少这个字段",
    "extra_forbidden": "未知的字段",
    "string_type": "必须是字符串",
    "string_unicode": "含有无法编码的字符（半个代理对）",
    "string_too_long": "太长：最多 {max_length} 个字符",
    "string_too_short": "不能为空",
    "int_type": "必须是整数",
    "int_from_float": "必须是整数",
    "int_parsing": "必须是整数",
    "int_parsing_size": "超出整数的范围",
    "bool_type": "必须是 true 或 false",
    "greater_than_equal": "不能小于 {ge}",
    "less_than_equal": "不能大于 {le}",
    "literal_error": "只能是 {expected}",
    "list_type": "必须是列表",
    "too_long": "太多：最多 {max_length} 项",
    "too_short": "太少：至少 {min_length} 项",
    "dict_type": "必须是 JSON 对象",
    "model_attributes_type": "必须是 JSON 对象",
    "model_type": "必须是 JSON 对象",
    "blank": "不能为空",
    "bool_parsing": "必须是 true 或 false",
    "day": "必须是 YYYY-MM-DD 形式的日期",
    "empty_span": "必须大于 start",
    "helpful_reason": "helpful 为 true 时不能有原因",
    "place": "必须是非负整数（偏移量）或字符串列表（从外到内的小标题）",
    "date": "不是日期：请写 YYYY、YYYY-MM 或 YYYY-MM-DD，且是存在的一天",
    "filter_order": "to 早于 from：起止日期颠倒了",
}
_METHODS: Final = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")
_SAFE: Final = ("GET", "HEAD")  # all that mounted files know
_LONGEST_REASON: Final = 300  # code points of a reader's reason that a problem repeats
_MOST_FIELDS: Final = 20
_PATH_SIGNS: Final = "/~:@!$&'()*+,;="


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


def named(problem: Problem) -> tuple[str, str]:
    """Code and title of a problem."""
    code, title = TITLES.get(problem.status_code, ("error", "请求失败"))
    return problem.code or code, title


def problem_body(problem: Problem, path: str, request_id: str) -> dict[str, object]:
    """The problem as RFC 9457 writes it; the path is escaped and cut, so that nothing of it can act."""
    code, title = named(problem)
    body: dict[str, object] = {
        "type": f"urn:hangzhou-rag:problem:{code}",
        "title": title,
        "status": problem.status_code,
        "detail": problem.detail,
        "instance": quote(path[:100], safe=_PATH_SIGNS, errors="replace"),
        "code": code,
        "request_id": request_id,
    }
    if problem.errors:
        body["errors"] = [{"pointer": pointer, "detail": detail} for pointer, detail in problem.errors]
    return body


def problem_response(problem: Problem, path: str, request_id: str) -> Response:
    body = orjson.dumps(problem_body(problem, path, request_id))
    return Response(body, problem.status_code, dict(problem.headers or {}), MEDIA_TYPE)


def install(app: FastAPI) -> None:
    """Send every expected error through the one handler; the frame takes those that nobody expects."""
    for kind in (
        HTTPException,
        RequestValidationError,
        InvalidDocument,
        Unreadable,
        Unsupported,
        IndexProblem,
        StaleSnapshot,
    ):
        app.add_exception_handler(kind, _answer)


def log_unexpected(error: Exception, request_id: str) -> None:
    """Tell the operator of errors that are not the client's: a line where the error says what to do, else a trace."""
    if isinstance(error, IndexProblem):
        log.error("request %s: %s", request_id, error)
    elif problem_of(error).status_code == 500:
        log.error("request %s failed", request_id, exc_info=error)


async def _answer(request: Request, error: Exception) -> Response:
    problem = problem_of(error)
    if problem.status_code == 405:
        allowed = {"Allow": ", ".join(_allowed_methods(request.app, request.scope))}
        if request.method == "OPTIONS":
            return Response(status_code=204, headers=allowed)
        problem.headers = allowed
    log_unexpected(error, request.scope["request_id"])
    return problem_response(problem, request.scope["path"], request.scope["request_id"])


def problem_of(error: Exception) -> Problem:
    """The problem that an exception means to a client."""
    match error:
        case Problem():
            return error
        case RequestValidationError():
            fields = [_field(one) for one in error.errors()[:_MOST_FIELDS]]
            return Problem(422, "请求中有无效的字段，见 errors", errors=fields)
        case HTTPException():
            return Problem(error.status_code, _http_detail(error.status_code))
        case NeedsConverter():
            return Problem(
                415, "这是旧版 Office 或 WPS 文件，本服务没有安装转换程序；请另存为 DOCX、XLSX 或 PDF 后再上传"
            )
        case Unsupported():
            return Problem(415, f"无法读取这种格式；可接受的文件：{'、'.join(SUFFIXES)}")
        case Unreadable() | InvalidDocument():
            return Problem(422, f"文档无法收录：{_reason(error)}", "invalid_document")
        case StorageFull():
            return Problem(507, "磁盘已满，改动没有生效；腾出空间后请重试")
        case StaleSnapshot():
            return Problem(503, "文档正在频繁更新，请稍后再问", headers={"Retry-After": "1"})
        case FeedbackUnusable():
            return Problem(503, "反馈暂时不能存取，请联系管理员", "feedback_unusable", headers={"Retry-After": "30"})
        case IndexProblem():
            return Problem(503, "索引暂时不可用，请联系管理员", "index_unavailable", headers={"Retry-After": "30"})
        case MemoryError():
            return Problem(503, "内存不足，请稍后重试", headers={"Retry-After": "5"})
    return Problem(500, "服务遇到意外错误；请把 request_id 告诉管理员")


def _allowed_methods(app: FastAPI, scope: Scope) -> list[str]:
    """Methods that some route answers at this path."""
    scope = {**scope, "root_path": scope.get("app_root_path", "")}  # a mount may have moved into its folder
    answered = {
        method
        for method in _METHODS
        for route in app.router.routes
        if (method in _SAFE or not isinstance(route, Mount))
        and route.matches({**scope, "method": method})[0] is Match.FULL
    }
    return [
        *(method for method in _METHODS if method in answered or (method == "HEAD" and "GET" in answered)),
        "OPTIONS",
    ]


def _http_detail(status: int) -> str:
    sentences = {404: "没有这个地址", 405: "这个地址不支持这种请求方法"}
    return sentences.get(status) or TITLES.get(status, ("", "请求失败"))[1]


def _reason(error: Exception) -> str:
    """A reader's reason, which may hold pieces of the document: short and harmless."""
    text = str(error).encode("utf-8", "replace").decode()[:_LONGEST_REASON]
    return "".join(character if character.isprintable() else " " for character in text)


def _field(error: Mapping[str, object]) -> tuple[str, str]:
    """Pointer and sentence for one bad field; the client's value is never repeated."""
    location = error.get("loc")
    parts = [str(part) for part in location[1:6]] if isinstance(location, (list, tuple)) else []
    context = error.get("ctx")
    sentence = _FIELD_MESSAGES.get(str(error.get("type")), "取值无效")
    try:
        sentence = sentence.format(**(context if isinstance(context, dict) else {}))
    except (KeyError, IndexError):
        sentence = "取值无效"
    return "#" + "".join(f"/{_pointer_part(part)}" for part in parts), sentence


def _pointer_part(name: str) -> str:
    """One name of a JSON pointer (RFC 6901), as a fragment of a URI."""
    return quote(name.replace("~", "~0").replace("/", "~1")[:60], safe="~", errors="replace")
