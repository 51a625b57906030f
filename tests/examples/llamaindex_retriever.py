"""A LlamaIndex retriever over POST /v1/search: nodes whose relevance is a probability, with quote and sources.

pip install llama-index-core
HangzhouRetriever("http://127.0.0.1:8000").retrieve("linkpark产业社区占地多少亩？")
"""

import json
import urllib.request
from typing import Any

from llama_index.core.retrievers import BaseRetriever
from llama_index.core.schema import NodeWithScore, QueryBundle, TextNode


class HangzhouRetriever(BaseRetriever):
    """The best k passages of the service at this address."""

    def __init__(self, address: str, k: int = 5) -> None:
        super().__init__()
        self._address = address
        self._k = k

    def _retrieve(self, query_bundle: QueryBundle) -> list[NodeWithScore]:
        body = {"query": query_bundle.query_str, "top_k": self._k}
        headers = {"Content-Type": "application/json"}
        request = urllib.request.Request(f"{self._address}/v1/search", json.dumps(body).encode(), headers)
        with urllib.request.urlopen(request, timeout=30) as reply:
            return [_node(result) for result in json.load(reply)["results"]]


def _node(result: dict[str, Any]) -> NodeWithScore:
    citation = result["citation"]
    place = {name: citation[name] for name in ("document_id", "title", "section", "start", "end", "quote", "sources")}
    place["also_in"] = result["also_in"]  # other documents in which the passage stands too
    return NodeWithScore(
        node=TextNode(id_=result["passage_id"], text=result["text"], metadata=place), score=result["relevance"]
    )
