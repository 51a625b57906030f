"""A circuit breaker: an LLM that fails again and again is left alone for a while."""

import time
from collections.abc import Callable
from typing import Final

FAILURES: Final = 5  # in a row, after which nothing is asked for a while
REST_SECONDS: Final = 30.0


class Breaker:
    """Closed: all may ask. Open: nobody may, until REST_SECONDS have passed; then one may try.

    clock  seconds that never go back
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._failures = 0
        self._opened: float | None = None
        self._trying = False

    def enter(self) -> bool:
        """Whether a request may go out; each that may ends in `succeed`, `fail` or `leave`."""
        if self._opened is None:
            return True
        if self._trying or self._clock() - self._opened < REST_SECONDS:
            return False
        self._trying = True
        return True

    def succeed(self) -> None:
        self._failures, self._opened, self._trying = 0, None, False

    def fail(self) -> None:
        self._failures += 1
        if self._trying or self._failures >= FAILURES:
            self._opened = self._clock()
        self._trying = False

    def leave(self) -> None:
        """The request was given up by the one who asked: that says nothing about the LLM."""
        self._trying = False
