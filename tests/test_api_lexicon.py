"""The lexicon over HTTP and on the command line."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient
from typer.testing import CliRunner

from corpus.lexicon import Lexicon, bundled_lexicon
from rag.api import create_app
from rag.api import lexicon as routes
from rag.lexicon_commands import lexicon_app
from rag.service import Service
from rag.user_lexicon import FILE, UserLexicon, load_user_lexicon

WORD = "某某产业社区"
GROUP = ["舞房", "跳舞的地方"]


@pytest.fixture
def lexicon(tmp_path: Path) -> UserLexicon:
    return UserLexicon(tmp_path)


@pytest.fixture
def client(made_up_service: Service, lexicon: UserLexicon) -> Iterator[TestClient]:
    app = create_app(made_up_service)
    app.state.lexicon = lexicon
    with TestClient(app, base_url="http://localhost") as client:
        yield client


def test_a_new_home_has_nothing_of_its_own(client: TestClient) -> None:
    body = client.get("/v1/lexicon").json()
    assert body["words"] == []
    assert body["synonyms"] == []
    assert body["bundled"]["words"] == list(bundled_lexicon().words)
    assert body["index_stale"] is False


def test_synonyms_hold_at_once_and_words_make_the_index_stale(
    client: TestClient, lexicon: UserLexicon, tmp_path: Path
) -> None:
    first = client.put("/v1/lexicon", json={"words": [], "synonyms": [GROUP]}).json()
    assert (first["index_stale"], first["synonyms"]) == (False, [GROUP])
    assert "舞房" in lexicon.thesaurus.expand("跳舞的地方")
    second = client.put("/v1/lexicon", json={"words": ["某某產業社區"], "synonyms": [GROUP]}).json()
    assert (second["index_stale"], second["words"]) == (True, [WORD])
    assert second["synonyms_fingerprint"] == first["synonyms_fingerprint"]
    assert second["fingerprint"] != first["fingerprint"]
    assert "重启" in second["message"]
    assert client.get("/v1/lexicon").json() == second
    assert load_user_lexicon(tmp_path) == Lexicon((WORD,), (tuple(GROUP),))


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

    monkeypatch.setattr("rag.user_lexicon.save_user_lexicon", full)
    assert client.put("/v1/lexicon", json={"words": [WORD], "synonyms": []}).status_code == 507
    assert client.get("/v1/lexicon").json()["words"] == []


def test_the_example_is_what_the_route_answers() -> None:
    assert routes.LexiconBody.model_validate(routes._EXAMPLE, strict=True).index_stale


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
    assert (code, "next question" in output) == (0, True)
    assert rag_lexicon("list")[1].splitlines() == ["kind\tentry", f"word\t{WORD}", f"synonyms\t{' '.join(GROUP)}"]
    assert json.loads(rag_lexicon("list", "--json")[1]) == {"words": [WORD], "synonyms": [GROUP]}
    code, output = rag_lexicon("remove", "某某產業社區")
    assert (code, "restart" in output) == (0, True)
    assert rag_lexicon("remove", "-s", GROUP[1])[0] == 0
    assert load_user_lexicon(rag_lexicon.home) == Lexicon(())


def test_adding_twice_changes_nothing_and_removing_twice_says_so(rag_lexicon: Command) -> None:
    rag_lexicon("add", WORD)
    before = (rag_lexicon.home / FILE).read_bytes()
    assert json.loads(rag_lexicon("add", WORD, "--json")[1])["index_stale"] is False
    assert (rag_lexicon.home / FILE).read_bytes() == before
    assert rag_lexicon("remove", WORD)[0] == 0
    assert rag_lexicon("remove", WORD)[0] == 1


def test_wrong_use_is_told(rag_lexicon: Command) -> None:
    code, output = rag_lexicon("add", "园")
    assert (code, "given, word 1" in output) == (2, True)
    assert rag_lexicon("add", "--synonyms", "舞房")[0] == 2
    assert not (rag_lexicon.home / FILE).exists()


def test_the_bundled_lexicon_can_be_listed(rag_lexicon: Command) -> None:
    words = json.loads(rag_lexicon("list", "--bundled", "--json")[1])["words"]
    assert words == list(bundled_lexicon().words)
