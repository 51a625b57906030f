"""What of a page is not its text: scripts, hidden elements, navigation, and the site's furniture."""

import re
from collections.abc import Iterator
from typing import Any, NamedTuple

from lxml import etree

from corpus.reading.parts import HEADING, Parsed, Part

_NAME = re.compile(r"[a-z0-9]+")
_SILENT = frozenset(
    _NAME.findall(
        "script style noscript template svg canvas object embed iframe frameset audio video map input select "
        "button textarea datalist rp rt progress meter head"
    )
)
_STRUCK = frozenset(("del", "s", "strike"))
_STRIKING = re.compile(r"text-decoration(?:-line)?\s*:[^;]*line-through", re.I)
_MAIN_IDS = frozenset(
    ("js_content", "img-content", "page-content", "js_article")
)  # what a script shows once it is loaded
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
_LISTS = frozenset(("ul", "ol", "dl", "table"))
_TELLING = _SILENT | _AROUND | _LISTS | _STRUCK  # tags that say something without attributes
_HIDDEN = re.compile(
    r"display\s*:\s*none|visibility\s*:\s*hidden|font-size\s*:\s*0(?![.\d])|opacity\s*:\s*0(?![.\d])", re.I
)
_REMOVED = re.compile(r"display\s*:\s*none|font-size\s*:\s*0(?![.\d])", re.I)  # unlike what is only made invisible
_SHOWN_SHARE = 0.5  # of a page's text: what holds so much is not hidden from its readers
_MEDIA = re.compile(r"@media[^{]{0,200}\{(?:[^{}]{0,5000}\{[^{}]{0,5000}\}){0,500}[^{}]{0,5000}\}")
_SIMPLE = re.compile(r"[.#][\w-]+")
_NOTICE = re.compile(
    r"icp备|公网安备|版权所有|copyright|all rights reserved|网站标识码|技术支持\s*[:：]|分享到|扫一扫"
    r"|^返回顶部$|^打印本页|^关闭窗口|^【?字体"
)  # in small letters
_LONGEST_NOTICE = 100  # code points
_SMALL_SHARE = 0.3  # of a page's text: furniture by its class name is at most so large
_LINKED = 0.5  # of its text: an element around the text is furniture from so many links on
_EMPTIED = "span"
_MARKS = {"main": 2, "article": 0}  # tags that mark the main text, and how clearly
_MAIN_ROLE = 1  # how clearly a div or section of that role does
_MAIN_SHARE = 0.5  # of a page's text: a main element must hold so much to be believed


class _Size(NamedTuple):
    """Code points of an element's text, of that in links, and how many links; whole  of the page's text."""

    text: int
    linked: int
    links: int
    whole: int


def prune(root: Any, parsed: Parsed) -> None:
    """Take out what is not the page's text, and note it as dropped."""
    hiding = _hiding_rules(root)
    whole = sum(len(words.strip()) for words in shown_texts(root))
    victims: list[tuple[Any, str]] = []
    text = linked = links = mains = 0  # of the page so far, without what is taken out
    opened: list[tuple[int, int, int]] = []  # the same three when each element began that is still open
    for event, element in etree.iterwalk(root, events=("start", "end")):
        tag = element.tag
        if event == "start":
            mains += tag in _MARKS
            opened.append((text, linked, links))
            text += len(words.strip()) if (words := element.text) else 0
            continue
        mains -= tag in _MARKS
        before = opened.pop()
        if tag == "a":
            linked, links = before[1] + text - before[0], links + 1
        if tag in _TELLING or element.keys():
            size = _Size(text - before[0], linked - before[1], links - before[2], whole)
            if reason := _reason(element, hiding, size, mains > 0):
                victims.append((element, reason))
                text, linked, links = before
        text += len(words.strip()) if (words := element.tail) else 0
    _take_out(victims, parsed)


def shown_texts(root: Any) -> Iterator[str]:
    """Texts of the page, whether or not they can be seen, without scripts, controls and other elements of no text."""
    silent = 0
    for event, element in etree.iterwalk(root, events=("start", "end")):
        quiet = element.tag in _SILENT
        if event == "start":
            silent += quiet
            if element.text and not silent:
                yield element.text
            continue
        silent -= quiet
        if element.tail and not silent:
            yield element.tail


def _reason(element: Any, hiding: set[str], size: _Size, in_main: bool) -> str:
    """Why an element is no text of the page; empty where it is one."""
    tag, (text, linked, _, whole) = element.tag, size
    if tag in ("html", "body"):
        return ""
    if tag in _SILENT:
        return "" if tag == "svg" and next(element.iterdescendants(*_PROSE), None) is not None else "silent"
    if tag in _STRUCK or _STRIKING.search(element.get("style", "")):
        return "struck-out text"
    if _is_hidden(element, hiding) and not _is_shown_later(element, size):
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
    return "navigation" if tag in _LISTS and _is_link_list(size) else ""


def _is_link_list(size: _Size) -> bool:
    """A list of little but links, of which most are short, leads elsewhere."""
    return size.text > 0 and size.linked >= 0.8 * size.text and size.links >= 4 and size.linked / size.links <= 12


def _is_hidden(element: Any, hiding: set[str]) -> bool:
    if element.get("hidden") is not None or element.get("aria-hidden") == "true":
        return True
    if _HIDDEN.search(element.get("style", "")):
        return True
    names = {f".{name}" for name in element.get("class", "").split()} | {f"#{element.get('id', '')}"}
    return bool(names & hiding)


def _is_shown_later(element: Any, size: _Size) -> bool:
    """What a script shows once the page is loaded: an article by its known name, or what holds most of the text."""
    if element.get("id", "") in _MAIN_IDS:
        return size.text > 0
    removed = element.get("hidden") is not None or _REMOVED.search(element.get("style", "")) is not None
    return not removed and size.text >= _SHOWN_SHARE * size.whole


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
    """Empty the elements; each stays, so that the words behind it need not be moved."""
    dropped: dict[str, list[str]] = {}
    for element, reason in victims:
        if reason != "silent":
            dropped.setdefault(reason, []).append(" ".join(" ".join(element.itertext()).split()))
        element.clear(keep_tail=True)
        element.tag = _EMPTIED
    for reason, texts in dropped.items():
        parsed.drop(reason, texts)


def main_of(root: Any, parsed: Parsed) -> Any:
    """The element that holds the page's text: its main or only article where that holds most, else the body."""
    body = next(root.iter("body"), root)
    whole, candidates = _sized(body)
    size, _, best = max(candidates, key=lambda one: one[:2], default=(0, 0, None))
    if best is None or size < _MAIN_SHARE * whole:
        return body
    outside = list(_outside(body, best))
    texts = [one.text or "" for one in outside if (one.text or "").strip()]
    if _title_of(best) is None and (title := next((one for one in outside if one.tag == "h1"), None)) is not None:
        title.tail = None
        best.insert(0, title)
        if best.text:
            title.tail, best.text = best.text, None
    parsed.drop("outside the main text", texts)
    return best


def _outside(body: Any, best: Any) -> Iterator[Any]:
    """The body's elements that neither hold the best one nor lie in it."""
    around = {best, *best.iterancestors()}  # holds them, so that lxml gives the same objects again
    walker = etree.iterwalk(body, events=("start",))
    for _, element in walker:
        if element is best:
            walker.skip_subtree()
        elif element not in around:
            yield element


def _title_of(element: Any) -> Any:
    return next(element.iter("h1"), None)


def _sized(body: Any) -> tuple[int, list[tuple[int, int, Any]]]:
    """How much the body says, and each element that may be marked as its main text: how much, how clearly, which."""
    size, found = 0, []
    begun: list[int] = []  # size when each candidate began that is still open
    for event, element in etree.iterwalk(body, events=("start", "end")):
        mark = _mark(element)
        if event == "start":
            if mark is not None:
                begun.append(size)
            size += len(words.strip()) if (words := element.text) else 0
            continue
        if mark is not None:
            found.append((size - begun.pop(), mark, element))
        size += len(words.strip()) if (words := element.tail) else 0
    return size, found[::-1]  # an outer one before those within it


def _mark(element: Any) -> int | None:
    """How clearly an element is marked as the main text; None where it is not."""
    tag = element.tag
    if tag in ("div", "section"):
        return _MAIN_ROLE if element.get("role") == "main" else None
    return _MARKS.get(tag)


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
