"""Reading question sets of any form: a path in, a QuestionSet out."""

from pathlib import Path

from rag.evaluation.beir import is_beir, read_beir
from rag.evaluation.case import QuestionSet, UnreadableSet
from rag.evaluation.csv_rows import read_csv
from rag.evaluation.question_files import read_question_file
from rag.evaluation.trec import is_trec, read_trec

FORMS = (
    "a .jsonl file of questions or dialogues, a .csv or .tsv with a column 'question', "
    "a BEIR folder (corpus.jsonl, queries.jsonl, qrels/), or a folder with topics* and qrels*"
)
_SHOWN_PROBLEMS = 5


def read_set(path: Path) -> QuestionSet:
    """Read a question set of any known form; `.gz` is read through.

    raises  UnreadableSet if it cannot be used at all; single bad rows end up in its `problems`
    """
    found = _read(path)
    if not found.cases:
        shown = "".join(f"\n  {problem}" for problem in found.problems[:_SHOWN_PROBLEMS])
        raise UnreadableSet(f"{path}: holds no question that can be asked{shown}")
    return found


def _read(path: Path) -> QuestionSet:
    if not path.exists():
        raise UnreadableSet(f"{path}: there is no such file or folder")
    if path.is_dir():
        if is_beir(path):
            return read_beir(path)
        if is_trec(path):
            return read_trec(path)
    elif (ending := path.name.removesuffix(".gz").rsplit(".", 1)[-1].lower()) in ("jsonl", "ndjson"):
        return read_question_file(path)
    elif ending in ("csv", "tsv"):
        return read_csv(path)
    raise UnreadableSet(f"{path}: not a form that is known: {FORMS}")
