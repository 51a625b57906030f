"""Metrics for Prometheus: how much, how fast, how well. No label holds anything that a client can choose freely."""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from fastapi import APIRouter, Request, Response
from prometheus_client import CollectorRegistry, Counter, Histogram, ProcessCollector, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from index.passage_index import PassageIndex
from rag import logs

MEDIA_TYPE: Final = "text/plain; version=0.0.4; charset=utf-8"
METHODS: Final = frozenset({"GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH"})
SECONDS: Final = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)

_WORD = re.compile(r"[a-z][a-z_]{0,39}")  # what stages and reasons are called; anything else is counted as `other`
_EXAMPLE = """# HELP rag_answers_total Questions by what became of them.
# TYPE rag_answers_total counter
rag_answers_total{status="answered"} 41.0
rag_answers_total{status="no_answer"} 3.0
"""

router = APIRouter(tags=["状态"])


@router.get(
    "/metrics",
    summary="运行指标",
    response_model=None,
    response_class=Response,
    responses={200: {"description": "Prometheus 文本格式", "content": {"text/plain": {"example": _EXAMPLE}}}},
)
async def metrics(request: Request) -> Response:
    """请求数与耗时（按路由和状态）、问答各阶段耗时、回答与拒答、降级、反馈、索引的代、文档与段落数。"""
    held: Metrics = request.app.state.metrics
    return Response(held.text(), media_type=MEDIA_TYPE)


class Metrics:
    """What is counted for one service, in a registry of its own."""

    def __init__(self, index: PassageIndex) -> None:
        self._registry = held = CollectorRegistry()
        self._requests = Counter("rag_requests", "Requests.", ("method", "route", "status"), registry=held)
        self._seconds = Histogram(
            "rag_request_seconds", "Time until a request was answered.", ("route",), buckets=SECONDS, registry=held
        )
        self._stages = Histogram(
            "rag_stage_seconds", "Time for one stage of a question.", ("stage",), buckets=SECONDS, registry=held
        )
        self._answers = Counter("rag_answers", "Questions by what became of them.", ("status",), registry=held)
        self._degraded = Counter("rag_degraded", "Answers that lack something.", ("reason",), registry=held)
        self._feedback = Counter("rag_feedback", "Verdicts on answers.", ("helpful", "reason"), registry=held)
        held.register(_State(index))
        ProcessCollector(registry=held)
        for status in ("answered", "no_answer"):
            self._answers.labels(status)

    def request(self, method: str, route: str, status: str, seconds: float) -> None:
        """Count a request. route is a row of the table of rules, never a path."""
        self._requests.labels(method if method in METHODS else "other", route, status).inc()
        self._seconds.labels(route).observe(seconds)

    def searched(self, timing: Mapping[str, float], degraded: Iterable[str] = ()) -> None:
        """Count the stages of a question, timing in milliseconds, and what it lacks."""
        for reason in degraded:
            self._degraded.labels(_word(reason)).inc()
        for stage, spent in timing.items():
            self._stages.labels(_word(stage)).observe(spent / 1000)

    def answered(self, status: str, degraded: Iterable[str], timing: Mapping[str, float]) -> None:
        """Count an answer. status is `answered` or `no_answer`, degraded says what it lacks."""
        self._answers.labels(_word(status)).inc()
        self.searched(timing, degraded)

    def judged(self, helpful: bool, reason: str | None) -> None:
        """Count a verdict that somebody gave on an answer."""
        self._feedback.labels("true" if helpful else "false", _word(reason) if reason else "").inc()

    def text(self) -> bytes:
        """Everything counted so far in Prometheus' text format."""
        return generate_latest(self._registry)


def count_search(request: Request, found: Mapping[str, Any]) -> None:
    """Count a search by the body that answers it."""
    held: Metrics = request.app.state.metrics
    held.searched(found["timing_ms"], found["degraded"])


def count_answer(request: Request, answer: Mapping[str, Any], degraded: Iterable[str] = ()) -> None:
    """Count an answer by the body of the contract, and note in the log what became of the question.

    degraded  what it lacks beyond what its body says
    """
    held: Metrics = request.app.state.metrics
    held.answered(answer["status"], (*answer["degraded"], *degraded), answer["timing_ms"])
    logs.note(answer=answer["status"])


def count_feedback(request: Request, helpful: bool, reason: str | None) -> None:
    """Count a verdict, and note it in the log; nothing that was asked or written goes there."""
    held: Metrics = request.app.state.metrics
    held.judged(helpful, reason)
    logs.note(feedback="helpful" if helpful else "unhelpful")


class _State(Collector):
    """Generation, documents and passages as they are when somebody looks."""

    def __init__(self, index: PassageIndex) -> None:
        self._index = index

    def collect(self) -> Iterator[GaugeMetricFamily]:
        snapshot = self._index.snapshot
        yield GaugeMetricFamily("rag_generation", "Acknowledged changes of the index.", snapshot.generation)
        yield GaugeMetricFamily("rag_documents", "Documents in the index.", len(snapshot.documents))
        yield GaugeMetricFamily("rag_passages", "Passages in the index.", len(snapshot.lexical))
        waiting = len(snapshot.lexical) - len(snapshot.dense)
        yield GaugeMetricFamily("rag_passages_waiting", "Passages whose vectors are still to be made.", waiting)


def _word(name: str) -> str:
    return name if _WORD.fullmatch(name) else "other"
