"""The reader's network in numpy, against a slow obvious version, and what its marks and sentences are."""

import numpy as np
import pytest

from corpus.passage import Passage
from index.encoder.late_interaction import LateInteractionEncoder
from index.store.records import PassageRow
from rag.reader.interaction import Interaction, Side
from rag.reader.neural_reader import FEATURES, NeuralReader
from rag.reader.token_sides import PassageTokens, QuestionTokens
from rag.retrieval.judging import Candidate, likeness

ENCODER = LateInteractionEncoder.bundled()
TITLE = "甲园"
TEXTS = ("甲园由乙公司运营。甲园占地80.1亩。", "甲园的食堂在一楼。", "丙园有企业120家。")


def candidate(row: int, text: str) -> Candidate:
    encoded = f"{TITLE}。{text}"
    (read,) = ENCODER.read([encoded])
    found = PassageRow(row, 1, Passage("jia", 0, len(text), text), f"hash of {text}")
    return Candidate(found, encoded, read.vectors, 1.0, 0.5, 0.0)


def judged(question: str, *texts: str):  # type: ignore[no-untyped-def]
    (asked,) = ENCODER.read([question], "question")
    reader = NeuralReader.bundled(ENCODER)
    return reader.judge(question, asked, [candidate(row, text) for row, text in enumerate(texts)])


def test_the_passage_that_answers_is_the_most_relevant() -> None:
    area, canteen, other = judged("甲园占地多少亩", *TEXTS)
    assert area.relevance > 0.5 > max(canteen.relevance, other.relevance)
    assert area.place > max(canteen.place, other.place)


def test_the_sentence_that_answers_suits_best_as_a_quote() -> None:
    (one,) = judged("甲园占地多少亩", TEXTS[0])
    assert len(one.sentences) == 2
    assert one.sentences[1] > one.sentences[0]


def test_relevance_and_place_are_the_sums_of_their_shares() -> None:
    (one,) = judged("甲园占地多少亩", TEXTS[0])
    assert tuple(one.features) == FEATURES == tuple(one.order_shares)
    assert one.place == pytest.approx(sum(one.order_shares.values()))
    assert one.relevance == pytest.approx(1 / (1 + np.exp(-sum(one.odds_shares.values()))))


def test_a_passage_is_judged_alike_alone_and_among_others() -> None:
    alone = judged("甲园占地多少亩", TEXTS[1])[0]
    among = judged("甲园占地多少亩", *TEXTS)[1]
    assert among.relevance == pytest.approx(alone.relevance, abs=1e-5)


def test_a_question_without_a_token_answers_nothing() -> None:
    assert all(one.relevance < 0.01 for one in judged("", TEXTS[0]))


def test_marks_tell_where_a_token_of_the_question_stands() -> None:
    question = "甲园80亩"
    (asked,) = ENCODER.read([question], "question")
    tokens = QuestionTokens.of(question, asked.tokens, asked.vectors, ENCODER.idf)
    one = candidate(0, TEXTS[0])
    held = ENCODER.tokens(one.encoded)
    passage = PassageTokens.of(one.encoded, TEXTS[0], held, one.vectors, ENCODER.idf)
    marks = dict(zip(tokens.words, tokens.beside(passage).marks.tolist(), strict=True))
    assert marks["80"][1:] == [1, 0, 1]
    assert all(marks[word][2] for word in marks if word and word in TITLE)
    assert set(passage.owner.tolist()) == {-1, 0, 1}


def test_no_passages_are_no_judgements() -> None:
    weights = {"tau": np.float32(1)}
    assert Interaction(weights).judge([], []) == []
    assert Side(np.zeros((0, 2), np.float32), np.zeros((0, 3), np.float32)).marks.shape == (0, 3)


def test_likeness_is_the_share_of_pairs_in_common() -> None:
    assert likeness("占地多少", ["占地多少？"]) == 1.0
    assert likeness("占地多少", ["占地几亩", "食堂"]) == pytest.approx(2 * 1 / (3 + 3))
    assert likeness("占地多少", []) == 0.0
