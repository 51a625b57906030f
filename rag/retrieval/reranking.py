"""Re-ranking: the first passages in the order of a cross-encoder, or in the order they had, but always in time.

A cross-encoder decides which passage stands first. It does not decide whether there is an answer: its scores are
not calibrated, so `relevance` stays what it was and refuses as before.
"""

import logging
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from index.encoder.cross_encoder import CrossEncoderUnavailable, Scorer, load_cross_encoder
from index.encoder.text_encoder import said
from rag.retrieval.circuit_breaker import Breaker

RERANKED: Final = 12  # passages that a cross-encoder reads; the rest keep their places behind them

Lacking = Literal["reranker_unavailable", "reranker_timeout", "reranker_failed"]

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Verdict:
    """A score (0–1) for each passage; or none, and why."""

    scores: tuple[float, ...] = ()
    lacking: Lacking | None = None

    def order(self) -> list[int]:
        """Positions, best first; equal scores keep their order."""
        return sorted(range(len(self.scores)), key=lambda position: -self.scores[position])


class Reranker:
    """A cross-encoder with a deadline. It is loaded by `load` or with the first question; safe in several threads.

    deadline  seconds for one question, waiting for other questions included
    """

    def __init__(
        self,
        name: str,
        deadline: float,
        loading: Callable[[str], Scorer] = load_cross_encoder,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._name = name
        self._deadline = deadline
        self._loading = loading
        self._one = threading.Lock()
        self._loaded = False
        self._scorer: Scorer | None = None
        self._breaker = Breaker(clock)
        self._worker = ThreadPoolExecutor(1, "reranker")

    def load(self) -> bool:
        """Load the model if that was not tried yet; whether it is there. One that is not is told of in the log."""
        with self._one:
            if not self._loaded:
                self._loaded = True
                try:
                    self._scorer = self._loading(self._name)
                except CrossEncoderUnavailable as error:
                    log.error("%s; until then passages keep the order they have without it", error)
        return self._scorer is not None

    def judge(self, question: str, texts: Sequence[str]) -> Verdict:
        """How well each text answers the question. Never raises, and never takes much longer than the deadline."""
        if not self.load() or self._scorer is None or not self._breaker.enter():
            return Verdict(lacking="reranker_unavailable")
        until = time.monotonic() + self._deadline
        work: Future[NDArray[np.float64]] = Future()
        try:
            work = self._worker.submit(self._scorer.scores, question, texts, until)
            scores = tuple(map(float, work.result(self._deadline)))
        except TimeoutError:
            work.cancel()
            self._breaker.fail()
            return Verdict(lacking="reranker_timeout")
        except Exception as error:  # a model may fail in any way; the passages are there all the same
            log.warning("the cross-encoder failed: %s", said(error))
            self._breaker.fail()
            return Verdict(lacking="reranker_failed")
        self._breaker.succeed()
        return Verdict(scores)

    def close(self) -> None:
        """Begin nothing more; what is under way ends with its batch."""
        self._worker.shutdown(wait=False, cancel_futures=True)
