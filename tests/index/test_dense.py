"""The dense index: the scores of matrix @ vector, whatever the structure, after any history of changes."""

import subprocess
import sys
from collections.abc import Iterator

import faiss
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support_index import check_hits

from corpus.bundled import bundled_documents
from corpus.passage import split
from corpus.sentences import sentence_spans
from index import dense
from index.dense import DenseIndex, Vectors
from index.encoder.loading import load_encoder

D = 16


def unit(count: int, seed: int = 0, dimension: int = D) -> Vectors:
    """Unit vectors with the precision in which the catalogue keeps them."""
    vectors = np.random.default_rng(seed).normal(size=(count, dimension))
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    return vectors.astype(np.float16).astype(np.float32)


def scores_of(rows: list[int], vectors: Vectors, question: Vectors) -> dict[int, float]:
    return dict(zip(rows, (vectors.astype(np.float64) @ question.astype(np.float64)).tolist(), strict=True))


COARSE = "PQ{pairs}x4fs,Refine(SQfp16)"
CLASSES = {
    "Flat": "IndexFlat",
    "SQfp16": "IndexScalarQuantizer",
    COARSE: "IndexRefine",
    "IVF4,SQfp16": "IndexIVFScalarQuantizer",
}


@pytest.fixture(params=CLASSES)
def structure(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Every structure at a size that is quickly made; all lists are visited, so that all of them are exact."""
    monkeypatch.setattr(dense, "STRUCTURES", ((0, "Flat"), (1, request.param)))
    return request.param


def test_scores_worked_out_by_hand() -> None:
    dense_index = DenseIndex.build([3, 5, 9], np.array([[1, 0], [0, 1], [0.6, 0.8]], np.float32), 2)
    assert dense_index.search(np.array([0.8, 0.6], np.float32), 3) == [(9, 0.96), (3, 0.8), (5, 0.6)]


@pytest.mark.parametrize("k", [1, 7, 300, 10**9])
def test_every_structure_gives_the_scores_of_matrix_times_vector(structure: str, k: int) -> None:
    vectors, question = unit(300), unit(1, 9)[0]
    rows = list(range(1000, 1300))
    dense_index = DenseIndex.build(rows, vectors, D)
    assert (dense_index.large.structure.__class__.__name__, len(dense_index)) == (CLASSES[structure], 300)
    hits = dense_index.search(question, k)
    check_hits(hits, scores_of(rows, vectors, question), k)
    assert len(hits) == min(k, 300)


def test_the_structure_follows_the_size(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dense, "STRUCTURES", ((0, "Flat"), (50, "SQfp16"), (200, "IVF{lists},SQfp16")))
    made = {count: DenseIndex.build(range(count), unit(count), D).large.structure for count in (0, 49, 50, 199, 200)}
    assert [type(made[count]) for count in made] == [
        *[faiss.IndexFlat] * 2,
        *[faiss.IndexScalarQuantizer] * 2,
        faiss.IndexIVFScalarQuantizer,
    ]
    assert made[200].nlist == 56  # 4 * sqrt(200), rounded down
    assert made[200].nprobe == dense.PROBES


def test_the_structures_in_use_score_every_vector_exactly_up_to_half_a_million() -> None:
    assert dense.STRUCTURES[0] == (0, "Flat")
    assert [name for above, name in dense.STRUCTURES if above < 500_000] == ["Flat", COARSE]


@pytest.fixture(scope="module")
def sentences() -> Vectors:
    """Real vectors: sentences of the bundled documents and their similar questions, each different."""
    texts = {
        text
        for document in bundled_documents()
        for passage in split(document)
        for text in (*passage.asked, *(passage.text[start:end] for start, end in sentence_spans(passage.text)))
    }
    vectors = load_encoder("static").encode(sorted(texts))
    return vectors.astype(np.float16).astype(np.float32)


@pytest.fixture(scope="module")
def coarse_index_once(sentences: Vectors) -> DenseIndex:
    with pytest.MonkeyPatch.context() as monkeypatch:
        monkeypatch.setattr(dense, "STRUCTURES", ((0, "Flat"), (1000, COARSE)))
        return DenseIndex.build(range(len(sentences)), sentences, sentences.shape[1])


@pytest.fixture
def coarse_index(coarse_index_once: DenseIndex, sentences: Vectors, monkeypatch: pytest.MonkeyPatch) -> DenseIndex:
    """All sentences in one index, which no change alters; indexes built in the test use coarse codes too."""
    monkeypatch.setattr(dense, "STRUCTURES", ((0, "Flat"), (1000, COARSE)))
    assert likely(coarse_index_once, sentences[0]) == 410  # the coarse codes are used
    return coarse_index_once


def likely(dense_index: DenseIndex, question: Vectors) -> int:
    """How many vectors are looked at."""
    return int(np.count_nonzero(dense_index.large._likely(question, 41, ~dense_index.large.gone)))


def recall(dense_index: DenseIndex, vectors: Vectors, held: list[int], k: int = 40) -> float:
    """Share of the k best of these rows that the index finds, over questions that lie between two sentences."""
    questions = vectors[7:1200:7] + vectors[11:1204:7]
    found = 0
    for question in questions / np.linalg.norm(questions, axis=1, keepdims=True):
        exact = vectors[held] @ question
        least = np.sort(exact)[-k] - 1e-6  # equal ones may stand for each other
        hits = dense_index.search(question, k)
        assert len(hits) == k
        found += sum(hit.score >= least for hit in hits)
    return found / (k * len(questions))


def test_coarse_codes_find_nearly_all_with_exact_scores(coarse_index: DenseIndex, sentences: Vectors) -> None:
    assert recall(coarse_index, sentences, list(range(len(sentences)))) >= 0.99
    hits = coarse_index.search(sentences[5], 40)
    assert [hit.score for hit in hits] == pytest.approx(
        [float(sentences[hit.row] @ sentences[5]) for hit in hits], abs=2e-6
    )


def test_rows_that_are_gone_are_gone_from_the_coarse_codes_at_once(
    coarse_index: DenseIndex, sentences: Vectors
) -> None:
    best = [hit.row for hit in coarse_index.search(sentences[5], 40)]
    after = coarse_index.changed(best, [], sentences[:0])
    assert not {hit.row for hit in after.search(sentences[5], 40)} & set(best)
    assert recall(after, sentences, [row for row in range(len(sentences)) if row not in best]) >= 0.99
    most = coarse_index.changed([hit.row for hit in coarse_index.search(sentences[5], 300)], [], sentences[:0])
    assert likely(most, sentences[5]) == len(sentences) - 300  # too few of the likely ones are left: all are looked at
    assert len(most.search(sentences[5], 40)) == 40


def test_new_rows_are_found_beside_the_coarse_codes(coarse_index: DenseIndex, sentences: Vectors) -> None:
    row = len(sentences)
    same = coarse_index.changed([5], [row], sentences[5:6])
    assert [hit.row for hit in same.search(sentences[5], 1)] == [row]


def test_a_index_is_built_anew_with_or_without_coarse_codes_as_it_grows_and_shrinks(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(dense, "STRUCTURES", ((0, "Flat"), (50, COARSE)))
    vectors = unit(50)
    built = [DenseIndex.build(range(count), vectors[:count], D).large.structure for count in (49, 50, 49)]
    assert [type(structure) for structure in built] == [faiss.IndexFlat, faiss.IndexRefine, faiss.IndexFlat]
    assert type(DenseIndex.build(range(50), unit(50, dimension=15), 15).large.structure) is faiss.IndexScalarQuantizer


def test_coarse_codes_are_made_the_same_each_time(coarse_index: DenseIndex, sentences: Vectors) -> None:
    again = DenseIndex.build(range(len(sentences)), sentences, sentences.shape[1])
    assert again.dump() == coarse_index.dump()
    read = DenseIndex.load(coarse_index.dump(), sentences.shape[1])
    assert read.search(sentences[9], 40) == coarse_index.search(sentences[9], 40)


def test_inverted_lists_find_nearly_all(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dense, "STRUCTURES", ((0, "IVF{lists},SQfp16"),))
    monkeypatch.setattr(dense, "PROBES", 30)
    vectors = unit(2000, 1)
    dense_index = DenseIndex.build(range(2000), vectors, D)
    found = 0
    for question in unit(20, 2):
        best = np.argsort(-(vectors @ question), kind="stable")[:10]
        found += len({hit.row for hit in dense_index.search(question, 10)} & set(best.tolist()))
    assert found >= 180  # of 200


def test_equal_scores_go_by_row_in_every_structure_and_are_never_cut(structure: str) -> None:
    vectors = np.repeat(unit(3, 4), 100, axis=0)
    rows = np.random.default_rng(1).permutation(300).tolist()
    dense_index = DenseIndex.build(rows, vectors, D).changed([], range(300, 310), np.repeat(vectors[:1], 10, axis=0))
    question = vectors[0]
    same = sorted(rows[:100]) + list(range(300, 310))
    for k in (1, 50, 99, 105, 110):
        assert [hit.row for hit in dense_index.search(question, k)] == same[:k]


def test_a_change_leaves_the_old_index_as_it_was(structure: str) -> None:
    vectors, question = unit(100), unit(1, 5)[0]
    before = DenseIndex.build(range(100), vectors, D)
    first = before.search(question, 100)
    after = before.changed(range(0, 100, 2), [100, 101], unit(2, 6))
    assert before.search(question, 100) == first
    assert after.rows == frozenset(range(1, 100, 2)) | {100, 101}
    assert (len(before), len(after)) == (100, 52)
    kept = np.concatenate([vectors[1::2], unit(2, 6)])
    check_hits(after.search(question, 60), scores_of([*range(1, 100, 2), 100, 101], kept, question), 60)


def test_removed_rows_make_room_for_others(structure: str) -> None:
    vectors, question = unit(200), unit(1, 5)[0]
    dense_index = DenseIndex.build(range(200), vectors, D)
    best = [hit.row for hit in dense_index.search(question, 200)]
    assert [hit.row for hit in dense_index.changed(best[:150], [], vectors[:0]).search(question, 20)] == best[150:170]
    assert dense_index.changed(best, [], vectors[:0]).search(question, 20) == []


def test_rows_that_it_does_not_hold_can_be_removed() -> None:
    dense_index = DenseIndex.build([1, 2], unit(2), D).changed([7, 8], [], unit(0))
    assert (dense_index.rows, len(dense_index)) == ({1, 2}, 2)


@pytest.mark.parametrize("share", [0, 1, 10, 300])
def test_a_filter_gives_the_best_of_the_allowed(structure: str, share: int) -> None:
    vectors, question = unit(300), unit(1, 5)[0]
    dense_index = DenseIndex.build(range(300), vectors, D).changed([4], [300], vectors[:1])
    allowed = frozenset(range(0, share)) | ({300, 999} if share else set())
    scores = scores_of([*range(300), 300], np.concatenate([vectors, vectors[:1]]), question)
    wanted = {row: score for row, score in scores.items() if row in allowed - {4}}
    for k in (1, 5, 400):
        check_hits(dense_index.search(question, k, allowed), wanted, k)


def test_questions_that_mean_nothing_find_nothing() -> None:
    dense_index = DenseIndex.build(range(5), unit(5), D)
    for question in (np.zeros(D), np.full(D, np.nan), np.full(D, np.inf)):
        assert dense_index.search(question.astype(np.float32), 5) == []
    assert dense_index.search(unit(1)[0], 0) == dense_index.search(unit(1)[0], -3) == []
    assert dense_index.search(unit(1)[0], 5, frozenset()) == []


def test_an_empty_index_finds_nothing_and_can_grow() -> None:
    dense_index = DenseIndex.empty(D)
    assert (len(dense_index), dense_index.rows, dense_index.search(unit(1)[0], 5)) == (0, frozenset(), [])
    assert DenseIndex.build([], unit(0), D).search(unit(1)[0], 5) == []
    grown = dense_index.changed([], [8], unit(1))
    assert [hit.row for hit in grown.search(unit(1)[0], 5)] == [8]


def test_a_passage_without_a_known_word_comes_last() -> None:
    dense_index = DenseIndex.build([1, 2], np.array([[0, 0], [1, 0]], np.float32), 2)
    assert dense_index.search(np.array([1, 0], np.float32), 5) == [(2, 1.0), (1, 0.0)]


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_vectors_that_are_no_numbers_are_refused(value: float) -> None:
    vectors = unit(3)
    vectors[1, 1] = value
    with pytest.raises(ValueError, match="NaN or infinity"):
        DenseIndex.build(range(3), vectors, D)
    with pytest.raises(ValueError, match="NaN or infinity"):
        DenseIndex.empty(D).changed([], range(3), vectors)


def test_rows_and_vectors_must_fit() -> None:
    with pytest.raises(ValueError, match="2 rows but 3 vectors"):
        DenseIndex.build([1, 2], unit(3), D)
    with pytest.raises(ValueError, match="reshape"):
        DenseIndex.build([1], unit(1, dimension=D + 1), D)
    with pytest.raises(ValueError, match="twice"):
        DenseIndex.build([1, 1], unit(2), D)
    with pytest.raises(ValueError, match="already"):
        DenseIndex.build([1], unit(1), D).changed([], [1], unit(1))


def test_many_changes_ask_for_compaction() -> None:
    few = DenseIndex.build(range(100), unit(100), D)
    assert not few.changed([], range(100, 1124), unit(1024)).wants_compaction
    assert few.changed([], range(100, 1125), unit(1025)).wants_compaction
    many = DenseIndex.build(range(8000), unit(8000), D)
    assert not many.changed(range(2000), [], unit(0)).wants_compaction
    assert many.changed(range(2001), [], unit(0)).wants_compaction


def test_a_index_read_back_answers_as_before(structure: str) -> None:
    vectors, question = unit(120), unit(1, 3)[0]
    dense_index = DenseIndex.build(range(10**12, 10**12 + 120), vectors, D)
    read = DenseIndex.load(dense_index.dump(), D)
    assert (read.rows, len(read)) == (dense_index.rows, 120)
    assert read.search(question, 30) == dense_index.search(question, 30)
    assert read.changed([10**12], [7], unit(1)).rows == dense_index.rows - {10**12} | {7}


def test_bytes_that_are_no_index_are_refused() -> None:
    content = DenseIndex.build(range(20), unit(20), D).dump()
    for wrong in (b"", b"faiss", content[1:], content[:24], content[:100]):
        with pytest.raises(ValueError, match=r"no dense index|cannot read|buffer|offset"):
            DenseIndex.load(wrong, D)
    with pytest.raises(ValueError, match="expected 20 of 17"):
        DenseIndex.load(content, D + 1)


CHANGES = st.lists(st.tuples(st.sets(st.integers(0, 60), max_size=8), st.integers(0, 12)), min_size=1, max_size=6)


@settings(deadline=None, max_examples=60)
@given(CHANGES, st.integers(0, 3), st.integers(1, 70), st.sets(st.integers(0, 60), max_size=30))
def test_any_history_ends_in_the_same_index(
    changes: list[tuple[set[int], int]], seed: int, k: int, allowed: set[int]
) -> None:
    """Changed step by step, or built at once: the same hits. Few directions make many ties."""
    few = np.eye(4, D, dtype=np.float32)
    dense_index, held, last = DenseIndex.empty(D), {}, 0
    for removed, added in changes:
        rows = list(range(last, last + added))
        last += added
        vectors = few[np.random.default_rng(seed + last).integers(0, 4, added)]
        dense_index = dense_index.changed(removed, rows, vectors)
        held = {row: vector for row, vector in held.items() if row not in removed}
        held |= dict(zip(rows, vectors, strict=True))
    built = DenseIndex.build(list(held), np.array(list(held.values()), np.float32), D)
    question = np.linspace(0.1, 0.9, D, dtype=np.float32)
    assert dense_index.rows == built.rows == held.keys()
    assert dense_index.search(question, k) == built.search(question, k)
    assert dense_index.search(question, k, allowed) == built.search(question, k, allowed)


def test_no_library_shares_out_the_small_products_of_a_question() -> None:
    asks = "import index.dense, threadpoolctl as t; print(*(pool['num_threads'] for pool in t.threadpool_info()))"
    said = subprocess.run([sys.executable, "-c", asks], capture_output=True, text=True, check=True).stdout
    assert set(said.split()) == {"1"}
