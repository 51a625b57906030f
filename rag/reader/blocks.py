"""What of the passages that answer is quoted: a sentence or two, or a whole block where the question wants one.

Works on the reader's judgement of each sentence. What no reader would quote alone is left out or completed: a question
(of a list of frequent ones) gives way to the sentence behind it, an introduction brings the items that it announces.
"""

import math
import re
from collections.abc import Iterable, Sequence
from typing import Final

from rag.query.question_intent import BLOCK_INTENTS
from rag.retrieval.annotated_passage import AnnotatedSentence
from rag.retrieval.evidence import Evidence

Quoted = tuple[Evidence, AnnotatedSentence]

MOST: Final = 10  # sentences of a block
_SURE: Final = 0.8  # probability that the answer is among the quotes from which no further sentence is wanted
_WORTH: Final = 0.18  # probability below which a further sentence is not worth its place
_IN_BLOCK: Final = 2.2  # log-odds below the best sentence down to which a sentence of its passage is in the block
_ELSEWHERE: Final = 1.2  # the same for sentences of other passages
_RELEVANT: Final = 0.75  # share of the best passage's relevance that another one must have
_QUESTION: Final = re.compile(r"[?？]\s*$")
_INTRODUCTION: Final = re.compile(r"[:：]\s*$")


def quoted(part: Sequence[Evidence], intent: str) -> list[Quoted]:
    """The sentences to be quoted of passages that answer, the best passage first.

    intent  of the question (see `rag.query.question_intent`)
    """
    scored = [(score, one, at) for one in part for at, score in enumerate(one.quotable)]
    scored = _without_questions(scored)
    if not scored:
        return []
    scored.sort(key=lambda each: -each[0])
    return _block(scored, part) if intent in BLOCK_INTENTS else _sentences(scored)


def _sentences(scored: Sequence[tuple[float, Evidence, int]]) -> list[Quoted]:
    """The likeliest sentences (softmax), down to where the answer is probably among them."""
    odds = [math.exp(score - scored[0][0]) for score, _, _ in scored]
    total, sure = sum(odds), 0.0
    likely: list[Quoted] = []
    for share, (_, one, at) in zip((each / total for each in odds), scored, strict=True):
        if likely and (sure >= _SURE or share < _WORTH):
            break
        sure += share
        likely += _with_items(one, at, 3)
    return _once(likely)


def _block(scored: Sequence[tuple[float, Evidence, int]], part: Sequence[Evidence]) -> list[Quoted]:
    """All that belongs to the answer: of the best passage from its first to its last good sentence, then of others."""
    best, first, _ = scored[0]
    block: list[Quoted] = []
    for one in (first, *(other for other in part if other is not first)):
        bound = best - (_IN_BLOCK if one is first else _ELSEWHERE)
        if one is not first and one.relevance < _RELEVANT * first.relevance:
            continue
        good = [at for score, other, at in scored if other is one and score >= bound]
        if good:
            inside = range(min(good), max(good) + 1) if one is first else sorted(good)
            block += [each for at in inside for each in _with_items(one, at, MOST)]
    return _once(block)[:MOST]


def _with_items(one: Evidence, at: int, most: int) -> list[Quoted]:
    """A sentence, and behind an introduction the items that it announces, as far as the passage holds them."""
    sentences = one.annotated.sentences
    last = at
    if _INTRODUCTION.search(sentences[at].text):
        last = min(len(sentences) - 1, at + most)
    return [(one, sentences[place]) for place in range(at, last + 1)]


def _without_questions(scored: Sequence[tuple[float, Evidence, int]]) -> list[tuple[float, Evidence, int]]:
    """Sentences that ask give what speaks for them to the sentence behind them, and are not quoted themselves."""
    held = {(id(one), at): (score, one, at) for score, one, at in scored}
    for score, one, at in scored:
        if _QUESTION.search(one.annotated.sentences[at].text):
            del held[id(one), at]
            behind = held.get((id(one), at + 1))
            if behind:
                held[id(one), at + 1] = (max(score, behind[0]), one, at + 1)
    return list(held.values())


def _once(listed: Iterable[Quoted]) -> list[Quoted]:
    seen: dict[tuple[int, int], Quoted] = {}
    for one, sentence in listed:
        seen.setdefault((one.row, sentence.start), (one, sentence))
    return list(seen.values())
