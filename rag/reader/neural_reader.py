"""The reader: a calibrated probability that a passage answers, and how well each of its sentences does."""

import json
import math
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Final, Self

import numpy as np
from numpy.typing import NDArray

from index.encoder.late_interaction import Encoded, LateInteractionEncoder
from index.store.cache import Cache
from rag.reader.interaction import Interaction, Judgement
from rag.reader.token_sides import PassageTokens, QuestionTokens
from rag.retrieval.judging import Candidate, Judged

FOLDER: Final = Path(__file__).parent / "model"
FEATURES: Final = ("reader", "maxsim", "lexical", "cosine", "similar_question")

_KEPT: Final = 4096  # passages whose tokens are kept in memory
_BEST_TOKENS: Final = 5  # of a sentence, which tell whether it answers; measured: all .69, best half .71, best five .76
_FARTHEST: Final = 30.0  # log-odds beyond which a probability is 0 or 1


class NeuralReader:
    """A judge of passages (see `rag.retrieval.judging`)."""

    def __init__(
        self, encoder: LateInteractionEncoder, network: Interaction, config: Mapping[str, Mapping[str, float]]
    ):
        """config: `order`, weights of FEATURES; `odds`, bias and weight of the logit; `quote`, weights of sentences."""
        self._encoder = encoder
        self._network = network
        self._order = config["order"]
        self._odds = config["odds"]
        self._quote = config["quote"]
        self._tokens: Cache[str, PassageTokens] = Cache(_KEPT)

    @classmethod
    @cache
    def bundled(cls, encoder: LateInteractionEncoder) -> Self:
        """The reader that ships with the service, for the encoder that it was trained with."""
        with np.load(FOLDER / "weights.npz") as held:
            network = Interaction(dict(held))
        return cls(encoder, network, json.loads((FOLDER / "config.json").read_text(encoding="utf-8")))

    def judge(self, text: str, question: Encoded, candidates: Sequence[Candidate]) -> list[Judged]:
        """Judge passages that were found for a question, in their order."""
        if not len(question.vectors):
            return [self._judged(one, 0.0, None, ()) for one in candidates]
        asked = QuestionTokens.of(text, question.tokens, question.vectors, self._encoder.idf)
        passages = [self._tokens_of(one) for one in candidates]
        said = self._network.judge([asked.beside(one) for one in passages], [one.side for one in passages])
        return [
            self._judged(one, float(judgement.met.mean()), judgement, self._sentences(passage, judgement))
            for one, passage, judgement in zip(candidates, passages, said, strict=True)
        ]

    def _tokens_of(self, candidate: Candidate) -> PassageTokens:
        key = candidate.found.hash
        held = self._tokens.get([key])
        if not held:
            tokens = self._encoder.tokens(candidate.encoded)
            text = candidate.found.passage.text
            held = {key: PassageTokens.of(candidate.encoded, text, tokens, candidate.vectors, self._encoder.idf)}
            self._tokens.keep(held)
        return held[key]

    def _sentences(self, passage: PassageTokens, judgement: Judgement) -> tuple[float, ...]:
        """Of each sentence, the log-odds that it is the one to be quoted, relative to all sentences of the question."""
        place = self._quote["passage"] * judgement.logit
        return tuple(
            place + self._quote["evidence"] * _likely(judgement.evidence[passage.owner == at])
            for at in range(len(passage.sentences))
        )

    def _judged(self, one: Candidate, met: float, judgement: Judgement | None, sentences: tuple[float, ...]) -> Judged:
        logit = judgement.logit if judgement else -_FARTHEST
        values = (logit, met, one.lexical, one.cosine, one.similar_question)
        features = dict(zip(FEATURES, values, strict=True))
        order = {name: self._order[name] * value for name, value in features.items()}
        odds = {"bias": self._odds["bias"], "reader": self._odds["reader"] * logit}
        return Judged(sum(order.values()), _probability(sum(odds.values())), features, order, odds, sentences)


def _likely(evidence: NDArray[np.float32]) -> float:
    """Log-odds that a sentence holds the answer, from the log-odds of its tokens: the mean of its best few."""
    if not len(evidence):
        return -_FARTHEST
    return float(np.sort(evidence)[-_BEST_TOKENS:].mean())


def _probability(odds: float) -> float:
    return 1 / (1 + math.exp(-max(-_FARTHEST, min(_FARTHEST, odds))))
