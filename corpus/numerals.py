"""Numerals, units and dates in one spelling: 一百万 and 100万 become 1000000, ㎡ becomes 平方米.

Works on characters that are already folded (simplified, half width, lower case) and
returns edits, so that the caller keeps the way back to the author's characters. What is
not clearly a number is left alone: codes, phone numbers, versions, 统一, 三墩, 百度, 几十.
"""

import re
from collections.abc import Callable
from typing import Final, NamedTuple

LONGEST_NUMBER: Final = 30  # digits; what is longer is an identifier, not a number


class Edit(NamedTuple):
    """text[start:end] is to be read as `spelling`; half-open, code points."""

    start: int
    end: int
    spelling: str


# -- the words of the grammar

DIGITS: Final = {
    **{digit: value for value, digit in enumerate("零一二三四五六七八九")},
    **{digit: value for value, digit in enumerate("壹贰叁肆伍陆柒捌玖", start=1)},
    **{"〇": 0, "○": 0, "两": 2},
}
SMALL_PLACES: Final = {"十": 10, "百": 100, "千": 1000, "拾": 10, "佰": 100, "仟": 1000}
LARGE_PLACES: Final = {"万": 10**4, "亿": 10**8}
ZH: Final = "".join(DIGITS) + "".join(SMALL_PLACES) + "".join(LARGE_PLACES)
ZH_DIGIT: Final = "零〇一二三四五六七八九"

UNITS: Final = {
    **dict.fromkeys(("㎡", "m²", "m2", "m^2", "平米", "平方"), "平方米"),
    **dict.fromkeys(("㎢", "km²", "km2", "km^2", "平方千米"), "平方公里"),
    **dict.fromkeys(("㏊", "hm²", "hm2", "ha"), "公顷"),
    **dict.fromkeys(("㎥", "m³", "m3"), "立方米"),
    **dict.fromkeys(("㎞", "km", "千米"), "公里"),
    **dict.fromkeys(("rmb", "cny", "块钱"), "元"),
    "%": "%",
    "‰": "‰",
}
# what may follow a single Chinese digit so that it counts something
MEASURES: Final = (
    "个家名位户人亩栋座幢层期批次项条种类处所届年月日天周岁倍吨米级号楼套台间件款只辆艘份笔张支场块斤"
    "公里 公顷 公斤 平方 立方 小时 分钟 季度 星级 年级 美元 港元 千瓦 千克"
)
