"""Runs: in order, resumed after a kill, never mixed; comparisons and the gate."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest
from support_waiting import wait_until

from rag.evaluation.baseline_comparison import Comparison, compare
from rag.evaluation.case import BadRow, Case, QuestionSet
from rag.evaluation.outcome import FoundPassage, Outcome, Result
from rag.evaluation.running import LATENCIES, RESULTS, RunMismatch, read_run
from rag.evaluation.session import Evaluation, conclude, evaluate
from rag.evaluation.systems import System, SystemGone, guarded
from rag.evaluation.tables import regressions
from rag.evaluation.writing import SCORES, SUMMARY, write_run

ROOT = Path(__file__).parents[3]


class Bench:
    """Systems that answer from a function and note what they were asked."""

    def __init__(
        self, answer: Callable[[Case], str], names: Sequence[str] = ("hybrid",), fingerprint: str = "1"
    ) -> None:
        self.asked: list[str] = []
        self._answer = answer
        self._names = names
        self._fingerprint = fingerprint

    def fingerprint(self, question_set: QuestionSet) -> str:
        return self._fingerprint

    @contextmanager
    def systems(self, question_set: QuestionSet) -> Iterator[list[System]]:
        yield [System(name, guarded(self._ask)) for name in self._names]

    def close(self) -> None:
        pass

    def _ask(self, case: Case) -> tuple[Outcome, float]:
        self.asked.append(case.id)
        answer = self._answer(case)
        return Outcome("answered", case.question, (FoundPassage("d", answer, 0.5),), ("d",), answer, 0.5), 1.0


def questions(count: int, name: str = "s") -> QuestionSet:
    return QuestionSet(name, tuple(Case(f"q{n}", f"第{n}问？", answers=((f"答{n}",),)) for n in range(count)))


def right(case: Case) -> str:
    return "答" + case.id[1:] + "。"


def run(held: QuestionSet, bench: Bench, folder: Path | None = None, concurrency: int = 1) -> Evaluation:
    return evaluate([held], bench, folder, concurrency, lambda what, done, total: None)


def ids(evaluation: Evaluation) -> list[str]:
    return [one.result.case.id for one in evaluation.scored["s", "hybrid"]]


def test_results_come_in_the_order_of_the_set_however_many_ask_at_once(tmp_path: Path) -> None:
    def slow_first(case: Case) -> str:
        time.sleep(0.01 if case.id == "q0" else 0)
        return right(case)

    evaluation = run(questions(20), Bench(slow_first), tmp_path / "many", concurrency=8)
    assert ids(evaluation) == [f"q{n}" for n in range(20)]
    run(questions(20), Bench(right), tmp_path / "one")
    assert (tmp_path / "many" / RESULTS).read_bytes() == (tmp_path / "one" / RESULTS).read_bytes()


def test_as_many_ask_at_once_as_is_said() -> None:
    together = threading.Barrier(4, timeout=5)

    def meet(case: Case) -> str:
        together.wait()
        return right(case)

    assert not run(questions(8), Bench(meet), concurrency=4).partial


def test_an_error_of_one_question_is_a_miss_and_makes_the_run_partial() -> None:
    def fails_once(case: Case) -> str:
        if case.id == "q1":
            raise KeyError("lost")
        return right(case)

    evaluation = run(questions(3), Bench(fails_once))
    failed = evaluation.scored["s", "hybrid"][1]
    assert (failed.result.outcome.status, failed.result.outcome.error) == ("failed", "KeyError: 'lost'")
    assert evaluation.summaries[0].measures["answer hit"].mean == pytest.approx(2 / 3)
    assert evaluation.partial


def test_a_system_that_is_gone_ends_the_run_which_goes_on_later(tmp_path: Path) -> None:
    def gone(case: Case) -> str:
        if case.id == "q3":
            raise SystemGone("no answer")
        return right(case)

    with pytest.raises(SystemGone):
        run(questions(6), Bench(gone), tmp_path)
    again = Bench(right)
    assert ids(run(questions(6), again, tmp_path)) == [f"q{n}" for n in range(6)]
    assert again.asked == ["q3", "q4", "q5"]


def test_a_run_killed_halfway_goes_on_and_ends_the_same(tmp_path: Path) -> None:
    program = (
        "import sys, time; from pathlib import Path; sys.path[:0] = ['tests/support', 'tests/rag/evaluation']\n"
        "import test_evaluation_runs as t\n"
        "t.run(t.questions(200), t.Bench(lambda case: time.sleep(0.05) or t.right(case)), Path(sys.argv[1]))\n"
    )
    killed, results = tmp_path / "killed", tmp_path / "killed" / RESULTS
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    with subprocess.Popen([sys.executable, "-c", program, str(killed)], cwd=ROOT, env=environment) as process:
        wait_until(lambda: results.exists() and results.read_bytes().count(b"\n") >= 5)
        process.send_signal(signal.SIGKILL)
    done = results.read_bytes().count(b"\n")
    assert 5 <= done < 200
    with results.open("ab") as file:
        file.write(b'{"set": "s", "sys')  # as a kill in the middle of a line leaves it
    again = Bench(right)
    evaluation = run(questions(200), again, killed)
    assert again.asked == [f"q{n}" for n in range(done, 200)]
    assert evaluation.summaries[0].measures["answer hit"].mean == 1
    run(questions(200), Bench(right), tmp_path / "whole")
    assert results.read_bytes() == (tmp_path / "whole" / RESULTS).read_bytes()
    assert len((killed / LATENCIES).read_bytes().splitlines()) == 200


def test_a_finished_run_is_scored_again_without_asking(tmp_path: Path) -> None:
    first = run(questions(4), Bench(right), tmp_path)
    again = Bench(right)
    assert run(questions(4), again, tmp_path) == first
    assert again.asked == []


@pytest.mark.parametrize(
    ("count", "fingerprint", "named"), [(5, "1", "sets"), (4, "2", "systems"), (5, "2", "sets and systems")]
)
def test_a_folder_never_mixes_runs(tmp_path: Path, count: int, fingerprint: str, named: str) -> None:
    run(questions(4), Bench(right), tmp_path)
    before = (tmp_path / RESULTS).read_bytes()
    with pytest.raises(RunMismatch, match=f"other {named};"):
        run(questions(count), Bench(right, fingerprint=fingerprint), tmp_path)
    assert (tmp_path / RESULTS).read_bytes() == before


def test_results_of_unknown_origin_are_not_touched(tmp_path: Path) -> None:
    (tmp_path / RESULTS).write_text("{}\n", encoding="utf-8")
    with pytest.raises(RunMismatch, match="unknown origin"):
        run(questions(1), Bench(right), tmp_path)
    with pytest.raises(RunMismatch, match="holds no run"):
        read_run(tmp_path / "nothing")


def test_what_is_read_back_is_what_was_run(tmp_path: Path) -> None:
    evaluation = run(questions(3), Bench(right), tmp_path)
    assert conclude(read_run(tmp_path)).scored == evaluation.scored


def test_a_foreign_run_is_scored_beside_the_systems_and_what_it_forgot_is_zero() -> None:
    cases = tuple(Case(f"q{n}", "?", relevant={"d": 1}) for n in range(2))
    held = QuestionSet("s", cases, rankings={"run:theirs": {"q1": ("x", "d")}})
    evaluation = run(held, Bench(right))
    assert [(one.system, one.measures["RR@10"].mean) for one in evaluation.summaries] == [
        ("hybrid", 1.0),
        ("run:theirs", (0 + 1 / 2) / 2),
    ]
    assert evaluation.summaries[1].refusal is None


def test_a_finished_run_leaves_scores_summary_and_trec_runs(tmp_path: Path) -> None:
    evaluation = run(questions(2), Bench(lambda case: "答0"), tmp_path)
    write_run(tmp_path, evaluation)
    header, first, second = (line.split(",") for line in (tmp_path / SCORES).read_text(encoding="utf-8").splitlines())
    assert [row[header.index("answer hit")] for row in (first, second)] == ["1", "0"]
    summary = json.loads((tmp_path / SUMMARY).read_text(encoding="utf-8"))
    assert summary["sets"]["s"]["hybrid"]["measures"]["hit@1"]["mean"] == 0.5
    assert summary["sets"]["s"]["hybrid"]["ranks"] == {"none": 1, "1": 1}
    written = (tmp_path / "runs" / "s.hybrid.run").read_text(encoding="utf-8")
    assert written == "q0 Q0 d 1 1.00000000 hybrid\nq1 Q0 d 1 1.00000000 hybrid\n"


def test_bad_rows_make_a_run_partial() -> None:
    assert conclude([], [BadRow("s.jsonl", 3, "bad")]).partial


# Against a baseline


def worse_in(wrong: int) -> Callable[[Case], str]:
    return lambda case: "没有" if int(case.id[1:]) < wrong else right(case)


def compared(new: Evaluation, old: Evaluation) -> dict[str, Comparison]:
    return {one.measure: one for one in compare(new.scored, old.scored)}


def test_a_significant_regression_is_found_and_names_its_questions() -> None:
    old, new = run(questions(30), Bench(right)), run(questions(30), Bench(worse_in(6)))
    found = compared(new, old)["answer hit"]
    assert (found.old, found.new, found.questions) == (1.0, 24 / 30, 30)
    assert found.p == 2 / 2**6  # six differences of one sign
    assert found.worse == ("q0", "q1", "q2", "q3", "q4", "q5")
    assert found.regressed
    assert found.low < -6 / 30 < found.high <= 0
    assert "answer hit fell from 1.000 to 0.800 (p 0.0312); worse: q0, q1, q2" in "\n".join(regressions([found]))


def test_what_may_be_luck_or_is_better_does_not_close_the_gate() -> None:
    old = run(questions(30), Bench(right))
    luck = compared(run(questions(30), Bench(worse_in(5))), old)["answer hit"]  # 2 / 2**5 = .0625
    assert (luck.p, luck.regressed) == (2 / 32, False)
    better = compared(old, run(questions(30), Bench(worse_in(12))))["answer hit"]
    assert better.significant
    assert not better.regressed
    assert better.better == tuple(f"q{n}" for n in range(12))


def test_only_what_both_runs_hold_is_compared_and_a_failure_counts_zero() -> None:
    def fails(case: Case) -> str:
        raise ValueError("broken")

    old = run(questions(10), Bench(right, ("hybrid", "dense")))
    new = run(questions(4), Bench(fails))
    found = compared(new, old)["answer hit"]
    assert (found.questions, found.old, found.new, found.p) == (4, 1.0, 0.0, 2 / 16)
    assert compare(new.scored, run(questions(4, "other"), Bench(right)).scored) == []


def test_a_result_survives_its_json() -> None:
    case = Case("1", "𠮷？", "multi", (("甲", "乙"),), {"d": 2}, True, ("前？",), "别？")
    outcome = Outcome("answered", "𠮷？", (FoundPassage("d", "甲", 0.25),), ("d",), "甲[1]", 0.25)
    result = Result("s", "x", case, outcome, 2.5)
    assert Result.from_record(json.loads(json.dumps(result.to_record())), 2.5) == result
