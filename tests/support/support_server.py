"""A service of made-up documents: in this process, or as a server in a process of its own."""

import json
import os
import subprocess
import sys
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from playwright.sync_api import Page
    from starlette.testclient import TestClient

    from index.encoder.text_encoder import Encoder
    from index.lexical.tokeniser import Tokeniser
    from rag.service import Service

ROOT = Path(__file__).parents[2]

SECONDS = 30  # in which a server must have ended

JIXIANG = """+++
id = "jixiang"
title = "𠮷祥产业社区"
kind = "community"
districts = ["滨江区"]
related = ["yuntai"]
[sources.bao]
title = "𠮷祥产业社区开园"
publisher = "杭州日报"
author = "张三"
date = "2024-05-06"
url = "https://example.com/kaiyuan?a=1&b=2"
[sources.wang]
title = "𠮷祥产业社区走访"
publisher = "萧山网"
date_note = "日期未标明"
+++
## 概况

𠮷祥产业社区位于滨江区，名字里的“𠮷”字写作上土下口。[^bao]𠮷祥产业社区占地80.1亩，由𠮷祥集团运营。[^bao]

## 规模

据杭州日报报道，𠮷祥产业社区有企业120家。[^bao][^≠企业数]据萧山网走访，𠮷祥产业社区有企业150家。[^wang][^≠企业数]
"""

YUNTAI = {
    "title": "云台科技园",
    "text": "云台科技园占地300亩。",
    "kind": "park",
    "districts": ["西湖区"],
    "date": "2020",
}

IMAGE = "<img src=//evil.test/x onerror=alert(1)>"

HOSTILE = {
    "title": f"{IMAGE}危险园区",
    "text": f"危险园区<script>alert(2)</script>占地{IMAGE}66亩。",
    "kind": "<b>kind</b>",
    "districts": ["<svg onload=alert(3)>"],
    "aliases": ["'\"><script>alert(4)</script>"],
    "publisher": "<script>alert(5)</script>",
    "url": "https://evil.test/a",
}

AREA = "𠮷祥产业社区占地多少亩？"

AREA_QUOTE = "𠮷祥产业社区占地80.1亩，由𠮷祥集团运营。"

Open = Callable[..., "Page"]


@dataclass
class Server:
    """A service of its own, with its home and its port; it can be stopped and started again.

    settings  more than home and port, without the prefix RAG_
    """

    home: Path
    port: int
    process: subprocess.Popen[str] | None = None
    settings: dict[str, str] = field(default_factory=dict)

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        kept = {name: value for name, value in os.environ.items() if not name.startswith("RAG_")}
        own = {"RAG_HOME": str(self.home), "RAG_PORT": str(self.port), "RAG_CORPUS": "none", "RAG_ENCODER": "static"}
        own |= {"OMP_NUM_THREADS": "1"}
        own |= {f"RAG_{name}": value for name, value in self.settings.items()}
        command = [sys.executable, "-m", "rag", "serve"]
        self.process = subprocess.Popen(command, cwd=ROOT, env=kept | own, stdout=subprocess.PIPE, text=True)
        assert self.process.stdout
        assert any(line.startswith("ready:") for line in self.process.stdout), "the server ended before it was ready"

    def stop(self) -> None:
        if self.process:
            self.process.terminate()
            self.process.communicate(timeout=SECONDS)
            self.process = None

    def put(self, document_id: str, content: str | dict[str, Any]) -> None:
        """Keep a document: Markdown as text, a row as a dictionary."""
        media_type = "text/markdown" if isinstance(content, str) else "application/json"
        raw = content if isinstance(content, str) else json.dumps(content)
        address = f"{self.address}/v1/documents/{document_id}"
        request = urllib.request.Request(address, raw.encode(), {"Content-Type": media_type}, method="PUT")
        urllib.request.urlopen(request).close()


def opened_client(service: "Service") -> "Iterator[TestClient]":
    from starlette.testclient import TestClient

    from rag.api.app import create_app

    with TestClient(create_app(service), base_url="http://127.0.0.1", raise_server_exceptions=False) as client:
        yield client


def opened_service(home: Path) -> "Iterator[Service]":
    from index.passage_index import PassageIndex
    from rag.service import Service
    from rag.settings import Settings

    settings = Settings(home=home, corpus="none", encoder="static")
    service = Service(settings, PassageIndex.open(home, *loaded_once(), writable=True))
    service.put(JIXIANG.encode(), "jixiang", media_type="text/markdown")
    service.put(json.dumps(YUNTAI).encode(), "yuntai", media_type="application/json")
    yield service
    service.close()


@cache
def loaded_once() -> "tuple[Encoder, Tokeniser]":
    """The bundled encoder and tokeniser, which take a fifth of a second to load and never change."""
    from corpus.lexicon import bundled_lexicon
    from index.encoder.loading import load_encoder
    from index.lexical.tokeniser import Tokeniser

    return load_encoder("static"), Tokeniser(bundled_lexicon())
