"""A haystack: many other documents put beside the service's own, to see whether the right passage is still found.

Text for it is read at evaluation time and never kept.
"""

import hashlib
from collections.abc import Iterator, Sequence
from heapq import nsmallest
from pathlib import Path

from rag.evaluation.case import BadRow, TextRow, UnreadableSet
from rag.evaluation.lines import exhaust, json_object, rows
from rag.evaluation.question_files import text_row

SIZE = 50_000  # documents, where nothing else is said
_HEADINGS = ("title", "head", "law_chapter")  # kinds of pairs whose first half is the passage's own heading


def read_haystack(paths: Sequence[Path], size: int = SIZE) -> tuple[TextRow, ...]:
    """Take documents from JSONL files, packed or not, or from folders of them.

    paths    rows {title?, text}, or pairs {q, p, k} whose passage p is taken
    returns  `size` documents, or all there are; chosen and ordered by SHA-256 of their text, so that
             every file has its share, each text comes once, and a rerun takes the same
    raises   UnreadableSet if a file cannot be read or nothing is found
    """
    found: dict[str, TextRow] = {}
    problems: list[BadRow] = []
    for path in _files(paths):
        exhaust(rows(path, lambda line, number: _keep(line, found), problems))
    if not found:
        raise UnreadableSet(f"{', '.join(map(str, paths))}: holds no text for a haystack")
    return tuple(nsmallest(size, found.values(), key=lambda row: row.id))


def _keep(line: str, found: dict[str, TextRow]) -> None:
    record = json_object(line)
    if "p" in record:
        record = {"title": record.get("q") if record.get("k") in _HEADINGS else "", "text": record["p"]}
    text = record.get("text")
    name = "hay-" + hashlib.sha256(text.encode() if isinstance(text, str) else b"").hexdigest()[:20]
    row = text_row(record | {"id": name}, "id")
    found[name] = min(row, found.get(name, row), key=lambda one: one.title)  # whichever file is read first


def _files(paths: Sequence[Path]) -> Iterator[Path]:
    for path in paths:
        if path.is_dir():
            yield from sorted((*path.glob("*.jsonl"), *path.glob("*.jsonl.gz")))
        else:
            yield path
