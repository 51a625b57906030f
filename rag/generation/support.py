"""Support: may a generated sentence be said on the strength of the passages that it cites?

No model judges this. A sentence is refused where it holds something that the cited passages do not:

number     a value with its unit. The clause around it must share its matter with the clause that it was taken
           from, name no other document, and hold no word that opens the clause of a neighbouring figure
name       a Latin run, a quoted title, or what tells one 公司, 街道, 小镇 … from another
negation   a word that one side denies and the other does not
direction  增长, 超过, 以下 …: words that turn a statement round must stand in the passages themselves
words      less than WORDS of the content words, counted by characters, occur in the passages or their headings,
           or one word stands exchanged for another in a sentence that is otherwise the passage's own

The thresholds were chosen on made-up pairs (`tests/support_pairs.py`); `tests/test_generation_support.py`
measures how many unsupported sentences pass and how many supported ones are lost, on those and on others.
Not seen: other facts told freely in the passage's own words, and words exchanged beyond two characters.
"""

import re
from collections.abc import Sequence
from difflib import SequenceMatcher
from itertools import pairwise
from typing import Final, Literal

from corpus.folding import QUANTITY, fold
from index.tokens import Tokeniser
from rag.generation import cues
from rag.generation.ground import Figure, Ground, Names, Number, Sentence, figures

Objection = Literal["number", "name", "negation", "direction", "words"]

WORDS: Final = 0.7  # below it sentences about other facts pass; at .8 a third of honest paraphrases is lost
MATTER: Final = 0.5  # of what a number's clause says beyond the heading: what is it that is measured?
OPENING: Final = 4  # characters in which a clause says what it is about: 首层, 二期, 亩均
SHARED: Final = 0.4  # of words and numbers: a further cited passage whose best sentence holds less adds nothing

_FUNCTION_WORDS: Final = (
    "一个 一些 一种 以及 其中 此外 另外 同时 因此 所以 由于 因为 并且 而且 但是 然而 "
    "根据 依据 按照 资料 显示 表示 介绍 据悉 园区 社区 小镇 平台 中心 项目 位于 坐落 落于 坐落于 地处 属于 成为 作为 "
    "关于 对于 包括 包含 涵盖 分别 主要 目前 当前 现在 已经 已有 共有 总共 合计 共计 "
    "达到 大约 左右 可以 能够 需要 应当 应该 进行 开展 实现 通过 为了 有关 相关 提供 "
    "拥有 具有 设有 称为 叫做 名为 即为 这里 这个 这些 其他 等等 方面 情况 内容 信息 "
    "如下 以下简称 段落 文中 提到 指出 来自 由此 可见 上年 去年 同期 开始 启动 总之 一共 "
)
_FUNCTION: Final = frozenset(_FUNCTION_WORDS.split())


_LINKING: Final = frozenset("与和及或同并把将按为以在于被由从自至到的地得就也都向对可会能需有是其此该后处约")
_WORD: Final = re.compile("[\u3400-\u9fff]+")


def objection(statement: str, grounds: Sequence[Ground], names: Names, tokeniser: Tokeniser) -> Objection | None:
    """Why the statement may not be said on these grounds; None where it may.

    statement  a sentence without its citation marks
    names      of the documents that the LLM was given
    """
    folded = fold(statement).text
    text = "\n".join(one.text for one in grounds)
    words = content_words(folded, tokeniser)
    if not all(_states(grounds, figure, tokeniser) for figure in figures(statement, names)):
        return "number"
    if any(name not in text for name in cues.names(folded)):
        return "name"
    if _denies_otherwise(folded, _closest(grounds, words).text):
        return "negation"
    if cues.turned(folded, text):
        return "direction"
    if share(words, text) < WORDS or _exchanged(folded, _closest(grounds, words).text, text):
        return "words"
    return None


def content_words(folded: str, tokeniser: Tokeniser) -> frozenset[str]:
    """Words of two characters or more that say what a sentence is about; numbers are looked at apart."""
    words = tokeniser.words(QUANTITY.sub(" ", folded))
    return frozenset(word for word in words if len(word) > 1 and word not in _FUNCTION and not word[0].isdigit())


def share(words: frozenset[str], text: str) -> float:
    """Share of the words, counted by characters, that occur in a folded text; 1 where there are none."""
    total = sum(map(len, words))
    return sum(len(word) for word in words if word in text) / total if total else 1.0


def _states(grounds: Sequence[Ground], figure: Figure, tokeniser: Tokeniser) -> bool:
    """Whether some clause of the grounds gives this number for this matter."""
    words = content_words(figure.clause, tokeniser)
    return any(_gives(one, figure, words) or _in_heading(figure.number, one) for one in grounds)


def _gives(one: Ground, figure: Figure, words: frozenset[str]) -> bool:
    matter = frozenset(word for word in words if word not in one.heading)
    for sentence in one.sentences:
        for held in sentence.figures:
            if not _same(figure.number, held.number, one.text):
                continue
            if figure.subjects and not figure.subjects & (held.subjects or {one.document_id}):
                continue
            if _fits(matter, held, sentence) and not cues.turned(figure.clause, held.around):
                return True
    return False


def _fits(matter: frozenset[str], held: Figure, sentence: Sentence) -> bool:
    """Whether the held figure measures this matter, and no neighbouring one does so better."""
    if _covered(matter, held.around) < MATTER:
        return False
    neighbours = [other.clause[:OPENING] for other in sentence.figures if _rivals(other, held)]
    return not any(word in clause for word in matter if word not in held.around for clause in neighbours)


def _rivals(other: Figure, held: Figure) -> bool:
    return other.number[1] == held.number[1] and other.number != held.number and other.clause != held.clause


def _covered(words: frozenset[str], text: str) -> float:
    """Share of the words' pairs of characters that occur in the text; 1 where there are none."""
    pairs = {word[at : at + 2] for word in words for at in range(len(word) - 1)}
    return sum(pair in text for pair in pairs) / len(pairs) if pairs else 1.0


def _same(stated: Number, held: Number, text: str) -> bool:
    """Equal values; a unit may be missing on one side if the passage names it elsewhere, as tables do."""
    if stated[0] != held[0]:
        return False
    return stated[1] == held[1] or (not (stated[1] and held[1]) and (stated[1] or held[1]) in text)


def _in_heading(number: Number, one: Ground) -> bool:
    return any(_same(number, held.number, one.heading) for held in figures(one.heading, {}))


def _closest(grounds: Sequence[Ground], words: frozenset[str]) -> Sentence:
    """The sentence of the grounds that holds most of the words."""
    return max((sentence for one in grounds for sentence in one.sentences), key=lambda held: _covered(words, held.text))


def _exchanged(stated: str, held: str, text: str) -> bool:
    """Whether a word stands exchanged for another as long, 省 for 市 or 月 for 天, between words that are the same."""
    for before, after in pairwise(SequenceMatcher(None, held, stated, autojunk=False).get_matching_blocks()):
        start, end = before.b + before.size, after.b
        was, now = held[before.a + before.size : after.a], stated[start:end]
        if not (1 <= len(was) == len(now) <= 2 and max(before.size, after.size) > 1 and _WORD.fullmatch(was + now)):
            continue
        linking = now in _FUNCTION or _LINKING.issuperset(now)
        if not linking and stated[start - 1 : end] not in text and stated[start : end + 1] not in text:
            return True
    return False


def _denies_otherwise(stated: str, held: str) -> bool:
    """Whether one side denies what the other does not, or the statement permits what is denied."""
    said, found = cues.denied(stated), cues.denied(held)
    if bool(said) and not found:
        return True
    if cues.permitted(stated) & (found - cues.permitted(held)):
        return True
    return any(word in stated for word in found - said) and not said
