"""Tables of an evaluation for a terminal: plain text, columns as wide as they need to be."""

from collections.abc import Iterable, Mapping, Sequence

from rich.cells import cell_len

from rag.evaluation.baseline_comparison import GATED, Comparison
from rag.evaluation.session import Evaluation
from rag.evaluation.summary import Figure, Summary

_SHOWN = ("hit@1", "hit@5", "answer hit", "citation precision", "citation recall", "nDCG@10", "RR@10", "R@10")
_SHOWN_LAST = ("refused", "unchanged")
_SHORT = {"citation precision": "cite P", "citation recall": "cite R", "answer hit": "answer"}
_NAMED = 50  # questions named in one line

Row = Sequence[str]


def show(evaluation: Evaluation) -> None:
    """Print for each set: systems side by side, kinds of the first system, refusal, quotes."""
    for name in dict.fromkeys(summary.set for summary in evaluation.summaries):
        summaries = [summary for summary in evaluation.summaries if summary.set == name]
        print(f"\n{name}: {summaries[0].questions} questions")
        _print(_systems(summaries))
        if len(summaries[0].by_kind) > 1:
            _print(_kinds(summaries[0]))
        if refusals := [summary for summary in summaries if summary.refusal and summary.refusal.auroc]:
            _print(_refusal(refusals))
        quotes = summaries[0].quotes
        if quotes["citations"]:
            print(f"quotes: {quotes['exact']} of {quotes['citations']} equal their document slice")


def show_comparisons(comparisons: Sequence[Comparison]) -> None:
    """Print the differences to the baseline; `*` marks the significant ones."""
    if not comparisons:
        print("\nbaseline: has no set and system in common with this run")
        return
    rows = [
        ["against the baseline", "system", "measure", "n", "old", "new", "difference", "95 %", "p", "worse", "better"]
    ]
    for one in comparisons:
        if one.measure in GATED:
            interval = f"{one.low:+.3f} … {one.high:+.3f}"
            figures = [f"{one.old:.3f}", f"{one.new:.3f}", f"{one.new - one.old:+.3f}", interval, f"{one.p:.4f}"]
            moved = [str(len(one.worse)), str(len(one.better)), "*" if one.significant else ""]
            rows.append([one.set, one.system, one.measure, str(one.questions), *figures, *moved])
    _print(rows)


def regressions(comparisons: Sequence[Comparison]) -> list[str]:
    """One line for each significant regression, its questions named."""
    lines = []
    for one in comparisons:
        if one.regressed:
            more = f" … and {len(one.worse) - _NAMED} more" if len(one.worse) > _NAMED else ""
            change = f"{one.measure} fell from {one.old:.3f} to {one.new:.3f} (p {one.p:.4f})"
            lines.append(f"{one.set}, {one.system}: {change}; worse: {', '.join(one.worse[:_NAMED])}{more}")
    return lines


def _systems(summaries: Sequence[Summary]) -> list[Row]:
    names = _names(summary.measures for summary in summaries)
    rows: list[Row] = [["system", *(_SHORT.get(name, name) for name in names), "p50 ms", "p99 ms", "failed"]]
    for summary in summaries:
        figures = [_figure(summary.measures.get(name)) for name in names]
        latency = [f"{summary.latency.get(share, 0):.1f}" for share in ("p50", "p99")]
        rows.append([summary.system, *figures, *latency, str(summary.failed)])
    return rows


def _kinds(summary: Summary) -> list[Row]:
    names = _names(summary.by_kind.values())
    rows: list[Row] = [[f"{summary.system} by kind", "n", *(_SHORT.get(name, name) for name in names)]]
    for kind, figures in summary.by_kind.items():
        count = max((figure.n for figure in figures.values()), default=0)
        rows.append([kind, str(count), *(_figure(figures.get(name)) for name in names)])
    return rows


def _refusal(summaries: Sequence[Summary]) -> list[Row]:
    """AUROC, shares refused where 5 % of the answerable are, coverage at fixed risk, shares refused as set."""
    kinds = list(dict.fromkeys(kind for one in summaries if one.refusal for kind in one.refusal.auroc))
    header = ["refusal", *(f"AUROC {_bare(kind)}" for kind in kinds)]
    header += [f"refused@5% {_bare(kind)}" for kind in kinds if kind != "all"]
    rows: list[Row] = [[*header, "below", "coverage@5%", "coverage@10%", "set: answerable", "unanswerable", "ECE"]]
    for summary in summaries:
        if one := summary.refusal:
            row = [_share(one.auroc.get(kind)) for kind in kinds]
            row += [_share(one.at_five.get(kind)) for kind in kinds if kind != "all"] + [f"{one.threshold:.3f}"]
            row += [_share(value) for value in one.coverage.values()]
            row += [_share(one.refused.get("answerable")), _figure(summary.measures.get("refused"))]
            rows.append([summary.system, *row, _share(one.calibration_error)])
    return rows


def _names(figures: Iterable[Mapping[str, Figure]]) -> list[str]:
    """ExtractedFeatures that are shown and occur, in one order everywhere."""
    held = {name for one in figures for name in one}
    return [name for name in (*_SHOWN, *_SHOWN_LAST) if name in held]


def _bare(kind: str) -> str:
    return kind.removeprefix("unanswerable_")


def _figure(figure: Figure | None) -> str:
    return "–" if figure is None else f"{figure.mean:.3f}"


def _share(value: float | None) -> str:
    return "–" if value is None else f"{value:.3f}"


def _print(rows: Sequence[Row]) -> None:
    """First column to the left, the others to the right; wide characters count two."""
    widths = [max(cell_len(row[at]) for row in rows if at < len(row)) for at in range(max(map(len, rows)))]
    for row in rows:
        padding = [" " * (width - cell_len(cell)) for width, cell in zip(widths, row, strict=False)]
        cells = [cell + pad if at == 0 else pad + cell for at, (cell, pad) in enumerate(zip(row, padding, strict=True))]
        print("  ".join(cells).rstrip())
