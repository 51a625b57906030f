"""How many failed questions one similar question mends.

    python -m tests.benchmarks.mending

Asks every answerable question of the bundled `dev.jsonl`. Each that fails, although one passage of its subjects holds
every key, is added to that passage as it was asked, asked again, and taken back.
"""

import json
import tempfile
from collections import Counter
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

from corpus.folding import fold
from rag.answer.composition import Answer
from rag.content import similar_questions
from rag.service import Service
from rag.settings import Settings

QUESTIONS = Path(__file__).parents[2] / "rag" / "evaluation" / "questions" / "dev.jsonl"

Keys = Sequence[Sequence[str]]


def key(text: str) -> str:
    return "".join(fold(text).text.split())


def holds(text: str, keys: Keys) -> bool:
    return all(any(key(one) in key(text) for one in group) for group in keys)


def outcome(answer: Answer, keys: Keys) -> str:
    if answer.status == "no_answer":
        return "refused"
    return "right" if holds(answer.text, keys) else "another sentence"


def place(service: Service, gazetteer: Sequence[str], keys: Keys) -> tuple[str, int] | None:
    """Document and start of the first passage that holds every key."""
    snapshot = service.index.snapshot
    for entry in (snapshot.documents[one] for one in gazetteer if one in snapshot.documents):
        for _, found in sorted(service.index.passages(snapshot.rows[entry.key]).items()):
            if holds(found.passage.text, keys):
                return entry.id, found.passage.start
    return None


def mend(service: Service, case: dict[str, Any]) -> str:
    """What became of a question, before and after."""
    question, keys = case["q"], case["answers"]
    before = outcome(service.ask(question).answer, keys)
    if before == "right":
        return before
    where = place(service, case["subjects"], keys)
    if where is None:
        return f"{before}; no passage holds every key"
    kept, _ = similar_questions.add(service.index, where[0], question, where[1])
    after = outcome(service.ask(question).answer, keys)
    similar_questions.remove(service.index, where[0], [kept.similar.number])
    return f"{before}; mended: {after}"


def main() -> None:
    cases = [json.loads(line) for line in QUESTIONS.read_text(encoding="utf-8").splitlines() if line.strip()]
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(home=Path(folder), corpus="bundled")
        with closing(Service.open(settings, writable=True)) as service:
            found = Counter(mend(service, case) for case in cases if case["answers"])
    for what, count in sorted(found.items()):
        print(f"{count:4} {what}")


if __name__ == "__main__":
    main()
