"""Reading one numeral: 一百二十, 1亿2000万, 1.5万 and 二〇二一 in plain decimal digits.

Whole numbers and moved decimal points only, no floats. What has no one value is refused
instead of guessed; whether a numeral is a number at all in its sentence is decided in
corpus.spelling.
"""

import re
from typing import Final

LONGEST_NUMBER: Final = 30  # digits; what is longer names something, it does not count
NUMERALS: Final = "零〇○一二两三四五六七八九十百千万亿壹贰叁肆伍陆柒捌玖拾佰仟"

PLAIN: Final = str.maketrans("〇○两壹贰叁肆伍陆柒捌玖拾佰仟", "零零二一二三四五六七八九十百千")
DIGITS: Final = str.maketrans("零一二三四五六七八九", "0123456789")
ZEROS: Final = {"百": 2, "千": 3, "万": 4, "亿": 8}
LONE: Final = {"十": "10", "拾": "10"} | {
    digit: digit.translate(PLAIN).translate(DIGITS) for digit in "一二两三四五六七八九壹贰叁肆伍陆柒捌玖0123456789"
}
SECTION: Final = re.compile(
    "(?:([1-9一二三四五六七八九])千)?(?:零?([1-9一二三四五六七八九])百)?"
    "(?:零?([1-9一二三四五六七八九])?(十))?(?:(零)?([一二三四五六七八九]))?"
)


def read(numeral: str) -> str | None:
    """Spell one numeral in plain decimal digits.

    numeral  Chinese, Arabic or mixed: 1,000 and 6000亿 and 1亿2000万 and 两千三百 and 一万零五
    returns  digits without grouping; None for what has no one value (三四十, 三百五, 百万)
             and for more than LONGEST_NUMBER digits
    """
    if len(numeral) == 1 or len(numeral) > 2 * LONGEST_NUMBER:
        return LONE.get(numeral)
    plain = numeral.translate(PLAIN).replace(",", "")
    whole, point, rest = plain.partition(".")
    value = _decimal(whole, rest) if point else _integer(plain)
    return None if value is None or len(str(value)) > LONGEST_NUMBER else str(value)


def read_serial(numeral: str, year: bool) -> str | None:
    """Spell digits that are read one by one: 二〇二一(年), 三二〇(国道).

    year     whether 年 follows, so that four digits need no zero
    returns  as many digits; None for 一二三(产业), 五一 and everything with 十, 百, 千, 万, 亿
    """
    digits = numeral.translate(PLAIN).translate(DIGITS)
    if not (digits.isascii() and 3 <= len(digits) <= LONGEST_NUMBER) or digits[0] == "0":
        return None
    dated = len(digits) == 4 and (year or digits[:2] in ("19", "20"))
    return digits if dated or "0" in digits else None


def read_fraction(whole: str, fraction: str, places: str) -> str | None:
    """Spell 三点五 from its parts; places is what follows: 三点五万."""
    integer = "0" if whole in ("零", "〇") else read(whole)
    return integer and read(f"{integer}.{fraction.translate(PLAIN).translate(DIGITS)}{places}")


def _decimal(whole: str, rest: str) -> str | None:
    """1.5万 is 15000 and 1.23456万 is 12345.6: the point moves, nothing is rounded."""
    places = rest.lstrip("0123456789")
    fraction = rest[: len(rest) - len(places)].rstrip("0")
    if places.strip("百千万亿"):
        return None
    moved = sum(ZEROS[place] for place in places)
    shifted = int(whole + fraction[:moved].ljust(moved, "0"))
    return f"{shifted}.{fraction[moved:]}" if fraction[moved:] else str(shifted)


def _integer(numeral: str) -> int | None:
    """What stands before the last 亿, times 亿, and what comes after it; the same with 万."""
    for place, size in (("亿", 10**8), ("万", 10**4)):
        above, found, below = numeral.rpartition(place)
        if found:
            high, low = _integer(above), _remainder(below, size)
            return None if place in above or not high or low is None else high * size + low
    return int(numeral) if numeral.isascii() and numeral else _section(numeral)


def _remainder(numeral: str, size: int) -> int | None:
    """What follows 万 or 亿; a lone digit is refused there: 一万五 may be 15000 or 10005."""
    if not numeral:
        return 0
    if numeral.isascii():
        return int(numeral) if len(numeral) == 4 and size == 10**4 else None
    value = _integer(numeral.removeprefix("零"))
    return value if value is not None and value < size and len(numeral) > 1 else None


def _section(numeral: str) -> int | None:
    """A Chinese numeral below 万; 三百五 is refused: it may be 350 or 305."""
    found = SECTION.fullmatch(numeral)
    if found is None or not numeral:
        return None
    thousands, hundreds, tens, ten, gap, ones = found.groups()
    if ones and not gap and not ten and (thousands or hundreds):
        return None
    digits = (thousands, hundreds, tens or (ten and "一"), ones)
    return int("".join(digit or "零" for digit in digits).translate(DIGITS))
