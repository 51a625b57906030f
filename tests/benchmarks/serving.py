"""How fast and how big the service is, beside a trivial FastAPI route on the same machine in the same run.

    python -m tests.benchmarks.serving [--passages N] [--rounds R] [--seconds S]

Starts real servers on loopback, asks them over HTTP with 1 and 16 connections, interleaved round by
round with the trivial route, and prints medians. With --passages the index is filled up to N with
made-up passages, each its own, of words drawn from the bundled corpus. Not a test: it asserts nothing.
"""

import argparse
import asyncio
import itertools
import json
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from corpus.bundled import bundled_documents
from corpus.passage import split
from corpus.sentences import sentence_spans

ROOT = Path(__file__).parents[2]
QUESTIONS = ROOT / "rag" / "evaluation" / "questions" / "dev.jsonl"
TRIVIAL = """
import uvicorn
from fastapi import FastAPI
app = FastAPI()
@app.post("/v1/ask")
async def ask(): return {"ok": True}
server = uvicorn.Server(uvicorn.Config(app, port=%d, log_level="warning", access_log=False))
server.run()
"""


@dataclass(frozen=True, slots=True)
class Load:
    """One round of one server. Times in milliseconds."""

    requests_per_second: float
    p50: float
    p99: float


def main() -> None:
    arguments = _arguments()
    questions = [json.loads(line)["q"] for line in QUESTIONS.read_text(encoding="utf-8").splitlines()]
    random.Random(7).shuffle(questions)
    with tempfile.TemporaryDirectory() as folder:
        environment = {**os.environ, "RAG_HOME": folder, "HF_HUB_OFFLINE": "1"}
        _build(environment, arguments.passages, Path(folder))
        starts = [_ready_seconds(environment, 8101) for _ in range(3)]
        print(f"ready after          {statistics.median(starts):.2f} s (median of 3 warm starts)")
        with _server([sys.executable, "-m", "rag", "serve"], environment | {"RAG_PORT": "8101"}, 8101) as service:
            with _server([sys.executable, "-c", TRIVIAL % 8102], environment, 8102):
                rounds = _rounds(questions, arguments.rounds, arguments.seconds)
            print(f"memory after load    {_resident(service.pid):.0f} MB resident")
    _print(rounds)


def _rounds(questions: list[str], rounds: int, seconds: float) -> dict[tuple[str, int], list[Load]]:
    """Service and trivial route in turn, at both numbers of connections."""
    found: dict[tuple[str, int], list[Load]] = {}
    for _, (name, port), connections in itertools.product(
        range(rounds), (("ask", 8101), ("trivial route", 8102)), (1, 16)
    ):
        load = asyncio.run(_load(port, questions, connections, seconds))
        found.setdefault((name, connections), []).append(load)
    return found


async def _load(port: int, questions: list[str], connections: int, seconds: float) -> Load:
    """Ask for so many seconds over so many kept-alive connections, each waiting for its answer."""
    times: list[float] = []
    deadline = time.perf_counter() + seconds
    waiting = itertools.cycle(questions)
    start = time.perf_counter()
    await asyncio.gather(*(_ask(port, waiting, deadline, times) for _ in range(connections)))
    elapsed = time.perf_counter() - start
    times.sort()
    return Load(len(times) / elapsed, 1000 * times[len(times) // 2], 1000 * times[int(len(times) * 0.99)])


async def _ask(port: int, questions: Iterator[str], deadline: float, times: list[float]) -> None:
    """A client written by hand: a client library would cost more than the server."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    while time.perf_counter() < deadline:
        body = json.dumps({"question": next(questions)}).encode()
        length = f"Content-Type: application/json\r\nContent-Length: {len(body)}"
        head = f"POST /v1/ask HTTP/1.1\r\nHost: 127.0.0.1\r\n{length}\r\n\r\n"
        start = time.perf_counter()
        writer.write(head.encode() + body)
        answer = await reader.readuntil(b"\r\n\r\n")
        expected = int(answer.lower().split(b"content-length:")[1].split(b"\r\n")[0])
        await reader.readexactly(expected)
        times.append(time.perf_counter() - start)
        if b" 200 " not in answer[:20]:
            raise RuntimeError(answer.decode())
    writer.close()


def _build(environment: dict[str, str], passages: int, folder: Path) -> None:
    """The bundled corpus, then made-up documents up to the wanted number of passages."""
    start = time.perf_counter()
    subprocess.run([sys.executable, "-m", "rag", "index", "build"], env=environment, check=True, capture_output=True)
    count = sum(len(split(document)) for document in bundled_documents())
    print(f"bundled corpus       {count} passages, built in {time.perf_counter() - start:.1f} s")
    if passages <= count:
        return
    rows = folder / "rows.jsonl"
    with rows.open("w", encoding="utf-8") as file:
        for row in _made_up(passages - count):
            file.write(json.dumps(row, ensure_ascii=False) + "\n")
    start = time.perf_counter()
    subprocess.run(
        [sys.executable, "-m", "rag", "index", "add", str(rows)], env=environment, check=True, capture_output=True
    )
    elapsed = time.perf_counter() - start
    added = passages - count
    print(f"made-up documents    {added} passages, added in {elapsed:.0f} s, {added / elapsed:.0f} passages/s")


def _made_up(passages: int) -> Iterator[dict[str, str]]:
    """Documents of five passages, two shuffled sentences each, so that their words are those of the corpus."""
    chance = random.Random(11)
    sentences = [
        document.text[start:end] for document in bundled_documents() for start, end in sentence_spans(document.text)
    ]
    for number in range(0, passages, 5):
        paragraphs = []
        for _ in range(min(5, passages - number)):
            characters = list(chance.choice(sentences) + chance.choice(sentences))
            halves = "".join(characters).split("，")
            chance.shuffle(halves)
            paragraphs.append(f"{number:06d}号材料：" + "，".join(halves) + f"（{chance.random():.9f}）。")
        yield {
            "id": f"made-up-{number}",
            "title": f"材料{number}",
            "text": "\n\n".join(p.ljust(130, "。") for p in paragraphs),
        }


@contextmanager
def _server(command: list[str], environment: dict[str, str], port: int) -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=ROOT)
    try:
        _wait(port, process)
        yield process
    finally:
        process.terminate()
        process.wait(20)


def _ready_seconds(environment: dict[str, str], port: int) -> float:
    start = time.perf_counter()
    with _server([sys.executable, "-m", "rag", "serve"], environment | {"RAG_PORT": str(port)}, port):
        return time.perf_counter() - start


def _wait(port: int, process: subprocess.Popen[bytes]) -> None:
    """Until the port answers."""
    import socket

    for _ in range(6000):
        if process.poll() is not None:
            raise RuntimeError(f"the server ended with status {process.returncode}")
        with socket.socket() as probe:
            probe.settimeout(0.2)
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.02)
    raise RuntimeError(f"nothing answers on port {port}")


def _resident(process: int) -> float:
    status = Path(f"/proc/{process}/status").read_text(encoding="utf-8")
    return int(status.split("VmRSS:")[1].split()[0]) / 1024


def _print(rounds: dict[tuple[str, int], list[Load]]) -> None:
    heading = f"{'route':<16} {'connections':>11} {'requests/s':>11} {'p50 ms':>8} {'p99 ms':>8}"
    print(f"{heading}   (medians of {len(next(iter(rounds.values())))} rounds)")
    for (name, connections), loads in rounds.items():
        rate, p50, p99 = (
            statistics.median(getattr(load, field) for load in loads) for field in ("requests_per_second", "p50", "p99")
        )
        print(f"{name:<16} {connections:>11} {rate:>11.0f} {p50:>8.2f} {p99:>8.2f}")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--passages", type=int, default=0, help="fill the index up to so many passages")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument(
        "--seconds", type=float, default=5.0, help="of load per round, server and number of connections"
    )
    return parser.parse_args()


if __name__ == "__main__":
    main()
