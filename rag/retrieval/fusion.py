"""What the two indexes found for one question, on one scale."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from index.hits import Hit
from index.passage_index import Snapshot
from rag.query.expansion import Kin
from rag.query.question import Question
from rag.retrieval.token_weights import SearchScores, Weights, idf

COSINE = 1.0  # weight of the cosine where the indexes' scores alone choose what is measured


@dataclass(frozen=True, slots=True)
class RankedScore:
    """Where one index put a passage; ranks count from 1."""

    score: float
    rank: int


class FusedHits:
    """Hits of the lexical index, in words and in n-grams, and of the dense index."""

    def __init__(self, words: Sequence[Hit], grams: Sequence[Hit], dense: Sequence[Hit], weights: Weights) -> None:
        """weights: of the question; they bring the two lexical scores to one scale."""
        self._words, self._grams, self._dense = dict(words), dict(grams), dict(dense)
        self._floor = SearchScores(
            *(min(hits.values(), default=0.0) for hits in (self._words, self._grams, self._dense))
        )
        floor = self._floor
        self._scaled = {
            row: self._words.get(row, floor.words) / weights.words + self._grams.get(row, floor.grams) / weights.grams
            for row in self._words | self._grams | self._dense
        }
        lexical = {row: self._words.get(row, 0.0) + self._grams.get(row, 0.0) for row in self._words | self._grams}
        self._lexical, self._lexical_order = lexical, _order(lexical)
        self._dense_order = _order(self._dense)

    def scores(self, row: int) -> SearchScores:
        """Scores of a row; an index that returned its best without this row gives its lowest score."""
        floor = self._floor
        return SearchScores(
            self._words.get(row, floor.words), self._grams.get(row, floor.grams), self._dense.get(row, floor.cosine)
        )

    def relative_scores(self, rows: Sequence[int]) -> list[float]:
        """Lexical score of each of these rows, relative to the best of all rows that an index returned (0–1)."""
        best = max(self._scaled.values(), default=0.0)
        return [self._scaled[row] / best if best > 0 else 0.0 for row in rows]

    @property
    def longest(self) -> int:
        """How many hits the index with the most has."""
        return max(len(hits) for hits in (self._words, self._grams, self._dense))

    def ordered(self) -> list[int]:
        """All rows, those most worth measuring first, by the indexes' scores on one scale."""
        dense, lowest = self._dense, self._floor.cosine
        return _order({row: score + COSINE * dense.get(row, lowest) for row, score in self._scaled.items()})

    def lexical_hit(self, row: int) -> RankedScore | None:
        return _hit(row, self._lexical, self._lexical_order)

    def dense_hit(self, row: int) -> RankedScore | None:
        return _hit(row, self._dense, self._dense_order)


def weigh(question: Question, snapshot: Snapshot, kin: Sequence[Kin] = ()) -> Weights:
    """The question's tokens weighed by how rare they are in this snapshot; kin: what can stand in for some of them."""
    lexical, count = snapshot.lexical, len(snapshot.lexical)
    words = {token: idf(lexical.document_frequency(token, "words"), count) for token in question.words}
    grams = {token: idf(lexical.document_frequency(token, "grams"), count) for token in question.grams}
    pairs = {token: weight for token, weight in grams.items() if len(token) > 1}
    return Weights(pairs | words, sum(words.values()), sum(grams.values()), kin)


def _order(scores: Mapping[int, float]) -> list[int]:
    """Rows by score, best first; equal scores go by row."""
    return sorted(sorted(scores), key=scores.__getitem__, reverse=True)


def _hit(row: int, scores: Mapping[int, float], order: Sequence[int]) -> RankedScore | None:
    return RankedScore(scores[row], order.index(row) + 1) if row in scores else None
