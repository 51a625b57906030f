"""Question sets in CSV or TSV: a column `question`, any number of columns that begin with `answer`."""

import csv
import io
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from rag.evaluation.case import BadRow, Case, QuestionSet, UnreadableSet, with_strangers
from rag.evaluation.lines import plain_name, read_text

QUESTION = ("question", "q", "query", "问题")
ANSWER = ("answer", "答案")
OTHER = ("|", "｜")  # parts alternatives within a cell


def read_csv(path: Path) -> QuestionSet:
    """Read a table with a header: question, answer…, and, where present, id, kind, subjects, pid, answerable.

    Each answer column is a group of its own, alternatives parted by `|`; a row without answers and
    without pid is unanswerable. Semicolons, commas or tabs part the columns.
    raises  UnreadableSet if there is no column for questions
    """
    text = read_text(path)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(path, text), strict=True)
    header = [name.strip().lower() for name in next(reader, [])]
    column = next((name for name in QUESTION if name in header), None)
    if column is None:
        raise UnreadableSet(f"{path}: the header has no column named {' or '.join(QUESTION)}")
    problems: list[BadRow] = []
    cases: dict[str, Case] = {}
    for number, cells in _numbered(reader, path, problems):
        try:
            case = _case(header, cells, column, number)
            if case.id in cases:
                raise ValueError(f"the id {case.id} is used twice")
            cases[case.id] = case
        except ValueError as error:
            problems.append(BadRow(path.name, number, str(error)))
    return QuestionSet(plain_name(path), with_strangers(tuple(cases.values())), (), {}, tuple(problems))


def _numbered(reader: Any, path: Path, problems: list[BadRow]) -> Iterator[tuple[int, list[str]]]:
    """Rows that are not blank, with the line they end on; an unclosed quote ends the file."""
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                yield reader.line_num, cells
    except csv.Error as error:
        problems.append(BadRow(path.name, reader.line_num, str(error)))


def _case(header: list[str], cells: list[str], column: str, number: int) -> Case:
    if len(cells) > len(header):
        raise ValueError(f"has {len(cells)} cells, the header has {len(header)}")
    row = dict(zip(header, (cell.strip() for cell in cells), strict=False))
    if not row.get(column):
        raise ValueError("the question is blank")
    answers = tuple(
        group
        for name, cell in zip(header, cells, strict=False)
        if name.startswith(ANSWER) and name != "answerable" and (group := _alternatives(cell))
    )
    judged = _listed(row, "pid") or _listed(row, "pids")
    return Case(
        id=row.get("id") or str(number),
        question=row[column],
        kind=row.get("kind") or "question",
        answers=answers,
        relevant=dict.fromkeys(judged or (_listed(row, "subjects") if answers else ()), 1),
        answerable=bool(answers or judged),
    )


def _alternatives(cell: str) -> tuple[str, ...]:
    for mark in OTHER:
        cell = cell.replace(mark, "\n")
    return tuple(part.strip() for part in cell.split("\n") if part.strip())


def _listed(row: Mapping[str, str], name: str) -> tuple[str, ...]:
    return _alternatives(row.get(name, "").replace(" ", "\n"))


def _delimiter(path: Path, text: str) -> str:
    if ".tsv" in path.suffixes:
        return "\t"
    header = text.split("\n", 1)[0]
    return max(",;\t", key=lambda mark: (header.count(mark), mark == ","))
