"""Wrong characters: names and frequent words of the corpus that sound like what is written.

物连网 becomes 物联网, 云西小镇 becomes 云栖小镇. A correction needs most of the name as it is written, and pairs of
characters that the corpus has where the written ones are foreign to it.
"""

from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from itertools import pairwise
from typing import Final, NamedTuple

from corpus.pinyin import further_sounds, sound_alike, sound_the_same, usual_sound
from index.lexical.bm25 import LexicalReader
from index.lexical.tokeniser import Tokeniser
from index.name_vocabulary import Vocabulary

_CLEARLY: Final = 40  # times as many passages must hold the pair that is meant as hold the written one
_LEAST: Final = 2  # passages that must hold a word; names need none
_LEAST_SHORT: Final = 4  # … and one of two characters, which must stand in names too
_SURE: Final = 5  # characters of a name in which even a particle may be wrong
_SAFE: Final = 3  # characters from which on a word is not easily taken for two others
_PARTICLES: Final = frozenset(
    "的了在是有和与及由为以之其也都而或个这那到从对把被就还它着地得吗呢里啊吧么呀不没去来要会能说问看做让给跟"
)


class _Window(NamedTuple):
    """run[start:end], and the longest general word around each character of the run."""

    run: str
    start: int
    end: int
    cover: list[tuple[int, int]]

    @property
    def written(self) -> str:
        return self.run[self.start : self.end]

    @property
    def stands_apart(self) -> bool:
        """Whether no general word joins its characters, none is a particle, and it is no part of a longer name."""
        inside = range(self.start, self.end)
        if any(not self._is_loose(at) or self.run[at] in _PARTICLES for at in inside):
            return False
        beside = [at for at in (self.start - 1, self.end) if 0 <= at < len(self.run)]
        return all(not self._is_loose(at) or self.run[at] in free_characters() for at in beside)

    def is_bound(self, at: int) -> bool:
        """Whether the character before or after the one at a border belongs to no word without it."""
        place = self.start + (at - 1 if at else 1)
        return self._is_loose(place) and self.run[place] not in _PARTICLES

    def _is_loose(self, place: int) -> bool:
        return self.cover[place][1] - self.cover[place][0] == 1


class Reading(NamedTuple):
    """What is understood in place of text[start:end]; the better the greater."""

    merit: tuple[int, int, int]
    start: int
    end: int
    understood: str


class Homophones:
    """Finds wrong characters in runs of Chinese characters."""

    def __init__(self, vocabulary: Vocabulary, lexical: LexicalReader, tokeniser: Tokeniser) -> None:
        self._vocabulary = vocabulary
        self._lexical = lexical
        self._tokeniser = tokeniser
        self._pairs: dict[str, int] = {}

    def find(self, run: str) -> list[Reading]:
        """Corrections in a folded run of Chinese characters, left to right, not overlapping."""
        pairs = [self.frequency(one + other) for one, other in pairwise(run)]
        if not pairs or min(pairs) > len(self._lexical) // _CLEARLY:
            return []
        chosen: list[Reading] = []
        for window in sorted(self._candidates(run, pairs), reverse=True):
            if all(window.end <= other.start or other.end <= window.start for other in chosen):
                chosen.append(window)
        return sorted(chosen, key=lambda window: window.start)

    def frequency(self, pair: str) -> int:
        """Passages that hold a pair of characters in text, heading or ways of asking."""
        known = self._pairs.get(pair)
        if known is None:
            known = self._pairs[pair] = self._lexical.spread(pair, "grams")
        return known

    def _cover(self, run: str) -> list[tuple[int, int]]:
        """The longest general word around each character."""
        cover = [(at, at + 1) for at in range(len(run))]
        for token in self._tokeniser.tokens(run):
            for at in range(token.start, token.end):
                if token.end - token.start > cover[at][1] - cover[at][0]:
                    cover[at] = (token.start, token.end)
        return cover

    def _candidates(self, run: str, pairs: list[int]) -> Iterator[Reading]:
        cover, few = self._cover(run), len(self._lexical) // _CLEARLY
        heard = [usual_sound(character) for character in run]
        for start in range(len(run) - 1):
            for end in range(start + 2, min(start + self._reach(run, heard, start), len(run)) + 1):
                if min(pairs[start : end - 1]) > few or self._vocabulary.knows(run[start:end]):
                    continue
                window = _Window(run, start, end, cover)
                for meant in self._sounding(window.written, heard[start:end]):
                    merit = self._merit(window, meant)
                    if merit is not None:
                        yield Reading(merit, start, end, meant)

    def _reach(self, run: str, heard: list[str], start: int) -> int:
        """Syllables of the longest name or word that begins with these two characters' sounds."""
        first, second = ((heard[at], *further_sounds(run[at])) for at in (start, start + 1))
        return max(self._vocabulary.longest(f"{one} {other}") for one in first for other in second)

    def _sounding(self, written: str, heard: list[str]) -> set[str]:
        """Names and words of this sound, another reading of a single written character tried."""
        found = set(self._vocabulary.sounding(" ".join(heard)))
        for at, character in enumerate(written):
            for other in further_sounds(character):
                found.update(self._vocabulary.sounding(" ".join((*heard[:at], other, *heard[at + 1 :]))))
        return found

    def _merit(self, window: _Window, meant: str) -> tuple[int, int, int] | None:
        """How good it would be to understand `meant`; None where the corpus does not speak for it."""
        size, named = len(meant), meant in self._vocabulary.names
        wrong = [at for at in range(size) if window.written[at] != meant[at]]
        if not wrong or 2 * len(wrong) > size - (size > 2):
            return None
        if not all(self._may_be_wrong(window, meant, at) for at in wrong):
            return None
        touched = {at for place in wrong for at in (place - 1, place) if 0 <= at < size - 1}
        was = min(self.frequency(window.written[at : at + 2]) for at in touched)
        now = min(self.frequency(meant[at : at + 2]) for at in touched)
        if now <= _CLEARLY * was or (was and self._is_written(window.written)):
            return None
        passages = self._lexical.spread(meant, "words")
        if size < _SAFE and (passages < _LEAST_SHORT or meant not in self._vocabulary.name_words):
            return None
        if not named and passages < _LEAST:
            return None
        return size - 3 * len(wrong), int(named), max(passages, now)

    def _may_be_wrong(self, window: _Window, meant: str, at: int) -> bool:
        """Whether this character may be a slip and no word of its own or part of another word."""
        written, size = window.written, len(meant)
        first, last = window.cover[window.start + at]
        exactly = size < _SAFE or last - first > 1 or (size == _SAFE and meant not in self._vocabulary.names)
        if first < window.start or last > window.end or not sound_alike(written[at], meant[at], exactly=exactly):
            return False
        if last - first > 1:
            return last - first < size and self._outweighs(meant, window.run[first:last])
        if written[at] in _PARTICLES and size < _SURE:
            return False
        free = written[at] in free_characters()
        if size < _SAFE:
            return not free and window.stands_apart and sound_the_same(written[at], meant[at])
        return not free or 0 < at < size - 1 or window.is_bound(at) or self._joins(window, meant, at)

    def _outweighs(self, meant: str, inside: str) -> bool:
        """Whether a name is so much commoner than the word that stands inside what is written."""
        if not self._vocabulary.knows(inside):
            return True
        named = len(meant) > _SAFE and meant in self._vocabulary.names
        return named and self._lexical.spread(meant, "words") > _CLEARLY * self._lexical.spread(inside, "words")

    def _joins(self, window: _Window, meant: str, at: int) -> bool:
        """Whether a character at the border that may be a word of its own is none here: what is beside it tells."""
        beside = window.run[window.end : window.end + 1] if at else window.run[max(0, window.start - 1) : window.start]
        if not beside:
            return len(meant) > _SAFE
        pair = meant[at] + beside if at else beside + meant[at]
        return len(meant) > _SAFE + 1 and self.frequency(pair) > 0

    def _is_written(self, written: str) -> bool:
        """Whether a passage holds all of what is written, pair by pair."""
        return bool(self._lexical.rows_holding([one + other for one, other in pairwise(written)]))


@cache
def free_characters() -> frozenset[str]:
    """Characters that are often words by themselves."""
    content = (files("corpus") / "lexicon" / "free_characters.txt").read_text(encoding="utf-8")
    lines = (line for line in content.splitlines() if not line.startswith("#"))
    return frozenset("".join(lines)) | _PARTICLES
