"""A session: sets through systems, from question files to scored results."""

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from index.building import Progress
from rag.evaluation.case import BadRow, QuestionSet, UnreadableSet
from rag.evaluation.outcome import Result
from rag.evaluation.question_sets import read_set
from rag.evaluation.running import Job, RunFolder, run_job
from rag.evaluation.scoring import Scored, score
from rag.evaluation.summary import Summary, summarise
from rag.evaluation.systems import System, foreign_run

FORMAT = 1  # of the run folder


class Bench(Protocol):
    """Where systems come from: this process or a server."""

    def fingerprint(self, question_set: QuestionSet) -> str:
        """What decides the answers to this set, as a digest."""
        ...

    def systems(self, question_set: QuestionSet) -> AbstractContextManager[list[System]]:
        """The systems to try on this set; they can be asked inside the context."""
        ...

    def close(self) -> None:
        """Give back what was opened."""
        ...


@dataclass(frozen=True, slots=True)
class Evaluation:
    """A finished run: scored results and their figures, by set and system in the order in which they were run."""

    scored: dict[tuple[str, str], list[Scored]]
    summaries: tuple[Summary, ...]
    problems: tuple[BadRow, ...]

    @property
    def partial(self) -> bool:
        """Whether rows were left out or questions failed."""
        return bool(self.problems) or any(summary.failed for summary in self.summaries)


def read_sets(paths: Sequence[Path], limit: int | None = None) -> list[QuestionSet]:
    """Read question sets; with a limit, only the first cases of each.

    raises  UnreadableSet if one cannot be used, or two have one name
    """
    found: dict[str, QuestionSet] = {}
    for path in paths:
        question_set = read_set(path)
        if question_set.name in found:
            raise UnreadableSet(f"{path}: there is already a set named {question_set.name}; rename one")
        found[question_set.name] = question_set.first(limit) if limit else question_set
    return list(found.values())


def evaluate(
    sets: Sequence[QuestionSet], bench: Bench, folder: Path | None, concurrency: int, progress: Progress
) -> Evaluation:
    """Ask every question of every set; go on with an interrupted run in the folder.

    raises  RunMismatch if the folder holds another run
    """
    manifest: dict[str, Any] = {
        "format": FORMAT,
        "sets": {one.name: one.fingerprint for one in sets},
        "systems": {one.name: bench.fingerprint(one) for one in sets},
    }
    kept = RunFolder.open(folder, manifest)
    try:
        results = [result for one in sets for result in _run(one, bench, kept, concurrency, progress)]
    finally:
        kept.close()
    return conclude(results, [problem for one in sets for problem in one.problems])


def conclude(results: Sequence[Result], problems: Sequence[BadRow] = ()) -> Evaluation:
    """Score and summarise results, however they were come by."""
    groups: dict[tuple[str, str], list[Result]] = {}
    for result in results:
        groups.setdefault((result.set, result.system), []).append(result)
    scored = {key: score(group) for key, group in groups.items()}
    return Evaluation(scored, tuple(summarise(group) for group in scored.values()), tuple(problems))


def _run(
    question_set: QuestionSet, bench: Bench, kept: RunFolder, concurrency: int, progress: Progress
) -> Iterator[Result]:
    jobs = [Job(question_set.name, foreign_run(*run), question_set.cases) for run in question_set.rankings.items()]
    with bench.systems(question_set) as systems:
        jobs[:0] = [Job(question_set.name, system, question_set.cases) for system in systems]
        for job in jobs:
            yield from run_job(job, kept, concurrency, progress)
