"""Facts asked for in their own words: which passage is the right one, and what is told of the others."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from corpus.checking import Fact
from rag.cli import corpus_commands
from rag.cli.corpus_commands import corpus_app
from rag.evaluation.fact_questions import ask_facts
from rag.service import Service

AREA = Fact("jixiang", "𠮷祥产业社区占地80.1亩，由𠮷祥集团运营。")
COMPANIES = Fact("jixiang", "𠮷祥产业社区有企业120家。")
ELSEWHERE = Fact("yuntai", "𠮷祥产业社区占地80.1亩。")
UNKNOWN = Fact("nowhere", "没有这个园区。")


def test_facts_that_come_first_are_counted_and_the_others_named(made_up_service: Service) -> None:
    found = ask_facts(made_up_service, [AREA, COMPANIES, ELSEWHERE, UNKNOWN])
    assert (found.asked, found.first, found.share) == (4, 2, 0.5)
    elsewhere, unknown = found.missed
    assert elsewhere.document_id == "yuntai"
    assert "behind jixiang:" in elsewhere.problem
    assert ELSEWHERE.statement in elsewhere.problem
    assert "not among the first 3" in unknown.problem


def test_a_fact_without_numbers_is_held_by_the_passage_that_says_it(own_service: Service) -> None:
    text = "# 云泽大楼\n\n## 位置\n\n云泽大楼在城北。\n\n## 用途\n\n云泽大楼设有琴舍，面向青年开放。"
    own_service.put(text.encode(), "yunze", media_type="text/markdown")
    assert ask_facts(own_service, [Fact("yunze", "云泽大楼里有面向青年的琴舍。")]).share == 1


def test_no_facts_are_all_first(made_up_service: Service) -> None:
    assert ask_facts(made_up_service, []).share == 1


@pytest.fixture
def facts(tmp_path: Path) -> Path:
    folder = tmp_path / "facts"
    folder.mkdir()
    for fact in (AREA, ELSEWHERE):
        (folder / f"{fact.document_id}.yaml").write_text(f"facts:\n- statement: {fact.statement}\n", encoding="utf-8")
    return folder


def test_the_command_asks_the_index_and_wants_nearly_all_first(
    own_service: Service, facts: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RAG_HOME", str(own_service.settings.home))
    done = CliRunner().invoke(corpus_app, ["check", "--facts", str(facts), "--ask"])
    assert (done.exit_code, "1 of 2 facts come first when asked for (50.0%)" in done.output) == (1, True)
    done = CliRunner().invoke(corpus_app, ["check", "--facts", str(facts), "--ask", "--json"])
    assert json.loads(done.output)["asked"]["first"] == 1
    monkeypatch.setattr(corpus_commands, "bundled_documents", list)
    monkeypatch.setattr(corpus_commands, "bundled_texts", dict)
    (facts / "yuntai.yaml").unlink()
    done = CliRunner().invoke(corpus_app, ["check", "--facts", str(facts), "--ask"])
    assert "1 of 1 facts come first when asked for (100.0%)" in done.output


def test_asking_needs_facts() -> None:
    done = CliRunner().invoke(corpus_app, ["check", "--ask"])
    assert (done.exit_code, "--facts" in done.output) == (2, True)
