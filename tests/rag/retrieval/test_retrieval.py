"""Retrieval: candidates of both indexes, ordered by relevance, on one snapshot."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from corpus.document import Document
from corpus.lexicon import bundled_lexicon
from corpus.reading import read
from index.encoder.loading import load_encoder
from index.lexical.tokeniser import Tokeniser
from index.passage_index import PassageIndex
from rag.reader.relevance import Model, Sums, bundled_model
from rag.retrieval.retriever import Retriever

TEXTS = {
    "jia": "# 甲山小镇\n\n甲山小镇占地50亩，2019年挂牌。\n\n甲山小镇有企业120家。",
    "yi": "# 乙水社区\n\n乙水社区占地80.1亩。\n\n乙水社区由丙云集团运营。",
    "ding": "# 丁香园\n\n丁香园是物流园区，主营冷链运输。",
}


def document(name: str) -> Document:
    return read(TEXTS[name].encode(), name, media_type="text/markdown").documents[0]


@pytest.fixture(scope="module")
def retriever(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Retriever]:
    home: Path = tmp_path_factory.mktemp("home")
    index = PassageIndex.open(home, load_encoder("static"), Tokeniser(bundled_lexicon()), writable=True)
    index.put([document(name) for name in TEXTS])
    yield Retriever(index, bundled_model())
    index.close()


@pytest.mark.parametrize("mode", ["hybrid", "dense", "lexical"])
def test_every_mode_finds_the_passage(retriever: Retriever, mode: str) -> None:
    found = retriever.retrieve("乙水社区占地多少亩", 3, mode)  # type: ignore[arg-type]
    assert "80.1亩" in found.evidence[0].found.passage.text
    assert [one.rank for one in found.evidence] == [1, 2, 3][: len(found.evidence)]
    assert (found.evidence[0].lexical is None) == (mode == "dense")
    assert (found.evidence[0].dense is None) == (mode == "lexical")


def test_the_same_question_gives_the_same_answer(retriever: Retriever) -> None:
    first, second = (retriever.retrieve("占地多少", 10) for _ in range(2))
    assert [(e.row, e.relevance) for e in first.evidence] == [(e.row, e.relevance) for e in second.evidence]


def test_places_fall_with_rank_for_a_question_about_one_subject(retriever: Retriever) -> None:
    evidence = retriever.retrieve("甲山小镇有多少家企业", 10).evidence
    assert [one.place for one in evidence] == sorted((one.place for one in evidence), reverse=True)
    assert all(0 <= one.relevance <= 1 for one in evidence)


def test_the_most_relevant_of_the_passages_that_stand_level_is_first(retriever: Retriever) -> None:
    model = bundled_model()
    against = Sums((0.0,) * len(model.plain.order), 0.0, tuple(-weight for weight in model.plain.odds))
    evidence = Retriever(retriever.index, Model(against, against, model.quoted, 0.0)).retrieve("丁香园").evidence
    assert len(evidence) > 2
    assert len({one.place for one in evidence}) == 1
    assert evidence[0].relevance == max(one.relevance for one in evidence)
    assert [one.rank for one in evidence] == list(range(1, len(evidence) + 1))


def test_a_name_alone_is_given_by_what_tells_most_of_it(retriever: Retriever) -> None:
    first = retriever.retrieve("甲山小镇").evidence[0].features
    assert first.given_near == pytest.approx(min(first.sentence_cosine / 0.6, 1))


def test_a_quantity_without_words_is_told_by_what_is_like_it(retriever: Retriever) -> None:
    """«哪个大» asks for an area and leaves no word that could be looked for."""
    told = {one.document.id: one.features.told for one in retriever.retrieve("哪个大").evidence}
    assert told["jia"] > told["ding"]


def test_no_other_wording_stands_in_for_a_term(retriever: Retriever) -> None:
    assert retriever.retrieve("健身房在哪里").weights.kin
    assert not retriever.retrieve("健身房是什么意思").weights.kin


def test_a_comparison_puts_both_subjects_first(retriever: Retriever) -> None:
    found = retriever.retrieve("甲山小镇和乙水社区哪个占地大", 4)
    assert {one.document.id for one in found.evidence[:2]} == {"jia", "yi"}
    assert all("占地" in one.found.passage.text for one in found.evidence[:2])


def test_a_filter_keeps_only_its_documents(retriever: Retriever) -> None:
    found = retriever.retrieve("占地多少亩", 10, only={"id": ["yi"]})
    assert {one.document.id for one in found.evidence} == {"yi"}
    assert retriever.retrieve("占地多少亩", 10, only={"kind": ["park"]}).evidence == ()


def test_an_unknown_filter_is_refused(retriever: Retriever) -> None:
    with pytest.raises(ValueError, match="colour"):
        retriever.retrieve("占地", only={"colour": ["red"]})


def test_punctuation_finds_nothing_and_breaks_nothing(retriever: Retriever) -> None:
    assert retriever.retrieve("？？", 5).evidence == ()


def test_a_deleted_document_is_gone_from_the_next_question(retriever: Retriever) -> None:
    index = retriever.index
    index.put([document("ding")])
    assert any(one.document.id == "ding" for one in retriever.retrieve("冷链运输", 5).evidence)
    generation = index.remove(["ding"])
    found = retriever.retrieve("冷链运输", 5)
    assert found.generation == generation
    assert all(one.document.id != "ding" for one in found.evidence)


def test_a_subject_that_the_question_sets_aside_is_none_that_it_names(retriever: Retriever) -> None:
    found = retriever.retrieve("不是甲山小镇，占地80.1亩的那家由谁运营", 3).evidence
    assert {(one.features.named, one.features.foreign) for one in found} == {(0.5, 0.0)}
    named = retriever.retrieve("甲山小镇由谁运营", 3).evidence
    assert {one.document.id: one.features.foreign for one in named} == {"jia": 0.0, "yi": 1.0}
