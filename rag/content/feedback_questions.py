"""From feedback to questions for `rag evaluate`: what was judged becomes a set, what was not is kept apart and marked.

helpful, answered    a question whose answer keys are the quotes that stood under the answer
helpful, no_answer   a question that no document answers
should_refuse        the same: an answer was given where there is none
anything else        to be judged: the mark `to_be_judged` says why, and `rag evaluate` refuses such a row

A question on which verdicts differ, or whose quotes stand in no document any more, is to be judged too.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

import orjson

from index.passage_index import PassageIndex
from rag.content.feedback_record import Feedback, FeedbackEntry, PassageShown
from rag.evaluation.answer_keys import LONGEST_ANSWER, fold_key
from rag.evaluation.question_files import TO_BE_JUDGED

Standing = Literal["same", "moved", "gone"]
Verdict = Literal["answerable", "unanswerable", "open"]
Standings = Callable[[PassageShown], Standing]

_KINDS: Final = {"answerable": "feedback", "unanswerable": "unanswerable_feedback"}


@dataclass(frozen=True, slots=True)
class Exported:
    """Rows of JSONL: those that can be evaluated on, and those that somebody has to judge first."""

    questions: tuple[dict[str, Any], ...]
    to_judge: tuple[dict[str, Any], ...]


def standing(shown: PassageShown, index: PassageIndex) -> Standing:
    """Whether a quote stands where it stood: same; elsewhere in its document: moved; or nowhere in it: gone.

    raises  StaleSnapshot if the document was deleted meanwhile
    """
    entry = index.snapshot.documents.get(shown.document_id)
    if entry is None or not shown.quote:
        return "gone"
    if entry.content_hash == shown.content_hash:
        return "same"
    text = index.document(entry).text
    if text[shown.start : shown.end] == shown.quote:
        return "same"
    return "moved" if shown.quote in text else "gone"


def exported(entries: Iterable[FeedbackEntry], stands: Standings) -> Exported:
    """The entries as rows, the newest of each question first.

    entries  the newest first
    """
    asked: dict[str, list[FeedbackEntry]] = {}
    for entry in entries:
        asked.setdefault(fold_key(entry.feedback.whole_question), []).append(entry)
    questions: list[dict[str, Any]] = []
    to_judge: list[dict[str, Any]] = []
    for same in asked.values():
        why = _open_because(same, stands)
        if why:
            to_judge.extend(_open_row(entry, why) for entry in same)
        else:
            questions.append(_row(same[0]))
    return Exported(tuple(questions), tuple(to_judge))


def jsonl(rows: Iterable[dict[str, Any]]) -> bytes:
    """One JSON object a line."""
    return b"".join(orjson.dumps(row, option=orjson.OPT_APPEND_NEWLINE) for row in rows)


def _open_because(same: Sequence[FeedbackEntry], stands: Standings) -> str:
    """Why nobody may evaluate on this question yet; empty if it is settled."""
    verdicts = {_verdict(entry.feedback) for entry in same}
    if len(verdicts) > 1:
        return "verdicts on this question differ"
    if verdicts == {"open"}:
        return "it was called unhelpful, and nobody has said what the right answer is"
    quotes = same[0].feedback.passages
    if verdicts == {"answerable"} and not quotes:
        return "the helpful answer came without the quotes under it"
    if verdicts == {"answerable"} and any(stands(shown) == "gone" for shown in quotes):
        return "a quote under the helpful answer stands in its document no more"
    return ""


def _verdict(feedback: Feedback) -> Verdict:
    if feedback.helpful:
        return "answerable" if feedback.status == "answered" else "unanswerable"
    return "unanswerable" if feedback.reason == "should_refuse" else "open"


def _row(entry: FeedbackEntry) -> dict[str, Any]:
    verdict = _verdict(entry.feedback)
    row: dict[str, Any] = {"id": f"feedback-{entry.id}", "kind": _KINDS[verdict], "q": entry.feedback.whole_question}
    if verdict != "answerable":
        return row | {"answers": []}
    keys = _keys(entry.feedback.passages)
    subjects = list(dict.fromkeys(shown.document_id for shown in entry.feedback.passages))
    return row | {"kind": "multi" if len(keys) > 1 else row["kind"], "answers": keys, "subjects": subjects}


def _keys(passages: Sequence[PassageShown]) -> list[list[str]]:
    """A group for each quote, as many as an answer that is measured can hold; the first one always."""
    quotes = list(dict.fromkeys(shown.quote for shown in passages))
    room, keys = LONGEST_ANSWER - len(quotes[0]), [[quotes[0][:LONGEST_ANSWER]]]
    for quote in quotes[1:]:
        room -= len(quote)
        if room >= 0:
            keys.append([quote])
    return keys


def _open_row(entry: FeedbackEntry, why: str) -> dict[str, Any]:
    given = entry.feedback
    told = {
        "status": given.status,
        "helpful": given.helpful,
        "reason": given.reason,
        "comment": given.comment,
        "answer": given.answer,
        "quotes": [shown.quote for shown in given.passages if shown.quote],
    }
    return {
        "id": f"feedback-{entry.id}",
        "kind": "to_judge",
        "q": given.whole_question,
        TO_BE_JUDGED: why,
        "given": told,
    }
