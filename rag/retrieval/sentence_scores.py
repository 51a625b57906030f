"""Quotes: how well each sentence of a passage suits as a quote."""

from dataclasses import dataclass, replace
from functools import cached_property

from rag.retrieval.feature_extraction import ExtractedFeatures
from rag.retrieval.features import SentenceFeatures
from rag.retrieval.ranking_model import RankingModel


@dataclass(frozen=True, eq=False)
class Quotes:
    """Sentences of one passage; measured when they are looked at, since most passages found are not shown.

    extracted, at  of all passages found with it, and which of them it is
    place          of the passage
    """

    model: RankingModel
    extracted: ExtractedFeatures
    at: int
    place: float

    @cached_property
    def features(self) -> tuple[SentenceFeatures, ...]:
        return tuple(self.extracted.sentences(self.at))

    @cached_property
    def suitable(self) -> tuple[float, ...]:
        """How well each suits, relative to all sentences found for the question."""
        return tuple(self.model.quotable(self.place, one) for one in self.features)

    def moved(self, place: float) -> "Quotes":
        """The same with another place of the passage."""
        return replace(self, place=place)
