"""Near duplicates in the index: found as documents come and go, kept, verified, found anew for an older catalogue."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from support_index import WordEncoder, document_of, open_index, to_format_2, with_facts

from corpus.bundled import bundled_documents
from corpus.document import Document
from index.errors import IndexUnusable, StorageFull
from index.lexical.tokeniser import Tokeniser
from index.passage_index import CATALOGUE, PassageIndex
from index.store.catalogue import Catalogue
from index.store.minhash import MOST
from index.store.near_duplicates import with_pairs
from index.store.schema import FORMAT
from rag.content import similar_questions

BUNDLED = {document.id: document for document in bundled_documents()}
TEXT = BUNDLED["linkpark"].text
OTHER = BUNDLED["wulianwang-xiaozhen"].text


@pytest.fixture
def index(quick_path: Path, word_encoder: WordEncoder, small_tokeniser: Tokeniser) -> Iterator[PassageIndex]:
    opened = open_index(quick_path, word_encoder, small_tokeniser)
    yield opened
    opened.close()


def near(index: PassageIndex) -> dict[str, set[str]]:
    """The near duplicates of every document that has any, both ways."""
    found = {one: {entry.id for entry in index.snapshot.near_to(one)} for one in index.snapshot.documents}
    assert all(one in found[other] for one, others in found.items() for other in others)
    return {one: others for one, others in found.items() if others}


def copy(document_id: str, text: str = TEXT) -> Document:
    return document_of(document_id, f"来源：{document_id}网\n\n{text}")


def test_near_duplicates_come_and_go_with_their_documents(index: PassageIndex) -> None:
    index.put([document_of("first", TEXT), document_of("other", OTHER)])
    assert near(index) == {}
    index.put([copy("second")])
    assert near(index) == {"first": {"second"}, "second": {"first"}}
    index.put([copy("third")])
    assert near(index)["third"] == {"first", "second"}
    index.remove(["first"])
    assert near(index) == {"second": {"third"}, "third": {"second"}}
    index.put([copy("third", OTHER)])
    assert near(index) == {"other": {"third"}, "third": {"other"}}
    assert index.verify() == []


def test_documents_of_one_change_are_compared_too(index: PassageIndex) -> None:
    index.put([document_of("first", TEXT), document_of("other", OTHER), copy("second")])
    assert near(index) == {"first": {"second"}, "second": {"first"}}
    assert list(index.snapshot.near_to("second").values()) == [index.snapshot.near["first"]["second"]]


def test_what_is_near_survives_the_process(
    quick_path: Path, word_encoder: WordEncoder, small_tokeniser: Tokeniser
) -> None:
    index = open_index(quick_path, word_encoder, small_tokeniser)
    index.put([document_of("first", TEXT), copy("second"), copy("third")])
    expected = index.snapshot.near
    index.close()
    for writable in (False, True):
        index = open_index(quick_path, word_encoder, small_tokeniser, writable=writable)
        assert index.snapshot.near == expected
        index.close()


def test_the_order_in_which_documents_come_makes_no_difference(
    quick_path: Path, word_encoder: WordEncoder, small_tokeniser: Tokeniser
) -> None:
    documents = [document_of("first", TEXT), copy("second"), document_of("other", OTHER), copy("third", OTHER)]
    found = []
    for place, order in (("a", documents), ("b", documents[::-1])):
        index = open_index(quick_path / place, word_encoder, small_tokeniser)
        for document in order:
            index.put([document])
        found.append(near(index))
        index.close()
    assert found[0] == found[1] != {}


def test_no_document_has_more_pairs_before_it_than_may_be_and_a_deletion_lets_the_next_move_up(
    index: PassageIndex,
) -> None:
    index.put([copy(f"copy{number}") for number in range(MOST + 3)])
    last = f"copy{MOST + 2}"
    assert len(near(index)[last]) == MOST
    gone = next(iter(near(index)[last]))
    index.remove([gone])
    assert len(near(index)[last]) == MOST
    assert gone not in near(index)[last]
    assert index.verify() == []


def test_a_change_that_fails_leaves_what_is_near_as_it_was(
    index: PassageIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise StorageFull("the disk is full")

    index.put([document_of("first", TEXT), copy("second")])
    with monkeypatch.context() as patch:
        patch.setattr("index.store.changes._note", full)
        for change in (lambda: index.put([copy("third")]), lambda: index.remove(["first"])):
            with pytest.raises(StorageFull):
                change()
    index.put([copy("fourth")])
    assert near(index)["fourth"] == {"first", "second"}
    assert index.verify() == []


def test_verify_tells_of_signatures_and_pairs_that_are_wrong(index: PassageIndex, quick_path: Path) -> None:
    index.put([document_of("first", TEXT), copy("second"), document_of("other", OTHER)])
    raw = sqlite3.connect(quick_path / CATALOGUE)
    raw.execute("DELETE FROM near")
    raw.execute("UPDATE sketches SET sketch = (SELECT sketch FROM sketches WHERE key = 3), crc = 0 WHERE key = 1")
    raw.commit()
    raw.close()
    assert any("checksum" in problem and "sketches" in problem for problem in index.verify())


def test_verify_tells_of_missing_pairs(index: PassageIndex, quick_path: Path) -> None:
    index.put([document_of("first", TEXT), copy("second")])
    raw = sqlite3.connect(quick_path / CATALOGUE)
    raw.execute("DELETE FROM near")
    raw.commit()
    raw.close()
    assert index.verify() == ["document second has other near duplicates than are noted"]


def test_a_document_that_is_asked_for_otherwise_keeps_its_near_duplicates(
    index: PassageIndex, quick_path: Path, word_encoder: WordEncoder, small_tokeniser: Tokeniser
) -> None:
    index.put([document_of("first", TEXT), copy("second")])
    expected = index.snapshot.near
    for asked in ("first", "second"):
        similar_questions.add(index, asked, f"{asked} 在哪里", ())
        assert index.snapshot.near == expected
        assert index.verify() == []
    index.put([copy("third")])
    assert near(index) == {"first": {"second", "third"}, "second": {"first", "third"}, "third": {"first", "second"}}
    index.remove(["first"])
    assert near(index) == {"second": {"third"}, "third": {"second"}}
    index.close()
    again = open_index(quick_path, word_encoder, small_tokeniser)
    assert near(again) == {"second": {"third"}, "third": {"second"}}
    assert [one.text for one in again.snapshot.similar_questions["second"]] == ["second 在哪里"]
    assert again.verify() == []
    again.close()


def test_a_catalogue_of_format_2_is_brought_up_to_date_by_a_writer(
    quick_path: Path, word_encoder: WordEncoder, small_tokeniser: Tokeniser
) -> None:
    index = open_index(quick_path, word_encoder, small_tokeniser)
    index.put([document_of("first", TEXT), copy("second"), document_of("short", "短文。")])
    expected, generation = index.snapshot.near, index.snapshot.generation
    index.close()
    to_format_2(quick_path)
    with pytest.raises(IndexUnusable, match=f"format is 2, this version reads format {FORMAT}; .*rag index build"):
        open_index(quick_path, word_encoder, small_tokeniser, writable=False)
    index = open_index(quick_path, word_encoder, small_tokeniser)
    assert (index.snapshot.near, index.snapshot.generation) == (expected, generation)
    assert index.verify() == []
    index.close()


def test_signatures_that_were_made_otherwise_are_made_anew(
    quick_path: Path, word_encoder: WordEncoder, small_tokeniser: Tokeniser
) -> None:
    index = open_index(quick_path, word_encoder, small_tokeniser)
    index.put([document_of("first", TEXT), copy("second")])
    expected = index.snapshot.near
    index.close()
    raw = sqlite3.connect(quick_path / CATALOGUE)
    raw.execute("DELETE FROM near")
    raw.commit()
    raw.close()
    with_facts(quick_path, sketcher="an older one")
    catalogue = Catalogue(quick_path / CATALOGUE, writable=True)
    assert with_pairs({}, (), catalogue.near()) == expected
    catalogue.close()


def test_pairs_are_added_both_ways_and_leave_with_either_document() -> None:
    first = with_pairs({}, (), [("b", "a", 0.5), ("c", "a", 0.75)])
    assert first == {"a": {"b": 0.5, "c": 0.75}, "b": {"a": 0.5}, "c": {"a": 0.75}}
    assert with_pairs(first, ["b"], [("d", "c", 1.0)]) == {
        "a": {"c": 0.75},
        "c": {"a": 0.75, "d": 1.0},
        "d": {"c": 1.0},
    }
    assert with_pairs(first, ["a"], []) == {}
