"""Any history of the index: changes, restarts, deaths, lost and damaged files, against a dictionary and brute force."""

import os
import random
import shutil
from contextlib import ExitStack
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from support_index import (
    WordEncoder,
    brute_force,
    check_hits,
    check_sound,
    document_of,
    open_index,
    quick_folder,
    small_tokeniser,
)

from corpus.document import Document
from corpus.passage import split
from index import dense
from index.lexical.tokeniser import Tokeniser
from index.passage_index import PassageIndex

IDS = st.sampled_from(["a", "b", "c", "d", "a~1", "b~1"])
TEXTS = st.one_of(
    st.text("产业社区占地亩𠮷。ab1 \n", min_size=1, max_size=30).filter(str.strip),
    st.builds(lambda number: f"第{number}个产业社区。\n\n" * 40, st.integers(0, 5)),
    st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1, max_size=20).filter(
        str.strip
    ),
)
QUESTIONS = st.sampled_from(["产业社区", "占地", "a", "第1个", "𠮷"])
TOKENISER: list[Tokeniser] = []


class Histories(RuleBasedStateMachine):
    """One home on disk, and a dictionary of what must be in it."""

    def __init__(self) -> None:
        super().__init__()
        self.stack = ExitStack()
        self.home = self.stack.enter_context(quick_folder()) / "home"
        self.encoder = WordEncoder()
        self.held: dict[str, Document] = {}
        self.generation = 0
        self.index: PassageIndex | None = None
        if not TOKENISER:
            TOKENISER.append(small_tokeniser())

    def teardown(self) -> None:
        if self.index:
            self.index.close()
        self.stack.close()

    def opened(self) -> PassageIndex:
        if not self.index:
            self.index = open_index(self.home, self.encoder, TOKENISER[0])
            assert self.index.snapshot.generation == self.generation
        return self.index

    @initialize()
    def begin(self) -> None:
        self.opened()

    @rule(texts=st.dictionaries(IDS, TEXTS, min_size=1, max_size=3))
    def put(self, texts: dict[str, str]) -> None:
        documents = [document_of(name, text, parent=name[0] if "~" in name else None) for name, text in texts.items()]
        generation = self.opened().put(documents)
        assert generation == self.generation + 1
        self.generation = generation
        replaced = texts.keys() & self.held.keys()
        gone = {name for name, one in self.held.items() if {name, one.parent} & replaced}
        self.held = {name: one for name, one in self.held.items() if name not in gone}
        self.held |= {one.id: one for one in documents}

    @rule(names=st.sets(IDS, max_size=3))
    def remove(self, names: set[str]) -> None:
        known = names & self.held.keys()
        generation = self.opened().remove(names)
        assert generation == self.generation + bool(known)
        self.generation = generation
        self.held = {name: one for name, one in self.held.items() if not {name, one.parent} & known}

    @rule()
    def restart(self) -> None:
        self.opened().close()
        self.index = None

    @rule()
    def die(self) -> None:
        """The process is gone: nothing is saved, the system gives back what it held."""
        index = self.opened()
        index._lexical.close()
        index._held.pop_all().close()
        self.index = None

    @rule(choice=st.integers(0, 10**6), deed=st.sampled_from(["remove", "flip", "cut", "folder"]))
    @precondition(lambda self: self.index is None)
    def lose_or_damage_a_derived_file(self, choice: int, deed: str) -> None:
        choose = random.Random(choice)
        files = sorted(path for path in (self.home / "derived").rglob("*") if path.is_file() and path.stat().st_size)
        if deed == "folder":
            shutil.rmtree(self.home / "derived", ignore_errors=True)
        elif files:
            damage(choose.choice(files), deed, choose)

    @rule(question=QUESTIONS, k=st.integers(1, 30), some=st.sets(IDS, min_size=1, max_size=3), narrow=st.booleans())
    def ask(self, question: str, k: int, some: set[str], narrow: bool) -> None:
        index = self.opened()
        rows = {one.passage.id: row for row, one in index.passages(index.snapshot.dense.rows).items()}
        wanted = [one for name, one in self.held.items() if not narrow or name in some]
        vector = self.encoder.encode([question])[0]
        scores = {rows[name]: score for name, score in brute_force(wanted, self.encoder, vector).items()}
        check_hits(index.snapshot.dense.search(vector, k, index.snapshot.rows_of(some) if narrow else None), scores, k)
        words = index.tokeniser.words(question)
        hits = index.snapshot.lexical.search(words, "words", 1000, some if narrow else None)
        holding = {rows[name] for name in self.holding(wanted, words)}
        assert {hit.row for hit in hits} == holding
        assert index.snapshot.lexical.search(words, "words", k, some if narrow else None) == hits[:k]

    def holding(self, documents: list[Document], words: list[str]) -> set[str]:
        """Passages whose text or title has one of the words."""
        from corpus.folding import fold

        found = set()
        for document in documents:
            for passage in split(document):
                tokens = {
                    word for text in (document.title, passage.text) for word in TOKENISER[0].words(fold(text).text)
                }
                if tokens & set(words):
                    found.add(passage.id)
        return found

    @rule()
    def read_beside(self) -> None:
        reader = open_index(self.home, self.encoder, TOKENISER[0], writable=False)
        assert reader.snapshot.generation == self.generation
        check_sound(reader, self.held)
        reader.close()

    @invariant()
    def both_legs_hold_what_the_dictionary_holds(self) -> None:
        if self.index:
            check_sound(self.index, self.held)
            assert list(self.index.snapshot.documents) == list(self.held)


def damage(path: Path, deed: str, choose: random.Random) -> None:
    content = bytearray(path.read_bytes())
    if deed == "remove":
        path.unlink()
    elif deed == "cut":
        path.write_bytes(content[: choose.randrange(len(content))])
    else:
        content[choose.randrange(len(content))] ^= 1 << choose.randrange(8)
        path.write_bytes(content)


@pytest.fixture(autouse=True)
def small_sizes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Compaction after a few changes, another structure after a few passages."""
    monkeypatch.setattr(dense, "COMPACT_AFTER", 6)
    monkeypatch.setattr(dense, "STRUCTURES", ((0, "Flat"), (8, "SQfp16")))


def test_any_history(monkeypatch: pytest.MonkeyPatch) -> None:
    """HISTORIES=500 for a long run."""
    from hypothesis.stateful import run_state_machine_as_test

    run_state_machine_as_test(
        Histories,
        settings=settings(
            max_examples=int(os.environ.get("HISTORIES", "12")),
            stateful_step_count=14,
            derandomize="HISTORIES" not in os.environ,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )


def test_the_dictionary_s_words_are_the_tokeniser_s() -> None:
    """The oracle itself: a document of two passages, one of which holds the word."""
    machine = Histories()
    try:
        text = "甲。" * 80 + "\n\n" + "乙社区。" * 50
        document = document_of("a", text)
        assert 0 < len(machine.holding([document], ["社区"])) < len(split(document))
        vector = machine.encoder.encode(["甲"])[0]
        scores = brute_force([document], machine.encoder, vector)
        assert np.isclose(max(scores.values()), 1, atol=0.2)
    finally:
        machine.teardown()
