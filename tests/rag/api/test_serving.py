"""The real server in a process of its own: ready line, one writer, clean end, clear refusals."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from support_waiting import connections_of, wait_until

from rag.api.serving import CannotListen, listen

ROOT = Path(__file__).parents[3]
HEAD = b"POST /v1/search HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n"
DOCUMENT = "# 云台科技园\n\n云台科技园占地300亩。\n"

Start = Callable[..., subprocess.Popen[str]]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Starts `rag serve` on a home of this test, after some code; whatever still runs in the end is killed."""
    processes: list[subprocess.Popen[str]] = []

    def started(code: str = "", **settings: str) -> subprocess.Popen[str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith("RAG_")}
        own = {"RAG_HOME": str(tmp_path / "home"), "RAG_CORPUS": "none", "RAG_PORT": "0", "OMP_NUM_THREADS": "1"}
        own |= {f"RAG_{name}": value for name, value in settings.items()}
        pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
        command = [sys.executable, "-c", f"import rag.cli.main, rag.api.serving\n{code}\nrag.cli.main.main()", "serve"]
        processes.append(subprocess.Popen(command, cwd=ROOT, env=kept | own, text=True, **pipes))
        return processes[-1]

    yield started
    for process in processes:
        process.kill()
        process.communicate()


def address_of(process: subprocess.Popen[str]) -> str:
    """The address of the ready line, which is the first line on stdout."""
    assert process.stdout
    line = process.stdout.readline()
    ready = re.fullmatch(r"ready: (http://127\.0\.0\.1:[1-9]\d*)/\n", line)
    assert ready, line
    return ready[1]


def request(address: str, body: Any = None, method: str = "POST", **headers: str) -> tuple[int, dict[str, Any]]:
    raw = body.encode() if isinstance(body, str) else json.dumps(body).encode() if body is not None else None
    kind = "text/markdown" if isinstance(body, str) else "application/json"
    asked = urllib.request.Request(address, raw, {"content-type": kind, **headers}, method=method)
    try:
        with urllib.request.urlopen(asked, timeout=30) as reply:
            return reply.status, json.loads(reply.read() or b"{}")
    except urllib.error.HTTPError as error:
        with error:
            return error.code, json.loads(error.read())


def test_a_server_says_when_it_is_ready_keeps_documents_and_ends_cleanly(start: Start, tmp_path: Path) -> None:
    process = start()
    address = address_of(process)
    assert request(f"{address}/health/ready", method="GET") == (200, {"status": "ready"})
    assert request(f"{address}/v1/documents/yuntai", DOCUMENT, "PUT")[0] == 201

    second = start()
    assert second.wait(30) == 3
    assert second.stderr
    (line,) = second.stderr.read().splitlines()
    assert line.startswith(f"rag: process {process.pid} is writing to the index at {tmp_path / 'home'}")

    began = time.monotonic()
    process.send_signal(signal.SIGTERM)
    out, err = process.communicate(timeout=12)
    assert process.returncode == 0
    assert time.monotonic() - began < 5
    assert out == ""
    assert "Traceback" not in err
    assert "ERROR" not in err

    again = start()
    status, body = request(f"{address_of(again)}/v1/ask", {"question": "云台科技园占地多少亩？"})
    assert (status, body["answer"]) == (200, "云台科技园占地300亩。[1]")
    again.send_signal(signal.SIGINT)
    assert again.wait(12) == 0


def test_requests_under_way_are_answered_before_the_end(start: Start) -> None:
    """A body is half sent when the signal comes; its rest still arrives and is answered, and the end stays in time."""
    process = start()
    port = int(address_of(process).rpartition(":")[2])
    body = json.dumps({"query": "云台"}).encode()
    with (
        socket.create_connection(("127.0.0.1", port), timeout=12) as waiting,
        socket.create_connection(("127.0.0.1", port), timeout=12) as idle,
    ):
        waiting.sendall(HEAD % len(body) + body[:5])
        wait_until(lambda: connections_of(process.pid) == 2)
        time.sleep(0.3)
        began = time.monotonic()
        process.send_signal(signal.SIGTERM)
        time.sleep(0.5)
        waiting.sendall(body[5:])
        assert b"HTTP/1.1 200 OK" in b"".join(iter(lambda: waiting.recv(2**16), b""))
        assert idle.recv(1) == b""
    assert process.wait(12) == 0
    assert time.monotonic() - began < 10


def test_a_client_that_never_ends_does_not_hold_up_the_end(start: Start) -> None:
    process = start("rag.api.serving.GRACE_SECONDS = 1")
    port = int(address_of(process).rpartition(":")[2])
    with socket.create_connection(("127.0.0.1", port), timeout=15) as dripping:
        dripping.sendall(HEAD % 100)
        threading.Thread(target=drip, args=(dripping,), daemon=True).start()
        wait_until(lambda: connections_of(process.pid) == 1)
        time.sleep(0.2)
        began = time.monotonic()
        process.send_signal(signal.SIGTERM)
        assert process.wait(15) == 0
        assert time.monotonic() - began < 5
        assert b"HTTP/1.1 503" in dripping.recv(2**16)


def test_work_that_never_ends_does_not_hold_up_the_end(start: Start) -> None:
    """A change is stuck in its thread, where nothing can cancel it: the process ends all the same."""
    stuck = "import time, rag.service\nrag.service.Service.put = lambda *_, **__: time.sleep(60)\n"
    process = start(f"{stuck}rag.api.serving.GRACE_SECONDS, rag.api.serving.LAST_SECONDS = 0.5, 1.5")
    address = address_of(process)
    with ThreadPoolExecutor(1) as threads:
        putting = threads.submit(request, f"{address}/v1/documents/yuntai", DOCUMENT, "PUT")
        wait_until(lambda: connections_of(process.pid) == 1)
        time.sleep(0.5)
        began = time.monotonic()
        process.send_signal(signal.SIGTERM)
        assert process.wait(15) == 0
        assert time.monotonic() - began < 5
        assert putting.result()[0] == 503


def drip(connection: socket.socket) -> None:
    try:
        for _ in range(60):
            connection.sendall(b" ")
            time.sleep(0.25)
    except OSError:
        return


def test_a_port_in_use_is_told_in_one_line_before_anything_is_built(start: Start, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        process = start(PORT=str(taken.getsockname()[1]))
        out, err = process.communicate(timeout=30)
    assert (process.returncode, out) == (3, "")
    (line,) = err.splitlines()
    assert line.startswith("rag: cannot listen on 127.0.0.1:")
    assert "Address already in use" in line
    assert "RAG_PORT" in line
    assert not (tmp_path / "home").exists()


@pytest.mark.parametrize("host", ["no-such-host.invalid", "192.0.2.1", "a..b", "x" * 100])
def test_an_address_that_cannot_be_had_is_refused(host: str) -> None:
    with pytest.raises(CannotListen, match="RAG_HOST"):
        listen(host, 0)


def test_an_address_is_held_from_the_first_moment() -> None:
    with closing(listen("127.0.0.1", 0)) as first:
        first.listen()
        with pytest.raises(CannotListen, match="Address already in use"):
            listen("127.0.0.1", first.getsockname()[1])


def test_ipv6_is_spoken(start: Start) -> None:
    if not socket.has_ipv6:
        pytest.skip("no IPv6 here")
    process = start(HOST="::1")
    assert process.stdout
    line = process.stdout.readline()
    if not line:
        pytest.skip("no IPv6 loopback here")
    assert re.fullmatch(r"ready: http://\[::1\]:\d+/\n", line)
    assert request(line.removeprefix("ready: ").strip() + "health/live", method="GET")[0] == 200
