"""A server of its own before an LLM that hangs, drips or never ends: answers in time, and others are not held up.

Times are those of a client, over real HTTP on the loopback, the best of a few tries: other programs on
the machine may hold one up, but not the service itself.
"""

import asyncio
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
from fake_llm import BRIEF as DEADLINE
from fake_llm import Asked, Behaviour, Writer, endless, event, fake_llm, head, raw, replies, says, silent
from support_server import JIXIANG, Server

from rag.generation.llm_client import MOST_AT_ONCE
from rag.retrieval.circuit_breaker import FAILURES

MARGIN = 0.2
TRIES = 3
QUESTION = "𠮷祥产业社区在哪个区？"
GOOD = "𠮷祥产业社区位于滨江区。[1]"
ELSEWHERE = "http://127.0.0.1:1/v1/chat/completions"


@dataclass
class Llm:
    """An LLM in a thread of its own; `behaviour` may be changed between two requests."""

    behaviour: Behaviour
    address: str = ""
    asked: int = 0


@pytest.fixture(scope="module")
def llm() -> Iterator[Llm]:
    held, ready, done = Llm(says(GOOD)), threading.Event(), threading.Event()

    async def behave(asked: Asked, writer: Writer) -> None:
        held.asked += 1
        await held.behaviour(asked, writer)

    async def serve() -> None:
        async with fake_llm(behave) as fake:
            held.address = fake.address
            ready.set()
            await asyncio.to_thread(done.wait)

    thread = threading.Thread(target=lambda: asyncio.run(serve()))
    thread.start()
    ready.wait()
    yield held
    done.set()
    thread.join()


@pytest.fixture(scope="module")
def client(llm: Llm, start_server: Callable[..., Server]) -> Iterator[httpx.Client]:
    server = start_server(LLM_ADDRESS=llm.address, LLM_MODEL="m", LLM_DEADLINE=str(DEADLINE), THRESHOLD="0.1")
    server.put("jixiang", JIXIANG)
    limits = httpx.Limits(max_connections=64)
    with httpx.Client(base_url=server.address, timeout=20, trust_env=False, limits=limits) as client:
        yield client


def ask(client: httpx.Client, **options: Any) -> tuple[dict[str, Any], float]:
    """The answer, and seconds until it was there."""
    began = time.monotonic()
    answer = client.post("/v1/ask", json={"question": QUESTION} | options)
    assert answer.status_code == 200
    return answer.json(), time.monotonic() - began


def well(client: httpx.Client, llm: Llm) -> None:
    """A good answer, after which no failures are remembered."""
    llm.behaviour = says(GOOD)
    bodies = (ask(client)[0] for _ in range(TRIES))
    assert (GOOD, []) in ((body["answer"], body["degraded"]) for body in bodies)


@pytest.mark.parametrize(
    ("behaviour", "reason"),
    [
        (silent(), "timeout"),
        (silent(head()), "timeout"),
        (silent(head(), event(GOOD + "它")), "timeout"),
        (endless(event("字"), pause=0.05), "timeout"),
        (endless(b": still here\n\n", pause=0.05), "timeout"),
        (endless(event(GOOD), pause=0.01), "timeout"),
        (endless(event("无关的字句" * 500 + "。")), "failed"),
        (endless(b"data: " + b"x" * 100_000), "failed"),
    ],
    ids=[
        "hangs",
        "hangs after the head",
        "hangs after a sentence",
        "drips",
        "comments",
        "loops",
        "endless",
        "one line",
    ],
)
@pytest.mark.parametrize("stream", [False, True], ids=["whole", "streamed"])
def test_the_answer_is_there_by_the_deadline(
    client: httpx.Client, llm: Llm, behaviour: Behaviour, reason: str, stream: bool
) -> None:
    well(client, llm)
    llm.behaviour = behaviour
    spent, told = [], []
    for _ in range(TRIES):
        began = time.monotonic()
        answer = client.post("/v1/ask", json={"question": QUESTION, "stream": stream})
        spent.append(time.monotonic() - began)
        assert "event: error" not in answer.text
        told.append(f'"degraded":["generation_{reason}"]' in answer.text)
        if told[-1] and spent[-1] <= DEADLINE + MARGIN:
            break
    assert told[-1]
    assert min(spent) <= DEADLINE + MARGIN, spent


@pytest.mark.parametrize("status", ["301 Moved", "302 Found", "307 Temporary", "308 Permanent"])
def test_a_redirect_is_refused_and_nothing_is_asked_elsewhere(client: httpx.Client, llm: Llm, status: str) -> None:
    well(client, llm)
    before = llm.asked
    llm.behaviour = replies(b"", status, "text/plain", f"Location: {llm.address}/chat/completions")
    body, _ = ask(client)
    assert body["degraded"] == ["generation_failed"]
    assert llm.asked == before + 1
    llm.behaviour = replies(b"", status, "text/plain", f"Location: {ELSEWHERE}")
    assert ask(client)[0]["generated_by"] == "extractive"


def test_a_reply_without_end_is_cut_and_the_line_closed(client: httpx.Client, llm: Llm) -> None:
    """The LLM notices that nobody listens any more: what it sends is not read into nowhere."""
    well(client, llm)
    cut = threading.Event()

    async def flood(asked: Asked, writer: Writer) -> None:
        try:
            await endless(event("无关的字句" * 500 + "。"))(asked, writer)
        except ConnectionError:
            cut.set()
            raise

    llm.behaviour = flood
    assert ask(client)[0]["degraded"] == ["generation_failed"]
    assert cut.wait(5)


def test_a_hanging_llm_holds_up_nobody_who_does_not_ask_it(client: httpx.Client, llm: Llm) -> None:
    """L20: as many questions as there are places wait for the LLM; plain ones are answered meanwhile as before."""
    well(client, llm)
    plain = min(ask(client, generate=False)[1] for _ in range(9))
    llm.behaviour = silent()
    with ThreadPoolExecutor(MOST_AT_ONCE + 8) as pool:
        waiting = [pool.submit(ask, client) for _ in range(MOST_AT_ONCE + 8)]
        time.sleep(0.2)
        meanwhile = min(ask(client, generate=False)[1] for _ in range(9))
        bodies = [one.result() for one in waiting]
    told = [body["degraded"] for body, _ in bodies]
    assert all(one in (["generation_timeout"], ["generation_unavailable"]) for one in told)
    assert told.count(["generation_unavailable"]) >= 1  # more than there are places: told at once, not queued
    assert max(spent for _, spent in bodies) <= DEADLINE + 1.0  # 24 at once on a busy machine
    assert meanwhile <= max(5 * plain, 0.1)


def test_an_llm_that_failed_again_and_again_costs_no_more_time(client: httpx.Client, llm: Llm) -> None:
    llm.behaviour = raw(b"")
    for _ in range(2 * FAILURES):
        body, _ = ask(client)
    spent = min(ask(client)[1] for _ in range(TRIES))
    assert body["degraded"] == ["generation_unavailable"]
    assert body["status"] == "answered"
    assert spent < MARGIN
