"""Retrieval: candidates of both legs become evidence, best first."""

from collections.abc import Sequence
from dataclasses import replace

from corpus.lexicon import Lexicon
from index.articles import articles_of
from index.cache import Cache
from index.catalogue import DocumentEntry, PassageRow
from index.derived import heading_of
from index.hits import Hit
from index.passage_index import PassageIndex, Snapshot, StaleSnapshot
from index.preparing import encoded_text
from index.tokens import ARTICLE_TOKEN, Tokeniser
from rag.attribute import attribute_of
from rag.comparison import Part, before_parts, merged, parts, sides
from rag.copies import Copies, Crowd
from rag.evidence import Evidence, Retrieval
from rag.expansion import Kin, Thesaurus, Wording, kin_of
from rag.features import without_ways
from rag.filters import Filter, passing
from rag.legs import LegHit, Legs, weigh
from rag.likeness import Likeness
from rag.measuring import Asked, Measures
from rag.question import Question, read_question
from rag.quotes import Quotes
from rag.relevance import Model, bundled_model
from rag.reranking import RERANKED, Reranker
from rag.searching import Clock, Mode, Search
from rag.sought import asks_for_a_term
from rag.subjects import Mention, Subjects, names_of
from rag.view import PassageView, Viewer, tokens_of

__all__ = ["Evidence", "Mode", "Retrieval", "Retriever"]

DEPTH = 40  # candidates asked of each leg
_DEEPEST = 600  # candidates from which no more are asked for
_FEW_WAYS = 5  # ways of asking; fewer help where one fits, and must not hide a passage from all other questions
MEASURED = 12  # candidates whose features are measured; the others lose on the legs' scores alone
_PER_PART = 3  # passages for each of several subjects that one question names
_ATTEMPTS = 5  # how often a question that ran into a deletion is asked again
_VIEWS = 4096  # passages whose tokens are kept in memory
_WORDINGS = 4096  # wordings of the lexicon likewise
_LEVEL = 0.3  # difference of places within which passages stand level: then relevance tells which is first
_DECIMALS = 9  # of a place: sums over arrays may differ behind them for passages that are equal


class Retriever:
    """Asks the index and orders what it finds."""

    def __init__(self, index: PassageIndex, model: Model | None = None, reranker: Reranker | None = None) -> None:
        """Retrieve from this index; the reranker orders the first passages of a hybrid search."""
        self.index = index
        self._model = model or bundled_model()
        self._reranker = reranker
        self._likeness = Likeness.bundled()
        self._views: Cache[tuple[str, int], PassageView] = Cache(_VIEWS)
        self._wordings: Cache[tuple[str, str], frozenset[str]] = Cache(_WORDINGS)
        self._subjects: tuple[int, Subjects] | None = None
        self._copies = Copies(index)
        self._crowded: Crowd | None = None
        self._thesaurus: tuple[Lexicon, Thesaurus] | None = None

    def retrieve(self, text: str, top_k: int = 5, mode: Mode = "hybrid", only: Filter | None = None) -> Retrieval:
        """Find the passages that fit a question best.

        only    keep to the documents that pass this filter (see `rag.filters.passing`)
        raises  FilterInvalid
        """
        for _ in range(_ATTEMPTS):
            snapshot = self.index.snapshot
            try:
                return self._retrieve(text, top_k, mode, only)
            except StaleSnapshot:
                self.index.await_newer(snapshot)
        raise StaleSnapshot("the documents change faster than the question can be answered; ask again")

    def look_at(self, rows: Sequence[int]) -> None:
        """Look at passages, so that the first question that finds them need not.

        raises  StaleSnapshot if one of them is gone
        """
        found = self.index.passages(rows)
        self._views_of(self.index.snapshot, [found[row] for row in rows])

    def subjects(self, snapshot: Snapshot) -> Subjects:
        """Names of the documents of this snapshot."""
        held = self._subjects
        if held is None or held[0] != snapshot.generation:
            held = (snapshot.generation, Subjects(snapshot.documents.values()))
            self._subjects = held
        return held[1]

    def thesaurus(self, snapshot: Snapshot) -> Thesaurus:
        """The groups of this snapshot's lexicon."""
        held, lexicon = self._thesaurus, snapshot.tokeniser.lexicon
        if held is None or held[0] is not lexicon:
            held = (lexicon, Thesaurus(lexicon))
            self._thesaurus = held
        return held[1]

    def wordings(self, snapshot: Snapshot, folded: str, mentions: Sequence[Mention]) -> list[Wording]:
        """Members of the groups of this snapshot's lexicon in a folded question, names left alone."""
        return self.thesaurus(snapshot).wordings(folded, [(one.start, one.end) for one in mentions])

    def _retrieve(self, text: str, top_k: int, mode: Mode, only: Filter | None) -> Retrieval:
        clock = Clock()
        with clock.stage("total"):
            snapshot = self.index.snapshot
            with clock.stage("encode"):
                question = self._read(text, snapshot)
            reranker = self._reranker if mode == "hybrid" else None
            wanted = max(top_k, RERANKED) if reranker else top_k
            search = Search(snapshot, mode, None if not only else _allowed(snapshot, only), wanted, clock)
            subjects = self.subjects(snapshot)
            mentions: Sequence[Mention] = subjects.mentions(question.folded)
            asked_parts = _parts(question.folded, subjects) if mode == "hybrid" else []
            if len(asked_parts) == 1:  # the other subjects were named to be told apart
                asked = self._ask_part(search, asked_parts[0])
            else:
                meant = [one for one in mentions if question.meant[one.start : one.end] == one.name]
                asked = self._ask(search, question, meant)
            evidence = self._find(search, asked)
            of_parts = [self._find_part(search, part) for part in asked_parts] if len(asked_parts) > 1 else []
            if any(part.alone for part in asked_parts):
                evidence = merged([before_parts(question.folded, of_parts, evidence)], merged(of_parts, evidence))
            elif of_parts:
                evidence = merged([evidence[:1]], merged(of_parts, evidence))
            ranked = self._shown(search, evidence, mentions)
            firsts = (*ranked[:1], *(part[0] for part in of_parts if part))
            relevance, degraded = max((one.relevance for one in firsts), default=0.0), ""
            if reranker and ranked and not of_parts:  # where there are parts, each keeps its turn
                with clock.stage("rerank"):
                    ranked, degraded = self._reread(reranker, text, ranked)
            ranked = ranked[:top_k]
        return Retrieval(
            question=question,
            mode=mode,
            generation=snapshot.generation,
            evidence=ranked,
            parts=tuple(map(tuple, of_parts)) or (ranked,),
            weights=asked.weights,
            timing=clock.timing,
            relevance=relevance,
            degraded=(degraded,) if degraded else (),
            sides=sides(question.folded, asked_parts) if of_parts else (),
        )

    def _reread(
        self, reranker: Reranker, text: str, evidence: tuple[Evidence, ...]
    ) -> tuple[tuple[Evidence, ...], str]:
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
            reread = LegHit(verdict.scores[at], rank)
            read.append(replace(moved, rank=rank, place=place, quotes=moved.quotes.moved(place), reread=reread))
        return (*read, *rest), ""

    def _shown(self, search: Search, evidence: Sequence[Evidence], mentions: Sequence[Mention]) -> tuple[Evidence, ...]:
        """The best passages, each once, with the places in which it stands too."""

        def named(entry: DocumentEntry) -> frozenset[str]:
            return frozenset(mention.name for mention in mentions if entry.key in mention.documents)

        with search.clock.stage("rank"):
            best = self._copies.once(evidence, named, search.top_k)
            return tuple(
                replace(one, rank=rank, also_in=self._copies.elsewhere(search.snapshot, one, known, search.documents))
                for rank, (one, known) in enumerate(best, start=1)
            )

    def _crowd(self, snapshot: Snapshot) -> Crowd:
        held = self._crowded
        if held is None or held.generation != snapshot.generation:
            held = self._crowded = Crowd(snapshot)
        return held

    def _find_part(self, search: Search, part: Part) -> list[Evidence]:
        """The best passages for one part of a question, as if it alone were meant."""
        documents = search.documents
        if part.alone and part.mention is not None:
            named = frozenset(e.id for e in search.snapshot.documents.values() if e.key in part.mention.documents)
            documents = named if documents is None else named & documents
        inner = replace(search, documents=documents, top_k=_PER_PART)
        asked = self._ask_part(inner, part)
        return list(self._shown(inner, self._find(inner, asked), asked.mentions))

    def _ask_part(self, search: Search, part: Part) -> Asked:
        question = self._read(part.text, search.snapshot)
        mentions = self.subjects(search.snapshot).mentions(question.meant)
        return self._ask(search, question, mentions or ([part.mention] if part.mention else []))

    def _ask(self, search: Search, question: Question, mentions: Sequence[Mention]) -> Asked:
        weights = weigh(question, search.snapshot, self._kin(search.snapshot, question, mentions))
        attribute = attribute_of(question, mentions, search.snapshot.tokeniser, self.index.encoder)
        return Asked(question, attribute, weights, mentions)

    def _read(self, text: str, snapshot: Snapshot) -> Question:
        return read_question(text, snapshot.tokeniser, self.index.encoder)

    def _kin(self, snapshot: Snapshot, question: Question, mentions: Sequence[Mention]) -> Sequence[Kin]:
        """What can stand in for words of the question, names left alone."""
        if asks_for_a_term(question.sought):
            return ()
        wordings = self.wordings(snapshot, question.meant, mentions)
        known = frozenset(question.words).union(gram for gram in question.grams if len(gram) > 1)
        return kin_of(wordings, known, lambda folded: self._tokens(folded, snapshot.tokeniser))

    def _tokens(self, folded: str, tokeniser: Tokeniser) -> frozenset[str]:
        key = (tokeniser.fingerprint, folded)
        held = self._wordings.get([key])
        if not held:
            held = {key: tokens_of(folded, tokeniser)}
            self._wordings.keep(held)
        return held[key]

    def _find(self, search: Search, asked: Asked) -> list[Evidence]:
        """Evidence for one question, best first: top_k or more, where there are so many."""
        legs, rows = self._shortlist(search, asked)
        if not rows:
            return []
        with search.clock.stage("rank"):
            found = self.index.passages(rows)
            views = self._views_of(search.snapshot, [found[row] for row in rows])
            likes = self._likeness.compare(asked.attribute.text, [view.like for view in views])
            measures = Measures(asked, views, [legs.scores(row) for row in rows], legs.leads(rows), likes)
            evidence = [self._evidence(search, legs, found[row], measures, at) for at, row in enumerate(rows)]
            if search.mode == "hybrid":
                evidence.sort(key=lambda one: -round(one.place, _DECIMALS))  # stable: ties keep the legs' order
                _put_first(evidence)
                _put_articles_first(evidence, asked.question, search.snapshot.tokeniser)
        return evidence

    def _shortlist(self, search: Search, asked: Asked) -> tuple[Legs, list[int]]:
        """What the legs found, and the rows to measure; more is asked of them where copies crowd out the rest."""
        k, size = max(DEPTH, search.top_k), max(MEASURED, search.top_k)
        while True:
            legs = self._ask_legs(search, asked, k)
            rows, enough = self._crowd(search.snapshot).spread(legs.ordered(), size)
            if enough or legs.longest < k or k >= _DEEPEST:
                return legs, rows
            k *= 4

    def _ask_legs(self, search: Search, asked: Asked, k: int) -> Legs:
        snapshot, documents, question = search.snapshot, search.documents, asked.question
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
        return Legs(words, grams, dense, asked.weights)

    def _evidence(self, search: Search, legs: Legs, found: PassageRow, measures: Measures, at: int) -> Evidence:
        features = measures.features[at]
        if 0 < measures.views[at].ways < _FEW_WAYS:
            features = max(features, without_ways(features), key=self._model.relevance)
        place = self._model.place(features)
        return Evidence(
            rank=0,
            place=place,
            relevance=self._model.relevance(features),
            found=found,
            document=_entry(search.snapshot, found),
            view=measures.views[at],
            quotes=Quotes(self._model, measures, at, place),
            lexical=legs.lexical_hit(found.row),
            dense=legs.dense_hit(found.row),
            features=features,
        )

    def _views_of(self, snapshot: Snapshot, passages: Sequence[PassageRow]) -> list[PassageView]:
        keys = [(snapshot.tokeniser.fingerprint, one.row) for one in passages]
        held = self._views.get(keys)
        seen = {key: self._view(snapshot, one) for key, one in zip(keys, passages, strict=True) if key not in held}
        self._views.keep(seen)
        return [held.get(key) or seen[key] for key in keys]

    def _view(self, snapshot: Snapshot, found: PassageRow) -> PassageView:
        entry = _entry(snapshot, found)
        viewer = Viewer(snapshot.tokeniser, self.index.encoder, self._likeness)
        return viewer.view(found.passage, heading_of(entry.names, found.passage.section), names_of(entry))


def _put_articles_first(evidence: list[Evidence], question: Question, tokeniser: Tokeniser) -> None:
    """Where a question names an article, let the passages that are this article come first, as relevant as any."""
    named = {word for word in question.words if ARTICLE_TOKEN.fullmatch(word)}
    if not named:
        return
    highest = max(one.relevance for one in evidence)
    for at, one in enumerate(evidence):
        if named <= set(articles_of(tokeniser, one.found.passage)):
            evidence[at] = replace(one, relevance=highest)
    evidence.sort(key=lambda one: not named <= set(articles_of(tokeniser, one.found.passage)))


def _put_first(evidence: list[Evidence]) -> None:
    """Of the passages that stand level with the first, let the most relevant be first."""
    level = [at for at, one in enumerate(evidence) if one.place > evidence[0].place - _LEVEL]
    evidence.insert(0, evidence.pop(max(level, key=lambda at: evidence[at].relevance)))


def _parts(folded: str, subjects: Subjects) -> list[Part]:
    """The parts of a question, names that it shortens to what tells them apart written in full."""
    spelled_out = subjects.spelled_out(folded)
    return parts(spelled_out, subjects.mentions(spelled_out))


def _entry(snapshot: Snapshot, found: PassageRow) -> DocumentEntry:
    """The document of a passage, as this snapshot knows it."""
    entry = snapshot.documents.get(found.passage.document_id)
    if entry is None or entry.key != found.document_key:
        raise StaleSnapshot(f"{found.passage.document_id} was replaced meanwhile")
    return entry


def _allowed(snapshot: Snapshot, only: Filter) -> frozenset[str]:
    """Ids of the documents that pass the filter."""
    passes = passing(only)
    return frozenset(entry.id for entry in snapshot.documents.values() if passes(entry))
