"""The user's lexicon: what is written is read again, faults are named, and a running service sees changes."""

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.lexicon import Lexicon, LexiconInvalid, bundled_lexicon, make_lexicon
from rag.content.user_lexicon import (
    FILE,
    LexiconUnreadable,
    UserLexicon,
    checked_lexicon,
    load_lexicon,
    load_user_lexicon,
    save_user_lexicon,
)

OWN = Lexicon(("某某产业社区",), (("舞房", "跳舞的地方"),))
MEMBERS = st.text(st.characters(exclude_categories=["Cs"]), min_size=2, max_size=8)


def test_no_file_means_nothing_of_ones_own(tmp_path: Path) -> None:
    assert load_user_lexicon(tmp_path) == Lexicon(())
    assert load_lexicon(tmp_path) == bundled_lexicon()


def test_what_is_saved_is_loaded_over_the_bundled_one(tmp_path: Path) -> None:
    save_user_lexicon(tmp_path / "new", OWN)
    assert load_user_lexicon(tmp_path / "new") == OWN
    whole = load_lexicon(tmp_path / "new")
    assert set(whole.words) == {*bundled_lexicon().words, "某某产业社区"}
    assert whole.groups == (*OWN.groups, *bundled_lexicon().groups)


@given(st.lists(st.lists(MEMBERS, min_size=2, max_size=4), max_size=3))
def test_any_group_survives_the_file(tmp_path_factory: pytest.TempPathFactory, groups: list[list[str]]) -> None:
    try:
        own = make_lexicon([], groups)
    except LexiconInvalid:
        return
    home = tmp_path_factory.mktemp("home")
    save_user_lexicon(home, own)
    assert load_user_lexicon(home) == own


def test_a_file_written_by_hand_is_folded(tmp_path: Path) -> None:
    content = '\ufeffwords = ["某某產業社區"]\nsynonyms = [["舞房", "跳舞的地方"]]\n'
    (tmp_path / FILE).write_text(content, encoding="utf-8")
    assert load_user_lexicon(tmp_path) == OWN


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"words = [", r"at line 1|at end of document|Invalid"),
        (b'words = ["\xff"]', "not UTF-8"),
        (b"word = []", "not word"),
        (b'words = "ab"', "words is not a list"),
        (b'synonyms = ["ab"]', "synonyms is not a list of lists"),
        ('words = ["产业社区", "园"]'.encode(), "lexicon.toml, word 2: 园"),
        ('synonyms = [["租金"]]'.encode(), "lexicon.toml, group 1: 租金"),
        ('synonyms = [["租金", "房租"], ["房租", "租金"]]'.encode(), "lexicon.toml, group 2: 房租 租金.*keep one"),
        (b"words = " + b"[" * 100_000, "lexicon.toml"),
    ],
)
def test_a_faulty_file_is_refused_with_its_reason(tmp_path: Path, content: bytes, reason: str) -> None:
    (tmp_path / FILE).write_bytes(content)
    with pytest.raises(LexiconUnreadable, match=reason):
        load_user_lexicon(tmp_path)
    with pytest.raises(LexiconUnreadable, match="mend it, or delete it"):
        UserLexicon(tmp_path)


def test_a_change_by_another_process_is_seen(tmp_path: Path) -> None:
    lexicon = UserLexicon(tmp_path)
    save_user_lexicon(tmp_path, OWN)
    lexicon.refresh()
    assert (lexicon.own, lexicon.whole) == (OWN, bundled_lexicon().with_more(OWN))
    (tmp_path / FILE).unlink()
    lexicon.refresh()
    assert (lexicon.own, lexicon.whole) == (Lexicon(()), bundled_lexicon())


def test_a_file_spoilt_while_serving_changes_nothing(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    lexicon = UserLexicon(tmp_path)
    lexicon.replace(OWN)
    (tmp_path / FILE).write_text("words = [", encoding="utf-8")
    lexicon.refresh()
    lexicon.refresh()
    assert lexicon.own == OWN
    assert len(caplog.records) == 1
    assert "mend it" in caplog.text


def test_words_that_only_ask_are_refused_where_they_stand() -> None:
    with pytest.raises(LexiconInvalid, match=r"given, word 2: 多少.*leave it out") as caught:
        checked_lexicon(["产业社区", "多少"], [], "given")
    assert (caught.value.number, caught.value.code) == (1, "asking")
    assert checked_lexicon(["产业社区"], [["占地", "多大"]]).groups == (("占地", "多大"),)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_cannot_be_written_changes_nothing(tmp_path: Path) -> None:
    lexicon = UserLexicon(tmp_path)
    tmp_path.chmod(0o500)
    with pytest.raises(PermissionError):
        lexicon.replace(OWN)
    assert lexicon.own == Lexicon(())
