"""Hits: one order, and no tie cut by a search that breaks ties in its own way."""

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.hits import Hit, best, best_of

HITS = st.lists(
    st.builds(Hit, st.integers(0, 50), st.sampled_from([0.0, 0.25, 0.5, 1.0])), unique_by=lambda hit: hit.row
)


def test_equal_scores_go_by_row() -> None:
    hits = [Hit(7, 1.0), Hit(2, 0.5), Hit(1, 0.5), Hit(9, 2.0)]
    assert best(hits, 3) == [Hit(9, 2.0), Hit(7, 1.0), Hit(1, 0.5)]


@pytest.mark.parametrize("k", [-1, 0])
def test_no_hits_for_no_places(k: int) -> None:
    assert best([Hit(1, 1.0)], k) == []
    assert best_of(lambda wanted: [Hit(1, 1.0)], k) == []


@settings(deadline=None)
@given(HITS, st.integers(0, 60))
def test_the_best_are_the_head_of_the_whole_order(hits: list[Hit], k: int) -> None:
    assert best(hits, k) == best(hits, len(hits))[:k]
    assert best(list(reversed(hits)), k) == best(hits, k)


@settings(deadline=None)
@given(HITS, st.integers(0, 60), st.randoms(use_true_random=False))
def test_a_search_that_cuts_ties_anywhere_gives_the_same_best(hits: list[Hit], k: int, random: object) -> None:
    shuffled = list(hits)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    unstable = sorted(shuffled, key=lambda hit: -hit.score)  # a tie goes to whoever came first
    asked: list[int] = []

    def ask(wanted: int) -> list[Hit]:
        asked.append(wanted)
        return unstable[:wanted]

    assert best_of(ask, k) == best(hits, k)
    assert all(later == 4 * earlier for earlier, later in pairwise(asked))


def test_without_ties_one_search_is_enough() -> None:
    hits = [Hit(row, 1 / (row + 1)) for row in range(100)]
    asked: list[int] = []

    def ask(wanted: int) -> list[Hit]:
        asked.append(wanted)
        return hits[:wanted]

    assert best_of(ask, 10) == hits[:10]
    assert asked == [11]
