"""Checking: a draft becomes a statement with citations, or is dropped."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

from corpus.folding import fold
from index.lexical.tokeniser import Tokeniser
from rag.answer.citation import Citation, cite
from rag.answer.composition import Answer, Statement
from rag.generation.drafts import Draft
from rag.generation.faithfulness.content_words import content_words, share
from rag.generation.faithfulness.ground import Ground, Number, Sentence, figures, ground, named
from rag.generation.faithfulness.support import SHARED, objection
from rag.generation.task import GivenPassage, Task

LONGEST: Final = 400  # code points of a sentence
MOST_STATEMENTS: Final = 12
MOST_QUOTES: Final = 4  # of one statement

_ACTIVE: Final = re.compile(r"://|\]\(|(?:javascript|data|file|vbscript)\s*:|<[a-z/!?]|www\.|\ufffd|⟦|⟧", re.I)


@dataclass(frozen=True, slots=True)
class Said:
    """A checked sentence; citations: those that it is the first to use."""

    statement: Statement
    citations: tuple[Citation, ...]


def quoted(answer: Answer) -> Iterator[Said]:
    """The statements of an answer, each with the citations that it is the first to use."""
    told: set[int] = set()
    for statement in answer.statements:
        new = set(statement.citations) - told
        told |= new
        yield Said(statement, tuple(one for one in answer.citations if one.index in new))


@dataclass(frozen=True, slots=True)
class _Quote:
    given: GivenPassage
    sentence: Sentence


class Checker:
    """Checks the drafts of one task in their order, and numbers what they quote."""

    def __init__(self, task: Task, tokeniser: Tokeniser) -> None:
        self._task = task
        self._tokeniser = tokeniser
        self._names = named((one.document.id, one.names) for one in task.passages)
        self._given = {one.number: one for one in task.passages}
        self._grounds = {one.number: ground(one.passage, one.heading, self._names) for one in task.passages}
        self._said: list[Statement] = []
        self._citations: dict[tuple[str, int, int], Citation] = {}
        self.dropped = 0

    @property
    def answer(self) -> Answer | None:
        """What was said so far; None if nothing was."""
        if not self._said:
            return None
        extractive = self._task.extractive
        return Answer(
            "answered",
            tuple(self._said),
            tuple(self._citations.values()),
            extractive.disagreement,
            extractive.relevance,
            extractive.unanswered,
        )

    def check(self, draft: Draft) -> Said | None:
        """The draft as a statement, or None where it may not be said; a repetition is not said again.

        raises  BrokenCitation if a passage is not the slice of its document
        """
        if any(draft.text == one.text for one in self._said):
            return None
        if len(self._said) >= MOST_STATEMENTS or not self._holds(draft):
            self.dropped += 1
            return None
        return self._say(draft.text, self._quotes(draft))

    def unsaid(self) -> list[Said]:
        """Where sources disagree, the quotes of the extractive answer that no sentence has cited: all must be shown."""
        if not (self._said and self._task.extractive.disagreement):
            return []
        return [self._say_quote(one) for one in self._task.extractive.citations if not self._is_cited(one)]

    def _holds(self, draft: Draft) -> bool:
        known = bool(draft.numbers) and all(number in self._given for number in draft.numbers)
        if not known or not draft.text or len(draft.text) > LONGEST or _ACTIVE.search(draft.text):
            return False
        grounds = [self._grounds[number] for number in draft.numbers]
        return objection(draft.text, grounds, self._names, self._tokeniser) is None

    def _quotes(self, draft: Draft) -> list[_Quote]:
        """The sentence of each cited passage that fits best, then those with numbers still missing."""
        words = content_words(fold(draft.text).text, self._tokeniser)
        wanted = {figure.number for figure in figures(draft.text, {})}
        cited = [(self._given[number], self._grounds[number]) for number in draft.numbers]
        best = [(_Quote(given, found), fit) for given, one in cited for found, fit in [_best(one, words, wanted)]]
        best.sort(key=lambda pair: -pair[1])
        quotes = [quote for at, (quote, fit) in enumerate(best) if at == 0 or fit >= SHARED]
        for given, one in cited:
            for sentence in one.sentences:
                missing = wanted - {figure.number for quote in quotes for figure in quote.sentence.figures}
                if missing & {figure.number for figure in sentence.figures}:
                    quotes.append(_Quote(given, sentence))
        return quotes[:MOST_QUOTES]

    def _say(self, text: str, quotes: Sequence[_Quote]) -> Said:
        numbers: list[int] = []
        new: list[Citation] = []
        for quote in quotes:
            document, start, end = quote.given.document, quote.sentence.start, quote.sentence.end
            key = (document.id, start, end)
            if key not in self._citations:
                citation = cite(len(self._citations) + 1, document, quote.given.passage, start, end)
                self._citations[key] = citation
                new.append(citation)
            numbers.append(self._citations[key].index)
        statement = Statement(text, tuple(sorted(set(numbers))))
        self._said.append(statement)
        return Said(statement, tuple(new))

    def _say_quote(self, shown: Citation) -> Said:
        """A quote of the extractive answer, under a number of this one."""
        citation = replace(shown, index=len(self._citations) + 1)
        self._citations[(shown.document_id, shown.start, shown.end)] = citation
        statement = Statement(shown.quote, (citation.index,))
        self._said.append(statement)
        return Said(statement, (citation,))

    def _is_cited(self, one: Citation) -> bool:
        return any(
            document_id == one.document_id and start < one.end and one.start < end
            for document_id, start, end in self._citations
        )


def _best(one: Ground, words: frozenset[str], wanted: set[Number]) -> tuple[Sentence, float]:
    """The sentence that holds most of the words and numbers, and the share of both that it holds."""

    def fit(sentence: Sentence) -> float:
        held = {figure.number for figure in sentence.figures} & wanted
        numbers = len(held) / len(wanted) if wanted else 1.0
        return (share(words, sentence.text) + numbers) / 2

    best = max(one.sentences, key=fit)
    return best, fit(best)
