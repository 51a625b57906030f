"""Retrieval: candidates of both legs become evidence, best first."""

import time
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Literal

from index.cache import Cache
from index.catalogue import DocumentEntry, PassageRow
from index.derived import heading_of
from index.hits import Hit
from index.passage_index import PassageIndex, Snapshot, StaleSnapshot
from rag.comparison import Part, merged, parts
from rag.expansion import Kin, Thesaurus, bundled_thesaurus, kin_of
from rag.legs import LegHit, Legs, weigh
from rag.question import Question, read_question
from rag.relevance import Features, Model, Weights, bundled_model, measure
from rag.subjects import Mention, Subjects
from rag.view import PassageView, SentenceView, tokens_of, view

Mode = Literal["hybrid", "dense", "lexical"]
Filter = Mapping[str, Collection[str]]

DEPTH = 40  # candidates asked of each leg
MEASURED = 12  # candidates whose features are measured; the others lose on the legs' scores alone
_PER_PART = 3  # passages for each of several subjects that one question names
_ATTEMPTS = 5  # how often a question that ran into a deletion is asked again
_VIEWS = 4096  # passages whose tokens are kept in memory
_WORDINGS = 4096  # wordings of the lexicon likewise
FILTERS = ("kind", "district", "id", "origin")


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

    @property
    def row(self) -> int:
        return self.found.row


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

    def __init__(
        self,
        index: PassageIndex,
        model: Model | None = None,
        thesaurus: Callable[[], Thesaurus] = bundled_thesaurus,
    ) -> None:
        """thesaurus gives the groups of wordings as they are when a question comes."""
        self.index = index
        self._model = model or bundled_model()
        self._thesaurus = thesaurus
        self._views: Cache[int, PassageView] = Cache(_VIEWS)
        self._wordings: Cache[str, frozenset[str]] = Cache(_WORDINGS)
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
                question = self._read(text)
            search = _Search(snapshot, mode, None if not only else _allowed(snapshot, only), top_k, clock)
            mentions = self.subjects(snapshot).mentions(question.folded)
            compared = parts(question.folded, mentions)
            if len(compared) == 1:  # the others were named to be told apart
                question, mentions = self._read(compared[0].text), [compared[0].mention]
            weights = weigh(question, snapshot, self._kin(question, mentions))
            evidence = self._find(search, question, weights, mentions)
            if mode == "hybrid" and len(compared) > 1:
                evidence = merged([self._find_part(search, part) for part in compared], evidence)
        ranked = tuple(replace(one, rank=rank) for rank, one in enumerate(evidence[:top_k], start=1))
        return Retrieval(question, mode, snapshot.generation, ranked, weights, clock.timing)

    def _find_part(self, search: "_Search", part: Part) -> list[Evidence]:
        """The best passages about one of several subjects, for the question as if it alone were meant."""
        named = frozenset(e.id for e in search.snapshot.documents.values() if e.key in part.mention.documents)
        documents = named if search.documents is None else named & search.documents
        question = self._read(part.text)
        inner = replace(search, documents=documents, top_k=_PER_PART)
        mentions = self.subjects(search.snapshot).mentions(question.folded)
        weights = weigh(question, search.snapshot, self._kin(question, mentions))
        return self._find(inner, question, weights, [part.mention])

    def _read(self, text: str) -> Question:
        return read_question(text, self.index.tokeniser, self.index.encoder)

    def _kin(self, question: Question, mentions: Sequence[Mention]) -> Sequence[Kin]:
        """What can stand in for words of the question, names left alone."""
        wordings = self._thesaurus().wordings(question.folded, [(one.start, one.end) for one in mentions])
        known = frozenset(question.words).union(gram for gram in question.grams if len(gram) > 1)
        return kin_of(wordings, known, self._tokens)

    def _tokens(self, folded: str) -> frozenset[str]:
        held = self._wordings.get([folded])
        if not held:
            held = {folded: tokens_of(folded, self.index.tokeniser)}
            self._wordings.keep(held)
        return held[folded]

    def _find(
        self, search: "_Search", question: Question, weights: Weights, mentions: Sequence[Mention]
    ) -> list[Evidence]:
        """Evidence for one question, best first, at most top_k."""
        legs = self._ask_legs(search, question)
        with search.clock.stage("rank"):
            rows = legs.shortlist(weights, max(MEASURED, search.top_k))
            passages = self.index.passages(rows)
            evidence = [self._measured(search, question, weights, mentions, legs, passages[row]) for row in rows]
            if search.mode == "hybrid":
                evidence.sort(key=lambda one: -one.relevance)  # stable: ties keep the legs' order
        return evidence[: search.top_k]

    def _ask_legs(self, search: "_Search", question: Question) -> Legs:
        snapshot, documents, k = search.snapshot, search.documents, max(DEPTH, search.top_k)
        words: list[Hit] = []
        grams: list[Hit] = []
        dense: list[Hit] = []
        if search.mode != "dense":
            with search.clock.stage("lexical"):
                words = snapshot.lexical.search(question.words, "words", k, documents)
                grams = snapshot.lexical.search(question.grams, "grams", k, documents)
        if search.mode != "lexical":
            with search.clock.stage("dense"):
                rows = None if documents is None else snapshot.rows_of(documents)
                dense = snapshot.dense.search(question.vector, k, rows)
        return Legs(words, grams, dense)

    def _measured(
        self,
        search: "_Search",
        question: Question,
        weights: Weights,
        mentions: Sequence[Mention],
        legs: Legs,
        found: PassageRow,
    ) -> Evidence:
        entry = search.snapshot.documents.get(found.passage.document_id)
        if entry is None or entry.key != found.document_key:
            raise StaleSnapshot(f"{found.passage.document_id} was replaced meanwhile")
        seen = self._view(found, entry)
        features, best = measure(question, weights, mentions, entry.key, seen, legs.scores(found.row))
        relevance = self._model.relevance(features)
        lexical, dense = legs.lexical_hit(found.row), legs.dense_hit(found.row)
        return Evidence(0, relevance, found, entry, best, seen, lexical, dense, features)

    def _view(self, found: PassageRow, entry: DocumentEntry) -> PassageView:
        held = self._views.get([found.row])
        if held:
            return held[found.row]
        seen = view(found, heading_of(entry.names, found.passage.section), self.index.tokeniser, self.index.encoder)
        self._views.keep({found.row: seen})
        return seen


@dataclass(frozen=True, slots=True)
class _Search:
    """What all searches for one question share; documents: ids to search among, None for all."""

    snapshot: Snapshot
    mode: Mode
    documents: frozenset[str] | None
    top_k: int
    clock: _Clock


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
