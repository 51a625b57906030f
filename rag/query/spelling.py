"""Spelling: a question in the spelling of the corpus, before anything is searched.

Wrong characters and homophones, pinyin, initials, English words of the domain and mistyped Latin names are
understood where the corpus speaks for it; what it knows as it is written is never touched. Traditional characters
and numbers are left to `corpus.folding`, which knows them already.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple, Self

from corpus.folding import fold_characters
from index.lexical.bm25 import LexicalReader
from index.lexical.tokeniser import Tokeniser
from index.name_vocabulary import Vocabulary
from index.passage_index import PassageIndex, Snapshot
from rag.query.homophones import Homophones
from rag.query.latin import Latin
from rag.query.spoken import plain_question

_HAN: Final = re.compile(r"[\u3400-\u9fff]{2,}")


class Correction(NamedTuple):
    """text[start:end] == written is understood as something else; code points of the text as it was asked."""

    start: int
    end: int
    written: str
    understood: str


@dataclass(frozen=True, slots=True)
class Spelled:
    """A question in the corpus's spelling, and what was changed for it, left to right, not overlapping."""

    text: str
    corrections: tuple[Correction, ...] = ()

    @property
    def searched(self) -> str:
        """The text without hesitations, greetings and preambles; blanks stand in their place."""
        return plain_question(self.text)

    @property
    def notice(self) -> str:
        """What an asker is told; "" where nothing was changed."""
        understood = dict.fromkeys(one.understood for one in self.corrections)
        return f"已按{'、'.join(f'“{one}”' for one in understood)}理解" if understood else ""


class Speller:
    """Brings questions into the spelling of one snapshot's passages and names. Safe to use from several threads."""

    def __init__(self, vocabulary: Vocabulary, lexical: LexicalReader, tokeniser: Tokeniser) -> None:
        self._vocabulary = vocabulary
        self._homophones = Homophones(vocabulary, lexical, tokeniser)
        self._latin = Latin(vocabulary, lexical)

    @classmethod
    def of(cls, names: Iterable[str], lexical: LexicalReader, tokeniser: Tokeniser) -> Self:
        """A speller for passages and the titles, aliases and headings over them."""
        return cls(Vocabulary.of(names, lexical, tokeniser), lexical, tokeniser)

    def after(self, names: Iterable[str], lexical: LexicalReader, tokeniser: Tokeniser) -> "Speller":
        """The speller of the next snapshot; only what is new is learnt."""
        self._vocabulary.learn(names, lexical, tokeniser)
        return Speller(self._vocabulary, lexical, tokeniser)

    @classmethod
    def of_index(cls, index: PassageIndex) -> Self:
        """A speller for what an index holds now."""
        snapshot = index.snapshot
        return cls.of(names_in(snapshot, index.headings()), snapshot.lexical, snapshot.tokeniser)

    def correct(self, text: str) -> Spelled:
        """Read a question; one that holds no fault comes back as it is."""
        folded = fold_characters(text)
        found = [(one.start, one.end, one.understood) for one in self._latin.find(text, folded)]
        for run in _HAN.finditer(folded):
            found += [
                (run.start() + one.start, run.start() + one.end, one.understood)
                for one in self._homophones.find(run[0])
            ]
        return _spelled(text, [Correction(start, end, text[start:end], meant) for start, end, meant in sorted(found)])


def names_in(snapshot: Snapshot, headings: Iterable[str]) -> list[str]:
    """Titles and aliases of a snapshot's documents, and the headings over their passages."""
    titles = (name for entry in snapshot.documents.values() for name in (entry.title, *entry.aliases))
    return list(dict.fromkeys((*titles, *headings)))


def _spelled(text: str, corrections: Sequence[Correction]) -> Spelled:
    pieces: list[str] = []
    place = 0
    for one in corrections:
        pieces += text[place : one.start], one.understood
        place = one.end
    return Spelled("".join((*pieces, text[place:])), tuple(corrections))
