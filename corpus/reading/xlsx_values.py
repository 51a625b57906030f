"""Values of a workbook's cells as a person sees them: numbers, percentages, dates, and strings of runs."""

import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from functools import cache
from typing import Any

from openpyxl.styles.numbers import BUILTIN_FORMATS, is_date_format, is_timedelta_format
from openpyxl.utils.datetime import CALENDAR_MAC_1904, CALENDAR_WINDOWS_1900, from_excel, from_ISO8601

from corpus.reading.bounded import ParserFailed

_FURTHEST_COLUMN = 16_384  # that the format knows
_PERCENT = re.compile(r"0(?:\.(0+))?%")
_LITERAL = r"(?:\"[^\"]*\"|[一-鿿㎡℃¥￥$€]|\\.|_.|\*.)*"
_PLAIN = re.compile(rf"({_LITERAL})(?:#,##0|#,##|0)(?:\.(0+))?({_LITERAL})")
_LOCALE = re.compile(r"\[\$([^-\]]*)(?:-[^\]]*)?\]|\[[A-Za-z]+\d*\]")
_UNSEEN = re.compile(r"[_*].")
_ESCAPED = re.compile("_x([0-9A-Fa-f]{4})_")


@dataclass(frozen=True, slots=True)
class Form:
    """How the numbers of a style are shown.

    places         decimals of a percentage, None for no percentage
    decimals       of other numbers, None where as many as they have are shown
    before, after  words around the number
    until          the last part of a day that is shown: 年, 月 or all of it; spoken  as 2025年6月
    """

    dated: bool = False
    lasting: bool = False
    places: int | None = None
    decimals: int | None = None
    before: str = ""
    after: str = ""
    until: str = ""
    spoken: bool = False


def forms_of(styles: Any) -> list[Form]:
    """The form of each cell style, in the order in which cells number them."""
    if styles is None:
        return []
    codes = {int(one.get("numFmtId", 0)): str(one.get("formatCode", "")) for one in styles.iterfind("{*}numFmts/*")}
    forms = []
    for style in styles.iterfind("{*}cellXfs/*"):
        number = int(style.get("numFmtId", 0))
        code = codes.get(number) or BUILTIN_FORMATS.get(number, "General")
        forms.append(_form_of(code))
    return forms


def bold_styles(styles: Any) -> frozenset[int]:
    """The cell styles whose font is bold."""
    if styles is None:
        return frozenset()
    bold = [_is_bold(font) for font in styles.iterfind("{*}fonts/*")]
    fonts = [str(style.get("fontId", "")) for style in styles.iterfind("{*}cellXfs/*")]
    return frozenset(
        at for at, font in enumerate(fonts) if font.isdigit() and int(font) < len(bold) and bold[int(font)]
    )


def _is_bold(font: Any) -> bool:
    return any(one.get("val", "1") not in ("0", "false") for one in font.iterfind("{*}b"))


def _form_of(code: str) -> Form:
    """The form that a code such as 0.00"亩" or yyyy"年"m"月" tells; of several sections the first counts."""
    if is_date_format(code):
        bare = re.sub(r"[\"\\@]", "", _LOCALE.sub("", code.split(";")[0])).lower()
        whole = "d" in bare or "h" in bare or "y" not in bare
        until = "" if whole else "月" if "m" in bare else "年"
        return Form(True, bool(is_timedelta_format(code)), until=until, spoken="年" in bare)
    if percent := _PERCENT.fullmatch(code):
        return Form(places=len(percent[1] or ""))
    plain = _PLAIN.fullmatch(_LOCALE.sub(lambda found: f'"{found[1]}"' if found[1] else "", code.split(";")[0]))
    if plain is None:
        return Form()
    before, after = (re.sub(r"[\"\\]", "", _UNSEEN.sub("", literal)) for literal in plain.group(1, 3))
    return Form(decimals=len(plain[2] or ""), before=before.strip(), after=after.strip())


def number_as_shown(said: str, form: Form, old: bool) -> str:
    """What a cell of numbers shows. old  days are counted from 1904."""
    if form.dated:
        epoch = CALENDAR_MAC_1904 if old else CALENDAR_WINDOWS_1900
        try:
            return _as_told(from_excel(float(said), epoch, timedelta=form.lasting), form)
        except (OverflowError, ValueError):
            return "#VALUE!"
    if form.places is not None:
        return f"{float(said) * 100:.{form.places}f}%"
    if form.decimals is not None:
        shown = said if said.isdigit() and not form.decimals else _rounded(said, form.decimals)
        return f"{form.before}{shown}{form.after}"
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


def _rounded(said: str, decimals: int) -> str:
    """A number with so many decimals, halves away from zero, as spreadsheets show it."""
    value = Decimal(f"{float(said):.15g}")
    try:
        return f"{value.quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP):f}"
    except InvalidOperation:
        return f"{value:f}"  # too large for its decimals to matter


def _as_told(value: datetime | date | time | timedelta, form: Form) -> str:
    if not isinstance(value, date) or not (form.until or form.spoken):
        return _moment(value)
    if form.until == "年":
        return f"{value.year}年"
    if not form.spoken:
        return f"{value.year}-{value.month:02d}"
    return f"{value.year}年{value.month}月" + ("" if form.until else f"{value.day}日")


def _moment(value: datetime | date | time | timedelta) -> str:
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time() else value.isoformat(" ", "minutes")
    return str(value) if isinstance(value, timedelta) else value.isoformat()
