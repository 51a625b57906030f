"""What of a page is not its text: scripts, hidden elements, navigation, and the site's furniture."""

import re
from typing import Any

from lxml import etree

from corpus.reading.parts import HEADING, Parsed, Part

_NAME = re.compile(r"[a-z0-9]+")
_SILENT = frozenset(
    _NAME.findall(
        "script style noscript template svg canvas object embed iframe frameset audio video map input select "
        "button textarea datalist rp rt progress meter head"
    )
)
_PROSE = ("p", "div", "h1", "h2", "table", "ul")  # within a drawing they belong to the page: it was never closed
_AROUND = frozenset(("nav", "aside", "footer", "header"))
_ROLES = frozenset(("navigation", "banner", "contentinfo", "search", "complementary", "menu", "menubar", "dialog"))
_FURNITURE = frozenset(
    _NAME.findall(
        "nav navbar navigation menu breadcrumb breadcrumbs crumb crumbs sidebar footer foot topbar toolbar share "
        "related recommend recommended comment comments copyright advert advertisement ads ad banner pagination "
        "pager cookie cookies login subscribe hot ranking rank friendlink friendlinks sitemap"
    )
)
_HIDDEN = re.compile(
    r"display\s*:\s*none|visibility\s*:\s*hidden|font-size\s*:\s*0(?![.\d])|opacity\s*:\s*0(?![.\d])", re.I
)
_MEDIA = re.compile(r"@media[^{]{0,200}\{(?:[^{}]{0,5000}\{[^{}]{0,5000}\}){0,500}[^{}]{0,5000}\}")
_SIMPLE = re.compile(r"[.#][\w-]+")
_NOTICE = re.compile(
    r"icp备|公网安备|版权所有|copyright|all rights reserved|网站标识码|技术支持\s*[:：]|分享到|扫一扫"
    r"|^返回顶部$|^打印本页|^关闭窗口|^【?字体"
)  # in small letters
_LONGEST_NOTICE = 100  # code points
_SMALL_SHARE = 0.3  # of a page's text: furniture by its class name is at most so large
_LINKED = 0.5  # of its text: an element around the text is furniture from so many links on
_MARKS = {"main": 2, "article": 0}
_MAIN_SHARE = 0.5  # of a page's text: a main element must hold so much to be believed


def prune(root: Any, parsed: Parsed) -> None:
    """Take out what is not the page's text, and note it as dropped."""
    hiding = _hiding_rules(root)
    whole = sum(len(text.strip()) for text in root.itertext())
    victims: list[tuple[Any, str]] = []
    sizes: list[list[int]] = []  # of open elements: text, and text in links
    mains = 0
    for event, element in etree.iterwalk(root, events=("start", "end")):
        if event == "start":
            mains += element.tag in ("main", "article")
            sizes.append([0, 0])
            continue
        mains -= element.tag in ("main", "article")
        text, linked = sizes.pop()
        text += len((element.text or "").strip())
        linked = text if element.tag == "a" else linked
        if reason := _reason(element, hiding, (text, linked, whole), mains > 0):
            victims.append((element, reason))
        elif sizes:
            sizes[-1][0] += text
            sizes[-1][1] += linked
        if sizes:
            sizes[-1][0] += len((element.tail or "").strip())
    _take_out(victims, parsed)


def _reason(element: Any, hiding: set[str], sizes: tuple[int, int, int], in_main: bool) -> str:
    """Why an element is no text of the page; empty where it is one."""
    tag, (text, linked, whole) = element.tag, sizes
    if tag in ("html", "body"):
        return ""
    if tag in _SILENT:
        return "" if tag == "svg" and next(element.iterdescendants(*_PROSE), None) is not None else "silent"
    if _is_hidden(element, hiding):
        return "hidden text"
    if tag == "div" and element.get("title") in ("header", "footer") and text <= _SMALL_SHARE * whole:
        return "page furniture"  # as LibreOffice writes them
    names = set(_NAME.findall(f"{element.get('class', '')} {element.get('id', '')}".lower()))
    mostly_links = linked > _LINKED * text
    if tag == "nav" or element.get("role") in _ROLES:
        return "navigation" if mostly_links or text <= _SMALL_SHARE * whole else ""
    if tag in _AROUND and not in_main and (tag != "header" or mostly_links):
        return "page furniture" if text <= _SMALL_SHARE * whole else ""
    if names & _FURNITURE and tag not in ("main", "article", "h1") and (mostly_links or text <= _SMALL_SHARE * whole):
        return "page furniture" if mostly_links or not in_main or "content" not in names else ""
    return "navigation" if tag in ("ul", "ol", "dl", "table") and _is_link_list(element, text, linked) else ""


def _is_link_list(element: Any, text: int, linked: int) -> bool:
    """A list of little but links, of which most are short, leads elsewhere."""
    if text == 0 or linked < 0.8 * text:
        return False
    count = sum(1 for _ in element.iterdescendants("a"))
    return count >= 4 and linked / count <= 12


def _is_hidden(element: Any, hiding: set[str]) -> bool:
    if element.get("hidden") is not None or element.get("aria-hidden") == "true":
        return True
    if _HIDDEN.search(element.get("style", "")):
        return True
    names = {f".{name}" for name in element.get("class", "").split()} | {f"#{element.get('id', '')}"}
    return bool(names & hiding)


def _hiding_rules(root: Any) -> set[str]:
    """Classes and ids that the page's own style sheets hide on every medium."""
    found: set[str] = set()
    for sheet in root.iterdescendants("style"):
        for rule in _MEDIA.sub("", sheet.text or "").split("}")[:-1]:
            *_, selectors, declarations = ["", *rule.rsplit("{", 2)]
            if _HIDDEN.search(declarations):
                found.update(one.strip() for one in selectors.split(",") if _SIMPLE.fullmatch(one.strip()))
    return found


def _take_out(victims: list[tuple[Any, str]], parsed: Parsed) -> None:
    dropped: dict[str, list[str]] = {}
    for element, reason in victims:
        if reason != "silent":
            dropped.setdefault(reason, []).append(" ".join(" ".join(element.itertext()).split()))
        parent, before = element.getparent(), element.getprevious()
        if element.tail and before is not None:
            before.tail = (before.tail or "") + element.tail
        elif element.tail:
            parent.text = (parent.text or "") + element.tail
        parent.remove(element)
    for reason, texts in dropped.items():
        parsed.drop(reason, texts)


def main_of(root: Any, parsed: Parsed) -> Any:
    """The element that holds the page's text: its main or only article where that holds most, else the body."""
    body = next(root.iter("body"), root)
    whole, candidates = _sized(body)
    size, _, best = max(candidates, key=lambda one: one[:2], default=(0, 0, None))
    if best is None or size < _MAIN_SHARE * whole:
        return body
    within = {*best.iter(), *best.iterancestors()}  # holds them, so that lxml gives the same objects again
    outside = [one for one in body.iter() if one not in within and one.getparent() is not None]
    texts = [one.text or "" for one in outside if (one.text or "").strip()]
    if _title_of(best) is None and (title := next((one for one in outside if one.tag == "h1"), None)) is not None:
        title.tail = None
        best.insert(0, title)
        if best.text:
            title.tail, best.text = best.text, None
    parsed.drop("outside the main text", texts)
    return best


def _title_of(element: Any) -> Any:
    return next(element.iter("h1"), None)


def _sized(body: Any) -> tuple[int, list[tuple[int, int, Any]]]:
    """How much the body says, and each element that may be marked as its main text: how much, how clearly, which."""
    sizes, found = [0], []
    for event, element in etree.iterwalk(body, events=("start", "end")):
        if event == "start":
            sizes.append(len((element.text or "").strip()))
            continue
        size = sizes.pop()
        mark = 1 if element.tag in ("div", "section") and element.get("role") == "main" else _MARKS.get(element.tag)
        if mark is not None:
            found.append((size, mark, element))
        sizes[-1] += size + len((element.tail or "").strip())
    return sizes[0], found[::-1]  # an outer one before those within it


def without_notices(parts: list[Part], parsed: Parsed) -> list[Part]:
    """Leave out notices of the site: its licence numbers, copyright, buttons to share and print."""

    def is_notice(part: Part) -> bool:
        short = part.kind != HEADING and len(part.text) <= _LONGEST_NOTICE
        return short and _NOTICE.search(part.text.lower()) is not None

    kept: list[Part] = []
    notices: list[Part] = []
    for part in parts:
        (notices if is_notice(part) else kept).append(part)
    parsed.drop("notice", (part.text for part in notices))
    return kept
