"""The catalogue of hostile requests: what is sent, and which statuses answer it properly.

Names follow the plan: H framing and head, J JSON and parameters, U Unicode, M uploads.
"""

import json
from dataclasses import dataclass, field
from typing import Any

from rag.api.admission import LONGEST_ADDRESS, LONGEST_HEAD, QUESTION_BYTES

CANARY = "KANARIENVOGEL"  # stands in hostile input and must not come back
JSON = {"content-type": "application/json"}


@dataclass(frozen=True)
class Row:
    """One hostile request and the statuses that answer it properly."""

    id: str
    allowed: set[int]
    method: str = "POST"
    path: str = "/v1/search"
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=lambda: dict(JSON))


def asked(id: str, allowed: set[int], path: str = "/v1/search", **body: Any) -> Row:
    return Row(id, allowed, path=path, body=json.dumps(body).encode())


def raw(id: str, allowed: set[int], body: bytes, path: str = "/v1/search", **headers: str) -> Row:
    return Row(id, allowed, path=path, body=body, headers=JSON | {k.replace("_", "-"): v for k, v in headers.items()})


def kept(id: str, allowed: set[int], body: bytes | str, media_type: str, path: str = "/v1/documents/neu") -> Row:
    content = body.encode("utf-8", "surrogatepass") if isinstance(body, str) else body
    return Row(id, allowed, "PUT", path, content, {"content-type": media_type} if media_type else {})


def got(id: str, allowed: set[int], path: str, method: str = "GET", **headers: str) -> Row:
    return Row(id, allowed, method, path, headers={name.replace("_", "-"): value for name, value in headers.items()})


def form(*parts: tuple[str, bytes], end: bytes = b"--x--\r\n") -> bytes:
    """A multipart body with the boundary x."""
    return (
        b"".join(b"--x\r\nContent-Disposition: %s\r\n\r\n%s\r\n" % (head.encode(), body) for head, body in parts) + end
    )


FILE = 'form-data; name="file"; filename="{}"'
FORM = "multipart/form-data; boundary=x"
TEXT = "云台".encode()

JSON_ROWS = [
    raw("J1-empty", {422}, b""),
    raw("J1-brace", {400}, b"{"),
    raw("J1-null", {422}, b"null"),
    raw("J1-list", {422}, b"[]"),
    raw("J1-string", {422}, b'"x"'),
    raw("J1-number", {422}, b"1"),
    raw("J1-two-values", {400}, b"{}{}"),
    raw("J2-invalid-utf8", {400}, b'{"query": "\xff\xfe' + CANARY.encode() + b'"}'),
    raw("J2-gbk", {400}, '{"query": "云台"}'.encode("gbk")),
    raw("J3-utf16", {400}, '{"query": "云台"}'.encode("utf-16")),
    raw("J3-bom", {400}, b"\xef\xbb\xbf" + b'{"query": "x"}'),
    raw("J3-utf7", {415}, b'{"query": "x"}', content_type="application/json; charset=utf-7"),
    raw("J4-surrogate", {422}, b'{"query": "\\ud800"}'),
    raw(
        "J4-surrogate-in-history",
        {422},
        b'{"question": "x", "history": [{"role": "user", "content": "\\udfff"}]}',
        "/v1/ask",
    ),
    raw("J4-surrogate-analyzed", {422}, b'{"text": "\\ud800"}', "/v1/analyze"),
    raw("J5-surrogate-in-rejected-field", {422}, b'{"query": 5, "mode": "\\ud800"}'),
    raw("J5-surrogate-as-name", {422}, b'{"query": "x", "\\ud800": 1}'),
    raw("J5-surrogate-in-filter", {422}, b'{"query": "x", "filter": {"\\ud800": "\\udfff"}}'),
    raw("J6-nan", {400}, b'{"query": "x", "top_k": NaN}'),
    raw("J6-infinity", {400}, b'{"query": "x", "top_k": -Infinity}'),
    raw("J6-1e400", {422}, b'{"query": "x", "top_k": 1e400}'),
    raw("J6-nan-in-unknown-field", {400}, b'{"query": "x", "score": NaN}'),
    got("J7-nan-parameter", {422}, "/v1/documents?limit=nan"),
    got("J7-unknown-parameter", {422}, "/v1/documents?min_score=nan"),
    *(
        asked(f"J8-top_k-{value!r}", {422}, query="x", top_k=value)
        for value in (0, -1, 2.5, True, "5", 101, 1e30, None)
    ),
    raw("J8-top_k-5000-digits", {400}, b'{"query": "x", "top_k": ' + b"9" * 5000 + b"}"),
    raw("J8-top_k-2^63", {422}, b'{"query": "x", "top_k": 9223372036854775808}'),
    got("J9-id-2^63", {404}, "/v1/documents/9223372036854775808"),
    got("J9-id-negative", {422}, "/v1/documents/-1"),
    got("J9-id-5000-digits", {422}, "/v1/documents/" + "9" * 5000),
    got("J9-id-arabic-digits", {404}, "/v1/documents/%D9%A1%D9%A2"),
    raw("J10-duplicate-keys", {400}, b'{"query": "a", "query": "b"}'),
    raw("J10-duplicate-keys-inside", {400}, b'{"query": "a", "filter": {"kind": "a", "kind": "b"}}'),
    asked("J11-unknown-field", {422}, query="x", colour=CANARY),
    asked("J11-proto", {422}, query="x", __proto__={"a": 1}),
    asked("J11-constructor", {422}, query="x", constructor=1),
    *(
        raw(f"J12-nested-{depth}", {400, 422}, b'{"query": ' + b"[" * depth + b"]" * depth + b"}")
        for depth in (900, 100_000)
    ),
    raw("J12-nested-objects", {400, 422}, b'{"query": ' + b'{"a":' * 5000 + b"1" + b"}" * 5000 + b"}"),
    *(
        asked(f"J13-blank-{name}", {422}, query=text)
        for name, text in (
            ("empty", ""),
            ("spaces", "  \n\t"),
            ("wide-space", "　　"),
            ("zero-width", "\u200b\ufeff\u2060"),
        )
    ),
    *(
        asked(f"J13-odd-{name}", {200}, query=text)
        for name, text in (("punctuation", "？！，"), ("one", "云"), ("marks", "a" + "\u0301" * 900))
    ),
    asked("J14-at-limit", {200}, "/v1/ask", question="云" * 1000),
    asked("J14-over-limit", {422}, "/v1/ask", question="云" * 1001),
    asked("J14-astral-at-limit", {200}, "/v1/ask", question="𠮷" * 1000),
    raw("J14-4-MB", {422}, b'{"query": "' + b"x" * (QUESTION_BYTES - 100) + b'"}'),
    raw("J14-10-MB", {413}, b'{"query": "' + b"x" * 10_000_000 + b'"}'),
    Row("J15-no-type", {415}, body=b'{"query": "x"}', headers={}),
    raw("J15-wrong-type", {415}, b'{"query": "x"}', content_type="text/plain"),
    raw("J15-form", {415}, b"query=x", content_type="application/x-www-form-urlencoded"),
    got("J16-repeated-parameter", {200, 422}, "/v1/documents?limit=1&limit=2"),
    got("J17-very-many-parameters", {400, 414}, "/v1/documents?" + "&".join(f"a{i}=1" for i in range(10_000))),
    asked("J18-long-history", {422}, "/v1/ask", question="x", history=[{"role": "user", "content": "x"}] * 10_000),
    asked("J18-system", {422}, "/v1/ask", question="x", history=[{"role": "system", "content": CANARY}]),
    asked("J18-turn-without-role", {422}, "/v1/ask", question="x", history=[{"content": "x"}]),
    asked("J18-history-of-strings", {422}, "/v1/ask", question="x", history=["x"]),
    *(
        got(f"J20-{query}", {422}, f"/v1/documents?{query}")
        for query in ("limit=-1", "limit=0", "limit=1001", "limit=9" + "9" * 30)
    ),
    *(
        got(f"J20-cursor-{cursor}", {422}, f"/v1/documents?cursor={cursor}")
        for cursor in ("x", "-1", "LTE", "%00", "%E4%BA%91", "MTA!", "")
    ),
    *(
        asked(f"J21-{text}", {200}, query=text)
        for text in ('"', "a AND", "NEAR(", "*", "-", "a:", "^", "+x", "[a TO", "\\", "(")
    ),
    *(
        asked(f"J22-{text}", {200}, query=text)
        for text in ("'; DROP TABLE documents;--", "$(id)", "{{7*7}}", "=cmd|'/c'!A1", "../../x")
    ),
    asked(
        "J22-filter",
        {200},
        query="x",
        filter={"kind": "' OR 1=1 --", "district": ["../..", "%"], "id": "x", "origin": []},
    ),
    asked("J22-unknown-filter", {422}, query="x", filter={"title; DROP": CANARY}),
    asked("J22-filter-number", {422}, query="x", filter={"kind": 1}),
    asked("J22-filter-null", {422}, query="x", filter={"kind": None}),
    asked("J22-filter-list", {422}, query="x", filter=[CANARY]),
    asked("J22-filter-many-values", {422}, query="x", filter={"id": ["x"] * 1001}),
    *(
        asked(f"J23-{n}", {200}, query=text[:1000])
        for n, text in enumerate(("(((a+)+)+)$", "a" * 990 + "!", "-" * 1000, "？" * 1000))
    ),
    asked("J23-unknown-mode", {422}, query="x", mode=CANARY),
    asked("J23-number-for-query", {422}, query=5),
    asked("J23-stream-as-string", {422}, "/v1/ask", question="x", stream="true"),
    asked("J23-analyzed-at-limit", {200}, "/v1/analyze", text="云" * 10_000),
    asked("J23-analyzed-over-limit", {422}, "/v1/analyze", text="云" * 10_001),
    asked("J23-nothing-analyzed", {200}, "/v1/analyze", text=""),
    *(
        asked(f"U-{name}", {200}, query=f"云台{text}占地")
        for name, text in (
            ("nul", "\0"),
            ("control", "\x1b[31m\x85"),
            ("line-separators", "\u2028\u2029"),
            ("bidi", "\u202e\u2066"),
            ("tags", "\U000e0041" * 50),
            ("ligature-bomb", "\ufdfa" * 900),
            ("noncharacter", "\ufffe\U0010ffff"),
            ("flags", "🇨🇳👨‍👩‍👧‍👦"),
            ("private", "\ue000"),
            ("kana", "ｶﾞ"),
        )
    ),
]

DOCUMENT_ROWS = [
    kept("M5-nothing", {422}, b"", "text/plain"),
    kept("M5-white-space", {422}, " \n　\n", "text/plain"),
    kept("M5-bom-only", {422}, b"\xef\xbb\xbf", "text/plain"),
    kept("M5-headings-only", {422}, "# 只有标题\n\n## 还是标题\n", "text/markdown"),
    *(
        kept(f"M6-{name}", {415, 422}, start + CANARY.encode(), media_type)
        for name, start, media_type in (
            ("pdf-as-text", b"%PDF-1.7", "text/plain"),
            ("png-as-markdown", b"\x89PNG\r\n\x1a\n", "text/markdown"),
            ("zip", b"PK\x03\x04", ""),
            ("gzip", b"\x1f\x8b\x08", "application/octet-stream"),
            ("unknown-type", b"x", f"application/{CANARY.lower()}"),
            ("html-without-text", b"<script>", "text/html"),
        )
    ),
    kept("M6-binary-text", {422}, b"\x00\x01\x02\xff", "text/plain"),
    kept("M6-no-encoding", {422}, bytes(range(128, 256)) * 3, "text/plain"),
    kept("M1-no-boundary", {400}, form((FILE.format("a.md"), TEXT)), "multipart/form-data"),
    kept("M1-wrong-boundary", {400, 422}, form((FILE.format("a.md"), TEXT)), "multipart/form-data; boundary=y"),
    kept(
        "M1-long-boundary", {400, 422}, form((FILE.format("a.md"), TEXT)), "multipart/form-data; boundary=" + "y" * 1000
    ),
    kept("M1-truncated", {400, 422}, form((FILE.format("a.md"), TEXT), end=b"--x")[:40], FORM),
    kept(
        "M1-odd-charset",
        {201, 400},
        form((FILE.format("a.md"), TEXT)),
        "multipart/form-data; boundary=x; charset=nonsense",
    ),
    kept("M1-mixed", {415}, form((FILE.format("a.md"), TEXT)), "multipart/mixed; boundary=x"),
    kept("M2-many-parts", {400}, form(*[('form-data; name="a"', b"1")] * 2000), FORM),
    kept("M2-two-files", {400}, form((FILE.format("a.md"), TEXT), (FILE.format("b.md"), TEXT)), FORM),
    kept("M2-large-field", {400}, form(('form-data; name="a"', b"1" * 3_000_000)), FORM),
    kept("M2-no-file", {422}, form(('form-data; name="other"', TEXT)), FORM),
    kept("M2-file-is-a-field", {422}, form(('form-data; name="file"', TEXT)), FORM),
    kept("M2-nothing", {400, 422}, b"", FORM),
    *(
        kept(f"M3-name-{n}", {200, 201, 400, 415, 422}, form((FILE.format(name), TEXT)), FORM, "/v1/documents/named")
        for n, name in enumerate(
            (
                "../../etc/passwd",
                "/etc/passwd",
                "..\\..\\x.md",
                "\0.md",
                "",
                ".",
                "CON",
                "\u202etxt.exe",
                "云" * 90 + ".md",
                "a" * 5000,
            )
        )
    ),
    kept("M4-over-limit", {413}, b"x" * (20 * 2**20 + 1), "text/plain"),
    kept("J-row-not-json", {400}, "{", "application/json"),
    kept("J-row-nan", {400}, '{"text": NaN}', "application/json"),
    kept("J-row-duplicate-keys", {400}, '{"text": "a", "text": "b"}', "application/json"),
    kept("J-row-deep", {400, 422}, "[" * 100_000, "application/json"),
    kept("J-row-bom", {400}, '\ufeff{"text": "a"}', "application/json"),
    kept("J-row-list", {422}, "[]", "application/json"),
    kept("J-row-without-text", {422}, "{}", "application/json"),
    kept("J-row-number", {422}, '{"text": 5}', "application/json"),
    kept("J-row-unknown-field", {422}, '{"text": "a", "colour": "red"}', "application/json"),
    kept("J-row-unknown-surrogate-field", {422}, '{"text": "a", "\\ud800": "red"}', "application/json"),
    *(
        kept(
            f"J-row-surrogate-in-{name}",
            {422},
            json.dumps({"text": "云台占地10亩。"} | {name: value}),
            "application/json",
        )
        for name, value in (
            ("text", "\ud800"),
            ("title", "\ud800"),
            ("kind", "\ud800"),
            ("publisher", "\ud800"),
            ("url", "\ud800"),
            ("aliases", ["\ud800"]),
        )
    ),
    raw("J-row-bad-id", {422}, b'{"id": "../x", "text": "a"}', "/v1/documents"),
    *(
        kept(f"H18-id-{name}", {404, 422}, "x", "text/plain", f"/v1/documents/{name}")
        for name in (
            "%2e%2e",
            "..%2f..%2fetc",
            "a%2Fb",
            "%00",
            "%20",
            "-x",
            "~",
            "a%0Ab",
            "%F0%9F%98%80",
            "%ff",
            "%c0%ae",
            "a%5Cb",
            "x" * 129,
        )
    ),
]

HEAD_ROWS = [
    got("H10-get-on-post", {405}, "/v1/search"),
    got("H10-unknown-method", {400, 405}, "/v1/search", "BREW"),
    got("H10-trace", {405}, "/v1/stats", "TRACE"),
    got("H10-patch", {405}, "/v1/documents/yuntai", "PATCH"),
    got("H10-post-on-page", {405}, "/page/index.html", "POST"),
    got("H10-head-on-post", {405}, "/v1/ask", "HEAD"),
    got("H10-options", {204}, "/v1/ask", "OPTIONS"),
    raw("H13-gzip", {415}, b"\x1f\x8b", content_encoding="gzip"),
    got(
        "H15-many-ranges",
        {200, 206, 416},
        "/page/index.html",
        range="bytes=" + ",".join(f"{i}-{i}" for i in range(2000)),
    ),
    got(
        "H16-forwarded",
        {200},
        "/v1/stats",
        x_forwarded_host="evil.example",
        x_forwarded_proto="https",
        x_forwarded_for="1.2.3.4",
    ),
    raw("H17-foreign-origin", {403}, b'{"query": "x"}', origin="https://evil.example"),
    raw("H17-null-origin", {403}, b'{"query": "x"}', origin="null"),
    raw("H17-cross-site", {403}, b'{"query": "x"}', sec_fetch_site="cross-site"),
    got("H17-foreign-delete", {403}, "/v1/documents/yuntai", "DELETE", origin="https://evil.example"),
    got(
        "H17-preflight",
        {204},
        "/v1/ask",
        "OPTIONS",
        origin="https://evil.example",
        access_control_request_method="POST",
    ),
    *(
        got(f"H18-{path}", {404}, path)
        for path in (
            "//",
            "/./x",
            "/page/%2e%2e/cli.py",
            "/page/..%2fcli.py",
            "/page/..%5ccli.py",
            "/page/..;/cli.py",
            "/page/%00",
            "/page/%c0%ae%c0%ae/",
            "/page/",
            "/page",
            "/page/.",
            "/page//etc/passwd",
            "/page/%2fetc%2fpasswd",
            "/page/" + "a" * 5000,
            "/v1/search/x",
            "/openapi.json/",
        )
    ),
    *(got(f"trailing-{path}", {404}, f"{path}/") for path in ("/v1/documents", "/v1/stats", "/health/live", "/docs")),
    got("nowhere", {404}, f"/{CANARY}%3Cscript%3E"),
    got("non-utf8-path", {404}, "/%ff%fe"),
    got("chinese-path", {404}, "/%E4%BA%91%E5%8F%B0"),
    got("host-unknown", {421}, "/v1/stats", host="evil.example"),
    got("host-with-path", {400}, "/v1/stats", host="127.0.0.1/x?y="),
    got("host-empty", {400}, "/v1/stats", host=""),
    got("host-localhost", {200}, "/v1/stats", host="localhost:8000"),
    got("H7-large-head", {431}, "/v1/stats", x_large="x" * LONGEST_HEAD),
    got("H8-long-address", {414}, "/" + "x" * LONGEST_ADDRESS),
    got("H20-accept", {200}, "/v1/stats", accept="application/x-nothing", accept_language="zh," * 2000),
]

ROWS = [*JSON_ROWS, *DOCUMENT_ROWS, *HEAD_ROWS]

GET = b"GET /v1/stats HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n"
POST = b"POST /v1/search HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\nContent-Type: application/json\r\n"
QUERY = b'{"query": "x"}'
CHUNKED = POST + b"Transfer-Encoding: chunked\r\n\r\n"
MEGABYTE = b"100000\r\n" + b"x" * 0x100000 + b"\r\n"
FRAMING = {
    "H1-random": ({400}, bytes(range(128, 256)) * 4 + b"\r\n\r\n"),
    "H1-zeros": ({400}, b"\0" * 1000),
    "H1-tls": ({400}, b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"a" * 100),
    "H1-http2-preface": ({400}, b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
    "H2-http0.9": ({400}, b"GET /\r\n\r\n"),
    "H2-http3.7": ({400}, b"GET / HTTP/3.7\r\nHost: 127.0.0.1\r\n\r\n"),
    "H3-no-host": ({400}, b"GET /v1/stats HTTP/1.1\r\nConnection: close\r\n\r\n"),
    "H3-two-hosts": ({400}, GET + b"Host: 127.0.0.1\r\n\r\n"),
    "H3-http1.0-without-host": ({200}, b"GET /v1/stats HTTP/1.0\r\n\r\n"),
    "H4-length-and-chunks": (
        {400},
        POST + b"Content-Length: 14\r\nTransfer-Encoding: chunked\r\n\r\ne\r\n" + QUERY + b"\r\n0\r\n\r\n",
    ),
    "H4-two-lengths": ({400}, POST + b"Content-Length: 14\r\nContent-Length: 15\r\n\r\n" + QUERY),
    "H4-negative-length": ({400}, POST + b"Content-Length: -1\r\n\r\n" + QUERY),
    "H4-plus-length": ({400}, POST + b"Content-Length: +14\r\n\r\n" + QUERY),
    "H4-hex-length": ({400}, POST + b"Content-Length: 0x0e\r\n\r\n" + QUERY),
    "H4-bad-chunk": ({400}, CHUNKED + b"zz\r\n" + QUERY),
    "H4-negative-chunk": ({400}, CHUNKED + b"-1\r\n" + QUERY),
    "H4-huge-chunk": ({400}, CHUNKED + b"fffffffffffffffff\r\n" + QUERY),
    "H4-chunks": ({200}, CHUNKED + b"e\r\n" + QUERY + b"\r\n0\r\n\r\n"),
    "H5-length-10^19": ({413}, POST + b"Content-Length: 10000000000000000000\r\n\r\n" + QUERY),
    "H5-length-10^30": ({400}, POST + b"Content-Length: " + b"9" * 30 + b"\r\n\r\n" + QUERY),
    "H5-length-over-limit": ({413}, POST + b"Content-Length: 100000000\r\n\r\n" + QUERY),
    "H6-chunks-over-limit": ({413}, CHUNKED + MEGABYTE * 6),
    "H7-100-KB-head": ({431}, GET + b"X: " + b"a" * 100_000 + b"\r\n\r\n"),
    "H7-5000-lines": ({431}, GET + b"".join(b"X%d: a\r\n" % n for n in range(5000)) + b"\r\n"),
    "H7-endless-head": ({431, None}, GET + b"X: a\r\n" * 200_000),
    "H8-100-KB-address": ({400, 414}, b"GET /" + b"a" * 100_000 + b" HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"),
    "H9-bare-lf": ({400}, b"GET /v1/stats HTTP/1.1\nHost: 127.0.0.1\nConnection: close\n\n"),
    "H9-nul": ({400}, GET + b"X: a\0b\r\n\r\n"),
    "H9-folded-line": ({400}, GET + b"X: a\r\n b\r\n\r\n"),
    "H9-space-in-name": ({400}, GET + b"X : a\r\n\r\n"),
    "H10-options-star": ({204, 404}, b"OPTIONS * HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n"),
    "H10-connect": ({400, 405}, b"CONNECT 127.0.0.1:80 HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n"),
    "H11-expect-over-limit": ({413}, POST + b"Content-Length: 100000000\r\nExpect: 100-continue\r\n\r\n"),
    "H12-websocket": (
        {200, 426},
        GET.replace(b"close", b"Upgrade, close") + b"Upgrade: websocket\r\nSec-WebSocket-Key: eA==\r\n\r\n",
    ),
    "H13-packed-chunks": ({415}, POST + b"Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n"),
    "H14-pipelined": ({200}, GET.replace(b"Connection: close\r\n", b"") + b"\r\n" + GET + b"\r\n"),
    "H18-absolute": (
        {200, 404, 421},
        b"GET http://evil.example/v1/stats HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n",
    ),
    "H18-raw-utf8-path": ({400, 404}, "GET /云 HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n".encode()),
}
