"""The line to a server under test: its key, its patience, and what it means when the server says no.  [httpx]"""

import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import httpx

from rag.evaluation.systems import SystemGone

KEY_VARIABLE: Final = "RAG_API_KEY"
LONGEST_WAIT: Final = 900.0  # seconds that one call waits in all because the server says so

_TIMEOUT = 60.0  # seconds for one answer
_ATTEMPTS = 5
_FIRST_WAIT = 0.25  # seconds before the second attempt, doubled for each further one


class ServerRefused(RuntimeError):
    """The server answered with an error; title and detail of its problem document."""


class KeyUnusable(ValueError):
    """The API key cannot be read or sent; the message does not repeat it."""


def read_key(file: Path | None) -> str:
    """The API key for the server: the first line of a file, else of the environment; empty if there is none.

    raises  KeyUnusable
    """
    where = str(file) if file else KEY_VARIABLE
    try:
        written = file.read_text(encoding="utf-8") if file else os.environ.get(KEY_VARIABLE, "")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not text"
        raise KeyUnusable(f"the key file {where} cannot be read: {reason}") from None
    key = next((line.strip() for line in written.splitlines() if line.strip()), "")
    if file and not key:
        raise KeyUnusable(f"the key file {where} is empty: put the key that `rag key add` showed into it")
    if not (key.isascii() and key.isprintable()) or " " in key:
        raise KeyUnusable(f"what {where} holds is no API key: a key is one word of letters, digits, _ and -")
    return key


class Connection:
    """Calls one server. Redirects are not followed: the key goes to this address and nowhere else."""

    def __init__(self, url: str, key: str = "", transport: httpx.BaseTransport | None = None) -> None:
        self.url = url.rstrip("/")
        self._has_key = bool(key)
        headers = {"Authorization": f"Bearer {key}"} if key else {}
        self._client = httpx.Client(base_url=self.url, timeout=_TIMEOUT, transport=transport, headers=headers)
        self._told_to_wait = False

    def call(self, method: str, path: str, body: dict[str, Any] | None = None) -> tuple[dict[str, Any], float]:
        """What the server answers, and the milliseconds of the attempt that succeeded; a busy one is asked again.

        raises  ServerRefused for an error, SystemGone if nothing answers or it lets nobody in
        """
        waits, waited = _waits(), 0.0
        while True:
            began = time.perf_counter()
            try:
                response = self._client.request(method, path, json=body)
            except httpx.TransportError as error:
                wait = next(waits, None)
                if wait is None:
                    lost = f"no answer from {self.url} ({type(error).__name__}: {error}); is the server running?"
                    raise SystemGone(lost) from None
            else:
                if response.is_success:
                    found: dict[str, Any] = response.json()
                    return found, 1000 * (time.perf_counter() - began)
                wait = self._wait(response, waits)
            waited += wait
            if waited > LONGEST_WAIT:
                remedy = "raise RAG_RATE_PER_MINUTE there, or use a key of its own; the same command goes on later"
                raise SystemGone(f"{self.url} wants {waited:.0f} s of waiting: {remedy}")
            time.sleep(wait)

    def close(self) -> None:
        self._client.close()

    def _wait(self, response: httpx.Response, waits: Iterator[float]) -> float:
        """Seconds after which to ask again.

        raises  ServerRefused or SystemGone where that would not help
        """
        status = response.status_code
        if status == 401:
            known = "does not know this API key" if self._has_key else "wants an API key"
            remedy = f"make one there with `rag key add NAME --role ask`, give it by --key-file or {KEY_VARIABLE}"
            raise SystemGone(f"{self.url} {known}: {remedy}")
        if status == 403:
            raise SystemGone(f"{self.url} does not let this key in: {_problem(response)}")
        if response.is_redirect:
            raise ServerRefused(f"{status}: it sends elsewhere; give --url the address that answers itself")
        asked = _retry_after(response)
        if status == 429 and asked is not None:  # a limit, no failure: it is kept, however often it is met
            self._tell_once()
            return asked
        wait = next(waits, None) if status in (429, 503) else None
        if wait is None:
            raise ServerRefused(_problem(response))
        return max(wait, asked or 0.0)

    def _tell_once(self) -> None:
        if not self._told_to_wait:
            self._told_to_wait = True
            print(f"{self.url} limits requests: waiting as it asks (429)", file=sys.stderr)


def _waits() -> Iterator[float]:
    """Seconds before each further attempt."""
    return (_FIRST_WAIT * 2**attempt for attempt in range(_ATTEMPTS - 1))


def _retry_after(response: httpx.Response) -> float | None:
    """Seconds that the server asks for; None if it gives no number of them."""
    told = response.headers.get("retry-after", "")
    return float(told) if told.isascii() and told.isdigit() and len(told) < 10 else None


def _problem(response: httpx.Response) -> str:
    """Status, title and detail of a problem document; only the status of anything else."""
    try:
        body = response.json()
        return f"{response.status_code} {body.get('title', '')} {body.get('detail', '')}".strip()
    except (ValueError, AttributeError):
        return str(response.status_code)
