"""The report: one HTML file that needs nothing else, neither scripts nor fonts nor a network."""

from collections.abc import Sequence
from html import escape
from importlib.resources import files
from pathlib import Path

from rag.evaluation.baseline_comparison import GATED, Comparison
from rag.evaluation.report_cases import failed_questions, named_questions
from rag.evaluation.report_plots import plots
from rag.evaluation.scoring import ALL_MEASURES, Scored
from rag.evaluation.session import Evaluation
from rag.evaluation.summary import Figure, Summary

REPORT = "report.html"
_TILES = (
    "hit@1",
    "hit@5",
    "answer hit",
    "citation precision",
    "citation recall",
    "nDCG@10",
    "RR@10",
    "R@10",
    "unchanged",
)


def write_report(
    folder: Path, evaluation: Evaluation, baseline: Evaluation | None, comparisons: Sequence[Comparison]
) -> Path:
    """Write report.html into the folder; returns its path."""
    path = folder / REPORT
    path.write_text(report(evaluation, baseline, comparisons), encoding="utf-8")
    return path


def report(evaluation: Evaluation, baseline: Evaluation | None, comparisons: Sequence[Comparison]) -> str:
    """The whole page. The same results give the same page, byte for byte."""
    sets = list(dict.fromkeys(summary.set for summary in evaluation.summaries))
    title = "Evaluation: " + ", ".join(sets)
    style = (files("rag.evaluation") / "report.css").read_text(encoding="utf-8")
    nav = "".join(f'<a href="#set-{number}">{escape(name)}</a>' for number, name in enumerate(sets))
    sections = [_set(number, name, evaluation, baseline, comparisons) for number, name in enumerate(sets)]
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(title)}</title><style>\n{style}</style></head><body>"
        f"<header><h1>{escape(title)}</h1>{_counts(evaluation, baseline)}<nav>{nav}</nav></header>"
        f"<main>{_bad_rows(evaluation)}{''.join(sections)}</main></body></html>\n"
    )


def _counts(evaluation: Evaluation, baseline: Evaluation | None) -> str:
    questions = sum(len(scored) for scored in evaluation.scored.values())
    systems = list(dict.fromkeys(summary.system for summary in evaluation.summaries))
    compared = "; compared with a baseline run" if baseline else ""
    return f"<p class=soft>{questions} results of {escape(', '.join(systems))}{compared}.</p>"


def _bad_rows(evaluation: Evaluation) -> str:
    if not evaluation.problems:
        return ""
    listed = "".join(f"<li>{escape(str(problem))}</li>" for problem in evaluation.problems)
    return (
        f"<details open><summary class=bad>{len(evaluation.problems)} rows were left out</summary>"
        f"<div class=inside><ol>{listed}</ol></div></details>"
    )


def _set(
    number: int, name: str, evaluation: Evaluation, baseline: Evaluation | None, comparisons: Sequence[Comparison]
) -> str:
    summaries = [summary for summary in evaluation.summaries if summary.set == name]
    main, key = summaries[0], (name, summaries[0].system)
    scored = evaluation.scored[key]
    before = baseline.scored.get(key, []) if baseline else []
    old = next((one for one in baseline.summaries if (one.set, one.system) == key), None) if baseline else None
    own = [one for one in comparisons if one.set == name]
    parts = [
        f'<h2 id="set-{number}">{escape(name)}</h2>',
        f"<p class=soft>{main.questions} questions; figures of {escape(main.system)} unless another is named.</p>",
        _tiles(main, {one.measure: one for one in own if one.system == main.system}),
        _systems_table(summaries),
        _comparison_table(own, scored) if own else "",
        plots(summaries, scored, old, before),
        _kinds_table(main) if len(main.by_kind) > 1 else "",
        f"<h3>Questions that went wrong with {escape(main.system)}</h3>",
        failed_questions(scored, {one.result.case.id: one for one in before}),
    ]
    return f"<section>{''.join(parts)}</section>"


def _tiles(summary: Summary, moves: dict[str, Comparison]) -> str:
    tiles = []
    for name in _TILES:
        if held := summary.measures.get(name):
            note = f"{held.low:.3f} – {held.high:.3f}" + _move(moves.get(name))
            tiles.append(_tile(name, f"{held.mean:.3f}", note))
    if one := summary.refusal:
        for kind, value in one.auroc.items():
            if value is not None:
                share = one.at_five.get(kind)
                note = f"{share:.2f} refused at 5 % of the answerable" if share is not None else ""
                tiles.append(_tile(f"AUROC {kind.removeprefix('unanswerable_')}", f"{value:.3f}", note))
        tiles += [_tile(f"coverage at {float(r):.0%} risk", f"{share:.3f}", "") for r, share in one.coverage.items()]
    if summary.quotes.get("citations"):
        exact = summary.quotes["exact"] / summary.quotes["citations"]
        tiles.append(_tile("quote = slice", f"{exact:.1%}", f"{summary.quotes['citations']} citations"))
    if summary.latency.get("p50"):
        tiles.append(_tile("latency p50", f"{summary.latency['p50']:.1f} ms", f"p99 {summary.latency['p99']:.1f} ms"))
    return f"<div class=tiles>{''.join(tiles)}</div>"


def _tile(name: str, value: str, note: str) -> str:
    shown = f"<span class=soft>{escape(name)}</span><b>{escape(value)}</b>"
    return f'<div class=tile>{shown}<span class="soft move">{note}</span></div>'


def _move(comparison: Comparison | None) -> str:
    if comparison is None:
        return ""
    difference = comparison.new - comparison.old
    style = "soft" if not comparison.significant else "good" if difference > 0 else "bad"
    return f' <span class="{style}">({difference:+.3f})</span>'


def _systems_table(summaries: Sequence[Summary]) -> str:
    names = [name for name in ALL_MEASURES if any(name in summary.measures for summary in summaries)]
    rows = []
    for one in summaries:
        latency = [f"{one.latency[share]:.1f}" if one.latency.get(share) else "–" for share in ("p50", "p99")]
        rows.append([one.system, *(_cell(one.measures.get(name)) for name in names), *latency, str(one.failed)])
    return "<h3>Systems</h3>" + _table(["system", *names, "p50 ms", "p99 ms", "failed"], rows)


def _kinds_table(summary: Summary) -> str:
    names = [name for name in ALL_MEASURES if any(name in figures for figures in summary.by_kind.values())]
    rows = [
        [kind, str(max((one.n for one in figures.values()), default=0)), *(_cell(figures.get(name)) for name in names)]
        for kind, figures in summary.by_kind.items()
    ]
    return f"<h3>{escape(summary.system)} by kind</h3>" + _table(["kind", "n", *names], rows)


def _comparison_table(comparisons: Sequence[Comparison], scored: Sequence[Scored]) -> str:
    header = [
        "against the baseline",
        "measure",
        "n",
        "old",
        "new",
        "difference",
        "95 % interval",
        "p",
        "worse",
        "better",
    ]
    rows, moved = [], []
    questions = {one.result.case.id: one.result.case.question for one in scored}
    for one in comparisons:
        if one.measure in GATED:
            interval = f"{one.low:+.3f} … {one.high:+.3f}"
            star = " ★" if one.significant else ""
            figures = [f"{one.old:.3f}", f"{one.new:.3f}", f"{one.new - one.old:+.3f}", interval, f"{one.p:.4f}{star}"]
            counts = [str(len(one.worse)), str(len(one.better))]
            rows.append([one.system, one.measure, str(one.questions), *figures, *counts])
            moved.append(named_questions(f"{one.system}, {one.measure}: worse", one.worse, questions))
            moved.append(named_questions(f"{one.system}, {one.measure}: better", one.better, questions))
    note = "<p class=soft>★ p below .05, two-sided paired randomisation test, each measure tested by itself.</p>"
    return "<h3>Against the baseline</h3>" + _table(header, rows) + note + "".join(moved)


def _table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    head = "".join(f"<th scope=col>{escape(name)}</th>" for name in header)
    body = "".join(f"<tr>{''.join(f'<td>{escape(cell)}</td>' for cell in row)}</tr>" for row in rows)
    return f'<div class=scroll tabindex="0"><table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>'


def _cell(figure: Figure | None) -> str:
    return "–" if figure is None else f"{figure.mean:.3f}"
