"""Conversation without an LLM: a follow-up question made whole from the turns before it.

A question stands alone if it names a subject, or has words of its own that the documents of the subject before
it do not hold. Another one that points back (那、它、呢 …) or is short is given the subject of the latest turn
that named one.
"""

import re
from collections.abc import Sequence
from typing import Final

from corpus.folding import fold
from rag.query.entities import Mention, Subjects
from rag.query.follow_up import Ground

_PLACES: Final = r"那里|那边|那儿|这里|这边|这儿"
_NAMED_KINDS: Final = r"(?:产业)?(?:社区|小镇|园区|科技城|公司|企业|机构|政策|项目|地方|镇|园)"
_POINTER: Final = re.compile(rf"(?<!其)[它他]们|(?<!其)它|{_PLACES}|(?<!的)(?:该|这个|那个|这家|那家|此){_NAMED_KINDS}")
_PRONOUN: Final = re.compile(r"[它他]")
_POINTS: Final = (
    "里边儿个家些种位时年天条场次座栋款份篇件所处片批届期句段起"  # 那条街 points at a street, 那茶园 at nothing
)
_OPENING: Final = re.compile(rf"^(?:那么|那(?![{_POINTS}])|然后|还有|另外|以及|后来|再问一下)[，, ]?")
_COURTESY: Final = re.compile(r"(?:请问|你好|您好|谢谢|多谢|麻烦你?了?|再见|[\W_])+")
_SHORT: Final = 14  # code points; a longer question without subject and pointer is taken to stand alone
_LOOKED_AT: Final = 500  # code points of an earlier question in which its subject is looked for


def resolve(question: str, earlier: Sequence[str], ground: Ground) -> str:
    """The question made whole, or itself where it stands alone.

    earlier  the questions before it, oldest first, as they were asked
    """
    subjects = ground.subjects
    if not earlier or named(question, subjects) or _COURTESY.fullmatch(question):
        return question
    bare = _OPENING.sub("", question.strip())
    pointer = _POINTER.search(bare)
    points_back = pointer or bare != question.strip() or bare.rstrip("？?").endswith("呢")
    if not points_back and len(bare) > _SHORT:
        return question
    latest = (_latest(text[:_LOOKED_AT], subjects) for text in reversed(earlier))
    subject = next((found for found in latest if found), None)
    if subject is None:
        return question
    name, mention = subject
    opens = pointer is not None and not ground.tells(fold(bare[: pointer.start()]).text)
    if not opens and ground.stands_alone(fold(bare).text, mention):
        return question
    if pointer and (opens or _PRONOUN.match(pointer[0])):
        return bare[: pointer.start()] + name + bare[pointer.end() :]
    return f"{name}{bare}"


def named(text: str, subjects: Subjects) -> str | None:
    """The longest subject's name in the text, as the text writes it."""
    found = _latest(text, subjects)
    return found[0] if found else None


def _latest(text: str, subjects: Subjects) -> tuple[str, Mention] | None:
    folded = fold(text)
    mentions = subjects.mentions(folded.text)
    if not mentions:
        return None
    longest = max(mentions, key=lambda mention: mention.end - mention.start)
    start, end = folded.raw_span(longest.start, longest.end)
    return text[start:end], longest
