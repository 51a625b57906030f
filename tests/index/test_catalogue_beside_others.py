"""A catalogue beside other programs, on a full disk and on a failing one: each change whole or none."""

import random
import sqlite3
import threading
from pathlib import Path

import pytest
from support_catalogue import LAKE, PARK, catalogue, path, put
from support_index import document_of

from index.errors import IndexLocked, IndexUnusable, StorageFull
from index.store import database
from index.store.catalogue import Catalogue

__all__ = ["catalogue", "path"]  # the fixtures


def test_a_reader_sees_each_change_and_a_pinned_one_a_single_state(catalogue: Catalogue, path: Path) -> None:
    put(catalogue, LAKE)
    follower, pinned = Catalogue(path, writable=False), Catalogue(path, writable=False)
    pinned.pin()
    put(catalogue, PARK, removed=["lake"])
    assert ([entry.id for entry in follower.documents()], follower.generation) == (["park"], 2)
    assert ([entry.id for entry in pinned.documents()], pinned.generation) == (["lake"], 1)
    pinned.require_whole(pages=True)
    assert pinned.check() == []
    pinned.pin()
    assert ([entry.id for entry in pinned.documents()], pinned.generation) == (["park"], 2)
    follower.close()
    pinned.close()


def test_a_reader_cannot_write(catalogue: Catalogue, path: Path) -> None:
    reader = Catalogue(path, writable=False)
    with pytest.raises(IndexUnusable, match="readonly"):
        put(reader, PARK)
    reader.close()


def test_another_program_s_lock_is_named(catalogue: Catalogue, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    catalogue._database.run("PRAGMA busy_timeout = 20")
    with pytest.raises(IndexLocked, match=r"another program holds .*catalogue\.sqlite; nothing was changed"):
        put(catalogue, PARK)
    other.execute("COMMIT")
    other.close()
    assert put(catalogue, PARK).generation == 1


def test_a_full_disk_changes_nothing_and_deleting_works_again(catalogue: Catalogue) -> None:
    put(catalogue, PARK)
    ((pages,),) = catalogue._database.rows("PRAGMA page_count")
    catalogue._database.run(f"PRAGMA max_page_count = {pages + 2}")
    large = document_of("large", "社区。" * 20_000)
    with pytest.raises(StorageFull, match="nothing was changed; free some space and repeat"):
        put(catalogue, large)
    assert [entry.id for entry in catalogue.documents()] == ["park"]
    assert catalogue.check() == []
    catalogue.change(["park"], [], {})
    catalogue._database.run("PRAGMA max_page_count = 100000")
    assert put(catalogue, large).generation == 3


def test_after_a_failed_disk_nothing_more_is_written(catalogue: Catalogue, monkeypatch: pytest.MonkeyPatch) -> None:
    """A write that failed may or may not be on the disk: to go on would be to promise what nobody knows."""
    put(catalogue, PARK)

    class Failing:
        in_transaction = False

        def execute(self, statement: str, values: object = ()) -> object:
            error = sqlite3.OperationalError("disk I/O error")
            error.sqlite_errorcode = sqlite3.SQLITE_IOERR | 4 << 8  # SQLITE_IOERR_FSYNC
            raise error

    sound = catalogue._database._connection
    monkeypatch.setattr(catalogue._database, "_connection", Failing())
    with pytest.raises(IndexUnusable, match=r"its disk failed \(disk I/O error\); check the disk"):
        put(catalogue, LAKE)
    monkeypatch.setattr(catalogue._database, "_connection", sound)
    with pytest.raises(IndexUnusable, match="its disk failed before"):
        put(catalogue, LAKE)
    assert [entry.id for entry in catalogue.documents()] == ["park"]


def test_threads_may_share_a_reader(catalogue: Catalogue, path: Path) -> None:
    documents = [document_of(f"d{number}", f"第{number}个社区。") for number in range(50)]
    rows = [found.row for found in put(catalogue, *documents).added_passages]
    reader = Catalogue(path, writable=False)
    faults: list[object] = []

    def read(seed: int) -> None:
        choose = random.Random(seed)
        for _ in range(100):
            some = choose.sample(range(50), 5)
            with reader.reading():
                found = list(reader.passages([rows[at] for at in some]))
            if [one.passage.text for one in found] != [documents[at].text for at in sorted(some)]:
                faults.append(found)

    threads = [threading.Thread(target=read, args=(seed,)) for seed in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    reader.close()
    assert faults == []


def test_patience_is_short_enough_for_a_request() -> None:
    assert database._PATIENCE <= 5
