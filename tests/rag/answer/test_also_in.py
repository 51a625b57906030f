"""Where else a cited passage stands is told in every neighbour's contract, as its own client reads it."""

import asyncio
import json
import urllib.request
from collections.abc import Iterator
from typing import Any

import pytest
from neighbours import example, serving, trusting, whole_app
from support_reposts import NEWS, QUESTION, post
from support_server import loaded_once

from index.passage_index import PassageIndex
from rag.api import mcp_routes
from rag.api.readable import MOST_DUPLICATES
from rag.service import Service
from rag.settings import Settings

OTHERS = {f"repost-{number}" for number in range(1, MOST_DUPLICATES + 2)}
FIELDS = {"document_id", "title", "publisher", "date", "address", "start", "end"}


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A server that holds an article, four re-posts of it, and a text that nobody posted again."""
    home = tmp_path_factory.mktemp("copies")
    index = PassageIndex.open(home, *loaded_once(), writable=True)
    index.put([post("original", NEWS, publisher="云台日报", date="2023-01-03", url="https://example.org/1")])
    index.put([post(name, NEWS, publisher=f"{name}网", date="2023-02") for name in sorted(OTHERS)])
    index.put([post("alone", "蓝溪小镇占地45亩，由蓝溪镇政府管理，没有别的报道。", publisher="蓝溪报")])
    service = trusting(Service(Settings(home=home, corpus="none"), index))
    with serving(whole_app(service)) as address:
        yield address
    index.close()


def checked(duplicates: list[dict[str, Any]], shown: str) -> list[dict[str, Any]]:
    """The copies, once they are those that must be told where this document is shown."""
    assert {one["document_id"] for one in duplicates} == (OTHERS | {"original"}) - {shown}
    assert all(set(one) == FIELDS for one in duplicates)
    return duplicates


@pytest.fixture(scope="module")
def client(address: str) -> Any:
    openai = pytest.importorskip("openai")
    with openai.OpenAI(base_url=f"{address}/v1", api_key="none", max_retries=0) as client:
        yield client


def ask(client: Any, question: str, **options: Any) -> Any:
    messages = [{"role": "user", "content": question}]
    return client.chat.completions.create(model="hangzhou-rag", messages=messages, **options)


def test_openai_s_client_reads_it_in_annotations_and_in_the_list(client: Any) -> None:
    message = ask(client, QUESTION).choices[0].message
    annotation = message.annotations[0]
    cited = annotation.url_citation.model_dump() if annotation.url_citation else annotation.file_citation
    duplicates = checked(cited["also_in"], cited["document_id"])
    told = [f"《{one['title']}》 {one['publisher']} {one['date']} {one['address']}".rstrip() for one in duplicates]
    assert f"\n    另见：{'；'.join(told[:MOST_DUPLICATES])} 等 {len(duplicates)} 处" in message.content
    assert "[1] 云台产业社区开园" in message.content
    chunks = [chunk.choices[0].delta for chunk in ask(client, QUESTION, stream=True)]
    assert "".join(delta.content or "" for delta in chunks) == message.content


def test_openai_s_client_is_told_of_no_place_where_there_is_none(client: Any) -> None:
    message = ask(client, "蓝溪小镇占地多少亩？").choices[0].message
    assert message.annotations[0].file_citation["also_in"] == []
    assert "另见" not in message.content


def test_dify_finds_it_in_the_metadata(address: str) -> None:
    asked = {"knowledge_id": "any", "query": QUESTION, "retrieval_setting": {"top_k": 3, "score_threshold": 0}}
    request = urllib.request.Request(
        f"{address}/retrieval", json.dumps(asked).encode(), {"Content-Type": "application/json"}
    )
    with urllib.request.urlopen(request) as reply:
        first = json.load(reply)["records"][0]["metadata"]
    duplicates = checked(first["also_in"], first["document_id"])
    assert None not in [value for copy in duplicates for value in copy.values()]


def test_assistants_get_it_from_both_tools(address: str) -> None:
    pytest.importorskip("mcp")
    from mcp.client import Client

    async def told() -> list[Any]:
        async with asyncio.timeout(30), Client(address + mcp_routes.PATH) as client:
            answers = [
                await client.call_tool("ask", {"question": QUESTION}),
                await client.call_tool("search", {"query": QUESTION}),
            ]
            return [json.loads(one.content[0].text) for one in answers]

    answer, found = asyncio.run(told())
    for first in (answer["citations"][0], found["results"][0]):
        checked(first["also_in"], first["document_id"])


@pytest.mark.filterwarnings("default")  # of the foreign packages
def test_the_retrievers_of_the_examples_hand_it_on(address: str) -> None:
    pytest.importorskip("langchain_core")
    pytest.importorskip("llama_index.core")
    document = example("langchain_retriever").HangzhouRetriever(address=address).invoke(QUESTION)[0]
    node = example("llamaindex_retriever").HangzhouRetriever(address).retrieve(QUESTION)[0].node
    for metadata in (document.metadata, node.metadata):
        checked(metadata["also_in"], metadata["document_id"])
