"""Cross-encoders: how well does a text answer a question? A model reads both together.  [sentence_transformers]

The library is imported when a model is loaded, not before. No model ships with the service.
"""

import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final, Protocol

import numpy as np
from numpy.typing import NDArray

from index.encoder.loading import hub_folder, looks_like_path
from index.encoder.text_encoder import (
    EncoderUnavailable,
    refuse_pickles,
    said,
    well_formed,
)
from index.errors import IndexProblem

BATCH: Final = 4  # pairs read at once; between two batches the clock is looked at
LONGEST: Final = 512  # tokens of question and text together, where the model takes as many; the rest is cut off

_REMEDY: Final = "set RAG_RERANKER to a complete folder of a sentence-transformers CrossEncoder, or leave it empty"


class CrossEncoderUnavailable(IndexProblem):
    """No cross-encoder can be had under this name."""

    def __init__(self, name: str, reason: str, remedy: str = _REMEDY) -> None:
        super().__init__(f"cross-encoder {name!r} cannot be used: {reason}; {remedy}")
        self.reason = reason
        self.remedy = remedy


class TooLate(TimeoutError):
    """The time was up before every text was read."""


class Scorer(Protocol):
    """Something that says how well texts answer a question."""

    def scores(self, question: str, texts: Sequence[str], until: float) -> NDArray[np.float64]: ...


class CrossEncoder:
    """One model, run without an accelerator."""

    def __init__(self, name: str, folder: Path) -> None:
        """raises CrossEncoderUnavailable"""
        try:
            from sentence_transformers import CrossEncoder as Model
        except ImportError as error:
            reason = f"sentence-transformers cannot be imported ({error})"
            raise CrossEncoderUnavailable(
                name, reason, "install it with: pip install 'sentence-transformers==6.2.0'"
            ) from error
        try:
            refuse_pickles(folder)
            self._model = Model(str(folder), device="cpu", local_files_only=True)
            self._model.max_seq_length = _room(self._model)
            labels = int(self._model.num_labels)
            if labels != 1:
                raise ValueError(f"it gives {labels} scores for a pair, 1 is due")
            self.scores("杭州", ["杭州"], float("inf"))
        except Exception as error:  # whatever the library trips over, the operator learns which folder it was
            raise CrossEncoderUnavailable(name, f"the model in {folder} cannot be read ({said(error)})") from error
        self.name = name

    def scores(self, question: str, texts: Sequence[str], until: float) -> NDArray[np.float64]:
        """How well each text answers the question, squashed into 0–1 by the logistic function.

        until    by the monotonic clock; looked at before each BATCH of texts
        returns  shape (len(texts),)
        raises   TooLate if the time is up; ValueError for scores that are no numbers
        """
        from torch.nn import Identity

        found: list[NDArray[np.float64]] = [np.empty(0)]
        for start in range(0, len(texts), BATCH):
            if time.monotonic() > until:
                raise TooLate(f"{start} of {len(texts)} texts were read in time")
            pairs = [(well_formed(question), well_formed(text)) for text in texts[start : start + BATCH]]
            logits = self._model.predict(pairs, activation_fn=Identity(), show_progress_bar=False)
            found.append(np.asarray(logits, np.float64))
        scores = 1 / (1 + np.exp(-np.clip(np.concatenate(found), -30, 30)))
        if scores.shape != (len(texts),) or not np.isfinite(scores).all():
            raise ValueError("it gave scores that are no numbers")
        return scores


def load_cross_encoder(name: str) -> CrossEncoder:
    """Return the cross-encoder of this name.

    name    a folder, or the hub name of a sentence-transformers CrossEncoder; a folder never downloads anything,
            a hub name does on its first use, unless HF_HUB_OFFLINE is set
    raises  CrossEncoderUnavailable if there is no such model or it cannot be read
    """
    folder = Path(name).expanduser()
    if not folder.is_dir():
        if looks_like_path(name):
            raise CrossEncoderUnavailable(name, f"there is no folder {folder}")
        try:
            folder = hub_folder(name)
        except EncoderUnavailable as error:
            remedy = "load it once with a network and HF_HUB_OFFLINE unset, or set RAG_RERANKER to a folder"
            raise CrossEncoderUnavailable(name, error.reason, remedy) from error
    return CrossEncoder(name, folder)


def _room(model: Any) -> int:
    """Tokens that the model can take, LONGEST at most; some say nothing and some say 10^30."""
    positions = getattr(model.config, "max_position_embeddings", LONGEST)
    return int(min(LONGEST, positions, model.max_seq_length or LONGEST))
