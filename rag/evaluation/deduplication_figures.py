"""How well copies are told from different texts; prints the tables of the README.

`python -m rag.evaluation.deduplication_figures`

Every bundled document is re-posted in many ways (see `reposts`); no two bundled documents are copies of each other.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import combinations, groupby
from operator import itemgetter
from typing import Final

import numpy as np

from corpus.bundled import bundled_documents
from corpus.document import Document
from corpus.passage import split
from index.store.minhash import Signature, letters_of, resemblance, shingles_of, signature_of
from rag.evaluation.reposts import (
    SHARES,
    Repost,
    reposts,
    with_a_negation,
    with_another_number,
    with_another_word,
)
from rag.retrieval.alterations import is_altered
from rag.retrieval.deduplication import Wording, wording_of

NEAR_TRIED: Final = (0.15, 0.2, 0.25, 0.3, 0.4)
SAID_TRIED: Final = (0.5, 0.6, 0.7, 0.75, 0.8, 0.9)
_WHOLE: Final = 0.9  # share of a passage's shingles that stand in the original, from which it should be shown once

Scored = tuple[float, float]  # share of sentences edited, score


@dataclass(frozen=True, slots=True)
class Row:
    """What one threshold gives. found: the share of copies found, for each of SHARES; wrong of so many pairs."""

    threshold: float
    found: tuple[float, ...]
    wrong: int
    pairs: int
    precision: float


def document_rows(documents: Sequence[Document], made: Sequence[Repost]) -> list[Row]:
    """Whole documents: re-posts near their original, and different documents near each other."""
    signatures = {document.id: signature_of(document.text) for document in documents}
    wrong = [_alike(signatures[one], signatures[other]) for one, other in combinations(signatures, 2)]
    right: list[Scored] = []
    for repost in made:
        signature = signature_of(repost.document.text)
        alike = {document_id: _alike(signature, other) for document_id, other in signatures.items()}
        right.append((repost.share, alike.pop(repost.original)))
        wrong.extend(alike.values())
    return [_row(threshold, right, wrong) for threshold in NEAR_TRIED]


def passage_rows(documents: Sequence[Document], made: Sequence[Repost]) -> list[Row]:
    """Passages: those of re-posts that stand in the original, against those of others and altered ones."""

    def wordings(document: Document) -> list[Wording]:
        return [wording_of(passage.text) for passage in split(document)]

    known = {document.id: wordings(document) for document in documents}
    wholes = {document.id: shingles_of(letters_of(document.text)) for document in documents}
    right: list[Scored] = []
    for repost in made:
        for wording in wordings(repost.document):
            if len(wording.shingles & wholes[repost.original]) >= _WHOLE * len(wording.shingles):
                right.append((repost.share, _said(wording, known[repost.original])))
    wrong = [
        _said(wording, known[other])
        for document_id, own in known.items()
        for wording in own
        for other in known
        if other != document_id
    ]
    wrong += _altered(documents)
    return [_row(threshold, right, wrong) for threshold in SAID_TRIED]


def _altered(documents: Sequence[Document]) -> list[float]:
    """Scores of passages with another number, another word or a negation, against those as they were, both ways."""
    texts = [passage.text for document in documents for passage in split(document)]
    made = (with_another_number, with_another_word, with_a_negation)
    pairs = [(wording_of(text), wording_of(other)) for text in texts for make in made if (other := make(text))]
    return [_said(*pair) for one, other in pairs for pair in ((one, [other]), (other, [one]))]


def _alike(one: Signature, other: Signature) -> float:
    if not one or not other:
        return 0.0
    return resemblance(int((np.frombuffer(one, np.uint8) == np.frombuffer(other, np.uint8)).sum()))


def _said(wording: Wording, shown: Sequence[Wording]) -> float:
    """The highest threshold at which one of the wordings shown says all of this one; 0 if none can."""
    said = (one.share_of(wording) for one in shown if wording.claims <= one.claims and not _is_altered(one, wording))
    return max(said, default=0.0)


def _is_altered(one: Wording, other: Wording) -> bool:
    return one.share_of(other) >= min(SAID_TRIED) and is_altered(one.letters, other.letters)


def _row(threshold: float, right: Sequence[Scored], wrong: Sequence[float]) -> Row:
    by_share = {share: [score >= threshold for _, score in group] for share, group in _groups(right)}
    mistaken = sum(score >= threshold for score in wrong)
    hit = sum(map(sum, by_share.values()))
    found = tuple(sum(by_share[share]) / len(by_share[share]) for share in SHARES)
    return Row(threshold, found, mistaken, len(wrong), hit / (hit + mistaken) if hit else 0.0)


def _groups(right: Sequence[Scored]) -> list[tuple[float, list[Scored]]]:
    first: Callable[[Scored], float] = itemgetter(0)
    return [(share, list(group)) for share, group in groupby(sorted(right, key=first), key=first)]


def _print(name: str, rows: Sequence[Row]) -> None:
    edited = " | ".join(f"{share:.0%} edited" for share in SHARES)
    print(f"\n| {name} | {edited} | wrong pairs | precision |\n{'| --- ' * (len(SHARES) + 3)}|")
    for row in rows:
        found = " | ".join(f"{share:.3f}" for share in row.found)
        print(f"| {row.threshold} | {found} | {row.wrong} of {row.pairs:,} | {row.precision:.4f} |")


def main() -> None:
    """Measure and print both tables."""
    documents = list(bundled_documents())
    made = list(reposts(documents))
    print(f"{len(documents)} documents, {len(made)} re-posts")
    _print("documents: resemblance from", document_rows(documents, made))
    _print("passages: share said from", passage_rows(documents, made))


if __name__ == "__main__":
    main()
