"""Values of a workbook's cells as a person sees them: numbers, percentages, dates, and strings of runs."""

import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cache
from typing import Any

from openpyxl.styles.numbers import BUILTIN_FORMATS, is_date_format, is_timedelta_format
from openpyxl.utils.datetime import CALENDAR_MAC_1904, CALENDAR_WINDOWS_1900, from_excel, from_ISO8601

from corpus.reading.bounded import ParserFailed

_FURTHEST_COLUMN = 16_384  # that the format knows
_PERCENT = re.compile(r"0(?:\.(0+))?%")
_ESCAPED = re.compile("_x([0-9A-Fa-f]{4})_")


@dataclass(frozen=True, slots=True)
class Form:
    """How the numbers of a style are shown. places  decimals of a percentage, None for no percentage."""

    dated: bool = False
    lasting: bool = False
    places: int | None = None


def forms_of(styles: Any) -> list[Form]:
    """The form of each cell style, in the order in which cells number them."""
    if styles is None:
        return []
    codes = {int(one.get("numFmtId", 0)): str(one.get("formatCode", "")) for one in styles.iterfind("{*}numFmts/*")}
    forms = []
    for style in styles.iterfind("{*}cellXfs/*"):
        number = int(style.get("numFmtId", 0))
        code = codes.get(number) or BUILTIN_FORMATS.get(number, "General")
        percent = _PERCENT.fullmatch(code)
        places = len(percent[1] or "") if percent else None
        forms.append(Form(bool(is_date_format(code)), bool(is_timedelta_format(code)), places))
    return forms


def number_as_shown(said: str, form: Form, old: bool) -> str:
    """What a cell of numbers shows. old  days are counted from 1904."""
    if form.dated:
        epoch = CALENDAR_MAC_1904 if old else CALENDAR_WINDOWS_1900
        try:
            return _moment(from_excel(float(said), epoch, timedelta=form.lasting))
        except (OverflowError, ValueError):
            return "#VALUE!"
    if form.places is not None:
        return f"{float(said) * 100:.{form.places}f}%"
    if said.isdigit():
        return said
    value = float(said)
    return f"{value:.15g}" if abs(value) < 1e15 else f"{value:.0f}"


def day_of(said: str) -> str:
    """A day or time that is written as ISO 8601 has it."""
    return _moment(from_ISO8601(said))


def words_of(element: Any) -> str:
    """A string of runs, without the readings (ruby) that stand beside them."""
    if len(element) == 1:
        return unescaped(element[0].text or "") or "".join(map(unescaped, element[0].itertext("{*}t")))
    spoken = (child for child in element if not child.tag.endswith(("}rPh", "}phoneticPr")))
    return "".join(unescaped(text) for child in spoken for text in child.itertext("{*}t"))


def unescaped(text: str) -> str:
    """The text that stands for itself: _x000D_ is how the format writes a carriage return."""
    if "_x" in text:
        text = _ESCAPED.sub(lambda code: chr(int(code[1], 16)), text)
    return text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text


@cache
def column_of(letters: str) -> int:
    """Counted from 0.  raises  ParserFailed for letters that name no column"""
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    if not 0 < number <= _FURTHEST_COLUMN:
        raise ParserFailed("it is damaged (a cell lies in no column)")
    return number - 1


def _moment(value: datetime | date | time | timedelta) -> str:
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time() else value.isoformat(" ", "minutes")
    return str(value) if isinstance(value, timedelta) else value.isoformat()
