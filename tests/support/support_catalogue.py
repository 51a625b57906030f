"""The catalogue of one test, its fixtures, and documents ready to be kept in it."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pytest
from support_index import document_of

from corpus.document import Attribution, Document, Section, Source
from corpus.passage import split
from index.dense import Vectors
from index.store.catalogue import Catalogue, Change, NewDocument

D = 4


def new(document: Document, origin: str = "user") -> NewDocument:
    """Ready to be kept; a passage's text is its hash."""
    passages = split(document)
    return NewDocument(document, passages, [passage.text for passage in passages], origin)


def vectors_of(*documents: NewDocument) -> dict[str, Vectors]:
    """The vector of a text: its first four letters as numbers."""
    hashes = {digest for document in documents for digest in document.hashes}
    return {digest: np.array([ord(c) % 64 for c in digest[:D].ljust(D)], np.float32) / 64 for digest in hashes}


def put(catalogue: Catalogue, *documents: Document, removed: Sequence[str] = (), origin: str = "user") -> Change:
    ready = [new(document, origin) for document in documents]
    vectors = vectors_of(*ready)
    known = catalogue.known_hashes(vectors)
    return catalogue.change(removed, ready, {one: vector for one, vector in vectors.items() if one not in known})


@pytest.fixture
def path(quick_path: Path) -> Path:
    return quick_path / "catalogue.sqlite"


@pytest.fixture
def catalogue(path: Path) -> Iterator[Catalogue]:
    opened = Catalogue(path, writable=True)
    yield opened
    opened.close()


LAKE = Document(
    "lake",
    "西湖",
    "西湖在杭州。\n𠮷日可游。",
    (Section(("概况", "位置"), 0, 6), Section(("游览",), 7, 12)),
    sources={"a": Source("西湖志", date="2020"), "b": Source("游记", date="2021-05")},
    attributions=(Attribution(0, 6, ("a",)),),
    aliases=("西子湖",),
    kind="lake",
    districts=("西湖区",),
)
PARK = document_of("park", "公园占地八十亩。", "公园")
SNIPPET = document_of("lake~1", "别的文献。", parent="lake")
