"""Examples for the description of the contract; a test holds each to its model."""

from typing import Any, Final

_QUOTE: Final = "某某产业社区占地10亩。"
_SOURCE: Final = {
    "title": "某某产业社区开园",
    "publisher": "某某日报",
    "author": "",
    "date": "2023-01-03",
    "date_note": "",
    "url": "https://example.org/news/1",
    "number": "",
    "validity": "",
}
_CITATION: Final = {
    "index": 1,
    "document_id": "moumou",
    "title": "某某产业社区",
    "section": ["概况"],
    "page": None,
    "start": 4,
    "end": 16,
    "quote": _QUOTE,
    "quote_sha256": "868a89cdab1fe6aa1e016576c4fb1e49e6d0ab986aeea382427cbce9549e2d3d",
    "before": "",
    "after": "位于滨江区。",
    "sources": [_SOURCE],
}
_RESULT: Final = {
    "rank": 1,
    "relevance": 0.93,
    "passage_id": "moumou:4-22",
    "text": f"{_QUOTE}位于滨江区。",
    "also_in": [
        {
            "document_id": "moumou-zhuanzai",
            "title": "某某产业社区（转载）",
            "publisher": "某某网",
            "date": "2023-01-04",
            "address": "https://example.com/repost/1",
            "start": 4,
            "end": 22,
        }
    ],
    "citation": _CITATION,
    "matches": [[0, 8]],
    "scores": {
        "lexical": {"score": 12.4, "rank": 1, "share": 0.62},
        "dense": {"score": 0.71, "rank": 3, "share": 0.38},
    },
}
_TIMING: Final = {"encode": 0.3, "lexical": 0.6, "dense": 0.2, "rank": 0.4, "total": 1.8}
_NEAR: Final = {"id": "moumou-zhuanzai", "title": "某某产业社区（转载）", "resemblance": 0.93}
_SUMMARY: Final = {
    "id": "moumou",
    "title": "某某产业社区",
    "aliases": ["某某社区"],
    "kind": "community",
    "districts": ["滨江区"],
    "date": "2023-01-03",
    "characters": 22,
    "origin": "user",
    "parent": None,
    "content_hash": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    "generation": 12,
    "publishers": ["某某日报"],
    "numbers": [],
    "near_duplicates": [_NEAR],
}

SEARCH: Final[dict[str, Any]] = {
    "query": "某某产业社区的规模",
    "mode": "hybrid",
    "generation": 12,
    "results": [_RESULT],
    "timing_ms": _TIMING,
    "degraded": [],
}
ASK: Final[dict[str, Any]] = {
    "question": "那它占地多少？",
    "resolved_question": "某某产业社区占地多少？",
    "understood": {"notice": "", "spelling": [], "intent": "fact"},
    "status": "answered",
    "answer": f"{_QUOTE}[1]",
    "statements": [{"text": _QUOTE, "citations": [1]}],
    "disagreement": False,
    "unanswered": [],
    "gaps": [],
    "citations": [_CITATION],
    "passages": [_RESULT],
    "relevance": 0.93,
    "generated_by": "extractive",
    "generation": 12,
    "timing_ms": _TIMING,
    "degraded": [],
}
ASK_STREAM: Final = (
    'event: retrieval\ndata: {"passages":[…],"generation":12}\n\n'
    'event: delta\ndata: {"text":"某某产业社区占地10亩。[1]"}\n\n'
    'event: citation\ndata: {"index":1,…}\n\n'
    'event: done\ndata: {"question":"…","status":"answered",…}\n\n'
)
ANALYZE: Final[dict[str, Any]] = {
    "text": "視谷１００亩",
    "folded": "视谷100亩",
    "words": [
        {"text": "视谷", "start": 0, "end": 2},
        {"text": "100", "start": 2, "end": 5},
        {"text": "亩", "start": 5, "end": 6},
    ],
    "grams": ["视", "谷", "视谷", "100", "亩"],
    "numbers": [{"value": "100", "unit": "亩", "start": 2, "end": 6}],
    "lexicon": [{"text": "视谷", "start": 0, "end": 2, "origin": "bundled"}],
    "wordings": [],
    "sought": [],
    "lexicon_version": "5b0c1f77d2a94e36",
    "generation": 12,
}
KEPT: Final[dict[str, Any]] = {
    "id": "moumou",
    "title": "某某产业社区",
    "replaced": False,
    "documents": ["moumou"],
    "orphaned_askings": [],
    "near_duplicates": [_NEAR],
    "generation": 12,
    "report": {
        "format": "markdown",
        "encoding": "utf-8",
        "encoding_confidence": 1.0,
        "documents": 1,
        "pages": 0,
        "sections": 1,
        "passages": 1,
        "characters": 22,
        "coverage": 1.0,
        "dropped": [],
        "warnings": ["nearly the same as moumou-zhuanzai (某某产业社区（转载）): 93% alike"],
    },
}
MANY_KEPT: Final[dict[str, Any]] = {
    "files": [
        {"name": "政策/某某产业社区.md", "status": 201, "kept": KEPT, "problem": None},
        {
            "name": "政策/照片.bmp",
            "status": 415,
            "kept": None,
            "problem": {
                "title": "不支持这种内容格式",
                "detail": "无法读取这种格式；请另存为 DOCX、XLSX 或 PDF",
                "code": "unsupported_media_type",
            },
        },
    ],
    "kept": 1,
    "refused": 1,
    "generation": 12,
}
DOCUMENTS: Final[dict[str, Any]] = {"documents": [_SUMMARY], "total": 1, "next_cursor": None, "generation": 12}
SIMILAR_QUESTION: Final[dict[str, Any]] = {
    "id": 7,
    "text": "某某园有多大",
    "state": "used",
    "origin": "operator",
    "section": ["概况"],
    "quote": _QUOTE,
    "spans": [[4, 16]],
}
DOCUMENT: Final[dict[str, Any]] = {
    **_SUMMARY,
    "text": f"概况\n\n{_QUOTE}位于滨江区。",
    "sections": [{"path": ["概况"], "start": 4, "end": 22}],
    "sources": {"rb1": _SOURCE},
    "attributions": [{"start": 4, "end": 16, "sources": ["rb1"]}],
    "disagreements": [],
    "related": [],
    "pages": [],
    "asked": [{"start": 4, "end": 22, "questions": ["某某社区占地多少"]}],
    "askings": [SIMILAR_QUESTION],
}
GIVEN: Final[dict[str, Any]] = {"id": "5d41402abc4b2a76b9719d911017c592"}
FEEDBACK: Final[dict[str, Any]] = {
    "feedback": [
        {
            **GIVEN,
            "at": "2024-05-06T07:08:09Z",
            "key": "",
            "question": "某某产业社区占地多少亩？",
            "resolved": "",
            "status": "answered",
            "helpful": True,
            "reason": None,
            "comment": "",
            "answer": f"{_QUOTE}[1]",
            "passages": [
                {
                    "document_id": "moumou",
                    "start": 4,
                    "end": 16,
                    "quote": _QUOTE,
                    "content_hash": _SUMMARY["content_hash"],
                    "standing": "same",
                }
            ],
            "trace_id": "9f2c4e6a8b0d1f35",
        }
    ],
    "total": 1,
    "next_cursor": None,
}
EXPORTED: Final = (
    '{"id":"feedback-5d41402abc4b2a76b9719d911017c592","kind":"feedback","q":"某某产业社区占地多少亩？",'
    f'"answers":[["{_QUOTE}"]],"subjects":["moumou"]}}\n'
)
STATS: Final[dict[str, Any]] = {
    "documents": 1,
    "passages": 1,
    "waiting_passages": 0,
    "generation": 12,
    "encoder": {"name": "bundled", "dimension": 384, "fingerprint": "2c26b46b68ffc68ff99b453c1d304134"},
    "facets": {"kind": {"community": 1}, "district": {"滨江区": 1}, "origin": {"user": 1}, "year": {"2023": 1}},
    "lexicon": {"version": "5b0c1f77d2a94e36", "holds": True, "stale_passages": 0},
    "originals": {"files": 1, "bytes": 98},
}
LIVE: Final[dict[str, Any]] = {"status": "ok"}
READY: Final[dict[str, Any]] = {"status": "ready"}

MARKDOWN: Final = "# 某某产业社区\n\n## 概况\n\n某某产业社区占地10亩。[^rb1]位于滨江区。\n\n[^rb1]: 某某产业社区开园\n"
ROW: Final[dict[str, Any]] = {
    "id": "moumou",
    "title": "某某产业社区",
    "text": "某某产业社区占地10亩。",
    "kind": "community",
    "districts": ["滨江区"],
    "publisher": "某某日报",
    "date": "2023-01-03",
    "url": "https://example.org/news/1",
}
