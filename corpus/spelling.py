"""One spelling for numbers, units and dates: 一百万 and 100万 become 1000000, ㎡ becomes 平方米.

Reads characters that are already folded (simplified, half width, lower case) and returns
edits, so that the caller keeps the way back to the author's characters. What is not
clearly a number is left alone: codes, phone numbers, versions, 统一, 三墩, 百度, 几十.
"""

import re
from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Final, NamedTuple

from corpus.numerals import LONGEST_NUMBER, NUMERALS, read, read_fraction, read_serial


class Edit(NamedTuple):
    """text[start:end] is to be read as `spelling`; half-open, code points."""

    start: int
    end: int
    spelling: str


LATIN_UNITS: Final = {
    **dict.fromkeys(("m²", "m2", "m^2"), "平方米"),
    **dict.fromkeys(("km²", "km2", "km^2"), "平方公里"),
    **dict.fromkeys(("hm²", "hm2", "ha"), "公顷"),
    **dict.fromkeys(("m³", "m3"), "立方米"),
    **dict.fromkeys(("rmb", "cny"), "元"),
    "km": "公里",
}
CHINESE_UNITS: Final = {
    **dict.fromkeys(("㎡", "平米", "平方"), "平方米"),
    **dict.fromkeys(("㎢", "平方千米"), "平方公里"),
    **dict.fromkeys(("㎞", "千米"), "公里"),
    **{"㏊": "公顷", "㎥": "立方米", "块钱": "元", "%": "%", "‰": "‰"},
}
UNITS: Final = LATIN_UNITS | CHINESE_UNITS
# What a single Chinese digit can count; 大, 块 and 元 have a rule of their own in SINGLE.
MEASURE: Final = (
    "公里|公顷|公斤|平方|立方|小时|分钟|季度|星级|美元|港元|千瓦|千克|千伏"
    "|[个家名位户人亩栋座幢层期批次项条种类处所届年月日天周岁倍吨米级号楼套台间件款只辆艘份笔张支场斤]"
)
# What begins like a count and is a name, an idiom, or something secondary.
PHRASE: Final = (
    "三位一体|五台山|三台县|五家渠|七台河|五大连池|四大皆空|五大三粗|一条龙|一次性|[一二]级市场|一家人|二次"
    "|四周(?![岁年后内前])"
)
# 80.10亩 is 80.1亩; 2.0版 and 3.10 stay.
DIVISIBLE: Final = "公里|公顷|公斤|平方|立方|小时|分钟|美元|港元|[亩倍吨米斤人个家元克千万亿]"

# Patterns never go back (++, *+, ?+), so that no text makes them slow. Only single characters are possessive: with
# a group Python before 3.11.5 loses its place (CPython issue 106052), so «(?:x)?+» is written «(?:x|(?!x))».
_NUMBER: Final = r"(?:(?<![0-9],)[0-9]{1,3}(?:,[0-9]{3})+(?![0-9]|,[0-9])|[0-9]++)(?:\.[0-9]++|(?!\.[0-9]))"
_SQUARE: Final = "平方(?![米公千厘分毫英码百根差和数])"
_UNIT: Final = (
    f"(?:{'|'.join(re.escape(unit) for unit in sorted(LATIN_UNITS, key=len, reverse=True))})(?![0-9a-z_²³])"
    f"|{'|'.join(unit for unit in CHINESE_UNITS if unit != '平方')}|{_SQUARE}"
)
# What no rule changes is passed over inside the pattern: other characters, codes (a1234), 5 before 家, 三 before 墩.
_STARTS: Final = f"{NUMERALS}0-9a-z_¥㎡㎢㏊㎥㎞平"
_COUNTED: Final = "".join(sorted(set(MEASURE).union(*UNITS, "大元余多几来至到") - set("[|]")))
PASSED: Final = re.compile(  # nothing follows the repeated group, so that it never goes back either
    rf"(?:[^{_STARTS}]++|(?!(?:rmb|cny) ?+[0-9]|[kh]?m²|m³)[a-z_][0-9a-z_]*+(?:[.:/-][0-9a-z_]++)*"
    r"|(?!0[0-9]|(?:19|20)[0-9]{2}\.)[0-9]++(?:\.[0-9]++(?<!0)|(?!\.[0-9]++(?<!0)))"
    r"(?![0-9a-z_.,:/~至到百千万亿余多几㎡㎢㏊㎥㎞块-]| [a-z%‰]|平(?!方公里|方米))"
    rf"|(?<!第)[零〇一二两三四五六七八九十](?![{NUMERALS}点分{_COUNTED}])|[百千万亿](?![{NUMERALS}分])"
    "|平(?:方公里|方米|(?![方米]))){1,1000}"
)
TOKEN: Final = re.compile(
    rf"(?:(?P<share>[百千]分之)|(?P<run>[{NUMERALS}]++)|(?P<sign>¥ ?+|(?:rmb|cny) ?+(?=[0-9]))"
    rf"|(?P<unit>[㎡㎢㏊㎥㎞]|平方千米|(?<![太水])平米|(?<=[少几每多余万亿]){_SQUARE}|[kh]?m²|m³)"
    r"|(?P<word>[0-9a-z_]++(?:[.:/-][0-9a-z_]++)*)|(?P<other>平))"
)
NUMBER: Final = re.compile(_NUMBER)
RUN: Final = re.compile(f"[{NUMERALS}]++")
PLACES: Final = re.compile(rf"[百千万亿](?:[{NUMERALS}]|[0-9]++)*")  # what may go on after Arabic digits
RANGE: Final = re.compile(rf"({_NUMBER})([~至到-])({_NUMBER})([万亿]++)(?![0-9])")
JOINED: Final = re.compile(r"[0-9a-z_]|[.:/-][0-9a-z_]")  # after Arabic digits: they are part of a code
DIGITS_FOLLOW: Final = re.compile(r"[.:/-]?[0-9]|,[0-9]{3}(?![0-9])")  # these would run together with a new number
RUNS_ON: Final = re.compile(r"[0-9a-z_][.,:/-]?\Z")  # before a new number: so would these
SIGNED: Final = re.compile(r"(?:¥|rmb|cny) ?\Z")
UNIT: Final = re.compile(rf"([余多几]?+[万亿]*+) ?+({_UNIT})")
COUNTS: Final = re.compile(f"{_UNIT}|[余多几大块元万亿百千]|{MEASURE}")
FRACTION: Final = re.compile(f" ?+(?:{_UNIT})|{DIVISIBLE}")
DATE: Final = re.compile(r"((?:19|20)[0-9]{2})([-/.])(0?[1-9]|1[0-2])\2(0?[1-9]|[12][0-9]|3[01])")
MONTH: Final = re.compile(r"((?:19|20)[0-9]{2})[-.](0[1-9]|1[0-2])")
POINT: Final = re.compile(rf"点([零〇○一二三四五六七八九]{{1,10}}+)([万亿]*+)(?![{NUMERALS}分刻半钟时点])")
SINGLE: Final = re.compile(
    rf"(?<!之)(?!(?<=[统唯单同逐专划独不其任另新某每这那哪])一|(?<=[上下])一[级届年次个代期]|(?<=[几数])十|{PHRASE})"
    rf"(?:[一二两三四五六七八九十](?:[至到][二三四五六七八九十]|(?![至到][二三四五六七八九十]))(?:{MEASURE}|{_UNIT})"
    rf"|[二两三四五六七八九十][大块]|[四五六七八九十]元|十[余多几来])"
)
ORDINAL: Final = re.compile("[一二三四五六七八九十](?!方|时间|线|手|者|产业|课堂|书记|人称)")
NAMES: Final = re.compile("万(?:科(?![研技学创普员])|向|达(?![到标])|象|华)|百(?:货|度|合)|千(?:岛|禧)|佰伴")
IDEOGRAPH: Final = re.compile("[\u3400-\u9fff\uf900-\ufaff\U00020000-\U000323af]")
CHINESE: Final = re.compile("[\u2e80-\u9fff\uf900-\ufaff\U00020000-\U000323af]")


def rewrites(text: str) -> list[Edit]:
    """Find everything in the text that has another spelling in the key.

    text     folded characters, white space already removed beside Chinese
    returns  edits in order, not overlapping, each one a change
    cost     linear: every character is read a bounded number of times
    """
    edits: list[Edit] = []
    position = 0
    while (token := _next_token(text, position)) is not None:
        kind = token.lastgroup or "other"
        start, position = token.span(kind)
        if (edit := RULES[kind](text, start, position)) is not None:
            position = edit.end
            if edit.spelling != text[start:position]:
                edits.append(_apart(text, edit, edits))
                position = edits[-1].end
    return edits


def _next_token(text: str, position: int) -> re.Match[str] | None:
    while (passed := PASSED.match(text, position)) is not None:
        position = passed.end()
    return TOKEN.match(text, position)


def _apart(text: str, edit: Edit, before: Sequence[Edit]) -> Edit:
    """Keep new digits from running together with what stands before them: 1.三个 is «1. 3个»."""
    start, end, spelling = edit
    if CHINESE.match(spelling[-1]) and text[end : end + 1] == " ":
        end += 1
    if spelling[0].isascii() and (text[start] == "¥" or not text[start].isascii()):
        tail = text[max(0, start - 2) : start]
        if before and before[-1].end > start - 2:
            tail = (before[-1].spelling + text[before[-1].end : start])[-2:]
        if tail and tail[-1].isascii() and RUNS_ON.search(tail):
            spelling = " " + spelling
    return Edit(start, end, spelling)


def _run(text: str, start: int, end: int) -> Edit | None:
    """A run of Chinese numeral characters: number, ordinal, year, or part of a word."""
    end = _before_kilo(text, start, end)
    before, after = text[start - 1 : start], text[end : end + 1]
    if before != "第" and (decimal := _pointed(text, start, end)):
        return decimal
    if start == end or text.startswith("分之", end) or DIGITS_FOLLOW.match(text, end) or NAMES.match(text, end - 1):
        return None
    if end - start == 1:
        rule = ORDINAL if before == "第" else SINGLE
        counts = rule.match(text, start) is not None
    else:
        counts = text[start] != "十" or before not in ("几", "数")
    digits = read(text[start:end]) or read_serial(text[start:end], after == "年")
    return _counted(text, start, end, digits) if counts and digits else None


def _pointed(text: str, start: int, end: int) -> Edit | None:
    """三点五(亩) is 3.5; 三点五十, 三点五分, 两点一线 are not."""
    point = POINT.match(text, end)
    if point is None or DIGITS_FOLLOW.match(text, point.end()):
        return None
    if not (point[2] or COUNTS.match(text, point.end()) or not IDEOGRAPH.match(text, point.end())):
        return None
    digits = read_fraction(text[start:end], point[1], point[2])
    return _counted(text, start, point.end(), digits) if digits else None


def _share(text: str, start: int, end: int) -> Edit | None:
    """百分之六十 is 60%, 千分之三 is 3‰."""
    if text.startswith("分之", max(0, start - 2)):
        return None
    mark = "%" if text[start] == "百" else "‰"
    run = RUN.match(text, end)
    if run is None:
        end, digits = _arabic(text, end, exact=False)
        joined = JOINED.match(text, end)
    elif point := POINT.match(text, run.end()):
        end, digits = point.end(), read_fraction(run[0], point[1], point[2])
        joined = DIGITS_FOLLOW.match(text, end)
    else:
        end, digits = run.end(), "100" if run[0] == "百" else read(run[0])
        joined = DIGITS_FOLLOW.match(text, end)
    return Edit(start, end, digits + mark) if digits and not joined and not text.startswith("元", end) else None


def _word(text: str, start: int, end: int) -> Edit | None:
    """A run of letters and Arabic digits: date, number with places and unit, or a code that stays."""
    if dated := _dated(text, start, end) or _ranged(text, start):
        return dated
    after, digits = _arabic(text, start, exact=True)
    if digits is None:
        return Edit(start, max(after, end), text[start : max(after, end)])
    if text[after - 1].isascii() and JOINED.match(text, after) and not UNIT.match(text, after):
        return None
    return _counted(text, start, after, digits)


def _dated(text: str, start: int, end: int) -> Edit | None:
    """2021-03-05 is 2021年3月5日; 2021.03 a month unless it counts something; 03月 is 3月."""
    after = text[end : end + 1]
    if (date := DATE.fullmatch(text, start, end)) and after != "日":
        return Edit(start, end, f"{date[1]}年{int(date[3])}月{int(date[4])}日")
    month = MONTH.fullmatch(text, start, end)
    if month and after not in ("学", "赛", "财") and not COUNTS.match(text, end):
        return Edit(start, end, f"{month[1]}年{int(month[2])}月")
    if end - start == 2 and text[start] == "0" and text[end - 1] in "123456789" and after in ("月", "日"):
        return Edit(start, end, text[end - 1])
    return None


def _ranged(text: str, start: int) -> Edit | None:
    """5~10万 is 50000~100000: the place belongs to both, unless the first is the larger one."""
    found = RANGE.match(text, start)
    if found is None or text[start] == "0":
        return None
    low, high = read(found[1] + found[4]), read(found[3] + found[4])
    if low is None or high is None or Decimal(low) >= Decimal(high):
        return None
    return Edit(start, found.end(), f"{low}{found[2]}{high}")


def _arabic(text: str, start: int, exact: bool) -> tuple[int, str | None]:
    """The number at `start` with the 万, 亿, … after it: its end, and its digits if it is a number.

    exact  keep the zeros of 2.0 unless a unit follows
    """
    number = NUMBER.match(text, start)
    if number is None or (number[0][0] == "0" and number[0][1:2] not in ("", ".")):
        return start, None
    places = PLACES.match(text, number.end())
    end = _before_kilo(text, start, places.end()) if places else number.end()
    if end > number.end():
        return end, None if NAMES.match(text, end - 1) else read(text[start:end])
    digits = number[0].replace(",", "")
    if len(digits) > LONGEST_NUMBER or (_listed(number[0]) and exact and not COUNTS.match(text, end)):
        return end, None
    if "." in digits and (not exact or FRACTION.match(text, end)):
        digits = digits.rstrip("0").rstrip(".")
    return end, digits


def _listed(number: str) -> bool:
    """Whether the commas may separate numbers, as in (256,256), and not thousands."""
    return "," in number and ",000" not in number and "." not in number


def _sign(text: str, start: int, end: int) -> Edit | None:
    """¥100 and rmb 100 are 100元; before 100元 the sign says nothing new."""
    end, digits = _arabic(text, end, exact=False)
    after = text[end : end + 1]
    if digits is None or JOINED.match(text, end) or (after and after in "余多几美港日~至到万亿%‰"):
        return None
    if SIGNED.search(text, max(0, start - 4), start):
        return None
    return Edit(start, end, digits if after == "元" else digits + "元")


def _unit(text: str, start: int, end: int) -> Edit | None:
    return Edit(start, end, UNITS[text[start:end]])


def _other(text: str, start: int, end: int) -> Edit | None:
    return None


def _before_kilo(text: str, start: int, end: int) -> int:
    """Where the numeral ends if the 千 before `end` belongs to a unit: 500万千瓦, 3千米."""
    after = text[end : end + 1]
    if text[end - 1] != "千" or not after or after not in "瓦克伏卡赫帕焦米":
        return end
    whole = after == "米" and not text[start].isascii() and read(text[start:end])  # 海拔三千米 counts metres
    return end if whole else end - 1


def _counted(text: str, start: int, end: int, digits: str) -> Edit:
    """The number together with a unit that has another spelling; 公里/小时 stays."""
    unit = UNIT.match(text, end)
    if unit is None or text[unit.end() : unit.end() + 1] == "/":
        return Edit(start, end, digits)
    return Edit(start, unit.end(), f"{digits}{unit[1]}{UNITS[unit[2]]}")


RULES: Final[dict[str, Callable[[str, int, int], Edit | None]]] = {
    **{"share": _share, "run": _run, "sign": _sign},
    **{"unit": _unit, "word": _word, "other": _other},
}
