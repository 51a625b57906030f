"""Death at any moment: what was acknowledged stays, what was not is wholly there or wholly absent, nothing comes back.

SIGKILL shows what the order of writing promises, not what the disk promises: the system keeps what a killed process
has written, forced to the disk or not. A catalogue with `synchronous = OFF` would pass everything here;
test_catalogue_opening looks at that setting instead, and test_artifacts at what is forced to the disk.

KILLS=2000 and STEPS=1 (every step instead of every so manieth) make the long run.
"""

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from support_crash import VARIANTS, problems_of, state_after, turn_of
from support_index import quick_folder

from index.artifacts import DerivedFiles
from index.dense import DenseIndex
from index.lexical.tokeniser import Tokeniser

KILLS = int(os.environ.get("KILLS", "40"))
MOST_KILLS = 10 * KILLS  # on a busy machine most processes die before their first turn
STEPS = int(os.environ.get("STEPS", "5"))
LONGEST = 0.15  # seconds that a process lives
FOR_EVER = 10**6  # turns


class Nursery:
    """Processes that change an index, one at a time."""

    def __init__(self) -> None:
        one_thread = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}  # a process with threads should not fork
        command = [sys.executable, str(Path(__file__).parents[1] / "support" / "support_crash.py")]
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=os.environ | one_thread
        )
        assert self.line() == ["ready"]

    def line(self) -> list[str]:
        assert self.process.stdout
        line = self.process.stdout.readline().split()
        assert line, "the nursery is gone"
        return line

    def run(self, *, kill_after: float | None = None, **arguments: object) -> tuple[list[list[str]], int]:
        """Let a process work until it ends or is killed; what it said, and its exit status."""
        assert self.process.stdin
        self.process.stdin.write(json.dumps(arguments) + "\n")
        self.process.stdin.flush()
        said: list[list[str]] = []
        while (line := self.line())[0] != "process":
            said.append(line)
        if kill_after is not None:
            time.sleep(kill_after)
            os.kill(int(line[1]), signal.SIGKILL)
        while (line := self.line())[0] != "ended":
            said.append(line)
        return said, int(line[1])

    def close(self) -> None:
        self.process.communicate()


@pytest.fixture(scope="module")
def nursery() -> Iterator[Nursery]:
    nursery = Nursery()
    yield nursery
    nursery.close()


class Life:
    """One index and the processes that work on it, one after another; `turns` were acknowledged so far."""

    def __init__(self, home: Path, nursery: Nursery, tokeniser: Tokeniser, seed: int) -> None:
        self.home = home
        self.nursery = nursery
        self.tokeniser = tokeniser
        self.seed = seed
        self.turns = 0
        self.unsaid = 0  # turns that were found done although nobody had said so

    def go_on(
        self, *, kill_after: float | None = None, last: int = FOR_EVER, variant: str = "", die_at: int = 0
    ) -> int:
        """One more process; returns its exit status."""
        said, status = self.nursery.run(
            kill_after=kill_after,
            home=str(self.home),
            seed=self.seed,
            first=self.turns,
            last=last,
            variant=variant,
            die_at=die_at,
        )
        assert ["failed"] not in [line[:1] for line in said], said
        self.turns = max([self.turns, *(int(line[1]) + 1 for line in said if line[0] == "done")])
        return status

    def mend(self, die_at: int) -> None:
        """A process that goes on from whatever it finds and dies soon; each turn must make one generation."""
        said, _ = self.nursery.run(home=str(self.home), seed=self.seed, first=None, last=LAST, die_at=die_at)
        assert ["failed"] not in [line[:1] for line in said], said
        found = [int(line[1]) for line in said if line[0] == "open"]
        assert all(generation >= self.turns for generation in found), "what was acknowledged was lost"
        self.turns = max([self.turns, *found, *(int(line[1]) + 1 for line in said if line[0] == "done")])

    def problems(self) -> list[str]:
        """What is wrong now that the process is dead."""
        state = state_after(self.seed, self.turns)
        found, one_more = problems_of(self.home, self.tokeniser, state, state.after(turn_of(self.seed, self.turns)))
        self.turns += one_more
        self.unsaid += one_more
        return found


@pytest.fixture
def life(nursery: Nursery, small_tokeniser: Tokeniser) -> Iterator[Life]:
    with quick_folder() as folder:
        yield Life(folder / "home", nursery, small_tokeniser, seed=1)


def test_killed_at_random_moments_nothing_is_lost_and_nothing_comes_back(life: Life) -> None:
    choose = random.Random(int(os.environ.get("KILL_SEED", "11")))
    kill = 0
    while kill < KILLS or (life.turns <= KILLS / 8 and kill < MOST_KILLS):
        status = life.go_on(kill_after=choose.uniform(0, LONGEST))
        assert status == -signal.SIGKILL
        assert life.problems() == [], f"kill {kill}, turn {life.turns}"
        kill += 1
    assert life.turns > KILLS / 8
    print(f"{kill} kills, {life.turns} turns acknowledged, {life.unsaid} found done that nobody had said")


@pytest.mark.parametrize("fault", ["says it before it is done", *VARIANTS])
def test_the_same_kills_find_seeded_faults(life: Life, fault: str) -> None:
    """The harness itself: each of these faults must be found, and within a few dozen deaths."""
    choose = random.Random(12)
    for deaths in range(1, 301):
        life.go_on(kill_after=choose.uniform(0, LONGEST), variant=fault)
        if problems := life.problems():
            print(f"a process that {fault} was found out after {deaths} deaths: {problems[:3]}")
            return
    pytest.fail(f"a process that {fault} was not found out")


@pytest.mark.parametrize("trusting", ["dense", "lexical"])
def test_the_same_kills_find_indexes_that_are_trusted_blindly(
    life: Life, monkeypatch: pytest.MonkeyPatch, trusting: str
) -> None:
    """A start that takes the files for level, because they are whole, is a fault too."""
    if trusting == "dense":
        monkeypatch.setattr(DerivedFiles, "_level_dense", lambda self, found: found)
    else:
        from index.lexical.bm25 import LexicalIndex

        monkeypatch.setattr(
            DerivedFiles, "open_lexical", lambda self: LexicalIndex.open(self._folder / "lexical", writable=True)
        )
    choose = random.Random(13)
    for _ in range(150):
        life.go_on(kill_after=choose.uniform(0, LONGEST))
        if any(f"the {trusting} index misses" in problem for problem in life.problems()):
            return
    pytest.fail("indexes that lag behind were not found out")


# Death at every step

LAST = 4  # turns of a whole life: documents come, are replaced and go


@pytest.fixture(scope="module")
def short_seed() -> int:
    """A seed whose first turns put, replace, ask and remove."""
    for seed in range(1000):
        turns = [turn_of(seed, number) for number in range(LAST)]
        states = [state_after(seed, number) for number in range(LAST + 1)]
        replaced = any(
            {one.id for one in turn.put} & state.documents.keys() for turn, state in zip(turns, states, strict=False)
        )
        removed = any(turn.removed & state.documents.keys() for turn, state in zip(turns, states, strict=False))
        asked = any(state.similar_questions for state in states)
        if replaced and removed and asked and states[-1].generation == LAST:
            return seed
    raise LookupError("no such seed")


def test_dead_at_any_step_the_index_is_whole(nursery: Nursery, small_tokeniser: Tokeniser, short_seed: int) -> None:
    """A life from the empty folder to the closed index ends before and after each statement, file and index in turn."""
    choose, step, deaths = random.Random(14), 1 + int(STEPS > 1), 0
    while True:
        with quick_folder() as folder:
            life = Life(folder / "home", nursery, small_tokeniser, short_seed)
            status = life.go_on(last=LAST, die_at=step)
            assert life.problems() == [], f"step {step}, turn {life.turns}"
            if status == 0:
                break
            deaths += 1
            assert life.go_on(last=LAST) == 0
            assert life.turns == LAST
            assert life.problems() == [], f"after step {step}"
        step += choose.randint(1, 2 * STEPS - 1)
    assert deaths > 150 / STEPS
    print(f"{deaths} deaths at steps up to {step}")


def test_dead_at_any_step_of_the_recovery_the_index_is_whole(
    nursery: Nursery, small_tokeniser: Tokeniser, short_seed: int
) -> None:
    """Killed, and killed again while it mends what the first death left, up to five times."""
    choose = random.Random(15)
    for _ in range(max(4, 40 // STEPS)):
        with quick_folder() as folder:
            life = Life(folder / "home", nursery, small_tokeniser, short_seed)
            life.go_on(last=LAST, die_at=choose.randint(100, 500))
            for path in sorted((life.home / "derived").rglob("*")):
                if path.is_file() and choose.random() < 0.2:
                    path.unlink()
            for _ in range(5):
                life.mend(die_at=choose.randint(1, 150))
            assert life.problems() == []
            assert life.go_on(last=LAST) == 0
            assert life.problems() == []


def test_a_large_index_is_saved_whole_or_not_at_all() -> None:
    """What a dump holds is a matter of one file: a torn one must not load as a shorter index."""
    import numpy as np

    content = DenseIndex.build(range(200), np.eye(200, dtype=np.float32), 200).dump()
    for at in range(0, len(content), 999):
        with pytest.raises(ValueError, match=r"cannot read|no dense index|buffer|offset"):
            DenseIndex.load(content[:at], 200)
