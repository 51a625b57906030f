"""A lexicon that changes while the service runs: questions see the old one or the new one, whoever changed it."""

import json
import os
import subprocess
import sys
import threading
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient
from support_server import Server
from support_waiting import wait_until

from corpus.lexicon import Lexicon
from index.errors import IndexUnusable, StorageFull
from index.passage_index import PassageIndex
from rag import background
from rag.api import lexicon_routes as routes
from rag.background import watching_lexicon
from rag.content.user_lexicon import load_user_lexicon, save_user_lexicon
from rag.schema.models import AnalyzeBody
from rag.service import Service

WORD = "云泽"
GROUP = ["琴舍", "练钢琴", "吹拉弹唱"]
QUESTION = "哪栋大楼可以吹拉弹唱"
YUNZE = "# 云泽大楼\n\n云泽大楼三层设有琴舍，面向青年开放。"
SONGYUAN = "# 松园大楼\n\n松园大楼一层可以存放钢材，由业主看管。"


@pytest.fixture
def service(own_service: Service) -> Service:
    for document_id, text in (("yunze", YUNZE), ("songyuan", SONGYUAN)):
        own_service.put(text.encode(), document_id, media_type="text/markdown")
    return own_service


def put(client: TestClient, words: list[str], groups: list[list[str]]) -> dict[str, Any]:
    answer = client.put("/v1/lexicon", json={"words": words, "synonyms": groups})
    assert answer.status_code == 200, answer.text
    body: dict[str, Any] = answer.json()
    return body


def first(client: TestClient, question: str = QUESTION) -> str:
    results = client.post("/v1/search", json={"query": question}).json()["results"]
    return str(results[0]["citation"]["document_id"])


def test_a_wording_that_was_unknown_is_answered_after_a_change(service: Service, own_client: TestClient) -> None:
    assert first(own_client) != "yunze"
    body = put(own_client, [], [GROUP])
    assert (body["index_stale"], body["generation"]) == (False, service.index.snapshot.generation)
    assert first(own_client) == "yunze"
    put(own_client, [], [])
    assert first(own_client) != "yunze"


def test_a_word_is_cut_and_found_after_a_change(service: Service, own_client: TestClient) -> None:
    def seen() -> tuple[bool, int]:
        words = own_client.post("/v1/analyze", json={"text": "雲澤大樓"}).json()["words"]
        return WORD in [word["text"] for word in words], len(service.index.snapshot.lexical.search([WORD], "words", 5))

    before = own_client.post("/v1/search", json={"query": WORD, "mode": "lexical"}).json()["results"]
    assert seen() == (False, 0)
    put(own_client, [WORD], [])
    assert seen() == (True, 1)
    after = own_client.post("/v1/search", json={"query": WORD, "mode": "lexical"}).json()["results"]
    assert after[0]["citation"]["document_id"] == "yunze"
    assert after[0]["scores"] != before[0]["scores"]
    put(own_client, [], [])
    assert seen() == (False, 0)
    again = own_client.post("/v1/search", json={"query": WORD, "mode": "lexical"}).json()["results"]
    assert [one["passage_id"] for one in again] == [one["passage_id"] for one in before]
    assert [one["relevance"] for one in again] == [one["relevance"] for one in before]


def test_every_question_during_changes_sees_one_lexicon(service: Service) -> None:
    """Two lexicons in turn: what is found depends on the generation alone."""
    seen: dict[int, set[tuple[Any, ...]]] = {}
    over = threading.Event()
    failures: list[Exception] = []

    def ask() -> None:
        while not over.is_set():
            try:
                reply = service.ask(QUESTION)
            except Exception as error:  # whatever a question may raise
                failures.append(error)
                return
            found = tuple((one.row, round(one.relevance, 6)) for one in reply.retrieval.evidence)
            seen.setdefault(reply.retrieval.generation, set()).add(found)

    askers = [threading.Thread(target=ask) for _ in range(3)]
    for asker in askers:
        asker.start()
    for turn in range(12):
        service.lexicon.replace(Lexicon((WORD,), (tuple(GROUP),)) if turn % 2 == 0 else Lexicon(()))
        service.carry_lexicon()
    over.set()
    for asker in askers:
        asker.join()
    assert not failures
    assert all(len(found) == 1 for found in seen.values())
    assert len(set.union(*seen.values())) <= 2
    assert len(seen) > 2


def test_analyze_shows_what_the_lexicon_knows_and_from_where(service: Service, own_client: TestClient) -> None:
    put(own_client, [WORD], [GROUP])
    body = own_client.post("/v1/analyze", json={"text": "雲澤產業社區１.５萬畝，可練鋼琴，多大"}).json()
    AnalyzeBody.model_validate(body, strict=True)
    origins = {one["text"]: one["origin"] for one in body["lexicon"]}
    assert origins == {WORD: "user", "产业社区": "bundled"}
    assert [(one["value"], one["unit"]) for one in body["numbers"]] == [("15000", "亩")]
    wordings = {one["text"]: one for one in body["wordings"]}
    assert wordings["练钢琴"]["others"] == [{"text": one, "origin": "user"} for one in ("琴舍", "吹拉弹唱")]
    assert wordings["练钢琴"]["used"]
    assert not wordings["多大"]["used"]
    assert {one["origin"] for one in wordings["多大"]["others"]} == {"bundled"}
    assert body["sought"] == ["area"]
    start, end = wordings["练钢琴"]["start"], wordings["练钢琴"]["end"]
    assert body["text"][start:end] == "練鋼琴"
    assert body["lexicon_version"] == own_client.get("/v1/lexicon").json()["version"]


def test_a_change_that_takes_long_goes_on_after_its_answer(
    service: Service, own_client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    take, may_go_on = PassageIndex.take_lexicon, threading.Event()

    def slow(index: PassageIndex, lexicon: Lexicon) -> int:
        may_go_on.wait(10)
        return take(index, lexicon)

    monkeypatch.setattr(routes, "_PATIENCE", 0.05)
    monkeypatch.setattr(PassageIndex, "take_lexicon", slow)
    body = put(own_client, [WORD], [GROUP])
    assert (body["index_stale"], body["stale_passages"]) == (True, 1)
    assert "正在重新切分" in body["message"]
    assert own_client.get("/v1/stats").json()["lexicon"] == {
        "version": body["version"],
        "holds": False,
        "stale_passages": 1,
    }
    assert first(own_client) != "yunze"
    may_go_on.set()
    wait_until(lambda: not own_client.get("/v1/lexicon").json()["index_stale"])
    assert first(own_client) == "yunze"
    assert own_client.get("/v1/stats").json()["lexicon"]["stale_passages"] == 0


def test_an_index_that_cannot_take_the_lexicon_leaves_it_as_it_was(
    service: Service, own_client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(own_client, [WORD], [])

    def full(index: PassageIndex, lexicon: Lexicon) -> int:
        raise StorageFull("the disk is full")

    monkeypatch.setattr(PassageIndex, "take_lexicon", full)
    answer = own_client.put("/v1/lexicon", json={"words": [], "synonyms": [GROUP]})
    assert (answer.status_code, answer.json()["code"]) == (507, "insufficient_storage")
    assert load_user_lexicon(service.settings.home) == Lexicon((WORD,))
    assert own_client.get("/v1/lexicon").json()["index_stale"] is False


def test_words_that_were_whole_already_are_named(service: Service, own_client: TestClient) -> None:
    assert put(own_client, ["产业社区", "企业", WORD], [])["needless"] == ["产业社区", "企业"]
    assert put(own_client, ["产业社区", "企业", WORD], [])["needless"] == []


def test_the_watch_carries_what_another_process_wrote(service: Service) -> None:
    home = service.settings.home
    with watching_lexicon(service.carry_lexicon):
        save_user_lexicon(home, Lexicon((WORD,)))
        wait_until(lambda: service.index.snapshot.lexical.search([WORD], "words", 5))


def test_the_watch_goes_on_after_a_failure(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    calls: list[int] = []

    def carry() -> None:
        calls.append(1)
        if len(calls) == 1:
            raise IndexUnusable(Path("home"), "its disk failed", "check the disk")

    monkeypatch.setattr(background, "_LEXICON_PAUSE", 0.01)
    monkeypatch.setattr(background, "_AFTER_FAILURE", 0.01)
    with watching_lexicon(carry):
        wait_until(lambda: len(calls) >= 3)
    assert "cannot be carried" in caplog.text


def test_a_running_server_takes_over_what_the_command_adds(start_server: Callable[[], Server]) -> None:
    server = start_server()
    server.put("yunze", YUNZE)
    command = [sys.executable, "-m", "rag", "lexicon", "add", WORD]
    done = subprocess.run(command, env=os.environ | {"RAG_HOME": str(server.home)}, capture_output=True, text=True)
    assert (done.returncode, "takes them over" in done.stdout) == (0, True), done.stderr
    wait_until(lambda: analysed(server)["lexicon"])
    assert [one["origin"] for one in analysed(server)["lexicon"]] == ["user"]


def analysed(server: Server) -> dict[str, Any]:
    content = json.dumps({"text": "云泽大楼"}).encode()
    request = urllib.request.Request(f"{server.address}/v1/analyze", content, {"Content-Type": "application/json"})
    with urllib.request.urlopen(request) as answer:
        body: dict[str, Any] = json.load(answer)
    return body
