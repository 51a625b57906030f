"""Verifying: what does not belong together is found."""

from collections.abc import Sequence

import numpy as np
import pytest
from numpy.typing import NDArray
from support_index import WordEncoder
from support_opened_index import A, B, Open, home, index, opened

from index.dense import DenseIndex
from index.passage_index import PassageIndex

__all__ = ["home", "index", "opened"]  # the fixtures


def test_verify_finds_what_does_not_belong_together(index: PassageIndex, monkeypatch: pytest.MonkeyPatch) -> None:
    index.put([A, B])
    assert index.verify() == []
    index._lexical.change([min(index.snapshot.dense.rows)], [])
    object.__setattr__(index.snapshot, "lexical", index._lexical.reader())
    assert index.verify() == ["the lexical index misses 1 passages and holds 0 too many"]
    object.__setattr__(index.snapshot, "dense", DenseIndex.build([1], np.eye(1, 32, dtype=np.float32), 32))
    assert "the dense index misses 2 passages and holds 1 too many" in index.verify()


def test_verify_finds_a_vector_of_another_text(opened: Open) -> None:
    class Changing(WordEncoder):
        turned = 0

        def encode(self, texts: Sequence[str], kind: str = "passage") -> NDArray[np.float32]:
            return np.roll(super().encode(texts, kind), self.turned, axis=1)

    encoder = Changing()
    index = opened(encoder=encoder)
    index.put([A, B])
    assert index.verify() == []
    encoder.turned = 1
    assert index.verify() == [
        f"passage {name}:0-{len(text)} has a vector that the encoder does not give"
        for name, text in (("a", A.text), ("b", B.text))
    ]
