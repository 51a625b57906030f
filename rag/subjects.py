"""Subjects: the names by which documents are known, found in a question in time that does not grow with the corpus."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache

from corpus.folding import fold
from index.catalogue import DocumentEntry

_LONGEST = 24  # code points of a folded name
_DISTINCT = re.compile(r"[a-z0-9]{2}|.{3}")  # two letters or digits, or three characters, at the least
_KIND = re.compile(
    r"(?:(?:未来|现代)?(?:产业|商务|工业)?社区|(?:智慧|特色)?小镇|科技[城园谷]|产业园区?|创业园|园区|新城|街道)$"
)
_AREA = re.compile(r"(?<=..)[区县市]$")
_SHORTEST = 2  # characters of a name without its kind


@dataclass(frozen=True, slots=True)
class Mention:
    """A name found in a folded text, and the documents it names."""

    name: str
    start: int
    end: int
    documents: frozenset[int]


class Subjects:
    """Folded names → keys of the documents that bear them as title or alias."""

    def __init__(self, entries: Iterable[DocumentEntry]) -> None:
        named: dict[str, set[int]] = {}
        districts: set[str] = set()
        for entry in entries:
            districts.update(map(folded_name, entry.districts))
            for name in (entry.title, *entry.aliases):
                folded = folded_name(name)
                if len(folded) <= _LONGEST and _DISTINCT.match(folded):
                    named.setdefault(folded, set()).add(entry.key)
        self._named: Mapping[str, frozenset[int]] = {name: frozenset(keys) for name, keys in named.items()}
        self._districts = frozenset(districts | {_AREA.sub("", one) for one in districts})
        self._names = "\n".join(self._named)

    def mentions(self, folded: str) -> list[Mention]:
        """Names in the text from left to right, the longest at each place, not overlapping.

        A name that was given in full may come again without its kind: 湖山未来社区……，湖山的面积.
        """
        found: list[Mention] = []
        start = 0
        while start < len(folded):
            mention = self._longest_at(folded, start) or _again(folded, start, found)
            if mention is not None:
                found.append(mention)
            start = mention.end if mention is not None else start + 1
        return found

    def in_a_name(self, folded: str) -> bool:
        """Whether a word is a part of some name."""
        return folded in self._names

    def is_district(self, folded: str) -> bool:
        """Whether a word is a district of some document, as 余杭区 or 余杭."""
        return folded in self._districts

    def _longest_at(self, folded: str, start: int) -> Mention | None:
        for end in range(min(len(folded), start + _LONGEST), start + 1, -1):
            documents = self._named.get(folded[start:end])
            if documents is not None:
                return Mention(folded[start:end], start, end, documents)
        return None


def _again(folded: str, start: int, before: Iterable[Mention]) -> Mention | None:
    for mention in before:
        short = _KIND.sub("", mention.name)
        if _SHORTEST <= len(short) < len(mention.name) and folded.startswith(short, start):
            return Mention(short, start, start + len(short), mention.documents)
    return None


@lru_cache(maxsize=65_536)
def folded_name(name: str) -> str:
    return fold(name).text
