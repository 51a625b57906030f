"""Styles of a Word document: heading levels, looks, and which are contents or hidden, with what each inherits."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_HEADING = re.compile(r"(?:heading|标题|標題)\s*([1-9])", re.I)
_CONTENTS = re.compile(r"(?:toc|目录|目錄)\s*\d", re.I)
_USUAL_SIZE = 21.0  # half points


@dataclass(slots=True)
class Styles:
    """What the styles say, by style id.

    levels    heading level; 0 for a title
    contents  styles of a table of contents
    hidden    styles of hidden text
    based     the style that each is based on
    size      of letters that no style gives one, in half points
    """

    levels: dict[str, int] = field(default_factory=dict)
    contents: set[str] = field(default_factory=set)
    hidden: set[str] = field(default_factory=set)
    based: dict[str, str] = field(default_factory=dict)
    bold: dict[str, bool] = field(default_factory=dict)
    sizes: dict[str, float] = field(default_factory=dict)
    size: float = _USUAL_SIZE
    usual: str = ""

    def chain(self, style: str) -> tuple[str, ...]:
        """The style, and those that it is based on; without one the paragraph has the usual one."""
        found: dict[str, None] = {}
        style = style or self.usual
        while style and style not in found:
            found[style] = None
            style = self.based.get(style, "")
        return tuple(found)

    def looks(self, styles: tuple[str, ...]) -> tuple[bool, float]:
        """Whether text of these styles is bold, the first that says so deciding, and its size."""
        bold = next((self.bold[style] for style in styles if style in self.bold), False)
        return bold, next((self.sizes[style] for style in styles if style in self.sizes), self.size)


def styles_of(root: Any) -> Styles:
    """Read the part with the styles; None gives empty ones."""
    found = Styles()
    for style in root.iterfind(f"{_W}style") if root is not None else ():
        _take(style, found)
    for key in found.based:
        _inherit(key, found.based, found.levels)
    default = root.find(f"{_W}docDefaults/{_W}rPrDefault/{_W}rPr/{_W}sz") if root is not None else None
    if default is not None:
        found.size = _size(str(default.get(f"{_W}val", "")), found.size)
    return found


def _take(style: Any, found: Styles) -> None:
    key, name = str(style.get(f"{_W}styleId")), _value(style, "name")
    found.based[key] = _value(style, "basedOn")
    outline = _value(style, f"pPr/{_W}outlineLvl")
    if match := _HEADING.fullmatch(name):
        found.levels[key] = int(match[1])
    elif name.lower() in ("title", "标题", "標題"):
        found.levels[key] = 0
    elif outline.isdigit() and int(outline) < 9:
        found.levels[key] = int(outline) + 1
    if _CONTENTS.fullmatch(name):
        found.contents.add(key)
    if is_on(style.find(f"{_W}rPr/{_W}vanish")):
        found.hidden.add(key)
    if (bold := style.find(f"{_W}rPr/{_W}b")) is not None:
        found.bold[key] = is_on(bold)
    if size := _size(_value(style, f"rPr/{_W}sz"), 0.0):
        found.sizes[key] = size
    if style.get(f"{_W}default") in ("1", "true") and style.get(f"{_W}type") == "paragraph":
        found.usual = key


def _inherit(key: str, based: Mapping[str, str], levels: dict[str, int]) -> None:
    """A style without a level of its own has that of the style it is based on."""
    seen, ancestor = {key}, based[key]
    while key not in levels and ancestor in based and ancestor not in seen:
        if ancestor in levels:
            levels[key] = levels[ancestor]
        seen.add(ancestor)
        ancestor = based[ancestor]


def looks_of(paragraph: Any, styles: Styles, chain: tuple[str, ...]) -> tuple[float, bool]:
    """Size of most of a paragraph's letters, and whether all of them are bold."""
    bold, size = styles.looks(chain)
    letters: dict[float, int] = {}
    all_bold = True
    for words, run in _runs(paragraph):
        own = styles.chain(_value(run, "rStyle")) if run is not None and _value(run, "rStyle") else ()
        run_bold, run_size = styles.looks((*own, *chain)) if own else (bold, size)
        if run is not None and (said := run.find(f"{_W}b")) is not None:
            run_bold = is_on(said)
        run_size = _size(_value(run, "sz"), run_size)
        letters[run_size] = letters.get(run_size, 0) + len(words)
        all_bold = all_bold and run_bold
    return max(letters, key=lambda one: letters[one], default=size), all_bold and bool(letters)


def _runs(paragraph: Any) -> Iterator[tuple[str, Any]]:
    """Words of each run that shows any, and the run's properties."""
    for run in paragraph.iter(f"{_W}r"):
        if words := "".join(one.text or "" for one in run.iterchildren(f"{_W}t")).strip():
            yield words, run.find(f"{_W}rPr")


def is_on(toggle: Any) -> bool:
    """Whether a toggle such as w:b is there and not switched off."""
    return toggle is not None and toggle.get(f"{_W}val") not in ("0", "false", "off")


def _size(said: str, otherwise: float) -> float:
    return float(said) if said.isascii() and said.isdigit() and 0 < len(said) < 5 else otherwise


def _value(parent: Any, path: str) -> str:
    found = parent.find(f"{_W}{path}") if parent is not None else None
    return str(found.get(f"{_W}val", "")) if found is not None else ""
