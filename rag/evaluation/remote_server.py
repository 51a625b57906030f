"""A running server under test, over HTTP.  [httpx]"""

import hashlib
import json
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Any

import httpx

from rag.evaluation.case import Case, QuestionSet, UnreadableSet
from rag.evaluation.connection import Connection, ServerRefused
from rag.evaluation.outcome import FoundPassage, Outcome, Quote
from rag.evaluation.systems import DEPTH, SHOWN, Ask, Name, System, guarded

MODES: tuple[Name, ...] = ("hybrid", "dense", "lexical")  # what a server can be asked for


class ServerBench:
    """Systems behind one address. The server's own documents are asked about, never those of a set."""

    def __init__(
        self, url: str, names: Sequence[Name], transport: httpx.BaseTransport | None = None, key: str = ""
    ) -> None:
        """key: of the API, sent to this address and nowhere else; empty for none."""
        self._line = Connection(url, key, transport)
        self._names = [name for name in names if name in MODES]
        self._texts: dict[str, str] = {}
        self._reading = threading.Lock()

    def fingerprint(self, question_set: QuestionSet) -> str:
        """SHA-256 of address, index and encoder as the server tells them, and of the set.

        raises  SystemGone if no server answers, or it lets nobody in
        """
        stats, _ = self._line.call("GET", "/v1/stats")
        parts = [self._line.url, SHOWN, DEPTH, stats, question_set.fingerprint]
        return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()

    @contextmanager
    def systems(self, question_set: QuestionSet) -> Iterator[list[System]]:
        """The systems of the server.

        raises  UnreadableSet if the set is about documents that the server does not hold
        """
        for row in question_set.texts[:: max(1, len(question_set.texts) // 3)]:
            try:
                self._text(row.id)
            except ServerRefused:
                remedy = "give them to it with: rag index add …_passages.jsonl, or leave --url out"
                raise UnreadableSet(f"{question_set.name}: the server does not hold {row.id}; {remedy}") from None
        yield [self._system(name) for name in self._names]

    def close(self) -> None:
        """Close the connections."""
        self._line.close()

    def _system(self, name: Name) -> System:
        ask: Ask = self._answer if name == "hybrid" else partial(self._search, mode=name)
        return System(name, guarded(ask))

    def _answer(self, case: Case) -> tuple[Outcome, float]:
        body, elapsed = self._asked(case, case.earlier)
        alone = self._asked(case, [case.stranger])[0]["resolved_question"] if case.stranger else ""
        deep, _ = self._found(body["resolved_question"], "hybrid")
        outcome = Outcome(
            status=body["status"],
            resolved=body["resolved_question"],
            passages=_shown(body["passages"]),
            ranking=_ranking(deep["results"]),
            answer=body["answer"] if body["status"] == "answered" else "",
            relevance=body["relevance"],
            disagreement=body["disagreement"],
            quotes=tuple(self._quote(citation) for citation in body["citations"]),
            alone=alone,
        )
        return outcome, elapsed

    def _search(self, case: Case, mode: Name) -> tuple[Outcome, float]:
        resolved = self._asked(case, case.earlier)[0]["resolved_question"] if case.earlier else case.question
        body, elapsed = self._found(resolved, mode)
        results = body["results"]
        best = results[0]["relevance"] if results else 0.0
        return Outcome("found", resolved, _shown(results), _ranking(results), relevance=best), elapsed

    def _asked(self, case: Case, earlier: Sequence[str]) -> tuple[dict[str, Any], float]:
        history = [{"role": "user", "content": question} for question in earlier]
        return self._line.call("POST", "/v1/ask", {"question": case.question, "history": history, "top_k": SHOWN})

    def _found(self, query: str, mode: str) -> tuple[dict[str, Any], float]:
        return self._line.call("POST", "/v1/search", {"query": query, "top_k": DEPTH, "mode": mode})

    def _quote(self, citation: dict[str, Any]) -> Quote:
        name, start, end, quote = (citation[key] for key in ("document_id", "start", "end", "quote"))
        return Quote(name, start, end, quote, self._text(name)[start:end] == quote)

    def _text(self, document_id: str) -> str:
        """Text of a document as the server gives it, fetched once."""
        with self._reading:
            if document_id not in self._texts:
                self._texts[document_id] = self._line.call("GET", f"/v1/documents/{document_id}")[0]["text"]
            return self._texts[document_id]


def _shown(results: Sequence[dict[str, Any]]) -> tuple[FoundPassage, ...]:
    return tuple(FoundPassage(one["citation"]["document_id"], one["text"], one["relevance"]) for one in results[:SHOWN])


def _ranking(results: Sequence[dict[str, Any]]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(one["citation"]["document_id"] for one in results))
