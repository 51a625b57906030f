"""How often the project's own development questions meet a passage that holds the whole answer.

The passages are the fact sheets themselves, about 120 characters each with the subject's name in front: a small, easy
haystack. See `eval/hangzhou_dev.README.md` beside the questions for the rules.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import yaml
from numpy.typing import NDArray

from index.training.sources import fold

LENGTH = 135  # characters from which a passage takes no further statement
REACH = (1, 5)
TOGETHER = {"multi", "disagree"}  # kinds whose answer may be spread over several passages


@dataclass(frozen=True, slots=True)
class TrainingQuestion:
    """A question and its answer: every group must be matched by one of its alternatives."""

    text: str
    kind: str
    answers: list[list[str]]


def read_passages(folder: Path) -> list[str]:
    """Return the statements of `folder/*.yaml`, a few to a passage, each passage opened by the name of its subject."""
    passages = []
    for path in sorted(folder.glob("*.yaml")):
        sheet = yaml.safe_load(path.read_text(encoding="utf-8"))
        held = ""
        for fact in sheet["facts"]:
            if held and len(held) + len(fact["statement"]) > LENGTH:
                passages.append(f"{sheet['name']}：{held}")
                held = ""
            held += fact["statement"]
        passages.append(f"{sheet['name']}：{held}")
    return passages


def read_questions(path: Path) -> list[TrainingQuestion]:
    """Return the questions that have an answer."""
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    return [TrainingQuestion(row["q"], row["kind"], row["answers"]) for row in rows if row["answers"]]


def hits(
    scores: NDArray[np.float32], questions: Sequence[TrainingQuestion], passages: Sequence[str]
) -> dict[str, list[float]]:
    """Return for each kind, and for "all", the share of questions with a hit among the first 1 and the first 5.

    scores  shape (questions, passages); equal scores go by row
    """
    texts = [plain(passage) for passage in passages]
    best = np.argsort(-scores, axis=1, kind="stable")[:, : max(REACH)]
    found: dict[str, list[list[bool]]] = {}
    for question, rows in zip(questions, best, strict=True):
        reached = [is_hit(question, [texts[row] for row in rows[:reach]]) for reach in REACH]
        for kind in ("all", question.kind):
            found.setdefault(kind, []).append(reached)
    return {kind: [float(share) for share in np.mean(reached, axis=0)] for kind, reached in found.items()}


def is_hit(question: TrainingQuestion, texts: Sequence[str]) -> bool:
    """Whether one text, or all of them together where the kind allows it, matches every group."""
    looked_at = ["\n".join(texts)] if question.kind in TOGETHER else texts
    groups = [[plain(answer) for answer in group] for group in question.answers]
    return any(all(any(answer in text for answer in group) for group in groups) for text in looked_at)


def plain(text: str) -> str:
    """Return the folded text without white space."""
    return "".join(fold(text).split())
