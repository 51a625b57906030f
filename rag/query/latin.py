"""Latin letters in a question: names and words in English, in pinyin, by their initials, or mistyped.

What the corpus has as it is written is left alone.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from itertools import pairwise
from typing import Final, NamedTuple

from rapidfuzz import process
from rapidfuzz.distance import OSA

from corpus.bilingual import MOST_WORDS, English, bilingual_lexicon
from corpus.pinyin import syllables
from index.lexical.bm25 import LexicalReader
from index.name_vocabulary import Vocabulary
from rag.query.typed_pinyin import TypedPinyin

_WORD: Final = re.compile(  # not in codes and addresses; a year or a count may follow at once
    r"(?<![0-9a-zü_@./+-])[a-zü]+(?:[&'-][a-zü]+)*"
    r"(?![a-zü_@/+]|[.-][0-9a-z]|[0-9](?!(?:(?<=[12])[0-9]{3}年|[0-9]{0,5}(?:\.[0-9]+)?[个家亿万亩幢栋年月期])))"
)
_FEW_SLIPS: Final = 8  # letters up to which one slip is allowed, else two
_LEAST_MISTYPED: Final = 5  # letters
_MOST_NAMES: Final = 64  # combinations tried for a name
_PLAIN_ENGLISH: Final = (
    "a about all an and any are at be between by can could did do does far for from has have hello hi how i in"
    " introduce is it its large located long many me more most much near of on or please tell thanks than that the"
    " there these this to was we were what when where which who why with you"
)
_SHORT: Final = 2  # letters of an abbreviation that must be in capitals


Words = Sequence[re.Match[str]]


class Letters(NamedTuple):
    """What is understood in place of text[start:end]."""

    start: int
    end: int
    understood: str


class Latin:
    """Reads the Latin words of a question."""

    def __init__(self, vocabulary: Vocabulary, lexical: LexicalReader) -> None:
        self._vocabulary = vocabulary
        self._lexical = lexical
        self._pinyin = TypedPinyin(vocabulary, lexical)

    def find(self, text: str, folded: str) -> list[Letters]:
        """What Latin words stand for, left to right.

        text    as it is written, as long as `folded`: capitals tell
        folded  its characters folded
        """
        found = [one for words in _sequences(folded) for one in self._sequence(text, folded, words)]
        return sorted(found)

    def _sequence(self, text: str, folded: str, words: Words) -> Iterator[Letters]:
        """Names of several words first, then English, then pinyin, then what is short or mistyped."""
        named = list(self._steps(words, [True] * len(words), self._name))
        open_at = _still_open(words, named)
        english = list(self._steps(words, open_at, lambda some: self._english(some, text)))
        open_at = _still_open(words, [*named, *english])
        unknown = [is_open and not self._is_known([word]) for is_open, word in zip(open_at, words, strict=True)]
        rest: list[Letters] = []
        for some in _stretches(words, unknown):
            meant = self._pinyin.read([word[0] for word in some])
            if meant:
                rest.append(Letters(some[0].start(), some[-1].end(), meant))
            else:
                rest += self._single(some, text, folded)
        left = {
            word[0]
            for word, is_open in zip(words, _still_open(words, [*named, *english, *rest]), strict=True)
            if is_open
        }
        if any(not self._lexical.spread(word, "grams") for word in left - _plain_english()):
            english = [one for one in english if self._is_term(one, folded)]
        yield from (*named, *english, *rest)

    def _steps(self, words: Words, open_at: list[bool], step: Callable[[Words], str]) -> Iterator[Letters]:
        """What a step understands of neighbouring open words, the longest first; it leaves them closed."""
        open_at = list(open_at)
        for size in range(min(MOST_WORDS, len(words)), 0, -1):
            for first in range(len(words) - size + 1):
                some = words[first : first + size]
                if all(open_at[first : first + size]) and not self._is_known(some) and (meant := step(some)):
                    open_at[first : first + size] = [False] * size
                    yield Letters(some[0].start(), some[-1].end(), meant)

    def _is_term(self, one: Letters, folded: str) -> bool:
        """Whether English words are a term for themselves; a plain word among unknown ones is part of those."""
        written = folded[one.start : one.end]
        entry = bilingual_lexicon().get(written)
        return " " in written or (entry is not None and entry.abbreviation)

    def _single(self, words: Words, text: str, folded: str) -> Iterator[Letters]:
        for word in words:
            start, end = word.span()
            after = re.match(r" ?([\u3400-\u9fff]*)", folded[end:])
            meant = self._pinyin.read([word[0]]) if len(words) > 1 else ""
            meant = meant or self._pinyin.expand(word[0], after[1] if after else "", capitals=text[start:end].isupper())
            if meant := meant or self._mistyped(word[0]):
                yield Letters(start, end, meant)

    def _is_known(self, words: Words) -> bool:
        """Whether some passage holds all of the words."""
        return bool(self._lexical.rows_holding([part for word in words for part in re.split("[&'-]", word[0])]))

    def _name(self, words: Words) -> str:
        """A name of the corpus that the words say together, each in English or in pinyin: yunqi town, dream town."""
        for letters, parts in self._spellings([word[0] for word in words]):
            for one in self._vocabulary.spelt(letters):
                if one.text in self._vocabulary.names and len(one.text) > 2 and all(part in one.text for part in parts):
                    return one.text
        return ""

    def _spellings(self, words: Sequence[str]) -> list[tuple[str, tuple[str, ...]]]:
        """The words in the letters of pinyin, with the Chinese of those that were English."""
        if not words:
            return [("", ())]
        found = [(words[0] + rest, parts) for rest, parts in self._spellings(words[1:])]
        for size in range(len(words), 0, -1):
            for head in _english_of(words[:size]):
                spelt = "".join(syllables(head))
                found += [(spelt + rest, (head, *parts)) for rest, parts in self._spellings(words[size:])]
        return found[:_MOST_NAMES]

    def _english(self, words: Words, text: str) -> str:
        """The Chinese wording of an English one that the corpus has."""
        entry = bilingual_lexicon().get(" ".join(word[0] for word in words), None)
        if entry is None or entry.in_names or not _written_so(entry, words, text):
            return ""
        return next((one for one in entry.chinese if self._is_told(one)), "")

    def _is_told(self, chinese: str) -> bool:
        pairs = [one + other for one, other in pairwise(chinese)] or [chinese]
        return chinese in self._vocabulary.names or bool(self._lexical.rows_holding(pairs))

    def _mistyped(self, word: str) -> str:
        """The one Latin word of the corpus that differs by a slip or two of the keyboard."""
        if len(word) < _LEAST_MISTYPED or word in bilingual_lexicon():
            return ""
        slips = 1 if len(word) <= _FEW_SLIPS else 2
        near = process.extract(word, list(self._vocabulary.latin), scorer=OSA.distance, score_cutoff=slips, limit=2)
        told = [one for one, distance, _ in near if one[0] == word[0] and _is_slip(word, one)]
        return told[0] if len(told) == 1 and self._lexical.spread(told[0], "words") else ""


@cache
def _plain_english() -> frozenset[str]:
    return frozenset(_PLAIN_ENGLISH.split())


def _is_slip(written: str, meant: str) -> bool:
    """A plural or another ending is none."""
    shorter, longer = sorted((written, meant), key=len)
    return not longer.startswith(shorter) and not longer.startswith(shorter[:-1])


def _english_of(words: Sequence[str]) -> tuple[str, ...]:
    entry = bilingual_lexicon().get(" ".join(words))
    return entry.chinese if entry else ()


def _written_so(entry: English, words: Words, text: str) -> bool:
    """An abbreviation of two letters must be in capitals; longer ones may be small outside English sentences."""
    written = text[words[0].start() : words[-1].end()]
    if not entry.abbreviation or written.isupper():
        return True
    around = text[max(0, words[0].start() - 2) : words[0].start()] + text[words[-1].end() : words[-1].end() + 2]
    return len(written) > _SHORT and not re.search("[A-Za-z]", around)


def _still_open(words: Words, found: Sequence[Letters]) -> list[bool]:
    return [not any(one.start <= word.start() < one.end for one in found) for word in words]


def _sequences(folded: str) -> Iterator[list[re.Match[str]]]:
    """Latin words parted by blanks only."""
    held: list[re.Match[str]] = []
    for word in _WORD.finditer(folded):
        if held and folded[held[-1].end() : word.start()].strip(" "):
            yield held
            held = []
        held.append(word)
    if held:
        yield held


def _stretches(words: Words, wanted: Sequence[bool]) -> Iterator[list[re.Match[str]]]:
    held: list[re.Match[str]] = []
    for word, want in zip(words, wanted, strict=True):
        if want:
            held.append(word)
        elif held:
            yield held
            held = []
    if held:
        yield held
