"""The lexicon over HTTP and on the command line."""

import json
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient
from typer.testing import CliRunner

from corpus.lexicon import Lexicon, bundled_lexicon
from rag.api import lexicon_routes as routes
from rag.cli.lexicon_commands import lexicon_app
from rag.content.user_lexicon import FILE, UserLexicon, change_user_lexicon, load_user_lexicon
from rag.service import Service
from rag.settings import Settings

WORD = "某某产业社区"
GROUP = ["舞房", "跳舞的地方"]


@pytest.fixture
def lexicon(own_service: Service) -> UserLexicon:
    return own_service.lexicon


@pytest.fixture
def client(own_client: TestClient) -> TestClient:
    return own_client


def test_a_new_home_has_nothing_of_its_own(client: TestClient) -> None:
    body = client.get("/v1/lexicon").json()
    assert body["words"] == []
    assert body["synonyms"] == []
    assert body["bundled"]["words"] == list(bundled_lexicon().words)
    assert body["index_stale"] is False


def test_what_is_put_is_told_and_kept_folded(client: TestClient, own_service: Service) -> None:
    first = client.put("/v1/lexicon", json={"words": [], "synonyms": [GROUP]}).json()
    assert first["synonyms"] == [GROUP]
    second = client.put("/v1/lexicon", json={"words": ["某某產業社區"], "synonyms": [GROUP]}).json()
    assert (second["index_stale"], second["stale_passages"], second["words"]) == (False, 0, [WORD])
    assert second["synonyms_fingerprint"] == first["synonyms_fingerprint"]
    assert second["fingerprint"] != first["fingerprint"]
    assert second["version"] != first["version"]
    assert second["generation"] == first["generation"] + 1
    assert client.get("/v1/lexicon").json() == second
    assert load_user_lexicon(own_service.settings.home) == Lexicon((WORD,), (tuple(GROUP),))
    assert client.put("/v1/lexicon", json={"words": [WORD], "synonyms": [GROUP]}).json() == second


def test_putting_replaces(client: TestClient) -> None:
    client.put("/v1/lexicon", json={"words": [WORD], "synonyms": [GROUP]})
    body = client.put("/v1/lexicon", json={"words": [], "synonyms": []}).json()
    assert (body["words"], body["synonyms"], body["index_stale"]) == ([], [], False)


@pytest.mark.parametrize(
    ("sent", "pointer"),
    [
        ({"words": [WORD, "园"], "synonyms": []}, "#/words/1"),
        ({"words": ["linkpark"], "synonyms": []}, "#/words/0"),
        ({"words": [], "synonyms": [GROUP, ["舞房"]]}, "#/synonyms/1"),
        ({"words": [], "synonyms": [["舞房", "\x00\x01舞"]]}, "#/synonyms/0"),
        ({"words": [], "synonyms": [["舞房", 7]]}, "#/synonyms/0/1"),
        ({"words": [], "synonyms": [["x" * 101, "舞房"]]}, "#/synonyms/0/0"),
        ({"words": [WORD, ""], "synonyms": []}, "#/words/1"),
        ({"words": ["园" * 25], "synonyms": []}, "#/words/0"),
        ({"words": ["产业\x07社区"], "synonyms": []}, "#/words/0"),
        ({"words": [WORD, "什么"], "synonyms": []}, "#/words/1"),
        ({"words": [], "synonyms": [GROUP, ["租金", "房租"], GROUP[::-1]]}, "#/synonyms/2"),
        ({"words": [], "synonyms": [[f"甲{chr(0x4E00 + one)}", "乙丙"] for one in range(5001)]}, "#/synonyms"),
        ({"words": []}, "#/synonyms"),
        ({"words": [], "synonyms": [], "more": 1}, "#/more"),
    ],
)
def test_what_cannot_be_kept_is_pointed_at_and_nothing_changes(
    client: TestClient, lexicon: UserLexicon, sent: dict[str, Any], pointer: str
) -> None:
    client.put("/v1/lexicon", json={"words": [WORD], "synonyms": []})
    answer = client.put("/v1/lexicon", json=sent)
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    assert [error["pointer"] for error in answer.json()["errors"]] == [pointer]
    assert lexicon.own.words == (WORD,)


def test_half_a_surrogate_pair_is_refused(client: TestClient) -> None:
    raw = b'{"words": [], "synonyms": [["\\ud800ab", "cd"]]}'
    answer = client.put("/v1/lexicon", content=raw, headers={"content-type": "application/json"})
    assert answer.status_code == 422


def test_a_disk_that_cannot_be_written_is_told(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(home: Path, own: Lexicon) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("rag.content.user_lexicon.save_user_lexicon", full)
    assert client.put("/v1/lexicon", json={"words": [WORD], "synonyms": []}).status_code == 507
    assert client.get("/v1/lexicon").json()["words"] == []


def test_the_example_is_what_the_route_answers() -> None:
    assert routes.LexiconBody.model_validate(routes._EXAMPLE, strict=True).version


@dataclass(frozen=True)
class Command:
    """Runs `rag lexicon …` on a home of its own: exit status and output."""

    home: Path

    def __call__(self, *arguments: str) -> tuple[int, str]:
        done = CliRunner().invoke(lexicon_app, arguments)
        return done.exit_code, done.output


@pytest.fixture
def rag_lexicon(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Command:
    monkeypatch.setenv("RAG_HOME", str(tmp_path))
    return Command(tmp_path)


def test_words_and_groups_are_added_listed_and_removed(rag_lexicon: Command) -> None:
    assert rag_lexicon("add", WORD)[0] == 0
    code, output = rag_lexicon("add", "--synonyms", *GROUP)
    assert (code, "as soon as there is an index" in output) == (0, True)
    assert rag_lexicon("list")[1].splitlines() == ["kind\tentry", f"word\t{WORD}", f"synonyms\t{' '.join(GROUP)}"]
    assert json.loads(rag_lexicon("list", "--json")[1]) == {"words": [WORD], "synonyms": [GROUP]}
    code, output = rag_lexicon("remove", "某某產業社區")
    assert code == 0
    assert rag_lexicon("remove", "-s", GROUP[1])[0] == 0
    assert load_user_lexicon(rag_lexicon.home) == Lexicon(())


def test_adding_twice_changes_nothing_and_removing_twice_says_so(rag_lexicon: Command) -> None:
    rag_lexicon("add", WORD)
    before = (rag_lexicon.home / FILE).read_bytes()
    assert json.loads(rag_lexicon("add", WORD, "--json")[1])["index_stale"] is False
    assert "nothing changed" in rag_lexicon("add", WORD)[1]
    assert (rag_lexicon.home / FILE).read_bytes() == before
    assert rag_lexicon("remove", WORD)[0] == 0
    assert rag_lexicon("remove", WORD)[0] == 1


def test_wrong_use_is_told(rag_lexicon: Command) -> None:
    code, output = rag_lexicon("add", "园")
    assert (code, "given, word 1" in output) == (2, True)
    assert rag_lexicon("add", "--synonyms", "舞房")[0] == 2
    assert "only asks" in rag_lexicon("add", WORD, "什么")[1]
    assert not (rag_lexicon.home / FILE).exists()
    rag_lexicon("add", "--synonyms", *GROUP)
    before = (rag_lexicon.home / FILE).read_bytes()
    code, output = rag_lexicon("add", "--synonyms", *GROUP[::-1])
    assert (code, "in another order" in output) == (2, True)
    assert (rag_lexicon.home / FILE).read_bytes() == before


def test_an_index_that_nobody_serves_takes_the_words_at_once(rag_lexicon: Command) -> None:
    Service.open(Settings(home=rag_lexicon.home, corpus="none"), writable=True).close()
    code, output = rag_lexicon("add", WORD)
    assert (code, "they hold from generation 1" in output) == (0, True)
    reader = Service.open(Settings(home=rag_lexicon.home), writable=False)
    assert reader.index.tokeniser.words(WORD)[-1] == WORD
    assert reader.index.is_level
    reader.close()


def test_words_are_kept_beside_an_index_that_cannot_take_them(rag_lexicon: Command) -> None:
    (rag_lexicon.home / "catalogue.sqlite").write_text("no catalogue", encoding="utf-8")
    code, output = rag_lexicon("add", WORD)
    assert (code, "does not take them yet" in output) == (0, True)
    assert load_user_lexicon(rag_lexicon.home).words == (WORD,)


def test_commands_at_the_same_time_lose_nothing(rag_lexicon: Command) -> None:
    words = [f"某{chr(0x4E00 + number)}产业社区" for number in range(20)]

    def add(word: str) -> None:
        change_user_lexicon(rag_lexicon.home, lambda own: own.with_more(Lexicon((word,))))

    adders = [threading.Thread(target=add, args=(word,)) for word in words]
    for adder in adders:
        adder.start()
    for adder in adders:
        adder.join()
    assert load_user_lexicon(rag_lexicon.home).words == tuple(sorted(words))


def test_the_bundled_lexicon_can_be_listed(rag_lexicon: Command) -> None:
    words = json.loads(rag_lexicon("list", "--bundled", "--json")[1])["words"]
    assert words == list(bundled_lexicon().words)
