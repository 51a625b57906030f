"""Conversation without an LLM: a follow-up question made whole from the turns before it.

A question that names a subject stands alone. One that does not, and points back (那、它、呢 …) or
is too short to stand alone, is given the subject of the latest turn that named one.
"""

import re
from collections.abc import Sequence
from typing import Final

from corpus.folding import fold
from rag.subjects import Subjects

_POINTER: Final = re.compile(
    r"(?<!其)它们?|(?<!其)他们|那里|那边|那儿|这里|这边|这儿"
    r"|(?:该|这个|那个|这家|那家|此)(?:产业)?(?:社区|小镇|园区|科技城|公司|企业|机构|政策|项目|地方|镇|园)"
)
_OPENING: Final = re.compile(r"^(?:那么|那(?![里边儿个家些种位时年天])|然后|还有|另外|以及|后来|再问一下)[，, ]?")
_SHORT: Final = 14  # code points; a longer question without subject and pointer is taken to stand alone
_LOOKED_AT: Final = 500  # code points of an earlier question in which its subject is looked for


def resolve(question: str, earlier: Sequence[str], subjects: Subjects) -> str:
    """The question made whole, or itself where it stands alone.

    earlier  the questions before it, oldest first, as they were asked
    """
    if not earlier or named(question, subjects):
        return question
    bare = _OPENING.sub("", question.strip())
    points_back = bare != question.strip() or bool(_POINTER.search(bare)) or bare.rstrip("？?").endswith("呢")
    if not points_back and len(bare) > _SHORT:
        return question
    latest = (named(text[:_LOOKED_AT], subjects) for text in reversed(earlier))
    subject = next((name for name in latest if name), None)
    if subject is None:
        return question
    pointed, count = _POINTER.subn(lambda _: subject, bare, count=1)
    return pointed if count else f"{subject}{bare}"


def named(text: str, subjects: Subjects) -> str | None:
    """The longest subject's name in the text, as the text writes it."""
    folded = fold(text)
    mentions = subjects.mentions(folded.text)
    if not mentions:
        return None
    longest = max(mentions, key=lambda mention: mention.end - mention.start)
    start, end = folded.raw_span(longest.start, longest.end)
    return text[start:end]
