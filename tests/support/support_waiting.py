"""Waiting for what happens in another thread or process, as long as a busy machine may take."""

import time
from collections.abc import Callable
from pathlib import Path

PATIENCE = 30.0  # seconds, after which it will not happen any more
PAUSE = 0.01  # seconds between two looks


def wait_until(holds: Callable[[], object]) -> None:
    """Return as soon as it holds; fail if it never does."""
    until = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < until, "it never came to pass"
        time.sleep(PAUSE)


def connections_of(process: int) -> int:
    """Open connections that a process has accepted."""
    listening = "0A"
    mine = {link.readlink().name for link in Path(f"/proc/{process}/fd").iterdir()}
    rows = [line.split() for line in Path(f"/proc/{process}/net/tcp").read_text().splitlines()[1:]]
    return sum(row[3] != listening and f"socket:[{row[9]}]" in mine for row in rows)
