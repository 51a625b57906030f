"""Answers: a few quoted sentences, each with its citation, or an honest no.

Nothing is worded here. An answer is made of sentences cut from the best passages; where the
documents mark statements as disagreeing, all of them are shown.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from corpus.document import Document
from index.passage_index import PassageIndex
from rag.citation import Citation, cite
from rag.relevance import Weights
from rag.retrieval import Evidence, Retrieval
from rag.view import SentenceView

NOTHING_FOUND = "语料中没有找到可以回答这个问题的内容。"
LONGEST = 300  # code points of an answer, citation marks not counted
MOST_STATEMENTS = 4
_WORTH_ADDING = 0.12  # share of the question's weight that a further sentence must newly cover
_CLOSE = 0.6  # a further passage must be at least this relevant, relative to the best

Status = Literal["answered", "no_answer"]


@dataclass(frozen=True, slots=True)
class Statement:
    """A quoted sentence and the numbers of its citations."""

    text: str
    citations: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Answer:
    """What is said to a question. relevance is that of the best passage, 0 where none was found."""

    status: Status
    statements: tuple[Statement, ...]
    citations: tuple[Citation, ...]
    disagreement: bool
    relevance: float

    @property
    def text(self) -> str:
        """The statements with their citation marks: «…80.1亩。[1]»."""
        if self.status == "no_answer":
            return NOTHING_FOUND
        return "".join(s.text + "".join(f"[{number}]" for number in s.citations) for s in self.statements)


@dataclass(frozen=True, slots=True)
class _Choice:
    evidence: Evidence
    start: int
    end: int


def compose(retrieval: Retrieval, index: PassageIndex, threshold: float) -> Answer:
    """Answer from the evidence, or say that nothing was found.

    threshold  relevance (0–1) from which the best passage may answer
    raises     StaleSnapshot if a cited document was deleted meanwhile
    """
    relevance = retrieval.evidence[0].relevance if retrieval.evidence else 0.0
    if relevance < threshold:
        return Answer("no_answer", (), (), False, round(relevance, 4))
    documents = {one.document.id: index.document(one.document) for one in retrieval.evidence}
    choices = _choose(retrieval)
    choices, disagreement = _with_disagreements(choices, retrieval.evidence, documents)
    citations = tuple(
        cite(number, documents[choice.evidence.document.id], choice.evidence.found.passage, choice.start, choice.end)
        for number, choice in enumerate(choices, start=1)
    )
    statements = tuple(Statement(citation.quote, (citation.index,)) for citation in citations)
    return Answer("answered", statements, citations, disagreement, round(relevance, 4))


def _choose(retrieval: Retrieval) -> list[_Choice]:
    """The best sentence of the best passage, then sentences that cover what is still open."""
    best = retrieval.evidence[0]
    choices = [_choice(best, best.best)]
    covered = best.view.heading | best.best.tokens
    for evidence, sentence in _candidates(retrieval.evidence):
        taken = {(choice.start, choice.end) for choice in choices if choice.evidence.document.id == evidence.document.id}
        if (sentence.start, sentence.end) in taken or not _fits(choices, sentence):
            continue
        if _new_share(retrieval.weights, covered, evidence, sentence) >= _WORTH_ADDING:
            choices.append(_choice(evidence, sentence))
            covered |= evidence.view.heading | sentence.tokens
    return choices


def _candidates(evidence: Iterable[Evidence]) -> list[tuple[Evidence, SentenceView]]:
    """Sentences of the passages that are close to the best, in their order."""
    listed = list(evidence)
    close = [one for one in listed if one.relevance >= _CLOSE * listed[0].relevance]
    return [(one, sentence) for one in close for sentence in (one.best, *one.view.sentences)]


def _new_share(weights: Weights, covered: frozenset[str], evidence: Evidence, sentence: SentenceView) -> float:
    """Share of the question's weight that the sentence, under its heading, newly covers."""
    new = weights.tokens & (sentence.tokens | evidence.view.heading)
    return weights.sum(new - covered) / weights.total


def _fits(choices: list[_Choice], sentence: SentenceView) -> bool:
    length = sum(choice.end - choice.start for choice in choices) + sentence.end - sentence.start
    return len(choices) < MOST_STATEMENTS and length <= LONGEST


def _choice(evidence: Evidence, sentence: SentenceView) -> _Choice:
    return _Choice(evidence, sentence.start, sentence.end)


def _with_disagreements(
    choices: list[_Choice], evidence: tuple[Evidence, ...], documents: dict[str, Document]
) -> tuple[list[_Choice], bool]:
    """Where a chosen statement is one of several that disagree, put the others beside it."""
    shown: list[_Choice] = []
    disagreement = False
    for choice in choices:
        rivals = _rivals(choice, documents[choice.evidence.document.id])
        found = [other for span in rivals if (other := _locate(span, choice, evidence))]
        disagreement = disagreement or len(found) > 1
        shown += [one for one in found or [choice] if (one.start, one.end) not in {(s.start, s.end) for s in shown}]
    return shown, disagreement


def _rivals(choice: _Choice, document: Document) -> list[tuple[int, int]]:
    """Spans of all statements that disagree with the chosen one, itself included; empty where none does."""
    return [
        span
        for disagreement in document.disagreements
        if any(start < choice.end and choice.start < end for start, end in disagreement.spans)
        for span in disagreement.spans
    ]


def _locate(span: tuple[int, int], choice: _Choice, evidence: tuple[Evidence, ...]) -> _Choice | None:
    """The evidence whose passage holds the span; None if no retrieved passage does."""
    for one in (choice.evidence, *evidence):
        passage = one.found.passage
        if one.document.id == choice.evidence.document.id and passage.start <= span[0] and span[1] <= passage.end:
            return _Choice(one, *span)
    return None
