"""The MCP server, asked with the SDK's own client: over stdio from a process of its own, and over HTTP."""

import asyncio
import io
import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from neighbours import serving, whole_app
from support_calls import logged
from support_server import AREA, AREA_QUOTE, JIXIANG, ROOT

from rag.service import Service
from rag.settings import Settings

pytest.importorskip("mcp")

from mcp.client import Client
from mcp.client.stdio import StdioServerParameters

from rag.api import mcp_routes
from rag.api.mcp_server import LogWatch, mcp_server

Calls = list[tuple[str, dict[str, Any]]]
EVERY_TOOL: Calls = [
    ("search", {"query": AREA, "top_k": 2}),
    ("search", {"query": "占地多少亩", "kind": "park"}),
    ("ask", {"question": AREA}),
    ("ask", {"question": "那它占地多少亩？", "earlier": ["𠮷祥产业社区在哪个区？"]}),
    ("ask", {"question": "火星上有几家银行？"}),
    ("read_document", {"document_id": "jixiang"}),
    ("read_document", {"document_id": "jixiang", "start": 4, "length": 6}),
]


async def call(client: Client, *calls: tuple[str, dict[str, Any]]) -> list[Any]:
    """What the tools answer; the text of the error where one is told."""
    answers = [await client.call_tool(name, arguments) for name, arguments in calls]
    return [one.content[0].text if one.is_error else json.loads(one.content[0].text) for one in answers]


def asked(where: Any, *calls: tuple[str, dict[str, Any]]) -> tuple[list[str], list[Any]]:
    async def told() -> tuple[list[str], list[Any]]:
        async with asyncio.timeout(30), Client(where) as client:
            tools = [tool.name for tool in (await client.list_tools()).tools]
            return tools, await call(client, *calls)

    return asyncio.run(told())


def check_every_tool(tools: list[str], answers: list[Any], text: str) -> None:
    found, parks, answer, follow_up, nothing, whole, part = answers
    assert tools == ["search", "ask", "read_document"]
    assert len(found["results"]) <= 2
    assert "80.1亩" in found["results"][0]["text"]
    assert {one["document_id"] for one in parks["results"]} <= {"yuntai"}
    assert answer["status"] == "answered"
    assert answer["answer"].startswith(f"{AREA_QUOTE}[1]")
    assert answer["citations"][0]["sources"][0]["publisher"] == "杭州日报"
    assert text[answer["citations"][0]["start"] : answer["citations"][0]["end"]] == AREA_QUOTE
    assert follow_up["resolved_question"] == "𠮷祥产业社区占地多少亩？"
    assert nothing["status"] == "no_answer"
    assert nothing["citations"] == []
    assert whole["text"] == text
    assert part["text"] == text[4:10]
    assert (part["start"], part["end"]) == (4, 10)


@pytest.fixture(scope="module")
def text(made_up_service: Service) -> str:
    index = made_up_service.index
    return index.document(index.snapshot.documents["jixiang"]).text


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    with logged("digest") as stream:
        yield stream


def test_over_stdio_from_a_process_of_its_own(tmp_path: Path, text: str) -> None:
    service = Service.open(Settings(home=tmp_path, corpus="none"), writable=True)
    service.put(JIXIANG.encode(), "jixiang", media_type="text/markdown")
    service.close()
    own = {
        "RAG_HOME": str(tmp_path),
        "RAG_CORPUS": "none",
        "RAG_ENCODER": "static",
        "OMP_NUM_THREADS": "1",
        "PATH": os.environ["PATH"],
    }
    server = StdioServerParameters(command=sys.executable, args=["-m", "rag.api.mcp_server"], env=own, cwd=ROOT)
    check_every_tool(*asked(server, *EVERY_TOOL), text)


def test_over_http_beside_the_other_routes(made_up_service: Service, text: str, log: io.StringIO) -> None:
    app = whole_app(made_up_service)
    with serving(app) as address:
        check_every_tool(*asked(address + mcp_routes.PATH, *EVERY_TOOL), text)
    counted = app.state.metrics.text().decode()
    for line in (
        'rag_answers_total{status="answered"} 2.0',
        'rag_answers_total{status="no_answer"} 1.0',
        'rag_stage_seconds_count{stage="total"} 5.0',
    ):
        assert line in counted
    lines = [json.loads(line) for line in log.getvalue().splitlines()]
    noted = [line for line in lines if line.get("route") == mcp_routes.PATH and "question_length" in line]
    assert [line.get("answer") for line in noted] == [None, None, "answered", "answered", "no_answer"]
    assert noted[0]["question_length"] == len(AREA)


def test_over_stdio_each_call_leaves_a_line(made_up_service: Service, log: io.StringIO) -> None:
    asked(mcp_server(made_up_service, LogWatch()), *EVERY_TOOL)
    lines = [json.loads(line) for line in log.getvalue().splitlines()]
    calls = [line for line in lines if line["message"] == "call"]
    assert [(line["tool"], line.get("answer")) for line in calls] == [
        ("search", None), ("search", None), ("ask", "answered"), ("ask", "answered"), ("ask", "no_answer")
    ]  # fmt: skip
    assert all(line["ms"] > 0 and line["question_sha256"] for line in calls)


@pytest.mark.parametrize(
    ("name", "arguments", "told"),
    [
        ("read_document", {"document_id": "nobody"}, "没有这个文档"),
        ("search", {"query": "长" * 1001}, "太长"),
        ("search", {"query": "  "}, "不能为空"),
        ("search", {"query": "占地", "top_k": 0}, "top_k"),
        ("ask", {}, "question"),
    ],
)
def test_a_wrong_call_is_told_what_is_wrong(
    made_up_service: Service, name: str, arguments: dict[str, Any], told: str
) -> None:
    _, (answer,) = asked(mcp_server(made_up_service, LogWatch()), (name, arguments))
    assert told in answer
    assert "Traceback" not in answer


def test_a_search_may_be_narrowed_by_date(made_up_service: Service) -> None:
    dates = (
        {"date_from": "2024"},
        {"date_to": "2020"},
        {"date_from": "2024-13-40"},
        {"date_from": "2024", "date_to": "2023"},
    )
    calls = [("search", {"query": "占地多少亩", **date}) for date in dates]
    _, (newer, older, unknown, reversed_) = asked(mcp_server(made_up_service, LogWatch()), *calls)
    assert {one["document_id"] for one in newer["results"]} == {"jixiang"}
    assert {one["document_id"] for one in older["results"]} == {"yuntai"}
    assert "YYYY-MM-DD" in unknown
    assert "date_to 早于 date_from" in reversed_
