"""Running the server: one process, the fast event loop and parser, a ready line with the address."""

import uvicorn

from rag.api import create_app
from rag.service import Service

_SHUTDOWN_SECONDS = 8  # in which requests under way may finish after SIGTERM
_CONNECTIONS = 512  # beyond which new requests are answered 503 at once


def serve(service: Service) -> None:
    """Serve until SIGTERM or Ctrl-C, then close the index."""
    settings = service.settings
    config = uvicorn.Config(
        create_app(service),
        host=settings.host,
        port=settings.port,
        log_level=settings.log_level,
        access_log=settings.log_level == "debug",
        server_header=False,
        limit_concurrency=_CONNECTIONS,
        timeout_keep_alive=15,
        timeout_graceful_shutdown=_SHUTDOWN_SECONDS,
    )
    try:
        _Server(config).run()
    finally:
        service.close()


class _Server(uvicorn.Server):
    """Says when it is ready: people wait for this line, and so do scripts."""

    async def startup(self, sockets: list[object] | None = None) -> None:  # type: ignore[override]
        await super().startup(sockets)  # type: ignore[arg-type]
        if self.started:
            host = f"[{self.config.host}]" if ":" in self.config.host else self.config.host
            print(f"ready: http://{host}:{self.config.port}/", flush=True)
