"""The watch over the lexicon: changes that other processes make to its file come into force while serving."""

import logging
import threading
from collections.abc import Callable
from contextlib import AbstractContextManager
from functools import partial
from typing import Final

from index.errors import IndexProblem
from rag.beside import beside

_PAUSE: Final = 0.5  # seconds between two looks at the file
_AFTER_FAILURE: Final = 20.0  # seconds until what failed is tried again

log = logging.getLogger(__name__)


def watching(carry: Callable[[], object]) -> AbstractContextManager[None]:
    """Carry the lexicon into the index whenever its file was changed, until the end of the block."""
    return beside("lexicon", partial(_watch, carry))


def _watch(carry: Callable[[], object], over: threading.Event) -> None:
    pause = _PAUSE
    while not over.wait(pause):
        try:
            carry()
            pause = _PAUSE
        except (IndexProblem, OSError) as error:
            log.error("the lexicon cannot be carried into the index (%s); trying again in %s s", error, _AFTER_FAILURE)
            pause = _AFTER_FAILURE
