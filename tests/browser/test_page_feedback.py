"""Feedback on the page: one press or a reason, sent as the contract says, kept by the service, and taken back."""

import json
import os
import subprocess
import sys
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, Route, expect
from support_page import ask, breaches, browser_test, press_until
from support_server import AREA, AREA_QUOTE, JIXIANG, ROOT, Open, Server

NOTHING = "珠穆朗玛峰的海拔是多少米？"
FIELDS = {"question", "resolved", "status", "helpful", "reason", "comment", "answer", "passages", "trace_id"}


@dataclass
class Box:
    """Takes the feedback of a page in place of the service. refusal: (status, problem) that it answers with."""

    given: list[dict[str, Any]] = field(default_factory=list)
    taken_back: list[str] = field(default_factory=list)
    refusal: tuple[int, dict[str, Any]] | None = None

    def over(self, page: Page) -> None:
        page.route("**/v1/feedback", self._give)
        page.route("**/v1/feedback/*", self._take_back)

    def _give(self, route: Route) -> None:
        if self.refusal:
            status, problem = self.refusal
            route.fulfill(status=status, content_type="application/problem+json", json=problem)
            return
        self.given.append(route.request.post_data_json)
        route.fulfill(status=201, json={"id": f"f{len(self.given)}"})

    def _take_back(self, route: Route) -> None:
        assert route.request.method == "DELETE"
        self.taken_back.append(route.request.url.rsplit("/", 1)[1])
        route.fulfill(status=204)


@pytest.fixture
def box() -> Box:
    return Box()


@browser_test
def test_one_press_says_that_an_answer_helped_and_can_be_taken_back_later(open_page: Open, box: Box) -> None:
    page = open_page()
    box.over(page)
    ask(page, AREA)
    page.get_by_role("button", name="有帮助").click()
    expect(page.locator(".feedback")).to_contain_text("已记下：有帮助。")
    (sent,) = box.given
    assert set(sent) == FIELDS
    assert (sent["question"], sent["resolved"], sent["status"], sent["helpful"]) == (AREA, None, "answered", True)
    assert (sent["reason"], sent["comment"], sent["answer"]) == (None, None, f"{AREA_QUOTE}[1]")
    (span,) = sent["passages"]
    assert (span["document_id"], span["end"] - span["start"]) == ("jixiang", len(AREA_QUOTE))
    assert len(sent["trace_id"]) == 16
    page.reload()
    page.click(".history-open")
    page.get_by_role("button", name="收回反馈").click()
    expect(page.get_by_role("button", name="没帮助")).to_be_visible()
    assert box.taken_back == ["f1"]
    page.reload()
    page.click(".history-open")
    expect(page.get_by_role("button", name="没帮助")).to_be_visible()


@browser_test
def test_a_reason_is_given_with_the_keyboard_alone(open_page: Open, box: Box) -> None:
    page = open_page()
    box.over(page)
    ask(page, AREA)
    ask(page, "它由谁运营？")
    press_until(page, "Shift+Tab", ".turn:last-child .feedback button:last-child")
    page.keyboard.press("Enter")
    expect(page.locator(".feedback-form input").first).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator(".turn:last-child .feedback button").last).to_be_focused()
    page.keyboard.press("Enter")
    page.keyboard.press("Space")
    page.keyboard.press("ArrowDown")
    expect(page.get_by_label("不完整")).to_be_checked()
    page.keyboard.press("Tab")
    page.keyboard.type("缺了<b>负责人</b>")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator(".turn:last-child .feedback")).to_contain_text("已记下：没帮助。")
    expect(page.locator(".turn:last-child .feedback .fine")).to_be_focused()
    expect(page.locator("#live")).to_have_text("反馈已记下，谢谢")
    (sent,) = box.given
    assert sent["resolved"] == "𠮷祥产业社区由谁运营？"
    assert (sent["helpful"], sent["reason"], sent["comment"]) == (False, "incomplete", "缺了<b>负责人</b>")


@browser_test
@pytest.mark.parametrize("width", [390, 1280])
def test_a_refusal_has_reasons_of_its_own(open_page: Open, box: Box, width: int) -> None:
    page = open_page(width=width)
    box.over(page)
    ask(page, NOTHING)
    page.get_by_role("button", name="没帮助").click()
    expect(page.locator(".reason")).to_have_text(["资料里有，应当能答", "最接近的段落不相关", "其他"])
    expect(page.get_by_role("button", name="发送反馈")).to_be_in_viewport()
    assert breaches(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.get_by_label("资料里有").check()
    page.get_by_role("button", name="发送反馈").click()
    expect(page.locator(".feedback")).to_contain_text("已记下")
    assert (box.given[0]["status"], box.given[0]["reason"]) == ("no_answer", "should_answer")
    assert box.given[0]["passages"]


@browser_test
def test_a_service_that_takes_no_feedback_is_explained_once(open_page: Open, box: Box) -> None:
    box.refusal = (403, {"title": "不允许", "detail": "本服务不收集反馈", "status": 403, "code": "feedback_off"})
    page = open_page()
    box.over(page)
    ask(page, AREA)
    ask(page, "云台科技园占地多少亩？")
    page.locator(".turn").first.get_by_role("button", name="有帮助").click()
    expect(page.locator(".turn").first.locator(".feedback")).to_have_text("本服务不收集反馈")
    expect(page.locator(".turn").last.locator(".feedback")).to_be_hidden()
    ask(page, AREA)
    expect(page.locator(".turn").last.locator(".feedback")).to_be_hidden()


@browser_test
def test_feedback_that_does_not_arrive_is_told_and_sent_again(open_page: Open, box: Box) -> None:
    box.refusal = (507, {"title": "空间不足", "detail": "反馈已存满<img>", "status": 507, "code": "feedback_full"})
    page = open_page()
    box.over(page)
    ask(page, AREA)
    page.get_by_role("button", name="有帮助").click()
    expect(page.locator(".feedback .problem")).to_contain_text("反馈已存满<img>")
    box.refusal = None
    page.locator(".feedback").get_by_role("button", name="重试").click()
    expect(page.locator(".feedback")).to_contain_text("已记下：有帮助。")
    assert len(box.given) == 1


def kept(server: Server) -> list[dict[str, Any]]:
    """What the service holds, the newest first."""
    with urllib.request.urlopen(f"{server.address}/v1/feedback") as reply:
        return json.load(reply)["feedback"]  # type: ignore[no-any-return]


def rag(server: Server, *arguments: str) -> subprocess.CompletedProcess[str]:
    """A command of the operator on the server's home, while it serves."""
    own = {"RAG_HOME": str(server.home), "RAG_CORPUS": "none", "OMP_NUM_THREADS": "1"}
    command = [sys.executable, "-m", "rag", *arguments]
    return subprocess.run(command, cwd=ROOT, env=os.environ | own, capture_output=True, text=True, check=False)


def complain(turn: Locator, reason: str, remark: str) -> None:
    turn.get_by_role("button", name="没帮助").click()
    turn.get_by_label(reason).check()
    turn.get_by_label("补充说明").fill(remark)
    turn.get_by_role("button", name="发送反馈").click()
    expect(turn.locator(".feedback")).to_contain_text("已记下：没帮助。")


def rows(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


@browser_test
def test_what_is_pressed_here_is_kept_by_the_service_and_becomes_a_question_set(
    open_page_at: Open, start_server: Callable[[], Server], tmp_path: Path
) -> None:
    server = start_server()
    server.put("jixiang", JIXIANG)
    page = open_page_at(server)
    good, open_ones = tmp_path / "judged.jsonl", tmp_path / "judged_to_judge.jsonl"
    for question in (AREA, "它由谁运营？", NOTHING):
        ask(page, question)
    helped, wrong, refused = page.locator(".turn").all()
    helped.get_by_role("button", name="有帮助").click()
    expect(helped.locator(".feedback")).to_contain_text("已记下：有帮助。")
    complain(wrong, "内容有误", "运营方换了<b>")
    refused.get_by_role("button", name="有帮助").click()
    expect(refused.locator(".feedback")).to_contain_text("已记下：有帮助。")

    newest, complaint, praise = kept(server)
    assert (newest["question"], newest["status"], newest["helpful"]) == (NOTHING, "no_answer", True)
    assert (complaint["question"], complaint["resolved"]) == ("它由谁运营？", "𠮷祥产业社区由谁运营？")
    assert (complaint["helpful"], complaint["reason"], complaint["comment"]) == (False, "wrong", "运营方换了<b>")
    assert [(shown["quote"], shown["standing"]) for shown in praise["passages"]] == [(AREA_QUOTE, "same")]

    assert rag(server, "feedback", "export", "--out", str(good)).returncode == 0
    nothing, answerable = rows(good)
    assert (nothing["q"], nothing["answers"]) == (NOTHING, [])
    assert (answerable["q"], answerable["answers"], answerable["subjects"]) == (AREA, [[AREA_QUOTE]], ["jixiang"])
    assert [(row["q"], row["given"]["reason"]) for row in rows(open_ones)] == [("𠮷祥产业社区由谁运营？", "wrong")]
    measured = rag(server, "evaluate", str(good), "--url", server.address, "--json")
    measures = json.loads(measured.stdout)["sets"]["judged"]["hybrid"]["measures"]
    assert (measures["answer hit"]["mean"], measures["refused"]["mean"]) == (1, 1)

    for turn in (helped, wrong, refused):
        turn.get_by_role("button", name="收回反馈").click()
        expect(turn.get_by_role("button", name="没帮助")).to_be_visible()
    assert kept(server) == []
    assert rag(server, "feedback", "export", "--out", str(good)).returncode == 1
    assert (good.read_bytes(), open_ones.read_bytes()) == (b"", b"")
