"""Retrieval: candidates of both indexes become evidence, best first."""

from collections.abc import Sequence
from dataclasses import replace

from corpus.lexicon import Lexicon
from index.artifacts import heading_of
from index.encoder.passage_text import encoded_text
from index.hits import Hit
from index.lexical.tokeniser import Tokeniser
from index.passage_index import PassageIndex, Snapshot, StaleSnapshot
from index.store.cache import Cache
from index.store.catalogue import DocumentEntry, PassageRow
from rag.query.answer_types import asks_for_a_term
from rag.query.decomposition import QuestionPart, before_parts, merged, parts, sides
from rag.query.entities import Entity, Gazetteer, names_of
from rag.query.expansion import Kin, OtherWording, Thesaurus, kin_of
from rag.query.filters import Filter, passing
from rag.query.intent import NO_ATTRIBUTE, attribute_of
from rag.query.question import Question, read_question, tokens_of
from rag.retrieval.annotated_passage import AnnotatedPassage, Annotator
from rag.retrieval.deduplication import Crowd, Deduplication
from rag.retrieval.evidence import Evidence, Retrieval
from rag.retrieval.feature_extraction import Asked, ExtractedFeatures
from rag.retrieval.features import without_ways
from rag.retrieval.fusion import FusedHits, RankedScore, weigh
from rag.retrieval.judged_evidence import DECIMALS, JudgedEvidence, entry_of, put_articles_first
from rag.retrieval.judging import Judge
from rag.retrieval.maxsim import MaxSim
from rag.retrieval.ranking_model import RankingModel
from rag.retrieval.reranking import RERANKED, Reranker
from rag.retrieval.searching import Clock, Mode, Search
from rag.retrieval.sentence_scores import Quotes

DEPTH = 40  # candidates asked of each index
_DEEPEST = 600  # candidates from which no more are asked for
_FEW_WAYS = 5  # similar questions; fewer help where one fits, and must not hide a passage from all other questions
MEASURED = 12  # candidates whose features are measured; the others lose on the indexes' scores alone
LOOKED_AT = 5  # passages at the front that tell whether the question is answered
JUDGED = 16  # candidates that a judge sees
_PER_PART = 3  # passages for each of several entities that one question names
_ATTEMPTS = 5  # how often a question that ran into a deletion is asked again
_ANNOTATED = 4096  # passages whose tokens are kept in memory
_WORDINGS = 4096  # wordings of the lexicon likewise
_LEVEL = 0.3  # difference of places within which passages stand level: then relevance tells which is first


class Retriever:
    """Asks the index and orders what it finds."""

    def __init__(
        self,
        index: PassageIndex,
        model: RankingModel,
        reranker: Reranker | None = None,
        judge: Judge | None = None,
    ) -> None:
        """The model orders what is found in this index, the reranker the first passages of a hybrid search.

        judge  orders and judges what was found; without one, the features of `model` do
        """
        self.index = index
        self._model = model
        self._reranker = reranker
        self._judged_evidence = JudgedEvidence(index, judge) if judge else None
        self._maxsim = MaxSim.bundled()
        self._annotated: Cache[tuple[str, int], AnnotatedPassage] = Cache(_ANNOTATED)
        self._wordings: Cache[tuple[str, str], frozenset[str]] = Cache(_WORDINGS)
        self._gazetteer: tuple[int, Gazetteer] | None = None
        self._duplicates = Deduplication(index)
        self._crowded: Crowd | None = None
        self._thesaurus: tuple[Lexicon, Thesaurus] | None = None

    def retrieve(self, text: str, top_k: int = 5, mode: Mode = "hybrid", only: Filter | None = None) -> Retrieval:
        """Find the passages that fit a question best.

        only    keep to the documents that pass this filter (see `rag.query.filters.passing`)
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
        if not self._judged_evidence:
            self._annotated_of(self.index.snapshot, [found[row] for row in rows])

    def gazetteer(self, snapshot: Snapshot) -> Gazetteer:
        """Names of the documents of this snapshot."""
        held = self._gazetteer
        if held is None or held[0] != snapshot.generation:
            held = (snapshot.generation, Gazetteer(snapshot.documents.values()))
            self._gazetteer = held
        return held[1]

    def thesaurus(self, snapshot: Snapshot) -> Thesaurus:
        """The groups of this snapshot's lexicon."""
        held, lexicon = self._thesaurus, snapshot.tokeniser.lexicon
        if held is None or held[0] is not lexicon:
            held = (lexicon, Thesaurus(lexicon))
            self._thesaurus = held
        return held[1]

    def wordings(self, snapshot: Snapshot, folded: str, entities: Sequence[Entity]) -> list[OtherWording]:
        """Members of the groups of this snapshot's lexicon in a folded question, names left alone."""
        return self.thesaurus(snapshot).wordings(folded, [(one.start, one.end) for one in entities])

    def _retrieve(self, text: str, top_k: int, mode: Mode, only: Filter | None) -> Retrieval:
        clock = Clock()
        with clock.stage("total"):
            snapshot = self.index.snapshot
            with clock.stage("encode"):
                question = self._read(text, snapshot)
            reranker = self._reranker if mode == "hybrid" else None
            wanted = max(top_k, RERANKED) if reranker else top_k
            search = Search(snapshot, mode, None if not only else _allowed(snapshot, only), wanted, clock)
            gazetteer = self.gazetteer(snapshot)
            entities: Sequence[Entity] = gazetteer.entities(question.folded)
            asked_parts = _parts(question.folded, gazetteer) if mode == "hybrid" else []
            if len(asked_parts) == 1:  # the other entities were named to be told apart
                asked = self._ask_part(search, asked_parts[0])
            else:
                meant = [one for one in entities if question.meant[one.start : one.end] == one.name]
                asked = self._ask(search, question, meant)
            evidence = self._find(search, asked)
            of_parts = [self._find_part(search, part) for part in asked_parts] if len(asked_parts) > 1 else []
            if any(part.alone for part in asked_parts):
                evidence = merged([before_parts(question.folded, of_parts, evidence)], merged(of_parts, evidence))
            elif of_parts:
                evidence = merged([evidence[:1]], merged(of_parts, evidence))
            ranked = self._shown(search, evidence, entities)
            looked_at = LOOKED_AT if self._judged_evidence else 1  # a judge decides over the first passages together
            firsts = (*ranked[:looked_at], *(one for part in of_parts for one in part[:looked_at]))
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
            part_texts=tuple(part.text for part in asked_parts) if of_parts else (),
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
            reread = RankedScore(verdict.scores[at], rank)
            read.append(replace(moved, rank=rank, place=place, quotes=moved.quotes.moved(place), reread=reread))
        return (*read, *rest), ""

    def _shown(self, search: Search, evidence: Sequence[Evidence], entities: Sequence[Entity]) -> tuple[Evidence, ...]:
        """The best passages, each once, with the places in which it stands too."""

        def named(entry: DocumentEntry) -> frozenset[str]:
            return frozenset(entity.name for entity in entities if entry.key in entity.documents)

        with search.clock.stage("rank"):
            best = self._duplicates.once(evidence, named, search.top_k)
            return tuple(
                replace(
                    one, rank=rank, also_in=self._duplicates.elsewhere(search.snapshot, one, known, search.documents)
                )
                for rank, (one, known) in enumerate(best, start=1)
            )

    def _crowd(self, snapshot: Snapshot) -> Crowd:
        held = self._crowded
        if held is None or held.generation != snapshot.generation:
            held = self._crowded = Crowd(snapshot)
        return held

    def _find_part(self, search: Search, part: QuestionPart) -> list[Evidence]:
        """The best passages for one part of a question, as if it alone were meant."""
        documents = search.documents
        if part.alone and part.entity is not None:
            named = frozenset(e.id for e in search.snapshot.documents.values() if e.key in part.entity.documents)
            documents = named if documents is None else named & documents
        inner = replace(search, documents=documents, top_k=_PER_PART)
        asked = self._ask_part(inner, part)
        return list(self._shown(inner, self._find(inner, asked), asked.entities))

    def _ask_part(self, search: Search, part: QuestionPart) -> Asked:
        question = self._read(part.text, search.snapshot)
        entities = self.gazetteer(search.snapshot).entities(question.meant)
        return self._ask(search, question, entities or ([part.entity] if part.entity else []))

    def _ask(self, search: Search, question: Question, entities: Sequence[Entity]) -> Asked:
        weights = weigh(question, search.snapshot, self._kin(search.snapshot, question, entities))
        if self._judged_evidence:
            return Asked(question, NO_ATTRIBUTE, weights, entities)
        attribute = attribute_of(question, entities, search.snapshot.tokeniser, self.index.encoder)
        return Asked(question, attribute, weights, entities)

    def _read(self, text: str, snapshot: Snapshot) -> Question:
        return read_question(text, snapshot.tokeniser, self.index.encoder)

    def _kin(self, snapshot: Snapshot, question: Question, entities: Sequence[Entity]) -> Sequence[Kin]:
        """What can stand in for words of the question, names left alone."""
        if asks_for_a_term(question.answer_types):
            return ()
        wordings = self.wordings(snapshot, question.meant, entities)
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
        fused, rows = self._shortlist(search, asked)
        if not rows:
            return []
        if self._judged_evidence and asked.question.encoded:
            return self._judged_evidence.find(search, asked.question, asked.question.encoded, fused, rows)
        with search.clock.stage("rank"):
            found = self.index.passages(rows)
            annotated_passages = self._annotated_of(search.snapshot, [found[row] for row in rows])
            similarities = self._maxsim.compare(
                asked.attribute.text, [annotated.like for annotated in annotated_passages]
            )
            extracted = ExtractedFeatures(
                asked,
                annotated_passages,
                [fused.scores(row) for row in rows],
                fused.relative_scores(rows),
                similarities,
            )
            evidence = [self._evidence(search, fused, found[row], extracted, at) for at, row in enumerate(rows)]
            if search.mode == "hybrid":
                evidence.sort(key=lambda one: -round(one.place, DECIMALS))  # stable: ties keep the indexes' order
                _put_first(evidence)
                put_articles_first(evidence, asked.question, search.snapshot.tokeniser)
        return evidence

    def _shortlist(self, search: Search, asked: Asked) -> tuple[FusedHits, list[int]]:
        """What the indexes found, and the rows to measure; more is asked of them where copies crowd out the rest."""
        k, size = max(DEPTH, search.top_k), max(JUDGED if self._judged_evidence else MEASURED, search.top_k)
        while True:
            fused = self._search_both(search, asked, k)
            rows, enough = self._crowd(search.snapshot).spread(fused.ordered(), size)
            if enough or fused.longest < k or k >= _DEEPEST:
                return fused, rows
            k *= 4

    def _search_both(self, search: Search, asked: Asked, k: int) -> FusedHits:
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
        return FusedHits(words, grams, dense, asked.weights)

    def _evidence(
        self, search: Search, fused: FusedHits, found: PassageRow, extracted: ExtractedFeatures, at: int
    ) -> Evidence:
        features = extracted.features[at]
        if 0 < extracted.annotated_passages[at].ways < _FEW_WAYS:
            features = max(features, without_ways(features), key=self._model.relevance)
        place = self._model.place(features)
        return Evidence(
            rank=0,
            place=place,
            relevance=self._model.relevance(features),
            found=found,
            document=entry_of(search.snapshot, found),
            annotated=extracted.annotated_passages[at],
            quotes=Quotes(self._model, extracted, at, place),
            lexical=fused.lexical_hit(found.row),
            dense=fused.dense_hit(found.row),
            features=features,
        )

    def _annotated_of(self, snapshot: Snapshot, passages: Sequence[PassageRow]) -> list[AnnotatedPassage]:
        keys = [(snapshot.tokeniser.fingerprint, one.row) for one in passages]
        held = self._annotated.get(keys)
        seen = {key: self._annotate(snapshot, one) for key, one in zip(keys, passages, strict=True) if key not in held}
        self._annotated.keep(seen)
        return [held.get(key) or seen[key] for key in keys]

    def _annotate(self, snapshot: Snapshot, found: PassageRow) -> AnnotatedPassage:
        entry = entry_of(snapshot, found)
        annotator = Annotator(snapshot.tokeniser, self.index.encoder, self._maxsim)
        return annotator.annotate(found.passage, heading_of(entry.names, found.passage.section), names_of(entry))


def _put_first(evidence: list[Evidence]) -> None:
    """Of the passages that stand level with the first, let the most relevant be first."""
    level = [at for at, one in enumerate(evidence) if one.place > evidence[0].place - _LEVEL]
    evidence.insert(0, evidence.pop(max(level, key=lambda at: evidence[at].relevance)))


def _parts(folded: str, gazetteer: Gazetteer) -> list[QuestionPart]:
    """The parts of a question, names that it shortens to what tells them apart written in full."""
    spelled_out = gazetteer.spelled_out(folded)
    return parts(spelled_out, gazetteer.entities(spelled_out))


def _allowed(snapshot: Snapshot, only: Filter) -> frozenset[str]:
    """Ids of the documents that pass the filter."""
    passes = passing(only)
    return frozenset(entry.id for entry in snapshot.documents.values() if passes(entry))
