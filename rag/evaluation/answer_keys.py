"""Answer keys: does a text hold what a right answer must hold?

The folding here is deliberately not the one that search uses (`corpus.folding`): a system must not
be judged by its own rules.
"""

import re
import unicodedata
from collections.abc import Sequence
from functools import cache, lru_cache
from typing import Any

from opencc import OpenCC

from rag.evaluation.case import TOGETHER, Case

LONGEST_ANSWER = 300  # code points of an answer that are read, citation marks not counted
_MARK = re.compile(r"\[\d+\]")
_WHITE_SPACE = re.compile(r"\s+")

Groups = Sequence[Sequence[str]]


@lru_cache(maxsize=65_536)
def fold_key(text: str) -> str:
    """NFKC, traditional → simplified, lower case, white space removed."""
    simplified: str = _simplifier().convert(unicodedata.normalize("NFKC", text))
    return _WHITE_SPACE.sub("", simplified.lower())


def matched(groups: Groups, texts: Sequence[str]) -> int:
    """How many groups have an alternative in one of the texts."""
    folded = [fold_key(text) for text in texts]
    return sum(any(fold_key(key) in text for key in group for text in folded) for group in groups)


def covers(groups: Groups, texts: Sequence[str]) -> bool:
    """Whether the texts together match every group."""
    return matched(groups, texts) == len(groups)


def hit_rank(case: Case, passages: Sequence[str]) -> int | None:
    """Rank (from 1) of the first passage that holds every group; None if none does.

    For the kinds in TOGETHER: the smallest k for which the first k passages together do.
    """
    for rank in range(1, len(passages) + 1):
        seen = passages[:rank] if case.kind in TOGETHER else passages[rank - 1 : rank]
        if covers(case.answers, seen):
            return rank
    return None


def unmarked(answer: str) -> str:
    """The answer without its citation marks, cut after LONGEST_ANSWER code points."""
    return _MARK.sub("", answer)[:LONGEST_ANSWER]


@cache
def _simplifier() -> Any:
    return OpenCC("t2s")
