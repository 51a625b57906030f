"""A nursery of processes that change an index until they are killed, and what must be found after their death.

What a process does is a function of a seed and of the number of the turn. It says each turn after it was acknowledged.
So, whenever it is killed, the index must hold the state after the last turn said, or after the one that followed.

The nursery has loaded everything and forks a process for each line that it reads: one is ready in milliseconds.
"""

import dataclasses
import json
import os
import random
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT)] if __name__ == "__main__" else []

from support_index import WordEncoder, document_of, open_index, small_tokeniser, texts_of  # noqa: E402

from corpus.document import Document  # noqa: E402
from corpus.passage import split  # noqa: E402
from index import artifacts, passage_index  # noqa: E402
from index.dense import DenseIndex  # noqa: E402
from index.errors import IndexProblem  # noqa: E402
from index.lexical import bm25  # noqa: E402
from index.lexical.bm25 import LexicalIndex  # noqa: E402
from index.lexical.tokeniser import Tokeniser  # noqa: E402
from index.passage_index import PassageIndex  # noqa: E402
from index.store import files  # noqa: E402
from index.store.catalogue import Catalogue  # noqa: E402
from index.store.database import Database  # noqa: E402
from rag.content.similar_questions import NoSuchDocument, add  # noqa: E402

SECONDS = 60  # after which a process that nobody killed ends by itself
NAMES = ("a", "b", "c", "d", "e", "f")


@dataclasses.dataclass(frozen=True)
class Turn:
    """Documents that are put, ids that are removed, or a document that is given a similar question."""

    put: tuple[Document, ...]
    removed: frozenset[str]
    asked: tuple[str, str] | None = None


def turn_of(seed: int, number: int) -> Turn:
    """What is done in a turn. The texts name the turn, so that no two states are alike."""
    choose = random.Random(f"{seed} {number}")
    if number and choose.random() < 0.35:
        return Turn((), frozenset(choose.sample(NAMES, choose.randint(1, 2))))
    if number and choose.random() < 0.2:
        return Turn((), frozenset(), (choose.choice(NAMES), f"第{number}次怎么问"))
    put = []
    for name in choose.sample(NAMES, choose.randint(1, 3)):
        put.append(document_of(name, f"第{number}次写下的{name}社区。" * choose.choice([1, 2, 60]), f"{name}{number}"))
        for snippet in range(choose.choice([0, 0, 2])):
            put.append(document_of(f"{name}~{snippet}", f"第{number}次的片段{snippet}。", parent=name))
    return Turn(tuple(put), frozenset())


@dataclasses.dataclass(frozen=True)
class State:
    """What must be in the index, and its generation."""

    documents: dict[str, Document]
    generation: int
    similar_questions: tuple[tuple[str, str], ...] = ()

    def after(self, turn: Turn) -> "State":
        if turn.asked:
            known = turn.asked[0] in self.documents
            return State(self.documents, self.generation + known, self.similar_questions + (turn.asked,) * known)
        touched = ({one.id for one in turn.put} | turn.removed) & self.documents.keys()
        held = {name: one for name, one in self.documents.items() if not {name, one.parent} & touched}
        held |= {one.id: one for one in turn.put}
        forgotten = () if turn.put else self.documents.keys() - held.keys()  # what is replaced is asked for as before
        similar_questions = tuple(one for one in self.similar_questions if one[0] not in forgotten)
        return State(held, self.generation + bool(turn.put or touched), similar_questions)


def state_after(seed: int, turns: int) -> State:
    state = State({}, 0)
    for number in range(turns):
        state = state.after(turn_of(seed, number))
    return state


def problems_of(home: Path, tokeniser: Tokeniser, state: State, following: State) -> tuple[list[str], bool]:
    """What is wrong with the index after a death, and whether the turn that was not said is there."""
    try:
        index = open_index(home, WordEncoder(), tokeniser)
    except IndexProblem as error:
        return [f"it does not open: {error}"], False
    try:
        found = problems_in(index, state)
        if found and not problems_in(index, following):
            return scratch_in(home), True
        return found + scratch_in(home), False
    finally:
        index.close()


def problems_in(index: PassageIndex, state: State) -> list[str]:
    snapshot = index.snapshot
    found = []
    if snapshot.generation != state.generation:
        found.append(f"generation {snapshot.generation} instead of {state.generation}")
    lost, back = state.documents.keys() - snapshot.documents.keys(), snapshot.documents.keys() - state.documents.keys()
    found += [f"lost: {sorted(lost)}"] * bool(lost) + [f"there again: {sorted(back)}"] * bool(back)
    found += index.verify()
    similar_questions = sorted(
        (one for some in snapshot.similar_questions.values() for one in some), key=lambda one: one.number
    )
    if [(one.document_id, one.text) for one in similar_questions] != list(state.similar_questions):
        found.append(f"other similar questions: {len(similar_questions)} instead of {len(state.similar_questions)}")
    if not found:
        documents = {name: index.document(entry) for name, entry in snapshot.documents.items()}
        wrong = [name for name, document in documents.items() if document != state.documents[name]]
        passages = {name: [one.text for one in split(document)] for name, document in state.documents.items()}
        found += [f"another text: {name}" for name in wrong]
        found += ["other passages"] * (texts_of(snapshot, index) != passages)
    return found


def scratch_in(home: Path) -> list[str]:
    return [f"left behind: {path.name}" for path in home.rglob("*.new")]


# In the forked process


def say(*words: object) -> None:
    os.write(1, (" ".join(map(str, words)) + "\n").encode())


def work(home: str, seed: int, first: int | None, last: int, variant: str = "", die_at: int = 0) -> None:
    """Take the turns from first to last, then close; without a first, go on where each turn made one generation."""
    if die_at:
        die_at_step(die_at)
    VARIANTS.get(variant, lambda: None)()
    index = open_index(Path(home), WordEncoder(), TOKENISER[0])
    say("open", index.snapshot.generation)
    for number in range(index.snapshot.generation if first is None else first, last):
        turn = turn_of(seed, number)
        if variant == "says it before it is done":
            say("done", number)
        if turn.asked:
            with suppress(NoSuchDocument):
                add(index, *turn.asked, ())
        elif turn.put:
            index.put(turn.put)
        else:
            index.remove(turn.removed)
        if variant != "says it before it is done":
            say("done", number)
    index.close()
    say("closed", STEPS[0])


# Seeded faults


def delete_from_the_indexes_alone() -> None:
    change = Catalogue.change

    def faulty(self: Catalogue, removed: Any, added: Any, vectors: Any, withdrawn: Any = (), **more: Any) -> Any:
        if added:
            return change(self, removed, added, vectors, withdrawn, **more)
        rows = frozenset(
            row for entry in self.documents() if entry.id in removed for row in self.rows_by_document()[entry.key]
        )
        return passage_index.Change(self.generation + 1, frozenset(removed), rows, (), ())

    Catalogue.change = faulty  # type: ignore[method-assign]


def write_without_transactions() -> None:
    @contextmanager
    def none(self: Database) -> Iterator[None]:
        yield

    Database.transaction = none  # type: ignore[method-assign]


def replace_in_two_transactions() -> None:
    """In the end all is as it should be, the generation too; in between the old is gone and the new not there."""
    change = Catalogue.change

    def faulty(self: Catalogue, removed: Any, added: Any, vectors: Any, withdrawn: Any = (), **more: Any) -> Any:
        if not removed or not added:
            return change(self, removed, added, vectors, withdrawn, **more)
        gone = change(self, removed, [], {}, withdrawn)
        self.set_facts(generation=str(gone.generation - 1))
        come = change(self, [], added, vectors)
        return dataclasses.replace(gone, added_documents=come.added_documents, added_passages=come.added_passages)

    Catalogue.change = faulty  # type: ignore[method-assign]


VARIANTS: dict[str, Callable[[], None]] = {
    "deletes from the indexes alone": delete_from_the_indexes_alone,
    "replaces in two transactions": replace_in_two_transactions,
    "writes without transactions": write_without_transactions,
}


# Death at a step

STEPS = [0]
STEPPED: tuple[tuple[Any, str], ...] = (
    (Database, "run"),
    (Database, "run_many"),
    (Catalogue, "change"),
    (LexicalIndex, "open"),
    (LexicalIndex, "change"),
    (LexicalIndex, "close"),
    (bm25, "_document"),
    (DenseIndex, "changed"),
    (DenseIndex, "build"),
    (passage_index, "Snapshot"),
    (artifacts, "discard"),
    (files.os, "fsync"),
    (files.os, "replace"),
)


def die_at_step(number: int) -> None:
    """End the process, without any tidying up, before or after the so manieth of the steps above."""

    def stepping(work: Callable[..., Any]) -> Callable[..., Any]:
        def stepped(*given: Any, **named: Any) -> Any:
            step(number)
            result = work(*given, **named)
            step(number)
            return result

        return stepped

    for owner, name in STEPPED:
        original = owner.__dict__[name]
        if isinstance(original, classmethod):
            setattr(owner, name, classmethod(stepping(original.__func__)))
        else:
            setattr(owner, name, stepping(original))


def step(last: int) -> None:
    STEPS[0] += 1
    if STEPS[0] == last:
        os._exit(137)


TOKENISER: list[Tokeniser] = []


def nursery() -> None:
    """Fork a process for each line of JSON arguments; say its number, and how it ended."""
    TOKENISER.append(small_tokeniser())
    say("ready")
    for line in sys.stdin:
        number = os.fork()
        if number == 0:
            signal.alarm(SECONDS)
            try:
                work(**json.loads(line))
            except BaseException as error:
                say("failed", repr(error).replace("\n", " "))
                os._exit(1)
            os._exit(0)
        say("process", number)
        _, status = os.waitpid(number, 0)
        say("ended", os.waitstatus_to_exitcode(status))


if __name__ == "__main__":
    nursery()
