"""The application: routes, page, frame and error door put together."""

from pathlib import Path

from fastapi import FastAPI, Response
from fastapi.responses import FileResponse
from fastapi.staticfiles import StaticFiles

from rag.api import documents, problems, questions, status
from rag.api.frame import PAGE_POLICY, Frame
from rag.api.models import ProblemBody
from rag.service import Service

PAGE = Path(__file__).parent.parent / "page"
_DESCRIPTION = """就杭州产业社区提问，得到按相关度排序的段落、精确到字的引用和由原文句子组成的简短回答；语料中没有答案时如实说明。

偏移量按 Unicode 码位计，区间左闭右开。所有错误都是 `application/problem+json`（RFC 9457）。"""


def create_app(service: Service) -> FastAPI:
    """The ASGI application over an open service."""
    app = FastAPI(
        title="杭州产业社区问答服务",
        description=_DESCRIPTION,
        version="1",
        redoc_url=None,
        docs_url="/docs",
        responses={"default": {"model": ProblemBody, "description": "错误"}},
    )
    app.state.service = service
    problems.install(app)
    for router in (questions.router, documents.router, status.router):
        app.include_router(router)

    @app.get("/", include_in_schema=False)
    async def page() -> Response:
        return FileResponse(PAGE / "index.html", headers={"Content-Security-Policy": PAGE_POLICY})

    app.mount("/page", StaticFiles(directory=PAGE), name="page")
    app.add_middleware(Frame, max_body=service.settings.max_body_mb * 2**20)
    return app
