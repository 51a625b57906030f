"""Support: what may be said on the strength of a passage, measured on made-up pairs."""

import pytest
from support_pairs import (
    FRESH_PASSAGES,
    FRESH_SUPPORTED,
    FRESH_UNSUPPORTED,
    PASSAGES,
    SUPPORTED,
    UNSUPPORTED,
)

from corpus.document import Document, Section
from corpus.lexicon import bundled_lexicon
from corpus.passage import Passage
from index.tokens import Tokeniser
from rag.generation.ground import Ground, ground, named
from rag.generation.support import objection

TOKENISER = Tokeniser(bundled_lexicon())
ALL = PASSAGES | FRESH_PASSAGES
NAMES = named((title, (title, *aliases)) for title, aliases, _, _ in ALL.values())
Pairs = list[tuple[str, str]]


def grounds(keys: str) -> list[Ground]:
    found = []
    for key in keys.split():
        title, aliases, section, text = ALL[key]
        document = Document(title, title, text, (Section((section,), 0, len(text)),))
        passage = Passage.cut(document, document.sections[0], 0, len(text))
        found.append(ground(passage, " ".join((title, *aliases, section)), NAMES))
    return found


def refused(pairs: Pairs) -> dict[str, str]:
    found = {said: objection(said, grounds(keys), NAMES, TOKENISER) for keys, said in pairs}
    return {said: reason for said, reason in found.items() if reason}


@pytest.mark.parametrize(
    ("supported", "unsupported", "may_lose", "may_pass"),
    [(SUPPORTED, UNSUPPORTED, 0, 0), (FRESH_SUPPORTED, FRESH_UNSUPPORTED, 2, 0)],
    ids=["tuned", "fresh"],
)
def test_supported_sentences_are_kept_and_unsupported_ones_dropped(
    supported: Pairs, unsupported: Pairs, may_lose: int, may_pass: int
) -> None:
    lost = refused(supported)
    caught = refused(unsupported)
    passed = [said for _, said in unsupported if said not in caught]
    print(f"lost {len(lost)} of {len(supported)} supported, passed {len(passed)} of {len(unsupported)} unsupported")
    print(*(f"lost   {reason} {said}" for said, reason in lost.items()), *(f"passed {s}" for s in passed), sep="\n")
    assert len(lost) <= may_lose
    assert len(passed) <= may_pass


@pytest.mark.parametrize("key", ALL)
def test_a_passage_supports_its_own_sentences(key: str) -> None:
    (own,) = grounds(key)
    text = ALL[key][3]
    for sentence in own.sentences:
        assert objection(text[sentence.start : sentence.end], [own], NAMES, TOKENISER) is None
