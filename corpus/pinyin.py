"""How Chinese is read aloud: syllables without tones, what sounds alike, initials.  [pypinyin]

Only the tables of pypinyin are used, its phrases for characters with several readings (银行 is yinhang). They
are loaded when the first text is read, so that who reads none does not wait for them.
"""

import unicodedata
from collections import Counter
from collections.abc import Iterable
from functools import cache, lru_cache
from importlib import import_module
from typing import Final

MOST_READINGS: Final = 4  # of a character; the further ones are those of old books
_KEPT: Final = 2**18

Syllables = tuple[str, ...]

_ALIKE: Final = (("zh", "z"), ("ch", "c"), ("sh", "s"))
_RARE_FIRST: Final = {
    "什": "shen",
    "吗": "ma",
    "谁": "shui",
    "哪": "na",
    "那": "na",
    "呢": "ne",
    "了": "le",
    "着": "zhe",
}


@lru_cache(_KEPT)
def readings(character: str) -> Syllables:
    """The readings of one character, the usual one first; () for what is no Chinese character."""
    written: str = _characters().get(ord(character), "")
    usual = (_RARE_FIRST[character],) if character in _RARE_FIRST else ()
    plain = (plain_syllable(one) for one in written.split(",") if one)
    return tuple(dict.fromkeys((*usual, *plain)))[:MOST_READINGS]


@lru_cache(_KEPT)
def spoken_readings(character: str) -> Syllables:
    """The readings that are heard today: the usual one, and those that some word has."""
    heard = _heard().get(character, frozenset())
    plain = {plain_syllable(one) for one in heard}
    return tuple(one for at, one in enumerate(readings(character)) if not at or one in plain)


@lru_cache(_KEPT)
def syllables(word: str) -> Syllables:
    """The usual reading of a word, a syllable a character; () where a character has none."""
    known = _phrases().get(word)
    if known is not None and len(known) == len(word):
        return tuple(plain_syllable(one[0]) for one in known)
    found = tuple(read[0] for read in map(readings, word) if read)
    return found if len(found) == len(word) else ()


def syllables_of(words: Iterable[str]) -> Syllables:
    """The reading of a name that was cut into words; () where one of them has none."""
    parts = [syllables(word) for word in words]
    return tuple(one for part in parts for one in part) if all(parts) else ()


@lru_cache(_KEPT)
def blurred(syllable: str) -> str:
    """What speakers who do not tell z from zh, n from ng and l from n take a syllable for."""
    for full, flat in _ALIKE:
        if syllable.startswith(full):
            syllable = flat + syllable[len(full) :]
            break
    if syllable.startswith("n"):
        syllable = "l" + syllable[1:]
    return syllable.removesuffix("g") if syllable.endswith(("ang", "eng", "ing")) else syllable


@lru_cache(_KEPT)
def further_sounds(character: str, *, old: bool = False) -> Syllables:
    """What else a character may sound like, blurred, its usual reading left out.

    old  take readings that are hardly heard today too
    """
    usual, *others = map(blurred, (readings if old else spoken_readings)(character) or ("",))
    return tuple(dict.fromkeys(one for one in others if one != usual))


def usual_sound(text: str) -> str:
    """A key that texts share which sound alike character by character, blurred; "" where a character has no reading."""
    sounds = [_usual(character) for character in text]
    return " ".join(sounds) if all(sounds) else ""


@lru_cache(_KEPT)
def sound_alike(one: str, other: str, *, exactly: bool = False) -> bool:
    """Whether two characters have a reading in common.

    exactly  tell z from zh, n from ng and l from n, and ask for readings that are heard today
    """
    of = spoken_readings if exactly else readings
    heard, meant = set(of(one)), set(of(other))
    if exactly:
        return not heard.isdisjoint(meant)
    return not set(map(blurred, heard)).isdisjoint(map(blurred, meant))


@lru_cache(_KEPT)
def sound_the_same(one: str, other: str) -> bool:
    """Whether two characters have a reading of today in common with its tone: 州 and 洲, not 院 and 援."""
    return not _toned(one).isdisjoint(_toned(other))


@lru_cache(4096)
def plain_syllable(marked: str) -> str:
    """A syllable without its tone, ü as v: lǜ is lv."""
    parted = unicodedata.normalize("NFD", marked).replace("u\u0308", "v")
    return "".join(character for character in parted if character.isascii())


@lru_cache(_KEPT)
def _usual(character: str) -> str:
    read = readings(character)
    return blurred(read[0]) if read else ""


@cache
def spoken_syllables() -> frozenset[str]:
    """Every syllable that is heard today."""
    plain = {plain_syllable(one) for heard in _heard().values() for one in heard}
    return frozenset(one for one in plain if len(one) > 1 or one in "aeo")


@lru_cache(_KEPT)
def _toned(character: str) -> frozenset[str]:
    """The first reading with its tone, and those that some word has."""
    first = _characters().get(ord(character), "").split(",")[0]
    return frozenset({first, *_heard().get(character, ())} - {""})


@cache
def _heard() -> dict[str, frozenset[str]]:
    """Readings of characters with their tones in the words that pypinyin knows, where two words or more have them."""
    counts: Counter[tuple[str, str]] = Counter()
    for word, read in _phrases().items():
        if len(word) == len(read):
            counts.update(zip(word, (one[0] for one in read), strict=True))
    found: dict[str, set[str]] = {}
    for (character, marked), count in counts.items():
        if count > 1:
            found.setdefault(character, set()).add(marked)
    return {character: frozenset(heard) for character, heard in found.items()}


@cache
def _characters() -> dict[int, str]:
    table: dict[int, str] = import_module("pypinyin.pinyin_dict").pinyin_dict
    return table


@cache
def _phrases() -> dict[str, list[list[str]]]:
    table: dict[str, list[list[str]]] = import_module("pypinyin.phrases_dict").phrases_dict
    return table
