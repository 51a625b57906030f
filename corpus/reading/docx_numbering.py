"""Automatic numbers of a Word document: what the word processor would write before a paragraph."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_PLACE = re.compile("%([1-9])")
_DIGITS = "零一二三四五六七八九"
_STEMS, _BRANCHES = "甲乙丙丁戊己庚辛壬癸", "子丑寅卯辰巳午未申酉戌亥"
_LEGAL = str.maketrans("零一二三四五六七八九十百千", "零壹贰叁肆伍陆柒捌玖拾佰仟")
_ROMAN = dict(
    zip(
        (1000, 900, 500, 400, 100, 90, 50, 40, 10, 9, 5, 4, 1),
        ["m", "cm", "d", "cd", "c", "xc", "l", "xl", "x", "ix", "v", "iv", "i"],
        strict=True,
    )
)
_HIGHEST = 9999
_CLOSED = tuple("、）)】》：:")  # behind these a label needs no blank


@dataclass(slots=True)
class _Level:
    """One level of a list: its first number, its form, what stands around it, and after which level it restarts."""

    start: int
    form: str
    text: str
    suffix: str
    restart: int
    legal: bool


@dataclass(slots=True)
class _List:
    """A list of the document: the counters that it shares with others, and its levels."""

    shared: str
    levels: dict[int, _Level]
    restarts: dict[int, int]


@dataclass(slots=True)
class Numbers:
    """Counts the numbered paragraphs of one document, in their order.

    linked  style id → list and level that the style brings along
    """

    lists: dict[str, _List]
    linked: dict[str, tuple[str, int]] = field(default_factory=dict)
    _counts: dict[str, dict[int, int]] = field(default_factory=dict)
    _restarted: set[tuple[str, int]] = field(default_factory=set)

    def label(self, properties: Any, styles: tuple[str, ...]) -> str:
        """The number of the next paragraph, with what parts it from the words; empty where it has none.

        styles  the paragraph's style and those that it is based on
        """
        place = self._place(properties, styles)
        found = self.lists.get(place[0]) if place else None
        level = found.levels.get(place[1]) if found and place else None
        if found is None or level is None or place is None:
            return ""
        counts = self._count(place[0], found, place[1])
        if level.form in ("bullet", "none") and "%" not in level.text:
            return ""
        return _written(level, counts, found.levels)

    def _place(self, properties: Any, styles: tuple[str, ...]) -> tuple[str, int] | None:
        own = properties.find(f"{_W}numPr") if properties is not None else None
        inherited = next((self.linked[style] for style in styles if style in self.linked), None)
        if own is None:
            return inherited
        number, level = _value(own, "numId"), _value(own, "ilvl")
        if not number and inherited:
            number = inherited[0]
        if number == "0":
            return None
        return number, int(level) if level.isdigit() else (inherited[1] if inherited and not level else 0)

    def _count(self, number: str, found: _List, at: int) -> dict[int, int]:
        """Go on by one at this level; levels below begin again."""
        counts = self._counts.setdefault(found.shared, {})
        if at in found.restarts and (number, at) not in self._restarted:
            self._restarted.add((number, at))
            counts[at] = found.restarts[at]
        elif at in counts:
            counts[at] += 1
        else:
            counts[at] = found.levels[at].start
        for below in [level for level in counts if level > at]:
            restart = found.levels[below].restart if below in found.levels else -1
            if restart != 0 and (restart < 0 or at < restart):
                del counts[below]
        return counts


def numbers_of(numbering: Any, styles: Any) -> Numbers:
    """The lists that a document defines; roots of its numbering and style parts, None where it has none."""
    abstract, lists = dict[str, dict[int, _Level]](), dict[str, _List]()
    linked: dict[str, tuple[str, int]] = {}
    for one in numbering.iterfind(f"{_W}abstractNum") if numbering is not None else ():
        abstract[str(one.get(f"{_W}abstractNumId"))] = dict(map(_level, one.iterfind(f"{_W}lvl")))
    for one in numbering.iterfind(f"{_W}num") if numbering is not None else ():
        number, shared = str(one.get(f"{_W}numId")), _value(one, "abstractNumId")
        levels, restarts = dict(abstract.get(shared, {})), dict[int, int]()
        for override in one.iterfind(f"{_W}lvlOverride"):
            at = _number(override.get(f"{_W}ilvl"), 0)
            levels |= dict(map(_level, override.iterfind(f"{_W}lvl")))
            if start := _value(override, "startOverride"):
                restarts[at] = _number(start, 1)
        lists[number] = _List(shared, levels, restarts)
    for style in styles.iterfind(f"{_W}style") if styles is not None else ():
        if number := _value(style, f"pPr/{_W}numPr/{_W}numId"):
            level = _number(_value(style, f"pPr/{_W}numPr/{_W}ilvl"), 0)
            linked[str(style.get(f"{_W}styleId"))] = (number, level)
    return Numbers(lists, linked)


def _level(one: Any) -> tuple[int, _Level]:
    return _number(one.get(f"{_W}ilvl"), 0), _Level(
        start=_number(_value(one, "start"), 1),
        form=_value(one, "numFmt") or "decimal",
        text=_value(one, "lvlText"),
        suffix={"nothing": "", "space": " "}.get(_value(one, "suff"), " "),
        restart=_number(_value(one, "lvlRestart"), -1),
        legal=one.find(f"{_W}isLgl") is not None and _value(one, "isLgl") not in ("0", "false"),
    )


def _written(level: _Level, counts: Mapping[int, int], levels: Mapping[int, _Level]) -> str:
    def figure(found: re.Match[str]) -> str:
        at = int(found[1]) - 1
        of = levels.get(at)
        number = counts.get(at, of.start if of else 1)
        return str(number) if level.legal or of is None else counted(number, of.form)

    label = _PLACE.sub(figure, level.text).strip()
    return label + ("" if label.endswith(_CLOSED) else level.suffix) if label else ""


def counted(number: int, form: str) -> str:
    """A number in one of Word's forms; in digits where the form is unknown or the number beyond it."""
    if not 0 < number <= _HIGHEST:
        return str(number)
    return _FORMS.get(form, str)(number)


def chinese(number: int) -> str:
    """一, 十, 十一, 二十, 一百零一, 一千二百: as articles are counted."""
    if number < 20:
        return ("" if number < 10 else "十") + (_DIGITS[number % 10] if number % 10 else "")
    written, gap = "", False
    for place, unit in ((1000, "千"), (100, "百"), (10, "十"), (1, "")):
        digit = number // place % 10
        if digit:
            written += ("零" if gap and written else "") + _DIGITS[digit] + unit
        gap = not digit and bool(written)
    return written


def _roman(number: int) -> str:
    written = ""
    for value, letters in _ROMAN.items():
        written += letters * (number // value)
        number %= value
    return written


def _letters(number: int) -> str:
    return chr(ord("a") + (number - 1) % 26) * ((number - 1) // 26 + 1)


def _within(signs: str, number: int) -> str:
    return signs[(number - 1) % len(signs)]


_FORMS: dict[str, Callable[[int], str]] = {
    **dict.fromkeys(("chineseCounting", "chineseCountingThousand", "japaneseCounting", "koreanCounting"), chinese),
    **dict.fromkeys(("taiwaneseCounting", "taiwaneseCountingThousand"), chinese),
    **dict.fromkeys(
        ("ideographDigital", "japaneseDigitalTenThousand", "taiwaneseDigital"),
        lambda number: "".join("〇一二三四五六七八九"[int(digit)] for digit in str(number)),
    ),
    **dict.fromkeys(
        ("chineseLegalSimplified", "ideographLegalTraditional"), lambda number: chinese(number).translate(_LEGAL)
    ),
    "ideographTraditional": lambda number: _within(_STEMS, number),
    "ideographZodiac": lambda number: _within(_BRANCHES, number),
    "lowerRoman": _roman,
    "upperRoman": lambda number: _roman(number).upper(),
    "lowerLetter": _letters,
    "upperLetter": lambda number: _letters(number).upper(),
    "decimalZero": lambda number: f"{number:02}",
    "decimalFullWidth": lambda number: "".join(chr(ord(digit) + 0xFEE0) for digit in str(number)),
    **dict.fromkeys(
        ("decimalEnclosedCircle", "decimalEnclosedCircleChinese"),
        lambda number: chr(ord("①") + number - 1) if number <= 20 else str(number),
    ),
    "decimalEnclosedParen": lambda number: f"({number})",
    "decimalEnclosedFullstop": lambda number: f"{number}.",
    "none": lambda number: "",
}


def _number(text: str | None, otherwise: int) -> int:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 6 else otherwise


def _value(parent: Any, path: str) -> str:
    found = parent.find(f"{_W}{path}") if parent is not None else None
    return str(found.get(f"{_W}val", "")) if found is not None else ""
