"""The derived files: whatever becomes of them, the index answers as before, and mends them without encoding again."""

import json
import logging
import os
import random
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from support_index import WordEncoder, check_sound, document_of, open_index, quick_folder

from corpus.lexicon import parse_lexicon
from index import artifacts
from index.lexical.bm25 import LexicalIndex
from index.lexical.integrity import DamagedIndex
from index.lexical.tokeniser import Tokeniser
from index.passage_index import PassageIndex
from index.store.files import Reserve, make_folder, replace_file

DOCUMENTS = {
    f"d{number}": document_of(f"d{number}", f"第{number}个产业社区占地{number}亩。\n\n它的代号是 code{number}。" * 4)
    for number in range(30)
}
QUESTIONS = ("产业社区占地", "code7", "code12 代号")


@pytest.fixture(scope="module")
def made(small_tokeniser: Tokeniser) -> Iterator[Path]:
    """An index of thirty documents, closed, with a few deleted and replaced on the way."""
    with quick_folder() as folder:
        home, encoder = folder / "home", WordEncoder()
        index = open_index(home, encoder, small_tokeniser)
        index.put([document_of("old", "一篇旧文。"), *list(DOCUMENTS.values())[:20]])
        index.remove(["old"])
        index.put([document_of("d3", "它从前的样子。")])
        index.put([DOCUMENTS["d3"], *list(DOCUMENTS.values())[20:]])
        index.close()
        open_index(home, encoder, small_tokeniser).close()
        yield home


@pytest.fixture
def home(made: Path, quick_path: Path) -> Path:
    """A copy of it, to be damaged."""
    shutil.copytree(made, quick_path / "home")
    return quick_path / "home"


Answers = list[list[tuple[str, float]]]


def answers(index: PassageIndex, encoder: WordEncoder) -> Answers:
    """What both indexes find, by passage and score."""
    found = []
    for question in QUESTIONS:
        tokens = index.tokeniser.words(question)
        vector = encoder.encode([question])[0]
        for hits in (index.snapshot.lexical.search(tokens, "words", 20), index.snapshot.dense.search(vector, 20)):
            passages = index.passages([hit.row for hit in hits])
            found.append([(passages[hit.row].passage.id, hit.score) for hit in hits])
    return found


def check_same(found: Answers, expected: Answers) -> None:
    """The same passages in the same order; of the mean length, deleted passages may still change a little."""
    assert [[name for name, _ in hits] for hits in found] == [[name for name, _ in hits] for hits in expected]
    for hits, wanted in zip(found, expected, strict=True):
        assert [score for _, score in hits] == pytest.approx([score for _, score in wanted], rel=0.03)


def opened_and_mended(
    home: Path, encoder: WordEncoder, tokeniser: Tokeniser, expected: Answers, caplog: pytest.LogCaptureFixture
) -> None:
    """A reader answers right, a writer answers right and mends: the next one has nothing to complain of."""
    encoded = encoder.encoded
    for writable in (False, True):
        with caplog.at_level(logging.WARNING):
            index = open_index(home, encoder, tokeniser, writable=writable)
        check_same(answers(index, encoder), expected)
        encoded += len(QUESTIONS)
        assert encoder.encoded == encoded, "a passage was encoded again"
        check_sound(index, DOCUMENTS)
        encoded = encoder.encoded
        index.close()
    caplog.clear()
    with caplog.at_level(logging.WARNING):
        open_index(home, encoder, tokeniser).close()
    assert caplog.messages == []


def answers_of(home: Path, encoder: WordEncoder, tokeniser: Tokeniser) -> Answers:
    index = open_index(home, encoder, tokeniser, writable=False)
    try:
        return answers(index, encoder)
    finally:
        index.close()


def flip(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 4
    path.write_bytes(content)


def truncate(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def lengthen(path: Path) -> None:
    path.write_bytes(path.read_bytes() + b"\0")


def pipe(path: Path) -> None:
    path.unlink()
    os.mkfifo(path)


def empty(path: Path) -> None:
    path.write_bytes(b"")


DAMAGES: dict[str, tuple[Callable[[Path], object], ...]] = {
    "manifest.json": (Path.unlink, empty, truncate, pipe),
    "dense.faiss": (Path.unlink, empty, flip, truncate, lengthen, pipe),
    "lexical/meta.json": (Path.unlink, truncate, pipe),
    "lexical/*.term": (Path.unlink, flip, pipe),
}


@pytest.mark.parametrize(
    ("victim", "damage"),
    [pytest.param(name, one, id=f"{name}-{one.__name__}") for name in DAMAGES for one in DAMAGES[name]],
)
def test_any_damaged_file_is_mended(
    home: Path,
    word_encoder: WordEncoder,
    small_tokeniser: Tokeniser,
    caplog: pytest.LogCaptureFixture,
    victim: str,
    damage: Callable[[Path], object],
) -> None:
    expected = answers_of(home, word_encoder, small_tokeniser)
    damage(next((home / "derived").glob(victim)))
    opened_and_mended(home, word_encoder, small_tokeniser, expected, caplog)


@pytest.mark.parametrize("victim", ["", "lexical", "lexical/.managed.json"])
def test_what_is_missing_is_rebuilt(
    home: Path, word_encoder: WordEncoder, small_tokeniser: Tokeniser, caplog: pytest.LogCaptureFixture, victim: str
) -> None:
    expected = answers_of(home, word_encoder, small_tokeniser)
    gone = home / "derived" / victim
    shutil.rmtree(gone) if gone.is_dir() else gone.unlink()
    opened_and_mended(home, word_encoder, small_tokeniser, expected, caplog)


@pytest.mark.parametrize(
    "content",
    ["[]", '{"format": 2}', '{"format": 2, "dense": [], "lexical": 3}', "[" * 100_000, "\ud800"],
)
def test_a_manifest_of_nonsense_is_no_manifest(
    home: Path, word_encoder: WordEncoder, small_tokeniser: Tokeniser, caplog: pytest.LogCaptureFixture, content: str
) -> None:
    expected = answers_of(home, word_encoder, small_tokeniser)
    (home / "derived" / "manifest.json").write_bytes(content.encode("utf-8", "surrogatepass"))
    opened_and_mended(home, word_encoder, small_tokeniser, expected, caplog)


def test_swapped_segments_are_noticed(
    home: Path, word_encoder: WordEncoder, small_tokeniser: Tokeniser, caplog: pytest.LogCaptureFixture
) -> None:
    expected = answers_of(home, word_encoder, small_tokeniser)
    one, other = sorted((home / "derived" / "lexical").glob("*.term"))[:2]
    content = one.read_bytes()
    one.write_bytes(other.read_bytes())
    other.write_bytes(content)
    opened_and_mended(home, word_encoder, small_tokeniser, expected, caplog)


@pytest.mark.parametrize("part", [".", "dense.faiss", "lexical", "manifest.json"])
def test_files_of_an_earlier_generation_are_brought_level(
    home: Path,
    quick_path: Path,
    word_encoder: WordEncoder,
    small_tokeniser: Tokeniser,
    caplog: pytest.LogCaptureFixture,
    part: str,
) -> None:
    early = quick_path / "early"
    shutil.copytree(home / "derived", early)
    index = open_index(home, word_encoder, small_tokeniser)
    index.remove(["d1", "d2"])
    index.put([DOCUMENTS["d1"], document_of("d5", "d5 变了。")])
    index.put([DOCUMENTS["d2"], DOCUMENTS["d5"]])
    index.close()
    expected = answers_of(home, word_encoder, small_tokeniser)
    replace_part(home / "derived" / part, early / part)
    opened_and_mended(home, word_encoder, small_tokeniser, expected, caplog)


@pytest.mark.parametrize("part", [".", "dense.faiss", "lexical", "manifest.json"])
def test_files_of_another_index_are_not_believed(
    home: Path,
    quick_path: Path,
    word_encoder: WordEncoder,
    small_tokeniser: Tokeniser,
    caplog: pytest.LogCaptureFixture,
    part: str,
) -> None:
    """As many passages, other texts: only rows that no other catalogue has tell them apart."""
    other = quick_path / "other"
    index = open_index(other, word_encoder, small_tokeniser)
    index.put([document_of(one.id, one.text.replace("code", "kode")) for one in DOCUMENTS.values()])
    index.close()
    expected = answers_of(home, word_encoder, small_tokeniser)
    replace_part(home / "derived" / part, other / "derived" / part)
    opened_and_mended(home, word_encoder, small_tokeniser, expected, caplog)


def replace_part(place: Path, source: Path) -> None:
    if source.is_dir():
        shutil.rmtree(place)
        shutil.copytree(source, place)
    else:
        shutil.copy(source, place)


def test_a_catalogue_restored_from_a_backup_is_not_mixed_with_what_came_after_it(
    home: Path, quick_path: Path, word_encoder: WordEncoder, small_tokeniser: Tokeniser
) -> None:
    """Rows given after the backup are given again after its return: the files must have forgotten them by then."""
    shutil.copy(home / "catalogue.sqlite", quick_path / "backup")
    index = open_index(home, word_encoder, small_tokeniser)
    index.put([document_of("late", "后来的一篇。" * 20)])
    index.close()
    index = open_index(home, word_encoder, small_tokeniser)
    index._derived.save_dense(index._derived.build_dense())
    index.close()
    shutil.copy(quick_path / "backup", home / "catalogue.sqlite")
    for leftover in home.glob("catalogue.sqlite-*"):
        leftover.unlink()
    killed = open_index(home, word_encoder, small_tokeniser)
    killed.put([document_of("anew", "完全不同的内容 wholly different。")])
    killed._held.pop_all().close()  # gives the lock back and saves nothing, as if it were killed
    killed._lexical.close()
    index = open_index(home, word_encoder, small_tokeniser)
    check_sound(index, DOCUMENTS | {"anew": document_of("anew", "完全不同的内容 wholly different。")})
    best = index.snapshot.dense.search(word_encoder.encode(["anew。完全不同的内容 wholly different。"])[0], 1)
    assert index.passages([best[0].row])[best[0].row].passage.document_id == "anew"
    index.close()


def test_other_tokens_rebuild_the_lexical_index_alone(
    home: Path, word_encoder: WordEncoder, small_tokeniser: Tokeniser, caplog: pytest.LogCaptureFixture
) -> None:
    before = (home / "derived" / "dense.faiss").stat().st_mtime_ns
    other = Tokeniser(parse_lexicon("个产业"))
    index = open_index(home, word_encoder, other)
    assert index.snapshot.lexical.search(["个产业"], "words", 5)
    check_sound(index, DOCUMENTS)
    index.close()
    assert (home / "derived" / "dense.faiss").stat().st_mtime_ns == before
    index = open_index(home, word_encoder, small_tokeniser, writable=False)
    assert not index.snapshot.lexical.search(["个产业"], "words", 5)
    check_sound(index, DOCUMENTS)
    index.close()


def test_a_reader_changes_nothing_on_disk(home: Path, word_encoder: WordEncoder, small_tokeniser: Tokeniser) -> None:
    flip(home / "derived" / "dense.faiss")
    next((home / "derived" / "lexical").glob("*.term")).unlink()
    before = {path: path.read_bytes() for path in sorted((home / "derived").rglob("*")) if path.is_file()}
    index = open_index(home, word_encoder, small_tokeniser, writable=False)
    check_sound(index, DOCUMENTS)
    index.close()
    assert {path: path.read_bytes() for path in sorted((home / "derived").rglob("*")) if path.is_file()} == before


def test_an_unchanged_index_is_not_written_again(
    home: Path, word_encoder: WordEncoder, small_tokeniser: Tokeniser
) -> None:
    before = (home / "derived" / "dense.faiss").stat().st_mtime_ns
    index = open_index(home, word_encoder, small_tokeniser)
    index.put([document_of("d1", "短。")])
    index.remove(["d1"])
    index.close()
    open_index(home, word_encoder, small_tokeniser).close()
    assert (home / "derived" / "dense.faiss").stat().st_mtime_ns == before


def test_random_damage_to_any_file_never_gives_a_wrong_answer(
    home: Path, quick_path: Path, word_encoder: WordEncoder, small_tokeniser: Tokeniser
) -> None:
    expected = answers_of(home, word_encoder, small_tokeniser)
    choose = random.Random(8)
    files = sorted(
        path.relative_to(home) for path in (home / "derived").rglob("*") if path.is_file() and path.stat().st_size
    )
    for turn in range(int(os.environ.get("DAMAGES", "15"))):
        copy = quick_path / "copy"
        shutil.copytree(home, copy)
        victim = copy / files[turn % len(files)]
        content = bytearray(victim.read_bytes())
        content[choose.randrange(len(content))] ^= 1 << choose.randrange(8)
        victim.write_bytes(content)
        index = open_index(copy, word_encoder, small_tokeniser, writable=turn % 3 > 0)
        check_same(answers(index, word_encoder), expected)
        assert index.verify() == []
        index.close()
        shutil.rmtree(copy)


# A disk that takes no more


def full(*_: object) -> None:
    raise OSError(28, "No space left on device")


def test_a_dense_file_that_cannot_be_written_costs_no_answer(
    home: Path,
    word_encoder: WordEncoder,
    small_tokeniser: Tokeniser,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    (home / "derived" / "dense.faiss").unlink()
    monkeypatch.setattr(artifacts, "replace_file", full)
    index = open_index(home, word_encoder, small_tokeniser)
    check_sound(index, DOCUMENTS)
    index.put([document_of("new", "新的一篇。")])
    check_sound(index, DOCUMENTS | {"new": document_of("new", "新的一篇。")})
    index.close()
    assert any("No space left" in message for message in caplog.messages)
    monkeypatch.undo()
    index = open_index(home, word_encoder, small_tokeniser)
    check_sound(index, DOCUMENTS | {"new": document_of("new", "新的一篇。")})
    index.close()


def test_a_lexical_index_that_cannot_be_rebuilt_is_served_from_memory(
    home: Path,
    word_encoder: WordEncoder,
    small_tokeniser: Tokeniser,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    expected = answers_of(home, word_encoder, small_tokeniser)
    shutil.rmtree(home / "derived" / "lexical")

    def no_room(*_: object, **__: object) -> LexicalIndex:
        raise DamagedIndex("No space left on device")

    monkeypatch.setattr(LexicalIndex, "open", no_room)
    index = open_index(home, word_encoder, small_tokeniser)
    check_same(answers(index, word_encoder), expected)
    index.put([document_of("new", "新的一篇。")])
    check_sound(index, DOCUMENTS | {"new": document_of("new", "新的一篇。")})
    index.close()
    assert any("serving it from memory" in message for message in caplog.messages)


# Files


def test_a_file_is_replaced_whole_or_not_at_all(quick_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = quick_path / "file"
    replace_file(path, b"old")
    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        replace_file(path, b"new")
    assert {one.name: one.read_bytes() for one in quick_path.iterdir()} == {"file": b"old"}
    monkeypatch.undo()
    replace_file(path, b"new")
    assert path.read_bytes() == b"new"


def test_file_and_folder_are_forced_to_the_disk(quick_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    forced: list[str] = []
    sync = os.fsync

    def noted(descriptor: int) -> None:
        forced.append(Path(os.readlink(f"/proc/self/fd/{descriptor}")).name)
        sync(descriptor)

    monkeypatch.setattr(os, "fsync", noted)
    make_folder(quick_path / "a" / "b")
    replace_file(quick_path / "a" / "b" / "file", b"x")
    assert forced == [quick_path.name, "a", "file.new", "b"]


def test_the_reserve_is_taken_given_and_taken_again(quick_path: Path) -> None:
    reserve = Reserve(quick_path / "reserve", 5000)
    assert not reserve.give()
    reserve.keep()
    reserve.keep()
    assert (quick_path / "reserve").stat().st_size == 5000
    assert reserve.give()
    assert not reserve.give()
    (quick_path / "reserve").write_bytes(b"cut short")
    reserve.keep()
    assert (quick_path / "reserve").stat().st_size == 5000


def test_a_reserve_that_cannot_be_had_is_no_failure(quick_path: Path) -> None:
    reserve = Reserve(quick_path / "absent" / "reserve", 5000)
    reserve.keep()
    assert not reserve.give()


def test_no_scratch_files_stay(home: Path) -> None:
    names = sorted(path.name for path in home.rglob("*") if path.parent.name != "lexical")
    wanted = ["catalogue.sqlite", "dense.faiss", "derived", "lexical", "manifest.json", "reserve", "writer.lock"]
    assert [name for name in names if not name.startswith("catalogue.sqlite-")] == wanted
    manifest = json.loads((home / "derived" / "manifest.json").read_text(encoding="utf-8"))
    assert set(manifest) == {"format", "dense", "lexical"}


def test_a_index_that_could_not_be_replaced_is_not_noted_as_new(
    home: Path, word_encoder: WordEncoder, small_tokeniser: Tokeniser, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else the next start would take the tokens of yesterday's lexicon for today's."""

    def kept(folder: Path) -> None:
        raise DamagedIndex("the files cannot be deleted")

    monkeypatch.setattr(artifacts, "discard", kept)
    other = Tokeniser(parse_lexicon("个产业"))
    index = open_index(home, word_encoder, other)
    assert index.snapshot.lexical.search(["个产业"], "words", 5)
    index.close()
    monkeypatch.undo()
    for tokeniser, count in ((other, 5), (small_tokeniser, 0)):
        index = open_index(home, word_encoder, tokeniser)
        assert len(index.snapshot.lexical.search(["个产业"], "words", 5)) == count
        index.close()
