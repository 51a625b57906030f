"""Steps that tests of the page share, and the accessibility rules of axe-core."""

from functools import cache
from typing import Any

import pytest
from playwright.sync_api import Page, expect

browser_test = pytest.mark.browser

OFF_BY_DEFAULT = ("target-size",)  # rules that axe-core leaves to those who ask for them
CONTRAST = "color-contrast"  # its time grows faster than the page: a second for 200 elements, 15 for 4,000
FEW = 500  # texts on a page, up to which the contrast of each is measured

# The texts of the page whose looks (their own and those of all that they stand in) no earlier one has
EACH_LOOK = """() => {
    const ways = new Map([[null, '']]), seen = new Set();
    const look = ({color, background, opacity, filter, fontSize, fontWeight, position, visibility, mixBlendMode}) =>
        [color, background, opacity, filter, fontSize, fontWeight, position, visibility, mixBlendMode].join();
    const texts = [...document.querySelectorAll('html, body, body *')].filter(one => {
        ways.set(one, ways.get(one.parentElement) + '>' + one.localName + look(getComputedStyle(one)));
        return [...one.childNodes].some(node => node.nodeType === Node.TEXT_NODE && node.data.trim());
    });
    const first = one => !seen.has(ways.get(one)) && seen.add(ways.get(one));
    return texts.length <= %d ? [] : texts.filter(first).map((one, at) => {
        one.setAttribute('data-look', at);
        return [`[data-look="${at}"]`];
    });
}"""


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
    """Every rule of axe-core that the page breaks as it stands, with the elements that break it.

    On a long page the contrast is measured once for each look: what looks the same has the same contrast.
    """
    looks = page.evaluate(EACH_LOOK % FEW)
    rules = {name: {"enabled": True} for name in OFF_BY_DEFAULT} | {CONTRAST: {"enabled": not looks}}
    found = _violations(page, None, {"rules": rules})
    if looks:
        found += _violations(page, {"include": looks}, {"runOnly": {"type": "rule", "values": [CONTRAST]}})
    return [f"{one['impact']} {one['id']}: {[node['html'] for node in one['nodes'][:3]]}" for one in found]


def _violations(page: Page, context: dict[str, Any] | None, options: dict[str, Any]) -> list[dict[str, Any]]:
    options |= {"resultTypes": ["violations"]}
    return _axe().run(page, context=context, options=options).response["violations"]  # type: ignore[no-any-return]


@cache
def _axe() -> Any:
    return pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
