"""Steps that tests of the page share, and the accessibility rules of axe-core."""

from functools import cache
from typing import Any

import pytest
from playwright.sync_api import Page, expect

browser_test = pytest.mark.browser

OFF_BY_DEFAULT = ("target-size",)  # rules that axe-core leaves to those who ask for them


def ask(page: Page, question: str) -> None:
    page.fill("#question", question)
    page.press("#question", "Enter")
    expect(page.locator(".turn:last-child .byline")).to_be_visible()


def marked(page: Page, within: str) -> str:
    page.wait_for_selector(f"{within} mark")
    return "".join(page.locator(f"{within} .document-text mark").all_text_contents())


def press_until(page: Page, key: str, wanted: str) -> None:
    """Press a key until an element that fits the selector has the focus."""
    for _ in range(200):
        page.keyboard.press(key)
        if page.evaluate("wanted => document.activeElement.matches(wanted)", wanted):
            return
    raise AssertionError(f"{key} never reaches {wanted}")


def breaches(page: Page) -> list[str]:
    """Every rule of axe-core that the page breaks as it stands, with the elements that break it."""
    options = {"resultTypes": ["violations"], "rules": {name: {"enabled": True} for name in OFF_BY_DEFAULT}}
    found: dict[str, Any] = _axe().run(page, options=options).response
    return [
        f"{one['impact']} {one['id']}: {[node['html'] for node in one['nodes'][:3]]}" for one in found["violations"]
    ]


@cache
def _axe() -> Any:
    return pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
