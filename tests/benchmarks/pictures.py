"""The pictures of the README, taken anew.

    python -m tests.benchmarks.pictures

Starts a server with the bundled corpus and writes PNG files into `.readme/`: an answer on a desk and on a phone, the
passages under it, a cited document. Fonts are those of the machine; fonts-noto-cjk gives what is there now.
"""

import io
from typing import TYPE_CHECKING, Final

from PIL import Image

from tests.benchmarks.page import browser, served
from tests.benchmarks.serving import ROOT

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

FOLDER: Final = ROOT / ".readme"
QUESTION: Final = "物联网街有几家上市企业？"
COLOURS: Final = 96  # enough for text on paper, and a third of the bytes


def main() -> None:
    FOLDER.mkdir(exist_ok=True)
    with served() as address, browser() as chromium:
        _asked(chromium, address, width=1280, scheme="light").close()  # the first question takes longer than others
        desk = _asked(chromium, address, width=1280, scheme="light")
        _take(desk, "answer-1280")
        _unfold(desk)
        _take(desk, "passages-1280")
        night = _asked(chromium, address, width=1280, scheme="dark")
        night.click(".cite >> nth=0")
        night.wait_for_selector("#panel mark")
        _take(night, "document-1280")
        phone = _asked(chromium, address, width=390, scheme="light")
        _take(phone, "answer-390")
        _unfold(phone)
        _take(phone, "passages-390")


def _asked(chromium: "Browser", address: str, *, width: int, scheme: str) -> "Page":
    small = width < 600
    page = chromium.new_page(
        viewport={"width": width, "height": 780},
        locale="zh-CN",
        color_scheme=scheme,
        reduced_motion="reduce",
        is_mobile=small,
        has_touch=small,
    )
    page.goto(address)
    page.wait_for_selector(".example")
    page.fill("#question", QUESTION)
    page.press("#question", "Enter")
    page.wait_for_selector(".rivals")
    return page


def _unfold(page: "Page") -> None:
    page.click(".passages summary")
    page.locator(".passages").evaluate("one => scrollTo(0, one.offsetTop - 80)")


def _take(page: "Page", name: str) -> None:
    page.wait_for_timeout(300)  # the last transitions
    path = FOLDER / f"{name}.png"
    Image.open(io.BytesIO(page.screenshot())).convert("RGB").quantize(COLOURS).save(path, optimize=True)
    print(f"{path.name}  {path.stat().st_size / 1024:.0f} KiB")


if __name__ == "__main__":
    main()
