"""Evidence: the passages found for a question, with all that was measured of them."""

from dataclasses import dataclass

from index.store.catalogue import DocumentEntry, PassageRow
from rag.query.question import Question
from rag.retrieval.annotated_passage import AnnotatedPassage, AnnotatedSentence
from rag.retrieval.deduplication import Duplicate
from rag.retrieval.features import Features, SentenceFeatures
from rag.retrieval.fusion import RankedScore
from rag.retrieval.judging import Judged, JudgedQuotes, ReadPassage
from rag.retrieval.searching import Mode
from rag.retrieval.sentence_scores import Quotes
from rag.retrieval.token_weights import Weights


@dataclass(frozen=True, slots=True)
class Evidence:
    """A passage found for a question.

    rank       counts from 1
    place      how far in front it belongs; orders the passages of one question
    relevance  probability that it answers
    quotes     how well each of its sentences suits as a quote
    features   what it was judged by, without a reader; None with one
    also_in    other documents in which it stands; passages there that say nothing beyond it are not shown
    reread     score (0–1) and rank that a cross-encoder gave it, where there is one
    """

    rank: int
    place: float
    relevance: float
    found: PassageRow
    document: DocumentEntry
    annotated: AnnotatedPassage | ReadPassage
    quotes: Quotes | JudgedQuotes
    lexical: RankedScore | None
    dense: RankedScore | None
    features: Features | None
    also_in: tuple[Duplicate, ...] = ()
    reread: RankedScore | None = None

    @property
    def quotable(self) -> tuple[float, ...]:
        """How well each of its sentences suits as a quote, relative to all sentences found for the question."""
        return self.quotes.suitable

    @property
    def sentence_features(self) -> tuple[SentenceFeatures, ...]:
        return self.quotes.features

    @property
    def judged(self) -> Judged | None:
        """What the reader said of it, where there is one."""
        return self.quotes.judged if isinstance(self.quotes, JudgedQuotes) else None

    @property
    def best(self) -> AnnotatedSentence:
        """Its sentence that suits best as a quote."""
        return self.annotated.sentences[max(range(len(self.quotable)), key=self.quotable.__getitem__)]

    @property
    def row(self) -> int:
        return self.found.row


@dataclass(frozen=True, slots=True)
class Retrieval:
    """Everything found for one question on one generation.

    parts      evidence for each thing that the question asks; a single one where it asks one thing
    sides      folded names of what is compared, one a part, where it asks which of them is larger, earlier or more
    part_texts what each of several parts asks, folded; empty where the question asks one thing
    timing     milliseconds
    relevance  of the passage that the relevance model puts first, whatever a cross-encoder does, for the question
               or for the part of it that is answered best; 0 without any
    degraded   what was left out, as codes of the contract
    """

    question: Question
    mode: Mode
    generation: int
    evidence: tuple[Evidence, ...]
    parts: tuple[tuple[Evidence, ...], ...]
    weights: Weights
    timing: dict[str, float]
    relevance: float
    degraded: tuple[str, ...] = ()
    sides: tuple[str, ...] = ()
    part_texts: tuple[str, ...] = ()
