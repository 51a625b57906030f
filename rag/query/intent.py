"""What a question asks about its entity: «占地多少亩» of «物联网产业社区占地多少亩», as tokens, meaning and years."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from index.encoder.text_encoder import Encoder
from index.lexical.tokeniser import Tokeniser
from rag.query.answer_type_words import naming_quantities
from rag.query.entities import Entity
from rag.query.question import GRAMMAR, Question, telling, tokens_of

_YEAR = re.compile(r"(?<!\d)(?:19|20)\d\d(?=年)")


@dataclass(frozen=True, slots=True)
class Attribute:
    """The question without the names of entities and without asking words.

    text     folded; 面积 for 多大
    vector   shape (d,), unit length, or zeros where nothing is left
    years    years that the question names, as 2021
    """

    text: str
    tokens: frozenset[str]
    vector: NDArray[np.float32]
    years: frozenset[str]


NO_ATTRIBUTE = Attribute("", frozenset(), np.zeros(0, np.float32), frozenset())


def attribute_of(question: Question, entities: Sequence[Entity], tokeniser: Tokeniser, encoder: Encoder) -> Attribute:
    """Take the names out of what a question means; entities are places in it."""
    meant = question.meant
    for entity in sorted(entities, key=lambda one: -one.start):
        meant = f"{meant[: entity.start]} {meant[entity.end :]}"
    text = telling(naming_quantities(meant))
    known = frozenset(question.words).union(gram for gram in question.grams if len(gram) > 1)
    return Attribute(
        text=text,
        tokens=tokens_of(text, tokeniser) & known - GRAMMAR,
        vector=encoder.encode([text])[0],
        years=frozenset(_YEAR.findall(question.meant)),
    )
