"""python -m index.training.figures --data FOLDER --facts FOLDER [--model FOLDER]: an encoder's development figures.

Nothing here is ever learned from. Each set is searched alone, by cosine, by BM25 over characters and pairs of
characters, and by their sum: BM25 as a share of the question's best score, plus the cosine times a fixed weight.
"""

import argparse
import gzip
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from index.encoder.loading import load_encoder
from index.encoder.text_encoder import BUNDLED, Encoder
from index.training.hangzhou import hits, read_passages, read_questions
from index.training.rival import bm25, character_bags, out_of_best
from index.training.sources import fold

SETS = ("stard_heldout", "cmrc_trial", "drcd_dev", "xquad_zh")
COSINE = 1.0  # weight of the cosine beside BM25
DEPTH = 10
SHARED = 3  # characters in a row that a question and its passage share, from which they are taken out
LEFT = 5  # characters that must be left of such a question


@dataclass(frozen=True, slots=True)
class Quiz:
    """Questions over passages; gold[i] holds the rows of the passages that answer questions[i]."""

    name: str
    passages: list[str]
    questions: list[str]
    gold: list[frozenset[int]]


@dataclass(frozen=True, slots=True)
class Figures:
    """Means over the questions of a quiz: reciprocal rank and nDCG over ten, and how often a right one is in reach."""

    mrr: float
    ndcg: float
    first: float
    ten: float


def read_quiz(folder: Path, name: str) -> Quiz:
    """Read `<name>_passages.jsonl.gz` and `<name>_questions.jsonl.gz`, texts as they are, traditional ones too."""
    passages, questions = rows_of(folder / f"{name}_passages.jsonl.gz"), rows_of(folder / f"{name}_questions.jsonl.gz")
    numbers = {passage["id"]: number for number, passage in enumerate(passages)}
    gold = [frozenset(numbers[one] for one in question.get("pids", [question["pid"]])) for question in questions]
    return Quiz(name, [passage["text"] for passage in passages], [question["q"] for question in questions], gold)


def rows_of(path: Path) -> list[dict[str, Any]]:
    """Return the rows of a gzipped JSONL file."""
    with gzip.open(path, "rt", encoding="utf-8") as stream:
        return [json.loads(line) for line in stream]


def without_shared(quiz: Quiz) -> Quiz:
    """Return the quiz asked in other words: what a question shares with its first passage is cut out of it."""
    asked = []
    for question, gold in zip(quiz.questions, quiz.gold, strict=True):
        left = cut_shared(fold(question), fold(quiz.passages[min(gold)]))
        if len(left) >= LEFT:
            asked.append((left, gold))
    return Quiz(f"{quiz.name}, shared words cut", quiz.passages, [q for q, _ in asked], [gold for _, gold in asked])


def cut_shared(question: str, passage: str) -> str:
    """Cut every run of `SHARED` or more characters that the passage also holds, longest first from the left."""
    left, at = "", 0
    while at < len(question):
        end = at
        while end < len(question) and question[at : end + 1] in passage:
            end += 1
        if end - at < SHARED:
            left += question[at]
            end = at + 1
        at = end
    return left


def score(scores: NDArray[np.float32], gold: Sequence[frozenset[int]]) -> Figures:
    """Return the figures of a ranking by scores, shape (questions, passages); equal scores go by row.

    source  nDCG: Järvelin, Kekäläinen, TOIS 2002, doi:10.1145/582415.582418, with gains of 0 and 1
    """
    best = np.argsort(-scores, axis=1, kind="stable")[:, :DEPTH]
    discount = 1 / np.log2(np.arange(DEPTH) + 2)
    hits = np.array([[row in right for row in rows] for rows, right in zip(best, gold, strict=True)])
    ideal = np.array([discount[: len(right)].sum() for right in gold])
    rank = np.where(hits.any(axis=1), hits.argmax(axis=1) + 1, np.inf)
    ndcg = (hits * discount[: hits.shape[1]]).sum(axis=1) / ideal
    return Figures(*(float(np.mean(part)) for part in (1 / rank, ndcg, hits[:, 0], hits.any(axis=1))))


def compare(encoder: Encoder, quiz: Quiz) -> dict[str, Figures]:
    """Return the figures of cosine alone, BM25 alone, and both together."""
    searches = search_all(encoder, quiz.questions, quiz.passages)
    return {search: score(scores, quiz.gold) for search, scores in searches.items()}


def search_all(encoder: Encoder, questions: list[str], passages: list[str]) -> dict[str, NDArray[np.float32]]:
    """Return the scores of each search, shape (questions, passages)."""
    cosine = encoder.encode(questions, kind="question") @ encoder.encode(passages).T
    asked, held = (character_bags([fold(text) for text in texts]) for texts in (questions, passages))
    lexical = out_of_best(bm25(asked, held))
    return {"cosine": cosine, "BM25": lexical, "both": lexical + COSINE * cosine}


def main() -> None:
    """Print the figures as Markdown."""
    parser = argparse.ArgumentParser(prog="python -m index.training.figures", description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder with eval/*.jsonl.gz")
    parser.add_argument("--facts", type=Path, required=True, help="folder with the fact sheets, *.yaml")
    parser.add_argument("--model", default=str(BUNDLED), help="folder or name of the encoder")
    arguments = parser.parse_args()
    encoder = load_encoder(arguments.model)
    print_quizzes(encoder, arguments.data / "eval")
    print_hits(encoder, arguments.data / "eval" / "hangzhou_dev.jsonl", arguments.facts)


def print_quizzes(encoder: Encoder, folder: Path) -> None:
    """Print one row for each quiz and search."""
    print("| set | questions | search | MRR@10 | nDCG@10 | R@1 | R@10 |\n| --- | --- | --- | --- | --- | --- | --- |")
    for name in SETS:
        quiz = read_quiz(folder, name)
        for one in (quiz,) if name == "stard_heldout" else (quiz, without_shared(quiz)):
            for search, f in compare(encoder, one).items():
                numbers = " | ".join(f"{number:.3f}" for number in (f.mrr, f.ndcg, f.first, f.ten))
                print(f"| {one.name} | {len(one.questions)} | {search} | {numbers} |", flush=True)


def print_hits(encoder: Encoder, questions_file: Path, facts: Path) -> None:
    """Print one row for each search, one column for each kind of question."""
    questions, passages = read_questions(questions_file), read_passages(facts)
    print(f"\n{len(questions)} hangzhou_dev questions over {len(passages)} passages, hit@1 / hit@5\n")
    kinds = ["all", *sorted({question.kind for question in questions})]
    print(f"| search | {' | '.join(kinds)} |\n| --- |{' --- |' * len(kinds)}")
    for search, scores in search_all(encoder, [question.text for question in questions], passages).items():
        found = hits(scores, questions, passages)
        print(f"| {search} |", " | ".join(f"{found[kind][0]:.3f} / {found[kind][1]:.3f}" for kind in kinds), "|")


if __name__ == "__main__":
    main()
