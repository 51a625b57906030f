"""Fixtures that tests share: a real server in a process of its own, and a real browser that is watched."""

import gc
import os
import socket
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import hypothesis
import pytest
from support_server import HOSTILE, JIXIANG, YUNTAI, Open, Server, loaded_once, opened_client, opened_service

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page
    from starlette.testclient import TestClient
    from support_index import WordEncoder

    from corpus.lexicon import Lexicon
    from index.lexical.tokeniser import Tokeniser
    from rag.service import Service

CHROMIUM = Path("/usr/bin/chromium")
PATIENCE = 15_000  # milliseconds that a busy machine may take to show something
LAUNCH = (
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)

# What is not about the bundled transformer is tested with the static table, which is quicker.
os.environ["RAG_ENCODER"] = "static"

# The gate must say the same twice, so properties try the same examples every time;
# `pytest --hypothesis-profile=explore` looks for new ones.
hypothesis.settings.register_profile("repeatable", derandomize=True)
hypothesis.settings.register_profile("explore", max_examples=300, deadline=None)
hypothesis.settings.load_profile("repeatable")


def pytest_collection_finish() -> None:
    """What was imported by now stays: the garbage collector need not walk over it again with every test."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="module")
def start_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., Server]]:
    """Starts servers with an empty home and these settings; all of them end with the module."""
    servers: list[Server] = []

    def start(**settings: str) -> Server:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            home = tmp_path_factory.mktemp("home")
            servers.append(Server(home, free.getsockname()[1], settings=settings))
        servers[-1].start()
        return servers[-1]

    yield start
    for server in servers:
        server.stop()


@pytest.fixture(scope="session")
def made_up_service(tmp_path_factory: pytest.TempPathFactory) -> "Iterator[Service]":
    """A service in this process that holds an odd and a plain document, with the bundled encoder; not to be changed."""
    yield from opened_service(tmp_path_factory.mktemp("made-up"))


@pytest.fixture
def own_service(quick_path: Path) -> "Iterator[Service]":
    """The same as `made_up_service`, for one test to change as it similarities."""
    yield from opened_service(quick_path / "home")


@pytest.fixture(scope="session")
def client(made_up_service: "Service") -> "Iterator[TestClient]":
    """Asks `made_up_service` over HTTP, without a network; unexpected errors arrive as status 500."""
    yield from opened_client(made_up_service)


@pytest.fixture
def own_client(own_service: "Service") -> "Iterator[TestClient]":
    """The same for `own_service`."""
    yield from opened_client(own_service)


@pytest.fixture
def quick_opening(monkeypatch: pytest.MonkeyPatch) -> None:
    """Services opened in this test take the tokeniser that is made already, where the lexicon is the bundled one."""
    from index.lexical.tokeniser import Tokeniser
    from rag import service

    _, bundled = loaded_once()

    def made(lexicon: "Lexicon") -> Tokeniser:
        return bundled if lexicon == bundled.lexicon else Tokeniser(lexicon)

    monkeypatch.setattr(service, "Tokeniser", made)


@pytest.fixture
def quick_path() -> Iterator[Path]:
    """An empty folder, on a disk in memory where there is one: much is forced to the disk in these tests."""
    from support_index import quick_folder

    with quick_folder() as folder:
        yield folder


@pytest.fixture
def word_encoder() -> "WordEncoder":
    """A tiny deterministic encoder that counts the texts it encodes."""
    from support_index import WordEncoder

    return WordEncoder()


@pytest.fixture(scope="session")
def small_tokeniser() -> "Tokeniser":
    """A tokeniser whose lexicon is one word."""
    from support_index import small_tokeniser

    return small_tokeniser()


@pytest.fixture(scope="module")
def browser() -> "Iterator[Browser]":
    if not CHROMIUM.exists():
        pytest.skip("Debian's chromium is not installed")
    playwright_api = pytest.importorskip("playwright.sync_api")
    with playwright_api.sync_playwright() as playwright:
        playwright_api.expect.set_options(timeout=PATIENCE)
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(LAUNCH))
        yield browser
        browser.close()


@dataclass
class Watch:
    """What must not happen on a page: dialogs, foreign requests, script errors, breaches of the policy."""

    faults: list[str] = field(default_factory=list)

    def over(self, page: "Page", own: str) -> None:
        page.on("dialog", lambda dialog: (self.faults.append(f"dialog {dialog.message}"), dialog.dismiss()))
        page.on("pageerror", lambda error: self.faults.append(f"script error {error}"))
        page.on("request", lambda request: request.url.startswith((own, "blob:")) or self.faults.append(request.url))
        page.expose_function("noteBreach", lambda breach: self.faults.append(f"policy {breach}"))
        page.add_init_script("addEventListener('securitypolicyviolation', e => noteBreach(e.violatedDirective))")


@pytest.fixture
def open_page_at(browser: "Browser") -> Iterator[Open]:
    """Opens pages at a path of a server; in the end none of them may have seen a fault."""
    watch = Watch()
    contexts = []

    def opened(server: Server, path: str = "/", width: int = 1280, **options: Any) -> "Page":
        viewport = {"width": width, "height": 840}
        context = browser.new_context(viewport=viewport, locale="zh-CN", reduced_motion="reduce", **options)
        context.set_default_timeout(PATIENCE)
        contexts.append(context)
        page = context.new_page()
        watch.over(page, server.address)
        page.goto(server.address + path)
        return page

    yield opened
    for context in contexts:
        context.close()
    assert watch.faults == []


@pytest.fixture(scope="module")
def server(start_server: Callable[[], Server]) -> Server:
    """A server that holds three documents: an odd one, a plain one, a hostile one."""
    server = start_server()
    for document_id, content in (("jixiang", JIXIANG), ("yuntai", YUNTAI), ("evil", HOSTILE)):
        server.put(document_id, content)
    return server


@pytest.fixture
def open_page(open_page_at: Open, server: Server) -> Open:
    """Opens pages of the module's server."""
    return lambda path="/", **options: open_page_at(server, path, **options)
