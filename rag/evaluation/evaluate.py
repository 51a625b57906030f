"""What `rag evaluate` does once its options are read."""

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from rag.cli import printing
from rag.evaluation import session, tables
from rag.evaluation.baseline_comparison import Comparison, compare
from rag.evaluation.bench import LocalBench
from rag.evaluation.case import UnreadableSet
from rag.evaluation.connection import KeyUnusable, read_key
from rag.evaluation.haystack import read_haystack
from rag.evaluation.remote_server import ServerBench
from rag.evaluation.report import REPORT, write_report
from rag.evaluation.running import RunMismatch, read_run
from rag.evaluation.session import Bench, Evaluation
from rag.evaluation.systems import MODES, SystemGone
from rag.evaluation.writing import summary_body, write_run
from rag.settings import load_settings

_WITH_SERVER = 4  # questions asked at once where nothing else is said


@dataclass(frozen=True, slots=True)
class Options:
    """The options of `rag evaluate`; see its help. concurrency None: 1 in this process, 4 with a server."""

    sets: tuple[Path, ...]
    out: Path | None = None
    baseline: Path | None = None
    gate: bool = False
    url: str | None = None
    key_file: Path | None = None
    concurrency: int | None = None
    modes: bool = False
    limit: int | None = None
    haystack: tuple[Path, ...] = ()
    haystack_size: int = 0
    json: bool = False


def run(options: Options) -> int:
    """Evaluate, print, write; returns the exit status."""
    try:
        return _run(options)
    except (UnreadableSet, RunMismatch, KeyUnusable) as problem:
        return _told(str(problem), 2)
    except SystemGone as problem:
        return _told(str(problem), 3)
    except KeyboardInterrupt:
        return _told("interrupted" + ("; the same command goes on where it stopped" if options.out else ""), 130)


def _run(options: Options) -> int:
    if wrong := _contradiction(options):
        return _told(wrong, 2)
    before = session.conclude(read_run(options.baseline)) if options.baseline else None
    evaluation = _evaluation(options)
    comparisons = compare(evaluation.scored, before.scored) if before else []
    if options.out:
        write_run(options.out, evaluation, comparisons)
        write_report(options.out, evaluation, before, comparisons)
    if options.json:
        printing.as_json(summary_body(evaluation, comparisons))
    else:
        tables.show(evaluation)
        if before:
            tables.show_comparisons(comparisons)
        if options.out:
            print(f"\nreport: {options.out / REPORT}")
    return _concluded(evaluation, comparisons, options.gate)


def _contradiction(options: Options) -> str:
    if options.gate and options.baseline is None:
        return "--gate needs --baseline"
    if options.haystack and options.url:
        return "--haystack and --url exclude each other: a server is asked about its own documents"
    if options.key_file and not options.url:
        return "--key-file needs --url: no key is needed to ask in this process"
    return ""


def _evaluation(options: Options) -> Evaluation:
    sets = session.read_sets(options.sets, options.limit)
    names = MODES if options.modes else MODES[:1]
    with printing.progress() as progress:
        if options.url:
            bench: Bench = ServerBench(options.url, names, key=read_key(options.key_file))
        else:
            hay = read_haystack(options.haystack, options.haystack_size) if options.haystack else ()
            bench = LocalBench(load_settings(), names, progress, hay)
        try:
            concurrency = options.concurrency or (_WITH_SERVER if options.url else 1)
            return session.evaluate(sets, bench, options.out, concurrency, progress)
        finally:
            bench.close()


def _concluded(evaluation: Evaluation, comparisons: Sequence[Comparison], gate: bool) -> int:
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


def _told(message: str, status: int) -> int:
    print(f"rag: {message}", file=sys.stderr)
    return status
