"""A real server in this process, for the neighbours' own clients to talk to."""

import asyncio
import importlib.util
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType

import uvicorn
from fastapi import FastAPI
from support_server import ROOT

from rag.api import dialects, dify_routes, openai_routes
from rag.api.app import create_app
from rag.generation.wording import Generation
from rag.service import Service


def trusting(service: Service) -> Service:
    """The same index, answering from whatever was found: how relevant it is, is fitted anew and not tested here."""
    return Service(service.settings.model_copy(update={"threshold": 0.0}), service.index)


def whole_app(service: Service, generation: Generation | None = None) -> FastAPI:
    """The app with the neighbours' contracts, whether or not it has them already."""
    app = create_app(service)
    if not any(getattr(route, "path", "") == "/retrieval" for route in app.routes):
        app.include_router(openai_routes.router)
        app.include_router(dify_routes.router)
        app.add_middleware(dialects.Dialects)
    app.state.generation = generation
    return app


@contextmanager
def serving(app: FastAPI) -> Iterator[str]:
    """The address of a server that runs as long as the block."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        server = uvicorn.Server(uvicorn.Config(app, log_config=None, lifespan="off", ws="none"))
        thread = threading.Thread(target=lambda: asyncio.run(server.serve([listener])), daemon=True)
        thread.start()
        while not server.started:
            time.sleep(0.01)
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        server.should_exit = True
        thread.join(10)


def example(name: str) -> ModuleType:
    """One of the documented examples, as a module."""
    specification = importlib.util.spec_from_file_location(name, ROOT / "tests" / "examples" / f"{name}.py")
    assert specification
    assert specification.loader
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    return module
