"""rag evaluate: question sets in, figures and a report out.

Exit status: 0 done; 1 significantly worse than the baseline (with --gate); 2 wrong use, or some rows
or questions could not be used (the others are scored); 3 the server or the index cannot be used;
130 interrupted (the same command goes on where it stopped).
"""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from rag import printing
from rag.evaluation import session, tables
from rag.evaluation.bench import LocalBench
from rag.evaluation.case import QuestionSet, UnreadableSet
from rag.evaluation.comparison import Comparison, compare
from rag.evaluation.report import REPORT, write_report
from rag.evaluation.running import RunMismatch, read_run
from rag.evaluation.server import ServerBench
from rag.evaluation.session import Bench, Evaluation
from rag.evaluation.systems import LEGS, SystemGone
from rag.evaluation.writing import summary_body, write_run
from rag.settings import load_settings

_WITH_SERVER = 4  # questions asked at once where nothing else is said

Sets = Annotated[
    list[Path], typer.Argument(help="Question sets: JSONL, CSV, BEIR folders, folders with TREC topics and qrels.")
]
Out = Annotated[Path | None, typer.Option(help="Folder for results, runs and report; a run in it is gone on with.")]
Baseline = Annotated[Path | None, typer.Option(help="Folder of an earlier run to compare with.")]
Gate = Annotated[bool, typer.Option("--gate", help="Exit status 1 if significantly worse than the baseline.")]
Url = Annotated[str | None, typer.Option(help="Ask the server at this address instead of this process.")]
Concurrency = Annotated[int | None, typer.Option(min=1, max=64, help="Questions asked at once: 1, or 4 with --url.")]
Legs = Annotated[bool, typer.Option("--legs", help="Compare the whole with each leg and each lexical field alone.")]
Limit = Annotated[int | None, typer.Option(min=1, help="Only the first questions of each set.")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON for programs.")]


def evaluate(
    sets: Sets,
    out: Out = None,
    baseline: Baseline = None,
    gate: Gate = False,
    url: Url = None,
    concurrency: Concurrency = None,
    legs: Legs = False,
    limit: Limit = None,
    json: Json = False,
) -> None:
    """Ask every question of the sets and score what comes back, against a baseline if one is given."""
    if gate and baseline is None:
        _end("--gate needs --baseline", 2)
    try:
        before = session.conclude(read_run(baseline)) if baseline else None
        question_sets = session.read_sets(sets, limit)
        evaluation = _run(question_sets, out, url, concurrency or (_WITH_SERVER if url else 1), legs)
    except (UnreadableSet, RunMismatch) as problem:
        _end(str(problem), 2)
    except SystemGone as problem:
        _end(str(problem), 3)
    except KeyboardInterrupt:
        _end("interrupted" + ("; the same command goes on where it stopped" if out else ""), 130)
    comparisons = compare(evaluation.scored, before.scored) if before else []
    if out:
        write_run(out, evaluation, comparisons)
        write_report(out, evaluation, before, comparisons)
    if json:
        printing.as_json(summary_body(evaluation, comparisons))
    else:
        _show(evaluation, before is not None, comparisons, out)
    raise typer.Exit(_conclude(evaluation, comparisons, gate))


def _run(sets: Sequence[QuestionSet], out: Path | None, url: str | None, concurrency: int, legs: bool) -> Evaluation:
    names = LEGS if legs else LEGS[:1]
    with printing.progress() as progress:
        bench: Bench = ServerBench(url, names) if url else LocalBench(load_settings(), names, progress)
        try:
            return session.evaluate(sets, bench, out, concurrency, progress)
        finally:
            bench.close()


def _show(evaluation: Evaluation, compared: bool, comparisons: Sequence[Comparison], out: Path | None) -> None:
    tables.show(evaluation)
    if compared:
        tables.show_comparisons(comparisons)
    if out:
        print(f"\nreport: {out / REPORT}")


def _conclude(evaluation: Evaluation, comparisons: Sequence[Comparison], gate: bool) -> int:
    """Tell on stderr what went wrong; returns the exit status."""
    for problem in evaluation.problems:
        print(f"left out: {problem}", file=sys.stderr)
    for scored in evaluation.scored.values():
        for one in scored:
            if one.result.outcome.status == "failed":
                print(f"failed: {one.result.set}, {one.result.case.id}: {one.result.outcome.error}", file=sys.stderr)
    lines = tables.regressions(comparisons) if gate else []
    for line in lines:
        print(f"regression: {line}", file=sys.stderr)
    return 1 if lines else 2 if evaluation.partial else 0


def _end(message: str, status: int) -> NoReturn:
    print(f"rag: {message}", file=sys.stderr)
    raise typer.Exit(status)
