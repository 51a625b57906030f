"""Our own question files: JSONL of questions or dialogues, with passages beside them or without."""

from dataclasses import replace
from pathlib import Path
from typing import Any

from corpus.cleaning import clean
from rag.evaluation.case import BadRow, Case, QuestionSet, TextRow, UnreadableSet, with_strangers
from rag.evaluation.lines import exhaust, json_object, plain_name, rows, text_field

FIRST_TURN, FOLLOW_UP = "first_turn", "follow_up"  # kinds of a dialogue's turns
TO_BE_JUDGED = "to_be_judged"  # a field of rows that nobody may evaluate on before somebody has judged them
_QUESTIONS = "_questions"


def read_question_file(path: Path) -> QuestionSet:
    """Read a JSONL file of questions or dialogues; `<set>_passages.jsonl[.gz]` beside `<set>_questions…` comes along.

    raises  UnreadableSet if a file cannot be read
    """
    problems: list[BadRow] = []
    name = plain_name(path).removesuffix(_QUESTIONS)
    texts = read_texts(passages, problems) if (passages := _passages_beside(path)) else ()
    known = {row.id for row in texts}
    cases: dict[str, Case] = {}

    def read(line: str, number: int) -> None:
        new = _cases(json_object(line), known)
        if taken := next((case.id for case in new if case.id in cases), None):
            raise ValueError(f"the id {taken} is used twice")
        cases.update((case.id, case) for case in new)

    exhaust(rows(path, read, problems))
    held = tuple(cases.values())
    return QuestionSet(name, held if texts else with_strangers(held), texts, {}, tuple(problems))


def read_texts(path: Path, problems: list[BadRow], id_field: str = "id") -> tuple[TextRow, ...]:
    """Read documents `{id, title?, text}`, one a line; repeated and empty ones go to `problems`."""
    found: dict[str, TextRow] = {}

    def read(line: str, number: int) -> None:
        row = text_row(json_object(line), id_field)
        if row.id in found:
            raise ValueError(f"the id {row.id} is used twice")
        found[row.id] = row

    exhaust(rows(path, read, problems))
    if not found:
        raise UnreadableSet(f"{path}: holds no passage")
    return tuple(found.values())


def text_row(record: dict[str, Any], id_field: str) -> TextRow:
    """A document of a set; one that has a title and no text has its title as text."""
    title = record.get("title") or ""
    text = record.get("text") or title
    if not isinstance(title, str) or not isinstance(text, str) or not clean(text).text.strip():
        raise ValueError("'text' must be a text that is not blank")
    return TextRow(text_field(record, id_field), title, text)


def answer_groups(value: Any) -> tuple[tuple[str, ...], ...]:
    """Groups of alternatives; a flat list is one group.

    raises  ValueError for anything else
    """
    if not isinstance(value, list):
        raise ValueError("'answers' must be a list")
    groups = [value] if value and all(isinstance(one, str) for one in value) else value
    for group in groups:
        if not isinstance(group, list) or not group or not all(isinstance(one, str) and one.strip() for one in group):
            raise ValueError("'answers' must hold groups of texts, or be one flat list of texts")
    return tuple(tuple(group) for group in groups)


def _passages_beside(path: Path) -> Path | None:
    stem = plain_name(path)
    if not stem.endswith(_QUESTIONS):
        return None
    name = stem.removesuffix(_QUESTIONS) + "_passages.jsonl"
    return next((found for found in (path.with_name(name), path.with_name(name + ".gz")) if found.is_file()), None)


def _cases(record: dict[str, Any], known: set[str]) -> list[Case]:
    if TO_BE_JUDGED in record:
        raise ValueError(f"nobody has judged it yet: give it 'answers' ([] for none) and take {TO_BE_JUDGED!r} out")
    if "turns" not in record:
        return [_case(record, text_field(record, "id"), known)]
    dialogue, turns = text_field(record, "id"), record["turns"]
    if not isinstance(turns, list) or not turns or not all(isinstance(turn, dict) for turn in turns):
        raise ValueError("'turns' must be a list of questions")
    cases: list[Case] = []
    for number, turn in enumerate(turns, start=1):
        earlier = tuple(case.question for case in cases)
        case = _case(turn, f"{dialogue}.{number}", known, earlier)
        kind = FOLLOW_UP if earlier else FIRST_TURN
        cases.append(replace(case, kind=kind if case.answerable else f"unanswerable_{kind}"))
    return cases


def _case(record: dict[str, Any], case_id: str, known: set[str], earlier: tuple[str, ...] = ()) -> Case:
    answers = answer_groups(record.get("answers", []))
    judged = _names(record, "pids") or _names(record, "pid")
    if missing := [one for one in judged if known and one not in known]:
        raise ValueError(f"there is no passage {missing[0]}")
    return Case(
        id=case_id,
        question=text_field(record, "q"),
        kind=text_field(record, "kind") if "kind" in record else "question",
        answers=answers,
        relevant=dict.fromkeys(judged or (_names(record, "subjects") if answers else ()), 1),
        answerable=bool(answers or judged),
        earlier=earlier,
    )


def _names(record: dict[str, Any], name: str) -> list[str]:
    value = record.get(name, [])
    listed = [value] if isinstance(value, str) else value
    if not isinstance(listed, list) or not all(isinstance(one, str) for one in listed):
        raise ValueError(f"{name!r} must hold document ids")
    return listed
