"""Paths of the version before: they lead to the routes of today, and the answer says so.

Served for one version after the new ones came; `/v1/documents/{id}/askings` until 0.3.
"""

import re
from typing import Final

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_OLD: Final = re.compile(r"(/v1/documents/[^/]+)/askings(?=/|$)")
_NEW: Final = r"\1/similar-questions"


class DeprecatedPaths:
    """Rewrites an old path before anything else sees it, and adds the headers `Deprecation` and `Link`."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not _OLD.match(scope["path"]):
            await self._app(scope, receive, send)
            return
        path = _OLD.sub(_NEW, scope["path"], count=1)
        raw = _OLD.sub(_NEW, scope.get("raw_path", b"").decode("latin-1"), count=1).encode("latin-1")

        async def send_with_note(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers["Deprecation"] = "true"
                headers.append("Link", f'<{raw.decode("latin-1")}>; rel="successor-version"')
            await send(message)

        await self._app({**scope, "path": path, "raw_path": raw}, receive, send_with_note)
