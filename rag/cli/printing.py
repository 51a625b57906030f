"""What people see in a terminal, and JSON for programs."""

import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import orjson
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn
from rich.table import Table

from index.building import Progress as Report
from index.passage_index import Snapshot
from index.store.catalogue import DocumentEntry
from rag.answer.citation import Citation
from rag.retrieval.evidence import Retrieval
from rag.service import Reply

console = Console(highlight=False, soft_wrap=True)


def as_json(body: Any) -> None:
    """JSON in UTF-8, whatever the terminal's encoding."""
    sys.stdout.flush()
    sys.stdout.buffer.write(orjson.dumps(body, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE))


def table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """A table fitted to the terminal; where nobody looks (a pipe, a file), one line a row, parted by tabs."""
    if not console.is_terminal:
        for row in (header, *rows):
            print("\t".join(" ".join(cell.split()) for cell in row))
        return
    fitted = Table(box=None, padding=(0, 1), pad_edge=False)
    for name in header:
        fitted.add_column(name, overflow="fold")  # Chinese has no spaces to break at
    for row in rows:
        fitted.add_row(*map(escape, row))
    console.print(fitted, soft_wrap=False)


def reply(said: Reply) -> None:
    """The answer, then each citation with its source."""
    console.print(escape(said.answer.text))
    for citation in said.answer.citations:
        console.print(f"[dim]{escape(_reference(citation))}[/dim]")
    if said.answer.status == "no_answer" and said.retrieval.evidence:
        console.print("[dim]最接近的段落：[/dim]")
        retrieval(said.retrieval)


def note(text: str) -> None:
    """A remark on what was printed before."""
    console.print(f"[dim]{escape(text)}[/dim]")


def retrieval(found: Retrieval) -> None:
    """The passages, best first."""
    rows = (
        (str(one.rank), f"{one.relevance:.2f}", " › ".join((one.document.title, *passage.section)), passage.text)
        for one in found.evidence
        for passage in (one.found.passage,)
    )
    table(("名次", "相关度", "文档", "段落"), rows)


def documents(snapshot: Snapshot, entries: Iterable[DocumentEntry]) -> None:
    """The documents, in the order in which they were added."""
    rows = (
        (
            *(entry.id, entry.title, entry.kind, "、".join(entry.districts), entry.date, entry.origin),
            *(str(entry.characters), " ".join(other.id for other in snapshot.near_to(entry.id))),
        )
        for entry in entries
    )
    table(("id", "title", "kind", "districts", "date", "origin", "characters", "near duplicates"), rows)


@contextmanager
def progress() -> Iterator[Report]:
    """A progress bar on stderr for each kind of work; where stderr is no terminal, a line when it is done."""
    terminal = Console(stderr=True)
    if not terminal.is_terminal:
        yield _show_end
        return
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=terminal) as bars:
        tasks: dict[str, TaskID] = {}

        def show(what: str, done: int, total: int) -> None:
            if what not in tasks:
                tasks[what] = bars.add_task(what, total=total)
            bars.update(tasks[what], completed=done)

        yield show


def _show_end(what: str, done: int, total: int) -> None:
    if done == total:
        print(f"{what}: {total}", file=sys.stderr, flush=True)


def _reference(citation: Citation) -> str:
    """[1] 标题 › 小节 12–34；来源题名，发布者，日期，网址"""
    place = " › ".join((citation.title, *citation.section))
    sources = "；".join(
        "，".join(part for part in (s.title, s.publisher, s.number, s.date or s.date_note, s.url) if part)
        for s in citation.sources
    )
    return f"[{citation.index}] {place} {citation.start}–{citation.end}" + (f"；{sources}" if sources else "")
