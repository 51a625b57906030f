"""Routes about the service itself: health and statistics."""

from collections import Counter

from fastapi import APIRouter, Response

from rag.api.contract import answers
from rag.api.question_routes import The
from rag.api.wire import json_response
from rag.schema import examples
from rag.schema.models import HealthBody, StatsBody

router = APIRouter(tags=["状态"])


@router.get(
    "/v1/stats", summary="统计", response_model=None, responses=answers(StatsBody, examples.STATS, "索引的统计")
)
async def stats(service: The) -> Response:
    """文档和段落的数量、按类别、区县和年份的分布、编码器。"""
    index = service.index
    snapshot = index.snapshot
    entries = snapshot.documents.values()
    files, size = service.originals.totals()
    body = {
        "documents": len(entries),
        "passages": len(snapshot.lexical),
        "waiting_passages": service.index.waiting,
        "generation": snapshot.generation,
        "encoder": {
            "name": index.encoder.name,
            "dimension": index.encoder.dimension,
            "fingerprint": index.encoder.fingerprint,
        },
        "facets": {
            "kind": dict(Counter(entry.kind for entry in entries if entry.kind)),
            "district": dict(Counter(district for entry in entries for district in entry.districts)),
            "origin": dict(Counter(entry.origin for entry in entries)),
            "year": dict(sorted(Counter(entry.date[:4] for entry in entries if entry.date).items(), reverse=True)),
        },
        "lexicon": {
            "version": service.lexicon.whole.version,
            "holds": service.lexicon_holds,
            "stale_passages": service.stale_passages,
        },
        "originals": {"files": files, "bytes": size},
    }
    return json_response(body, generation=snapshot.generation)


@router.get(
    "/health/live",
    summary="进程是否活着",
    response_model=None,
    responses=answers(HealthBody, examples.LIVE, "进程在运行"),
)
async def live() -> Response:
    """只要进程在运行就是 200。"""
    return json_response({"status": "ok"})


@router.get(
    "/health/ready",
    summary="能否回答问题",
    response_model=None,
    responses=answers(HealthBody, examples.READY, "可以回答问题", 503),
)
async def ready(service: The) -> Response:
    """索引已打开、可以回答时是 200。"""
    return json_response({"status": "ready"}, generation=service.index.snapshot.generation)
