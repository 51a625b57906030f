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
    "|(?<![城都超股上])市(?![场值民政级面])|县|省(?![级内外会])|乡(?!土)|村(?!民)"
)
_NOT_IN_NAMES: Final = "由的在与和及从为是将把被向对于有设到等该本其各两每位约会可能须需要以"

_LATIN: Final = re.compile(r"[a-z][a-z0-9]*(?:[.+#&/-][a-z0-9]+)*")
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
        "超过 超 逾 多于 大于 高于 以上 不少于 不低于 不小于 至少 余",
        "不足 少于 小于 低于 以下 不超过 至多 不高于 以内 不大于",
        "首个 首家 第一个 最早 率先",
        "最大 最高 最多 最长",
        "最小 最低 最少 最短",
        "唯一 仅有",
        "取消 废止 停止 终止 撤销",
        "全部 所有 均",
        "独资 独家 单独",
    )
)


def names(folded: str) -> set[str]:
    """Latin runs, quoted titles, the two characters that tell a 公司, 街道 or 小镇 from others, shares such as 七折."""
    before = {found[1] for found in _SUFFIXED.finditer(folded)} - _COMMON
    return {*_LATIN.findall(folded), *_TITLED.findall(folded), *_SHARES.findall(folded), *before}


def denied(folded: str) -> set[str]:
    """The two characters behind each 不得, 没有, 禁止 …"""
    return set(_DENIED.findall(folded))


def permitted(folded: str) -> set[str]:
    """The two characters behind each 可以, 能 …"""
    return set(_PERMITTED.findall(folded))


def turned(stated: str, held: str) -> bool:
    """Whether the statement says 增长, 超过 … where the held text has no word of that kind."""
    return any(any(word in stated for word in one) and not any(word in held for word in one) for one in DIRECTIONS)
