"""TREC's forms: folders of topics, qrels, runs and, where the service's index is not meant, a corpus; writing runs.

A folder holds `topics*`, `qrels*`, any number of `*.run` or `runs/*`, and optionally `corpus.jsonl`.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from rag.evaluation.beir import judged_cases, present, read_qrels
from rag.evaluation.case import BadRow, QuestionSet, UnreadableSet
from rag.evaluation.lines import exhaust, plain_name, read_text, rows
from rag.evaluation.question_files import read_texts
from rag.evaluation.ranking import descending

FOREIGN = "run:"  # begins the name of a system that is only known by its run
_TOPIC = re.compile(r"<(?P<tag>top|topic)\b(?P<head>[^>]*)>(?P<body>.*?)</(?P=tag)>", re.DOTALL | re.IGNORECASE)
_NUMBER = re.compile(r"<num>\s*(?:Number:)?\s*([^\s<]+)|\bnumber=[\"']([^\"']+)", re.IGNORECASE)
_TITLE = re.compile(r"<(title|query)>\s*(?:Topic:)?(.*?)(?=<|\Z)", re.DOTALL | re.IGNORECASE)


def is_trec(folder: Path) -> bool:
    """Whether the folder holds topics and qrels."""
    return bool(_named(folder, "topics*")) and bool(_named(folder, "qrels*"))


def read_trec(folder: Path) -> QuestionSet:
    """Read a folder of TREC files; topics that nobody judged are left out.

    raises  UnreadableSet if topics or qrels are missing or ambiguous
    """
    problems: list[BadRow] = []
    topics, qrels = _only(folder, "topics*"), _only(folder, "qrels*")
    cases = judged_cases(read_topics(topics, problems), read_qrels(qrels, problems))
    corpus = present(folder, "corpus.jsonl", "passages.jsonl", "documents.jsonl")
    texts = read_texts(corpus, problems) if corpus else ()
    runs = (*_named(folder, "*.run"), *_named(folder, "*.run.gz"), *_named(folder / "runs", "*"))
    rankings = {FOREIGN + plain_name(path): read_run(path, problems) for path in runs}
    return QuestionSet(folder.resolve().name, cases, texts, rankings, tuple(problems))


def read_topics(path: Path, problems: list[BadRow]) -> dict[str, str]:
    """Topic number → title, from TREC's marked-up topics or from lines `number<tab>question`."""
    found: dict[str, str] = {}
    text = read_text(path)
    if _TOPIC.search(text):
        for topic in _TOPIC.finditer(text):
            line = text.count("\n", 0, topic.start()) + 1
            number, title = _NUMBER.search(topic["head"] + topic["body"]), _TITLE.search(topic["body"])
            question = " ".join(title[2].split()) if title else ""
            if number is None or not question:
                problems.append(BadRow(path.name, line, "the topic has no number or no title"))
            else:
                found[number[1] or number[2]] = question
        return found

    def read(line: str, number: int) -> None:
        name, mark, question = line.partition("\t")
        if not mark or not name.strip() or not question.strip():
            raise ValueError("a topic is a number, a tab and a question")
        found[name.strip()] = question.strip()

    exhaust(rows(path, read, problems))
    return found


def read_run(path: Path, problems: list[BadRow]) -> dict[str, tuple[str, ...]]:
    """Case id → document ids by falling score; equal scores by rank as written."""
    found: dict[str, dict[str, tuple[float, float]]] = {}

    def read(line: str, number: int) -> None:
        fields = line.split()
        if len(fields) != 6:
            raise ValueError("a line of a run has six fields: query Q0 document rank score tag")
        case, _, document, rank, score, _ = fields
        if document in found.setdefault(case, {}):
            raise ValueError(f"the document {document} occurs twice for {case}")
        found[case][document] = (-float(score), float(rank))

    exhaust(rows(path, read, problems))
    return {case: tuple(sorted(held, key=lambda name: (held[name], name))) for case, held in found.items()}


def run_lines(rankings: Mapping[str, Sequence[str]], tag: str) -> Iterable[str]:
    """Lines of a run file; scores 1/rank, so that no tool breaks ties of its own; white space in names becomes `_`."""
    for case, ranking in rankings.items():
        for rank, (document, score) in enumerate(descending(ranking), start=1):
            yield f"{_joined(case)} Q0 {_joined(document)} {rank} {score:.8f} {_joined(tag)}\n"


def _joined(name: str) -> str:
    return re.sub(r"\s", "_", name)


def _named(folder: Path, pattern: str) -> list[Path]:
    return sorted(path for path in folder.glob(pattern) if path.is_file())


def _only(folder: Path, pattern: str) -> Path:
    found = _named(folder, pattern)
    if len(found) != 1:
        raise UnreadableSet(f"{folder}: needs one file {pattern}, has {len(found)}")
    return found[0]
