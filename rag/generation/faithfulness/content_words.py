"""Content: the words that say what a sentence is about, and how much of them a text holds."""

import re
from collections.abc import Collection
from typing import Final

from corpus.folding import QUANTITY
from index.lexical.tokeniser import Tokeniser

_WRITTEN: Final = (
    "一个 一些 一种 以及 其中 此外 另外 同时 因此 所以 由于 因为 并且 而且 但是 然而 "
    "根据 依据 按照 资料 显示 表示 介绍 据悉 园区 社区 小镇 平台 中心 项目 位于 坐落 落于 坐落于 地处 属于 成为 作为 "
    "关于 对于 包括 包含 涵盖 分别 主要 目前 当前 现在 已经 已有 共有 总共 合计 共计 "
    "达到 大约 左右 可以 能够 需要 应当 应该 进行 开展 实现 通过 为了 有关 相关 提供 "
    "拥有 具有 设有 称为 叫做 名为 即为 这里 这个 这些 其他 等等 方面 情况 内容 信息 "
    "如下 以下简称 段落 文中 提到 指出 来自 由此 可见 上年 去年 同期 开始 启动 总之 一共 "
)
FUNCTION_WORDS: Final = frozenset(_WRITTEN.split())
_COMPASS: Final = re.compile("[东南西北](?:面|侧|边|部|至|到|起|抵|达|临|接|邻)+")


def content_words(folded: str, tokeniser: Tokeniser) -> frozenset[str]:
    """Words of two characters or more that say what a sentence is about; numbers are looked at apart."""
    words = tokeniser.words(QUANTITY.sub(" ", folded))
    return frozenset(word for word in words if _says_something(word))


def share(words: frozenset[str], text: str) -> float:
    """Share of the words, counted by characters, that occur in a folded text; 1 where there are none."""
    total = sum(map(len, words))
    return sum(len(word) for word in words if word in text) / total if total else 1.0


def ordered_words(folded: str, tokeniser: Tokeniser) -> list[str]:
    """The same in their order and each once, none inside another."""
    wanted = content_words(folded, tokeniser)
    found: list[str] = []
    end = 0
    for token in sorted(tokeniser.tokens(folded), key=lambda token: (token.start, -token.end)):
        if token.start >= end and token.text in wanted:
            found.append(token.text)
            end = token.end
    return list(dict.fromkeys(found))


def covered(words: Collection[str], text: str) -> float:
    """Share of the words' pairs of characters that occur in the text; 1 where there are none."""
    pairs = {word[at : at + 2] for word in words for at in range(len(word) - 1)}
    return sum(pair in text for pair in pairs) / len(pairs) if pairs else 1.0


def _says_something(word: str) -> bool:
    return len(word) > 1 and word not in FUNCTION_WORDS and not word[0].isdigit() and not _COMPASS.fullmatch(word)
