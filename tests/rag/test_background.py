"""Reading ahead: passages are seen before they are asked for, and whoever stops it does not wait."""

import threading
import time

import pytest
from support_waiting import wait_until

from index.passage_index import StaleSnapshot
from rag import background
from rag.retrieval.annotated_passage import Annotator
from rag.service import Service

Seen = list[str]


@pytest.fixture
def seen(monkeypatch: pytest.MonkeyPatch) -> Seen:
    """Documents of the passages that were looked at, in order."""
    looked_at: Seen = []
    annotated = Annotator.annotate

    def noted(annotator: Annotator, passage, heading, names):  # type: ignore[no-untyped-def]
        looked_at.append(passage.document_id)
        return annotated(annotator, passage, heading, names)

    monkeypatch.setattr(Annotator, "annotate", noted)
    return looked_at


def passages_of(service: Service) -> int:
    return sum(map(len, service.index.snapshot.rows.values()))


def reading_threads() -> list[threading.Thread]:
    return [one for one in threading.enumerate() if one.name == "reading-ahead"]


def test_what_was_looked_at_before_is_not_looked_at_by_a_question(own_service: Service, seen: Seen) -> None:
    passages = passages_of(own_service)
    with background.reading_ahead(own_service.retriever):
        wait_until(lambda: not reading_threads())
    assert len(seen) == passages
    assert own_service.ask("𠮷祥产业社区占地多少亩？").answer.status == "answered"
    assert len(seen) == passages


def test_a_large_index_is_left_alone(own_service: Service, seen: Seen, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(background, "MOST", passages_of(own_service) - 1)
    with background.reading_ahead(own_service.retriever):
        wait_until(lambda: not reading_threads())
    assert seen == []


def test_its_end_does_not_wait_for_all_passages(
    own_service: Service, seen: Seen, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(background, "_PAUSE", 60.0)
    started = time.monotonic()
    with background.reading_ahead(own_service.retriever):
        pass
    assert time.monotonic() - started < 10
    assert (seen, reading_threads()) == ([], [])


@pytest.mark.parametrize(("error", "tried"), [(StaleSnapshot("gone"), "all"), (OSError("unreadable"), "one")])
def test_a_passage_that_cannot_be_read_troubles_nobody(
    own_service: Service, monkeypatch: pytest.MonkeyPatch, error: Exception, tried: str
) -> None:
    calls = []

    def fail(rows: list[int]) -> None:
        calls.append(rows)
        raise error

    monkeypatch.setattr(own_service.retriever, "look_at", fail)
    with background.reading_ahead(own_service.retriever):
        wait_until(lambda: not reading_threads())
    assert len(calls) == (passages_of(own_service) if tried == "all" else 1)
