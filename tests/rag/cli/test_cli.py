"""The command line: tables for people, JSON for programs, one line for every problem, true exit statuses."""

import json
import os
import pty
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from support_cli import Rag
from typer.testing import CliRunner

from corpus.bundled import bundled_documents
from rag import service as services
from rag.answer.composition import NOTHING_FOUND
from rag.cli.main import app
from rag.content.feedback_record import Feedback
from rag.content.feedback_store import FeedbackStore
from rag.schema.models import AskBody, SearchBody
from rag.service import Service

ROOT = Path(__file__).parents[3]
AREA = "𠮷祥产业社区占地多少亩？"
LANXI = "# 蓝溪小镇\n\n蓝溪小镇占地1200亩，位于桐庐县。\n"


def test_ask_prints_the_answer_and_its_sources(rag: Rag) -> None:
    outcome = rag("ask", AREA)
    answer, *references = outcome.out.splitlines()
    assert outcome.status == 0
    assert answer.startswith("𠮷祥产业社区占地80.1亩，由𠮷祥集团运营。[1]")
    assert references[0].startswith("[1] 𠮷祥产业社区 › 概况 ")
    assert "𠮷祥产业社区开园，杭州日报，2024-05-06，https://example.com/kaiyuan" in references[0]
    assert outcome.err == ""


def test_ask_without_an_answer_says_so_and_shows_the_nearest(rag: Rag) -> None:
    outcome = rag("ask", "巴西的首都叫什么名字？")
    assert outcome.status == 1
    first, second, header, *rows = outcome.out.splitlines()
    assert (first, second) == (NOTHING_FOUND, "最接近的段落：")
    assert header.split("\t") == ["名次", "相关度", "文档", "段落"]
    assert rows


def test_ask_and_search_print_the_contract_s_json(rag: Rag) -> None:
    asked = rag("ask", AREA, "--json", "-k", "1")
    assert asked.status == 0
    AskBody.model_validate(asked.json, extra="forbid")
    assert len(asked.json["passages"]) == 1
    searched = rag("search", AREA, "--json", "--mode", "lexical")
    SearchBody.model_validate(searched.json, extra="forbid")
    assert searched.json["mode"] == "lexical"
    assert searched.out.endswith("}\n")


def test_search_prints_one_line_a_passage_where_nobody_looks(rag: Rag) -> None:
    outcome = rag("search", "产业社区", "--top-k", "2")
    header, *rows = outcome.out.splitlines()
    assert outcome.status == 0
    assert len(rows) == 2
    assert all(len(row.split("\t")) == len(header.split("\t")) == 4 for row in rows)
    assert [row.split("\t")[0] for row in rows] == ["1", "2"]


def test_search_without_a_hit_has_status_1(rag: Rag) -> None:
    assert rag("index", "remove", "jixiang", "yuntai").status == 0
    assert rag("search", "产业社区").status == 1


def test_documents_are_added_listed_counted_verified_and_removed(rag: Rag, tmp_path: Path) -> None:
    file = tmp_path / "蓝溪.md"
    file.write_text(LANXI, encoding="utf-8")
    assert rag("index", "add", str(file)).status == 0
    listed = rag("index", "list").out.splitlines()
    assert listed[-1].split("\t")[:2] == ["蓝溪", "蓝溪小镇"]
    assert [entry["id"] for entry in rag("index", "list", "--json").json] == ["jixiang", "yuntai", "蓝溪"]
    stats = rag("index", "stats", "--json").json
    assert (stats["documents"], stats["encoder"]) == (3, "static")
    assert rag("index", "stats").out.splitlines()[1] == "documents: 3"
    assert rag("index", "verify", "--json").json["sound"]
    assert rag("index", "verify").out.startswith("sound: ")
    removed = rag("index", "remove", "蓝溪", "--json")
    assert (removed.status, removed.json["removed"], removed.json["missing"]) == (0, ["蓝溪"], [])
    again = rag("index", "remove", "蓝溪")
    assert (again.status, again.err) == (1, "not in the index: 蓝溪\n")


def test_near_duplicates_are_told_when_added_and_listed(rag: Rag, tmp_path: Path) -> None:
    text = (
        "青岚科技园位于滨江区青岚街道，占地九十亩，由青岚集团建设，目前有企业三十家，另有公寓两幢、食堂一处。"
        "青岚科技园每周为企业办一次供需对接会，周边居民也可以来听；园里的党群服务站每周三下午开放，"
        "提供政策咨询和证照代办，帮助企业在园区里找到上下游，也帮助青年人才找到住处。"
    )
    for name in ("original", "repost"):
        (tmp_path / f"{name}.txt").write_text(f"{name}\n\n{text}", encoding="utf-8")
    assert "nearly the same" not in rag("index", "add", str(tmp_path / "original.txt")).out
    added = rag("index", "add", str(tmp_path / "repost.txt"))
    assert re.search(r"^repost\.txt: nearly the same as original \(original\): \d+% alike$", added.out, re.M)
    listed = {entry["id"]: entry["near_duplicates"] for entry in rag("index", "list", "--json").json}
    assert [one["id"] for one in listed["original"]] == ["repost"]
    assert listed["jixiang"] == []
    assert rag("index", "list", "--id", "original").out.splitlines()[-1].endswith("\trepost")


def test_the_same_options_filter_lists_and_questions(rag: Rag) -> None:
    def ids(*options: str) -> list[str]:
        return [entry["id"] for entry in rag("index", "list", *options, "--json").json]

    assert ids("--from", "2021") == ["jixiang"]
    assert ids("--to", "2020", "--kind", "park", "--origin", "user") == ["yuntai"]
    assert ids("--title", "雲臺", "--district", "西湖区") == ["yuntai"]
    found = rag("search", "占地多少亩", "--to", "2020", "--json").json["results"]
    assert {one["citation"]["document_id"] for one in found} == {"yuntai"}
    assert rag("ask", "云台科技园占地多少亩？", "--id", "jixiang", "--from", "2025").status == 1
    for command in (["search", "x"], ["ask", "x"], ["index", "list"]):
        refused = rag(*command, "--from", "2024-13-40")
        assert (refused.status, "not a date" in refused.err) == (2, True)


def test_bad_files_are_named_and_the_others_kept(rag: Rag, tmp_path: Path) -> None:
    folder = tmp_path / "papers"
    (folder / "inner").mkdir(parents=True)
    (folder / "good.md").write_text(LANXI, encoding="utf-8")
    (folder / "inner" / "plain.txt").write_text("青岚科技园占地90亩。", encoding="utf-8")
    (folder / "bad.txt").write_bytes(b"\x00\x01")
    (folder / "picture.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    rows = [{"id": "r1", "text": "第一行占地1亩。"}, {"id": "r2"}, {"text": "第三行占地3亩。"}]
    (folder / "rows.jsonl").write_text("\n".join(map(json.dumps, rows)) + "\n{", encoding="utf-8")
    outcome = rag("index", "add", str(folder), str(tmp_path / "nowhere"), "--json")
    assert outcome.status == 2
    assert all(name in outcome.out for name in ("bad.txt", "rows.jsonl", "nowhere"))
    documents = {
        document for entry in rag("index", "list", "--json").json for document in (entry["title"], entry["id"])
    }
    assert {"蓝溪小镇", "r1"} <= documents
    assert "r2" not in documents
    assert rag("ask", "青岚科技园占地多少亩？").status == 0


def test_a_name_that_is_no_utf8_is_kept_under_a_readable_one(rag: Rag, tmp_path: Path) -> None:
    os.makedirs(os.fsencode(tmp_path / "odd"))
    odd = Path(os.fsdecode(os.fsencode(tmp_path / "odd") + b"/\xff\xfe.txt"))
    odd.write_text("青岚科技园占地90亩。", encoding="utf-8")
    assert rag("index", "add", str(tmp_path / "odd"), "--json").status == 0
    assert "\ufffd" not in rag("index", "list").out
    assert len(rag("index", "list", "--json").json) == 3


def test_standard_input_is_read(rag: Rag, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "in").write_text("青岚科技园占地90亩。", encoding="utf-8")
    with (tmp_path / "in").open(encoding="utf-8") as given:
        monkeypatch.setattr(sys, "stdin", given)
        outcome = rag("index", "add", "-", "--json")
    assert outcome.status == 0
    assert len(rag("index", "list", "--json").json) == 3


def test_build_fills_an_empty_home_and_then_has_nothing_to_do(
    rag: Rag, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    few = list(bundled_documents())[:3]
    monkeypatch.setattr(services, "bundled_documents", lambda: few)
    settings = {"HOME": str(tmp_path / "new"), "CORPUS": "bundled"}
    first = rag("index", "build", **settings)
    assert first.out.startswith("index: 3 added, 0 replaced, 0 removed, 0 unchanged; ")
    assert first.err == "indexing documents: 3\n"
    second = rag("index", "build", "--json", **settings).json
    assert (second["added"], second["replaced"], second["unchanged"]) == (0, 0, 3)


def test_a_killed_first_build_is_finished_by_the_next_start(
    rag: Rag, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The build stops after its first document; a command that opens for changes goes on with it."""
    few = list(bundled_documents())[:3]
    build = services.build

    def stopped(home: Any, encoder: Any, tokeniser: Any, bundle: Any, progress: Any) -> None:
        build(home, encoder, tokeniser, bundle[:1], progress)
        raise KeyboardInterrupt

    monkeypatch.setattr(services, "bundled_documents", lambda: few)
    monkeypatch.setattr(services, "build", stopped)
    settings = {"HOME": str(tmp_path / "new"), "CORPUS": "bundled"}
    assert rag("index", "build", **settings).status == 130
    monkeypatch.setattr(services, "build", build)
    assert rag("index", "remove", few[0].id, **settings).status == 0
    assert [entry["id"] for entry in rag("index", "list", "--json", **settings).json] == [few[1].id, few[2].id]


def test_an_index_that_is_not_there_is_told_in_one_line(rag: Rag, tmp_path: Path) -> None:
    for command in (["ask", "x"], ["search", "x"], ["index", "list"], ["index", "stats"], ["index", "verify"]):
        outcome = rag(*command, HOME=str(tmp_path / "empty"))
        assert outcome.status == 3
        assert "build it with: rag index build" in outcome.one_line


@pytest.mark.parametrize("command", [["serve"], ["index", "build"], ["index", "add", "x"], ["index", "remove", "x"]])
@pytest.mark.parametrize("corpus", ["none", "bundled"])
def test_a_home_that_cannot_be_used_is_told_in_one_line(
    rag: Rag, tmp_path: Path, command: list[str], corpus: str
) -> None:
    (tmp_path / "file").touch()
    outcome = rag(*command, HOME=str(tmp_path / "file" / "home"), CORPUS=corpus, PORT="0")
    assert outcome.status == 3
    assert str(tmp_path / "file" / "home") in outcome.one_line
    assert "cannot be used" in outcome.one_line


def test_bad_settings_are_told_in_one_line_without_their_value(rag: Rag) -> None:
    outcome = rag("index", "list", PORT="geheim")
    assert outcome.status == 3
    assert outcome.one_line.startswith("rag: RAG_PORT: ")
    assert "geheim" not in outcome.err


def test_a_second_writer_is_refused_and_readers_are_not(rag: Rag, own_service: Service) -> None:
    service = Service.open(own_service.settings, writable=True)
    try:
        for command in (["index", "add", "x.md"], ["index", "remove", "x"], ["index", "build"], ["serve"]):
            refused = rag(*command, PORT="0")
            assert refused.status == 3
            assert f"process {os.getpid()} is writing" in refused.one_line
            assert "PUT /v1/documents/ID" in refused.one_line
        assert rag("ask", AREA).status == 0
        assert rag("index", "verify").status == 0
    finally:
        service.close()


@pytest.mark.parametrize(
    "arguments",
    [
        ["ask"],
        ["ask", ""],
        ["ask", "　"],
        ["ask", "\udcff"],
        ["ask", "x", "-k", "0"],
        ["ask", "x", "--nonsense"],
        ["search", "x", "--mode", "magic"],
        ["index", "add"],
        ["nonsense"],
        ["index"],
        [],
    ],
)
def test_wrong_use_has_status_2(rag: Rag, arguments: list[str]) -> None:
    outcome = rag(*arguments)
    assert outcome.status == 2
    assert "Traceback" not in outcome.err
    assert "Usage" in outcome.err + outcome.out


def test_the_version_is_printed(rag: Rag) -> None:
    outcome = rag("--version")
    assert outcome.status == 0
    assert outcome.out.startswith("rag")


def test_help_tells_the_exit_statuses_and_every_command_has_help() -> None:
    runner = CliRunner()
    assert "3 index, settings or address cannot be used" in " ".join(runner.invoke(app, ["--help"]).output.split())
    for command in (["serve"], ["ask"], ["search"], *(["index", one] for one in ("build", "add", "remove", "list"))):
        told = runner.invoke(app, [*command, "--help"])
        assert told.exit_code == 0
        assert "Show this message and exit" in told.output


def subprocess_settings(home: Path) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("RAG_")}
    return kept | {"RAG_HOME": str(home), "RAG_CORPUS": "none", "RAG_ENCODER": "static", "OMP_NUM_THREADS": "1"}


def test_the_real_process_pipes_utf8_in_any_locale(own_service: Service) -> None:
    own_service.close()
    settings = subprocess_settings(own_service.settings.home) | {
        "LC_ALL": "C",
        "PYTHONIOENCODING": "ascii",
        "COLUMNS": "20",
    }
    command = [sys.executable, "-m", "rag", "ask", AREA]
    told = subprocess.run([*command, "--json"], cwd=ROOT, env=settings, capture_output=True, check=True)
    assert "80.1亩" in json.loads(told.stdout.decode("utf-8"))["answer"]
    plain = subprocess.run(command, cwd=ROOT, env=settings, capture_output=True, check=True)
    assert plain.stderr == b""
    assert b"80.1" in plain.stdout.splitlines()[0]


def test_a_terminal_gets_a_table_that_fits(own_service: Service) -> None:
    own_service.close()
    seen = in_terminal(["search", "产业社区"], subprocess_settings(own_service.settings.home), columns=60)
    plain = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", seen)
    lines = [line.rstrip() for line in plain.splitlines() if line.strip()]
    assert "\t" not in plain
    assert "…" not in plain
    assert "云台科技园占地300亩。" in plain
    assert lines[0].split() == ["名次", "相关度", "文档", "段落"]
    widths = [sum(1 + (character > "\u2e7f") for character in line) for line in lines]
    assert max(widths) <= 60, lines


def in_terminal(arguments: list[str], settings: dict[str, str], columns: int) -> str:
    """What a process writes to a terminal of this width."""
    leader, follower = pty.openpty()
    settings |= {"COLUMNS": str(columns), "TERM": "xterm", "NO_COLOR": "1", "PYTHONIOENCODING": "utf-8"}
    command = [sys.executable, "-m", "rag", *arguments]
    with subprocess.Popen(command, cwd=ROOT, env=settings, stdout=follower, stderr=follower) as process:
        os.close(follower)
        written = b""
        try:
            while piece := os.read(leader, 2**16):
                written += piece
        except OSError:  # the other end is closed
            pass
        finally:
            os.close(leader)
    assert process.returncode == 0
    return written.decode("utf-8")


def test_feedback_is_exported_as_a_question_set_with_what_is_open_beside_it(
    rag: Rag, tmp_path: Path, own_service: Service
) -> None:
    out, beside = tmp_path / "judged.jsonl", tmp_path / "judged_to_judge.jsonl"
    empty = rag("feedback", "export", "--out", str(out))
    assert (empty.status, empty.err) == (1, "there is no feedback\n")
    store = FeedbackStore(own_service.settings.home, 30, writable=True)
    open_one = store.add(Feedback(AREA, "answered", False, "wrong"))
    store.add(Feedback("月球上有几家咖啡馆？", "no_answer", True))
    done = rag("feedback", "export", "--out", str(out), "--json")
    assert done.status == 0
    assert done.json == {"questions": 1, "to_judge": 1, "out": str(out), "to_judge_out": str(beside)}
    assert [json.loads(line)["q"] for line in out.read_text("utf-8").splitlines()] == ["月球上有几家咖啡馆？"]
    assert json.loads(beside.read_text("utf-8"))["to_be_judged"]
    store.remove(open_one)
    store.close()
    assert rag("feedback", "export", "--out", str(out)).out == f"1 questions in {out}\n"
    assert beside.read_bytes() == b""
    refused = rag("feedback", "export", "--out", str(tmp_path / "nowhere" / "a.jsonl"))
    assert refused.status == 2
    assert "Traceback" not in refused.err
