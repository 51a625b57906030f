"""Citations: cut by offsets, verified against passage and document, never searched for."""

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.document import Attribution, Document, Section, Source
from corpus.passage import Passage, split
from corpus.sentences import sentence_spans
from rag.answer.citation import BrokenCitation, cite

TEXT = "𠮷祥小镇占地80.1亩。𠮷祥小镇位于滨江区。𠮷祥小镇占地80.1亩。"
SOURCES = {"a": Source("甲报", date="2023-01-03"), "b": Source("乙报")}


def document(text: str = TEXT, *, attributed: bool = True) -> Document:
    attributions = (Attribution(0, 12, ("a",)), Attribution(12, 22, ("b",))) if attributed else ()
    return Document("jixiang", "𠮷祥小镇", text, (Section(("概况",), 0, len(text)),), SOURCES, attributions)


def whole(of: Document) -> Passage:
    return Passage(of.id, 0, len(of.text), of.text, ("概况",))


def test_a_citation_is_the_slice_with_what_surrounds_it() -> None:
    citation = cite(3, document(), whole(document()), 12, 22)
    assert (citation.index, citation.document_id, citation.title) == (3, "jixiang", "𠮷祥小镇")
    assert (citation.before, citation.quote, citation.after) == (TEXT[:12], "𠮷祥小镇位于滨江区。", TEXT[22:])
    assert (citation.section, citation.page, citation.start, citation.end) == (("概况",), None, 12, 22)
    assert citation.quote_sha256 == hashlib.sha256("𠮷祥小镇位于滨江区。".encode()).hexdigest()


@pytest.mark.parametrize(
    ("span", "titles"),
    [((0, 12), ["甲报"]), ((12, 22), ["乙报"]), ((11, 13), ["甲报", "乙报"]), ((22, len(TEXT)), [])],
)
def test_its_sources_are_those_of_exactly_the_quoted_span(span: tuple[int, int], titles: list[str]) -> None:
    citation = cite(1, document(), whole(document()), *span)
    assert [source.title for source in citation.sources] == titles


def test_a_document_that_attributes_nothing_gives_all_its_sources() -> None:
    citation = cite(1, document(attributed=False), whole(document()), 0, 12)
    assert [source.title for source in citation.sources] == ["甲报", "乙报"]


def test_a_sentence_that_occurs_twice_keeps_its_own_place() -> None:
    """The quote is found at 0 and at 22; searching for it would give the first place for both."""
    citation = cite(1, document(), whole(document()), 22, len(TEXT))
    assert (citation.start, citation.quote) == (22, TEXT[0:12])


@pytest.mark.parametrize(("start", "end"), [(0, 0), (13, 12), (-5, 3), (20, len(TEXT) + 1), (len(TEXT), len(TEXT) + 5)])
def test_spans_outside_the_passage_are_refused(start: int, end: int) -> None:
    with pytest.raises(BrokenCitation):
        cite(1, document(), whole(document()), start, end)


def test_a_passage_of_another_text_is_refused() -> None:
    """The document was changed behind the passage's back; nobody gets to see such a quote."""
    changed = document(TEXT.replace("80.1", "99.9"))
    with pytest.raises(BrokenCitation, match="jixiang:0-"):
        cite(1, changed, whole(document()), 0, 12)
    part = Passage("jixiang", 12, 22, TEXT[12:22])
    with pytest.raises(BrokenCitation):
        cite(1, document(), part, 0, 12)


def test_the_page_is_told_for_paged_documents() -> None:
    paged = Document("p", "p", TEXT, (Section((), 0, len(TEXT)),), pages=(0, 12))
    assert cite(1, paged, whole(paged), 0, 12).page == 1
    assert cite(1, paged, whole(paged), 12, 22).page == 2


@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1, max_size=300))
def test_every_sentence_of_every_passage_can_be_cited_exactly(text: str) -> None:
    if not text.strip():
        return
    held = Document("d", "t", text, (Section((), 0, len(text)),))
    for passage in split(held):
        for left, right in sentence_spans(passage.text):
            citation = cite(1, held, passage, passage.start + left, passage.start + right)
            assert text[citation.start : citation.end] == citation.quote
            assert citation.before + citation.quote + citation.after == passage.text
