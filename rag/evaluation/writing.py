"""What a finished run leaves in its folder beside the results: scores, TREC runs, the summary."""

import csv
import io
import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from rag.evaluation.baseline_comparison import Comparison
from rag.evaluation.scoring import ALL_MEASURES, Scored
from rag.evaluation.session import Evaluation
from rag.evaluation.summary import Summary
from rag.evaluation.trec import run_lines

SCORES, SUMMARY, RUNS = "scores.csv", "summary.json", "runs"


def write_run(folder: Path, evaluation: Evaluation, comparisons: Sequence[Comparison] = ()) -> None:
    """Write scores.csv, summary.json and runs/<set>.<system>.run."""
    (folder / RUNS).mkdir(parents=True, exist_ok=True)
    (folder / SCORES).write_text(scores_table(evaluation), encoding="utf-8")
    body = summary_body(evaluation, comparisons)
    (folder / SUMMARY).write_text(json.dumps(body, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    for (set_name, system), scored in evaluation.scored.items():
        rankings = {one.result.case.id: one.result.outcome.ranking for one in scored}
        path = folder / RUNS / f"{set_name}.{system.replace(':', '-')}.run"
        path.write_text("".join(run_lines(rankings, system)), encoding="utf-8")


def scores_table(evaluation: Evaluation) -> str:
    """One row for each question and system; a measure that does not apply is an empty cell."""
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\n")
    table.writerow(["set", "system", "id", "kind", "status", "relevance", "rank", *ALL_MEASURES])
    for (set_name, system), scored in evaluation.scored.items():
        table.writerows([set_name, system, *_row(one)] for one in scored)
    return text.getvalue()


def summary_body(evaluation: Evaluation, comparisons: Sequence[Comparison] = ()) -> dict[str, Any]:
    """All figures as JSON values: set → system → figures, bad rows, comparisons with the baseline."""
    sets: dict[str, dict[str, Any]] = {}
    for summary in evaluation.summaries:
        sets.setdefault(summary.set, {})[summary.system] = _figures(summary)
    return {
        "sets": sets,
        "bad_rows": [str(problem) for problem in evaluation.problems],
        "comparisons": [asdict(one) | {"regressed": one.regressed} for one in comparisons],
    }


def _row(one: Scored) -> list[str]:
    outcome = one.result.outcome
    cells = [one.result.case.id, one.result.case.kind, outcome.status, f"{outcome.relevance:.4f}", str(one.rank or "")]
    return cells + [f"{one.scores[name]:.6g}" if name in one.scores else "" for name in ALL_MEASURES]


def _figures(summary: Summary) -> dict[str, Any]:
    body = asdict(summary)
    del body["set"], body["system"]
    if summary.refusal:
        del body["refusal"]["curve"]  # a point for every question: scores.csv holds the same
    body["ranks"] = {str(rank) if rank else "none": count for rank, count in summary.ranks.items()}
    return body
