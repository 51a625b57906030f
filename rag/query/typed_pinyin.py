"""Pinyin typed as running text: chanye shequ becomes 产业社区, wlw becomes 物联网."""

import re
from collections.abc import Collection, Iterator, Sequence
from functools import cache
from itertools import islice, pairwise
from typing import Final, NamedTuple

from corpus.pinyin import blurred, spoken_syllables, syllables
from index.lexical.bm25 import LexicalReader
from index.name_vocabulary import Read, Vocabulary

_LONGEST: Final = 48  # letters of one name or word
_ASKING: Final = (  # what a question is made of besides names, whether or not a passage holds it
    "什么 多少 哪里 哪儿 哪些 哪个 怎么 怎样 怎么样 如何 为什么 多大 多高 多远 多久 几个 几家 几亩 什么时候 谁 有没有"
    " 是不是 可以 能不能 请问 一下 现在 名字 地方 位置 面积 占地 占地面积 企业 公司 政策 补贴 介绍 区别 比较"
    " 有 在 是 的 吗 几 和 呢 哪 个 家 亩 能 要 到 里 里面 这 那 这个 那个 我 我们 你 大 多 元"
)
_LONGEST_SYLLABLE: Final = 6  # letters: zhuang
_MOST_CUTS: Final = 8  # ways to cut letters into syllables that are tried
_INITIALS: Final = re.compile("[b-df-hj-np-tw-z]{3,10}")
_CLEARLY: Final = 3  # times as many passages as for the next reading of the same initials
_LEAST_ABBREVIATED: Final = 4  # passages that must hold a word that is written by initials; names need none


class _Path(NamedTuple):
    """The best reading of the letters up to a place; `whole` counts syllables in words of two or more."""

    score: float
    texts: tuple[str, ...]
    read: int
    whole: int


class TypedPinyin:
    """Reads Latin letters as Chinese where the corpus has the words."""

    def __init__(self, vocabulary: Vocabulary, lexical: LexicalReader) -> None:
        self._vocabulary = vocabulary
        self._lexical = lexical

    def read(self, tokens: Sequence[str]) -> str:
        """Chinese for some neighbouring words, all of them read; "" where they are no pinyin of this corpus."""
        letters = "".join(tokens).replace("ü", "v")
        borders = {sum(map(len, tokens[:count])) for count in range(len(tokens))}
        return self._exactly(letters, borders) or self._by_ear(letters, borders)

    def _exactly(self, letters: str, borders: set[int]) -> str:
        """The best way through the letters, word by word; longer words win."""
        best: list[_Path | None] = [_Path(0.0, (), 0, 0), *[None] * len(letters)]
        for start, path in enumerate(best):
            if path is None:
                continue
            for end in range(start + 1, min(start + _LONGEST, len(letters)) + 1):
                for one in self._words(letters[start:end]):
                    if _breaks(one, start, end, borders):
                        self._extend(best, path, one, end)
        done = best[-1]
        if done is None or not done.whole or 2 * done.whole < done.read * (1 + (len(borders) == 1)):
            return ""
        return "".join(done.texts)

    def _by_ear(self, letters: str, borders: set[int]) -> str:
        """One name or word that sounds as these letters, where z and zh, n and ng, l and n are not told apart."""
        for spoken in islice(_spoken(letters, 0, borders), _MOST_CUTS):
            known = self._vocabulary.sounding(" ".join(map(blurred, spoken)))
            named = [one for one in known if one in self._vocabulary.names or one in self._vocabulary.name_words]
            if meant := self._commonest(named):
                return meant
        return ""

    def expand(self, initials: str, after: str, *, capitals: bool) -> str:
        """The name or word with these initials; "" where there is none or more than one.

        after     the Chinese that follows, which may be the rest of a name
        capitals  whether they are written so; then only the rest of a name shows that they are no abbreviation
        """
        if not _INITIALS.fullmatch(initials):
            return ""
        known = self._vocabulary.abbreviated(initials)
        fits = [one for one in known if after and self._lexical.rows_holding(_pairs(one[-1] + after[:2]))]
        named = [one for one in fits if any(one + after[:size] in self._vocabulary.names for size in range(2, 7))]
        if named or capitals:
            return self._commonest(named)
        return self._commonest(fits) or self._commonest(known)

    def _commonest(self, texts: Collection[str]) -> str:
        counts = sorted(((self._passages(one), one) for one in texts), reverse=True)
        if not counts or (len(counts) > 1 and counts[0][0] < _CLEARLY * counts[1][0]):
            return ""
        passages, text = counts[0]
        return text if text in self._vocabulary.names or passages >= _LEAST_ABBREVIATED else ""

    def _words(self, letters: str) -> list[Read]:
        return [*self._vocabulary.spelt(letters), *_asking().get(letters, ())]

    def _extend(self, best: list[_Path | None], path: _Path, one: Read, end: int) -> None:
        size = len(one.text)
        score = path.score + size * size + self._weight(one.text)
        before = best[end]
        if before is None or score > before.score:
            best[end] = _Path(score, (*path.texts, one.text), path.read + size, path.whole + size * (size > 1))

    def _weight(self, text: str) -> float:
        """Between words of one length the commoner one; below 1, so that a longer word always wins."""
        passages = self._passages(text)
        return passages / (passages + 10) + (text in _asking_words())

    def _passages(self, text: str) -> int:
        count = self._lexical.spread(text, "words")
        if not count and text in self._vocabulary.names:
            count = len(self._lexical.rows_holding(_pairs(text)))
        return count


def _breaks(one: Read, start: int, end: int, borders: set[int]) -> bool:
    """Whether a word begins a syllable wherever a written word begins inside it."""
    inside, place = set(), start
    for syllable in one.syllables:
        inside.add(place)
        place += len(syllable)
    return all(border in inside for border in borders if start < border < end)


def _spoken(letters: str, start: int, borders: set[int]) -> Iterator[tuple[str, ...]]:
    """The ways to cut letters into two syllables or more, each written word at its beginning."""
    for end in range(min(start + _LONGEST_SYLLABLE, len(letters)), start, -1):
        if letters[start:end] not in spoken_syllables() or any(start < border < end for border in borders):
            continue
        if end == len(letters):
            if start:
                yield (letters[start:end],)
        else:
            yield from ((letters[start:end], *rest) for rest in _spoken(letters, end, borders))


def _pairs(text: str) -> list[str]:
    return [one + other for one, other in pairwise(text)]


@cache
def _asking_words() -> frozenset[str]:
    return frozenset(_ASKING.split())


@cache
def _asking() -> dict[str, tuple[Read, ...]]:
    found: dict[str, tuple[Read, ...]] = {}
    for word in _ASKING.split():
        read = syllables(word)
        found["".join(read)] = (*found.get("".join(read), ()), Read(word, read))
    return found
