"""The chat page and the description of the contract as files, under a policy that lets nothing foreign in."""

import os
from pathlib import Path
from typing import Final

from fastapi import FastAPI, Request, Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from rag.api.frame import PAGE_POLICY

FOLDER: Final = Path(__file__).parent.parent / "page"


class PageFiles(StaticFiles):
    """Files that browsers keep and ask about each time; 304 carries the same policy as the file itself."""

    def file_response(
        self, full_path: str | os.PathLike[str], stat_result: os.stat_result, scope: Scope, status_code: int = 200
    ) -> Response:
        response = super().file_response(full_path, stat_result, scope, status_code)
        response.headers["Content-Security-Policy"] = PAGE_POLICY
        response.headers["Cache-Control"] = "no-cache"
        return response


def install(app: FastAPI) -> None:
    """Serve the page at /, the description at /docs, and their parts under /page."""
    files = PageFiles(directory=FOLDER)

    @app.get("/", include_in_schema=False)
    async def page(request: Request) -> Response:
        return await files.get_response("index.html", request.scope)

    @app.get("/docs", include_in_schema=False)
    async def docs(request: Request) -> Response:
        return await files.get_response("docs.html", request.scope)

    app.mount("/page", files, name="page")
