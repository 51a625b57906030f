"""The searchable whole: both legs level with the catalogue after any history, beside anybody, whatever fails when."""

import gc
import logging
import os
import random
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from support_index import (
    WordEncoder,
    brute_force,
    check_hits,
    check_sound,
    document_of,
    open_index,
    passages_of,
    texts_of,
)

from corpus.document import Document
from index import binding, passage_index
from index.catalogue import Catalogue
from index.dense import DenseLeg
from index.derived import DerivedFiles
from index.errors import IndexLocked, IndexProblem, IndexUnusable, StorageFull
from index.lexical import LexicalLeg
from index.lock import take_lock
from index.passage_index import PassageIndex, StaleSnapshot
from index.segments import DamagedLeg
from index.tokens import Tokeniser

ROOT = Path(__file__).parents[1]
A = document_of("a", "甲社区占地十亩。", "甲社区")
B = document_of("b", "乙园区有企业百家。", "乙园区")
LAKE = document_of("lake", "西湖在杭州。")
SNIPPET = document_of("lake~1", "别的文献。", parent="lake")

Open = Callable[..., PassageIndex]


@pytest.fixture
def home(quick_path: Path) -> Path:
    return quick_path / "home"


@pytest.fixture
def opened(home: Path, word_encoder: WordEncoder, small_tokeniser: Tokeniser) -> Iterator[Open]:
    """Opens the index of this test's home; all that are still open are closed in the end."""
    indexes: list[PassageIndex] = []

    def open_one(*, writable: bool = True, encoder: WordEncoder = word_encoder) -> PassageIndex:
        indexes.append(open_index(home, encoder, small_tokeniser, writable=writable))
        return indexes[-1]

    yield open_one
    for one in indexes:
        one.close()


@pytest.fixture
def index(opened: Open) -> PassageIndex:
    return opened()


def found(index: PassageIndex, question: str, leg: str = "lexical") -> list[str]:
    """Ids of the documents that one leg finds for a question, best first."""
    if leg == "lexical":
        hits = index.snapshot.lexical.search(index.tokeniser.words(question), "words", 10)
    else:
        hits = index.snapshot.dense.search(index.encoder.encode([question])[0], 10)
    passages = index.passages([hit.row for hit in hits])
    return [passages[hit.row].passage.document_id for hit in hits]


# Changes


def test_a_document_is_found_at_once_and_gone_at_once_from_both_legs(index: PassageIndex) -> None:
    assert index.put([A, B]) == 1
    assert found(index, "甲社区")[0] == found(index, "甲社区", "dense")[0] == "a"
    assert index.remove(["a"]) == 2
    assert found(index, "甲社区") == []
    assert found(index, "甲社区", "dense") == ["b"]
    check_sound(index, {"b": B})


def test_a_document_takes_the_place_of_the_one_with_its_id(index: PassageIndex) -> None:
    index.put([A, B])
    changed = document_of("a", "丙小镇在山里。", "丙小镇")
    assert index.put([changed]) == 2
    assert found(index, "甲社区") == []
    assert found(index, "小镇")[0] == "a"
    assert [entry.generation for entry in index.snapshot.documents.values()] == [1, 2]
    assert list(index.snapshot.documents) == ["b", "a"]
    check_sound(index, {"b": B, "a": changed})


def test_snippets_go_with_their_document(index: PassageIndex) -> None:
    index.put([LAKE, SNIPPET, A])
    index.put([LAKE])
    check_sound(index, {"a": A, "lake": LAKE})
    index.put([LAKE, SNIPPET])
    index.remove(["lake~1"])
    check_sound(index, {"a": A, "lake": LAKE})
    index.put([SNIPPET])
    index.remove(["lake"])
    check_sound(index, {"a": A})


def test_of_two_documents_with_one_id_the_later_is_kept(index: PassageIndex) -> None:
    later = document_of("a", "后来的。")
    index.put([A, B, later])
    check_sound(index, {"a": later, "b": B})


def test_nothing_to_do_makes_no_generation(index: PassageIndex) -> None:
    index.put([A])
    assert index.put([]) == index.remove([]) == index.remove(["unknown", "b"]) == 1
    assert index.snapshot.generation == 1


def test_a_text_is_encoded_once(index: PassageIndex, word_encoder: WordEncoder) -> None:
    index.put([A, document_of("copy", A.text, A.title)])
    assert word_encoder.encoded == 1
    index.put([A])
    index.put([document_of("other", A.text, A.title), B])
    assert word_encoder.encoded == 2
    check_sound(
        index,
        {"copy": document_of("copy", A.text, A.title), "a": A, "b": B}
        | {"other": document_of("other", A.text, A.title)},
    )


def test_a_document_without_passages_is_kept(index: PassageIndex) -> None:
    bare = Document("bare", "只有标题", "只有标题", ())
    index.put([bare, A])
    check_sound(index, {"bare": bare, "a": A})
    assert index.snapshot.rows_of(["bare"]) == frozenset()
    index.remove(["bare"])
    check_sound(index, {"a": A})


def test_rows_of_documents(index: PassageIndex) -> None:
    index.put([A, B, document_of("long", "社区。" * 300)])
    rows = {name: index.snapshot.rows_of([name]) for name in ("a", "b", "long")}
    assert [len(rows[name]) for name in rows] == [1, 1, len(passages_of([document_of("long", "社区。" * 300)])["long"])]
    assert (
        index.snapshot.rows_of(["a", "b", "long", "unknown"])
        == frozenset().union(*rows.values())
        == index.snapshot.dense.rows
    )
    question = index.encoder.encode(["社区"])[0]
    assert {hit.row for hit in index.snapshot.dense.search(question, 99, index.snapshot.rows_of(["a", "b"]))} == rows[
        "a"
    ] | rows["b"]


def test_an_empty_index_answers_nothing(index: PassageIndex, opened: Open) -> None:
    for one in (index, opened(writable=False)):
        assert (found(one, "甲"), found(one, "甲", "dense"), one.passages([])) == ([], [], {})
        check_sound(one, {})
        assert one.snapshot.generation == 0


def test_texts_of_every_kind_come_back(index: PassageIndex, opened: Open) -> None:
    odd = {
        name: document_of(name, text)
        for name, text in {
            "astral": "𠮷祥社区在𠮷林。🏙️👨‍👩‍👧",
            "controls": "一\x01二\x7f三\u2028四\ufeff五",
            "latin": "linkpark M0 A/B 3.14% <script>",
            "quotes": "\"'`; DROP TABLE documents; --",
            "long": "没有标点的长文" * 3000,
            "编号": "以汉字为编号。",
        }.items()
    }
    index.put(list(odd.values()))
    check_sound(index, odd)
    index.close()
    check_sound(opened(), odd)


# Snapshots


def test_an_old_snapshot_goes_on_answering_or_says_that_it_is_stale(index: PassageIndex) -> None:
    index.put([A, B])
    old = index.snapshot
    index.remove(["a"])
    rows = [hit.row for hit in old.lexical.search(["社区", "园区"], "words", 5)]
    assert len(rows) == 2
    assert old.dense.rows == old.lexical.rows() == set(rows)
    with pytest.raises(StaleSnapshot, match="1 passages were deleted meanwhile"):
        index.passages(rows)
    with pytest.raises(StaleSnapshot, match="a was replaced or deleted meanwhile"):
        index.document(old.documents["a"])
    assert index.document(old.documents["b"]) == B


def test_what_was_read_before_the_deletion_is_still_at_hand(index: PassageIndex) -> None:
    index.put([A])
    old = index.snapshot
    rows = old.dense.rows
    read, document = index.passages(rows), index.document(old.documents["a"])
    index.remove(["a"])
    assert (index.passages(rows), index.document(old.documents["a"])) == (read, document)


def test_threads_that_ask_while_documents_change_see_one_generation_each(index: PassageIndex) -> None:
    """Every change replaces all five documents by ones that name their generation: no answer may name two."""
    names = [f"d{number}" for number in range(5)]

    def put(turn: int) -> None:
        assert index.put([document_of(name, f"社区 turn{turn} {name}。") for name in names]) == turn

    put(1)
    faults: list[object] = []
    answered = [0, 0]
    done = threading.Event()

    def ask(leg: int) -> None:
        question = index.encoder.encode(["社区"])[0]
        while not done.is_set():
            snapshot = index.snapshot
            try:
                if leg:
                    rows = [hit.row for hit in snapshot.dense.search(question, 50)]
                else:
                    rows = [hit.row for hit in snapshot.lexical.search(["社区"], "words", 50)]
                passages = index.passages(rows).values()
                texts = {one.passage.text.rsplit(" ", 1)[0] for one in passages}
                documents = {index.document(entry).text.rsplit(" ", 1)[0] for entry in snapshot.documents.values()}
            except StaleSnapshot:
                continue
            except Exception as error:
                faults.append(error)
                return
            answered[leg] += 1
            if texts != {f"社区 turn{snapshot.generation}"} or documents != texts or len(rows) != 5:
                faults.append((snapshot.generation, texts, documents, rows))

    threads = [threading.Thread(target=ask, args=(number % 2,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for turn in range(2, 22):
        put(turn)
    time.sleep(0.2)
    done.set()
    for thread in threads:
        thread.join()
    assert faults == []
    assert min(answered) > 5


def test_threads_that_change_take_turns(index: PassageIndex) -> None:
    generations: list[int] = []

    def work(number: int) -> None:
        for turn in range(4):
            generations.append(index.put([document_of(f"d{number}", f"第{turn}次。")]))
            if turn % 2:
                generations.append(index.remove([f"d{number}"]))

    threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(generations) == list(range(1, 25))
    check_sound(index, {})


# Opening and closing


def test_all_is_there_after_closing_and_opening(index: PassageIndex, opened: Open) -> None:
    index.put([A, LAKE, SNIPPET])
    index.remove(["a"])
    index.put([B])
    index.close()
    for writable in (True, False):
        again = opened(writable=writable)
        assert again.snapshot.generation == 3
        assert list(again.snapshot.documents) == ["lake", "lake~1", "b"]
        check_sound(again, {"lake": LAKE, "lake~1": SNIPPET, "b": B})
        again.close()


def test_closing_twice_is_closing_once_and_a_closed_index_says_so(index: PassageIndex, opened: Open) -> None:
    index.put([A])
    index.close()
    index.close()
    other = opened()
    index.close()
    for deed in (lambda: index.put([B]), lambda: index.remove(["a"]), index.withdrawn, lambda: index.passages([7])):
        with pytest.raises(IndexUnusable, match="it is closed"):
            deed()
    other.put([B])
    check_sound(other, {"a": A, "b": B})


def test_a_reader_cannot_change_anything(index: PassageIndex, opened: Open) -> None:
    reader = opened(writable=False)
    for deed in (lambda: reader.put([A]), lambda: reader.remove(["a"])):
        with pytest.raises(RuntimeError, match="reading only"):
            deed()


def test_a_second_writer_is_refused_and_told_by_whom(index: PassageIndex, opened: Open, home: Path) -> None:
    with pytest.raises(IndexLocked, match=rf"process {os.getpid()} is writing .*PUT /v1/documents/ID"):
        opened()
    index.put([A])
    index.close()
    opened().close()
    take_lock(home).close()


def test_an_open_that_fails_gives_everything_back(
    index: PassageIndex, opened: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    index.put([A])
    index.close()
    gc.collect()
    before = len(os.listdir("/proc/self/fd"))

    def fails(self: DerivedFiles) -> DenseLeg:
        raise MemoryError

    monkeypatch.setattr(DerivedFiles, "open_dense", fails)
    for _ in range(3):
        with pytest.raises(MemoryError):
            opened()
    monkeypatch.undo()
    gc.collect()
    assert len(os.listdir("/proc/self/fd")) <= before
    check_sound(opened(), {"a": A})


@pytest.mark.parametrize("kind", ["file", "readonly"])
def test_a_home_that_cannot_be_written_is_one_clear_error(
    home: Path, opened: Open, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    if kind == "file":
        home.write_text("no folder", encoding="utf-8")
    else:

        def refused(*_: object, **__: object) -> None:
            raise PermissionError(13, "Permission denied")

        monkeypatch.setattr(Path, "mkdir", refused)
    with pytest.raises(IndexUnusable, match=r"it cannot be written .*RAG_HOME"):
        opened()


def test_another_encoder_is_refused_with_what_mends_it(index: PassageIndex, opened: Open) -> None:
    index.put([A])
    index.close()
    for writable in (True, False):
        with pytest.raises(IndexUnusable, match=r"built with encoder words, .* now is other .*rag index build"):
            opened(writable=writable, encoder=WordEncoder("other"))
    check_sound(opened(), {"a": A})


def test_another_splitter_is_refused_with_what_mends_it(
    index: PassageIndex, opened: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    index.close()
    monkeypatch.setattr(binding, "SPLITTER_VERSION", "99")
    with pytest.raises(IndexUnusable, match=r"cut by splitter .*, this version has 99; cut .*rag index build"):
        opened()


def test_a_reader_before_any_writer_is_told_to_build(opened: Open) -> None:
    with pytest.raises(IndexUnusable, match="holds no catalogue; build it with: rag index build"):
        opened(writable=False)


# What fails when


class BadEncoder(WordEncoder):
    """An encoder that gives something wrong for one word."""

    def __init__(self, wrong: object) -> None:
        super().__init__()
        self.wrong = wrong

    def encode(self, texts: Sequence[str], kind: str = "passage") -> NDArray[np.float32]:
        vectors = super().encode(texts, kind)
        if any("坏" in text for text in texts):
            if self.wrong == "shape":
                return vectors[:, 1:]
            vectors[-1] = self.wrong
        return vectors


@pytest.mark.parametrize("wrong", [np.nan, np.inf, 3.0, "shape"])
def test_vectors_that_are_none_are_refused_before_anything_changes(opened: Open, wrong: object) -> None:
    index = opened(encoder=BadEncoder(wrong))
    index.put([A])
    with pytest.raises(IndexProblem, match=r"encoder words gave .*RAG_ENCODER"):
        index.put([B, document_of("bad", "坏。")])
    assert index.put([B]) == 2
    check_sound(index, {"a": A, "b": B})


def once(
    monkeypatch: pytest.MonkeyPatch, owner: type, name: str, error: BaseException, before: bool = True
) -> list[int]:
    """Let a method fail at its next call, before or after it does its work; the list counts the failures."""
    work = getattr(owner, name)
    failures: list[int] = []

    def failing(self: object, *given: object, **named: object) -> object:
        if failures:
            return work(self, *given, **named)
        failures.append(1)
        if not before:
            work(self, *given, **named)
        raise error

    monkeypatch.setattr(owner, name, failing)
    return failures


AFTER_COMMIT = {
    "lexical": (LexicalLeg, "change", DamagedLeg("No space left")),
    "dense": (DenseLeg, "changed", ValueError("dense")),
    "memory": (DenseLeg, "changed", MemoryError()),
}


@pytest.mark.parametrize("late", [False, True])
@pytest.mark.parametrize("step", AFTER_COMMIT)
def test_what_fails_after_the_commit_is_made_good_before_the_answer(
    index: PassageIndex, opened: Open, monkeypatch: pytest.MonkeyPatch, step: str, late: bool
) -> None:
    """The catalogue has the change, so it is acknowledged, and so it must be served."""
    index.put([A])
    owner, name, error = AFTER_COMMIT[step]
    failures = once(monkeypatch, owner, name, error, before=not late)
    changed = document_of("a", "改过的社区。")
    assert index.put([changed, B]) == 2
    assert failures
    check_sound(index, {"a": changed, "b": B})
    assert index.remove(["a"]) == 3
    check_sound(index, {"b": B})
    index.close()
    check_sound(opened(), {"b": B})


def test_an_interrupt_after_the_commit_leaves_nothing_half(
    index: PassageIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    once(monkeypatch, LexicalLeg, "change", KeyboardInterrupt())
    with pytest.raises(KeyboardInterrupt):
        index.put([A])
    assert index.snapshot.generation == 0
    assert found(index, "甲社区") == []
    assert index.put([A, B]) == 2  # the id is known to the catalogue by now
    check_sound(index, {"a": A, "b": B})


def test_what_cannot_be_made_good_is_not_acknowledged_and_shown_with_the_next_change(
    index: PassageIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    once(monkeypatch, LexicalLeg, "change", DamagedLeg("No space left"))
    monkeypatch.setattr(DerivedFiles, "open_lexical", lambda self: (_ for _ in ()).throw(MemoryError()))
    with pytest.raises(MemoryError):
        index.put([A])
    assert index.snapshot.generation == 0
    monkeypatch.undo()
    assert index.remove(["a"]) == 2
    index.put([B])
    check_sound(index, {"b": B})


def test_a_lexical_leg_that_fails_for_good_is_served_from_memory(
    index: PassageIndex, opened: Open, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    index.put([A])
    work = LexicalLeg.change

    def failing(self: LexicalLeg, removed: object, added: object) -> object:
        if self not in in_memory:
            raise DamagedLeg("No space left on device")
        return work(self, removed, added)  # type: ignore[arg-type]

    in_memory: list[LexicalLeg] = []
    make = LexicalLeg.in_memory

    def noted() -> LexicalLeg:
        in_memory.append(make())
        return in_memory[-1]

    monkeypatch.setattr(LexicalLeg, "change", failing)
    monkeypatch.setattr(LexicalLeg, "in_memory", noted)
    for number in range(3):
        index.put([document_of(f"d{number}", f"第{number}篇社区。")])
    assert len(in_memory) == 1
    expected = {"a": A} | {f"d{number}": document_of(f"d{number}", f"第{number}篇社区。") for number in range(3)}
    check_sound(index, expected)
    index.close()
    monkeypatch.undo()
    assert any("serving it from memory" in message for message in caplog.messages)
    check_sound(opened(), expected)


def test_a_change_that_the_disk_refuses_changes_nothing(index: PassageIndex, monkeypatch: pytest.MonkeyPatch) -> None:
    index.put([A])
    once(monkeypatch, Catalogue, "change", StorageFull("full"))
    with pytest.raises(StorageFull):
        index.put([B])
    check_sound(index, {"a": A})
    assert index.put([B]) == 2


def test_deleting_gives_the_reserve_back_to_a_full_disk(
    index: PassageIndex, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    index.put([A, B])
    assert (home / "reserve").stat().st_size == passage_index.RESERVED
    once(monkeypatch, Catalogue, "change", StorageFull("full"))
    assert index.remove(["a"]) == 2
    assert not (home / "reserve").exists()
    once(monkeypatch, Catalogue, "change", StorageFull("full"))
    with pytest.raises(StorageFull):
        index.remove(["b"])
    index.put([A])
    assert (home / "reserve").stat().st_size == passage_index.RESERVED
    check_sound(index, {"a": A, "b": B})


FULL_DISK = """
import sys
sys.path[:0] = [{root!r}, {tests!r}]
from pathlib import Path
from support_index import *
from index.errors import StorageFull
home, encoder, tokeniser = Path(sys.argv[1]) / "home", WordEncoder(), small_tokeniser()
index = open_index(home, encoder, tokeniser)
large = [document_of(f"d{{n}}", f"第{{n}}个产业社区。" * 300) for n in range(200)]
held = {{}}
try:
    for one in large:
        index.put([one])
        held[one.id] = one
except StorageFull as error:
    assert "nothing was changed" in str(error), error
assert 0 < len(held) < 200, len(held)
check_sound(index, held)
filler = home / "filler"
with open(filler, "wb", buffering=0) as file:
    try:
        while file.write(bytes(512)): pass
    except OSError: pass
for name in list(held)[:3]:
    index.remove([name])
    del held[name]
    check_sound(index, held)
filler.unlink()
index.remove(list(held)[3:])
held = dict(list(held.items())[:3])
index.put([large[-1]])
held[large[-1].id] = large[-1]
check_sound(index, held)
index.close()
index = open_index(home, encoder, tokeniser)
check_sound(index, held)
index.close()
print("done", len(held))
"""


def test_a_disk_that_is_really_full(quick_path: Path) -> None:
    """On a small disk in memory, which needs a mount of one's own; skipped where the system gives none."""
    (quick_path / "disk").mkdir()
    script = quick_path / "script.py"
    script.write_text(FULL_DISK.format(root=str(ROOT), tests=str(ROOT / "tests")), encoding="utf-8")
    mount = f"mount -t tmpfs -o size=8m none {quick_path}/disk"
    if subprocess.run(["unshare", "-rm", "sh", "-c", mount], capture_output=True, check=False).returncode:
        pytest.skip("no mount of one's own")
    command = f"{mount} && exec {sys.executable} {script} {quick_path}/disk"
    ended = subprocess.run(["unshare", "-rm", "sh", "-c", command], capture_output=True, text=True, check=False)
    assert ended.stdout.startswith("done"), ended.stdout + ended.stderr


# Beside a writer


WRITER = """
import sys
sys.path[:0] = [{root!r}, {tests!r}]
from pathlib import Path
from support_index import *
index = open_index(Path(sys.argv[1]), WordEncoder(), small_tokeniser())
print("ready", flush=True)
for turn in range(10**6):
    text = f"第{{turn}}个社区。" * (1 + turn % 3)
    index.put([document_of(f"d{{turn % 7}}", text), document_of("turn", f"turn{{turn}}")])
    if turn % 5 == 4:
        index.remove([f"d{{turn % 3}}"])
"""


def test_readers_beside_a_writer_in_another_process_are_never_wrong(
    home: Path,
    quick_path: Path,
    word_encoder: WordEncoder,
    small_tokeniser: Tokeniser,
    caplog: pytest.LogCaptureFixture,
) -> None:
    script = quick_path / "writer.py"
    script.write_text(WRITER.format(root=str(ROOT), tests=str(ROOT / "tests")), encoding="utf-8")
    writer = subprocess.Popen([sys.executable, str(script), str(home)], stdout=subprocess.PIPE, text=True)
    try:
        assert writer.stdout
        assert writer.stdout.readline() == "ready\n"
        generations = []
        with caplog.at_level(logging.WARNING):
            for _ in range(12):
                index = open_index(home, word_encoder, small_tokeniser, writable=False)
                generations.append(index.snapshot.generation)
                assert index.verify() == []
                texts = texts_of(index.snapshot, index)
                assert index.snapshot.lexical.rows() == index.snapshot.dense.rows
                time.sleep(0.05)
                assert index.verify() == []
                assert texts_of(index.snapshot, index) == texts
                index.close()
        assert generations == sorted(generations)
        assert generations[0] < generations[-1]
        with pytest.raises(IndexLocked, match=f"process {writer.pid}"):
            open_index(home, word_encoder, small_tokeniser)
        assert writer.poll() is None
    finally:
        writer.kill()
        writer.communicate()
    open_index(home, word_encoder, small_tokeniser).close()
    assert caplog.messages == []


READ_ONLY = """
import sys
sys.path[:0] = [{root!r}, {tests!r}]
from pathlib import Path
from support_index import *
from index.errors import IndexUnusable
home = Path(sys.argv[1])
index = open_index(home, WordEncoder(), small_tokeniser(), writable=False)
check_sound(index, {{"a": document_of("a", "甲社区占地十亩。", "甲社区")}})
index.close()
try:
    open_index(home, WordEncoder(), small_tokeniser())
except IndexUnusable as error:
    print("refused", error)
"""


def test_an_index_on_a_disk_that_cannot_be_written_can_be_read(
    tmp_path: Path, word_encoder: WordEncoder, small_tokeniser: Tokeniser
) -> None:
    home, script = tmp_path / "home", tmp_path / "script.py"
    index = open_index(home, word_encoder, small_tokeniser)
    index.put([A])
    index.close()
    script.write_text(READ_ONLY.format(root=str(ROOT), tests=str(ROOT / "tests")), encoding="utf-8")
    mount = f"mount --bind {home} {home} && mount -o remount,bind,ro {home}"
    if subprocess.run(["unshare", "-rm", "sh", "-c", mount], capture_output=True, check=False).returncode:
        pytest.skip("no mount of one's own")
    command = f"{mount} && exec {sys.executable} {script} {home}"
    ended = subprocess.run(["unshare", "-rm", "sh", "-c", command], capture_output=True, text=True, check=False)
    assert ended.stdout.startswith("refused"), ended.stdout + ended.stderr
    assert "it cannot be written" in ended.stdout


# Verifying


def test_verify_finds_what_does_not_belong_together(index: PassageIndex, monkeypatch: pytest.MonkeyPatch) -> None:
    index.put([A, B])
    assert index.verify() == []
    index._lexical.change([min(index.snapshot.dense.rows)], [])
    object.__setattr__(index.snapshot, "lexical", index._lexical.reader())
    assert index.verify() == ["the lexical leg misses 1 passages and holds 0 too many"]
    object.__setattr__(index.snapshot, "dense", DenseLeg.build([1], np.eye(1, 32, dtype=np.float32), 32))
    assert "the dense leg misses 2 passages and holds 1 too many" in index.verify()


def test_verify_finds_a_vector_of_another_text(opened: Open) -> None:
    class Changing(WordEncoder):
        turned = 0

        def encode(self, texts: Sequence[str], kind: str = "passage") -> NDArray[np.float32]:
            return np.roll(super().encode(texts, kind), self.turned, axis=1)

    encoder = Changing()
    index = opened(encoder=encoder)
    index.put([A, B])
    assert index.verify() == []
    encoder.turned = 1
    assert index.verify() == [
        f"passage {name}:0-{len(text)} has a vector that the encoder does not give"
        for name, text in (("a", A.text), ("b", B.text))
    ]


# Parity


def test_both_legs_give_what_brute_force_gives(index: PassageIndex, word_encoder: WordEncoder) -> None:
    choose = random.Random(7)
    letters = "产业社区占地企业园区亩家杭州"
    documents = {
        f"d{n}": document_of(f"d{n}", "".join(choose.choices(letters, k=choose.randint(3, 60))) + "。")
        for n in range(60)
    }
    index.put(list(documents.values()))
    index.remove([f"d{n}" for n in range(0, 60, 7)])
    documents = {name: one for name, one in documents.items() if int(name[1:]) % 7}
    index.put([documents["d5"], documents["d6"]])
    rows = {one.passage.id: row for row, one in index.passages(index.snapshot.dense.rows).items()}
    for question in ("占地多少亩", "杭州园区", "企业"):
        vector = word_encoder.encode([question])[0]
        scores = {rows[name]: score for name, score in brute_force(documents.values(), word_encoder, vector).items()}
        for k in (1, 10, 100):
            check_hits(index.snapshot.dense.search(vector, k), scores, k)
