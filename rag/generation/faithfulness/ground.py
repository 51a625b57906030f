"""Grounds: a passage as the check of generated sentences sees it, folded once, clause by clause."""

import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from corpus.folding import Quantity, fold, numbers
from corpus.passage import Passage
from corpus.sentences import sentence_spans
from rag.generation.faithfulness import cues

Number = tuple[Decimal, str]  # value and folded unit
Names = dict[str, frozenset[str]]  # folded name → ids of the documents that bear it

_CLAUSE: Final = re.compile(r"[^，,；;：:。！？!?\n]+")
_LEAD: Final = re.compile(r"(?:其中|而|但|同时|此外|另外|目前|截至[^，,]{0,12}|据[^，,]{0,12})")

_STRANGER: Final = re.compile(
    "([^由的在与和及从为是将把被向对于该本其各两每0-9a-z]{2,4})"
    "(?:产业)?(?:园区|社区|小镇|公司|集团|街道|科技城|开发区|大厦|基地)"
)
_PLAIN: Final = frozenset(["个", "处", "座", "种", "片", "项", "类"])  # 一 before them counts nothing
_FIRST: Final = frozenset({"第个", "第家", "第次"})
LABELS: Final = frozenset({"年", "月", "日", "期", "号", "号线", ""})  # of dates and names: they measure nothing


@dataclass(frozen=True, slots=True)
class ClaimedFigure:
    """A number that a text states.

    clause    its clause, folded
    around    where its matter may stand: for a date or a label the whole sentence, as it is often a clause of its own
    subjects  documents whose name opens the clause, or in their place a name that no document bears; empty if neither
    bound     over (超过, 以上), under (不足, 以内), or empty
    """

    number: Number
    clause: str
    around: str
    subjects: frozenset[str]
    bound: str


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence of a passage: its span in the document, its folded text, its figures."""

    start: int
    end: int
    text: str
    figures: tuple[ClaimedFigure, ...]


@dataclass(frozen=True, slots=True)
class Ground:
    """A passage to be cited.

    text       heading and passage, folded
    heading    names of the document and heading path, folded
    """

    document_id: str
    heading: str
    text: str
    sentences: tuple[Sentence, ...]


def ground(passage: Passage, heading: str, names: Names) -> Ground:
    """Look at a passage once, under its heading (names of the document, heading path)."""
    sentences = tuple(
        Sentence(
            passage.start + start,
            passage.start + end,
            fold(passage.text[start:end]).text,
            tuple(figures(passage.text[start:end], names)),
        )
        for start, end in sentence_spans(passage.text)
    )
    folded = fold(heading).text
    return Ground(passage.document_id, folded, f"{folded}\n{fold(passage.text).text}", sentences)


def figures(text: str, names: Names) -> Iterator[ClaimedFigure]:
    """The numbers of a sentence; a clause that no name opens has the subject of the clause before it."""
    subjects: frozenset[str] = frozenset()
    sentence = fold(text).text
    for clause in _CLAUSE.finditer(text):
        folded = fold(clause[0]).text
        subjects = _opening(folded, names) or subjects
        for found in counted(clause[0]):
            around = sentence if found.unit in LABELS or found.unit.startswith("第") else folded
            before, after = fold(clause[0][: found.start]).text, fold(clause[0][found.end :]).text
            yield ClaimedFigure((found.value, found.unit), folded, around, subjects, cues.bound(before, after))


def counted(text: str) -> Iterator[Quantity]:
    """The numbers of a text that say how much or which: not 一个, 一处, and not 第一个, which is a cue of its own."""
    for found in numbers(text):
        one = found.value == 1 and (found.unit in _FIRST or (found.unit in _PLAIN and text[found.start] in "一1"))
        if not one and not (found.unit == "个" and text[found.start] == "两"):
            yield found


def named(bearers: Iterable[tuple[str, Collection[str]]]) -> Names:
    """Folded names of (document id, names); single characters name nothing."""
    found: dict[str, set[str]] = {}
    for document_id, names in bearers:
        for name in (fold(name).text for name in names):
            if len(name) > 1:
                found.setdefault(name, set()).add(document_id)
    return {name: frozenset(ids) for name, ids in found.items()}


def _opening(clause: str, names: Names) -> frozenset[str]:
    """Documents named where the clause begins; for a name of its own that name in their place."""
    lead = _LEAD.match(clause)
    rest = clause[lead.end() :] if lead else clause
    fitting = [name for name in names if rest.startswith(name)]
    if fitting:
        return names[max(fitting, key=len)]
    stranger = _STRANGER.match(rest)
    if stranger is None or any(stranger[1] in name for name in names):
        return frozenset()
    return frozenset({stranger[0]})
