"""Waiting for what happens in another thread or process, as long as a busy machine may take."""

import time
from collections.abc import Callable

PATIENCE = 30.0  # seconds, after which it will not happen any more
PAUSE = 0.01  # seconds between two looks


def wait_until(holds: Callable[[], object]) -> None:
    """Return as soon as it holds; fail if it never does."""
    until = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < until, "it never came to pass"
        time.sleep(PAUSE)
