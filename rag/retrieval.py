"""Retrieval: candidates of both legs become evidence, best first."""

import time
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from operator import itemgetter
from typing import Literal

from index.cache import Cache
from index.catalogue import DocumentEntry, PassageRow
from index.derived import heading_of
from index.hits import Hit
from index.passage_index import PassageIndex, Snapshot, StaleSnapshot
from rag.question import Question, read_question
from rag.relevance import Features, LegScores, Model, Weights, bundled_model, idf, measure
from rag.subjects import Mention, Subjects
from rag.view import PassageView, SentenceView, view

Mode = Literal["hybrid", "dense", "lexical"]
Filter = Mapping[str, Collection[str]]

DEPTH = 40  # candidates asked of each leg
MEASURED = 12  # candidates whose features are measured; the others lose on the legs' scores alone
ROUGH_COSINE = 1.0  # weight of the cosine where the legs' scores alone choose what is measured
_ATTEMPTS = 5  # how often a question that ran into a deletion is asked again
_VIEWS = 4096  # passages whose tokens are kept in memory
FILTERS = ("kind", "district", "id", "origin")


@dataclass(frozen=True, slots=True)
class LegHit:
    """Where one leg put a passage."""

    score: float
    rank: int


@dataclass(frozen=True, slots=True)
class Evidence:
    """A passage found for a question. rank counts from 1; best is its sentence that fits the question best."""

    rank: int
    relevance: float
    found: PassageRow
    document: DocumentEntry
    best: SentenceView
    view: PassageView
    lexical: LegHit | None
    dense: LegHit | None
    features: Features


@dataclass(frozen=True, slots=True)
class Retrieval:
    """Everything found for one question on one generation. timing in milliseconds."""

    question: Question
    mode: Mode
    generation: int
    evidence: tuple[Evidence, ...]
    weights: Weights
    timing: dict[str, float]


@dataclass
class _Clock:
    """Milliseconds by stage."""

    timing: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        start = time.perf_counter()
        yield
        self.timing[name] = self.timing.get(name, 0.0) + round(1000 * (time.perf_counter() - start), 3)


class Retriever:
    """Asks the index and orders what it finds."""

    def __init__(self, index: PassageIndex, model: Model | None = None) -> None:
        self.index = index
        self._model = model or bundled_model()
        self._views: Cache[int, PassageView] = Cache(_VIEWS)
        self._subjects: tuple[int, Subjects] | None = None

    def retrieve(self, text: str, top_k: int = 5, mode: Mode = "hybrid", only: Filter | None = None) -> Retrieval:
        """Find the passages that fit a question best.

        only    field → values: keep documents whose field has one of the values (see FILTERS)
        raises  ValueError for an unknown field in `only`
        """
        for _ in range(_ATTEMPTS):
            try:
                return self._retrieve(text, top_k, mode, only)
            except StaleSnapshot:
                continue
        raise StaleSnapshot("the documents change faster than the question can be answered; ask again")

    def subjects(self, snapshot: Snapshot) -> Subjects:
        """Names of the documents of this snapshot."""
        held = self._subjects
        if held is None or held[0] != snapshot.generation:
            held = (snapshot.generation, Subjects(snapshot.documents.values()))
            self._subjects = held
        return held[1]

    def _retrieve(self, text: str, top_k: int, mode: Mode, only: Filter | None) -> Retrieval:
        clock = _Clock()
        with clock.stage("total"):
            snapshot = self.index.snapshot
            with clock.stage("encode"):
                question = read_question(text, self.index.tokeniser, self.index.encoder)
            allowed = None if not only else _allowed(snapshot, only)
            legs = self._search(snapshot, question, max(DEPTH, top_k), mode, allowed, clock)
            with clock.stage("rank"):
                weights = _weights(question, snapshot)
                evidence = self._ranked(snapshot, question, weights, legs, mode, top_k)
        return Retrieval(question, mode, snapshot.generation, evidence, weights, clock.timing)

    def _search(
        self, snapshot: Snapshot, question: Question, k: int, mode: Mode, allowed: Collection[str] | None, clock: _Clock
    ) -> "_Legs":
        words: list[Hit] = []
        grams: list[Hit] = []
        dense: list[Hit] = []
        if mode != "dense":
            with clock.stage("lexical"):
                words = snapshot.lexical.search(question.words, "words", k, allowed)
                grams = snapshot.lexical.search(question.grams, "grams", k, allowed)
        if mode != "lexical":
            with clock.stage("dense"):
                rows = None if allowed is None else self.index.rows_of(allowed)
                dense = snapshot.dense.search(question.vector, k, rows)
        return _Legs(words, grams, dense)

    def _ranked(
        self, snapshot: Snapshot, question: Question, weights: Weights, legs: "_Legs", mode: Mode, top_k: int
    ) -> tuple[Evidence, ...]:
        rows = legs.shortlist(weights, max(MEASURED, top_k))
        passages = self.index.passages(rows)
        mentions = self.subjects(snapshot).mentions(question.folded)
        measured = []
        for place, row in enumerate(rows):
            entry = _entry_of(passages[row], snapshot)
            seen = self._view(passages[row], entry)
            features, best = measure(question, weights, mentions, entry.key, seen, legs.scores(row))
            order = -self._model.relevance(features) if mode == "hybrid" else 0.0
            measured.append((order, place, row, entry, seen, features, best))
        measured.sort(key=itemgetter(0, 1))
        return tuple(
            Evidence(
                rank=rank,
                relevance=self._model.relevance(features),
                found=passages[row],
                document=entry,
                best=best,
                view=seen,
                lexical=legs.lexical_hit(row),
                dense=legs.dense_hit(row),
                features=features,
            )
            for rank, (_, _, row, entry, seen, features, best) in enumerate(measured[:top_k], start=1)
        )

    def _view(self, found: PassageRow, entry: DocumentEntry) -> PassageView:
        held = self._views.get([found.row])
        if held:
            return held[found.row]
        seen = view(found, heading_of(entry.names, found.passage.section), self.index.tokeniser, self.index.encoder)
        self._views.keep({found.row: seen})
        return seen


class _Legs:
    """What the legs found for one question."""

    def __init__(self, words: Sequence[Hit], grams: Sequence[Hit], dense: Sequence[Hit]) -> None:
        self._words, self._grams, self._dense = dict(words), dict(grams), dict(dense)
        self._floor = LegScores(*(min(leg.values(), default=0.0) for leg in (self._words, self._grams, self._dense)))
        lexical = {row: self._words.get(row, 0.0) + self._grams.get(row, 0.0) for row in self._words | self._grams}
        self._lexical = _ranks(lexical)
        self._dense_ranks = _ranks(self._dense)

    def scores(self, row: int) -> LegScores:
        """Scores of a row; a leg that returned its best without this row gives its lowest score."""
        floor = self._floor
        return LegScores(
            self._words.get(row, floor.words), self._grams.get(row, floor.grams), self._dense.get(row, floor.cosine)
        )

    def shortlist(self, weights: Weights, size: int) -> list[int]:
        """The rows most worth measuring, best first, by the legs' scores on one scale."""
        rough = {}
        for row in self._words | self._grams | self._dense:
            scores = self.scores(row)
            rough[row] = scores.words / weights.words + scores.grams / weights.grams + ROUGH_COSINE * scores.cosine
        return sorted(rough, key=lambda row: (-rough[row], row))[:size]

    def lexical_hit(self, row: int) -> LegHit | None:
        return self._lexical.get(row)

    def dense_hit(self, row: int) -> LegHit | None:
        return self._dense_ranks.get(row)


def _entry_of(found: PassageRow, snapshot: Snapshot) -> DocumentEntry:
    entry = snapshot.documents.get(found.passage.document_id)
    if entry is None or entry.key != found.document_key:
        raise StaleSnapshot(f"{found.passage.document_id} was replaced meanwhile")
    return entry


def _ranks(scores: Mapping[int, float]) -> dict[int, LegHit]:
    ordered = sorted(scores.items(), key=lambda pair: (-pair[1], pair[0]))
    return {row: LegHit(score, rank) for rank, (row, score) in enumerate(ordered, start=1)}


def _weights(question: Question, snapshot: Snapshot) -> Weights:
    lexical, count = snapshot.lexical, len(snapshot.lexical)
    words = {token: idf(lexical.document_frequency(token, "words"), count) for token in question.words}
    grams = {token: idf(lexical.document_frequency(token, "grams"), count) for token in question.grams}
    pairs = {token: weight for token, weight in grams.items() if len(token) > 1}
    return Weights(pairs | words, sum(words.values()), sum(grams.values()))


def _allowed(snapshot: Snapshot, only: Filter) -> frozenset[str]:
    """Ids of the documents that pass the filter."""
    unknown = set(only) - set(FILTERS)
    if unknown:
        raise ValueError(f"cannot filter by {', '.join(sorted(unknown))}; known are {', '.join(FILTERS)}")
    return frozenset(entry.id for entry in snapshot.documents.values() if _passes(entry, only))


def _passes(entry: DocumentEntry, only: Filter) -> bool:
    values: dict[str, Iterable[str]] = {
        "kind": [entry.kind],
        "district": entry.districts,
        "id": [entry.id],
        "origin": [entry.origin],
    }
    return all(set(wanted) & set(values[name]) for name, wanted in only.items())
