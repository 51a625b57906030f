"""Other wordings: what else to look for where a question uses a word that the lexicon knows by other names.

健身房 in a question also looks for 健身 and 锻炼, 多大 for 占地 and 面积. Questions are widened, documents
never, so that a changed group holds at once.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from corpus.lexicon import Lexicon

WEIGHT: Final = 0.8  # of another wording, relative to the question's own
_PREFIX: Final = 2  # characters, which every member has
_IN_RUN: Final = re.compile(r"[a-z0-9.][a-z0-9]")

Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class OtherWording:
    """A member of a group, found in a question.

    start, end  its span in the folded question, code points, half-open
    others      the other members of its groups, in the lexicon's order; never empty
    """

    text: str
    start: int
    end: int
    others: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Kin:
    """A wording of a question and what can stand in for it, in tokens.

    said    the question's tokens in it, one at least
    others  all tokens of each other wording
    """

    said: frozenset[str]
    others: tuple[frozenset[str], ...]


def kin_of(
    wordings: Iterable[OtherWording], known: frozenset[str], tokens: Callable[[str], frozenset[str]]
) -> Sequence[Kin]:
    """The wordings in tokens; those that only ask, as 多大 does, tell nothing that could be replaced and are left out.

    known   the question's tokens
    tokens  gives those of a folded text
    """
    said = ((wording, tokens(wording.text) & known) for wording in wordings)
    return [Kin(own, tuple(map(tokens, wording.others))) for wording, own in said if own]


class Thesaurus:
    """The groups of a lexicon, found by their members in time that does not grow with their number."""

    def __init__(self, lexicon: Lexicon) -> None:
        others: dict[str, dict[str, None]] = {}
        for group in lexicon.groups:
            for member in group:
                others.setdefault(member, {}).update(dict.fromkeys(one for one in group if one != member))
        self._others = {member: tuple(found) for member, found in others.items()}
        lengths: dict[str, set[int]] = {}
        for member in others:
            lengths.setdefault(member[:_PREFIX], set()).add(len(member))
        self._lengths = {prefix: sorted(found, reverse=True) for prefix, found in lengths.items()}

    def wordings(self, folded: str, names: Iterable[Span] = ()) -> list[OtherWording]:
        """Find members of groups from left to right, the longest at each place, not overlapping.

        folded  a folded question
        names   spans of known names in it, code points, half-open: a name means itself, so no
                wording that touches one is found
        cost    linear in the question, times the number of lengths that members have (23 at most)
        """
        named = bytearray(len(folded))
        for start, end in names:
            named[start:end] = b"\1" * len(named[start:end])
        found: list[OtherWording] = []
        start = 0
        while start < len(folded):
            wording = self._longest_at(folded, start, named)
            if wording is not None:
                found.append(wording)
            start = wording.end if wording is not None else start + 1
        return found

    def _longest_at(self, folded: str, start: int, named: bytearray) -> OtherWording | None:
        for length in self._lengths.get(folded[start : start + _PREFIX], ()):
            end = min(start + length, len(folded))
            text = folded[start:end]
            if text in self._others and not any(named[start:end]) and not _cuts_a_run(folded, start, end):
                return OtherWording(text, start, end, self._others[text])
        return None


def _cuts_a_run(folded: str, start: int, end: int) -> bool:
    """Whether a span cuts a number or a Latin word in two: 1年 is not in 2021年."""
    return any(_IN_RUN.match(folded[at - 1 : at + 1]) for at in (start, end) if 0 < at < len(folded))
