"""Answers: a few quoted sentences, each with its citation, or an honest no.

Nothing is worded here. An answer is made of sentences cut from the best passages; where the
documents mark statements as disagreeing, all of them are shown.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import Literal

from corpus.document import Document
from corpus.graphemes import safe_cut
from corpus.passage import Passage, split
from corpus.sentences import sentence_spans
from index.passage_index import PassageIndex
from rag.answer.citation import Citation, cite
from rag.query.answer_types import asks_for_a_term
from rag.query.question_intent import BLOCK_INTENTS
from rag.reader.blocks import quoted
from rag.reader.selection import answered_parts, likely_sentences, that_answer
from rag.retrieval.annotated_passage import AnnotatedSentence
from rag.retrieval.evidence import Evidence, Retrieval

NOTHING_FOUND = "语料中没有找到可以回答这个问题的内容。"
LONGEST = 300  # code points of an answer, citation marks not counted
MOST_STATEMENTS = 4
LONGEST_BLOCK = 600  # the same where the question wants a list, reasons, steps …
MOST_IN_BLOCK = 10
_QUOTED_FROM = 5  # passages at the front among which those are that may be quoted, of each entity

Status = Literal["answered", "no_answer"]
Kind = Literal["quote", "frame", "gap"]


@dataclass(frozen=True, slots=True)
class Statement:
    """A quoted sentence and the numbers of its citations, or words of our own that add no fact.

    kind  `gap` says what the documents do not tell; neither it nor a `frame` has citations
    """

    text: str
    citations: tuple[int, ...]
    kind: Kind = "quote"


@dataclass(frozen=True, slots=True)
class Answer:
    """What is said to a question.

    relevance   of the best passage, 0 where none was found
    gaps        parts of the question that nothing answers, where something answers others
    unanswered  folded names of what a question compares and of which nothing gives what it is compared by
    """

    status: Status
    statements: tuple[Statement, ...]
    citations: tuple[Citation, ...]
    disagreement: bool
    relevance: float
    unanswered: tuple[str, ...] = ()
    gaps: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """The statements with their citation marks: «…80.1亩。[1]»."""
        if self.status == "no_answer":
            return NOTHING_FOUND
        return "".join(s.text + "".join(f"[{number}]" for number in s.citations) for s in self.statements)


@dataclass(frozen=True, slots=True)
class _Choice:
    """[start, end) of a document, within one of its passages: what will be quoted."""

    document: Document
    passage: Passage
    start: int
    end: int

    def overlaps(self, other: "_Choice") -> bool:
        return self.document.id == other.document.id and self.start < other.end and other.start < self.end


def compose(retrieval: Retrieval, index: PassageIndex, threshold: float) -> Answer:
    """Answer from the evidence, or say that nothing was found.

    threshold  relevance (0–1) from which the best passage may answer
    raises     StaleSnapshot if a cited document was deleted meanwhile
    """
    relevance = retrieval.relevance
    if not retrieval.evidence or relevance < threshold:
        return Answer("no_answer", (), (), False, round(relevance, 4))
    entries = {one.document.id: one.document for part in retrieval.parts for one in part}
    documents = {key: index.document(entry) for key, entry in entries.items()}
    answered = answered_parts(retrieval, threshold)
    parts = answered or [part for part in retrieval.parts if part]
    term = asks_for_a_term(retrieval.question.answer_types)
    intent = retrieval.question.intent
    longest, most = (LONGEST_BLOCK, MOST_IN_BLOCK) if intent in BLOCK_INTENTS else (LONGEST, MOST_STATEMENTS)
    wanted = [_wanted(that_answer(part[:_QUOTED_FROM], threshold), term, intent) for part in parts]
    choices, disagreement = _with_disagreements(_choose(wanted, documents, most, longest), longest)
    citations = tuple(
        cite(number, choice.document, choice.passage, choice.start, choice.end)
        for number, choice in enumerate(choices, start=1)
    )
    gaps = _gaps(retrieval, answered)
    statements = (
        *(Statement(citation.quote, (citation.index,)) for citation in citations),
        *(Statement(f"关于“{gap}”，资料没有写。", (), "gap") for gap in gaps),
    )
    left = _left(retrieval, answered)
    return Answer("answered", statements, citations, disagreement, round(relevance, 4), left, gaps)


def _wanted(part: Sequence[Evidence], term: bool, intent: str) -> Sequence[tuple[Evidence, AnnotatedSentence]]:
    """The sentences of a part to be quoted, as the reader or the features tell."""
    return quoted(part, intent) if all(one.judged for one in part) else likely_sentences(part, term)


def _gaps(retrieval: Retrieval, answered: Sequence[tuple[Evidence, ...]]) -> tuple[str, ...]:
    """What the parts ask that nothing answers, where something answers others."""
    if not answered or retrieval.sides or not all(one.judged for part in retrieval.parts for one in part):
        return ()
    asked = zip(retrieval.parts, retrieval.part_texts, strict=bool(retrieval.part_texts))
    return tuple(" ".join(text.split()) for part, text in asked if not any(part is one for one in answered))


def _left(retrieval: Retrieval, answered: Sequence[tuple[Evidence, ...]]) -> tuple[str, ...]:
    """The sides of a comparison that nothing answers, where something answers others."""
    if not answered or not retrieval.sides:
        return ()
    compared = zip(retrieval.parts, retrieval.sides, strict=True)
    return tuple(side for part, side in compared if not any(part is one for one in answered))


def _choose(
    wanted: Sequence[Sequence[tuple[Evidence, AnnotatedSentence]]],
    documents: dict[str, Document],
    most: int,
    longest: int,
) -> list[_Choice]:
    """The best sentence for each part of the question, then further ones as far as they fit.

    most, longest  statements, and code points of all of them
    """
    choices: list[_Choice] = []
    for evidence, sentence in (one for turn in zip_longest(*wanted) for one in turn if one is not None):
        choice = _choice(evidence, sentence, documents)
        if any(choice.overlaps(one) or _says_the_same(choice, one) for one in choices):
            continue
        if not choices or (len(choices) < most and _length([*choices, choice]) <= longest):
            choices.append(choice)
    return choices


def _says_the_same(one: _Choice, other: _Choice) -> bool:
    return one.document.text[one.start : one.end].strip() == other.document.text[other.start : other.end].strip()


def _length(choices: Iterable[_Choice]) -> int:
    return sum(choice.end - choice.start for choice in choices)


def _choice(evidence: Evidence, sentence: AnnotatedSentence, documents: dict[str, Document]) -> _Choice:
    document, passage = documents[evidence.document.id], evidence.found.passage
    return _Choice(document, passage, sentence.start, _bounded(document.text, sentence.start, sentence.end))


def _bounded(text: str, start: int, end: int) -> int:
    """The end of a sentence, or of its beginning where the whole is too long for an answer."""
    if end - start <= LONGEST:
        return end
    pause = max(text.rfind(mark, start + LONGEST // 2, start + LONGEST) for mark in "，、；：,;")
    return pause + 1 if pause >= 0 else safe_cut(text, start, start + LONGEST)


def _with_disagreements(choices: list[_Choice], longest: int) -> tuple[list[_Choice], bool]:
    """Where a chosen statement is one of several that disagree, put the others beside it.

    returns  the choices, and whether some disagree; then what is beside the point gives way
             first where they are longer than `longest`
    """
    shown: list[_Choice] = []
    disputed: list[_Choice] = []
    for choice in choices:
        rivals = _rivals(choice)
        disputed += rivals
        shown += [one for one in rivals or [choice] if not any(one.overlaps(other) for other in shown)]
    if disputed:
        beside = [one for one in reversed(shown) if one not in disputed]
        while beside and _length(shown) > longest:
            shown.remove(beside.pop(0))
    return shown, bool(disputed)


def _rivals(choice: _Choice) -> list[_Choice]:
    """The sentences of all statements that disagree with the chosen one, itself included; empty where none does."""
    spans = [
        span
        for disagreement in choice.document.disagreements
        if any(start < choice.end and choice.start < end for start, end in disagreement.spans)
        for span in disagreement.spans
    ]
    passages = split(choice.document) if spans else []
    return [rival for start, end in spans for rival in _sentences(choice.document, passages, start, end)]


def _sentences(document: Document, passages: list[Passage], start: int, end: int) -> Iterable[_Choice]:
    """The whole sentences of the passages that [start, end) touches."""
    for passage in passages:
        if passage.start < end and start < passage.end:
            for left, right in sentence_spans(passage.text):
                if passage.start + left < end and start < passage.start + right:
                    stop = _bounded(document.text, passage.start + left, passage.start + right)
                    yield _Choice(document, passage, passage.start + left, stop)
