"""Facts asked for in their own words: does the statement that a document makes of a fact come first?"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from corpus.checking import Fact, Finding, absent_marks
from corpus.folding import fold
from corpus.passage import Passage
from index.passage_index import PassageIndex
from rag.service import Service

_SHOWN = 3  # passages among which the right one is looked for, to tell how far it was


@dataclass(frozen=True, slots=True)
class SelfRetrieval:
    """How many of the facts asked for came first; `missed` names what came instead of the others."""

    asked: int
    first: int
    missed: tuple[Finding, ...]

    @property
    def share(self) -> float:
        """Share of the facts that came first, 0–1; 1 where there are none."""
        return self.first / self.asked if self.asked else 1.0


def ask_facts(service: Service, facts: Sequence[Fact]) -> SelfRetrieval:
    """Ask each statement as a question. Right are passages of the fact's own document: those that hold most
    of its numbers and quoted names; where it has none, those that share most pairs of characters with it."""
    missed = []
    for fact in facts:
        right = _right_rows(service.index, fact)
        rows = [one.row for one in service.search(fact.statement, _SHOWN).evidence]
        if not rows or rows[0] not in right:
            rank = next((rank for rank, row in enumerate(rows, start=1) if row in right), None)
            place = f"at rank {rank}" if rank else f"not among the first {_SHOWN}"
            missed.append(Finding(fact.document_id, f"{place}, behind {_name(service.index, rows)}: {fact.statement}"))
    return SelfRetrieval(len(facts), len(facts) - len(missed), tuple(missed))


def _right_rows(passage_index: PassageIndex, fact: Fact) -> frozenset[int]:
    passages = passage_index.passages(passage_index.snapshot.rows_of([fact.document_id]))
    texts = {row: _searched(found.passage) for row, found in passages.items()}
    absent = {row: len(absent_marks(fact.statement, text)) for row, text in texts.items()}
    if not absent_marks(fact.statement, ""):
        wanted = _pairs(fact.statement)
        absent = {row: len(wanted - _pairs(text)) for row, text in texts.items()}
    fewest = min(absent.values(), default=0)
    return frozenset(row for row, count in absent.items() if count == fewest)


def _searched(passage: Passage) -> str:
    return " ".join((*passage.section, passage.text))


def _pairs(text: str) -> set[tuple[str, str]]:
    return set(pairwise(fold(text).text))


def _name(passage_index: PassageIndex, rows: Sequence[int]) -> str:
    """The passage that came first."""
    return passage_index.passages(rows[:1])[rows[0]].passage.id if rows else "nothing"
