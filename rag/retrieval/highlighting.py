"""Which words of a question stand in a passage, whatever way the author wrote them; for display only.

Marked are words and pairs of characters, numbers, Latin words, and other wordings that the lexicon knows. A single
ideograph and a pair with a grammatical one tell a reader nothing and are left alone.
"""

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Final

from corpus.folding import Folded, fold
from rag.query.expansion import Kin
from rag.query.question import GRAMMAR, Question

Span = tuple[int, int]

_RUN: Final = re.compile(r"[0-9a-z]")
_LONGER: Final = re.compile(r"[0-9a-z]|\.[0-9]")  # what makes a number or a Latin word before it part of a longer one


class Matcher:
    """The words of one question, ready to be found in its passages."""

    def __init__(self, question: Question, kin: Iterable[Kin] = ()) -> None:
        """kin: other wordings of the question, in tokens; one counts where all its tokens occur."""
        words = {word for word in question.words if _RUN.match(word) or _tells(word)}
        self._own = words | {pair for pair in question.grams if len(pair) > 1 and GRAMMAR.isdisjoint(pair)}
        others = {frozenset(token for token in other if len(token) > 1) for one in kin for other in one.others}
        self._others = [tuple(tokens - self._own) for tokens in others if tokens - self._own]

    def spans(self, text: str) -> list[Span]:
        """Find the question in the text of a passage.

        returns  code points into `text`, half-open, in order, apart from each other
        """
        folded = _folded(text)
        key = folded.text
        wanted = self._own.union(*(other for other in self._others if all(one in key for one in other)))
        found = sorted(span for token in wanted if token in key for span in _occurrences(key, token))
        return list(_joined(folded.raw_span(start, end) for start, end in found))


@lru_cache(maxsize=2048)
def _folded(text: str) -> Folded:
    """Passages that fit one question often fit the next, and folding is half of the work."""
    return fold(text)


def _tells(word: str) -> bool:
    return len(word) > 1 and not GRAMMAR.issuperset(word)


def _occurrences(key: str, token: str) -> Iterator[Span]:
    """Every place where the token stands; a number or a Latin word stands alone."""
    start = key.find(token)
    while start >= 0:
        end = start + len(token)
        if not _RUN.match(token) or _stands_alone(key, start, end):
            yield start, end
        start = key.find(token, start + 1)


def _stands_alone(key: str, start: int, end: int) -> bool:
    before = key[max(0, start - 2) : start]
    longer_before = bool(before) and (bool(_RUN.match(before[-1])) or (before[-1] == "." and before[:-1].isdigit()))
    return not longer_before and not _LONGER.match(key, end)


def _joined(spans: Iterable[Span]) -> Iterator[Span]:
    """Spans that touch or overlap as one; all must be in order of their start."""
    held: Span | None = None
    for start, end in spans:
        if held and start <= held[1]:
            held = held[0], max(held[1], end)
            continue
        if held:
            yield held
        held = start, end
    if held:
        yield held
