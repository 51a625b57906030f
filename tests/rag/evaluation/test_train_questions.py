"""The bundled training questions: every key is held by the documents, and nothing is asked twice."""

from collections import Counter
from pathlib import Path

import pytest

import rag.evaluation
from corpus.bundled import bundled_documents
from corpus.passage import split
from rag.evaluation.answer_keys import covers, fold_key
from rag.evaluation.case import TOGETHER, Case
from rag.evaluation.question_sets import read_set

TRAIN = Path(rag.evaluation.__file__).parent / "questions" / "train.jsonl"


@pytest.fixture(scope="module")
def cases() -> tuple[Case, ...]:
    found = read_set(TRAIN)
    assert found.problems == ()
    return found.cases


def test_counts(cases: tuple[Case, ...]) -> None:
    assert Counter(case.kind for case in cases) == {
        "unanswerable_near": 771,
        "paraphrase": 586,
        "direct": 302,
        "noisy": 133,
        "confusable": 116,
        "number_form": 104,
        "multi": 63,
        "unanswerable_ood": 30,
        "disagree": 18,
    }


def test_a_question_has_keys_unless_its_kind_says_that_nothing_answers(cases: tuple[Case, ...]) -> None:
    assert [case.id for case in cases if case.answerable == case.kind.startswith("unanswerable")] == []


def test_every_key_is_held_by_one_passage_of_the_judged_documents(cases: tuple[Case, ...]) -> None:
    passages = {document.id: [passage.text for passage in split(document)] for document in bundled_documents()}
    for case in cases:
        held = [text for subject in case.relevant for text in passages[subject]]
        together = [held] if case.kind in TOGETHER else [[text] for text in held]
        assert not case.answerable or any(covers(case.answers, texts) for texts in together), case.id


def test_no_question_stands_there_twice(cases: tuple[Case, ...]) -> None:
    asked = Counter("".join(filter(str.isalnum, fold_key(case.question))) for case in cases)
    assert [question for question, times in asked.items() if times > 1] == []
