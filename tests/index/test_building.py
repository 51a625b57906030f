"""Building: the bundle arrives once, what users did stays done, and another encoder or splitter refits everything."""

from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from support_index import WordEncoder, check_sound, document_of, open_index, texts_of

from corpus.bundled import bundled_documents
from corpus.document import Document
from corpus.passage import Passage
from index import binding, building, preparing
from index.building import Built, build, put_all, refit
from index.errors import IndexLocked, IndexUnusable
from index.lexical.tokeniser import Tokeniser
from index.passage_index import PassageIndex

BUNDLE = [document_of(name, f"{name}社区占地{number}亩。") for number, name in enumerate("甲乙丙丁")]
OWN = document_of("own", "用户自己的文档。")


def named(*names: str) -> dict[str, Document]:
    return {one.id: one for one in BUNDLE if one.id in names}


class Site:
    """A home that can be built and looked at."""

    def __init__(self, home: Path, encoder: WordEncoder, tokeniser: Tokeniser) -> None:
        self.home = home
        self.encoder = encoder
        self.tokeniser = tokeniser
        self.told: list[tuple[str, int, int]] = []

    def build(self, bundle: Sequence[Document] = tuple(BUNDLE)) -> Built:
        return build(self.home, self.encoder, self.tokeniser, bundle, lambda *told: self.told.append(told))

    def open(self) -> PassageIndex:
        return open_index(self.home, self.encoder, self.tokeniser)

    def as_user(self, deed: Callable[[PassageIndex], object]) -> None:
        index = self.open()
        deed(index)
        index.close()

    def check(self, expected: dict[str, Document]) -> None:
        index = self.open()
        check_sound(index, expected)
        index.close()


@pytest.fixture
def site(quick_path: Path, word_encoder: WordEncoder, small_tokeniser: Tokeniser) -> Site:
    return Site(quick_path / "home", word_encoder, small_tokeniser)


def test_the_first_build_adds_everything_and_the_second_nothing(site: Site) -> None:
    first = site.build()
    assert first == Built(4, 0, 0, 0, 0, passages=4, generation=1)
    assert first.changed
    assert site.told == [("indexing documents", 0, 4), ("indexing documents", 4, 4)]
    encoded = site.encoder.encoded
    again = site.build()
    assert again == Built(0, 0, 0, 4, 0, passages=4, generation=1)
    assert not again.changed
    assert site.encoder.encoded == encoded
    site.check(named(*"甲乙丙丁"))


def test_what_changed_in_the_bundle_changes_and_what_left_it_leaves(site: Site) -> None:
    site.build()
    site.as_user(lambda index: index.put([OWN]))
    changed = document_of("乙", "乙社区改了名字。")
    assert site.build([BUNDLE[0], changed, BUNDLE[3]]) == Built(0, 1, 1, 2, 0, passages=4, generation=4)
    site.check(named("甲", "丁") | {"乙": changed, "own": OWN})


def test_what_left_the_bundle_may_come_back(site: Site) -> None:
    site.build()
    site.build(BUNDLE[:2])
    assert site.build().added == 2
    site.check(named(*"甲乙丙丁"))


def test_an_empty_bundle_leaves_what_is_there(site: Site) -> None:
    site.build()
    assert not site.build([]).changed
    site.check(named(*"甲乙丙丁"))


def test_a_bundled_document_that_a_user_deleted_stays_deleted(site: Site) -> None:
    site.build()
    site.as_user(lambda index: index.remove(["甲"]))
    assert site.build() == Built(0, 0, 0, 3, 0, passages=3, generation=2)
    site.check(named(*"乙丙丁"))


def test_a_bundled_document_that_a_user_replaced_stays_replaced(site: Site) -> None:
    mine = document_of("甲", "我的甲社区。")
    site.build()
    site.as_user(lambda index: index.put([mine]))
    assert not site.build().changed
    assert not site.build([document_of("甲", "甲社区的新版。"), *BUNDLE[1:]]).changed
    site.check(named(*"乙丙丁") | {"甲": mine})
    site.as_user(lambda index: index.remove(["甲"]))
    assert not site.build().changed
    site.check(named(*"乙丙丁"))


def test_a_deleted_document_that_a_user_put_again_and_deleted_again_stays_deleted(site: Site) -> None:
    site.build()
    site.as_user(lambda index: index.remove(["甲"]))
    site.as_user(lambda index: index.put([BUNDLE[0]]))
    site.as_user(lambda index: index.remove(["甲"]))
    assert not site.build().changed
    site.check(named(*"乙丙丁"))


def test_a_user_s_document_wins_over_a_bundled_one_of_its_name(site: Site) -> None:
    mine = document_of("丙", "我的丙社区。")
    site.build(BUNDLE[:2])
    site.as_user(lambda index: index.put([mine]))
    assert site.build().added == 1
    site.check(named(*"甲乙丁") | {"丙": mine})


def test_of_a_bundle_s_two_documents_of_one_name_the_later_is_kept(site: Site) -> None:
    later = document_of("甲", "后来的甲。")
    assert site.build([BUNDLE[0], later]).added == 1
    assert not site.build([BUNDLE[0], later]).changed
    site.check({"甲": later})


def test_an_interrupted_build_is_finished_by_the_next(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(building, "BATCH", 1)

    def interrupt(what: str, done: int, total: int) -> None:
        if done == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        build(site.home, site.encoder, site.tokeniser, BUNDLE, interrupt)
    site.check(named(*"甲乙"))
    assert site.build() == Built(2, 0, 0, 2, 0, passages=4, generation=4)
    assert site.told == [("indexing documents", done, 2) for done in range(3)]
    site.check(named(*"甲乙丙丁"))


def test_a_build_beside_a_writer_is_refused(site: Site) -> None:
    site.build()
    index = site.open()
    with pytest.raises(IndexLocked, match="is writing to the index"):
        site.build()
    index.close()
    assert not site.build().changed


# Another encoder, another splitter


def test_another_encoder_encodes_everything_anew(site: Site) -> None:
    site.build()
    site.as_user(lambda index: index.put([OWN]))
    site.as_user(lambda index: index.remove(["丁"]))
    old, site.encoder = site.encoder, WordEncoder("other", 48)
    with pytest.raises(IndexUnusable, match="rag index build"):
        site.open()
    site.told.clear()
    built = site.build()
    assert built == Built(0, 0, 0, 3, 4, passages=4, generation=4)
    assert built.changed
    assert site.told == [("encoding anew", 0, 4), ("encoding anew", 4, 4)]
    expected = named(*"甲乙丙") | {"own": OWN}
    index = site.open()
    check_sound(index, expected)
    assert index.snapshot.dense.dimension == 48
    assert [entry.origin for entry in index.snapshot.documents.values()] == ["bundled"] * 3 + ["user"]
    index.close()
    site.encoder = old
    with pytest.raises(IndexUnusable, match="built with encoder other"):
        site.open()
    assert site.build().encoded_anew == 4
    site.check(expected)


def test_an_encoder_of_another_name_and_the_same_files_is_the_same(site: Site) -> None:
    site.build()
    site.encoder.name = "moved"
    assert site.build().encoded_anew == 0


@pytest.fixture
def halves(monkeypatch: pytest.MonkeyPatch) -> None:
    """Another splitter: every passage is cut in two, but for those of 甲."""
    whole = preparing.split

    def split(document: Document) -> list[Passage]:
        if document.id == "甲":
            return whole(document)
        return [
            Passage(document.id, start, end, document.text[start:end])
            for one in whole(document)
            for start, end in ((one.start, one.start + 3), (one.start + 3, one.end))
        ]

    monkeypatch.setattr(preparing, "split", split)
    monkeypatch.setattr(binding, "SPLITTER_VERSION", "halves")


def test_another_splitter_cuts_anew_and_encodes_what_is_new(site: Site, request: pytest.FixtureRequest) -> None:
    site.build()
    encoded = site.encoder.encoded
    request.getfixturevalue("halves")
    with pytest.raises(IndexUnusable, match=r"this version has halves; cut and encode anew with: rag index build"):
        site.open()
    assert site.build() == Built(0, 0, 0, 4, 4, passages=7, generation=2)
    assert site.encoder.encoded == encoded + 6  # all but 甲, whose only passage is as it was
    index = site.open()
    assert index.verify() == []
    assert texts_of(index.snapshot, index)["乙"] == ["乙社区", "占地1亩。"]
    index.close()


def test_an_interrupted_refit_changes_nothing(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    site.build()
    monkeypatch.setattr(building, "BATCH", 2)
    other = WordEncoder("other")

    def interrupt(what: str, done: int, total: int) -> None:
        if done == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        refit(site.home, other, interrupt)
    site.check(named(*"甲乙丙丁"))
    assert refit(site.home, other, lambda *told: None) == 4
    assert refit(site.home, other, lambda *told: None) == 0


def test_there_is_nothing_to_refit_where_nothing_is(site: Site) -> None:
    assert refit(site.home, site.encoder, lambda *told: None) == 0
    assert not site.home.exists()


# Many


def test_many_documents_go_in_batches(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(building, "BATCH", 10)
    documents = {f"d{n}": document_of(f"d{n}", f"第{n}个社区。") for n in range(25)}
    index = site.open()
    assert put_all(index, iter(documents.values()), "user", lambda *told: site.told.append(told)) == 3
    assert site.told == [("indexing documents", done, 25) for done in (0, 10, 20, 25)]
    assert put_all(index, [], "user", lambda *told: site.told.append(told)) == 3
    check_sound(index, documents)
    index.close()


def test_the_bundled_documents_build_and_verify(site: Site) -> None:
    documents = {one.id: one for one in bundled_documents()}
    built = site.build(list(documents.values()))
    assert (built.added, built.unchanged) == (len(documents), 0)
    assert not site.build(list(documents.values())).changed
    site.check(documents)
