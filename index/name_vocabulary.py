"""The vocabulary of a snapshot: its names and frequent words by sound, by pinyin and by initials.

It only proposes what a text may have meant; whether the passages speak for it is asked of the lexical leg at the
time, so that entries of deleted documents do no harm and the next snapshot needs only what is new.
"""

import re
from collections.abc import Collection, Iterable, Iterator
from itertools import pairwise
from typing import Final, NamedTuple, Self

from corpus.folding import fold
from corpus.pinyin import Syllables, blurred, further_sounds, syllables, syllables_of
from index.lexical.bm25 import LexicalReader
from index.lexical.tokeniser import Tokeniser

LONGEST: Final = 12  # characters of a name or word that is compared
LEAST_PASSAGES: Final = 2  # that hold a word of the vocabulary
_LEAST_LETTERS: Final = 5  # of a Latin word whose letters may be mistyped
_LONG: Final = 4  # characters of a name that stays clear with a character read in a way that is seldom heard
_PART: Final = range(3, 9)  # characters of a part of a name
_JOINING: Final = "的地得了和与及或"  # characters that begin or end no name
_HAN: Final = re.compile(r"[\u3400-\u9fff]{2,}")
_LATIN: Final = re.compile(f"[a-z]{{{_LEAST_LETTERS},24}}")


class Read(NamedTuple):
    """A name or word with the syllables it is read in."""

    text: str
    syllables: Syllables


class Vocabulary:
    """What a corpus calls things.

    names       what stands in titles, aliases and headings, and what begins or ends it
    name_words  words that stand in them
    latin       words in Latin letters
    """

    def __init__(self) -> None:
        self.names: dict[str, None] = {}
        self.name_words: set[str] = set()
        self.latin: dict[str, None] = {}
        self._words: set[str] = set()
        self._seen: set[str] = set()
        self._read: dict[str, Syllables] = {}
        self._by_sound: dict[str, list[str]] = {}
        self._longest: dict[str, int] = {}
        self._by_letters: dict[str, list[str]] = {}
        self._by_initials: dict[str, list[str]] = {}

    @classmethod
    def of(cls, names: Iterable[str], lexical: LexicalReader, tokeniser: Tokeniser) -> Self:
        """The vocabulary of these titles, aliases and headings and of the passages' frequent words."""
        made = cls()
        made.learn(names, lexical, tokeniser)
        return made

    def learn(self, names: Iterable[str], lexical: LexicalReader, tokeniser: Tokeniser) -> None:
        """Take in what is new of another snapshot; what is known costs a look."""
        for word in lexical.words(LEAST_PASSAGES):
            if word not in self._seen:
                self._seen.add(word)
                self._learn_word(word)
        for name in names:
            if name not in self._seen:
                self._seen.add(name)
                self.name_words.update(tokeniser.words(fold(name).text))
                for part, read in _parts(name, tokeniser):
                    self.names[part] = None
                    self._enter(part, read)

    def knows(self, text: str) -> bool:
        """Whether this is a name or a frequent word."""
        return text in self.names or text in self._words

    def sounding(self, sound: str) -> Collection[str]:
        """Names and words with this sound (see `usual_sound`), any reading of a single character tried."""
        return self._by_sound.get(sound, ())

    def longest(self, sound: str) -> int:
        """Characters of the longest name or word that begins with the sound of these two; 0 for none."""
        return self._longest.get(sound, 0)

    def spelt(self, letters: str) -> Collection[Read]:
        """Names and words whose pinyin is written with these letters, without blanks."""
        return [Read(text, self._read[text]) for text in self._by_letters.get(letters, ())]

    def abbreviated(self, initials: str) -> Collection[str]:
        """Names and words of three characters or more with these initials."""
        return self._by_initials.get(initials, ())

    def _learn_word(self, word: str) -> None:
        if _HAN.fullmatch(word) and len(word) <= LONGEST:
            self._words.add(word)
            self._enter(word, syllables(word))
        elif _LATIN.fullmatch(word):
            self.latin[word] = None

    def _enter(self, text: str, read: Syllables) -> None:
        if not read or text in self._read:
            return
        self._read[text] = read
        usual = [blurred(syllable) for syllable in read]
        self._enter_sound(text, " ".join(usual))
        for at, character in enumerate(text):
            for other in further_sounds(character, old=len(text) >= _LONG):
                if other != usual[at]:
                    self._enter_sound(text, " ".join((*usual[:at], other, *usual[at + 1 :])))
        letters = "".join(read)
        self._by_letters.setdefault(letters, []).append(text)
        if "ve" in letters:  # lve and nve are typed lue and nue
            self._by_letters.setdefault(letters.replace("ve", "ue"), []).append(text)
        if len(text) > 2:
            self._by_initials.setdefault("".join(syllable[0] for syllable in read), []).append(text)

    def _enter_sound(self, text: str, sound: str) -> None:
        self._by_sound.setdefault(sound, []).append(text)
        head = sound[: sound.find(" ", sound.find(" ") + 1)] if len(text) > 2 else sound
        if len(text) > self._longest.get(head, 0):
            self._longest[head] = len(text)


def _parts(name: str, tokeniser: Tokeniser) -> Iterator[tuple[str, Syllables]]:
    """Runs of Chinese characters in a name with their reading, and what begins or ends one, cut where words end."""
    for found in _HAN.findall(fold(name).text):
        run = found.strip(_JOINING)
        tokens = tokeniser.tokens(run)
        borders = sorted({0, len(run)}.union(*((token.start, token.end) for token in tokens)))
        whole = syllables_of([run[start:end] for start, end in pairwise(borders)])
        if len(whole) != len(run):
            continue
        if 1 < len(run) <= LONGEST:
            yield run, whole
        words = [token for token in tokens if token.end - token.start > 1]
        spans = {(0, word.end) for word in words} | {(word.start, len(run)) for word in words}
        for start, end in spans:
            if end - start in _PART and end - start < len(run):
                yield run[start:end], whole[start:end]
