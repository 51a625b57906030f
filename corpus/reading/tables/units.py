"""Units: where a table tells them (in a name, in a caption, in a column of their own) and the cells they belong to."""

import re
from functools import lru_cache

_MANY = "(?:[百千万亿]|百万|千万|十亿)?"
_COUNTED = (
    "家|个|人|名|户|套|辆|次|人次|件|项|台|座|栋|幢|层|间|处|条|张|份|批|期|场|所|位|只|支|部|把|块|片|组|对|篇|本|册|艘|架|头|株|棵|杯|瓶|桶|箱"
    "|包|袋|盒|米|公里|千米|里|厘米|毫米|亩|公顷|顷|平方米|平方公里|平方千米|平米|㎡|m²|m2|km²|km|cm|mm|m|立方米|m³|m3|方|升|毫升|L|ml|mL"
    "|吨|公斤|千克|克|斤|kg|g|mg|t|千瓦时|千瓦|兆瓦|瓦|度|kWh|kW|MW|W|kVA|V|A|Pa|kPa|MPa|℃|°C|dB|Hz|MB|GB|TB"
    "|天|日|周|月|个月|季|年|岁|小时|分钟|秒|时|h|min|s|分|点|倍|级|车位|床|标箱|TEU|人民币元|美元|港元|欧元|日元|元|角"
)
_SHARE = "%|％|‰|百分点|个百分点"
_PER = rf"(?:\s*[/／·每]\s*{_MANY}(?:{_COUNTED}|a|d))"
UNIT = (
    rf"(?:{_MANY}(?:{_COUNTED}){_PER}{{0,3}}|{_SHARE}|[μumn]?g/(?:L|m³|m3|kg)|人民币{_MANY}元|吨标准?煤(?:/{_MANY}元)?)"
)
_UNIT = re.compile(UNIT)
_BRACKETED = re.compile(r"\s*[（(［\[【]\s*(?:计量)?(?:单位\s*[:：])?\s*([^（()）［\]］【】]{1,12}?)\s*[）)］\]】]")
_BEHIND = re.compile(rf"(?<=[一-鿿])\s*[/／]\s*({_MANY}(?:元|家|个|人|户|亩|平方米|㎡|吨|%|％))$")
_TOLD = re.compile(r"(?<![一-鿿])(?:计量|金额|货币)?单位\s*[:：]\s*(?:人民币)?\s*([^\s，,、；;（()）\]］】。]{1,10})")
_SEVERAL = re.compile(r"(?<![一-鿿])(?:计量|金额|货币)?单位\s*[:：]\s*[^\s，,、；;/（()）]{1,10}[，,、]\s*\S")
_SHARES = frozenset(("%", "％", "‰"))
_MONEY = re.compile(r"元|美元|欧元")
_NUMBERED = re.compile(
    r"(?:序|编|行|栏|楼|房|门牌|批|期|文|证|账|帐)[号次]|代码|号码|^号$|年份|年度|^年$|月份|日期|时间|电话|手机|传真|邮编|税号|排名|名次|位次|版本"
)
_RATIO = re.compile(r"率|占比|比重|比例|同比|环比|增长|增速|增幅|涨幅|降幅|份额|指数|系数|倍数|得分|评分|权重|[%％‰]")
_COUNT = re.compile(r"(?:数|数量|人|户|家|人次|名额|面积|体积|重量|楼层|层数|车位|床位)$")
_PRICE = re.compile(r"费|价|租金|押金|房租|工资|薪|票|补贴|奖励|津贴|标准|金额|营收|收入|税收|产值|利润|投资|款$")
_LASTING = re.compile(r"期|时间|时长|时限|年限|寿命|龄|周期|数$|学制|长$|耗时|用时")
_TIMES = frozenset(("年", "月", "日", "天", "周", "季", "时", "小时", "分钟", "秒", "个月", "h", "min", "s"))
_NUMBER = re.compile(r"[-+−]?\d[\d,，]*(?:\.\d+)?")
_MONTHS = {"月": "个月"}


@lru_cache(maxsize=10_000)
def is_unit(text: str) -> bool:
    return _UNIT.fullmatch(text) is not None


def unit_column(name: str) -> bool:
    """Whether a column of this name may hold the units of its rows."""
    return name in ("单位", "计量单位", "计价单位", "数量单位")


@lru_cache(maxsize=10_000)
def parted(name: str) -> tuple[str, str]:
    """A name and the unit that it tells: «税收（万元）» is 税收 and 万元; the unit is empty where it tells none."""
    for found in _BRACKETED.finditer(name):
        rest = (name[: found.start()] + name[found.end() :]).strip()
        if is_unit(found[1]) and _measures(found[1], rest):
            return rest, found[1]
    if (behind := _BEHIND.search(name)) and _measures(behind[1], name[: behind.start()]):
        return name[: behind.start()], behind[1]
    return name, ""


def _measures(unit: str, name: str) -> bool:
    """Whether numbers under the name are in the unit: 门票（人） is a price for one, 租金（月） one for a month."""
    if _PRICE.search(name):
        return _MONEY.search(unit) is not None or unit in _SHARES
    return unit not in _TIMES or _LASTING.search(name) is not None or not name


def told_unit(text: str) -> str:
    """The one unit that a caption tells for all numbers below it; empty where it tells none or several."""
    found = _TOLD.search(text)
    return found[1] if found and is_unit(found[1]) and not _SEVERAL.search(text) else ""


def takes(name: str, unit: str) -> bool:
    """Whether the numbers under a name can be in a unit that is told for the whole table.

    It is told for what the table counts, not for its numbering, its shares, or (money) its heads.
    """
    if _NUMBERED.search(name) or (_RATIO.search(name) and unit not in _SHARES):
        return False
    return not (_MONEY.search(unit) and _COUNT.search(name))


def is_ratio(name: str) -> bool:
    """Whether a name means a share or a growth, which has no unit of what it is a share of."""
    return _RATIO.search(name) is not None


def with_unit(text: str, unit: str, name: str = "") -> str:
    """A number with its unit; what is no bare number stays as it is."""
    if not _NUMBER.fullmatch(text):
        return text
    return text + (unit if "月份" in name else _MONTHS.get(unit, unit))
