"""The lexical index: BM25 worked out slowly with dictionaries, after any history of changes, and damage noticed."""

import math
import random
import shutil
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support_index import check_hits

from index.lexical import bm25 as lexical
from index.lexical.bm25 import ASKED_WEIGHT, HEADING_WEIGHT, LexicalEntry, LexicalIndex, Tokens, Unit, discard
from index.lexical.integrity import DamagedIndex, verify

K1, B = 1.2, 0.75
FAR = 2**61  # rows are numbers of this size


def entry(row: int, words: str, heading: str = "", document_id: str = "d", asked: str = "") -> LexicalEntry:
    """An entry whose grams are its words backwards, so that the two units cannot be mixed up unnoticed."""
    backwards = [" ".join(word[::-1] for word in part.split()) for part in (heading, words, asked)]
    pairs = zip((heading, words, asked), backwards, strict=True)
    return LexicalEntry(row, document_id, Tokens(*(field for pair in pairs for field in pair)))


def bm25(entries: Mapping[int, Sequence[str]], token: str) -> dict[int, float]:
    """BM25 of one token by row; fields of at most 40 tokens, whose length tantivy keeps exactly."""
    count = sum(token in tokens for tokens in entries.values())
    idf = math.log(1 + (len(entries) - count + 0.5) / (count + 0.5))
    mean = sum(map(len, entries.values())) / len(entries) or 1.0
    scores = {}
    for row, tokens in entries.items():
        frequency = Counter(tokens)[token]
        if frequency:
            length = 1 - B + B * len(tokens) / mean
            scores[row] = idf * frequency * (K1 + 1) / (frequency + K1 * length)
    return scores


def obvious(entries: Collection[LexicalEntry], tokens: Collection[str], unit: Unit) -> dict[int, float]:
    """Scores of every passage that holds one of the tokens in its text or heading."""
    scores: Counter[int] = Counter()
    for field, weight in ((unit, 1.0), (f"heading_{unit}", HEADING_WEIGHT), (f"asked_{unit}", ASKED_WEIGHT)):
        held = {one.row: getattr(one.tokens, field).split() for one in entries}
        for token in set(tokens):
            for row, score in bm25(held, token).items():
                scores[row] += weight * score
    return dict(scores)


def random_entries(count: int, seed: int, first: int = FAR) -> list[LexicalEntry]:
    choose = random.Random(seed)
    vocabulary = [f"w{number}" for number in range(20) for _ in range(20 - number)]
    return [
        entry(
            first + number,
            " ".join(choose.choices(vocabulary, k=choose.randint(1, 40))),
            " ".join(choose.choices(vocabulary, k=choose.randint(0, 5))),
            f"d{number % 7}",
            " ".join(choose.choices(vocabulary, k=choose.choice([0, 0, 8]))),
        )
        for number in range(count)
    ]


@pytest.fixture(params=["disk", "memory"])
def opened(request: pytest.FixtureRequest, quick_path: Path) -> Iterator[LexicalIndex]:
    made = (
        LexicalIndex.open(quick_path / "lexical", writable=True)
        if request.param == "disk"
        else LexicalIndex.in_memory()
    )
    yield made
    made.close()


def test_a_score_worked_out_by_hand(opened: LexicalIndex) -> None:
    """Two passages of two words: idf = ln(1 + 1.5/1.5) = ln 2; tf part = 2.2 / (1 + 1.2) = 1."""
    reader = opened.change([], [entry(1, "甲 乙"), entry(2, "丙 丁")])
    assert reader.search(["甲"], "words", 5) == [(1, round(math.log(2), 4))]
    assert reader.search(["丙", "甲"], "words", 5) == [(1, round(math.log(2), 4)), (2, round(math.log(2), 4))]


@pytest.mark.parametrize("unit", ["words", "grams"])
def test_scores_are_bm25_s_arithmetic(opened: LexicalIndex, unit: Unit) -> None:
    entries = random_entries(120, seed=1)
    reader = opened.change([], entries)
    for question in (["w0"], ["w3", "w19"], ["w1", "w1", "w5", "w18", "unknown"], [f"w{n}" for n in range(20)]):
        tokens = question if unit == "words" else [token[::-1] for token in question]
        scores = obvious(entries, tokens, unit)
        for k in (1, 10, 500):
            check_hits(reader.search(tokens, unit, k), scores, k, tolerance=1e-4)


def test_the_heading_counts_half(opened: LexicalIndex) -> None:
    reader = opened.change([], [entry(1, "甲 乙", "丙 丁"), entry(2, "丙 丁", "甲 乙")])
    (first, text), (second, heading) = reader.search(["甲"], "words", 5)
    assert (first, second) == (1, 2)
    assert heading == pytest.approx(HEADING_WEIGHT * text, abs=1e-4)


def test_a_unit_is_searched_in_its_own_fields(opened: LexicalIndex) -> None:
    reader = opened.change([], [entry(1, "ab", "cd")])
    assert reader.search(["ab", "cd"], "grams", 5) == reader.search(["ba", "dc"], "words", 5) == []
    assert len(reader.search(["ba"], "grams", 5)) == len(reader.search(["dc"], "grams", 5)) == 1


def test_document_frequency_counts_the_text_alone(opened: LexicalIndex) -> None:
    reader = opened.change([], [entry(1, "甲 甲", "乙"), entry(2, "甲 乙"), entry(3, "丙")])
    assert [reader.document_frequency(word, "words") for word in "甲乙丙丁"] == [2, 1, 1, 0]
    reader = opened.change([2], [])
    assert [reader.document_frequency(word, "words") for word in "甲乙丙丁"] == [1, 0, 1, 0]


def test_a_filter_gives_the_best_of_these_documents(opened: LexicalIndex) -> None:
    entries = random_entries(100, seed=2)
    reader = opened.change([], entries)
    scores = obvious(entries, ["w1", "w12"], "words")
    for allowed in (
        ["d1"],
        ["d0", "d3", "absent"],
        [f"d{n}" for n in range(7)],
        [f"x{n}" for n in range(3000)] + ["d2"],
    ):
        wanted = {row: score for row, score in scores.items() if f"d{(row - FAR) % 7}" in allowed}
        check_hits(reader.search(["w1", "w12"], "words", 30, allowed), wanted, 30, tolerance=1e-4)
    assert reader.search(["w1"], "words", 5, []) == []


def test_what_is_kept_of_tokens_is_bounded_and_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lexical, "_KEPT", 3)
    entries = random_entries(50, seed=4)
    reader = LexicalIndex.in_memory().change([], entries)
    for _ in range(2):
        check_hits(
            reader.search(["w1", "w2", "w3", "w4"], "words", 9),
            obvious(entries, ["w1", "w2", "w3", "w4"], "words"),
            9,
            tolerance=1e-4,
        )
        assert reader.document_frequency("w3", "words") == sum("w3" in one.tokens.words.split() for one in entries)
        assert len(reader._tokens) <= 3


def test_equal_passages_go_by_row_and_ties_are_never_cut(opened: LexicalIndex) -> None:
    rows = random.Random(3).sample(range(1000), 90)
    for start in range(0, 90, 30):  # three segments, rows in no order
        reader = opened.change([], [entry(row, "甲 乙 丙", "丁") for row in rows[start : start + 30]])
    for k in (1, 29, 31, 60, 89, 90):
        assert [hit.row for hit in reader.search(["甲", "丁", "丙"], "words", k)] == sorted(rows)[:k]


def test_nothing_is_found_by_nothing(opened: LexicalIndex) -> None:
    assert opened.reader().search(["甲"], "words", 5) == []
    assert (len(opened.reader()), opened.reader().rows()) == (0, frozenset())
    reader = opened.change([], [entry(1, "甲")])
    assert (
        reader.search([], "words", 5) == reader.search(["甲"], "words", 0) == reader.search(["甲"], "words", -1) == []
    )
    assert reader.search(["甲"], "words", 10**9) != []


def test_a_removed_passage_is_gone_at_once_and_may_return_in_the_same_change(opened: LexicalIndex) -> None:
    opened.change([], [entry(FAR, "甲"), entry(FAR + 1, "甲"), entry(FAR + 2, "乙")])
    reader = opened.change([FAR + 1, FAR + 99], [entry(FAR + 3, "甲")])
    assert reader.rows() == {FAR, FAR + 2, FAR + 3}
    assert [hit.row for hit in reader.search(["甲"], "words", 9)] == [FAR, FAR + 3]
    reader = opened.change([FAR], [entry(FAR, "丁")])
    assert [hit.row for hit in reader.search(["丁"], "words", 9)] == [FAR]
    assert [hit.row for hit in reader.search(["甲"], "words", 9)] == [FAR + 3]


def test_a_reader_keeps_to_its_state(opened: LexicalIndex) -> None:
    before = opened.change([], [entry(1, "甲"), entry(2, "甲")])
    after = opened.change([1], [entry(3, "甲")])
    assert before.rows() == {1, 2}
    assert [hit.row for hit in before.search(["甲"], "words", 9)] == [1, 2]
    assert [hit.row for hit in after.search(["甲"], "words", 9)] == [2, 3]


def test_deleted_passages_do_not_make_a_word_common(opened: LexicalIndex) -> None:
    """A document put six times over must not have words six times as frequent."""
    entries = random_entries(60, seed=4)
    entries[7] = entry(FAR + 7, "rare w1 w2", "rare")
    reader = opened.change([], entries)
    fresh = reader.search(["rare", "w1"], "words", 5)
    for turn in range(6):
        replaced = [one._replace(row=FAR + 1000 * (turn + 1) + number) for number, one in enumerate(entries)]
        reader = (
            opened.change(reader.rows(), replaced) if turn % 2 else opened.change(reader.rows(), reversed(replaced))
        )
    again = reader.search(["rare", "w1"], "words", 5)
    assert [hit.row % 1000 for hit in again] == [hit.row % 1000 for hit in fresh]
    assert [hit.score for hit in again] == pytest.approx([hit.score for hit in fresh], rel=0.02)
    assert reader.document_frequency("rare", "words") == 1


def test_frequencies_beyond_counting_are_close(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lexical, "_COUNTABLE", 10)
    opened = LexicalIndex.in_memory()
    opened.change([], [entry(row, "甲" if row % 2 else "甲 乙") for row in range(400)])
    reader = opened.change(range(100), [])
    assert reader.document_frequency("甲", "words") == 300
    assert reader.document_frequency("乙", "words") == 150


CHANGES = st.lists(
    st.tuples(st.sets(st.integers(0, 40), max_size=10), st.lists(st.text("甲乙丙丁 ", max_size=6), max_size=6)),
    max_size=8,
)


@settings(deadline=None, max_examples=40)
@given(CHANGES)
def test_any_history_holds_the_same_passages(changes: list[tuple[set[int], list[str]]]) -> None:
    opened, held, last = LexicalIndex.in_memory(), {}, 0
    for removed, texts in changes:
        added = [entry(last + number, text) for number, text in enumerate(texts)]
        last += len(texts)
        opened.change(removed, added)
        held = {row: one for row, one in held.items() if row not in removed} | {one.row: one for one in added}
    reader = opened.reader()
    assert (reader.rows(), len(reader)) == (held.keys(), len(held))
    for word in "甲乙丙丁":
        expected = {row for row, one in held.items() if word in one.tokens.words.split()}
        assert {hit.row for hit in reader.search([word], "words", 99)} == expected
        assert reader.document_frequency(word, "words") == len(expected)


# The files


@pytest.fixture
def folder(quick_path: Path) -> Path:
    """An index on disk of two segments, in one of which a passage is deleted."""
    folder = quick_path / "lexical"
    opened = LexicalIndex.open(folder, writable=True)
    opened.change([], [entry(row, f"甲 w{row}") for row in range(30)])
    opened.change([3], [entry(row, f"乙 w{row}") for row in range(30, 40)])
    opened.close()
    return folder


ROWS = frozenset(range(40)) - {3}


@pytest.mark.parametrize("writable", [True, False])
def test_a_index_read_back_holds_what_it_held(folder: Path, writable: bool) -> None:
    opened = LexicalIndex.open(folder, writable=writable)
    assert opened.reader().rows() == ROWS
    assert [hit.row for hit in opened.reader().search(["w33"], "words", 5)] == [33]
    opened.close()


def test_what_was_not_committed_is_dropped(folder: Path) -> None:
    opened = LexicalIndex.open(folder, writable=True)

    def failing() -> Iterator[LexicalEntry]:
        yield entry(99, "丙")
        raise KeyError("tokens")

    with pytest.raises(KeyError):
        opened.change([1], failing())
    opened.close()
    opened.close()
    with pytest.raises(RuntimeError, match="closed"):
        opened.change([], [])
    opened = LexicalIndex.open(folder, writable=True)
    assert opened.reader().rows() == ROWS
    opened.close()


def test_reading_writes_nothing(folder: Path) -> None:
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    opened = LexicalIndex.open(folder, writable=False)
    opened.reader().search(["甲"], "words", 5)
    with pytest.raises(RuntimeError, match="reading only"):
        opened.change([], [])
    opened.close()
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before


def test_an_absent_folder_is_an_empty_index(quick_path: Path) -> None:
    opened = LexicalIndex.open(quick_path / "none", writable=False)
    assert len(opened.reader()) == 0
    assert not (quick_path / "none").exists()


def test_a_second_writer_is_refused(folder: Path) -> None:
    opened = LexicalIndex.open(folder, writable=True)
    with pytest.raises(DamagedIndex, match="LockBusy"):
        LexicalIndex.open(folder, writable=True)
    opened.close()


def flipped(content: bytes, choose: random.Random) -> bytes:
    at = choose.randrange(len(content))
    return content[:at] + bytes([content[at] ^ 1 << choose.randrange(8)]) + content[at + 1 :]


def zeroed(content: bytes, choose: random.Random) -> bytes:
    at = choose.randrange(len(content))
    return content[:at] + bytes(min(4096, len(content) - at)) + content[at + 4096 :]


def cut(content: bytes, choose: random.Random) -> bytes:
    return content[: choose.randrange(len(content))]


def longer(content: bytes, choose: random.Random) -> bytes:
    return content + choose.randbytes(choose.randrange(1, 50))


DAMAGES: tuple[Callable[[bytes, random.Random], bytes], ...] = (flipped, zeroed, cut, longer)


def rows_or_damage(folder: Path) -> frozenset[int] | None:
    """What an index holds, read to the last word; None if the damage is noticed."""
    try:
        reader = LexicalIndex.open(folder, writable=False).reader()
        found = {hit.row for row in range(41) for hit in reader.search([f"w{row}"], "words", 5)}
        return frozenset(found) if found == reader.rows() else frozenset({-1})
    except DamagedIndex:
        return None


@pytest.mark.parametrize("damage", DAMAGES)
def test_damage_is_noticed_or_does_no_harm(folder: Path, quick_path: Path, damage: Callable[..., bytes]) -> None:
    """Every file, many times over: either the index is refused, or it holds exactly what it held, or rows are missing.

    Missing rows are noticed by whoever compares them with the catalogue. tantivy sees no file that fails its checksum.
    """
    choose, noticed, tried = random.Random(5), 0, 0
    for name in sorted(path.name for path in folder.iterdir() if path.stat().st_size):
        for _ in range(12):
            copy = quick_path / "copy"
            shutil.copytree(folder, copy)
            (copy / name).write_bytes(damage((copy / name).read_bytes(), choose))
            rows = rows_or_damage(copy)
            harmless = rows == ROWS or (rows is not None and rows != ROWS and -1 not in rows and "json" in name)
            assert rows is None or harmless, (name, damage)
            noticed, tried = noticed + (rows is None), tried + 1
            shutil.rmtree(copy)
    assert noticed > 0.7 * tried


def test_a_missing_file_is_noticed(folder: Path, quick_path: Path) -> None:
    for path in sorted(folder.iterdir()):
        copy = quick_path / "copy"
        shutil.copytree(folder, copy)
        (copy / path.name).unlink()
        assert rows_or_damage(copy) == (ROWS if path.suffix == ".lock" else None), path.name
        shutil.rmtree(copy)


def test_swapped_files_are_noticed_where_checksums_were_noted(folder: Path) -> None:
    noted = verify(folder)
    assert len(noted) == 13  # two segments of six files, and a list of what is deleted
    LexicalIndex.open(folder, writable=False, noted=noted | {"gone.term": 7}).close()
    one, other = sorted(folder.glob("*.term"))
    content = one.read_bytes()
    one.write_bytes(other.read_bytes())
    other.write_bytes(content)
    with pytest.raises(DamagedIndex, match="another file of that name"):
        LexicalIndex.open(folder, writable=False, noted=noted)


def test_what_tantivy_trips_over_is_an_error_like_any_other(folder: Path) -> None:
    """Without the note the swapped files are read, and tantivy panics: the service must not."""
    one, other = sorted(folder.glob("*.term"))
    content = one.read_bytes()
    one.write_bytes(other.read_bytes())
    other.write_bytes(content)
    assert rows_or_damage(folder) in (None, frozenset({-1}))


def test_a_pipe_of_a_file_s_name_does_not_hang(folder: Path) -> None:
    import os

    victim = next(folder.glob("*.term"))
    victim.unlink()
    os.mkfifo(victim)
    with pytest.raises(DamagedIndex, match="missing"):
        LexicalIndex.open(folder, writable=False)


def test_a_discarded_index_is_gone(folder: Path) -> None:
    discard(folder)
    discard(folder)
    assert not folder.exists()
