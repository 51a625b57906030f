"""The report's questions: what was asked, what was found, beside what the baseline found."""

from collections.abc import Mapping, Sequence
from html import escape

from rag.evaluation.answer_keys import Groups, fold_key
from rag.evaluation.case import Case
from rag.evaluation.failures import MEANINGS, failure, failures
from rag.evaluation.outcome import FoundPassage, Outcome
from rag.evaluation.scoring import Scored

_EXCERPT = 180  # code points shown of a passage, around the first key in it
_BEFORE = 60  # of these, in front of the key
_NAMED = 400  # questions named in a list of those that moved

Baseline = Mapping[str, Scored]  # case id → scored result


def failed_questions(scored: Sequence[Scored], baseline: Baseline) -> str:
    """Every question that went wrong, by how; each can be opened."""
    found = failures(scored)
    if not found:
        return "<p>No question went wrong.</p>"
    groups = []
    for how, held in found.items():
        cases = "".join(_case(one, baseline.get(one.result.case.id)) for one in held)
        title = f"{escape(MEANINGS[how].capitalize())}: {len(held)}"
        groups.append(f'<details class="group" open><summary>{title}</summary>{cases}</details>')
    return "".join(groups)


def named_questions(title: str, ids: Sequence[str], questions: Mapping[str, str]) -> str:
    """A list of questions that moved against the baseline; empty text for none."""
    if not ids:
        return ""
    listed = "".join(
        f"<li>{escape(questions.get(one, ''))} <span class=where>{escape(one)}</span></li>" for one in ids[:_NAMED]
    )
    more = f"<p class=soft>… and {len(ids) - _NAMED} more in scores.csv</p>" if len(ids) > _NAMED else ""
    inside = f"<div class=inside><ol>{listed}</ol>{more}</div>"
    return f"<details><summary>{escape(title)}: {len(ids)}</summary>{inside}</details>"


def marked(text: str, groups: Groups) -> str:
    """The text as HTML, keys marked where they stand; white space and character forms do not matter."""
    folded, origin = [], []
    for at, character in enumerate(text):
        for part in fold_key(character):
            folded.append(part)
            origin.append(at)
    whole, inside = "".join(folded), [False] * len(text)
    for key in (fold_key(key) for group in groups for key in group):
        start = whole.find(key) if key else -1
        while start >= 0:
            first, last = origin[start], origin[start + len(key) - 1]
            inside[first : last + 1] = [True] * (last + 1 - first)
            start = whole.find(key, start + len(key))
    return _excerpt(text, inside)


def _case(one: Scored, before: Scored | None) -> str:
    case = one.result.case
    tags = [case.kind, f"relevance {one.result.outcome.relevance:.2f}"]
    if before is not None:
        tags.append("baseline: also wrong" if failure(before) else "baseline: right")
    shown = "".join(f'<span class="tag">{escape(tag)}</span>' for tag in tags)
    earlier = "".join(f"<p class=soft>before: <span lang=zh>{escape(question)}</span></p>" for question in case.earlier)
    sides = _side("This run" if before else "Found", case, one, None)
    sides += _side("Baseline", case, before, one) if before else ""
    return (
        f'<details class="case"><summary><span lang=zh>{escape(case.question)}</span>{shown}</summary>'
        f"<div class=inside>{earlier}{_expected(case)}<div class=sides>{sides}</div></div></details>"
    )


def _expected(case: Case) -> str:
    """The keys, or the judged documents, or that there is no answer."""
    if case.answers:
        keys = " + ".join(" or ".join(f"<mark>{escape(key)}</mark>" for key in group) for group in case.answers)
    elif case.answerable:
        keys = ", ".join(escape(name) for name, grade in case.relevant.items() if grade > 0)
    else:
        keys = "no answer in the documents"
    return f"<p><span class=soft>{escape(case.id)} · expected:</span> <span lang=zh>{keys}</span></p>"


def _side(title: str, case: Case, one: Scored, beside: Scored | None) -> str:
    """What one run found; what stands in the run beside it already is not repeated."""
    outcome = one.result.outcome
    rank = f"rank {one.rank}" if one.rank else "not among what was shown" if case.answerable else outcome.status
    parts = [f"<h4>{title} · {rank}</h4>"]
    if outcome.resolved != case.question:
        parts.append(f"<p class=soft>understood as: <span lang=zh>{escape(outcome.resolved)}</span></p>")
    parts.append(_answer(case, outcome))
    if beside and outcome.passages == beside.result.outcome.passages:
        parts.append("<p class=soft>the same passages</p>")
    elif outcome.passages:
        parts.append(f"<ol lang=zh>{''.join(_passage(passage, case) for passage in outcome.passages)}</ol>")
    if not outcome.passages and outcome.ranking:
        parts.append(f"<p class=soft>ranking: {escape(', '.join(outcome.ranking[:10]))}</p>")
    return f"<section>{''.join(parts)}</section>"


def _answer(case: Case, outcome: Outcome) -> str:
    if outcome.status == "failed":
        return f"<p class=bad>{escape(outcome.error)}</p>"
    if outcome.status == "no_answer":
        return "<p class='answer none'>refused</p>"
    return f"<p class=answer lang=zh>{marked(outcome.answer, case.answers)}</p>" if outcome.answer else ""


def _passage(passage: FoundPassage, case: Case) -> str:
    where = f"{passage.relevance:.2f} {passage.document_id}"
    good = " class=good" if case.relevant.get(passage.document_id, 0) > 0 else ""
    return f"<li><span class=where><span{good}>{escape(where)}</span></span>{marked(passage.text, case.answers)}</li>"


def _excerpt(text: str, inside: Sequence[bool]) -> str:
    """The part around the first marked character, as HTML."""
    first = next((at for at, held in enumerate(inside) if held), 0)
    start = max(0, min(first - _BEFORE, len(text) - _EXCERPT))
    end = min(len(text), start + _EXCERPT)
    parts, at = [], start
    while at < end:
        stop = next((after for after in range(at, end) if inside[after] != inside[at]), end)
        piece = escape(text[at:stop])
        parts.append(f"<mark>{piece}</mark>" if inside[at] else piece)
        at = stop
    return ("…" if start else "") + "".join(parts) + ("…" if end < len(text) else "")
