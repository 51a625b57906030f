"""The catalogue: whole changes or none, rows for ever, and no damaged letter read as if it were right."""

import os
import random
import sqlite3
import threading
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support_index import document_of, quick_folder

from corpus.document import Attribution, Document, InvalidDocument, Section, Source
from corpus.passage import split
from index import database
from index.catalogue import Catalogue, Change, NewDocument
from index.dense import Vectors
from index.errors import IndexLocked, IndexProblem, IndexUnusable, StorageFull

D = 4


def new(document: Document, origin: str = "user") -> NewDocument:
    """Ready to be kept; a passage's text is its hash."""
    passages = split(document)
    return NewDocument(document, passages, [passage.text for passage in passages], origin)


def vectors_of(*documents: NewDocument) -> dict[str, Vectors]:
    """The vector of a text: its first four letters as numbers."""
    hashes = {digest for document in documents for digest in document.hashes}
    return {digest: np.array([ord(c) % 64 for c in digest[:D].ljust(D)], np.float32) / 64 for digest in hashes}


def put(catalogue: Catalogue, *documents: Document, removed: Sequence[str] = (), origin: str = "user") -> Change:
    ready = [new(document, origin) for document in documents]
    vectors = vectors_of(*ready)
    known = catalogue.known_hashes(vectors)
    return catalogue.change(removed, ready, {one: vector for one, vector in vectors.items() if one not in known})


@pytest.fixture
def path(quick_path: Path) -> Path:
    return quick_path / "catalogue.sqlite"


@pytest.fixture
def catalogue(path: Path) -> Iterator[Catalogue]:
    opened = Catalogue(path, writable=True)
    yield opened
    opened.close()


LAKE = Document(
    "lake",
    "西湖",
    "西湖在杭州。\n𠮷日可游。",
    (Section(("概况", "位置"), 0, 6), Section(("游览",), 7, 12)),
    sources={"a": Source("西湖志", date="2020"), "b": Source("游记", date="2021-05")},
    attributions=(Attribution(0, 6, ("a",)),),
    aliases=("西子湖",),
    kind="lake",
    districts=("西湖区",),
)
PARK = document_of("park", "公园占地八十亩。", "公园")
SNIPPET = document_of("lake~1", "别的文献。", parent="lake")


def test_what_is_put_comes_back_whole(catalogue: Catalogue) -> None:
    change = put(catalogue, LAKE, origin="bundled")
    (entry,) = catalogue.documents()
    assert change.added_documents == (entry,)
    assert (entry.id, entry.title, entry.names, entry.kind) == ("lake", "西湖", "西湖 西子湖", "lake")
    assert (entry.date, entry.characters, entry.origin, entry.generation) == ("2021-05", 12, "bundled", 1)
    assert (entry.districts, entry.content_hash, entry.parent) == (("西湖区",), LAKE.content_hash, None)
    assert catalogue.document(entry.key) == LAKE
    assert catalogue.document(entry.key + 1) is None
    assert tuple(catalogue.passages()) == change.added_passages
    assert [found.passage for found in catalogue.passages()] == split(LAKE)
    assert {found.document_key for found in catalogue.passages()} == {entry.key}


def test_generations_count_changes(catalogue: Catalogue) -> None:
    assert catalogue.generation == 0
    assert [put(catalogue, LAKE).generation, put(catalogue, PARK).generation] == [1, 2]
    assert catalogue.change(["lake"], [], {}).generation == catalogue.generation == 3


def test_a_removed_document_goes_with_its_passages_vectors_and_snippets(catalogue: Catalogue) -> None:
    put(catalogue, LAKE, SNIPPET, PARK)
    change = catalogue.change(["lake", "unknown"], [], {})
    assert change.removed_documents == {"lake", "lake~1"}
    assert len(change.removed_rows) == 3
    assert [entry.id for entry in catalogue.documents()] == ["park"]
    assert [found.passage.document_id for found in catalogue.passages()] == ["park"]
    assert catalogue.known_hashes([PARK.text, LAKE.text[:6], SNIPPET.text]) == {PARK.text}
    assert catalogue.check() == []


def test_a_vector_stays_while_any_passage_uses_it(catalogue: Catalogue) -> None:
    put(catalogue, PARK, document_of("copy", PARK.text))
    catalogue.change(["park"], [], {})
    assert catalogue.known_hashes([PARK.text]) == {PARK.text}
    put(catalogue, PARK, removed=["copy"])  # the last user goes, and another comes, in one change
    assert catalogue.known_hashes([PARK.text]) == {PARK.text}
    catalogue.change(["park"], [], {})
    assert catalogue.known_hashes([PARK.text]) == set()


def test_rows_follow_one_another_and_are_never_used_again(catalogue: Catalogue, path: Path) -> None:
    first = put(catalogue, LAKE, PARK)
    rows = [found.row for found in first.added_passages]
    assert rows == list(range(rows[0], rows[0] + 3))
    keys = [entry.key for entry in first.added_documents]
    assert catalogue.rows_by_document() == {keys[0]: range(rows[0], rows[0] + 2), keys[1]: range(rows[2], rows[2] + 1)}
    catalogue.change(["lake", "park"], [], {})
    catalogue.close()
    again = Catalogue(path, writable=True)
    second = put(again, LAKE)
    assert [found.row for found in second.added_passages] == [rows[2] + 1, rows[2] + 2]
    assert second.added_documents[0].key == keys[1] + 1
    assert again.last_row == rows[2] + 2
    again.close()


def test_catalogues_have_rows_of_their_own(quick_path: Path) -> None:
    """Else the derived files of one would be taken for those of another."""
    rows = set()
    for name in "abcde":
        catalogue = Catalogue(quick_path / name, writable=True)
        rows.add(put(catalogue, PARK).added_passages[0].row)
        catalogue.close()
    assert len(rows) == 5
    assert max(rows) < 2**63 - 2**32


def test_vectors_come_in_the_order_asked_for(catalogue: Catalogue) -> None:
    change = put(catalogue, LAKE, PARK)
    rows = [found.row for found in change.added_passages]
    hashes = [found.hash for found in change.added_passages]
    expected = {found.hash: found.row for found in change.added_passages}
    for order in ([0, 1, 2], [2, 0, 1], [1]):
        found = catalogue.vectors([hashes[at] for at in order], D)
        np.testing.assert_array_equal(found, catalogue.vectors_of([rows[at] for at in order], D))
        known = vectors_of(new(LAKE), new(PARK))
        np.testing.assert_allclose(found, [known[hashes[at]] for at in order], atol=1e-3)
    assert len(expected) == 3
    assert catalogue.vectors([], D).shape == catalogue.vectors_of([], D).shape == (0, D)


def test_unknown_vectors_and_other_dimensions_are_refused(catalogue: Catalogue) -> None:
    change = put(catalogue, PARK)
    with pytest.raises(IndexUnusable, match="checksum"):
        catalogue.vectors(["unknown"], D)
    with pytest.raises(IndexUnusable, match="1 vectors are missing"):
        catalogue.vectors_of([change.added_passages[0].row + 1], D)
    with pytest.raises(IndexUnusable, match="not 5 numbers long"):
        catalogue.vectors([PARK.text], D + 1)


def test_passages_of_many_and_of_impossible_rows(catalogue: Catalogue) -> None:
    change = put(catalogue, LAKE, PARK)
    rows = {found.row for found in change.added_passages}
    many = rows | set(range(200_000)) | {-1, 2**63, 2**70, -(2**70)}
    assert [found.row for found in catalogue.passages(many)] == sorted(rows)
    assert catalogue.known_hashes([f"unknown {number}" for number in range(50_000)] + [PARK.text]) == {PARK.text}
    assert list(catalogue.passages([])) == []


def test_withdrawn_ids_are_remembered(catalogue: Catalogue) -> None:
    put(catalogue, LAKE, PARK, origin="bundled")
    catalogue.change(["lake"], [], {}, withdrawn=["lake"])
    put(catalogue, LAKE)
    catalogue.change(["lake"], [], {}, withdrawn=["lake"])
    assert catalogue.withdrawn() == {"lake"}


def test_facts(catalogue: Catalogue) -> None:
    assert catalogue.fact("encoder") is None
    catalogue.set_facts(encoder="ab", splitter="1")
    catalogue.set_facts(encoder="cd")
    assert (catalogue.fact("encoder"), catalogue.fact("splitter")) == ("cd", "1")


def test_a_change_that_fails_changes_nothing(catalogue: Catalogue) -> None:
    put(catalogue, LAKE)
    before = (list(catalogue.documents()), list(catalogue.passages()), catalogue.generation)
    with pytest.raises(sqlite3.IntegrityError):
        put(catalogue, PARK, LAKE, removed=[])  # the id is taken
    with pytest.raises(AttributeError):
        catalogue.change(["lake"], [new(PARK)], {"x": None})  # type: ignore[dict-item]
    assert (list(catalogue.documents()), list(catalogue.passages()), catalogue.generation) == before
    assert catalogue.check() == []
    assert put(catalogue, PARK).generation == 2


def test_half_a_surrogate_pair_is_refused_and_changes_nothing(catalogue: Catalogue) -> None:
    broken = new(PARK)
    object.__setattr__(broken.document, "aliases", ("\ud842",))
    try:
        with pytest.raises(InvalidDocument, match="park"):
            catalogue.change([], [broken], vectors_of(broken))
        assert (catalogue.generation, list(catalogue.documents())) == (0, [])
    finally:
        object.__setattr__(broken.document, "aliases", ())


def test_passages_and_hashes_go_in_pairs() -> None:
    with pytest.raises(ValueError, match="1 passages but 0 hashes"):
        NewDocument(PARK, split(PARK), [], "user")


# Recutting


def test_recutting_keeps_documents_and_gives_new_passages(catalogue: Catalogue) -> None:
    put(catalogue, LAKE, SNIPPET, PARK)
    entries, old = list(catalogue.documents()), catalogue.rows()
    told: list[tuple[int, int]] = []

    def recut(documents: Sequence[Document]) -> tuple[list[NewDocument], dict[str, Vectors]]:
        ready = [NewDocument(one, split(one)[:1], [f"{one.id} anew"], "") for one in documents]
        return ready, vectors_of(*ready)

    assert catalogue.recut(recut, 2, {"splitter": "2"}, lambda done, total: told.append((done, total))) == 3
    assert told == [(0, 3), (2, 3), (3, 3)]
    assert list(catalogue.documents()) == entries
    assert [found.hash for found in catalogue.passages()] == ["lake anew", "lake~1 anew", "park anew"]
    assert not catalogue.rows() & old
    assert (catalogue.generation, catalogue.fact("splitter")) == (2, "2")
    assert catalogue.known_hashes([PARK.text, "park anew"]) == {"park anew"}
    assert catalogue.check() == []


def test_an_interrupted_recutting_changes_nothing(catalogue: Catalogue) -> None:
    put(catalogue, LAKE, PARK)
    before = list(catalogue.passages())
    turns = iter([True, False])

    def recut(documents: Sequence[Document]) -> tuple[list[NewDocument], dict[str, Vectors]]:
        if not next(turns):
            raise KeyboardInterrupt
        ready = [new(document) for document in documents]
        return ready, {}

    with pytest.raises(KeyboardInterrupt):
        catalogue.recut(recut, 1, {"splitter": "2"}, lambda done, total: None)
    assert (list(catalogue.passages()), catalogue.generation, catalogue.fact("splitter")) == (before, 1, None)
    assert catalogue.check() == []


# Opening


def test_reading_needs_a_catalogue(path: Path) -> None:
    with pytest.raises(IndexUnusable, match="holds no catalogue; build it with: rag index build"):
        Catalogue(path, writable=False)
    path.touch()
    with pytest.raises(IndexUnusable, match="it is empty; build it with: rag index build"):
        Catalogue(path, writable=False)
    Catalogue(path, writable=True).close()
    Catalogue(path, writable=False).close()


def test_files_that_are_no_catalogue_are_refused(path: Path, quick_path: Path) -> None:
    path.write_bytes(b"no database at all, but long enough to be one" * 100)
    with pytest.raises(IndexUnusable, match=r"not a database\); restore"):
        Catalogue(path, writable=True)
    path.unlink()
    path.mkdir()
    with pytest.raises(IndexUnusable, match="it is no file"):
        Catalogue(path, writable=True)
    path.rmdir()
    os.mkfifo(path)
    with pytest.raises(IndexUnusable, match="it is no file"):
        Catalogue(path, writable=False)
    other = sqlite3.connect(quick_path / "other")
    other.execute("CREATE TABLE songs (name)")
    other.close()
    with pytest.raises(IndexUnusable, match="no such table: facts"):
        Catalogue(quick_path / "other", writable=True)


@pytest.mark.parametrize("writable", [True, False])
def test_other_formats_are_refused(path: Path, writable: bool) -> None:
    Catalogue(path, writable=True).close()
    raw = sqlite3.connect(path)
    raw.execute("UPDATE facts SET value = '99' WHERE name = 'format'")
    raw.commit()
    raw.close()
    with pytest.raises(IndexUnusable, match="its format is 99, this version reads format"):
        Catalogue(path, writable=writable)


def test_a_closed_catalogue_says_so(path: Path) -> None:
    catalogue = Catalogue(path, writable=True)
    catalogue.close()
    catalogue.close()
    for deed in (lambda: catalogue.generation, lambda: put(catalogue, PARK), lambda: list(catalogue.documents())):
        with pytest.raises(IndexUnusable, match="it is closed"):
            deed()


def test_changes_are_forced_to_the_disk(catalogue: Catalogue) -> None:
    """SIGKILL cannot tell whether they are: the system keeps what was written. So look at the setting."""
    assert list(catalogue._database.rows("PRAGMA synchronous")) == [(2,)]  # FULL
    assert list(catalogue._database.rows("PRAGMA journal_mode")) == [("wal",)]
    assert list(catalogue._database.rows("PRAGMA secure_delete")) == [(1,)]


def test_deleted_texts_are_not_left_in_the_file(catalogue: Catalogue, path: Path) -> None:
    put(catalogue, document_of("secret", "绝密的社区名录。" * 40), PARK)
    catalogue.change(["secret"], [], {})
    catalogue.close()
    assert "绝密".encode() not in path.read_bytes()


# Beside others


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


# Damage


def everything(path: Path) -> object:
    """All that a catalogue says, read the way the index reads it."""
    catalogue = Catalogue(path, writable=False)
    try:
        catalogue.require_whole(pages=True)
        documents = list(catalogue.documents())
        rows = sorted(catalogue.rows())
        return (
            documents,
            [catalogue.document(entry.key) for entry in documents],
            list(catalogue.passages()),
            catalogue.rows_by_document(),
            catalogue.vectors_of(rows, D).tolist(),
            catalogue.withdrawn(),
            [catalogue.fact(name) for name in ("generation", "encoder", "splitter")],
            catalogue.known_hashes([found.hash for found in catalogue.passages()]),
        )
    finally:
        catalogue.close()


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """A catalogue file of some twenty pages."""
    path = tmp_path_factory.mktemp("sound") / "catalogue.sqlite"
    catalogue = Catalogue(path, writable=True)
    catalogue.set_facts(encoder="e" * 64, splitter="1")
    for number in range(12):
        put(catalogue, document_of(f"d{number}", f"第{number}个产业社区，占地{number}亩。\n\n" * 30, "社区"))
    catalogue.change(["d3"], [], {}, withdrawn=["d3"])
    catalogue.close()
    return path.read_bytes()


def flip(content: bytearray, choose: random.Random) -> None:
    content[choose.randrange(len(content))] ^= 1 << choose.randrange(8)


def zero(content: bytearray, choose: random.Random) -> None:
    page = choose.randrange(len(content) // 4096)
    content[page * 4096 : (page + 1) * 4096] = bytes(4096)


def shorten(content: bytearray, choose: random.Random) -> None:
    del content[choose.randrange(100, len(content)) :]


def swap(content: bytearray, choose: random.Random) -> None:
    one, other = choose.sample(range(1, len(content) // 4096), 2)
    left, right = slice(one * 4096, one * 4096 + 4096), slice(other * 4096, other * 4096 + 4096)
    content[left], content[right] = content[right], content[left]


@pytest.mark.parametrize("damage", [flip, zero, shorten, swap])
def test_damage_is_an_error_and_never_a_wrong_text(
    sound: bytes, quick_path: Path, damage: Callable[[bytearray, random.Random], None]
) -> None:
    (quick_path / "sound").write_bytes(sound)
    truth = everything(quick_path / "sound")
    choose, noticed = random.Random(6), 0
    for turn in range(int(os.environ.get("DAMAGES", "60"))):
        content = bytearray(sound)
        damage(content, choose)
        path = quick_path / f"{turn}"
        path.write_bytes(content)
        try:
            found = everything(path)
        except IndexProblem:
            noticed += 1
        else:
            assert found == truth, (damage, turn)
    assert noticed > 0 if damage is flip else noticed > 30


def test_check_finds_a_changed_letter(sound: bytes, quick_path: Path) -> None:
    path = quick_path / "catalogue.sqlite"
    for old, changed in (("占地7亩", "占地9亩"), ('"characters"', '"cHaracters"'), ("e" * 64, "f" * 64)):
        path.write_bytes(sound.replace(old.encode(), changed.encode()))
        catalogue = Catalogue(path, writable=True)
        assert any("checksum" in problem for problem in catalogue.check()), old
        catalogue.close()


# Any history

IDS = st.sampled_from(["a", "b", "c", "a~1", "b~1"])
TEXTS = st.text(st.sampled_from("产业社区。𠮷 \n"), min_size=1, max_size=12).filter(str.strip)
CHANGES = st.lists(st.tuples(st.sets(IDS, max_size=3), st.dictionaries(IDS, TEXTS, max_size=3)), max_size=8)


@settings(deadline=None, max_examples=25)
@given(CHANGES)
def test_any_history_holds_what_a_dictionary_holds(changes: list[tuple[set[str], dict[str, str]]]) -> None:
    with quick_folder() as folder:
        check_history(Catalogue(folder / "catalogue.sqlite", writable=True), changes)


def check_history(catalogue: Catalogue, changes: list[tuple[set[str], dict[str, str]]]) -> None:
    held: dict[str, Document] = {}
    for generation, (removed, texts) in enumerate(changes, start=1):
        documents = [document_of(i, text, parent=i[0] if "~" in i else None) for i, text in texts.items()]
        change = put(catalogue, *documents, removed=sorted(removed | texts.keys()))
        gone = {i for i, one in held.items() if {i, one.parent} & (removed | texts.keys())}
        assert (change.generation, change.removed_documents) == (generation, gone)
        held = {i: one for i, one in held.items() if i not in gone} | {one.id: one for one in documents}
        assert [entry.id for entry in catalogue.documents()] == list(held)
        assert [catalogue.document(entry.key) for entry in catalogue.documents()] == list(held.values())
        assert [found.passage for found in catalogue.passages()] == [p for one in held.values() for p in split(one)]
        hashes = {found.hash for found in catalogue.passages()}
        assert catalogue.known_hashes(hashes | {text for _, texts in changes for text in texts.values()}) == hashes
    assert catalogue.check() == []
    catalogue.close()


def test_patience_is_short_enough_for_a_request() -> None:
    assert database._PATIENCE <= 5
