"""Whether a question brings words of its own that have nothing to do with an entity: then it stands alone.

«占地多少亩» only says what is asked and leans on the entity before it. «北仑大港工业园总面积有多大» does not
after a question about another place, whether or not any document knows 北仑大港.
"""

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Final, Self

from index.lexical.bm25 import LexicalReader, Unit
from index.lexical.tokeniser import Token, Tokeniser
from index.passage_index import Snapshot
from index.store.catalogue import DocumentEntry
from rag.query.entities import Entity, Gazetteer
from rag.query.expansion import Thesaurus
from rag.query.question import GRAMMAR, telling

_ALONE: Final = 3  # weight of foreign words from which on a question stands alone
_NAME: Final = 3  # weight of a name
_PLAIN: Final = 2  # characters of any other word that weigh nothing; each further one weighs 1, as of 珠穆朗玛峰 …
_LEAST: Final = 1  # … and any word weighs this much: 有游泳池吗 leans although no document tells of a 游泳池
_FEW: Final = 3  # passages in which any word may occur and still be foreign …
_RARE: Final = 0.02  # … share of all passages for a word: what occurs in more says what is asked, not of whom …
_RARE_NAME: Final = 0.05  # … and for a part of a name, so that 中心 and 服务 do not count as names
_IDLE_WORD: Final = re.compile(  # a word that points, joins or counts, and tells nothing
    r"[这那](?:个|里|边|儿|些|些年|次|家|种|时|条)|该[区镇]|其[中他它]|[它他她我你]们|自己|大家|[一总]共|一起|现在|目前"
    r"|[今去明当]年|[今当]天|当时|后来|以前|[之年][前后]|[里外上下]面|里头|中间|本身|名字|具体|到底|究竟|大概|可以|需要"
    r"|没有|不[能是]|进去|出来|一[个下些点样直年]|几.|还有|以及|开始"
    r"|[东南西北]+[边面侧]?|主要|内容|时间|名单|不再|改成"
)
_IDLE: Final = GRAMMAR | frozenset(  # characters of which names are not made: 过一 of 获过一次 is none
    "有无没不也再才最很太更又来去给做搞办用拿要想会能说问看听跟让比各每另前后内外间些元倍几多少我你他她它们钱块第年月日号天上下里过平"
    "家座栋幢条项批次位户届期层楼区县市镇村路街费率额量值数度型类种档级版高低大小长宽新旧好坏贵快慢"
    "万乜系边姓坐住写编进出"
)
_COUNTED: Final = re.compile(r"[0-9一二两三四五六七八九十几每半]$")  # behind these a character counts: 一张票, 几件事


@dataclass(frozen=True, slots=True)
class FollowUpContext:
    """What a question is held against: the documents, their names and passages, and the wordings that are known."""

    gazetteer: Gazetteer
    documents: Collection[DocumentEntry]
    lexical: LexicalReader
    tokeniser: Tokeniser
    thesaurus: Thesaurus

    @classmethod
    def of(cls, snapshot: Snapshot, gazetteer: Gazetteer, tokeniser: Tokeniser, thesaurus: Thesaurus) -> Self:
        """What one snapshot holds; the entities must be its own."""
        return cls(gazetteer, snapshot.documents.values(), snapshot.lexical, tokeniser, thesaurus)

    def stands_alone(self, folded: str, subject: Entity) -> bool:
        """Whether a folded question has a name, or a few other words, that the entity's documents do not hold.

        Wordings of the lexicon and words that are common in the documents say what is asked, and count for nothing.
        """
        documents = [entry.id for entry in self.documents if entry.key in subject.documents]
        return sum(self._foreign(folded, documents)) >= _ALONE

    def tells(self, folded: str) -> bool:
        """Whether a text says more than words that ask, point or join."""
        tokens = self.tokeniser.tokens(telling(folded))
        return any(not _IDLE_WORD.fullmatch(token.text) and token.text not in _IDLE for token in tokens)

    def _foreign(self, folded: str, documents: Collection[str]) -> Iterator[int]:
        """Weights of the words that these documents do not hold."""
        told = telling(self._unworded(folded))
        tokens = self.tokeniser.tokens(told)
        for word in _words(tokens):
            weight = self._weight(word)
            if weight and not self.lexical.search([word], "words", 1, documents):
                yield weight
        for pair in _pairs(tokens, told):
            if self._is_rare(pair, "grams", _RARE_NAME) and not self.lexical.search([pair], "grams", 1, documents):
                yield _NAME

    def _weight(self, word: str) -> int:
        """What a word weighs where it is foreign; 0 for one that is too common to tell of whom is asked."""
        if self.gazetteer.is_district(word):
            return _NAME
        if word.isascii() or self.gazetteer.in_a_name(word):
            return _NAME if self._is_rare(word, "words", _RARE_NAME) else 0
        return max(_LEAST, len(word) - _PLAIN) if self._is_rare(word, "words", _RARE) else 0

    def _is_rare(self, token: str, unit: Unit, share: float) -> bool:
        return self.lexical.document_frequency(token, unit) <= max(_FEW, share * len(self.lexical))

    def _unworded(self, folded: str) -> str:
        for wording in self.thesaurus.wordings(folded):
            folded = folded[: wording.start] + " " * (wording.end - wording.start) + folded[wording.end :]
        return folded


def _words(tokens: Collection[Token]) -> list[str]:
    """Words of two characters or more that tell something, the longest first, not overlapping."""
    found: list[Token] = []
    for token in sorted(tokens, key=lambda one: (one.start - one.end, one.start)):
        tells = len(token.text) > 1 and not _IDLE_WORD.fullmatch(token.text) and not token.text[0].isdigit()
        if tells and not any(token.start < other.end and other.start < token.end for other in found):
            found.append(token)
    return [token.text for token in found]


def _pairs(tokens: Collection[Token], text: str) -> Iterator[str]:
    """Neighbouring characters that no dictionary joins, as those of a name are: 沃镭."""
    loose = [token for token in tokens if len(token.text) == 1 and not token.text.isascii()]
    for one, other in pairwise(loose):
        named = one.end == other.start and _IDLE.isdisjoint({one.text, other.text})
        if named and not _COUNTED.search(text[: one.start]):
            yield one.text + other.text
