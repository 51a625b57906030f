"""Admission: what is refused by its head alone, before any of the body is read."""

import re
from collections.abc import Iterable
from typing import Final

from starlette.types import Scope

from rag.api.origins import Origins
from rag.api.problems import Problem

LONGEST_ADDRESS: Final = 8 * 1024  # bytes of path and query
LONGEST_HEAD: Final = 32 * 1024  # bytes of all header lines
MOST_LINES: Final = 200  # header lines
QUESTION_BYTES: Final = 4 * 2**20  # largest body of a request that asks rather than uploads
UPLOADS: Final = "/v1/documents"

_HOST = re.compile(rb"(\[[0-9A-Fa-f:.]+\]|[0-9A-Za-z._-]+)(?::\d{1,5})?")


class Admission:
    """The rules that a request's head must meet.

    hosts     names by which the service may be addressed; empty for any
    max_body  bytes of the largest upload
    origins   whose pages may ask
    """

    def __init__(self, hosts: Iterable[str], max_body: int, origins: Origins) -> None:
        self._hosts = frozenset(host.lower().encode("ascii") for host in hosts)
        self._max_body = max_body
        self._origins = origins

    def body_limit(self, scope: Scope) -> int:
        """Bytes that the body of this request may have."""
        return self._max_body if scope["path"].startswith(UPLOADS) else min(self._max_body, QUESTION_BYTES)

    def check(self, scope: Scope) -> None:
        """Let the request in.

        raises  Problem that names what is wrong with its head
        """
        if scope.get("overloaded"):
            raise Problem(503, "同时连接过多，请稍后重试", "overloaded", headers={"Retry-After": "1"})
        if len(scope.get("raw_path", b"")) + len(scope["query_string"]) > LONGEST_ADDRESS:
            raise Problem(414, f"地址过长：最多 {LONGEST_ADDRESS} 字节")
        heads = scope["headers"]
        if len(heads) > MOST_LINES or sum(len(name) + len(value) for name, value in heads) > LONGEST_HEAD:
            raise Problem(431, f"请求头过大：最多 {MOST_LINES} 行、{LONGEST_HEAD} 字节")
        self._check_host(scope)
        self._origins.check(scope)
        _check_encodings(scope)
        self._check_length(scope)

    def _check_host(self, scope: Scope) -> None:
        """One well-formed Host, and one that means us: else a page elsewhere could reach us by renaming itself."""
        given = _values(scope, b"host")
        if not given and scope["http_version"] == "1.0":
            return
        found = _HOST.fullmatch(given[0]) if len(given) == 1 else None
        if found is None:
            raise Problem(400, "Host 请求头缺失、重复或格式无效")
        if self._hosts and found[1].lower() not in self._hosts:
            raise Problem(421, "服务不以这个主机名提供；管理员可用 RAG_ALLOWED_HOSTS 放行")

    def _check_length(self, scope: Scope) -> None:
        declared = (_values(scope, b"content-length") or [b"0"])[0]
        if not declared.isdigit():
            raise Problem(400, "Content-Length 无效")
        limit = self.body_limit(scope)
        if len(declared) > 18 or int(declared) > limit:
            raise Problem(413, f"请求正文超过 {limit // 2**20} MiB 的上限")


def has_body(scope: Scope) -> bool:
    """Whether the head announces a body."""
    lengths = _values(scope, b"content-length")
    return bool(_values(scope, b"transfer-encoding")) or any(length.strip(b"0") for length in lengths)


def _check_encodings(scope: Scope) -> None:
    packed = [value for value in _values(scope, b"content-encoding") if value.lower() != b"identity"]
    transfer = [value for value in _values(scope, b"transfer-encoding") if value.lower() != b"chunked"]
    if packed or transfer:
        raise Problem(415, "不接受压缩的请求正文", headers={"Accept-Encoding": "identity"})


def _values(scope: Scope, name: bytes) -> list[bytes]:
    return [value for held, value in scope["headers"] if held == name]
