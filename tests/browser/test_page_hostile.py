"""Hostile text on the page: in titles, texts, addresses, questions, problems and whatever the service answers."""

from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect
from support_page import ask, browser_test
from support_server import AREA, HOSTILE, IMAGE, Open

ADDRESSES = ("javascript:alert(6)", "JaVaScRiPt:alert(6)", " data:text/html,<script>alert(6)</script>", "vbscript:x")


def assert_only_text(page: Page) -> None:
    page.wait_for_timeout(300)  # in which something that was let in would run
    foreign = ":is(img, script, svg:not(.icon), b, iframe, object, style, link)"
    assert page.locator(f"main {foreign}, dialog {foreign}").count() == 0
    leads = page.eval_on_selector_all("a", "links => links.map(link => new URL(link.href).protocol)")
    assert set(leads) <= {"http:", "https:"}


@browser_test
def test_hostile_text_stays_text_everywhere(open_page: Open) -> None:
    page = open_page()
    ask(page, f"危险园区占地多少亩？{IMAGE}")
    page.hover(".turn .cite >> nth=0")
    expect(page.locator("#card")).to_contain_text("<script>alert(5)</script>")
    page.click(".turn .cite >> nth=0")
    expect(page.locator("#panel-title")).to_have_text(HOSTILE["title"])
    page.click("summary >> nth=0")
    page.reload()
    page.click(".history-open")
    expect(page.locator(".turn .question")).to_contain_text(IMAGE)
    page.evaluate("location.hash = '#/documents/evil'")
    expect(page.locator("#reader h1")).to_have_text(HOSTILE["title"])
    expect(page.locator(".shelf-list")).to_contain_text("<b>kind</b>")
    for path in ("/#/documents/<img%20src=x%20onerror=alert(7)>", "/#<img src=x onerror=alert(8)>", f"/?q={IMAGE}"):
        page.goto(page.url.split("/#")[0] + path)
    assert_only_text(page)


@browser_test
@pytest.mark.parametrize("address", ADDRESSES)
def test_addresses_that_run_or_embed_are_no_links(open_page: Open, address: str) -> None:
    """The service refuses such addresses; the page must not rely on that."""

    def poison(route: Route) -> None:
        response = route.fetch()
        route.fulfill(response=response, body=response.text().replace("https://evil.test/a", address))

    page = open_page()
    page.route("**/v1/ask", poison)
    page.route("**/v1/documents/evil", poison)
    ask(page, "危险园区占地多少亩？")
    expect(page.locator(".cited .source-title").first).to_be_visible()
    page.click(".cite >> nth=0")
    expect(page.locator("#panel .notes")).to_be_visible()
    assert_only_text(page)


@browser_test
def test_a_service_gone_mad_cannot_break_the_page(open_page: Open) -> None:
    """Matches that lie nowhere, shares beyond all measure, a name that is markup."""

    def mad(route: Route) -> None:
        reply: dict[str, Any] = route.fetch(
            post_data={"question": AREA}, headers={"content-type": "application/json"}
        ).json()
        for passage in reply["passages"]:
            passage["matches"] = [[-5, 3], [2, 1], [1, 9_999], [0, 1]]
            for leg in passage["scores"].values():
                leg["share"] = 1e9
        reply["generated_by"] = IMAGE
        reply["degraded"] = [IMAGE]
        route.fulfill(json=reply)

    page = open_page()
    page.route("**/v1/ask", mad)
    ask(page, AREA)
    page.click(".passages summary")
    expect(page.locator(".passage").first).to_be_visible()
    expect(page.locator(".byline")).to_contain_text(IMAGE)
    assert_only_text(page)


@browser_test
def test_problems_are_told_as_text(open_page: Open) -> None:
    problem = {"title": IMAGE, "detail": "<script>alert(9)</script>", "status": 500, "request_id": IMAGE}
    page = open_page()
    page.route("**/v1/ask", lambda route: route.fulfill(status=500, json=problem | {"errors": [{"pointer": IMAGE}]}))
    page.fill("#question", AREA)
    page.press("#question", "Enter")
    expect(page.get_by_role("alert")).to_contain_text("<script>alert(9)</script>")
    page.unroute_all()
    page.route("**/v1/ask", lambda route: route.fulfill(status=502, body=f"<html>{IMAGE}</html>"))
    page.get_by_role("button", name="重试").click()
    expect(page.get_by_role("alert")).to_contain_text("HTTP 状态 502")
    assert_only_text(page)


@browser_test
def test_what_is_copied_and_exported_holds_no_markup_of_others(open_page: Open) -> None:
    page = open_page(permissions=["clipboard-read", "clipboard-write"])
    ask(page, f"危险园区占地多少亩？{IMAGE}")
    page.get_by_role("button", name="复制 Markdown").click()
    expect(page.get_by_role("button", name="已复制")).to_be_visible()
    copied = page.evaluate("navigator.clipboard.readText()")
    assert "\\<img src" in copied
    assert not any(f"{before}<{tag}" in copied for tag in ("img", "script") for before in (" ", "，", "园区", "“"))
    with page.expect_download() as download:
        page.get_by_role("button", name="导出 Markdown").click()
    exported = download.value.path().read_text("utf-8")
    assert "<script" not in exported.replace("\\<script", "")
