"""Signatures: how alike two texts are, whatever way they are written."""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from opencc import OpenCC

from corpus.bundled import bundled_documents
from index.store.minhash import (
    MOST,
    NEAR,
    PLACES,
    SHORTEST,
    Signatures,
    letters_of,
    resemblance,
    shingles_of,
    signature_of,
)

TEXTS = [document.text for document in bundled_documents()]
WIDE = {code: code + 0xFEE0 for code in range(0x21, 0x7F)}


def agreeing(one: bytes, other: bytes) -> int:
    return sum(left == right for left, right in zip(one, other, strict=True))


def jaccard(one: str, other: str) -> float:
    left, right = shingles_of(letters_of(one)), shingles_of(letters_of(other))
    return len(left & right) / len(left | right)


@pytest.mark.parametrize("text", TEXTS[::20])
def test_spelling_makes_no_difference(text: str) -> None:
    spellings = (OpenCC("s2t").convert(text), text.translate(WIDE), text.upper(), text.replace("。", " 。\n\n"))
    assert {signature_of(spelling) for spelling in spellings} == {signature_of(text)}


def test_a_sketch_estimates_the_share_of_shingles_in_common() -> None:
    errors = []
    for text in map("".join, pairwise(TEXTS[:40])):
        for part in (0.5, 0.7, 0.9):
            cut = text[: int(part * len(text))]
            errors.append(resemblance(agreeing(signature_of(text), signature_of(cut))) - jaccard(text, cut))
    assert abs(np.mean(errors)) < 0.02
    assert np.std(errors) < 0.05  # √(J(1 − J) / 128) is 0.044 at the most


def test_no_two_bundled_documents_are_near_duplicates() -> None:
    signatures = Signatures.of(enumerate(map(signature_of, TEXTS)))
    assert len(signatures.keys) == len(TEXTS)
    assert [key for key in range(len(TEXTS)) if signatures.near(key)] == []


def test_a_short_text_has_no_sketch() -> None:
    assert signature_of("短" * (SHORTEST - 1)) == signature_of("") == signature_of("。！？" * 100) == b""
    assert len(signature_of("短" * SHORTEST)) == PLACES


def test_resemblance_leaves_out_what_agrees_by_chance() -> None:
    assert resemblance(PLACES) == 1.0
    assert resemblance(0) == resemblance(PLACES // 256) == 0.0
    assert resemblance(64) == round((64 / 128 - 1 / 256) / (1 - 1 / 256), 2) == 0.5


def brute_force(signatures: dict[int, bytes], key: int) -> list[tuple[int, int]]:
    """All pairs compared one by one."""
    if not signatures.get(key):
        return []
    counts = [
        (other, agreeing(signatures[other], signatures[key]))
        for other in signatures
        if other < key and signatures[other]
    ]
    near = [(other, count) for other, count in counts if resemblance(count) >= NEAR]
    return sorted(near, key=lambda pair: (-pair[1], -pair[0]))[:MOST]


def mixed(pieces: Sequence[int]) -> str:
    return "".join(TEXTS[piece][:120] for piece in pieces)


@given(st.lists(st.lists(st.integers(0, 5), max_size=4), min_size=1, max_size=12), st.sets(st.integers(0, 11)))
def test_near_documents_are_those_of_a_comparison_one_by_one(texts: list[list[int]], removed: set[int]) -> None:
    held = {key: signature_of(mixed(pieces)) for key, pieces in enumerate(texts)}
    half = len(held) // 2
    first, rest = dict(list(held.items())[:half]), dict(list(held.items())[half:])
    signatures = Signatures.of(first.items()).changed(removed & first.keys(), Signatures.of(rest.items()))
    left = {key: signature for key, signature in held.items() if key not in removed & first.keys()}
    assert {key: signatures.near(key) for key in left} == {key: brute_force(left, key) for key in left}
