"""The documents on other subjects that the relevance model is fitted with: every key stands in its document, and
a document that nobody wrote similar questions for is found and answers."""

from pathlib import Path

import rag.evaluation
from corpus.reading import read
from rag.evaluation.answer_keys import covers
from rag.evaluation.question_sets import read_set
from rag.service import Service

FOLDER = Path(rag.evaluation.__file__).parent / "questions" / "others"
CASES = read_set(FOLDER / "questions.jsonl").cases
FILES = {path.stem: path for path in FOLDER.iterdir() if path.name != "questions.jsonl"}


def test_every_key_stands_in_its_document_and_nothing_else_is_answerable() -> None:
    texts = {stem: read(path.read_bytes(), stem, name=path.name).documents[0].text for stem, path in FILES.items()}
    assert {case.id.split("-")[0] for case in CASES} == {*texts, "far"}
    missing = [case.id for case in CASES if case.answers and not covers(case.answers, [texts[case.id.split("-")[0]]])]
    assert not missing
    unanswerable = sum(not case.answers for case in CASES)
    assert len(CASES) == 120
    assert unanswerable == 55


def test_a_document_without_similar_questions_answers(own_service: Service) -> None:
    text = (
        "# 云溪游泳馆入场须知\n\n## 票价\n\n成人票每张45元，学生凭证半价，1.2米以下儿童免票。\n\n"
        "## 时间\n\n游泳馆每天早上6点开门，晚上9点半停止入场，每周一上午换水不开放。\n"
    )
    own_service.put(text.encode(), "pool", media_type="text/markdown")
    for question, key in (("云溪游泳馆成人票多少钱", "45元"), ("游泳馆几点开门", "6点")):
        answer = own_service.ask(question).answer
        assert key in answer.text, question
    assert own_service.ask("云溪游泳馆的水温是多少度").answer.status == "no_answer"
