"""What a single cell says: a number, a year, a period, a day, a quantity, a code, a name of something, a note."""

import re
from collections.abc import Sequence
from functools import lru_cache

from corpus.reading.tables.units import UNIT

NONE, NUMBER, QUANTITY, YEAR, PERIOD, DAY, CODE, TEXT = range(8)

_NONE = re.compile(r"[-—–―/／\\…*·]+|无|N/?A|n/?a|不详|暂无|空")
_DIGITS = r"[-+−]?\(?[¥￥$€£]?\s*\d[\d,，]*(?:\.\d+)?(?:[eE][-+]?\d+)?\)?"
_NUMBER = re.compile(rf"{_DIGITS}\s*[%％‰]?")
_QUANTITY = re.compile(
    rf"(?:约|近|超|≥|≤|<|>|＜|＞)?{_DIGITS}(?:[-—–~～至到]{_DIGITS})?\s*(?:{UNIT})(?:以上|以下|左右|以内)?"
)
_YEAR = re.compile(r"(?:19|20)\d\d")
_MONTH = r"(?:0?[1-9]|1[0-2])"
_SPAN = r"[-—–~～至到]"
_PERIOD = re.compile(
    rf"(?:19|20)\d\d年?(?:度|末|底|初|财年)?(?:{_SPAN}(?:19|20)\d\d年?)?"
    rf"|(?:(?:19|20)\d\d年?)?(?:{_MONTH}月?{_SPAN})?{_MONTH}月(?:份|末|底)?"
    r"|(?:(?:19|20)\d\d年?)?(?:第?[一二三四1-4]季度?|Q[1-4]|[上下]半年|前[一二三]季度|全年)"
    rf"|(?:19|20)\d\d[-./年]{_MONTH}月?"
    r"|(?:本|上|去|今|当|前|近[一二三]|本报告)(?:年|期|月|年度|季度)(?:同期)?|同期|期[初末]|年[初末]"
    r"|(?:星期|周|礼拜)[一二三四五六日天]"
)
_DAY = re.compile(
    r"\d{4}[-/.年]\d{1,2}[-/.月]\d{1,2}日?(?:[ T]?\d{1,2}:\d{2}(?::\d{2})?)?"
    r"|\d{1,2}月\d{1,2}日|\d{1,2}[:：]\d{2}(?:[:：]\d{2})?(?:[-—–~～至]\d{1,2}[:：]\d{2})?"
)
_CODE = re.compile(r"[A-Za-z]{0,6}[-_#]?\d[\dA-Za-z_-]{3,}|[+\d][\d -]{6,}|[^@\s]+@[^@\s]+|https?://\S+")
_NO_DIGITS = str.maketrans("", "", "0123456789.,，-—–~～至到 ")
_NOTE = re.compile(r"(?:备?注|说明|附注|资料来源|数据来源|来源|填表说明)\s*\d*\s*[:：.．、]|[※*＊]")
_PROSE = frozenset("。；！？!?;")


@lru_cache(maxsize=50_000)
def kind_of(text: str) -> int:
    """Which of the kinds above a cell's text is."""
    if len(text) > 40:
        return TEXT
    if _YEAR.fullmatch(text):
        return YEAR
    for kind, form in ((NONE, _NONE), (NUMBER, _NUMBER), (PERIOD, _PERIOD), (DAY, _DAY), (QUANTITY, _QUANTITY)):
        if form.fullmatch(text):
            return kind
    return CODE if _CODE.fullmatch(text) else TEXT


def unit_of(text: str) -> str:
    """What stands behind the digits of a quantity."""
    return text.rstrip("以上下内左右").lstrip("约近超≥≤<>＜＞").translate(_NO_DIGITS)


def is_year(text: str) -> bool:
    """A bare year, 1900 to 2099."""
    return len(text) == 4 and _YEAR.fullmatch(text) is not None


def is_period(text: str) -> bool:
    return kind_of(text) in (YEAR, PERIOD)


def is_number(text: str) -> bool:
    """A number, perhaps a share, without any word; a bare year is one too."""
    return _NUMBER.fullmatch(text) is not None


def is_note(text: str) -> bool:
    """A line that speaks about the table: 注：…, 数据来源：…"""
    return _NOTE.match(text) is not None


def is_prose(text: str) -> bool:
    return not _PROSE.isdisjoint(text) or len(text) > 60


def numbers_columns(row: Sequence[str]) -> bool:
    """A row that only numbers the columns: 甲, 1, 2, 3."""
    numbers = [text for text in row[1:] if text]
    begun = 2 if row[:1] == ["1"] else 1
    opens = row[:1] in ([""], ["甲"], ["栏次"], ["行次"], ["1"])
    return opens and len(numbers) > 2 and numbers == [str(number + begun) for number in range(len(numbers))]
