"""How the page looks and weighs: accessibility rules, both widths, dark mode, paper, motion, contrast, size."""

import io
import re
from pathlib import Path

import pypdfium2
import pytest
from playwright.sync_api import Page, expect
from support_page import ask, breaches, browser_test
from support_server import AREA, AREA_QUOTE, Open, Server

PAGE = Path(__file__).parents[2] / "rag" / "page"
MOST_BYTES = 200 * 1024  # of all files together, uncompressed
MOST_SHIFT = 0.1  # cumulative layout shift, as Core Web Vitals count it

VIEWS = (f"/?q={AREA}", "/?q=今天天气怎么样", "/#/documents", "/#/documents/evil", "/docs")
SHOWN = ":is(.byline, .shelf-list a, .document, .route):visible"


def visit(page: Page, server: Server, path: str) -> None:
    page.goto("about:blank")  # so that the next address is opened anew even where only its # differs
    page.goto(server.address + path)
    page.wait_for_selector(SHOWN)


@browser_test
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1280])
def test_no_rule_of_accessibility_is_broken(open_page: Open, server: Server, width: int, scheme: str) -> None:
    page = open_page(width=width, color_scheme=scheme, has_touch=width < 600, is_mobile=width < 600)
    assert breaches(page) == []
    ask(page, AREA)
    page.click(".passages summary")
    assert breaches(page) == []
    page.click(".turn .cite")
    page.wait_for_selector("#panel .document")
    assert breaches(page) == []
    for path in VIEWS[1:]:
        visit(page, server, path)
        assert breaches(page) == [], path


@browser_test
def test_a_single_pale_word_on_a_long_page_is_noticed(open_page: Open, server: Server) -> None:
    page = open_page()
    visit(page, server, "/docs")
    page.evaluate("[...document.querySelectorAll('.route-summary')].at(-1).style.color = '#ccc'")
    (breach,) = breaches(page)
    assert breach.startswith("serious color-contrast: ")
    assert "route-summary" in breach


@browser_test
@pytest.mark.parametrize("width", [390, 1280])
def test_nothing_is_wider_than_the_screen(open_page: Open, server: Server, width: int) -> None:
    page = open_page(width=width)
    for path in VIEWS:
        visit(page, server, path)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path


@browser_test
@pytest.mark.parametrize("width", [390, 1280])
def test_nothing_jumps_and_nothing_is_complained_of(open_page: Open, server: Server, width: int) -> None:
    shift = """() => new Promise(done => new PerformanceObserver(list => done(
        list.getEntries().filter(one => !one.hadRecentInput).reduce((sum, one) => sum + one.value, 0)
    )).observe({type: 'layout-shift', buffered: true}) || setTimeout(() => done(0), 500))"""
    page = open_page(width=width)
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    for path in VIEWS:
        visit(page, server, path)
        assert page.evaluate(shift) < MOST_SHIFT, path
        pictures = page.eval_on_selector_all("img", "all => all.map(one => [one.width, one.height, one.complete])")
        assert all(width and height and complete for width, height, complete in pictures), path
        assert page.get_attribute("meta[name=viewport]", "content").startswith("width=device-width, initial-scale=1")
        assert page.title()
    assert complaints == []


@browser_test
def test_on_paper_stand_the_words_and_where_they_come_from(open_page: Open) -> None:
    page = open_page()
    ask(page, AREA)
    page.emulate_media(media="print", color_scheme="dark")
    for gone in (".top", ".composer", ".under", ".side", ".passages"):
        expect(page.locator(gone).first).to_be_hidden()
    assert page.evaluate("getComputedStyle(document.body).color") == "rgb(0, 0, 0)"
    paper = pypdfium2.PdfDocument(io.BytesIO(page.pdf()))
    text = "".join(sheet.get_textpage().get_text_bounded() for sheet in paper)
    paper.close()
    squeezed = re.sub(r"\s", "", text)
    for part in (*filter(None, AREA_QUOTE.split("𠮷")), "杭州日报", "https://example.com/kaiyuan?a=1&b=2"):
        assert part in squeezed
    assert "提问" not in squeezed


@browser_test
def test_less_motion_is_none(open_page: Open) -> None:
    page = open_page()
    page.evaluate("() => { window.fetch = () => new Promise(() => {}) }")
    page.fill("#question", AREA)
    page.press("#question", "Enter")
    expect(page.locator(".skeleton")).to_be_visible()
    moving = "document.getAnimations().filter(one => one.playState === 'running').length"
    assert page.evaluate(moving) == 0
    page.emulate_media(reduced_motion="no-preference")
    assert page.evaluate(moving) == 3


def luminance(colour: str) -> float:
    """Relative luminance of #rrggbb, as WCAG 2 defines it."""
    shares = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4 for share in shares)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("scheme", [0, 1], ids=["light", "dark"])
def test_colours_have_the_contrast_that_reading_needs(scheme: int) -> None:
    block = (PAGE / "base.css").read_text("utf-8").split(":root {")[1 + scheme].split("}")[0]
    colour = dict(re.findall(r"--([\w-]+): (#\w{6});", block))
    on = {"ink": "paper surface sunken accent-soft", "ink-soft": "paper surface accent-soft", "on-mark": "mark",
          "accent": "paper surface accent-soft", "warn": "paper warn-soft surface", "bad": "paper bad-soft surface",
          "on-accent": "accent", "surface": "bad"}  # fmt: skip
    for front, backs in on.items():
        for back in backs.split():
            dark, light = sorted((luminance(colour[front]), luminance(colour[back])))
            assert (light + 0.05) / (dark + 0.05) >= 4.5, f"{front} on {back}"


def test_the_files_are_few_small_and_hold_no_way_to_run_text() -> None:
    files = {path: path.read_text("utf-8") for path in PAGE.iterdir()}
    assert sum(len(text.encode()) for text in files.values()) <= MOST_BYTES
    for path, text in files.items():
        assert len(text.splitlines()) <= 250, path.name
        assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function", text), (
            path.name
        )
        assert not re.search(r"""(src|href)="(https?:)?//|@import|url\(|<style|style=|\son\w+=["']""", text), path.name
