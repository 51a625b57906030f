"""API keys on the page: asked for when one is wanted, held for the tab, kept only if wished for, never shown."""

from collections.abc import Callable
from dataclasses import dataclass

import pytest
from playwright.sync_api import Page, expect
from support_page import ask, breaches, browser_test
from support_server import AREA, AREA_QUOTE, JIXIANG, Open, Server

from rag.api.api_keys import add_key

KEEPERS = "[localStorage, sessionStorage].map(kept => kept.getItem('hangzhou-rag.key'))"


@dataclass
class Guarded:
    """A server that wants keys, and the keys that it knows."""

    server: Server
    similar: str
    writing: str


@pytest.fixture(scope="module")
def guarded(start_server: Callable[[], Server]) -> Guarded:
    server = start_server()
    server.put("jixiang", JIXIANG)
    return Guarded(server, *(add_key(server.home, role, role)[1] for role in ("ask", "write")))


def give(page: Page, key: str, *, remember: bool = False) -> None:
    page.fill("#key-input", key)
    if remember:
        page.get_by_label("在这个浏览器里记住").check()
    page.keyboard.press("Enter")


@browser_test
@pytest.mark.parametrize("width", [390, 1280])
def test_a_key_is_asked_for_and_holds_for_the_tab(open_page_at: Open, guarded: Guarded, width: int) -> None:
    page = open_page_at(guarded.server, width=width)
    addresses: list[str] = []
    page.on("request", lambda request: addresses.append(request.url))
    expect(page.locator("#key-input")).to_be_focused()
    expect(page.locator("#key-why")).to_have_text("使用这个服务需要 API 密钥，请向管理员索取。")
    assert page.get_attribute("#key-input", "type") == "password"
    assert breaches(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    give(page, "密钥")
    expect(page.locator("#key-fault")).to_contain_text("只含英文字母")
    give(page, "rag_wrong")
    expect(page.locator("#key-why")).to_have_text("API 密钥无效")
    give(page, f"  Bearer {guarded.similar} ")
    expect(page.locator("#corpus-size")).to_have_text("1 份文档 · 2 个段落")
    ask(page, AREA)
    expect(page.locator(".turn .statement").first).to_have_text(AREA_QUOTE)
    assert page.evaluate(KEEPERS) == [None, guarded.similar]
    page.reload()
    expect(page.locator("#corpus-size")).to_have_text("1 份文档 · 2 个段落")
    other = page.context.new_page()
    other.goto(guarded.server.address)
    expect(other.locator("#key-input")).to_be_visible()
    assert not any(guarded.similar in address for address in addresses)
    assert guarded.similar not in page.content()


@browser_test
def test_a_remembered_key_serves_every_view_until_it_is_forgotten(open_page_at: Open, guarded: Guarded) -> None:
    page = open_page_at(guarded.server)
    give(page, guarded.writing, remember=True)
    expect(page.locator("#corpus-size")).to_be_visible()
    assert page.evaluate(KEEPERS) == [guarded.writing, None]
    other = page.context.new_page()
    other.goto(f"{guarded.server.address}/#/documents/jixiang")
    expect(other.locator("#reader h1")).to_have_text("𠮷祥产业社区")
    other.goto(f"{guarded.server.address}/docs")
    route = other.locator("[id='post/v1/ask']")
    route.locator("summary").click()
    expect(route.locator("pre").first).to_contain_text("Authorization: Bearer $RAG_KEY")
    route.get_by_role("button", name="发送").click()
    expect(route.locator("pre").last).to_contain_text("200")
    assert guarded.writing not in other.content()
    page.click("#key-button")
    expect(page.locator("#key-why")).to_have_text("正在使用记在这个浏览器里的密钥。")
    expect(page.locator("#key-input")).to_have_value("")
    page.get_by_role("button", name="忘掉密钥").click()
    assert page.evaluate(KEEPERS) == [None, None]
    expect(page.locator("#key-button")).to_be_hidden()
    other.reload()
    expect(other.locator("#key-input")).to_be_visible()


@browser_test
def test_who_does_not_give_a_key_is_told_what_is_missing(open_page_at: Open, guarded: Guarded) -> None:
    page = open_page_at(guarded.server, f"/?q={AREA}")
    expect(page.locator("#key-input")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("alert").last).to_contain_text("请向管理员索取")
    expect(page.locator(".key-dialog")).to_have_count(0)  # one question for all requests that waited
    page.get_by_role("button", name="输入密钥").click()
    give(page, guarded.similar)
    expect(page.locator(".turn .statement").first).to_have_text(AREA_QUOTE)
    page.goto(f"{guarded.server.address}/docs")
    expect(page.locator("[id='post/v1/ask']")).to_be_visible()


@browser_test
def test_a_key_that_may_not_do_something_can_be_exchanged(open_page_at: Open, guarded: Guarded) -> None:
    page = open_page_at(guarded.server, "/#/documents")
    give(page, guarded.similar)
    expect(page.locator(".shelf-list a")).to_have_count(1)
    page.set_input_files("#files", {"name": "新城.md", "mimeType": "text/markdown", "buffer": "新城占地9亩。".encode()})
    expect(page.locator(".report .problem")).to_contain_text("这个密钥的权限是 ask，这项操作需要 write")
    page.get_by_role("button", name="换一个密钥").click()
    give(page, guarded.writing)
    expect(page.locator(".key-dialog")).to_have_count(0)
    page.set_input_files("#files", {"name": "新城.md", "mimeType": "text/markdown", "buffer": "新城占地9亩。".encode()})
    expect(page.locator(".report").first).to_contain_text("已收录")
