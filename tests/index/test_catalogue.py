"""The catalogue: whole changes or none, rows for ever, what a dictionary holds after any history."""

import sqlite3
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support_catalogue import LAKE, PARK, SNIPPET, D, catalogue, new, path, put, vectors_of
from support_index import document_of, quick_folder

from corpus.document import Document, InvalidDocument
from corpus.passage import split
from index.dense import Vectors
from index.errors import IndexUnusable
from index.store.catalogue import Catalogue, NewDocument

__all__ = ["catalogue", "path"]  # the fixtures


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
