"""Questions as retrieval sees them: folded, freed of asking words, and with what kind of answer they want."""

import re
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from corpus.folding import fold
from index.encoder.late_interaction import Encoded, LateInteractionEncoder
from index.encoder.text_encoder import Encoder
from index.lexical.tokeniser import Tokeniser
from rag.query.answer_type_words import AnswerCue, cues_wanted
from rag.query.answer_types import AnswerType, answer_types_of
from rag.query.question_intent import PLAIN, IntentClassifier
from rag.query.scope import without_asides

# Words that ask rather than tell; a passage that happens to hold them answers nothing by that.
_ASKING = re.compile(
    r"请问一下|请问|你好|您好|麻烦|我想知道|我想问问?|我想了解一?下?|想知道|想问一?下?|能不能告诉我|谁能告诉我|告诉我"
    r"|帮我查一?下?|帮忙查一?下?|查一下|谢谢|(?:谁能|给我|请)?(?:讲讲|说说|介绍一?下|解释一?下)|侬?晓得|请?逐字引用"
    r"|是个?什么(?:概念|意思|东西|东东|单位|机构|组织|来头|地方(?!的))|什么是|啥是|指的?是?什么|什么(?:概念|意思)|(?:啥|么子)(?:意思|东西|东东)"
    r"|什么叫|啥叫|怎么理解|(?:是)?怎么一?回事|究竟|到底|(?:折?合|相当于|等于|换算?成)多少(?:亩|公顷|平方公里|平方米|平米)|哪[份篇](?:材料|文章|报道)(?:说|讲|写|提到)?"
    r"|(?:什么|啥|几)(?:辰光|时光)|撒宁|啥[人宁]|几[化多](?:大|长|高)?|么子|伐(?=\W*$)|东东"
    r"|有?(?:什么|哪些|啥|何)(?:不同|区别|差别|异同|差异|不一样)|(?:区别|不同|差别)(?:是|在)?(?:什么|哪里?)"
    r"|是多少|有多少|多少|是什么时候|什么时候|是什么|有什么|什么样|叫什么|什么|是哪些|有哪些|哪些|哪一?[年天个家里儿位座栋]|哪"
    r"|怎么样|怎样|怎么|如何|为什么|为何|是谁|谁|几时|吗|呢|啊|吧|呀|么|啥|咋|多大|多长|多高|多久"
)
GRAMMAR: Final = frozenset("的了在是和与及有由等为以于之其也都而或个这那到从对把被就还它着地得吗呢里同")


@dataclass(frozen=True, slots=True)
class Question:
    """A question, ready for both indexes.

    folded        the whole question, folded
    meant         the same, blanks where it sets something aside
    words, grams  tokens of what the question tells, asking words left out
    vector        shape (d,), unit length, or zeros where the encoder knows no token
    encoded       its tokens with their vectors, where the encoder has them
    intent        what it wants (see `rag.query.question_intent`)
    wants         what an answering sentence should hold
    sought        kinds of answer that it asks for in so many words
    """

    text: str
    folded: str
    meant: str
    words: tuple[str, ...]
    grams: tuple[str, ...]
    vector: NDArray[np.float32]
    encoded: Encoded | None
    intent: str
    answer_cues: frozenset[AnswerCue]
    answer_types: tuple[AnswerType, ...]


def read_question(text: str, tokeniser: Tokeniser, encoder: Encoder) -> Question:
    """Fold and tokenise a question; one that consists of asking words only keeps them, mere particles tell nothing."""
    folded = fold(text).text
    meant = without_asides(folded)
    told = telling_part(folded, meant)
    if all(character in GRAMMAR for character in told if character.isalnum()):
        told = meant = ""
    whole = text if meant == folded else meant
    encoded = encoder.read([whole], "question")[0] if isinstance(encoder, LateInteractionEncoder) else None
    return Question(
        text=text,
        folded=folded,
        meant=meant,
        words=tuple(dict.fromkeys(tokeniser.words(told))),
        grams=tuple(dict.fromkeys(tokeniser.grams(told))),
        vector=encoded.pooled if encoded else encoder.encode([whole], kind="question")[0],
        encoded=encoded,
        intent=IntentClassifier.bundled().intent(folded, encoded.pooled) if encoded else PLAIN,
        answer_cues=cues_wanted(meant),
        answer_types=answer_types_of(meant),
    )


def telling(folded: str) -> str:
    """The text without the words that ask; blanks stand where they stood."""
    return _ASKING.sub(" ", folded)


def telling_part(folded: str, meant: str) -> str:
    """What a folded question tells, asking words taken out of what is meant; one that only asks is left as it is."""
    told = telling(meant)
    return told if any(map(str.isalnum, told)) else folded


def only_asks(folded: str) -> bool:
    """Whether a folded text tells nothing that could be looked for."""
    return not any(map(str.isalnum, telling(folded)))


def tokens_of(folded: str, tokeniser: Tokeniser) -> frozenset[str]:
    """Words and pairs of characters in one set; a single character counts where it is a word of its own."""
    pairs = (gram for gram in tokeniser.grams(folded) if len(gram) > 1)
    return frozenset(tokeniser.words(folded)).union(pairs)
