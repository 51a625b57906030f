"""A LangChain retriever over POST /v1/search: documents with their exact quote, place and sources.

pip install langchain-core
HangzhouRetriever(address="http://127.0.0.1:8000", k=5).invoke("linkpark产业社区占地多少亩？")
"""

import json
import urllib.request
from typing import Any

from langchain_core.callbacks import CallbackManagerForRetrieverRun
from langchain_core.documents import Document
from langchain_core.retrievers import BaseRetriever


class HangzhouRetriever(BaseRetriever):
    """address of the service; k passages; only: a filter such as {"district": ["滨江区"]}."""

    address: str
    k: int = 5
    only: dict[str, list[str]] | None = None

    def _get_relevant_documents(self, query: str, *, run_manager: CallbackManagerForRetrieverRun) -> list[Document]:
        body = {"query": query, "top_k": self.k, "filter": self.only}
        headers = {"Content-Type": "application/json"}
        request = urllib.request.Request(f"{self.address}/v1/search", json.dumps(body).encode(), headers)
        with urllib.request.urlopen(request, timeout=30) as reply:
            return [_document(result) for result in json.load(reply)["results"]]


def _document(result: dict[str, Any]) -> Document:
    citation = result["citation"]
    place = {name: citation[name] for name in ("document_id", "title", "section", "start", "end", "quote", "sources")}
    place["also_in"] = result["also_in"]  # other documents in which the passage stands too
    return Document(result["text"], id=result["passage_id"], metadata=place | {"relevance": result["relevance"]})
