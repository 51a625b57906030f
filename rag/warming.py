"""Warming: the passages of a small index are looked at before anybody asks.

The first question that finds a passage looks at it (see `rag.view`), which takes some milliseconds each and a dozen
passages a question. In a large index few passages are ever found, and all of them would not fit into memory.
"""

import logging
import threading
from contextlib import AbstractContextManager
from functools import partial
from typing import Final

from index.passage_index import StaleSnapshot
from rag.beside import beside
from rag.retrieval import Retriever

MOST: Final = 2000  # passages of an index that is looked at as a whole
_PAUSE: Final = 0.005  # seconds after each passage, which questions have for themselves

log = logging.getLogger(__name__)


def warming(retriever: Retriever) -> AbstractContextManager[None]:
    """Look at the passages beside the questions, until all are seen or the block ends."""
    return beside("warming", partial(_warm, retriever))


def _warm(retriever: Retriever, over: threading.Event) -> None:
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
            log.debug("warming stopped", exc_info=True)
            return
