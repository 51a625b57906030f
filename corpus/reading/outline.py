"""Outline: which single lines of a text are its headings, whatever format it came in.

A reader hands over blocks (`Part`) with what it knows of their look; headings that the format
itself marks stay as they are, and the lines that only read or look like headings become some below them.
"""

from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

from corpus.reading.numbering import ARTICLE, BRACKETED, CIRCLED, DECIMAL, DIVISION, SMALL, Numbering, numbering
from corpus.reading.parts import HEADING, LINE, PARAGRAPH, Part

LONGEST_HEADING = 40  # code points of a line that is a heading by its number or its look
_LONGEST_NUMBERED = 30  # of one numbered 一、, （一）, 1.
_LONGEST_QUESTION = 80
_PROSE_ENDS = frozenset("。！？；，、,.!?;”』」…")
_REFERS = ("规定", "所称", "所列", "的", "和", "或", "至", "第", "、")  # behind a number: the line only refers to it
_LEAST = 4  # level of a heading that nothing marks but what follows it
_LARGER = 1.12  # times the size of the running text
_MOST_BOLD = 0.4  # of the text: where more prose is bold, bold marks nothing
_ANSWER = ("答:", "答：", "A:", "A：")
_ASKS = ("问:", "问：", "Q:", "Q：")


class _Looks(NamedTuple):
    """What sets headings apart in this text: sizes above its own, largest first, and bold."""

    sizes: tuple[float, ...]
    bold: bool

    def level(self, part: Part) -> int:
        """How far out a line of this look stands, from 1; 0 for the look of the text."""
        if part.size in self.sizes:
            return min(1 + self.sizes.index(part.size), 4)
        return min(len(self.sizes), 3) + 1 if self.bold and part.bold else 0


def with_headings(parts: Sequence[Part]) -> list[Part]:
    """The same blocks, those that are headings by their number, their look, or as questions marked as such."""
    looks, asks = _looks_of(parts), _is_faq(parts)
    bare = not (looks.sizes or looks.bold or any(part.kind == HEADING for part in parts))
    found: list[Part] = []
    base = 0  # levels that the format itself has given so far
    for at, part in enumerate(parts):
        if part.kind == HEADING:
            base = max(base, part.level)
        elif level := _level_at(parts, at, looks, asks) or (bare and _LEAST * _is_bare(parts, at)):
            part = part._replace(kind=HEADING, level=base + level)
        found.append(part)
    return found


def is_question(text: str) -> bool:
    """Whether a line is a question of a list of questions and answers."""
    return text[-1:] in "？?" and len(text) <= _LONGEST_QUESTION and "。" not in text and not text.startswith(_ANSWER)


def question_of(heading: str) -> str:
    """The question that a heading asks, without its number; empty where it asks none."""
    if not is_question(heading):
        return ""
    found = numbering(heading)
    bare = heading[found.end :] if found else heading
    return next((bare[len(mark) :].strip() for mark in _ASKS if bare.startswith(mark)), bare)


def _level_at(parts: Sequence[Part], at: int, looks: _Looks, asks: bool) -> int:
    """Level of the line as a heading; 0 where it is none."""
    text = parts[at].text
    following = parts[at + 1].text if at + 1 < len(parts) else ""
    if not following or not text or "\n" in text:
        return 0
    found = numbering(text)
    if asks and is_question(text) and not is_question(following):
        return 1 + _depth(found)
    if len(text) > LONGEST_HEADING or text[-1] in _PROSE_ENDS or _is_statement(text):
        return 0
    if parts[at].kind == LINE and not looks.level(parts[at]):
        return 0  # the item of a list
    if found is not None and found.rank <= DIVISION:
        return 0 if _refers(text, found) or _rank(following) == found.rank else 1
    if look := looks.level(parts[at]):
        following_look = looks.level(parts[at + 1]) if parts[at + 1].kind != HEADING else 0
        return look + _depth(found) if following_look != look or found or len(following) > len(text) else 0
    previous = parts[at - 1].text if at else ""
    return 4 + _depth(found) if found and _stands_alone(text, found, previous, following) else 0


def is_bare_heading(line: str, following: str) -> bool:
    """Whether a line without a number opens a section: short, without a comma, and followed by longer prose."""
    if len(line) > _LONGEST_NUMBERED or numbering(line) is not None or line[-1:] in _PROSE_ENDS or line[-1:] in "：:”":
        return False
    if _is_statement(line):
        return False
    return len(following) > len(line) and following[-1] in "。：:！？!?." and "，" not in line and "," not in line


def _is_bare(parts: Sequence[Part], at: int) -> bool:
    line, following = parts[at].text, parts[at + 1].text if at + 1 < len(parts) else ""
    return parts[at].kind == PARAGRAPH and bool(line) and "\n" not in line and is_bare_heading(line, following)


def _depth(found: Numbering | None) -> int:
    """How deep a numbering stands among those that are not 章, 节 or 条."""
    return max(0, (found.rank - ARTICLE) // 10 if found.rank < DECIMAL else 3 + (found.rank - DECIMAL)) if found else 0


def _stands_alone(text: str, found: Numbering, previous: str, following: str) -> bool:
    """Whether a numbered line is a heading and no item of a list: its neighbours are not numbered alike."""
    if len(text) > _LONGEST_NUMBERED or text[-1] in "：:" or found.end >= len(text) > len(found.label):
        return False
    if found.rank in (SMALL, CIRCLED) or (found.rank > BRACKETED and any(mark in text for mark in "，,：:")):
        return False
    if found.rank == ARTICLE and _refers(text, found):
        return False
    return found.rank not in (_rank(previous), _rank(following))


def _rank(text: str) -> int:
    found = numbering(text)
    return found.rank if found else 0


def _refers(text: str, found: Numbering) -> bool:
    return text[found.end :].startswith(_REFERS) or "，" in text


def _is_statement(text: str) -> bool:
    """«联系电话：0571-…» states something; «入驻条件：» opens something."""
    place = max(text.find("："), text.find(":"))
    return 0 <= place < len(text) - 1


def _is_faq(parts: Sequence[Part]) -> bool:
    """Whether lines that ask open parts of the text: two of them with something else below."""
    texts = [part.text for part in parts]
    asking = [is_question(text) for text in texts]
    return sum(one and not other for one, other in zip(asking, [*asking[1:], True], strict=False)) > 1


def _looks_of(parts: Sequence[Part]) -> _Looks:
    letters: Counter[float] = Counter()
    bold, whole, any_bold = 0, 0, False
    for part in parts:
        if part.kind in (PARAGRAPH, LINE):
            letters[part.size] += len(part.text)
            prose = len(part.text) > LONGEST_HEADING or part.text[-1:] in _PROSE_ENDS
            bold += len(part.text) * (part.bold and prose)
            any_bold = any_bold or part.bold
            whole += len(part.text)
    body = letters.most_common(1)[0][0] if letters else 0.0
    sizes = sorted((size for size in letters if body and size > _LARGER * body), reverse=True)
    return _Looks(tuple(sizes), any_bold and bold < _MOST_BOLD * whole)
