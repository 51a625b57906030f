"""The service: opens a home, keeps documents, asks again when documents change under a question."""

from pathlib import Path
from typing import Any

import pytest

from corpus.document import InvalidDocument
from corpus.reading import Unreadable, Unsupported
from index.errors import IndexLocked, IndexUnusable
from index.passage_index import StaleSnapshot
from rag import service as services
from rag.service import Service, build_index
from rag.settings import Settings

AREA = "𠮷祥产业社区占地多少亩？"


def silent(*_: object) -> None:
    """Progress for nobody."""


def test_a_reader_needs_a_catalogue_and_says_what_to_run(tmp_path: Path) -> None:
    with pytest.raises(IndexUnusable, match="rag index build"):
        Service.open(Settings(home=tmp_path / "nowhere", corpus="none"), writable=False)


def test_an_empty_home_starts_with_the_bundled_corpus_unless_told_not_to(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    few = list(services.bundled_documents())[:2]
    monkeypatch.setattr(services, "bundled_documents", lambda: few)
    for corpus, expected in (("none", []), ("bundled", [document.id for document in few])):
        service = Service.open(Settings(home=tmp_path / corpus, corpus=corpus), writable=True)
        assert list(service.index.snapshot.documents) == expected
        assert service.quick
        service.close()


def test_documents_kept_by_users_do_not_bring_the_bundle(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A home that was started without the bundle stays as it is when the setting is dropped later."""
    Service.open(Settings(home=tmp_path, corpus="none"), writable=True).close()
    monkeypatch.setattr(services, "build_index", None)
    service = Service.open(Settings(home=tmp_path), writable=True)
    assert not service.index.snapshot.documents
    service.close()


def test_building_again_changes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    few = list(services.bundled_documents())[:2]
    monkeypatch.setattr(services, "bundled_documents", lambda: few)
    settings = Settings(home=tmp_path / "new")
    first, second = build_index(settings, silent), build_index(settings, silent)
    assert (first.added, second.added, second.unchanged) == (2, 0, 2)
    assert not second.changed
    assert second.generation == first.generation


def test_one_writer_and_any_number_of_readers(own_service: Service) -> None:
    with pytest.raises(IndexLocked, match="is writing"):
        Service.open(own_service.settings, writable=True)
    reader = Service.open(own_service.settings, writable=False)
    assert "80.1亩" in reader.ask(AREA).answer.text
    reader.close()


def test_what_was_kept_is_there_after_opening_again(own_service: Service) -> None:
    before = own_service.ask(AREA)
    own_service.close()
    again = Service.open(own_service.settings, writable=True)
    assert again.ask(AREA).answer == before.answer
    again.close()


def test_keeping_tells_what_was_read_and_whether_it_replaced(own_service: Service) -> None:
    first = own_service.put("# 甲\n\n甲园占地1亩。".encode(), "jia", media_type="text/markdown")
    second = own_service.put("# 甲\n\n甲园占地2亩。".encode(), "jia", media_type="text/markdown")
    assert (first.replaced, second.replaced) == (False, True)
    assert second.generation == first.generation + 1
    assert [document.id for document in first.reading.documents] == ["jia"]


@pytest.mark.parametrize(
    ("raw", "options", "refusal"),
    [
        (b"", {}, Unreadable),
        (b"GIF89a", {}, Unsupported),
        (b"x", {"media_type": "image/gif"}, Unsupported),
        (b'{"text": 1}', {"media_type": "application/json"}, InvalidDocument),
        ("甲。".encode(), {"document_id": "../x"}, InvalidDocument),
    ],
)
def test_what_cannot_be_kept_is_refused_and_changes_nothing(
    own_service: Service, raw: bytes, options: dict[str, Any], refusal: type[Exception]
) -> None:
    before = own_service.index.snapshot
    with pytest.raises(refusal):
        own_service.put(raw, **options)
    assert own_service.index.snapshot is before


def test_a_question_that_meets_a_change_is_asked_again(own_service: Service) -> None:
    """While the answer is composed its document is replaced: the answer comes from the new state as a whole."""
    index = own_service.index
    read, replaced = index.document, []

    def disturbed(entry: Any) -> Any:
        if not replaced:
            replaced.append(True)
            index._texts._documents.keep({})
            own_service.put("云台科技园占地999亩。".encode(), "yuntai", media_type="text/plain", title="云台科技园")
            raise StaleSnapshot("replaced meanwhile")
        return read(entry)

    index.document = disturbed  # type: ignore[method-assign]
    reply = own_service.ask("云台科技园占地多少亩？")
    assert reply.answer.text == "云台科技园占地999亩。[1]"
    assert reply.retrieval.generation == index.snapshot.generation


def test_documents_that_never_stand_still_end_in_a_clear_error(
    made_up_service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stale(_: Any) -> None:
        raise StaleSnapshot("replaced meanwhile")

    monkeypatch.setattr(made_up_service.index, "document", stale)
    with pytest.raises(StaleSnapshot, match="ask again"):
        made_up_service.ask(AREA)


def test_follow_ups_lean_on_the_user_s_earlier_questions(made_up_service: Service) -> None:
    reply = made_up_service.ask("那它占地多少亩？", ["云台科技园在哪里？"])
    assert (reply.question, reply.resolved) == ("那它占地多少亩？", "云台科技园占地多少亩？")
    assert "300亩" in reply.answer.text


def test_only_the_latest_turns_are_looked_at(made_up_service: Service) -> None:
    turns = ["云台科技园在哪里？", *["今天天气怎么样？"] * 20]
    assert made_up_service.ask("那它占地多少亩？", turns).resolved == "那它占地多少亩？"


def test_a_higher_threshold_refuses_what_a_lower_one_answers(own_service: Service) -> None:
    settings = own_service.settings
    own_service.close()
    statuses = []
    for threshold in (0.0, 1.0):
        service = Service.open(settings.model_copy(update={"threshold": threshold}), writable=False)
        statuses.append(service.ask(AREA).answer.status)
        service.close()
    assert statuses == ["answered", "no_answer"]


def test_a_question_is_as_relevant_as_the_part_of_it_that_is_answered_best(made_up_service: Service) -> None:
    reply = made_up_service.ask("𠮷祥产业社区的月租要多少钱？占地多少亩？")
    rent, area = (part[0].relevance for part in reply.retrieval.parts)
    assert rent < made_up_service.settings.threshold < area
    assert reply.retrieval.evidence[0].relevance < area
    assert reply.answer.relevance == pytest.approx(area, abs=1e-4)
    assert [one.text for one in reply.answer.statements] == ["𠮷祥产业社区占地80.1亩，由𠮷祥集团运营。"]
