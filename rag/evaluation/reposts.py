"""Re-posts of documents for measuring: the same article on another site, more or less edited."""

import random
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Final, Literal

from corpus.document import Document
from corpus.reading import read
from corpus.sentences import sentence_spans

Edit = Literal["changed", "reworded", "removed", "added"]

EDITS: Final[tuple[Edit, ...]] = ("changed", "reworded", "removed", "added")
SHARES: Final = (0.0, 0.1, 0.2, 0.3, 0.4)  # of a document's sentences
HEADER: Final = "来源：某某新闻网 发布时间：2024-05-06 10:22 作者：张三 字号：大 中 小\n\n"
FOOTER: Final = "\n\n责任编辑：李四\n\n声明：转载本文出于传递信息之目的，版权归原作者所有；如有异议请与本网联系。"

_WIDE: Final = {code: code + 0xFEE0 for code in range(0x21, 0x7F)}
_WIDE_SHARE: Final = 0.25  # of the re-posts
_CHINESE: Final = re.compile("[\u4e00-\u9fff]{4,}")
_OTHER_WORD: Final = "乾坤"
_NEGATION: Final = re.compile("[不未]")
_NUMBER: Final = re.compile(r"[1-9][0-9]*")


@dataclass(frozen=True, slots=True)
class Repost:
    """A document re-posted. original: the id of the document; share: how much of it was edited."""

    original: str
    share: float
    document: Document


def reposts(documents: Sequence[Document]) -> Iterator[Repost]:
    """Every document re-posted with every edit, under a header and above a footer; the same each time."""
    foreign = [sentence for document in documents for sentence in _sentences(document.text)]
    for document, edit, share in product(documents, EDITS, SHARES):
        chance = random.Random(f"{document.id} {edit} {share}")
        text = f"{HEADER}{_edited(document.text, edit, share, foreign, chance)}{FOOTER}"
        wide = chance.random() < _WIDE_SHARE
        made_id = f"{document.id}-{edit}-{round(100 * share)}"
        made = read((text.translate(_WIDE) if wide else text).encode(), made_id, media_type="text/plain")
        yield Repost(document.id, share, made.documents[0])


def with_another_number(text: str) -> str | None:
    """The text with its middle number raised by one; None if it holds no number."""
    found = list(_NUMBER.finditer(text))
    if not found:
        return None
    number = found[len(found) // 2]
    return f"{text[: number.start()]}{int(number[0]) + 1}{text[number.end() :]}"


def with_another_word(text: str) -> str | None:
    """The text with two letters for others in its longest stretch of Chinese, as for another name; None without one."""
    found = max(_CHINESE.finditer(text), key=_length, default=None)
    if found is None:
        return None
    at = (found.start() + found.end()) // 2 - 1
    return f"{text[:at]}{_OTHER_WORD}{text[at + len(_OTHER_WORD) :]}"


def with_a_negation(text: str) -> str | None:
    """The text without its first 不 or 未; where it has none, with 不 in its longest stretch of Chinese."""
    if _NEGATION.search(text):
        return _NEGATION.sub("", text, count=1)
    found = max(_CHINESE.finditer(text), key=_length, default=None)
    if found is None:
        return None
    at = (found.start() + found.end()) // 2
    return f"{text[:at]}不{text[at:]}"


def _length(found: re.Match[str]) -> int:
    return found.end() - found.start()


def _edited(text: str, edit: Edit, share: float, foreign: Sequence[str], chance: random.Random) -> str:
    """The text with so many of its sentences edited, white space between sentences kept."""
    spans = sentence_spans(text)
    chosen = set(chance.sample(range(len(spans)), round(share * len(spans))))
    pieces: list[str] = []
    end = 0
    for number, (start, stop) in enumerate(spans):
        sentence = text[start:stop]
        if number in chosen:
            sentence = _edit(sentence, edit, chance.choice(foreign))
        pieces += text[end:start], sentence
        end = stop
    return "".join((*pieces, text[end:]))


def _edit(sentence: str, edit: Edit, foreign: str) -> str:
    match edit:
        case "changed":
            return foreign
        case "reworded":
            half = len(sentence) // 2
            return sentence[:half] + sentence[half + 2 :]
        case "removed":
            return ""
        case "added":
            return sentence + foreign


def _sentences(text: str) -> list[str]:
    return [text[start:end] for start, end in sentence_spans(text)]
