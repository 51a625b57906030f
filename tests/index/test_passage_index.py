"""The searchable whole: both indexes level with the catalogue after any change, and as right as brute force."""

import random

from support_index import WordEncoder, brute_force, check_hits, check_sound, document_of, passages_of
from support_opened_index import LAKE, SNIPPET, A, B, Open, found, home, index, opened

from corpus.document import Document
from index.passage_index import PassageIndex

__all__ = ["home", "index", "opened"]  # the fixtures


def test_a_document_is_found_at_once_and_gone_at_once_from_both_indexes(index: PassageIndex) -> None:
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


def test_both_indexes_give_what_brute_force_gives(index: PassageIndex, word_encoder: WordEncoder) -> None:
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
