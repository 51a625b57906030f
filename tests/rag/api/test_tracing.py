"""Traces: only where an operator names a collector, and nothing in them that a client sent."""

import asyncio
from typing import Any

import pytest
from starlette.types import Message, Receive, Scope, Send
from support_calls import call

from rag.api.tracing import ENDPOINT, Traced, traced

COLLECTOR = {ENDPOINT: "http://127.0.0.1:4318"}


async def answering(scope: Scope, receive: Receive, send: Send) -> None:
    await send({"type": "http.response.start", "status": 404, "headers": []})
    await send({"type": "http.response.body", "body": b""})


def test_without_a_collector_nothing_is_put_around() -> None:
    assert traced(answering, {}) is answering
    assert traced(answering, {ENDPOINT: ""}) is answering


def test_without_the_packages_the_operator_is_told(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("rag.api.tracing.find_spec", lambda name: None)
    assert traced(answering, COLLECTOR) is answering
    assert "install opentelemetry-sdk and opentelemetry-exporter-otlp-proto-http" in caplog.text


def test_a_span_a_request() -> None:
    pytest.importorskip("opentelemetry.sdk")
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import SimpleSpanProcessor
    from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

    kept = InMemorySpanExporter()
    provider = TracerProvider(shutdown_on_exit=False)
    provider.add_span_processor(SimpleSpanProcessor(kept))
    app = Traced(answering, provider.get_tracer("test"))
    parent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
    call(app, "GET", "/v1/documents/canary", {"traceparent": parent, "user-agent": "canary"}, query="q=canary")
    (span,) = kept.get_finished_spans()
    assert span.name == "GET /v1/documents/{document_id}"
    expected = {
        "http.request.method": "GET",
        "http.route": "/v1/documents/{document_id}",
        "http.response.status_code": 404,
    }
    assert dict(span.attributes or {}) == expected
    assert f"{span.context.trace_id:x}" in parent

    async def failing(scope: Scope, receive: Receive, send: Send) -> None:
        raise ValueError("canary")

    with pytest.raises(ValueError, match="canary"):
        call(Traced(failing, provider.get_tracer("test")), "GET", "/v1/stats")
    assert "canary" not in "".join(one.to_json() for one in kept.get_finished_spans())


def test_what_is_no_request_passes() -> None:
    pytest.importorskip("opentelemetry.sdk")
    seen: list[Any] = []

    async def other(scope: Scope, receive: Receive, send: Send) -> None:
        seen.append(scope)

    async def nothing() -> Message:
        return {}

    asyncio.run(Traced(other, None)({"type": "lifespan"}, nothing, other))  # type: ignore[arg-type]
    assert seen == [{"type": "lifespan"}]
