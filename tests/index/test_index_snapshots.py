"""Snapshots: one state each, whoever changes the index meanwhile, in a thread or in another process."""

import logging
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from support_index import WordEncoder, check_sound, document_of, open_index, texts_of
from support_opened_index import A, B, home, index, opened
from support_waiting import wait_until

from index.errors import IndexLocked
from index.lexical.tokeniser import Tokeniser
from index.passage_index import PassageIndex, StaleSnapshot

__all__ = ["home", "index", "opened"]  # the fixtures
ROOT = Path(__file__).parents[2]
MOST_READINGS = 200  # in which another process must have written something


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

    def ask(which: int) -> None:
        question = index.encoder.encode(["社区"])[0]
        while not done.is_set():
            snapshot = index.snapshot
            try:
                if which:
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
            answered[which] += 1
            if texts != {f"社区 turn{snapshot.generation}"} or documents != texts or len(rows) != 5:
                faults.append((snapshot.generation, texts, documents, rows))

    threads = [threading.Thread(target=ask, args=(number % 2,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for turn in range(2, 22):
        put(turn)
    wait_until(lambda: faults or min(answered) > 5)
    done.set()
    for thread in threads:
        thread.join()
    assert faults == []


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
    script.write_text(WRITER.format(root=str(ROOT), tests=str(ROOT / "tests" / "support")), encoding="utf-8")
    writer = subprocess.Popen([sys.executable, str(script), str(home)], stdout=subprocess.PIPE, text=True)
    try:
        assert writer.stdout
        assert writer.stdout.readline() == "ready\n"
        generations = []
        with caplog.at_level(logging.WARNING):
            while len(generations) < 12 or generations[0] == generations[-1]:
                assert len(generations) < MOST_READINGS, "the writer does not write"
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
        with pytest.raises(IndexLocked, match=f"process {writer.pid}"):
            open_index(home, word_encoder, small_tokeniser)
        assert writer.poll() is None
    finally:
        writer.kill()
        writer.communicate()
    open_index(home, word_encoder, small_tokeniser).close()
    assert caplog.messages == []
