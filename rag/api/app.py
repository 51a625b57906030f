"""The application: routes, page, frame and error handler put together."""

from fastapi import FastAPI

from rag.api import (
    contract,
    dify_routes,
    document_routes,
    feedback_routes,
    lexicon_routes,
    mcp_routes,
    metrics,
    openai_routes,
    page_routes,
    problems,
    proposal_routes,
    question_routes,
    similar_question_routes,
    status_routes,
)
from rag.api.access import Access
from rag.api.admission import Admission
from rag.api.api_keys import KeyRing
from rag.api.deprecated_paths import DeprecatedPaths
from rag.api.dialects import Dialects
from rag.api.frame import Frame
from rag.api.observing import Observer
from rag.api.origins import Cors, Origins
from rag.api.rate import Buckets, Rate
from rag.generation.configured import configured
from rag.service import Service
from rag.settings import Settings, is_loopback, networks


def create_app(service: Service) -> FastAPI:
    """The ASGI application over an open service."""
    app = FastAPI(
        title="杭州产业社区问答服务",
        description=contract.DESCRIPTION,
        version="1",
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
    )
    app.state.service = service
    app.state.metrics = metrics.Metrics(service.index)
    app.state.generation = configured(service.settings, service.index.tokeniser)
    problems.install(app)
    described = (
        question_routes,
        document_routes,
        similar_question_routes,
        proposal_routes,
        feedback_routes,
        lexicon_routes,
        status_routes,
        metrics,
    )
    for routes in (*described, openai_routes, dify_routes):
        app.include_router(routes.router)
    page_routes.install(app)
    mcp_routes.install(app, service)
    contract.describe(app)
    _surround(app, service.settings)
    return app


def _surround(app: FastAPI, settings: Settings) -> None:
    """The layers around the routes, innermost first."""
    trusted, origins = networks(settings.trusted_proxies), Origins(settings.allowed_origins)
    if settings.rate_per_minute:
        app.add_middleware(Rate, buckets=Buckets(settings.rate_per_minute), trusted=trusted)
    app.add_middleware(Access, ring=KeyRing(settings.home), trusted=trusted, local=is_loopback(settings.host))
    app.add_middleware(Frame, admission=Admission(settings.host_names, settings.max_body_mb * 2**20, origins))
    app.add_middleware(Dialects)  # what the layers inside refuse is translated too
    app.add_middleware(Cors, origins=origins)
    app.add_middleware(Observer, metrics=app.state.metrics, trusted=trusted)
    app.add_middleware(DeprecatedPaths)
