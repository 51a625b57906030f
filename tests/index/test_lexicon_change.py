"""Words that come and go while the index is open: passages are cut anew as a new index would cut them."""

import json
import random
from collections.abc import Iterator
from pathlib import Path

import pytest
from support_index import WordEncoder, check_sound, document_of, open_index

from corpus.lexicon import Lexicon
from index.artifacts import DerivedFiles
from index.errors import StorageFull
from index.lexical.bm25 import LexicalIndex
from index.lexical.integrity import DamagedIndex
from index.lexical.retokenise import Cut
from index.lexical.tokeniser import Tokeniser
from index.passage_index import PassageIndex
from index.store.catalogue import Catalogue

OLD, NEW = Lexicon(("产业社区",)), Lexicon(("云泽谷", "产业社区"))
DOCUMENTS = {
    one.id: one
    for one in (
        document_of("held", "云泽谷位于滨江。", aliases=("泽谷",)),
        document_of("parted", "云泽在北，泽谷在南。", title="云和泽谷"),
        document_of("other", "产业社区有企业。", title="云泽谷的邻居"),
        document_of("far", "松园有仓库。"),
    )
}


@pytest.fixture
def opened(quick_path: Path, word_encoder: WordEncoder) -> Iterator[PassageIndex]:
    index = open_index(quick_path, word_encoder, Tokeniser(OLD))
    index.put(list(DOCUMENTS.values()))
    yield index
    index.close()


def holders(index: PassageIndex, word: str) -> set[str]:
    """Documents with a passage whose tokens hold the word."""
    rows = [hit.row for hit in index.snapshot.lexical.search([word], "words", 50)]
    return {found.passage.document_id for found in index.passages(rows).values()}


def tokens_seen(index: PassageIndex, words: list[str]) -> dict[str, set[str]]:
    return {word: holders(index, word) for word in words}


def reopened(home: Path, lexicon: Lexicon, *, writable: bool = True) -> PassageIndex:
    return open_index(home, WordEncoder(), Tokeniser(lexicon), writable=writable)


def abandon(index: PassageIndex) -> None:
    """Give the locks back and save nothing, as if the process were killed."""
    index._held.pop_all().close()
    index._lexical.close()
    index._closed = True


def test_a_new_word_is_found_and_a_deleted_one_leaves_the_former_tokens(opened: PassageIndex) -> None:
    before = tokens_seen(opened, ["云", "泽", "谷", "产业", "社区", "产业社区"])
    assert opened.stale_passages(NEW) == 3  # in the third 云泽 and 泽谷 stand apart
    assert opened.take_lexicon(NEW) == 2
    assert opened.snapshot.generation == 2
    assert holders(opened, "云泽谷") == {"held", "other"}
    assert (opened.stale_passages(NEW), opened.stale_passages(OLD)) == (0, 3)
    check_sound(opened, DOCUMENTS)
    assert opened.take_lexicon(OLD) == 3
    assert not holders(opened, "云泽谷")
    assert tokens_seen(opened, list(before)) == before
    check_sound(opened, DOCUMENTS)


def test_a_question_under_way_keeps_words_and_tokens(opened: PassageIndex) -> None:
    snapshot = opened.snapshot
    opened.take_lexicon(NEW)
    assert not snapshot.lexical.search(["云泽谷"], "words", 5)
    assert snapshot.tokeniser.words("云泽谷") != opened.tokeniser.words("云泽谷") == ["云泽谷"]
    assert snapshot.tokeniser.lexicon == OLD


def test_groups_alone_begin_a_generation_and_cut_nothing(opened: PassageIndex, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(DerivedFiles, "_entries", lambda self, rows: [][: len(rows)] if not rows else 1 / 0)
    wider = Lexicon(OLD.words, (("租金", "房租"),))
    assert opened.stale_passages(wider) == 0
    assert opened.take_lexicon(wider) == 2
    assert opened.tokeniser.lexicon == wider
    assert opened.take_lexicon(wider) == 2


def test_documents_that_come_later_are_cut_with_the_new_words(opened: PassageIndex) -> None:
    opened.take_lexicon(NEW)
    late = document_of("late", "云泽谷有人工湖。")
    opened.put([late])
    assert "late" in holders(opened, "云泽谷")
    check_sound(opened, DOCUMENTS | {"late": late})


def test_any_change_of_words_cuts_as_a_new_index_does(quick_path: Path, word_encoder: WordEncoder) -> None:
    """Parity with the slow way, in both fields' words, over texts in which the words overlap."""
    choose = random.Random(7)
    texts = ["".join(choose.choices("产业社区云泽谷园，", k=40)) + "。" for _ in range(25)]
    documents = [document_of(f"d{number}", text) for number, text in enumerate(texts)]
    candidates = sorted({"".join(choose.choices("产业社区云泽谷园", k=choose.randint(2, 4))) for _ in range(40)})
    index = open_index(quick_path / "one", word_encoder, Tokeniser(OLD))
    index.put(documents)
    for turn in range(8):
        lexicon = Lexicon(tuple(sorted(choose.sample(candidates, choose.randint(0, 12)))))
        index.take_lexicon(lexicon)
        fresh = open_index(quick_path / f"fresh{turn}", word_encoder, Tokeniser(lexicon))
        fresh.put(documents)
        assert tokens_seen(index, candidates) == tokens_seen(fresh, candidates)
        fresh.close()
    check_sound(index, {one.id: one for one in documents})
    index.close()


def test_a_lexicon_of_another_weight_cuts_everything_anew(opened: PassageIndex) -> None:
    heavy = Lexicon(tuple(sorted(chr(0x4E00 + number) + "丙丁" for number in range(1000))))
    assert opened.stale_passages(heavy) == len(opened.snapshot.lexical)
    opened.take_lexicon(heavy)
    assert not holders(opened, "产业社区")
    check_sound(opened, DOCUMENTS)


def test_killed_before_the_index_is_cut_anew_it_is_cut_when_opened(
    opened: PassageIndex, quick_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The change stands in the catalogue; the index has heard nothing of it."""
    monkeypatch.setattr(DerivedFiles, "retokenise", lambda *given: (_ for _ in ()).throw(KeyboardInterrupt))
    with pytest.raises(KeyboardInterrupt):
        opened.take_lexicon(NEW)
    monkeypatch.undo()
    abandon(opened)
    index = reopened(quick_path, NEW)
    assert (index.snapshot.generation, holders(index, "云泽谷")) == (2, {"held", "other"})
    check_sound(index, DOCUMENTS)
    index.close()


@pytest.mark.parametrize("then", [OLD, NEW])
def test_killed_while_the_index_is_cut_anew_nothing_stays_mixed(
    opened: PassageIndex, quick_path: Path, monkeypatch: pytest.MonkeyPatch, then: Lexicon
) -> None:
    """The index has the new tokens, nobody noted that it has, and the file of words may be the old one again."""
    change = LexicalIndex.change

    def killed(opened: LexicalIndex, *given: object) -> None:
        change(opened, *given)  # type: ignore[arg-type]
        raise KeyboardInterrupt

    monkeypatch.setattr(LexicalIndex, "change", killed)
    with pytest.raises(KeyboardInterrupt):
        opened.take_lexicon(NEW)
    monkeypatch.undo()
    abandon(opened)
    reader = reopened(quick_path, then, writable=False)
    assert holders(reader, "云泽谷") == ({"held", "other"} if then is NEW else set())
    reader.close()
    index = reopened(quick_path, then)
    assert holders(index, "云泽谷") == ({"held", "other"} if then is NEW else set())
    check_sound(index, DOCUMENTS)
    index.close()


def test_a_index_that_cannot_be_written_is_levelled_anew(
    opened: PassageIndex, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    change, failures = LexicalIndex.change, [DamagedIndex("the disk is gone")]

    def failing(opened: LexicalIndex, *given: object) -> object:
        if failures:
            raise failures.pop()
        return change(opened, *given)  # type: ignore[arg-type]

    monkeypatch.setattr(LexicalIndex, "change", failing)
    assert opened.take_lexicon(NEW) == 2
    assert "levelling the indexes anew" in caplog.text
    assert holders(opened, "云泽谷") == {"held", "other"}
    check_sound(opened, DOCUMENTS)


def test_a_full_disk_changes_nothing(opened: PassageIndex, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*given: object, **facts: str) -> None:
        raise StorageFull("the disk is full")

    monkeypatch.setattr(Catalogue, "set_facts", full)
    with pytest.raises(StorageFull):
        opened.take_lexicon(NEW)
    monkeypatch.undo()
    assert (opened.snapshot.generation, opened.tokeniser.lexicon) == (1, OLD)
    assert not holders(opened, "云泽谷")


def test_another_lexicon_at_the_next_start_begins_a_generation(opened: PassageIndex, quick_path: Path) -> None:
    opened.close()
    index = reopened(quick_path, NEW)
    assert (index.snapshot.generation, holders(index, "云泽谷")) == (2, {"held", "other"})
    index.close()
    index = reopened(quick_path, NEW)
    assert index.snapshot.generation == 2
    index.close()


def test_a_note_that_makes_no_sense_fits_no_lexicon() -> None:
    cut = Cut.by(NEW)
    assert Cut.noted(json.loads(json.dumps(cut.to_record()))) == cut
    for record in (
        {},
        {"rules": cut.rules},
        {"rules": cut.rules, "words": ["产业"], "doubtful": [7]},
        {"words": "产业"},
    ):
        assert Cut.noted(record).rules != cut.rules
