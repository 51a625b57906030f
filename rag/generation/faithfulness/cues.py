"""Cues: what in a folded sentence must be borne out to the letter: names, shares, denials, permissions, directions."""

import re
from typing import Final

_HAN: Final = r"\u3400-\u9fff"
_GENERIC: Final = "控股|科技|产业|服务|有限|股份|责任|发展|投资|建设|管理|运营|文化|信息|网络|创新|工业"
_ORGANISATION: Final = (
    "集团|公司|实业|置业|国投|城投|大学|学院|医院|银行|研究院|研究所|实验室|街道|社区|小镇|园区|科技城|开发区|新区|委员会|管委会"
    "|政府|协会|基金|站"
)
_REGION: Final = (
    "(?<![社园小地城校片辖])区(?![域别块间位划分])|(?<!小)镇(?![区域级])|(?<![公道马铁线])路(?![线程径况口])"
    "|(?<![城都超股上])市(?![场值民政级面中])|县|省(?![级内外会])|乡(?!土)|村(?!民)"
)
_NOT_IN_NAMES: Final = "由的在与和及从为是将把被向对于有设到等该本其各两每位约会可能须需要以"

_LATIN: Final = re.compile(r"[a-z][a-z0-9]*(?:[.+#&/-][a-z0-9]+)*\+*")
_BEARER: Final = re.compile(f"(?=([{_HAN}]{{2}})(?:{_GENERIC})*({_ORGANISATION}|{_REGION}))(?=[^{_NOT_IN_NAMES}]{{2}})")
_SCOPE: Final = re.compile("全国|全球|世界|亚洲|国际|海外|国内|国家级|省级|市级|区级|县级")
_COMPARED: Final = re.compile(
    "(?<![占对相环同评])比(?![例重较值赛如])[^,。;]{1,24}?(?<![增延成生提升降减最])(大|小|多|少|高|低|早|晚|快|慢|长|短|好|差|强|弱)"
)
_TITLED: Final = re.compile(r'[《〈"]([^《》〈〉"]{2,40})[》〉"]')
_SUFFIXED: Final = re.compile(
    f"(?=([{_HAN}]{{2}})(?:{_GENERIC})*(?:{_ORGANISATION}|{_REGION}))(?=[^{_NOT_IN_NAMES}]{{2}})"
)
_SHARES: Final = re.compile(
    r"(?:[0-9]+(?:\.[0-9]+)?|[一二三四五六七八九十两半]+)(?:成半?|折)|[一二三四五六七八九十百]+分之[一二三四五六七八九十]+"
)
_COMMON_WORDS: Final = (
    "这些 该类 各类 各个 多个 这个 那个 一个 这座 这家 所在 所属 本地 其他 其它 上述 当地 各地 全市 全区 全省 "
    "属于 地处 坐落 整个 所有"
)
_COMMON: Final = frozenset(_COMMON_WORDS.split())

_DENIED: Final = re.compile(
    "(?:没有|不得|不能|不可|不再|不会|不是|无需|无须|禁止|严禁|尚未|从未|并未|未能|并非"
    "|不(?![少同断仅但止足过超低小大高])|未(?!来)|无(?!人机|锡|线|缝|障碍|偿|疑))"
    f"(?:(?:要求|进行|对外|再|予以|被|把|将|允许|以)*)([{_HAN}]{{2}})"
)
_PERMITTED: Final = re.compile(f"(?<!不)(?:可以|可|能够|能|允许)([{_HAN}]{{2}})")

DIRECTIONS: Final = tuple(
    frozenset(words.split())
    for words in (
        "增长 增加 上升 提高 提升 扩大 上涨",
        "下降 减少 降低 下滑 缩小 回落",
        "超过 超 逾 多于 大于 高于 突破 以上 不少于 不低于 不小于 至少 余",
        "不足 少于 小于 低于 以下 不超过 至多 不高于 以内 不大于",
        "首个 首家 首座 首例 首次 第1个 第1家 第1次 最早 率先",
        "最大 最高 最多 最长",
        "最小 最低 最少 最短",
        "唯一 仅有",
        "取消 废止 停止 终止 撤销",
        "全部 所有 均",
        "独资 独家 单独",
        "缓解 减轻 改善",
        "加剧 加重 恶化",
        "免缴 免交 免征 免税 免除 免费 免收 减免",
        "因为 由于 因此 导致 使得 从而 得益于 缘于 因 凭借",
    )
)

_DIRECTION: Final = re.compile("|".join(sorted(frozenset().union(*DIRECTIONS), key=len, reverse=True)))
_MAGNITUDE: Final = re.compile(
    "(?<![0-9.])(?:上|近|逾|数|几|成)?([十百千万亿]{1,2})(?:余|多)?(?=[名家个人亩元种项吨套次])"
)
_OVER_WORDS: Final = "超过 超出 超 逾 多于 大于 高于 突破 不少于 不低于 不小于 至少"
_UNDER_WORDS: Final = "不足 不到 少于 小于 低于 不超过 不高于 不大于 至多"
_BEFORE: Final = re.compile(
    f"({'|'.join(sorted(f'{_OVER_WORDS} {_UNDER_WORDS}'.split(), key=len, reverse=True))})[^,]?$"
)
_AFTER: Final = re.compile("(以上|余|多)|以下|以内")


def names(folded: str) -> set[str]:
    """Latin runs, quoted titles, the two characters that tell a 公司, 街道 or 小镇 from others, shares such as 七折."""
    before = {found[1] for found in _SUFFIXED.finditer(folded)} - _COMMON
    return {*_LATIN.findall(folded), *_TITLED.findall(folded), *_SHARES.findall(folded), *before}


def latin(folded: str) -> set[str]:
    """Runs of Latin letters, whole: aa+ is another than aaa."""
    return set(_LATIN.findall(folded))


def bearers(folded: str) -> set[tuple[str, str]]:
    """The two characters before each 公司, 街道, 社区 …, with that word."""
    return {(found[1], found[2]) for found in _BEARER.finditer(folded) if found[1] not in _COMMON}


def widened(stated: str, held: str) -> bool:
    """Whether the statement reaches further (全国, 国家级) or compares (比…大) where the held text does not."""
    return any(set(one.findall(stated)) - set(one.findall(held)) for one in (_SCOPE, _COMPARED))


def denied(folded: str) -> set[str]:
    """The two characters behind each 不得, 没有, 禁止 …"""
    return set(_DENIED.findall(folded))


def permitted(folded: str) -> set[str]:
    """The two characters behind each 可以, 能 …"""
    return set(_PERMITTED.findall(folded))


def alike(one: str, other: str) -> bool:
    """Whether both hold words of the same direction: 提高 for 提升."""
    return any(any(word in one for word in words) and any(word in other for word in words) for words in DIRECTIONS)


def turned(stated: str, held: str) -> bool:
    """Whether the statement says 增长, 超过 … where the held text has no word of that kind."""
    return not _directions(stated) <= _directions(held)


def magnitudes(folded: str) -> set[str]:
    """The 百, 千, 万 … of counts without digits: 千余名, 上万家."""
    return {found[1][-1:] for found in _MAGNITUDE.finditer(folded)}


def bound(before: str, after: str) -> str:
    """Whether what stands around a number makes it a lower bound (over), an upper one (under), or neither."""
    if found := _BEFORE.search(before):
        return "over" if found[1] in _OVER_WORDS.split() else "under"
    if told := _AFTER.match(after):
        return "over" if told[1] else "under"
    return ""


def _directions(folded: str) -> set[int]:
    """Which of DIRECTIONS a text holds; 不低于 is one word, and 低于 none in it."""
    return {at for word in _DIRECTION.findall(folded) for at, words in enumerate(DIRECTIONS) if word in words}
