"""What fails when: before the commit nothing is changed, after it all is served, on a full disk too."""

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from support_index import WordEncoder, check_sound, document_of
from support_opened_index import A, B, Open, found, home, index, opened

from index import passage_index
from index.artifacts import DerivedFiles
from index.dense import DenseIndex
from index.errors import IndexProblem, StorageFull
from index.lexical.bm25 import LexicalIndex
from index.lexical.integrity import DamagedIndex
from index.passage_index import PassageIndex
from index.store.catalogue import Catalogue

__all__ = ["home", "index", "opened"]  # the fixtures
ROOT = Path(__file__).parents[2]


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
    "lexical": (LexicalIndex, "change", DamagedIndex("No space left")),
    "dense": (DenseIndex, "changed", ValueError("dense")),
    "memory": (DenseIndex, "changed", MemoryError()),
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
    once(monkeypatch, LexicalIndex, "change", KeyboardInterrupt())
    with pytest.raises(KeyboardInterrupt):
        index.put([A])
    assert index.snapshot.generation == 0
    assert found(index, "甲社区") == []
    assert index.put([A, B]) == 2  # the id is known to the catalogue by now
    check_sound(index, {"a": A, "b": B})


def test_what_cannot_be_made_good_is_not_acknowledged_and_shown_with_the_next_change(
    index: PassageIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    once(monkeypatch, LexicalIndex, "change", DamagedIndex("No space left"))
    monkeypatch.setattr(DerivedFiles, "open_lexical", lambda self: (_ for _ in ()).throw(MemoryError()))
    with pytest.raises(MemoryError):
        index.put([A])
    assert index.snapshot.generation == 0
    monkeypatch.undo()
    assert index.remove(["a"]) == 2
    index.put([B])
    check_sound(index, {"b": B})


def test_a_lexical_index_that_fails_for_good_is_served_from_memory(
    index: PassageIndex, opened: Open, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    index.put([A])
    work = LexicalIndex.change

    def failing(self: LexicalIndex, removed: object, added: object) -> object:
        if self not in in_memory:
            raise DamagedIndex("No space left on device")
        return work(self, removed, added)  # type: ignore[arg-type]

    in_memory: list[LexicalIndex] = []
    make = LexicalIndex.in_memory

    def noted() -> LexicalIndex:
        in_memory.append(make())
        return in_memory[-1]

    monkeypatch.setattr(LexicalIndex, "change", failing)
    monkeypatch.setattr(LexicalIndex, "in_memory", noted)
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
    script.write_text(FULL_DISK.format(root=str(ROOT), tests=str(ROOT / "tests" / "support")), encoding="utf-8")
    mount = f"mount -t tmpfs -o size=8m none {quick_path}/disk"
    if subprocess.run(["unshare", "-rm", "sh", "-c", mount], capture_output=True, check=False).returncode:
        pytest.skip("no mount of one's own")
    command = f"{mount} && exec {sys.executable} {script} {quick_path}/disk"
    ended = subprocess.run(["unshare", "-rm", "sh", "-c", command], capture_output=True, text=True, check=False)
    assert ended.stdout.startswith("done"), ended.stdout + ended.stderr
