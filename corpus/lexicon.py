"""The domain lexicon: words that a general dictionary cuts apart, and wordings that mean nearly the same.

The bundled one stands in `corpus/lexicon/`: `words.txt` with one word a line, `synonyms.txt` with
one group a line, its members separated by blanks, the documents' word first; ``#`` opens a comment.
Everything is kept folded, as the index sees it. Words decide how texts are cut into tokens;
groups only widen questions.
"""

import hashlib
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Final, Literal

from corpus.folding import fold

LONGEST: Final = 24  # characters of a word, and of a member of a group
MOST_MEMBERS: Final = 50  # of one group
MOST_WORDS: Final = 20_000
MOST_GROUPS: Final = 5_000

Part = Literal["words", "synonyms"]
Group = tuple[str, ...]

_WORD: Final = re.compile(r"[\u3400-\u9fff]+")
_REASONS: Final = {
    "length": f"has not 2 to {LONGEST} characters: write it otherwise or leave it out",
    "letters": "holds more than Chinese characters: leave it out; letters and digits are words of their own already",
    "signs": "holds no letter, digit or Chinese character, or signs that cannot be printed: type it anew without them",
    "members": f"has not 2 to {MOST_MEMBERS} different members: add what is missing or part the group",
    "order": "has the members of an earlier group in another order: keep one of the two groups",
    "asking": "only asks, as 多少 does, and is never looked for: leave it out",
    "many": f"is too many: a lexicon has {MOST_WORDS} words and {MOST_GROUPS} groups at most; leave some out",
}


class LexiconInvalid(ValueError):
    """A word or a group that cannot be kept.

    place   file and line, or the number of the entry
    part    which part of the lexicon the entry is in
    number  of the entry in that part, from 0
    code    length | letters | signs | members | order | asking | many
    """

    def __init__(self, place: str, part: Part, number: int, code: str, written: str) -> None:
        shown = written if len(written) <= 40 else written[:40] + "…"
        super().__init__(f"{place}: {ascii(shown) if not shown.isprintable() else shown} {_REASONS[code]}")
        self.part = part
        self.number = number
        self.code = code


@dataclass(frozen=True, slots=True)
class Lexicon:
    """Words and groups of wordings, folded.

    words   sorted, each once; each is cut out of a text as one token
    groups  each of two members or more, the documents' word first; a member may be in several
    """

    words: tuple[str, ...]
    groups: tuple[Group, ...] = ()

    @property
    def fingerprint(self) -> str:
        """SHA-256 of what decides tokens, the words alone; part of the index manifest."""
        return hashlib.sha256("\n".join(self.words).encode()).hexdigest()

    @property
    def synonyms_fingerprint(self) -> str:
        """SHA-256 of the groups; they touch questions only, so no index depends on it."""
        return hashlib.sha256("\n".join(map(" ".join, self.groups)).encode()).hexdigest()

    @property
    def version(self) -> str:
        """Names words and groups together, in 16 hexadecimal digits."""
        return hashlib.sha256(f"{self.fingerprint};{self.synonyms_fingerprint}".encode()).hexdigest()[:16]

    def with_more(self, more: "Lexicon") -> "Lexicon":
        """This lexicon and another one; the other one's groups come first."""
        groups = dict.fromkeys((*more.groups, *self.groups))
        return Lexicon(tuple(sorted({*self.words, *more.words})), tuple(groups))


def make_lexicon(words: Sequence[str], groups: Sequence[Sequence[str]], where: str = "lexicon") -> Lexicon:
    """Fold and check words and groups as somebody wrote them.

    where   names their source in errors
    raises  LexiconInvalid that names the entry, counted from 1
    """
    numbered_words = ((f"{where}, word {number}", word) for number, word in enumerate(words, start=1))
    numbered_groups = ((f"{where}, group {number}", group) for number, group in enumerate(groups, start=1))
    return _checked(numbered_words, numbered_groups)


def parse_lexicon(words: str, synonyms: str = "") -> Lexicon:
    """Read the content of `words.txt` and of `synonyms.txt`.

    raises  LexiconInvalid that names file and line
    """
    groups = ((place, line.split()) for place, line in _lines("synonyms.txt", synonyms))
    return _checked(_lines("words.txt", words), groups)


@cache
def bundled_lexicon() -> Lexicon:
    """The lexicon that ships with the service."""
    folder = files("corpus") / "lexicon"
    words, synonyms = ((folder / name).read_text(encoding="utf-8") for name in ("words.txt", "synonyms.txt"))
    return parse_lexicon(words, synonyms)


def _lines(name: str, text: str) -> Iterator[tuple[str, str]]:
    """Place and content of each line that holds more than a comment."""
    for number, line in enumerate(text.splitlines(), start=1):
        content = line.partition("#")[0].strip()
        if content:
            yield f"{name}, line {number}", content


def _checked(words: Iterable[tuple[str, str]], groups: Iterable[tuple[str, Sequence[str]]]) -> Lexicon:
    folded = {_word(word, place, number) for number, (place, word) in enumerate(words)}
    kept: dict[frozenset[str], Group] = {}
    for number, (place, written) in enumerate(groups):
        group = _group(written, place, number)
        if kept.setdefault(frozenset(group), group) != group:
            raise LexiconInvalid(place, "synonyms", number, "order", " ".join(written))
    return Lexicon(tuple(sorted(folded)), tuple(kept.values()))


def _word(written: str, place: str, number: int) -> str:
    word = fold(written).text
    code = "many" if number >= MOST_WORDS else "" if 2 <= len(word) <= LONGEST else "length"
    if not code and not _WORD.fullmatch(word):
        code = "letters"
    if code:
        raise LexiconInvalid(place, "words", number, code, written)
    return word


def _group(written: Sequence[str], place: str, number: int) -> Group:
    if number >= MOST_GROUPS:
        raise LexiconInvalid(place, "synonyms", number, "many", " ".join(written))
    members = tuple(dict.fromkeys(_member(member, place, number) for member in written))
    if not 2 <= len(members) <= MOST_MEMBERS:
        raise LexiconInvalid(place, "synonyms", number, "members", " ".join(written))
    return members


def _member(written: str, place: str, number: int) -> str:
    member = fold(written).text
    code = "" if 2 <= len(member) <= LONGEST else "length"
    if not code and not (member.isprintable() and any(map(str.isalnum, member))):
        code = "signs"
    if code:
        raise LexiconInvalid(place, "synonyms", number, code, written)
    return member
