"""The watch over the lexicon: changes that other processes make to its file come into force while serving."""

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

from index.errors import IndexProblem

_PAUSE: Final = 0.5  # seconds between two looks at the file
_AFTER_FAILURE: Final = 20.0  # seconds until what failed is tried again

log = logging.getLogger(__name__)


@contextmanager
def watching(carry: Callable[[], object]) -> Iterator[None]:
    """Carry the lexicon into the index whenever its file was changed, until the end of the block."""
    over = threading.Event()
    thread = threading.Thread(target=_watch, args=(carry, over), name="lexicon", daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def _watch(carry: Callable[[], object], over: threading.Event) -> None:
    pause = _PAUSE
    while not over.wait(pause):
        try:
            carry()
            pause = _PAUSE
        except (IndexProblem, OSError) as error:
            log.error("the lexicon cannot be carried into the index (%s); trying again in %s s", error, _AFTER_FAILURE)
            pause = _AFTER_FAILURE
