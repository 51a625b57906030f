"""rag similar on the command line."""

import asyncio
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from fake_llm import fake_llm, says
from support_cli import Rag

QUESTION = "那个地方谁说了算"


@contextmanager
def llm(text: str) -> Iterator[str]:
    """The address of a scripted LLM that runs beside the test."""
    address: list[str] = []
    ready, loop = threading.Event(), asyncio.new_event_loop()
    end = asyncio.Event()

    async def serve() -> None:
        async with fake_llm(says(text)) as fake:
            address.append(fake.address)
            ready.set()
            await end.wait()

    thread = threading.Thread(target=loop.run_until_complete, args=(serve(),))
    thread.start()
    ready.wait(10)
    yield address[0]
    loop.call_soon_threadsafe(end.set)
    thread.join()
    loop.close()


def test_a_similar_question_is_added_listed_used_and_removed(rag: Rag) -> None:
    assert rag("ask", QUESTION).status == 1
    assert rag("similar", "add", "jixiang", QUESTION, "--section", "概况").out.startswith("1: leads to 概况 › ")
    assert rag("ask", QUESTION).status == 0
    header, line = rag("similar", "list").out.splitlines()
    assert header.split("\t")[:3] == ["number", "document", "text"]
    assert line.split("\t")[:5] == ["1", "jixiang", QUESTION, "used", "operator"]
    assert rag("similar", "list", "yuntai", "--json").json == []
    assert rag("index", "verify", "--json").json["orphaned_askings"] == 0
    removed = rag("similar", "remove", "1", "7", "--json")
    assert (removed.status, removed.json["removed"], removed.json["missing"]) == (1, [1], [7])
    assert rag("ask", QUESTION).status == 1


def test_orphans_are_reported_wherever_they_are_made(rag: Rag, tmp_path_factory: pytest.TempPathFactory) -> None:
    rag("similar", "add", "jixiang", "何时开园", "-s", "概况")
    file = tmp_path_factory.mktemp("new") / "jixiang.md"
    file.write_text("# 𠮷祥产业社区\n\n## 规模\n\n有企业99家。\n", encoding="utf-8")
    assert "1 similar questions lead nowhere any more" in rag("index", "add", str(file)).out
    verified = rag("index", "verify")
    assert verified.status == 0
    assert "1 similar questions lead nowhere" in verified.out
    assert [one["id"] for one in rag("similar", "list", "--state", "orphaned", "--json").json] == [1]
    doctor = json.loads(rag("doctor", "--json").out)
    assert {one["check"]: one["state"] for one in doctor["findings"]}["askings"] == "warn"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("add", "nowhere", "能健身吗"), "there is no document nowhere"),
        (("add", "jixiang", "？"), "a similar question needs letters"),
        (("add", "jixiang", "能健身吗", "-s", "没有"), "its sections: 概况; 规模"),
        (("add", "jixiang", "能健身吗", "--at", "99999"), "lies in no passage"),
    ],
)
def test_what_cannot_be_is_said_in_one_line(rag: Rag, arguments: tuple[str, ...], said: str) -> None:
    outcome = rag("similar", *arguments)
    assert outcome.status == 2
    assert said in outcome.one_line


def test_proposing_needs_an_llm_and_approval(rag: Rag) -> None:
    without = rag("similar", "propose", "jixiang")
    assert (without.status, "RAG_LLM_ADDRESS" in without.one_line) == (3, True)
    with llm("𠮷祥产业社区有多大\n彩票怎么买") as address:
        proposed = rag("similar", "propose", "jixiang", "-s", "概况", "--json", LLM_ADDRESS=address, LLM_MODEL="m")
    assert proposed.status == 0
    assert [(one["text"], one["state"]) for one in proposed.json["askings"]] == [("𠮷祥产业社区有多大", "proposed")]
    assert proposed.json["dropped"] == 1
    assert rag("similar", "approve", "1", "--json").json["approved"] == [1]
    assert [one["state"] for one in rag("similar", "list", "--json").json] == ["used"]


def test_the_old_name_of_the_command_still_works_and_says_that_it_is_deprecated(rag: Rag) -> None:
    shown = rag("asking", "list")
    assert (shown.status, shown.out) == (0, rag("similar", "list").out)
    assert "deprecated" in shown.err
    assert "asking" not in rag("--help").out
