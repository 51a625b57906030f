"""The documented examples run: a plain Python client, a LangChain and a LlamaIndex retriever."""

import asyncio
from collections.abc import Iterator

import pytest
from neighbours import example, serving, trusting, whole_app
from support_server import AREA, AREA_QUOTE

from rag.service import Service


@pytest.fixture(scope="module")
def address(made_up_service: Service) -> Iterator[str]:
    with serving(whole_app(trusting(made_up_service))) as address:
        yield address


def test_the_python_client_asks(address: str) -> None:
    lines = example("python_client").ask(address, AREA).splitlines()
    assert lines[0].startswith(f"{AREA_QUOTE}[1]")
    assert lines[1] == f"[1] 𠮷祥产业社区：「{AREA_QUOTE}」 杭州日报 2024-05-06"


@pytest.mark.filterwarnings("default")  # of the foreign package
def test_langchain_retrieves(address: str) -> None:
    pytest.importorskip("langchain_core")
    retriever = example("langchain_retriever").HangzhouRetriever(address=address, k=2)
    documents = retriever.invoke(AREA)
    assert len(documents) == 2
    assert "80.1亩" in documents[0].page_content
    assert documents[0].metadata["quote"] == AREA_QUOTE
    assert asyncio.run(retriever.ainvoke(AREA)) == documents
    only = example("langchain_retriever").HangzhouRetriever(address=address, only={"kind": ["park"]})
    assert {one.metadata["document_id"] for one in only.invoke(AREA)} == {"yuntai"}


@pytest.mark.filterwarnings("default")  # of the foreign package
def test_llamaindex_retrieves(address: str) -> None:
    pytest.importorskip("llama_index.core")
    nodes = example("llamaindex_retriever").HangzhouRetriever(address, k=2).retrieve(AREA)
    assert len(nodes) == 2
    assert "80.1亩" in nodes[0].node.get_content()
    assert nodes[0].node.metadata["quote"] == AREA_QUOTE
    assert nodes[0].score is not None
    assert 0 <= nodes[0].score <= 1
