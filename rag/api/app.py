"""The application: routes, page, frame and error door put together."""

from fastapi import FastAPI

from rag.api import contract, documents, lexicon, page, problems, questions, status
from rag.api.admission import Admission
from rag.api.frame import Frame
from rag.service import Service


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
    app.state.lexicon = service.lexicon
    problems.install(app)
    for router in (questions.router, documents.router, lexicon.router, status.router):
        app.include_router(router)
    page.install(app)
    contract.describe(app)
    settings = service.settings
    app.add_middleware(Frame, admission=Admission(settings.host_names, settings.max_body_mb * 2**20))
    return app
