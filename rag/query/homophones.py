"""Wrong characters: names and frequent words of the corpus that sound like what is written.

物连网 becomes 物联网, 云西小镇 becomes 云栖小镇. A correction needs most of the name as it is written, and pairs of
characters that the corpus has where the written ones are foreign to it.
"""

from collections.abc import Iterator
from itertools import pairwise
from typing import Final, NamedTuple

from corpus.pinyin import blurred, readings, sound_alike, usual_sound
from index.lexical import LexicalReader
from index.tokens import Tokeniser
from index.vocabulary import LONGEST, Vocabulary

_CLEARLY: Final = 40  # times as many passages must hold the pair that is meant as hold the written one
_LEAST: Final = {2: 4}  # passages that must hold a word of so many characters …
_LEAST_LONGER: Final = 2  # … and a longer one; names need none
_PARTICLES: Final = frozenset("的了在是有和与及由为以之其也都而或个这那到从对把被就还它着地得吗呢里啊吧么呀不没去来要会能说问看做让给跟")
_SURE: Final = 5  # characters from which on a particle may be the wrong character


class Window(NamedTuple):
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

    def find(self, run: str) -> list[Window]:
        """Corrections in a folded run of Chinese characters, left to right, not overlapping."""
        pairs = [self.frequency(one + other) for one, other in pairwise(run)]
        if not pairs or min(pairs) > len(self._lexical) // _CLEARLY:
            return []
        cover = self._cover(run)
        chosen: list[Window] = []
        for window in sorted(self._candidates(run, pairs, cover), reverse=True):
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

    def _candidates(self, run: str, pairs: list[int], cover: list[tuple[int, int]]) -> Iterator[Window]:
        for start in range(len(run) - 1):
            for end in range(start + 2, min(start + LONGEST, len(run)) + 1):
                written = run[start:end]
                if min(pairs[start : end - 1]) > len(self._lexical) // _CLEARLY or self._vocabulary.knows(written):
                    continue
                for meant in self._sounding(written):
                    merit = self._merit(written, meant, start, pairs, cover)
                    if merit is not None:
                        yield Window(merit, start, end, meant)

    def _sounding(self, written: str) -> set[str]:
        """Names and words of this sound, another reading of a single written character tried."""
        sound = usual_sound(written)
        if not sound:
            return set()
        found = set(self._vocabulary.sounding(sound))
        parts = sound.split()
        for at, character in enumerate(written):
            for other in {blurred(one) for one in readings(character)[1:]} - {parts[at]}:
                found.update(self._vocabulary.sounding(" ".join((*parts[:at], other, *parts[at + 1 :]))))
        return found

    def _merit(
        self, written: str, meant: str, start: int, pairs: list[int], cover: list[tuple[int, int]]
    ) -> tuple[int, int, int] | None:
        """How good it would be to understand `meant`; None where the corpus does not speak for it."""
        wrong = [at for at, (one, other) in enumerate(zip(written, meant, strict=True)) if one != other]
        size, named = len(written), meant in self._vocabulary.names
        if not wrong or 2 * len(wrong) > size - (size > 2) or not self._may_be_wrong(written, meant, wrong, start, cover):
            return None
        touched = {at for place in wrong for at in (place - 1, place) if 0 <= at < size - 1}
        was = min(pairs[start + at] for at in touched)
        now = min(self.frequency(meant[at : at + 2]) for at in touched)
        if now <= _CLEARLY * was or (was and self._is_written(written)):
            return None
        passages = self._lexical.spread(meant, "words")
        if not named and passages < _LEAST.get(size, _LEAST_LONGER):
            return None
        return size - 3 * len(wrong), int(named), max(passages, now)

    def _may_be_wrong(
        self, written: str, meant: str, wrong: list[int], start: int, cover: list[tuple[int, int]]
    ) -> bool:
        """Whether these characters may be slips: alone or in a general word inside what is written, no particles."""
        size = len(written)
        for at in wrong:
            first, last = cover[start + at]
            alone = last - first == 1
            if first < start or last > start + size or last - first == size:
                return False
            if not alone and (size < 3 or not sound_alike(written[at], meant[at], exactly=True)):
                return False
            if written[at] in _PARTICLES and size < _SURE:
                return False
            if not sound_alike(written[at], meant[at], exactly=size < 3):
                return False
        return size > 2 or all(
            cover[start + at][1] - cover[start + at][0] == 1 and written[at] not in _PARTICLES for at in range(size)
        )

    def _is_written(self, written: str) -> bool:
        """Whether a passage holds all of what is written, pair by pair."""
        return bool(self._lexical.rows_holding([one + other for one, other in pairwise(written)]))
