"""Access: who asks and whether they may, decided from the head of a request before any of its body is read."""

import logging
import time
from collections.abc import Callable, Sequence
from typing import Final

from starlette.types import ASGIApp, Receive, Scope, Send

from rag import logs
from rag.api.access_rules import need_of
from rag.api.addresses import client_address, household
from rag.api.api_keys import ADD, Key, KeyRing, KeysUnusable, Role, find_key
from rag.api.problems import Problem
from rag.api.rate import Buckets
from rag.settings import Network, Settings, SettingsInvalid, is_loopback

FAILURES: Final = 30  # wrong keys a minute that one address may send before it is told to wait

_REALM = 'Bearer realm="hangzhou-rag"'

log = logging.getLogger(__name__)


class UnsafeBinding(SettingsInvalid):
    """Others can reach the server, and there is no key to tell them apart."""


def require_safe_binding(settings: Settings, keys: Sequence[Key]) -> None:
    """Raise UnsafeBinding if the server would answer other machines without a key."""
    if keys or is_loopback(settings.host):
        return
    raise UnsafeBinding(
        f"RAG_HOST={settings.host} lets other machines in and there is no API key; "
        f"make one with: {ADD}, or bind to this machine only with RAG_HOST=127.0.0.1"
    )


class Access:
    """Lets a request in if its key may do what it asks for.

    Writes the key's name to scope["caller"], and to scope["role"] what it may do: everything where no key is needed.

    local  only this machine can reach the server: then everything is open as long as there is no key
    """

    def __init__(
        self,
        app: ASGIApp,
        ring: KeyRing,
        trusted: Sequence[Network] = (),
        *,
        local: bool,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._app = app
        self._ring = ring
        self._trusted = trusted
        self._local = local
        self._failures = Buckets(FAILURES, clock=clock)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket":  # nothing is served that way
            await send({"type": "websocket.close", "code": 1008})
            return
        if scope["type"] == "http":
            scope["caller"], scope["role"] = self._caller(scope)
            logs.note(caller=scope["caller"])
        await self._app(scope, receive, send)

    def _caller(self, scope: Scope) -> tuple[str, Role]:
        """Name and role of the key; no name where none is needed.

        raises  Problem 401, 403, 429 or 503
        """
        need = need_of(scope["method"], scope["path"])
        if need == "open":
            return "", "admin"
        keys = self._keys()
        if not keys and self._local:
            return "", "admin"
        key = self._identified(scope, keys)
        if not key.may(need):
            logs.note(caller=key.name)
            raise Problem(403, f"这个密钥的权限是 {key.role}，这项操作需要 {need}", "role_too_low")
        return key.name, key.role

    def _keys(self) -> Sequence[Key]:
        try:
            return self._ring.current()
        except KeysUnusable:
            raise Problem(503, "密钥文件无法读取，请联系管理员", "keys_unusable") from None

    def _identified(self, scope: Scope, keys: Sequence[Key]) -> Key:
        given = _credentials(scope)
        if not given:
            detail = "需要 API 密钥：放在请求头 Authorization: Bearer 或 X-API-Key 中，不能放在地址里"
            raise Problem(401, detail, headers={"WWW-Authenticate": _REALM})
        key = find_key(keys, given[0]) if len(given) == 1 else None
        if key is None:
            self._count_failure(scope)
            raise Problem(401, "API 密钥无效", headers={"WWW-Authenticate": f'{_REALM}, error="invalid_token"'})
        return key

    def _count_failure(self, scope: Scope) -> None:
        verdict = self._failures.take(household(client_address(scope, self._trusted)))
        if not verdict.allowed:
            raise Problem(429, "无效的密钥过多，请稍后再试", headers={"Retry-After": str(verdict.retry_after)})


def _credentials(scope: Scope) -> list[bytes]:
    """Everything in the head that is offered as a key; more than one thing is no key at all."""
    given = []
    for name, value in scope["headers"]:
        if name == b"x-api-key":
            given.append(value)
        elif name == b"authorization":
            scheme, _, secret = value.partition(b" ")
            given.append(secret if scheme.lower() == b"bearer" else b"")
    return given
