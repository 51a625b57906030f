"""The doctor: finds what is wrong with a deployment, says what to do, and changes nothing."""

import json
import os
import socket
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

import index.file_checks
from corpus.bundled import bundled_documents
from index.file_checks import derived_problems
from rag.api.api_keys import KEY_FILE, add_key
from rag.cli.doctor import CheckResult, deployment_checks, index_checks
from rag.cli.doctor.examination import examine
from rag.cli.main import app
from rag.service import Service
from rag.settings import Settings

CHECKS = [
    "settings",
    "packages",
    "home",
    "disk",
    "keys",
    "port",
    "encoder",
    "reranker",
    "files",
    "catalogue",
    "legs",
    "askings",
    "answers",
]


@pytest.fixture
def home(quick_opening: None, quick_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The home of a small sound deployment."""
    home = quick_path / "home"
    for name in [name for name in os.environ if name.startswith("RAG_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("RAG_HOME", str(home))
    monkeypatch.setenv("RAG_CORPUS", "none")
    monkeypatch.setenv("RAG_ENCODER", "static")
    monkeypatch.setenv("RAG_PORT", "0")
    service = Service.open(Settings(home=home, corpus="none"), writable=True)
    for name in ("云台科技园", "望江创意谷"):
        service.put(
            json.dumps({"title": name, "text": f"{name}占地300亩。"}).encode(), name, media_type="application/json"
        )
    service.close()
    monkeypatch.setattr(index.file_checks, "_PAUSE", 0)
    return home


def states() -> dict[str, str]:
    return {finding.check: finding.state for finding in examine()}


def found(check: str) -> CheckResult:
    return next(finding for finding in examine() if finding.check == check)


def files_of(folder: Path) -> dict[str, tuple[int, int]]:
    """Time and size of every file, but for those that SQLite puts beside its own for any reader."""
    files = [path for path in folder.rglob("*") if path.is_file() and path.suffix not in (".sqlite-wal", ".sqlite-shm")]
    return {str(path): (path.stat().st_mtime_ns, path.stat().st_size) for path in files}


def test_a_sound_deployment_is_well_and_stays_as_it_is(home: Path) -> None:
    before = files_of(home)
    findings = examine()
    assert [finding.check for finding in findings] == CHECKS
    assert [finding for finding in findings if finding.state == "bad"] == []
    assert found("answers").found == "2 of 2 questions find their document"
    assert found("catalogue").found == "2 documents, 2 passages, generation 2"
    assert files_of(home) == before


def test_the_command_speaks_to_people_and_to_programs(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    runner = CliRunner()
    told = runner.invoke(app, ["doctor"])
    assert told.exit_code == 0
    assert [line.split("\t")[0] for line in told.stdout.splitlines()] == ["check", *CHECKS, "nothing must be mended"]
    monkeypatch.setenv("RAG_HOST", "0.0.0.0")
    monkeypatch.setenv("RAG_ENCODER", "./nowhere")
    told = runner.invoke(app, ["doctor", "--json"])
    assert told.exit_code == 1
    body = json.loads(told.stdout)
    assert body["well"] is False
    bad = {finding["check"]: finding["remedy"] for finding in body["findings"] if finding["state"] == "bad"}
    assert bad["keys"] == "make one with: rag key add NAME --role ask|write|admin"
    assert bad["encoder"] == "set RAG_ENCODER to bundled or to a complete model folder"
    assert set(bad) == {"keys", "encoder", "catalogue"}


def test_bad_settings_end_the_round(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RAG_PORT", "a lot")
    (finding,) = examine()
    assert (finding.check, finding.state) == ("settings", "bad")
    assert "RAG_PORT" in finding.found


def test_a_home_that_is_not_there_can_be_made(tmp_path: Path, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RAG_HOME", str(tmp_path / "not" / "yet"))
    assert states()["catalogue"] == "warn"
    assert found("home").found.endswith("can be made")
    assert "rag index build" in found("catalogue").remedy
    assert not (tmp_path / "not").exists()


def test_homes_that_will_not_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").touch()
    assert deployment_checks.check_home(Settings(home=tmp_path / "file")).found.endswith("is no folder")
    (tmp_path / "open").mkdir()
    (tmp_path / "open").chmod(0o777)
    assert deployment_checks.check_home(Settings(home=tmp_path / "open")).remedy == f"chmod o-w {tmp_path / 'open'}"
    monkeypatch.setattr(os, "access", lambda path, mode: False)
    assert deployment_checks.check_home(Settings(home=tmp_path)).state == "bad"


@pytest.mark.parametrize(
    ("free", "state"),
    [(2**40, "ok"), (2**30, "ok"), (2**30 - 1, "warn"), (100 * 2**20, "warn"), (100 * 2**20 - 1, "bad")],
)
def test_room_on_the_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, free: int, state: str) -> None:
    monkeypatch.setattr(deployment_checks.shutil, "disk_usage", lambda path: type("Usage", (), {"free": free}))
    assert deployment_checks.check_disk(Settings(home=tmp_path / "not" / "yet")).state == state


def test_keys_are_private(tmp_path: Path) -> None:
    def state(**options: Any) -> tuple[str, str]:
        finding = deployment_checks.check_keys(Settings(home=tmp_path, **options))
        return finding.state, finding.remedy

    assert state() == ("ok", "")
    assert state(host="0.0.0.0")[0] == "bad"
    assert state(allowed_hosts="rag.example")[0] == state(trusted_proxies="10.0.0.1")[0] == "warn"
    add_key(tmp_path, "one", "ask")
    assert state() == state(host="0.0.0.0") == state(allowed_hosts="rag.example") == ("ok", "")
    (tmp_path / KEY_FILE).chmod(0o640)
    assert state() == ("bad", f"chmod 600 {tmp_path / KEY_FILE}")
    (tmp_path / KEY_FILE).write_text("{", encoding="utf-8")
    assert state()[0] == "bad"
    assert "make the keys anew" in state()[1]


class Other(BaseHTTPRequestHandler):
    """A web server of somebody else."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b'{"status":"ok"}')

    def log_message(self, *arguments: Any) -> None:
        return


@pytest.fixture
def other_server() -> Iterator[int]:
    with HTTPServer(("127.0.0.1", 0), Other) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield server.server_address[1]
        server.shutdown()
        thread.join()


def test_the_port_of_another_program(tmp_path: Path, other_server: int, monkeypatch: pytest.MonkeyPatch) -> None:
    assert deployment_checks.check_port(Settings(home=tmp_path, port=other_server)).found.startswith(
        "another program answers"
    )
    monkeypatch.setattr(deployment_checks, "PATIENCE", 0.2)
    with socket.socket() as mute:
        mute.bind(("127.0.0.1", 0))
        mute.listen()
        finding = deployment_checks.check_port(Settings(home=tmp_path, port=mute.getsockname()[1]))
    assert finding.state == "bad"
    assert "does not answer as our server" in finding.found


def test_a_free_port_and_one_that_cannot_be_had(tmp_path: Path) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    assert deployment_checks.check_port(Settings(home=tmp_path, port=port)).found == f"127.0.0.1:{port} is free"
    assert deployment_checks.check_port(Settings(home=tmp_path, host="192.0.2.1", port=port)).state == "bad"


def test_our_server(start_server: Callable[[], Any]) -> None:
    server = start_server()
    finding = deployment_checks.check_port(Settings(home=server.home, port=server.port))
    assert (finding.state, finding.found) == ("ok", f"our server answers on 127.0.0.1:{server.port}")
    server.put("yuntai", {"title": "云台科技园", "text": "云台科技园占地300亩。"})
    service = Service.open(Settings(home=server.home, corpus="none"), writable=False)
    assert index_checks.check_indexes(service).state == index_checks.check_answers(service).state == "ok"
    service.close()
    assert derived_problems(server.home) == []


def test_packages_are_those_that_are_pinned(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = Settings(home=home)
    needs = ["typer>=0.20", "faiss-cpu==0.0.1", "no-such-package[x]>=1", "no-such-test; extra == 'test'"]
    monkeypatch.setattr(deployment_checks, "_requirements", lambda: needs)
    faiss, missing = deployment_checks.check_packages(settings).found.split("; ")
    assert faiss.endswith(", pinned to 0.0.1")
    assert missing == "no-such-package is missing"
    monkeypatch.setattr(deployment_checks, "_requirements", list)
    assert deployment_checks.check_packages(settings).state == "warn"


def test_damaged_files_are_named_and_no_disaster(home: Path) -> None:
    assert derived_problems(home) == []
    (home / "derived" / "dense.faiss").write_bytes(b"x")
    segment = next((home / "derived" / "lexical").glob("*.idx"))
    segment.write_bytes(segment.read_bytes()[:-20] + bytes(20))
    problems = derived_problems(home)
    assert problems[0] == "dense.faiss is not the file that manifest.json describes"
    assert segment.name in problems[1]
    assert states() | {"files": "warn"} == states()
    assert states()["answers"] == "ok"  # a reader builds what it needs in memory
    (home / "derived" / "manifest.json").write_text("{", encoding="utf-8")
    assert derived_problems(home)[0].startswith("dense.faiss")
    assert derived_problems(home / "nowhere") == []


def test_a_damaged_catalogue_is_bad(home: Path) -> None:
    (home / "catalogue.sqlite").write_bytes(b"x" * 5000)
    finding = found("catalogue")
    assert finding.state == "bad"
    assert "restore it from a backup" in finding.remedy


def test_unsound_indexes_are_bad(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("index.passage_index.PassageIndex.verify", lambda index: [f"problem {n}" for n in range(5)])
    finding = found("legs")
    assert (finding.state, finding.found) == ("bad", "problem 0; problem 1; problem 2 and 2 more")
    assert "rag index build" in finding.remedy


def test_a_index_that_finds_nothing_is_bad(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("index.lexical.bm25.LexicalReader.search", lambda *arguments: [])
    finding = found("answers")
    assert finding.state == "bad"
    assert finding.found.startswith("2 of 2 questions miss their document: 云台科技园在哪里？")


def test_an_empty_index_is_pointed_out(tmp_path: Path, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RAG_HOME", str(tmp_path / "empty"))
    Service.open(Settings(home=tmp_path / "empty", corpus="none"), writable=True).close()
    assert {states()["catalogue"], states()["answers"]} == {"warn"}


def test_a_check_that_fails_is_itself_a_finding(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(path: Path) -> None:
        raise RuntimeError("no such thing")

    monkeypatch.setattr(deployment_checks.shutil, "disk_usage", broken)
    assert found("disk").found == "the check itself failed (RuntimeError: no such thing)"
    assert len(examine()) == len(CHECKS)


def test_the_canned_questions_are_about_the_bundled_corpus() -> None:
    bundled = {document.id for document in bundled_documents()}
    assert len(index_checks.CANNED) == 5
    assert {document for _, document in index_checks.CANNED} <= bundled


def test_a_remedy_belongs_to_what_is_not_well() -> None:
    with pytest.raises(ValueError, match="a remedy belongs"):
        CheckResult("x", "ok", "fine", "do something")
    with pytest.raises(ValueError, match="a remedy belongs"):
        CheckResult("x", "bad", "broken")
