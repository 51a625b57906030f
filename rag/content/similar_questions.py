"""Similar questions that operators keep beside the documents: add, remove, approve, and see where each leads."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Literal

from corpus.document import Document
from index.passage_index import PassageIndex, Snapshot
from index.store.similar_questions import (
    Origin,
    Place,
    SimilarQuestion,
    SimilarQuestionChange,
    SimilarQuestionRefused,
    Span,
    make_similar_question,
    spans_of,
)

State = Literal["used", "proposed", "orphaned"]


class NoSuchDocument(LookupError):
    """No document has this id."""

    def __init__(self, document_id: str) -> None:
        super().__init__(f"there is no document {document_id}; see: rag index list")


@dataclass(frozen=True, slots=True)
class PlacedQuestion:
    """A record as it stands on one generation. spans: where it leads in the text of today, none for an orphan."""

    similar: SimilarQuestion
    spans: tuple[Span, ...]

    @property
    def state(self) -> State:
        if not self.spans:
            return "orphaned"
        return "used" if self.similar.approved else "proposed"


@dataclass(frozen=True, slots=True)
class Drafted:
    """A similar question to be added, and where it is to lead."""

    text: str
    place: Place


@dataclass(frozen=True, slots=True)
class Added:
    """What was kept, what was refused and why, and the generation from which it holds."""

    kept: tuple[PlacedQuestion, ...]
    refused: tuple[SimilarQuestionRefused, ...]
    generation: int


def add(index: PassageIndex, document_id: str, text: str, place: Place) -> tuple[PlacedQuestion, int]:
    """Keep one of an operator's; the next question knows of it. Returns it and its generation.

    raises  NoSuchDocument, SimilarQuestionRefused, StorageFull
    """
    added = add_all(index, document_id, [Drafted(text, place)], "operator")
    if added.refused:
        raise added.refused[0]
    return added.kept[0], added.generation


def add_all(
    index: PassageIndex, document_id: str, drafts: Iterable[Drafted], origin: Origin, *, approved: bool = False
) -> Added:
    """Keep as many as can be kept, in one change.

    approved  use what an LLM proposed at once
    raises    NoSuchDocument, StorageFull
    """
    seen: list[Document] = []
    refused: list[SimilarQuestionRefused] = []
    first = 1

    def plan(snapshot: Snapshot) -> SimilarQuestionChange:
        nonlocal first
        if document_id not in snapshot.documents:
            raise NoSuchDocument(document_id)
        seen.append(index.document(snapshot.documents[document_id]))
        known = list(snapshot.similar_questions.get(document_id, ()))
        held = len(known)
        first = max((one.number for one in known), default=0) + 1
        for draft in drafts:
            try:
                made = make_similar_question(seen[0], draft.text, draft.place, known, origin)
                known.append(replace(made, approved=approved or made.approved))
            except SimilarQuestionRefused as refusal:
                refused.append(refusal)
        return SimilarQuestionChange(document_id, tuple(known[held:]))

    generation, records = index.change_similar_questions(plan)
    kept = tuple(PlacedQuestion(one, spans_of(one, seen[0])) for one in records if one.number >= first)
    return Added(kept, tuple(refused), generation)


def remove(index: PassageIndex, document_id: str, numbers: Iterable[int]) -> tuple[list[int], int]:
    """Delete records of a document, whether it is still there or not. Returns the numbers that were there.

    raises  StorageFull
    """
    gone: list[int] = []

    def plan(snapshot: Snapshot) -> SimilarQuestionChange:
        gone.extend(sorted({one.number for one in snapshot.similar_questions.get(document_id, ())} & set(numbers)))
        return SimilarQuestionChange(document_id, removed=frozenset(gone))

    generation, _ = index.change_similar_questions(plan)
    return gone, generation


def approve(index: PassageIndex, document_id: str, number: int) -> tuple[PlacedQuestion | None, int]:
    """Use what was proposed, from the next question on; None if there is no such record.

    raises  StorageFull
    """

    def plan(snapshot: Snapshot) -> SimilarQuestionChange:
        open_ones = {one.number for one in snapshot.similar_questions.get(document_id, ()) if not one.approved}
        return SimilarQuestionChange(document_id, approved=frozenset({number} & open_ones))

    generation, _ = index.change_similar_questions(plan)
    found = shown(index, index.snapshot, document_id)
    return next((one for one in found if one.similar.number == number), None), generation


def shown(index: PassageIndex, snapshot: Snapshot, document_id: str) -> list[PlacedQuestion]:
    """The records of a document on this snapshot, in the order in which they were added.

    raises  StaleSnapshot if the document was replaced meanwhile
    """
    similar_questions, entry = snapshot.similar_questions.get(document_id, ()), snapshot.documents.get(document_id)
    if not similar_questions:
        return []
    if entry is None:
        return [PlacedQuestion(one, ()) for one in similar_questions]
    document = index.document(entry)
    return [PlacedQuestion(one, spans_of(one, document)) for one in similar_questions]


def shown_all(index: PassageIndex, snapshot: Snapshot) -> list[PlacedQuestion]:
    """The records of every document on this snapshot, in the order in which they were added.

    raises  StaleSnapshot if a document was replaced meanwhile
    """
    found = (one for document_id in snapshot.similar_questions for one in shown(index, snapshot, document_id))
    return sorted(found, key=lambda one: one.similar.number)


def orphans(index: PassageIndex, document_ids: Iterable[str]) -> list[PlacedQuestion]:
    """Records of these documents whose place is gone.

    raises  StaleSnapshot if a document was replaced meanwhile
    """
    snapshot = index.snapshot
    found = (one for document_id in document_ids for one in shown(index, snapshot, document_id))
    return [one for one in found if one.state == "orphaned"]
