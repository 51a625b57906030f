"""What a question is about where it also says what it is not about: «湖山不算，湘湖三期多大», «A和B不一样，后者……».

Two steps, both on the folded question: clauses that only set something aside are left out, and of several
entities those are kept that are asked about. A question without such signs stays as it is.
"""

import re
from collections.abc import Sequence
from typing import Final

from rag.query.entities import Entity

_CLAUSE: Final = re.compile(r"(?:[^，,。？?！!；;：:（）()、—…\n]|、(?!不是|而不是|而非|不要))+")
_SETS_ASIDE: Final = re.compile(
    r"^\s*(?:注意|请注意|可|但|我?问的|我?要的|说的|指的)?(?:并不是|不是(?!每|所有|谁|说|只)|并非|而不是|而非|不要|不问|不含|不算|不加|不包括|别答|别算|别跟|别和|别与|别把|别拿)"
    r"|(?:不算|除外|以外|之外|先不算|先不谈|先不说|不谈|的不要|不用管)\s*$"
)
_CONTRASTS: Final = re.compile(r"不一样|不同|两回事|不是一回事|不是一个|不在一个|别混|搞混|弄混|混为一谈")
_ASKS: Final = re.compile(
    r"多少|多大|多高|多长|多久|(?<![十百千])几|哪|什么|啥|谁|何|怎|吗|么|伐|撒宁|是否|有没有|是不是|咋|呢"
)
_JOINS: Final = re.compile(r"、|以及|还有|并且|和|与|及")
_FORMER: Final = re.compile(r"前者|前一个|前面那个")
_LATTER: Final = re.compile(r"后者|后一个|后面那个")

_AND: Final = frozenset("和与跟及、")

Span = tuple[int, int]


def without_asides(folded: str) -> str:
    """The question without the clauses that only set something aside, or as it is where nothing would be left.

    «柯桥的亩均增加值涨了几倍？注意不是亩均税收» asks about 亩均增加值 alone.
    """
    aside = [span for span in _clauses(folded) if _is_aside(folded[slice(*span)])]
    if not aside or not _ASKS.search(_blanked(folded, aside)):
        return folded
    return _blanked(folded, aside)


def asked_about(folded: str, entities: Sequence[Entity]) -> list[Entity]:
    """The entities of the entities that the question asks about: all of them unless it says otherwise."""
    clauses = _clauses(folded)
    aside = [span for span in clauses if _is_aside(folded[slice(*span)])]
    kept = [one for one in entities if not _within(one, aside)] or list(entities)
    named = [one for one in kept if _within(one, asking_spans(folded))]
    return named if len({one.documents for one in named}) == 1 else kept


def pointed_at(folded: str, entities: Sequence[Entity]) -> tuple[Entity, str] | None:
    """The entity that 前者 or 后者 stands for, and the clauses that ask, with its name in place of the pointer.

    One known name is enough where 和 joins it with another: «菜鸟总部和某园在两个区，前者……».
    """
    for sign, joined, place in ((_FORMER, _joined_after, 0), (_LATTER, _joined_before, -1)):
        found = sign.search(folded)
        before = [one for one in entities if found and one.end <= found.start()]
        if not found or not before or (len(before) == 1 and not joined(folded, before[0])):
            continue
        asking = [folded[slice(*span)] for span in asking_spans(folded) if span[1] > found.start()]
        if not asking:  # a sentence that tells of two things asks about neither
            continue
        return before[place], sign.sub(before[place].name, " ".join(asking))
    return None


def _joined_after(folded: str, entity: Entity) -> bool:
    return folded[entity.end : entity.end + 1] in _AND


def _joined_before(folded: str, entity: Entity) -> bool:
    return folded[max(0, entity.start - 1) : entity.start] in _AND


def asking_clauses(folded: str, entity: Entity) -> str:
    """The question without the clauses that ask nothing, if a clause that asks names the entity; else as it is."""
    asking = asking_spans(folded)
    if not _within(entity, asking):
        return folded
    return _blanked(folded, [span for span in _clauses(folded) if not any(_holds(span, one) for one in asking)])


def asking_spans(folded: str) -> list[Span]:
    """Clauses that ask, those left out that only tell entities apart."""
    clauses = [(piece, folded[slice(*piece)]) for span in _clauses(folded) for piece in _pieces(folded, span)]
    return [span for span, clause in clauses if _ASKS.search(clause) and not _CONTRASTS.search(clause)]


def _clauses(folded: str) -> list[Span]:
    return [clause.span() for clause in _CLAUSE.finditer(folded)]


def _pieces(folded: str, clause: Span) -> list[Span]:
    """A clause cut where it joins questions, «占地多大、由谁运营»; whole if one of its pieces does not ask."""
    start, end = clause
    joins = [join.span() for join in _JOINS.finditer(folded, start, end)]
    pieces = list(zip((start, *(right for _, right in joins)), (*(left for left, _ in joins), end), strict=True))
    return pieces if all(_ASKS.search(folded, *piece) for piece in pieces) else [clause]


def _is_aside(clause: str) -> bool:
    return bool(_SETS_ASIDE.search(clause)) and not _ASKS.search(clause)


def _within(entity: Entity, spans: Sequence[Span]) -> bool:
    return any(start <= entity.start and entity.end <= end for start, end in spans)


def _holds(outer: Span, inner: Span) -> bool:
    return outer[0] <= inner[0] and inner[1] <= outer[1]


def _blanked(folded: str, spans: Sequence[Span]) -> str:
    for start, end in spans:
        folded = folded[:start] + " " * (end - start) + folded[end:]
    return folded
