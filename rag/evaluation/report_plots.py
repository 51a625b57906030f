"""The report's plots: from summaries to figures."""

from collections.abc import Sequence
from html import escape

from rag.evaluation.drawing import Axis, Bar, BarRow, Column, PlotLine, bars, columns, lines, share_axis, spread
from rag.evaluation.refusal import Point
from rag.evaluation.scoring import Scored
from rag.evaluation.summary import Figure, Summary, judge

_BY_KIND = ("hit@5", "hit@1", "answer hit")
_BY_SYSTEM = ("R@10", "nDCG@10", "RR@10")
_WITH_KEYS = ((1, 1), (2, 2), (3, 3), (4, 4), (5, 5))
_JUDGED = (*_WITH_KEYS, (6, 10), (11, 30))  # first and last rank of a column
_LATENCY_BINS = 28
_RELEVANCE_BINS = 20
_RISK_LINE = 0.05
_STYLES = ("a", "c", "b", "base")


def plots(summaries: Sequence[Summary], scored: Sequence[Scored], old: Summary | None, before: Sequence[Scored]) -> str:
    """All plots of one set.

    summaries    of every system; the first is the one that `scored` belongs to
    old, before  the same system's summary and results in the baseline run, if there is one
    """
    main = summaries[0]
    drawn = [_kinds(main, old) if len(main.by_kind) > 1 else "", _systems(summaries), _rank_plot(main, old)]
    if main.refusal and main.refusal.bins:  # relevance is a probability
        drawn += [_risk_plot(main, scored, old), _calibration_plot(main, old), _relevance_plot(scored)]
    if any(one.result.latency_ms for one in scored):
        drawn.append(_latency_plot(scored, before, main))
    return f"<div class=plots>{''.join(drawn)}</div>"


def figure(title: str, picture: str, note: str, legend: Sequence[tuple[str, str]] = ()) -> str:
    """A plot with its title, the meaning of its colours (class, name), and a note below."""
    keys = "".join(f'<span><i class="{style}"></i>{escape(name)}</span>' for style, name in legend)
    shown = f"<div class=legend>{keys}</div>" if keys else ""
    return f"<figure><b>{escape(title)}</b>{picture}{shown}<figcaption>{escape(note)}</figcaption></figure>"


def _kinds(main: Summary, old: Summary | None) -> str:
    names = [name for name in _BY_KIND if name in main.measures]
    if not names:
        names = [name for name in _BY_SYSTEM if name in main.measures]
    groups = {"all": main.measures} | main.by_kind
    before = {"all": old.measures} | old.by_kind if old else {}
    rows = [
        BarRow(kind, tuple(_bar(figures.get(name), before.get(kind, {}).get(name)) for name in names))
        for kind, figures in groups.items()
        if any(name in figures for name in names)
    ]
    return _measures_plot("By kind", rows, names, old is not None)


def _systems(summaries: Sequence[Summary]) -> str:
    """Systems side by side; nothing where there is only one and it is drawn by kind already."""
    if len(summaries) == 1 and len(summaries[0].by_kind) > 1:
        return ""
    keyed = "hit@1" in summaries[0].measures
    names = [name for name in (("hit@5", "hit@1") if keyed else _BY_SYSTEM) if name in summaries[0].measures]
    rows = [BarRow(one.system, tuple(_bar(one.measures.get(name), None) for name in names)) for one in summaries]
    return _measures_plot("By system", rows, names, False) if names else ""


def _measures_plot(title: str, rows: Sequence[BarRow], names: Sequence[str], compared: bool) -> str:
    legend = [("abc"[number], name) for number, name in enumerate(names)]
    legend += [("old", "baseline")] if compared else []
    return figure(title, bars(rows, f"{title}: {', '.join(names)}"), "Thin lines: 95 % bootstrap intervals.", legend)


def _rank_plot(main: Summary, old: Summary | None) -> str:
    ranges = _JUDGED if any(rank > 5 for rank in main.ranks) else _WITH_KEYS
    held = [Column(_range(low, high), _count(main, low, high), _count(old, low, high)) for low, high in ranges]
    held.append(Column("none", main.ranks.get(0, 0), old.ranks.get(0, 0) if old else None))
    legend = [("a", "this run"), ("base", "baseline")] if old else []
    note = "Answerable questions by the rank of the first hit."
    return figure("Rank of the first hit", columns(held, note), note, legend)


def _risk_plot(main: Summary, scored: Sequence[Scored], old: Summary | None) -> str:
    points = main.refusal.curve if main.refusal else []
    held = [PlotLine("base", _risk(old.refusal.curve))] if old and old.refusal else []
    held += [PlotLine("a", _risk(points)), *_operating_point(scored)]
    highest = max(0.2, *(point.risk for point in points))
    axis = share_axis("", min(1.0, round(highest + 0.05, 1)))
    note = "Share of questions answered, and share of these whose best passage is wrong, as the threshold falls."
    legend = [("a", "this run"), ("c", "as the service is set"), *([("base", "baseline")] if old else [])]
    level = PlotLine("ideal", [(0.0, _RISK_LINE), (1.0, _RISK_LINE)])
    picture = lines(share_axis("coverage"), axis, [level, *held], note)
    return figure("Risk by coverage", picture, note, legend)


def _calibration_plot(main: Summary, old: Summary | None) -> str:
    held = [PlotLine("ideal", [(0.0, 0.0), (1.0, 1.0)])]
    for style, summary in (("base", old), ("a", main)):
        if summary and summary.refusal:
            found = summary.refusal.bins
            largest = max((one.count for one in found), default=1)
            radii = [2 + 6 * (one.count / largest) ** 0.5 for one in found]
            held.append(PlotLine(style, [(one.relevance, one.right) for one in found], radii))
    error = main.refusal.calibration_error if main.refusal else None
    note = f"Relevance against the share that is right; expected calibration error {error or 0:.3f}. Dashed: perfect."
    legend = [("a", "this run"), ("base", "baseline")] if old else []
    return figure("Calibration", lines(share_axis("relevance"), share_axis(""), held, note), note, legend)


def _relevance_plot(scored: Sequence[Scored]) -> str:
    """How relevance is spread over answerable questions and each kind of unanswerable ones; nothing without these."""
    groups: dict[str, list[float]] = {"answerable": []}
    for one in map(judge, scored):
        groups.setdefault("answerable" if one.answerable else one.kind, []).append(one.relevance)
    shown = [(name, values) for name, values in groups.items() if values][: len(_STYLES)]
    if len(shown) < 2:
        return ""
    x = share_axis("relevance")
    styled = zip(_STYLES, shown, strict=False)
    held = [PlotLine(style, spread(values, x, _RELEVANCE_BINS)) for style, (_, values) in styled]
    highest = max(share for line in held for _, share in line.points)
    legend = [(style, f"{name} ({len(values)})") for style, (name, values) in zip(_STYLES, shown, strict=False)]
    note = "Share of the questions of each kind by relevance of the best passage. Refusal parts them with one line."
    return figure("Relevance", lines(x, share_axis("", 1.1 * highest), held, note), note, legend)


def _latency_plot(scored: Sequence[Scored], before: Sequence[Scored], main: Summary) -> str:
    new, old = ([one.result.latency_ms for one in held if one.result.latency_ms] for held in (scored, before))
    low, high = 10 ** _floor_log(min(new + old)), 10 ** (_floor_log(max(new + old)) + 1)
    ticks = tuple((low * 10**step, f"{low * 10**step:g}") for step in range(_floor_log(high / low * 1.001) + 1))
    x = Axis("milliseconds", low, high, ticks, logarithmic=True)
    held = [PlotLine(style, spread(times, x, _LATENCY_BINS)) for style, times in (("base", old), ("a", new)) if times]
    highest = max(share for line in held for _, share in line.points)
    marks = [(main.latency[name], f"{name} {main.latency[name]:.1f} ms") for name in ("p50", "p99")]
    note = "Time for one question, as the asker waits."
    legend = [("a", "this run"), ("base", "baseline")] if old else []
    return figure("Latency", lines(x, share_axis("", 1.15 * highest), held, note, marks), note, legend)


def _bar(new: Figure | None, old: Figure | None) -> Bar | None:
    return Bar(new.mean, new.low, new.high, old.mean if old else None) if new else None


def _risk(points: Sequence[Point]) -> list[tuple[float, float]]:
    return [(point.coverage, point.risk) for point in points]


def _operating_point(scored: Sequence[Scored]) -> list[PlotLine]:
    """Coverage and risk of the service as it is set; nothing for a system that never answers."""
    answered = [judge(one) for one in scored if one.result.outcome.status == "answered"]
    if not answered:
        return []
    risk = sum(not one.right for one in answered) / len(answered)
    return [PlotLine("now", [(len(answered) / len(scored), risk)], [5.0])]


def _range(low: int, high: int) -> str:
    return str(low) if low == high else f"{low}–{high}"


def _count(summary: Summary | None, low: int, high: int) -> int:
    return sum(count for rank, count in summary.ranks.items() if low <= rank <= high) if summary else 0


def _floor_log(value: float) -> int:
    """Whole powers of ten in the value, rounded down."""
    power = 0
    while value >= 10 ** (power + 1):
        power += 1
    while value < 10**power:
        power -= 1
    return power
