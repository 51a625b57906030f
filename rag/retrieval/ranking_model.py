"""What retrieval asks of the model that orders passages; the model itself belongs to the reader and is handed in."""

from typing import Protocol

from rag.retrieval.features import Features, SentenceFeatures


class RankingModel(Protocol):
    """Orders passages and sentences by their features (see `rag.reader.relevance.Model`)."""

    def place(self, features: Features) -> float:
        """How far in front a passage belongs, among those of its question."""

    def relevance(self, features: Features) -> float:
        """Probability that the passage answers the question."""

    def quotable(self, place: float, features: SentenceFeatures) -> float:
        """How well a sentence of a passage at this place suits as a quote."""
