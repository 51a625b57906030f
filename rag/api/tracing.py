"""Traces for OpenTelemetry: a span a request, only where an operator names a collector.  [opentelemetry]

The SDK is an optional dependency (pip install 'hangzhou-community-rag[tracing]') and reads its own settings, OTEL_…;
a span holds method, row of the rules and status, no question and no id.
"""

import logging
from collections.abc import Mapping
from importlib.util import find_spec
from typing import Any, Final

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from rag.api.access_rules import template_of

ENDPOINT: Final = "OTEL_EXPORTER_OTLP_ENDPOINT"

_NEEDED = ("opentelemetry.sdk", "opentelemetry.exporter.otlp.proto.http")

log = logging.getLogger(__name__)


def traced(app: ASGIApp, environment: Mapping[str, str]) -> ASGIApp:
    """The application with a span around each request; as it is where no collector is named."""
    if not environment.get(ENDPOINT):
        return app
    if not all(_is_there(name) for name in _NEEDED):
        log.warning("%s is set, but there are no traces: install %s", ENDPOINT, " and ".join(_PACKAGES))
        return app
    return Traced(app, _tracer(environment))


class Traced:
    """Puts a span of the tracer around each request; a trace that the client began goes on."""

    def __init__(self, app: ASGIApp, tracer: Any) -> None:
        self._app = app
        self._tracer = tracer

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        from opentelemetry.propagate import extract
        from opentelemetry.trace import SpanKind

        method, route = scope["method"], template_of(scope["path"])
        begun = extract({name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]})
        facts = {"http.request.method": method, "http.route": route}
        # an error that ends the request is not recorded: its message may quote a question
        with self._tracer.start_as_current_span(
            f"{method} {route}", begun, SpanKind.SERVER, facts, record_exception=False, set_status_on_exception=False
        ) as span:

            async def told(message: Message) -> None:
                if message["type"] == "http.response.start":
                    span.set_attribute("http.response.status_code", message["status"])
                await send(message)

            await self._app(scope, receive, told)


_PACKAGES: Final = ("opentelemetry-sdk", "opentelemetry-exporter-otlp-proto-http")


def _tracer(environment: Mapping[str, str]) -> Any:
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor

    named = {} if environment.get("OTEL_SERVICE_NAME") else {"service.name": "hangzhou-rag"}
    provider = TracerProvider(resource=Resource.create(named))
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    return provider.get_tracer("rag")


def _is_there(name: str) -> bool:
    try:
        return find_spec(name) is not None
    except ModuleNotFoundError:  # a package above it is missing
        return False
