"""Feedback: kept durably beside the catalogue, taken back without a trace, and made into questions that can be used."""

import json
import sqlite3
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from index.errors import StorageFull
from rag.content import feedback_store as stores
from rag.content.feedback_questions import exported, jsonl, standing
from rag.content.feedback_record import Feedback, FeedbackEntry, PassageShown
from rag.content.feedback_store import FILE, FeedbackFull, FeedbackStore, FeedbackUnusable, OthersFeedback, Wanted
from rag.evaluation.question_files import read_question_file
from rag.service import Service, build_index
from rag.settings import Settings

CANARY = "金丝雀在哪里？"
NOW = datetime(2024, 5, 6, 7, 8, 9, tzinfo=UTC)
QUOTE = "云台科技园占地300亩。"


class Clock:
    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now


def feedback(question: str = CANARY, **fields: Any) -> Feedback:
    return Feedback(**({"question": question, "status": "answered", "helpful": True} | fields))


def opened(home: Path, days: int = 30, clock: Callable[[], datetime] = lambda: NOW) -> FeedbackStore:
    return FeedbackStore(home, days, writable=True, clock=clock)


def test_what_was_kept_is_there_again(tmp_path: Path) -> None:
    given = feedback(
        status="no_answer",
        helpful=False,
        reason="should_answer",
        comment="𠮷\n\0",
        passages=(PassageShown("a", 1, 2, "字"),),
    )
    store = opened(tmp_path)
    entry_id = store.add(given, "phone")
    store.close()
    again = FeedbackStore(tmp_path, 30, writable=False, clock=lambda: NOW)
    assert again.entries(Wanted()) == [FeedbackEntry(1, entry_id, "2024-05-06T07:08:09Z", "phone", given)]
    assert (tmp_path / FILE).stat().st_mode & 0o777 == 0o600
    again.close()


def test_nothing_is_made_before_the_first_feedback(tmp_path: Path) -> None:
    for writable in (True, False):
        store = FeedbackStore(tmp_path, 30, writable=writable)
        store.forget_old()
        assert store.entries(Wanted()) == []
        assert store.count(Wanted()) == 0
        assert not store.remove("x")
        assert list(tmp_path.iterdir()) == []
    with pytest.raises(FeedbackUnusable, match="for reading only"):
        store.add(feedback())


def test_the_newest_come_first_page_by_page_and_filtered(tmp_path: Path) -> None:
    clock = Clock()
    store = opened(tmp_path, clock=clock)
    for day, (helpful, reason) in enumerate([(True, None), (False, "wrong"), (False, "other"), (False, "wrong")]):
        clock.now = NOW + timedelta(days=day)
        store.add(feedback(str(day), helpful=helpful, reason=reason))

    def asked(**wanted: Any) -> list[str]:
        assert store.count(Wanted(**wanted)) == len(store.entries(Wanted(**wanted)))
        return [entry.feedback.question for entry in store.entries(Wanted(**wanted))]

    assert asked() == ["3", "2", "1", "0"]
    assert asked(helpful=True) == ["0"]
    assert asked(reason="wrong") == ["3", "1"]
    assert asked(since="2024-05-07", until="2024-05-08") == ["2", "1"]
    first = store.entries(Wanted(), limit=2)
    rest = store.entries(Wanted(), before=first[-1].key, limit=9)
    assert [entry.feedback.question for entry in (*first, *rest)] == ["3", "2", "1", "0"]
    store.close()


def test_what_is_taken_back_or_too_old_is_nowhere_on_the_disk(tmp_path: Path) -> None:
    clock = Clock()
    store = opened(tmp_path, days=30, clock=clock)
    taken = store.add(feedback(CANARY + "一"))
    store.add(feedback(CANARY + "二"))
    assert store.remove(taken)
    assert not store.remove(taken)
    clock.now = NOW + timedelta(days=31)
    reader = FeedbackStore(tmp_path, 30, writable=False, clock=clock)
    assert reader.entries(Wanted()) == []  # not shown, even where it cannot be removed
    reader.close()
    store.forget_old()
    held = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    assert "金丝雀".encode() not in held
    store.close()


def test_only_the_same_key_takes_it_back(tmp_path: Path) -> None:
    store = opened(tmp_path)
    entry_id = store.add(feedback(), "phone")
    for stranger in ("laptop", ""):
        with pytest.raises(OthersFeedback):
            store.remove(entry_id, stranger)
    assert store.remove(entry_id, "phone")
    assert store.remove(store.add(feedback(), "phone"), None)
    store.close()


def test_there_is_an_end_to_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stores, "MOST", 1)
    store = opened(tmp_path)
    store.add(feedback())
    with pytest.raises(FeedbackFull):
        store.add(feedback())
    store.close()


def test_a_file_that_is_none_of_ours_is_named_and_a_mended_one_taken_again(tmp_path: Path) -> None:
    (tmp_path / FILE).write_bytes(b"no database" * 1000)
    store = opened(tmp_path)
    with pytest.raises(FeedbackUnusable, match=f"{FILE}.*not a database"):
        store.add(feedback())
    (tmp_path / FILE).unlink()
    connection = sqlite3.connect(tmp_path / FILE)
    connection.execute("PRAGMA user_version = 7")
    connection.close()
    with pytest.raises(FeedbackUnusable, match="its format is 7"):
        store.add(feedback())
    (tmp_path / FILE).unlink()
    assert store.add(feedback())
    store.close()


def test_a_row_that_was_tampered_with_is_noticed(tmp_path: Path) -> None:
    store = opened(tmp_path)
    store.add(feedback())
    store.close()
    connection = sqlite3.connect(tmp_path / FILE)
    connection.execute("UPDATE feedback SET record = replace(record, '金丝雀', '麻雀')")
    connection.commit()
    connection.close()
    with pytest.raises(FeedbackUnusable, match="checksum"):
        opened(tmp_path).entries(Wanted())


def test_a_full_disk_is_told_as_such(tmp_path: Path) -> None:
    store = opened(tmp_path)
    store.add(feedback())
    assert store._database
    store._database.run("PRAGMA max_page_count = 1")
    with pytest.raises(StorageFull):
        store.add(feedback(answer="长" * 20_000))
    store.close()


def test_it_outlives_a_rebuild_of_the_index(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path, corpus="none")
    service = Service.open(settings, writable=True)
    entry_id = service.feedback.add(feedback())
    service.close()
    for path in (tmp_path / "derived").rglob("*"):
        if path.is_file():
            path.unlink()
    (tmp_path / "catalogue.sqlite").unlink()
    build_index(settings, lambda what, done, total: None)
    service = Service.open(settings, writable=True)
    assert [entry.id for entry in service.feedback.entries(Wanted())] == [entry_id]
    service.close()


def test_a_quote_that_has_moved_or_gone_is_noticed(own_service: Service) -> None:
    index = own_service.index
    entry = index.snapshot.documents["yuntai"]
    text = index.document(entry).text
    start = text.index(QUOTE)
    shown = PassageShown("yuntai", start, start + len(QUOTE), QUOTE, entry.content_hash)
    assert standing(shown, index) == "same"
    for written, expected in (
        (f"{QUOTE}位于西湖区。", "same"),
        (f"据说{QUOTE}", "moved"),
        ("云台科技园占地301亩。", "gone"),
    ):
        own_service.put(json.dumps({"title": "云台科技园", "text": written}).encode(), "yuntai", name="yuntai.json")
        assert standing(shown, index) == expected
    assert standing(replace(shown, document_id="nobody"), index) == "gone"
    assert standing(replace(shown, quote=""), index) == "gone"


def entries(*given: Feedback) -> list[FeedbackEntry]:
    made = [FeedbackEntry(key, f"id{key}", "2024-05-06T07:08:09Z", "", one) for key, one in enumerate(given)]
    return made[::-1]


SHOWN = (PassageShown("yuntai", 0, 12, QUOTE),)


@pytest.mark.parametrize(
    ("given", "row"),
    [
        (
            feedback("甲？", passages=SHOWN),
            {"kind": "feedback", "q": "甲？", "answers": [[QUOTE]], "subjects": ["yuntai"]},
        ),
        (
            feedback("它呢？", resolved="甲？", passages=(*SHOWN, PassageShown("b", 0, 2, "乙。"))),
            {"kind": "multi", "q": "甲？", "answers": [[QUOTE], ["乙。"]], "subjects": ["yuntai", "b"]},
        ),
        (
            feedback("长？", passages=(*SHOWN, PassageShown("b", 0, 300, "长" * 299 + "。"))),
            {"kind": "feedback", "q": "长？", "answers": [[QUOTE]], "subjects": ["yuntai", "b"]},
        ),
        (feedback("乙？", status="no_answer"), {"kind": "unanswerable_feedback", "q": "乙？", "answers": []}),
        (
            feedback("丙？", helpful=False, reason="should_refuse", passages=SHOWN),
            {"kind": "unanswerable_feedback", "q": "丙？", "answers": []},
        ),
    ],
)
def test_a_verdict_becomes_a_question(given: Feedback, row: dict[str, Any]) -> None:
    made = exported(entries(given), lambda shown: "same")
    assert made.questions == ({"id": "feedback-id0"} | row,)
    assert made.to_judge == ()


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ([feedback(helpful=False, reason="wrong", passages=SHOWN)], "what the right answer is"),
        ([feedback(helpful=False)], "what the right answer is"),
        ([feedback(status="no_answer", helpful=False, reason="should_answer")], "what the right answer is"),
        ([feedback()], "without the quotes"),
        ([feedback(passages=(PassageShown("gone", 0, 12, QUOTE),))], "no more"),
        ([feedback(passages=SHOWN), feedback(helpful=False, reason="wrong")], "differ"),
        ([feedback(passages=SHOWN), feedback(f" {CANARY}", helpful=False, reason="should_refuse")], "differ"),
    ],
)
def test_what_nobody_has_judged_is_kept_apart_and_refused(given: list[Feedback], why: str, tmp_path: Path) -> None:
    made = exported(entries(*given), lambda shown: "gone" if shown.document_id == "gone" else "same")
    assert made.questions == ()
    assert len(made.to_judge) == len(given)
    assert all(why in row["to_be_judged"] for row in made.to_judge)
    path = tmp_path / "to_judge.jsonl"
    path.write_bytes(jsonl(made.to_judge))
    read = read_question_file(path)
    assert read.cases == ()
    assert all("nobody has judged it yet" in problem.reason for problem in read.problems)


def test_the_same_verdict_twice_is_one_question_with_the_newest_quotes(tmp_path: Path) -> None:
    older, newer = feedback("甲？", passages=SHOWN), feedback("甲？", passages=(PassageShown("b", 0, 2, "乙。"),))
    made = exported(entries(older, newer), lambda shown: "same")
    assert [row["answers"] for row in made.questions] == [[["乙。"]]]
    path = tmp_path / "set.jsonl"
    path.write_bytes(jsonl(made.questions))
    (case,) = read_question_file(path).cases
    assert case.answers == (("乙。",),)
    assert dict(case.relevant) == {"b": 1}
