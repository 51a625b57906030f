"""Retrieval: candidates of both legs become evidence, best first."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from index.cache import Cache
from index.catalogue import DocumentEntry, PassageRow
from index.derived import heading_of
from index.hits import Hit
from index.passage_index import PassageIndex, Snapshot, StaleSnapshot
from index.preparing import encoded_text
from rag.attribute import attribute_of
from rag.clock import Clock
from rag.comparison import Part, merged, parts
from rag.expansion import Kin, Thesaurus, bundled_thesaurus, kin_of
from rag.features import Asked, Features, SentenceFeatures, measure, measure_sentences
from rag.filters import Filter, allowed
from rag.legs import LegHit, Legs, weigh
from rag.likeness import Like, Likeness
from rag.question import Question, read_question
from rag.relevance import Model, bundled_model
from rag.reranking import RERANKED, Reranker
from rag.subjects import Mention, Subjects
from rag.view import PassageView, SentenceView, Viewer, tokens_of
from rag.weights import Weights

Mode = Literal["hybrid", "dense", "lexical"]

DEPTH = 40  # candidates asked of each leg
MEASURED = 12  # candidates whose features are measured; the others lose on the legs' scores alone
_PER_PART = 3  # passages for each of several subjects that one question names
_ATTEMPTS = 5  # how often a question that ran into a deletion is asked again
_VIEWS = 4096  # passages whose tokens are kept in memory
_WORDINGS = 4096  # wordings of the lexicon likewise


@dataclass(frozen=True, slots=True)
class Evidence:
    """A passage found for a question.

    rank       counts from 1
    place      how far in front it belongs; orders the passages of one question
    relevance  probability that it answers
    quotable   how well each of its sentences suits as a quote, relative to all sentences found for the question
    reread     score (0–1) and rank that a cross-encoder gave it, where there is one
    """

    rank: int
    place: float
    relevance: float
    found: PassageRow
    document: DocumentEntry
    view: PassageView
    quotable: tuple[float, ...]
    lexical: LegHit | None
    dense: LegHit | None
    features: Features
    sentence_features: tuple[SentenceFeatures, ...]
    reread: LegHit | None = None

    @property
    def best(self) -> SentenceView:
        """Its sentence that suits best as a quote."""
        return self.view.sentences[max(range(len(self.quotable)), key=self.quotable.__getitem__)]

    @property
    def row(self) -> int:
        return self.found.row


@dataclass(frozen=True, slots=True)
class Retrieval:
    """Everything found for one question on one generation.

    parts      evidence for each thing that the question asks; a single one where it asks one thing
    timing     milliseconds
    relevance  of the passage that the relevance model puts first, whatever a cross-encoder does; 0 without any
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


class Retriever:
    """Asks the index and orders what it finds."""

    def __init__(
        self,
        index: PassageIndex,
        model: Model | None = None,
        thesaurus: Callable[[], Thesaurus] = bundled_thesaurus,
        reranker: Reranker | None = None,
    ) -> None:
        """Retrieve from this index.

        thesaurus  gives the groups of wordings as they are when a question comes
        reranker   orders the first passages of a hybrid search
        """
        self.index = index
        self._model = model or bundled_model()
        self._thesaurus = thesaurus
        self._reranker = reranker
        self._likeness = Likeness.bundled()
        self._views: Cache[int, PassageView] = Cache(_VIEWS)
        self._wordings: Cache[str, frozenset[str]] = Cache(_WORDINGS)
        self._subjects: tuple[int, Subjects] | None = None

    def retrieve(self, text: str, top_k: int = 5, mode: Mode = "hybrid", only: Filter | None = None) -> Retrieval:
        """Find the passages that fit a question best.

        only    field → values: keep documents whose field has one of the values (see FILTERS)
        raises  ValueError for an unknown field in `only`
        """
        for _ in range(_ATTEMPTS):
            snapshot = self.index.snapshot
            try:
                return self._retrieve(text, top_k, mode, only)
            except StaleSnapshot:
                self.index.await_newer(snapshot)
        raise StaleSnapshot("the documents change faster than the question can be answered; ask again")

    def subjects(self, snapshot: Snapshot) -> Subjects:
        """Names of the documents of this snapshot."""
        held = self._subjects
        if held is None or held[0] != snapshot.generation:
            held = (snapshot.generation, Subjects(snapshot.documents.values()))
            self._subjects = held
        return held[1]

    def _retrieve(self, text: str, top_k: int, mode: Mode, only: Filter | None) -> Retrieval:
        clock = Clock()
        with clock.stage("total"):
            snapshot = self.index.snapshot
            with clock.stage("encode"):
                question = self._read(text)
            reranker = self._reranker if mode == "hybrid" else None
            wanted = max(top_k, RERANKED) if reranker else top_k
            search = _Search(snapshot, mode, None if not only else allowed(snapshot, only), wanted, clock)
            mentions: Sequence[Mention] = self.subjects(snapshot).mentions(question.folded)
            asked_parts = parts(question.folded, mentions) if mode == "hybrid" else []
            if len(asked_parts) == 1:  # the other subjects were named to be told apart
                asked = self._ask_part(search, asked_parts[0])
            else:
                asked = self._ask(search, question, mentions)
            evidence = self._find(search, asked)
            of_parts = [self._find_part(search, part) for part in asked_parts] if len(asked_parts) > 1 else []
            if any(part.alone for part in asked_parts):
                evidence = merged(of_parts, evidence)
            elif of_parts:
                evidence = merged([evidence[:1]], merged(of_parts, evidence))
            relevance, degraded = evidence[0].relevance if evidence else 0.0, ""
            if reranker and evidence and not of_parts:  # where there are parts, each keeps its turn
                with clock.stage("rerank"):
                    evidence, degraded = self._reread(reranker, text, evidence)
        ranked = tuple(replace(one, rank=rank) for rank, one in enumerate(evidence[:top_k], start=1))
        found = tuple(map(tuple, of_parts)) or (ranked,)
        generation, lacking = snapshot.generation, (degraded,) if degraded else ()
        return Retrieval(question, mode, generation, ranked, found, asked.weights, clock.timing, relevance, lacking)

    def _reread(self, reranker: Reranker, text: str, evidence: list[Evidence]) -> tuple[list[Evidence], str]:
        """The first RERANKED passages in a cross-encoder's order, each with the place of the one that stood there.

        returns  as they were, and why, where it gives no order
        """
        first, rest = evidence[:RERANKED], evidence[RERANKED:]
        verdict = reranker.judge(text, [encoded_text(one.document.title, one.found.passage) for one in first])
        if verdict.lacking:
            return evidence, verdict.lacking
        read = []
        for rank, (at, before) in enumerate(zip(verdict.order(), first, strict=True), start=1):
            moved, place = first[at], before.place
            quotable = tuple(self._model.quotable(place, one) for one in moved.sentence_features)
            reread = LegHit(verdict.scores[at], rank)
            read.append(replace(moved, place=place, quotable=quotable, reread=reread))
        return [*read, *rest], ""

    def _find_part(self, search: "_Search", part: Part) -> list[Evidence]:
        """The best passages for one part of a question, as if it alone were meant."""
        documents = search.documents
        if part.alone and part.mention is not None:
            named = frozenset(e.id for e in search.snapshot.documents.values() if e.key in part.mention.documents)
            documents = named if documents is None else named & documents
        inner = replace(search, documents=documents, top_k=_PER_PART)
        return self._find(inner, self._ask_part(inner, part))

    def _ask_part(self, search: "_Search", part: Part) -> Asked:
        question = self._read(part.text)
        mentions = self.subjects(search.snapshot).mentions(question.folded)
        return self._ask(search, question, mentions or ([part.mention] if part.mention else []))

    def _ask(self, search: "_Search", question: Question, mentions: Sequence[Mention]) -> Asked:
        weights = weigh(question, search.snapshot, self._kin(question, mentions))
        attribute = attribute_of(question, mentions, self.index.tokeniser, self.index.encoder)
        return Asked(question, attribute, weights, mentions)

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

    def _find(self, search: "_Search", asked: Asked) -> list[Evidence]:
        """Evidence for one question, best first, at most top_k."""
        legs = self._ask_legs(search, asked.question)
        with search.clock.stage("rank"):
            rows = legs.shortlist(asked.weights, max(MEASURED, search.top_k))
            found = self.index.passages(rows)
            views = [self._view(search.snapshot, found[row]) for row in rows]
            likes = self._likeness.compare(asked.attribute.text, [view.bare.pieces for view in views])
            evidence = [
                self._measured(search, asked, legs, found[row], view, like)
                for row, view, like in zip(rows, views, likes, strict=True)
            ]
            if search.mode == "hybrid":
                evidence.sort(key=lambda one: -one.place)  # stable: ties keep the legs' order
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
        self, search: "_Search", asked: Asked, legs: Legs, found: PassageRow, view: PassageView, like: Like
    ) -> Evidence:
        features = measure(asked, view, legs.scores(found.row), like)
        sentences = tuple(measure_sentences(asked, view, like))
        place = self._model.place(features)
        return Evidence(
            rank=0,
            place=place,
            relevance=self._model.relevance(features),
            found=found,
            document=_entry(search.snapshot, found),
            view=view,
            quotable=tuple(self._model.quotable(place, one) for one in sentences),
            lexical=legs.lexical_hit(found.row),
            dense=legs.dense_hit(found.row),
            features=features,
            sentence_features=sentences,
        )

    def _view(self, snapshot: Snapshot, found: PassageRow) -> PassageView:
        entry = _entry(snapshot, found)
        held = self._views.get([found.row])
        if held:
            return held[found.row]
        viewer = Viewer(self.index.tokeniser, self.index.encoder, self._likeness)
        seen = viewer.view(found.passage, heading_of(entry.names, found.passage.section), entry.names)
        self._views.keep({found.row: seen})
        return seen


@dataclass(frozen=True, slots=True)
class _Search:
    """What all searches for one question share; documents: ids to search among, None for all."""

    snapshot: Snapshot
    mode: Mode
    documents: frozenset[str] | None
    top_k: int
    clock: Clock


def _entry(snapshot: Snapshot, found: PassageRow) -> DocumentEntry:
    """The document of a passage, as this snapshot knows it."""
    entry = snapshot.documents.get(found.passage.document_id)
    if entry is None or entry.key != found.document_key:
        raise StaleSnapshot(f"{found.passage.document_id} was replaced meanwhile")
    return entry
