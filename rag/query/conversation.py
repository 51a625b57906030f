"""Conversation without an LLM: a follow-up question made whole from the turns before it.

A question stands alone if it names an entity, or has words of its own that the documents of the entity before
it do not hold. Another one that points back (那、它、呢 …) or is short is given the entity of the latest turn
that named one.
"""

import re
from collections.abc import Sequence
from typing import Final

from corpus.folding import fold
from rag.query.entities import Entity, Gazetteer
from rag.query.follow_up import FollowUpContext

_PLACES: Final = r"那里|那边|那儿|这里|这边|这儿"
_NAMED_KINDS: Final = r"(?:产业)?(?:社区|小镇|园区|科技城|公司|企业|机构|政策|项目|地方|镇|园)"
_POINTER: Final = re.compile(rf"(?<!其)[它他]们|(?<!其)它|{_PLACES}|(?<!的)(?:该|这个|那个|这家|那家|此){_NAMED_KINDS}")
_PRONOUN: Final = re.compile(r"[它他]")
_POINTS: Final = (
    "里边儿个家些种位时年天条场次座栋款份篇件所处片批届期句段起"  # 那条街 points at a street, 那茶园 at nothing
)
_OPENING: Final = re.compile(rf"^(?:那么|那(?![{_POINTS}])|然后|还有|另外|以及|后来|再问一下)[，, ]?")
_COURTESY: Final = re.compile(r"(?:请问|你好|您好|谢谢|多谢|麻烦你?了?|再见|[\W_])+")
_SHORT: Final = 14  # code points; a longer question without entity and pointer is taken to stand alone
_LOOKED_AT: Final = 500  # code points of an earlier question in which its entity is looked for


def resolve(question: str, earlier: Sequence[str], ground: FollowUpContext) -> str:
    """The question made whole, or itself where it stands alone.

    earlier  the questions before it, oldest first, as they were asked
    """
    gazetteer = ground.gazetteer
    if not earlier or named(question, gazetteer) or _COURTESY.fullmatch(question):
        return question
    bare = _OPENING.sub("", question.strip())
    pointer = _POINTER.search(bare)
    points_back = pointer or bare != question.strip() or bare.rstrip("？?").endswith("呢")
    if not points_back and len(bare) > _SHORT:
        return question
    latest = (_latest(text[:_LOOKED_AT], gazetteer) for text in reversed(earlier))
    subject = next((found for found in latest if found), None)
    if subject is None:
        return question
    name, entity = subject
    opens = pointer is not None and not ground.tells(fold(bare[: pointer.start()]).text)
    if not opens and ground.stands_alone(fold(bare).text, entity):
        return question
    if pointer and (opens or _PRONOUN.match(pointer[0])):
        return bare[: pointer.start()] + name + bare[pointer.end() :]
    return f"{name}{bare}"


def named(text: str, gazetteer: Gazetteer) -> str | None:
    """The longest entity's name in the text, as the text writes it."""
    found = _latest(text, gazetteer)
    return found[0] if found else None


def _latest(text: str, gazetteer: Gazetteer) -> tuple[str, Entity] | None:
    folded = fold(text)
    entities = gazetteer.entities(folded.text)
    if not entities:
        return None
    longest = max(entities, key=lambda entity: entity.end - entity.start)
    start, end = folded.raw_span(longest.start, longest.end)
    return text[start:end], longest
