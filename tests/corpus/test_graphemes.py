"""A cut never tears what a reader sees as one character, as long as that is at all possible."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support_texts import CLUSTERS, relaxed

from corpus.graphemes import joins, safe_cut


@pytest.mark.parametrize("cluster", [cluster for cluster in CLUSTERS if len(cluster) > 1 and "🇨" not in cluster])
def test_characters_of_one_grapheme_cling_to_each_other(cluster: str) -> None:
    assert all(joins(before, after) for before, after in pairwise(cluster))


@pytest.mark.parametrize("pair", ["字字", "a。", "。”", "1亩", "👍👍", "a^", "a`", "¨a", "\n字"])
def test_others_do_not(pair: str) -> None:
    assert not joins(*pair)


@relaxed
@given(st.lists(st.sampled_from(CLUSTERS), min_size=30, max_size=80))
def test_a_cut_stands_between_graphemes(clusters: list[str]) -> None:
    text = "".join(clusters)
    ends = {len("".join(clusters[:count])) for count in range(len(clusters) + 1)}
    end = min(len(text), 24)
    assert safe_cut(text, 0, end) in ends


@pytest.mark.parametrize(
    ("text", "cut"),
    [
        ("字" * 20, 10),
        ("字" * 8 + "80.1" + "字" * 8, 8),  # not within the number
        ("字" * 6 + "linkpark" + "字" * 6, 6),  # nor within the word
        ("abcdefghij\u0301klmnop", 9),  # within a word, but not between a letter and its mark
        ("a" * 20, 10),  # one word without end: anywhere
        ("e" + "\u0301" * 19, 10),  # one grapheme without end: anywhere
        ("🇨🇳" * 10, 10),
        ("字" + "🇨🇳" * 10, 9),  # an even number of letters before the cut
    ],
)
def test_worked_examples(text: str, cut: int) -> None:
    assert safe_cut(text, 0, 10) == cut
