"""Copies: passages that say nothing beyond a better ranked one, and where else a passage stands.

A re-posted article or a quoted paragraph is shown once. What a copy states must stand in the
passage that is shown: a copy with another number, another name or a negation more or less is none.
"""

import re
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Final, Protocol, TypeVar

from corpus.folding import fold
from corpus.passage import Passage
from corpus.sentences import sentence_spans
from index.passage_index import PassageIndex, Snapshot
from index.store.cache import Cache
from index.store.catalogue import DocumentEntry, PassageRow
from index.store.minhash import letters_of, shingles_of
from rag.retrieval.alterations import is_altered

SAID: Final = 0.75  # share of a copy's shingles that stand in the passage shown; measured, see the README
MOST: Final = 20  # copies told of one passage

_FEWEST_MARKS: Final = 6  # of MARKS that passages must share before anything else of them is compared
_FEWEST: Final = 20  # letters; shorter passages are alike by chance
_LOOKED_AT: Final = 12  # passages of a near duplicate among which a copy is looked for, those at its place first
_WORDINGS: Final = 512  # passages whose wording is kept in memory
_BYLINE: Final = re.compile(
    r"(?:来源|出处|作者|记者|编辑|责编|发布|时间|日期|发布者|阅读|阅读量|点击|点击量|浏览|浏览量|字号|转自|转载自|本文链接|原标题):"
    r"|^[0-9年月日时分秒:./ -]+$"
)
_LONGEST_BYLINE: Final = 80  # code points
_STATED: Final = re.compile(r"[0-9a-z]+(?:[.年月日:/-]+[0-9a-z]+)*[^\W0-9a-z]{0,3}")
_NAMED: Final = re.compile(
    r"(?=([\u3400-\u9fff]{2}"
    r"(?:公司|集团|银行|大学|学院|医院|中心|大厦|小镇|街道|社区|园区|开发区|科技园|产业园|[省市区县镇乡村路]))"
    r"(?![道区市镇]))"
)


@dataclass(frozen=True, slots=True)
class Duplicate:
    """Another document and the passage of it that says the same."""

    document: DocumentEntry
    passage: Passage


class Marked(Protocol):
    """What passages are compared by first."""

    @property
    def marks(self) -> frozenset[int]: ...


class Found(Protocol):
    """A passage that was found."""

    @property
    def found(self) -> PassageRow: ...
    @property
    def document(self) -> DocumentEntry: ...
    @property
    def annotated(self) -> Marked: ...


One = TypeVar("One", bound=Found)


@dataclass(frozen=True, slots=True)
class Wording:
    """What a passage says, bylines left out.

    claims  numbers, dates and Latin words with the letters behind them, and words for places and bodies with the
            letters before them, which name them
    """

    letters: str
    shingles: frozenset[str]
    claims: frozenset[str]

    def says(self, other: "Wording") -> bool:
        """Whether the other wording says nothing beyond this one."""
        if len(other.shingles) < _FEWEST:
            return self == other
        alike = other.claims <= self.claims and self.share_of(other) >= SAID
        return alike and not is_altered(self.letters, other.letters)

    def share_of(self, other: "Wording") -> float:
        """The share of the other wording's shingles that stand in this one."""
        return len(self.shingles & other.shingles) / len(other.shingles)


def wording_of(text: str) -> Wording:
    """Look at a passage's text as copies are compared."""
    parts = [text[start:end] for start, end in sentence_spans(text)]
    told = [folded for folded in (fold(part).text for part in parts) if not _is_byline(folded)]
    names = {found[1] for folded in told for found in _NAMED.finditer(folded)}
    stated = {found[0] for folded in told for found in _STATED.finditer(folded)}
    letters = "".join(map(letters_of, told))
    return Wording(letters, shingles_of(letters), frozenset(names | stated))


class Deduplication:
    """Finds copies among the passages of an index."""

    def __init__(self, index: PassageIndex) -> None:
        self._index = index
        self._wordings: Cache[int, Wording] = Cache(_WORDINGS)

    def once(
        self, evidence: Sequence[One], named: Callable[[DocumentEntry], frozenset[str]], most: int
    ) -> list[tuple[One, tuple[Duplicate, ...]]]:
        """The first `most` passages, each once, with those that say nothing beyond it.

        named  which entities of the question a document is about: what is asked for is not shown under another name
        """
        kept: list[tuple[One, list[Duplicate]]] = []
        for one in evidence:
            marks = one.annotated.marks
            likely = (held for held in kept if len(marks & held[0].annotated.marks) >= _FEWEST_MARKS)
            shown = next((held for held in likely if self._repeats(one, held[0], named)), None)
            if shown is None:
                if len(kept) < most:
                    kept.append((one, []))
            elif one.document.id not in {duplicate.document.id for duplicate in shown[1]}:
                shown[1].append(Duplicate(one.document, one.found.passage))
        return [(one, tuple(duplicates)) for one, duplicates in kept]

    def elsewhere(
        self, snapshot: Snapshot, one: Found, known: Sequence[Duplicate], documents: Collection[str] | None
    ) -> tuple[Duplicate, ...]:
        """The copies known, and those in further near duplicates of the document (among these; None for all)."""
        held = {duplicate.document.id for duplicate in known}
        others = (
            other
            for other in snapshot.near_to(one.document.id)
            if other.id not in held and (documents is None or other.id in documents)
        )
        found = (self._duplicate_in(snapshot, one, other) for other in islice(others, MOST))
        return tuple([*known, *(duplicate for duplicate in found if duplicate)][:MOST])

    def _duplicate_in(self, snapshot: Snapshot, one: Found, other: DocumentEntry) -> Duplicate | None:
        rows = snapshot.rows.get(other.key, range(0))
        place = one.found.passage.start / one.document.characters * len(rows)
        nearest = sorted(rows, key=lambda row: abs(row - rows.start - place))[:_LOOKED_AT]
        passages = self._index.passages(nearest)
        own = self._wording(one.found)
        for row in nearest:
            wording = self._wording(passages[row])
            if own.says(wording) or wording.says(own):
                return Duplicate(other, passages[row].passage)
        return None

    def _repeats(self, one: Found, shown: Found, named: Callable[[DocumentEntry], frozenset[str]]) -> bool:
        if one.document.id == shown.document.id or not named(one.document) <= named(shown.document):
            return False
        return self._wording(shown.found).says(self._wording(one.found))

    def _wording(self, found: PassageRow) -> Wording:
        held = self._wordings.get([found.row])
        if not held:
            held = {found.row: wording_of(found.passage.text)}
            self._wordings.keep(held)
        return held[found.row]


class Crowd:
    """Rows of documents that have near duplicates, so that many copies of one article do not crowd out the rest."""

    def __init__(self, snapshot: Snapshot) -> None:
        self.generation = snapshot.generation
        self._near = snapshot.near
        self._owners = {
            row: document_id
            for document_id in snapshot.near
            for row in snapshot.rows.get(snapshot.documents[document_id].key, ())
        }

    def spread(self, rows: Sequence[int], size: int) -> tuple[list[int], bool]:
        """The first rows, so many that `size` of them do not come from a near duplicate of one before.

        returns  the rows, and whether there were enough
        """
        if not self._owners:
            return list(rows[:size]), True
        chosen: list[int] = []
        crowded: set[str] = set()
        count = 0
        for row in rows:
            owner = self._owners.get(row, "")
            count += owner not in crowded
            if count > size:
                return chosen, True
            chosen.append(row)
            crowded.update(self._near.get(owner, ()))
        return chosen, count == size


def _is_byline(folded: str) -> bool:
    return len(folded) <= _LONGEST_BYLINE and bool(_BYLINE.search(folded))
