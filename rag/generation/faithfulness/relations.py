"""Relations: does a clause of a statement say of the same things what one sentence of the passages says of them?

All its words may stand in the passages, and the clause be untrue: they come from different sentences, another
subject has slipped in, or two names have changed places. So each clause is held against single sentences.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from index.lexical.tokeniser import Tokeniser
from rag.generation.faithfulness import cues
from rag.generation.faithfulness.content_words import FUNCTION_WORDS, ordered_words
from rag.generation.faithfulness.ground import Ground, counted

GATHERED: Final = 0.25  # of a clause's words, counted by characters, may stand in other sentences than the restated one
CLOSE: Final = 0.85  # of the best sentence's fit: what fits nearly as well may be the one that is restated

_CLAUSE: Final = re.compile(r"[^,;:。!?\n]+")
_LEAD: Final = re.compile(r"(?:根据|据|按照|按|截至|截止|依据).*")
_ANAPHOR: Final = re.compile(r"(?:其|该|它|这|此|两者|另)")
_PASSIVE: Final = re.compile("[被由获让使受]")
_MEASURED: Final = "面积 数量 金额 总额 人数 规模 长度 高度 时间 数目"  # said or left out at will
_MEASURES: Final = frozenset(_MEASURED.split())
_COMPASS: Final = re.compile("([东南西北])(?:面|侧|边|部)?(?:[至到起抵达临接邻]|靠近)+([\u3400-\u9fff]{2})")


@dataclass(frozen=True, slots=True)
class _Source:
    """A sentence as it is restated. text: with the one before it where it begins with 其, 该 …"""

    own: str
    text: str
    heading: str
    numbers: frozenset[Decimal]
    years: frozenset[Decimal]


@dataclass(frozen=True, slots=True)
class _Clause:
    """A clause of a statement. years: its own, and those of the attribution before it."""

    text: str
    words: tuple[str, ...]
    numbers: frozenset[Decimal]
    years: frozenset[Decimal]


def related(statement: str, grounds: Sequence[Ground], tokeniser: Tokeniser) -> bool:
    """Whether each clause of a folded statement restates some one sentence of the grounds."""
    sources = [source for one in grounds for source in _sources(one)]
    return all(_is_restated(clause, statement, sources) for clause in _clauses(statement, tokeniser))


def _clauses(statement: str, tokeniser: Tokeniser) -> Iterator[_Clause]:
    years: frozenset[Decimal] = frozenset()
    for found in _CLAUSE.finditer(statement):
        numbers = [one for one in counted(found[0]) if one.unit != "个" or one.value > 2]  # 两个 is looked at before
        own = frozenset(one.value for one in numbers if one.unit == "年")
        if _LEAD.fullmatch(found[0]):
            years = own
        elif words := ordered_words(found[0], tokeniser):
            held = frozenset(one.value for one in numbers)
            yield _Clause(found[0], tuple(word for word in words if word not in _MEASURES), held, own | years)


def _sources(one: Ground) -> Iterator[_Source]:
    before = ""
    for held in one.sentences:
        numbers = {figure.number for figure in held.figures}
        years = frozenset(value for value, unit in numbers if unit == "年")
        text = before + held.text if _ANAPHOR.match(held.text) else held.text
        yield _Source(held.text, text, one.heading, frozenset(value for value, _ in numbers), years)
        before = held.text


def _is_restated(clause: _Clause, statement: str, sources: Sequence[_Source]) -> bool:
    everything = "\n".join(source.own for source in sources)
    exact = [source for source in sources if clause.numbers <= source.numbers | _of(source.heading)]
    fits = [_fit(clause.text, f"{source.text}\n{source.heading}") for source in exact]
    near = (source for source, fit in zip(exact, fits, strict=True) if fit >= CLOSE * max(fits))
    restated = any(
        (clause.years <= source.years or not source.years)
        and _is_gathered(clause, source, everything)
        and not _has_rival(clause.text, statement, source)
        and not _changed_places(clause, source)
        for source in near
    )
    return restated and _points_right(clause.text, everything)


def _of(heading: str) -> frozenset[Decimal]:
    return frozenset(one.value for one in counted(heading))


def _fit(clause: str, text: str) -> float:
    """Share of the clause's pairs of neighbouring characters, without those of numbers, that the text holds."""
    pairs = {clause[at : at + 2] for at in range(len(clause) - 1)}
    wanted = [pair for pair in pairs if pair.isalpha()]
    return sum(pair in text for pair in wanted) / len(wanted) if wanted else 1.0


def _is_gathered(clause: _Clause, source: _Source, everything: str) -> bool:
    """Whether the words come from this sentence, above all the first, which says what the clause is about."""
    here = f"{source.text}\n{source.heading}"
    openings = (clause.text[:2], *clause.words[:1])
    if any(one in everything and one not in here and one not in FUNCTION_WORDS for one in openings):
        return False
    known = [word for word in clause.words if word in everything and word not in source.heading]
    away = [word for word in known if word not in source.text]
    return len(known) == 1 or sum(map(len, away)) <= GATHERED * sum(map(len, known))


def _has_rival(clause: str, statement: str, source: _Source) -> bool:
    """Whether the clause speaks of one 社区, 街道 … and the sentence of another, or the part of it that is restated."""
    restated = max(_CLAUSE.findall(source.own), key=lambda part: _fit(clause, part), default="")
    stated = cues.bearers(clause)
    return any(
        name not in text and any(kind == other and rival not in told for rival, other in cues.bearers(text))
        for text, told in ((source.own, statement), (restated, clause))
        for name, kind in stated
    )


def _changed_places(clause: _Clause, source: _Source) -> bool:
    """Whether one that stood behind a word now stands before it, and one that stood before it behind."""
    if _PASSIVE.search(clause.text):
        return False
    held = [word for word in clause.words if source.own.count(word) == 1]
    for at in range(1, len(held) - 1):
        pivot = source.own.index(held[at])
        behind = [word for word in held[at + 1 :] if source.own.index(word) < pivot]
        if behind and source.own.index(held[at - 1]) > pivot and not _PASSIVE.search(source.own):
            return True
    return False


def _points_right(clause: str, everything: str) -> bool:
    """Whether what lies in the east is said to lie in the east."""
    held = set(_COMPASS.findall(everything))
    known = {name for _, name in held}
    return all(pair in held for pair in _COMPASS.findall(clause) if pair[1] in known)
