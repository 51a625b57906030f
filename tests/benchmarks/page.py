"""How long a reader waits: from Enter to the first passage and to the finished answer, in a real browser.

    python -m tests.benchmarks.page [--questions N]

Starts a server with the bundled corpus and Debian's chromium, asks questions of dev.jsonl one after the other with the
passages unfolded, and prints medians. A thing counts as there in the frame after it was laid out. Not a test.
"""

import argparse
import json
import os
import random
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from tests.benchmarks.serving import QUESTIONS, ROOT

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

CHROMIUM = Path("/usr/bin/chromium")
PORT = 8103
WARM_UP = 5  # questions that are asked first and not counted
WATCH = """() => {
    const state = (window.waited = {});
    addEventListener("keydown", (event) => {
        if (event.key === "Enter") Object.assign(state, { since: performance.now(), passage: 0, answer: 0 });
    }, true);
    const seen = (name, selector) => {
        const turn = document.querySelector(".turn:last-child");
        if (!state.since || state[name] || !turn?.querySelector(selector)?.getClientRects().length) return;
        state[name] = -1;
        requestAnimationFrame(() => setTimeout(() => (state[name] = performance.now() - state.since)));
    };
    new MutationObserver(() => {
        seen("passage", ".passage");
        seen("answer", ".byline");
    }).observe(document.getElementById("thread"), { childList: true, subtree: true });
}"""
WAITED = """() => new Promise((done) => {
    const looking = setInterval(() => {
        const { passage, answer } = window.waited;
        if (!(passage > 0 && answer > 0)) return;
        clearInterval(looking);
        done([passage, answer]);
    }, 20);
})"""


def main() -> None:
    arguments = _arguments()
    questions = [json.loads(line)["q"] for line in QUESTIONS.read_text(encoding="utf-8").splitlines()]
    chosen = random.Random(7).sample(questions, arguments.questions + WARM_UP)
    with served() as address, browser() as chromium:
        page = chromium.new_page(viewport={"width": 1280, "height": 840}, locale="zh-CN")
        page.goto(f"{address}/")
        _unfold_passages(page, chosen[0])
        waits = [_ask(page, question) for question in chosen][WARM_UP:]
    for name, times in zip(("first passage", "finished answer"), zip(*waits, strict=True), strict=True):
        ordered = sorted(times)
        late = ordered[int(0.95 * len(ordered))]
        print(
            f"{name:<16} {statistics.median(ordered):6.1f} ms   (95 % within {late:.1f} ms, {len(ordered)} questions)"
        )


@contextmanager
def served() -> Iterator[str]:
    """The address of a server of its own, which holds the bundled corpus."""
    with tempfile.TemporaryDirectory() as home:
        environment = {**os.environ, "RAG_HOME": home, "RAG_PORT": str(PORT)}
        command = [sys.executable, "-m", "rag", "serve"]
        with subprocess.Popen(
            command, env=environment, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
        ) as process:
            try:
                if not process.stdout or not any(line.startswith("ready:") for line in process.stdout):
                    raise RuntimeError("the server ended before it was ready")
                yield f"http://127.0.0.1:{PORT}"
            finally:
                process.terminate()


@contextmanager
def browser() -> "Iterator[Browser]":
    """Debian's chromium without a window."""
    from playwright.sync_api import sync_playwright

    if not CHROMIUM.exists():
        sys.exit("Debian's chromium is needed: apt-get install chromium fonts-noto-cjk")
    with sync_playwright() as playwright:
        yield playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])


def _unfold_passages(page: "Page", question: str) -> None:
    """The page remembers that they were unfolded."""
    page.fill("#question", question)
    page.press("#question", "Enter")
    page.wait_for_selector(".byline")
    if not page.locator(".passages").evaluate("one => one.open"):
        page.click(".passages summary")
    page.evaluate(WATCH)


def _ask(page: "Page", question: str) -> tuple[float, float]:
    """Milliseconds until the first passage and until the answer, in a new conversation."""
    page.click("#new-conversation")
    page.fill("#question", question)
    page.press("#question", "Enter")
    passage, answer = page.evaluate(WAITED)
    return passage, answer


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--questions", type=int, default=30)
    return parser.parse_args()


if __name__ == "__main__":
    main()
