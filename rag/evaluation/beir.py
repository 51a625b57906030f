"""BEIR folders: corpus.jsonl, queries.jsonl and qrels/*.tsv.

Source of the form: https://github.com/beir-cellar/beir
"""

from pathlib import Path

from rag.evaluation.case import BadRow, Case, QuestionSet, UnreadableSet
from rag.evaluation.lines import exhaust, json_object, rows, text_field
from rag.evaluation.question_files import read_texts

SPLITS = ("test", "dev", "train")  # the first one that is there is used

Qrels = dict[str, dict[str, int]]


def present(folder: Path, *names: str) -> Path | None:
    """The first of these files in the folder, packed or not."""
    paths = (folder / (name + ending) for name in names for ending in ("", ".gz"))
    return next((path for path in paths if path.is_file()), None)


def is_beir(folder: Path) -> bool:
    """Whether the folder looks like one of BEIR's."""
    return present(folder, "queries.jsonl") is not None


def read_beir(folder: Path) -> QuestionSet:
    """Read a BEIR folder; queries that nobody judged are left out, as BEIR does.

    raises  UnreadableSet if corpus, queries or qrels are missing
    """
    corpus, queries = present(folder, "corpus.jsonl"), present(folder, "queries.jsonl")
    qrels = present(folder, *(f"qrels/{split}.tsv" for split in SPLITS), "qrels.tsv")
    if corpus is None or queries is None or qrels is None:
        missing = [name for name, path in (("corpus.jsonl", corpus), ("qrels/test.tsv", qrels)) if path is None]
        raise UnreadableSet(f"{folder}: misses {' and '.join(missing or ['queries.jsonl'])}")
    problems: list[BadRow] = []
    texts = read_texts(corpus, problems, "_id")
    questions = read_topics(queries, problems)
    judged = read_qrels(qrels, problems)
    return QuestionSet(folder.resolve().name, judged_cases(questions, judged), texts, {}, tuple(problems))


def read_topics(path: Path, problems: list[BadRow]) -> dict[str, str]:
    """Query id → text of a queries.jsonl; a second row with a known id is a problem."""
    found: dict[str, str] = {}

    def read(line: str, number: int) -> None:
        record = json_object(line)
        name = text_field(record, "_id")
        if name in found:
            raise ValueError(f"the id {name} is used twice")
        found[name] = text_field(record, "text")

    exhaust(rows(path, read, problems))
    return found


def read_qrels(path: Path, problems: list[BadRow]) -> Qrels:
    """Judgements `query-id corpus-id score` parted by white space, or TREC's `query 0 document grade`."""
    found: Qrels = {}

    def read(line: str, number: int) -> None:
        fields = line.split("\t") if line.count("\t") in (2, 3) else line.split()
        if number == 1 and fields and not fields[-1].strip().lstrip("-").isdigit():
            return  # the header
        if len(fields) not in (3, 4):
            raise ValueError("a judgement has three or four fields")
        try:
            grade = int(fields[-1])
        except ValueError:
            raise ValueError(f"the grade {fields[-1]!r} is no whole number") from None
        found.setdefault(fields[0].strip(), {})[fields[-2].strip()] = grade

    exhaust(rows(path, read, problems))
    return found


def judged_cases(questions: dict[str, str], qrels: Qrels) -> tuple[Case, ...]:
    """One case for each question with a relevant document, in the order of the questions."""
    return tuple(
        Case(id=name, question=question, relevant=qrels[name])
        for name, question in questions.items()
        if any(grade > 0 for grade in qrels.get(name, {}).values())
    )
