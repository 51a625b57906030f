"""Systems under test: the service in this process, whole or one index at a time."""

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Literal

from index.lexical.bm25 import Unit
from index.passage_index import StaleSnapshot
from rag.answer.citation import Citation
from rag.evaluation.case import Case
from rag.evaluation.outcome import FoundPassage, Outcome, Quote
from rag.query.question import read_question
from rag.retrieval.evidence import Retrieval
from rag.retrieval.searching import Mode
from rag.service import Service

SHOWN = 5  # passages that a user sees, and the evaluation too
DEPTH = 30  # passages whose documents make up the ranking

Name = Literal["hybrid", "dense", "lexical", "words", "grams"]
MODES: tuple[Name, ...] = ("hybrid", "dense", "lexical", "words", "grams")

Ask = Callable[[Case], tuple[Outcome, float]]


class SystemGone(RuntimeError):
    """Nothing answers any more; ends the run, which can be gone on with later."""


@dataclass(frozen=True, slots=True)
class System:
    """Something that can be asked. ask: case → outcome and milliseconds; an error of one case is an outcome."""

    name: str
    ask: Ask


def local_system(name: Name, service: Service, outer_ids: Mapping[str, str]) -> System:
    """A system on this service: `hybrid` answers, the others only search.

    outer_ids  id in the index → id in the question set, where they differ
    """
    asker = _LocalAsker(service, outer_ids)
    ways: dict[Name, Ask] = {
        "hybrid": asker.answer,
        "dense": partial(asker.search, mode="dense"),
        "lexical": partial(asker.search, mode="lexical"),
        "words": partial(asker.search_field, unit="words"),
        "grams": partial(asker.search_field, unit="grams"),
    }
    return System(name, guarded(ways[name]))


def foreign_run(name: str, rankings: Mapping[str, Sequence[str]]) -> System:
    """A system known only by what it found; a case that its run forgot finds nothing."""
    return System(name, lambda case: (Outcome("found", case.question, ranking=tuple(rankings.get(case.id, ()))), 0.0))


def guarded(ask: Ask) -> Ask:
    """The same, but an error of one question becomes its outcome and counts as a miss; the run goes on."""

    def asked(case: Case) -> tuple[Outcome, float]:
        try:
            return ask(case)
        except SystemGone:
            raise
        except Exception as error:  # whatever a system under test may raise
            return Outcome("failed", case.question, error=f"{type(error).__name__}: {error}"), 0.0

    return asked


class _LocalAsker:
    """Asks one service in this process."""

    def __init__(self, service: Service, outer_ids: Mapping[str, str]) -> None:
        self._service = service
        self._outer_ids = outer_ids

    def answer(self, case: Case) -> tuple[Outcome, float]:
        """The whole service; only the answer to the question itself is timed."""
        start = time.perf_counter()
        reply = self._service.ask(case.question, case.earlier, SHOWN)
        elapsed = 1000 * (time.perf_counter() - start)
        deep = self._service.search(reply.resolved, DEPTH)
        alone = self._service.ask(case.question, [case.stranger]).resolved if case.stranger else ""
        outcome = Outcome(
            status=reply.answer.status,
            resolved=reply.resolved,
            passages=self._shown(reply.retrieval),
            ranking=self._ranking(one.document.id for one in deep.evidence),
            answer=reply.answer.text if reply.answer.status == "answered" else "",
            relevance=reply.answer.relevance,
            disagreement=reply.answer.disagreement,
            quotes=tuple(self._quote(citation) for citation in reply.answer.citations),
            alone=alone,
        )
        return outcome, elapsed

    def search(self, case: Case, mode: Mode) -> tuple[Outcome, float]:
        """One mode of search; relevance is that of its first passage."""
        resolved = self._resolved(case)
        start = time.perf_counter()
        found = self._service.search(resolved, DEPTH, mode)
        elapsed = 1000 * (time.perf_counter() - start)
        best = round(found.evidence[0].relevance, 4) if found.evidence else 0.0
        ranking = self._ranking(one.document.id for one in found.evidence)
        return Outcome("found", resolved, self._shown(found), ranking, relevance=best), elapsed

    def search_field(self, case: Case, unit: Unit) -> tuple[Outcome, float]:
        """One field of the lexical index; relevance is its best BM25 score."""
        resolved = self._resolved(case)
        passage_index, start = self._service.index, time.perf_counter()
        question = read_question(resolved, passage_index.tokeniser, passage_index.encoder)
        tokens = question.words if unit == "words" else question.grams
        hits = passage_index.snapshot.lexical.search(tokens, unit, DEPTH)
        rows = passage_index.passages([hit.row for hit in hits])
        elapsed = 1000 * (time.perf_counter() - start)
        found = [
            FoundPassage(self._outer(passage.document_id), passage.text, round(hit.score, 4))
            for hit in hits
            for passage in (rows[hit.row].passage,)
        ]
        ranking = tuple(dict.fromkeys(one.document_id for one in found))
        best = found[0].relevance if found else 0.0
        return Outcome("found", resolved, tuple(found[:SHOWN]), ranking, relevance=best), elapsed

    def _resolved(self, case: Case) -> str:
        return self._service.ask(case.question, case.earlier).resolved if case.earlier else case.question

    def _shown(self, found: Retrieval) -> tuple[FoundPassage, ...]:
        return tuple(
            FoundPassage(self._outer(one.document.id), one.found.passage.text, round(one.relevance, 4))
            for one in found.evidence[:SHOWN]
        )

    def _ranking(self, document_ids: Iterable[str]) -> tuple[str, ...]:
        return tuple(dict.fromkeys(self._outer(one) for one in document_ids))

    def _outer(self, document_id: str) -> str:
        return self._outer_ids.get(document_id, document_id)

    def _quote(self, citation: Citation) -> Quote:
        entry = self._service.index.snapshot.documents.get(citation.document_id)
        try:
            text = self._service.index.document(entry).text if entry else ""
        except StaleSnapshot:
            text = ""
        exact = text[citation.start : citation.end] == citation.quote
        return Quote(self._outer(citation.document_id), citation.start, citation.end, citation.quote, exact)
