"""What retrieval makes of a text: folded, words, n-grams, numbers, and what the lexicon knows of it."""

from dataclasses import dataclass
from typing import Literal

from corpus.folding import Folded, Quantity, fold, numbers
from corpus.lexicon import Lexicon, bundled_lexicon
from index.lexical.tokeniser import Token
from index.passage_index import Snapshot
from rag.query.answer_types import AnswerType, answer_types_of
from rag.query.expansion import OtherWording
from rag.query.question import telling_part, tokens_of
from rag.query.scope import without_asides
from rag.retrieval.retriever import Retriever

Origin = Literal["bundled", "user"]


@dataclass(frozen=True, slots=True)
class Analysis:
    """A text as one snapshot sees it. Spans of words and wordings are those of `folded.text`.

    lexicon   words of the lexicon among `words`, with where they come from
    wordings  members of groups, with where each of their others comes from
    used      which of the wordings widen a question; those that only ask, as 多大 does, do not
    sought    kinds of answer that it seeks, as a question
    """

    snapshot: Snapshot
    folded: Folded
    words: list[Token]
    grams: list[str]
    numbers: list[Quantity]
    lexicon: list[tuple[Token, Origin]]
    wordings: list[tuple[OtherWording, list[Origin]]]
    used: list[bool]
    answer_types: tuple[AnswerType, ...]


def analyse(text: str, retriever: Retriever) -> Analysis:
    """Analyse a text with what the current snapshot holds."""
    snapshot = retriever.index.snapshot
    tokeniser, folded = snapshot.tokeniser, fold(text)
    words, known = tokeniser.tokens(folded.text), frozenset(tokeniser.lexicon.words)
    bundled = bundled_lexicon()
    entities = retriever.gazetteer(snapshot).entities(folded.text)
    wordings = retriever.wordings(snapshot, folded.text, entities)
    meant = without_asides(folded.text)
    told = tokens_of(telling_part(folded.text, meant), tokeniser)
    return Analysis(
        snapshot=snapshot,
        folded=folded,
        words=words,
        grams=tokeniser.grams(folded.text),
        numbers=numbers(text),
        lexicon=[(token, _origin(token.text, bundled)) for token in words if token.text in known],
        wordings=[(one, [_origin_of_pair(one.text, other, bundled) for other in one.others]) for one in wordings],
        used=[bool(tokens_of(one.text, tokeniser) & told) for one in wordings],
        answer_types=answer_types_of(meant),
    )


def _origin(word: str, bundled: Lexicon) -> Origin:
    return "bundled" if word in bundled.words else "user"


def _origin_of_pair(member: str, other: str, bundled: Lexicon) -> Origin:
    return "bundled" if any(member in group and other in group for group in bundled.groups) else "user"
