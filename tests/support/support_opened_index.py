"""The index of one test, its fixtures, and what its indexes find."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from support_index import WordEncoder, document_of, open_index

from index.lexical.tokeniser import Tokeniser
from index.passage_index import PassageIndex

A = document_of("a", "甲社区占地十亩。", "甲社区")
B = document_of("b", "乙园区有企业百家。", "乙园区")
LAKE = document_of("lake", "西湖在杭州。")
SNIPPET = document_of("lake~1", "别的文献。", parent="lake")

Open = Callable[..., PassageIndex]


@pytest.fixture
def home(quick_path: Path) -> Path:
    return quick_path / "home"


@pytest.fixture
def opened(home: Path, word_encoder: WordEncoder, small_tokeniser: Tokeniser) -> Iterator[Open]:
    """Opens the index of this test's home; all that are still open are closed in the end."""
    indexes: list[PassageIndex] = []

    def open_one(*, writable: bool = True, encoder: WordEncoder = word_encoder) -> PassageIndex:
        indexes.append(open_index(home, encoder, small_tokeniser, writable=writable))
        return indexes[-1]

    yield open_one
    for one in indexes:
        one.close()


@pytest.fixture
def index(opened: Open) -> PassageIndex:
    return opened()


def found(index: PassageIndex, question: str, which: str = "lexical") -> list[str]:
    """Ids of the documents that one index finds for a question, best first."""
    if which == "lexical":
        hits = index.snapshot.lexical.search(index.tokeniser.words(question), "words", 10)
    else:
        hits = index.snapshot.dense.search(index.encoder.encode([question])[0], 10)
    passages = index.passages([hit.row for hit in hits])
    return [passages[hit.row].passage.document_id for hit in hits]
