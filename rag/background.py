"""Work in the background of a running server, each in a thread that ends with its block.

Small indexes are read ahead: the first question that finds a passage annotates it (see
`rag.retrieval.annotated_passage`), which takes some milliseconds each and a dozen passages a question. In a large
index few passages are ever found, and all of them would not fit into memory. The user's lexicon is watched, so that
changes that other processes make to its file come into force while serving. Passages that wait for their vectors are
encoded.
"""

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from functools import partial
from typing import Final

from index.errors import IndexProblem
from index.passage_index import PassageIndex, StaleSnapshot
from rag.retrieval.retriever import Retriever

MOST: Final = 2000  # passages of an index that is read ahead as a whole
_PAUSE: Final = 0.005  # seconds after each passage, which questions have for themselves
_BETWEEN_BATCHES: Final = 0.02  # seconds that questions and changes have for themselves
_LEXICON_PAUSE: Final = 0.5  # seconds between two looks at the file
_AFTER_FAILURE: Final = 20.0  # seconds until what failed is tried again

log = logging.getLogger(__name__)


@contextmanager
def in_background(name: str, work: Callable[[threading.Event], None]) -> Iterator[None]:
    """Run the work in a thread of this name; when the block ends, the event tells it to stop, and it is waited for."""
    over = threading.Event()
    thread = threading.Thread(target=work, args=(over,), name=name, daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def reading_ahead(retriever: Retriever) -> AbstractContextManager[None]:
    """Annotate the passages in the background, until all are seen or the block ends."""
    return in_background("reading-ahead", partial(_read_ahead, retriever))


def watching_lexicon(carry: Callable[[], object]) -> AbstractContextManager[None]:
    """Carry the lexicon into the index whenever its file was changed, until the end of the block."""
    return in_background("lexicon", partial(_watch_lexicon, carry))


def encoding(index: PassageIndex) -> AbstractContextManager[None]:
    """Encode what waits for it, some passages at a time, until the end of the block."""
    return in_background("encoding", partial(_encode, index))


def _encode(index: PassageIndex, over: threading.Event) -> None:
    swept = index.snapshot.generation
    pause = _LEXICON_PAUSE
    while index.writable and not over.wait(pause):
        try:
            pause = _BETWEEN_BATCHES if index.encode_waiting() else _LEXICON_PAUSE
            if pause == _LEXICON_PAUSE and swept != index.snapshot.generation:
                swept = index.snapshot.generation
                index.forget_tokens()
        except (IndexProblem, OSError) as error:
            log.error("passages cannot be encoded (%s); trying again in %s s", error, _AFTER_FAILURE)
            pause = _AFTER_FAILURE


def _read_ahead(retriever: Retriever, over: threading.Event) -> None:
    rows = [row for rows in retriever.index.snapshot.rows.values() for row in rows]
    if len(rows) > MOST:
        return
    for row in rows:
        if over.wait(_PAUSE):
            return
        try:
            retriever.look_at([row])
        except StaleSnapshot:  # it was replaced meanwhile; whoever finds the new one looks at it
            continue
        except Exception:  # questions meet the same and tell it properly
            log.debug("reading ahead stopped", exc_info=True)
            return


def _watch_lexicon(carry: Callable[[], object], over: threading.Event) -> None:
    pause = _LEXICON_PAUSE
    while not over.wait(pause):
        try:
            carry()
            pause = _LEXICON_PAUSE
        except (IndexProblem, OSError) as error:
            log.error("the lexicon cannot be carried into the index (%s); trying again in %s s", error, _AFTER_FAILURE)
            pause = _AFTER_FAILURE
