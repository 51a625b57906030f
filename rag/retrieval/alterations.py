"""Alterations: where two texts that run alike say different things, in a word that was replaced or a negation.

Two press texts that differ in one name share nearly all of their shingles and are different texts. Both
are read letter by letter: between the same four letters before and the same four behind, a few letters
stand for a few others (a name, a number, 允许 for 禁止), or a negation stands in one alone.
"""

import re
from collections.abc import Iterator
from typing import Final

from index.store.minhash import SHINGLE

LONGEST: Final = 8  # letters that stand for others; where more differ, a sentence was exchanged

_EDGE: Final = "\0" * SHINGLE
_NEGATION: Final = re.compile("[不未无没非勿莫禁]")


def is_altered(one: str, other: str) -> bool:
    """Whether two texts say something else where they run alike.

    one, other  letters of the texts, as `letters_of` gives them
    cost        linear in the texts, and for each stretch of one that differs in the other
    """
    one, other = f"{_EDGE}{one}{_EDGE}", f"{_EDGE}{other}{_EDGE}"
    return _says_else(one, other) or _says_else(other, one)


def _says_else(known: str, other: str) -> bool:
    """Whether a stretch of the other text stands for something else in the known one."""
    return any(
        bool(old and new) or _NEGATION.search(old + new) is not None
        for before, new, behind in _stretches(known, other)
        for old in _between(known, before, behind)
    )


def _stretches(text: str, other: str) -> Iterator[tuple[str, str, str]]:
    """Stretches of the other text that differ: letters before, the stretch (it may be empty), letters behind."""
    known = {text[at : at + SHINGLE] for at in range(len(text) - SHINGLE + 1)}
    last = -1  # where the last shingle that both texts have begins
    for at in range(len(other) - SHINGLE + 1):
        if other[at : at + SHINGLE] not in known:
            continue
        if 0 <= last < at - 1 <= last + SHINGLE + LONGEST:
            begin = min(last + SHINGLE, at)
            yield other[last:begin], other[begin:at], other[at : at + SHINGLE]
        last = at


def _between(text: str, before: str, behind: str) -> Iterator[str]:
    """What stands between these letters in the text, wherever it is short."""
    at = text.find(before)
    while at >= 0:
        begin = at + len(before)
        end = text.find(behind, begin, begin + LONGEST + len(behind))
        if end >= 0:
            yield text[begin:end]
        at = text.find(before, at + 1)
