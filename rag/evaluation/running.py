"""Running: every case through every system, in order, each result kept as soon as it is there.

Results are appended to results.jsonl one line each, so that an interrupted run goes on where it
stopped. A run folder belongs to one fingerprint of sets and systems; another one is refused.
"""

import json
import os
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import IO, Any, Self

from index.building import Progress
from rag.evaluation.case import Case
from rag.evaluation.outcome import Outcome, Result
from rag.evaluation.systems import System

RESULTS, LATENCIES, MANIFEST = "results.jsonl", "latency.jsonl", "manifest.json"


class RunMismatch(ValueError):
    """A run folder that holds something else than what shall be run."""


@dataclass(frozen=True, slots=True)
class Job:
    """One system on the cases of one set."""

    set: str
    system: System
    cases: tuple[Case, ...]


class RunFolder:
    """Where results are kept. Without a folder they are only held in memory."""

    def __init__(self, folder: Path | None) -> None:
        self.folder = folder
        self._results: IO[str] | None = None
        self._latencies: IO[str] | None = None
        self.held: list[Result] = []

    @classmethod
    def open(cls, folder: Path | None, manifest: dict[str, Any]) -> Self:
        """Open a folder for a run, or go on with the run in it.

        raises  RunMismatch if it holds a run with another manifest
        """
        opened = cls(folder)
        if folder is not None:
            folder.mkdir(parents=True, exist_ok=True)
            _bind(folder, manifest)
            opened.held = _mend(folder)
            opened._results = (folder / RESULTS).open("a", encoding="utf-8")
            opened._latencies = (folder / LATENCIES).open("a", encoding="utf-8")
        return opened

    def keep(self, result: Result) -> None:
        """Append a result; it is there after a kill."""
        self.held.append(result)
        if self._results and self._latencies:
            for file, value in ((self._latencies, round(result.latency_ms, 3)), (self._results, result.to_record())):
                file.write(json.dumps(value, ensure_ascii=False) + "\n")
                file.flush()

    def close(self) -> None:
        """Make what was kept durable."""
        for file in (self._results, self._latencies):
            if file:
                os.fsync(file.fileno())
                file.close()


def run_job(job: Job, folder: RunFolder, concurrency: int, progress: Progress) -> list[Result]:
    """Ask what is not answered yet; returns all results of the job, in the order of its cases."""
    kept = {one.case.id: one for one in folder.held if (one.set, one.system) == (job.set, job.system.name)}
    open_cases = [case for case in job.cases if case.id not in kept]
    what = f"{job.set} · {job.system.name}"
    progress(what, len(kept), len(job.cases))
    for done, (case, (outcome, elapsed)) in enumerate(_asked(job.system, open_cases, concurrency), start=len(kept) + 1):
        kept[case.id] = Result(job.set, job.system.name, case, outcome, elapsed)
        folder.keep(kept[case.id])
        progress(what, done, len(job.cases))
    return [kept[case.id] for case in job.cases]


def read_run(folder: Path) -> list[Result]:
    """The results in a run folder, in their order.

    raises  RunMismatch if it holds no run
    """
    if not (folder / RESULTS).is_file():
        raise RunMismatch(f"{folder} holds no run: there is no {RESULTS} in it")
    return _read(folder)


def _asked(system: System, cases: Sequence[Case], concurrency: int) -> Iterator[tuple[Case, tuple[Outcome, float]]]:
    """Outcomes in the order of the cases; at most 4 × concurrency questions are under way or waiting to be kept."""
    if concurrency == 1:
        yield from ((case, system.ask(case)) for case in cases)
        return
    waiting = iter(cases)
    with ThreadPoolExecutor(concurrency) as pool:
        under_way = [(case, pool.submit(system.ask, case)) for case in islice(waiting, 4 * concurrency)]
        try:
            while under_way:
                case, future = under_way.pop(0)
                yield case, future.result()
                under_way.extend((case, pool.submit(system.ask, case)) for case in islice(waiting, 1))
        finally:
            pool.shutdown(cancel_futures=True)


def _bind(folder: Path, manifest: dict[str, Any]) -> None:
    path = folder / MANIFEST
    if not path.exists():
        if (folder / RESULTS).exists():
            raise RunMismatch(f"{folder} holds results of unknown origin; choose another folder")
        path.write_text(json.dumps(manifest, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
        return
    held = json.loads(path.read_text(encoding="utf-8"))
    other = [name for name in manifest if held.get(name) != manifest[name]]
    if other:
        raise RunMismatch(
            f"{folder} holds a run with other {' and '.join(other)}; choose another folder or delete this one"
        )


def _mend(folder: Path) -> list[Result]:
    """Read what is whole and cut off what a kill left half written."""
    held = _read(folder)
    whole = _whole_lines(folder / RESULTS)[: len(held)]
    with (folder / RESULTS).open("ab") as file:
        file.truncate(sum(map(len, whole)))
    (folder / LATENCIES).write_text("".join(f"{one.latency_ms}\n" for one in held), encoding="utf-8")
    return held


def _read(folder: Path) -> list[Result]:
    """Whole lines of both files, pair by pair; without latencies they are 0."""
    results = _whole_lines(folder / RESULTS)
    times = _whole_lines(folder / LATENCIES) or [b"0"] * len(results)
    return [
        Result.from_record(json.loads(line), float(json.loads(latency)))
        for line, latency in zip(results, times, strict=False)
    ]


def _whole_lines(path: Path) -> list[bytes]:
    lines = path.read_bytes().splitlines(keepends=True) if path.exists() else []
    return [line for line in lines if line.endswith(b"\n")]
