"""Description: what a text says of itself: title, document number, issuer, date, author, validity.

What the text says comes first, then what the file's properties say, where that is more than
what a program or a template puts there.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from corpus.folding import fold
from corpus.reading.dates import iso_date
from corpus.reading.description_terms import (
    ANYWHERE,
    DAY,
    IN_FORCE,
    ISSUER,
    JOINS,
    LABELLED,
    NOT_A_TITLE,
    NUMBER,
    PASSED,
    PLACEHOLDER,
    PROGRAM,
    TITLE,
)
from corpus.reading.numbering import numbering
from corpus.reading.outline import is_bare_heading
from corpus.reading.parts import HEADING, Part

FIELDS = ("title", "publisher", "author", "date", "date_note", "url", "number", "validity")
_OPENING, _CLOSING = 15, 10  # parts at the edges of a text that are looked at
_ALIKE = 0.6  # of a given title: so much of it must stand in a line
_LONGEST_LINE = 200  # code points of a line of metadata


class _Title(NamedTuple):
    """Parts from first to last, exclusive, that are the title, and its words."""

    first: int
    last: int
    words: str


class _Signature(NamedTuple):
    """What the signature says, and the parts from first to last, exclusive, that it takes."""

    told: Mapping[str, str]
    first: int = 0
    last: int = 0


@dataclass(frozen=True, slots=True)
class Description:
    """What a text says of itself, by field.

    parts   the text without its title line and its signature
    signed  lines of the signature, where issuer and day could be taken from it
    """

    told: dict[str, str]
    parts: list[Part]
    signed: list[str]


def described(parts: Sequence[Part], told: Mapping[str, str], kind: str = "") -> Description:
    """Complete what a file says of itself with what its text says.

    told   of the file's properties, by field; placeholders are left out
    kind   the format: a page's own title is what readers see, and plain text has nothing but its first line
    """
    opening = {part.text for part in parts[:_OPENING]}
    known = {
        name: value for name, value in told.items() if value and (value in opening or not _is_placeholder(name, value))
    }
    rest, signature = list(parts), _signature(parts)
    said = dict(_said(parts, signature.told))
    signed = [part.text for part in parts[signature.first : signature.last]] if len(signature.told) > 1 else []
    if signed:
        rest[signature.first : signature.last] = _emptied(parts[signature.first : signature.last])
    given = known.get("title", "")
    if (found := _title_of(parts, given, kind)) is not None and found.last <= len(parts) - 1:
        if not (_same(given, found.words) and len(given) > len(found.words)):
            said["title"] = found.words
        rest[found.first : found.last] = _emptied(parts[found.first : found.last])
    if "date" in said:
        known.pop("date_note", None)  # of the file, which says less
    return Description({**known, **said}, rest, signed)


def is_placeholder_title(title: str) -> bool:
    """Whether a title is what a program or a template puts there: «Microsoft Word - 文档1», «幻灯片 1»."""
    return PLACEHOLDER.fullmatch(title.strip()) is not None


def _is_placeholder(field: str, value: str) -> bool:
    if field == "title":
        return is_placeholder_title(value)
    return field == "author" and PROGRAM.fullmatch(value.strip()) is not None


def _same(one: str, other: str) -> bool:
    bare, again = "".join(one.split()), "".join(other.split())
    return bool(bare) and (bare in again or again in bare)


def _emptied(parts: Sequence[Part]) -> list[Part]:
    """As many parts without text, which keep where a page begins; assembling passes over the others."""
    return [Part(HEADING, "", 1, tuple((page, 0) for page, _ in part.pages)) for part in parts]


def _title_of(parts: Sequence[Part], given: str, kind: str) -> _Title | None:
    """The title that opens the text: the one that was given, a first heading, or lines that end as titles do."""
    opening = _opening(parts)
    for at, part in opening:
        if given and _is_given(part.text, given, first=at == opening[0][0], exactly=kind == "markdown"):
            return _Title(at, at + 1, part.text)
    if given and kind in ("html", "markdown"):
        return None
    for at, part in opening:
        if not _may_be_title(part.text):
            continue
        if part.kind == HEADING and part.level <= 1 and at == opening[0][0]:
            return _Title(at, at + 1, part.text)
        if count := _lines_of_title(parts, at):
            first = _first_line(parts, at)
            return _Title(first, at + count, "".join(one.text for one in parts[first : at + count]))
    return _bare_title(parts, opening[0][0]) if opening and kind == "text" and not given else None


def _is_given(line: str, given: str, *, first: bool, exactly: bool) -> bool:
    """Whether a line is the title that the file gives: the same words, or most of them in the first line."""
    if "".join(line.split()) == "".join(given.split()):
        return True
    likely = first and not exactly and _same(line, given) and min(len(line), len(given)) >= _ALIKE * len(given)
    return likely and _may_be_title(line)


def _bare_title(parts: Sequence[Part], at: int) -> _Title | None:
    """A first line that stands over prose, or over the first of several numbered headings."""
    if at + 1 >= len(parts) or parts[at].kind == HEADING:
        return None
    line, following = parts[at].text, parts[at + 1]
    over_heading = following.kind == HEADING or (numbering(following.text) is not None and len(following.text) <= 30)
    opens = len(line) <= 60 and line[-1:] not in "。！？；，、：,.!?;:”』」…" and numbering(line) is None
    if _may_be_title(line) and (is_bare_heading(line, following.text) or (opens and over_heading)):
        return _Title(at, at + 1, line)
    return None


def _opening(parts: Sequence[Part]) -> list[tuple[int, Part]]:
    """Short lines before the first sentence."""
    found = []
    for at, part in enumerate(parts[:_OPENING]):
        text = part.text.strip()
        if PASSED.fullmatch(text) or not text:
            continue
        if len(text) > 120 or text[-1] in "。；：:，" or "\n" in text:
            break
        found.append((at, part))
    return found


def _may_be_title(text: str) -> bool:
    if not 4 <= len(text) <= 100 or text[-1] in "。；：:，、！？" or NUMBER.fullmatch(text.strip()):
        return False
    return not (NOT_A_TITLE.match(text) or numbering(text) or any(mark in text for mark in "：:"))


def _lines_of_title(parts: Sequence[Part], at: int) -> int:
    """How many lines from here on are the title: ones that end as titles do, the last of them; 0 for none."""
    for count in (1, 2, 3):
        lines = parts[at : at + count]
        if len(lines) < count or any(not _may_continue(line, lines[0]) for line in lines[1:]):
            return 0
        whole = "".join(line.text for line in lines)
        if TITLE.fullmatch(whole) and len(whole) >= 4:
            return count
    return 0


def _first_line(parts: Sequence[Part], at: int) -> int:
    """Where the title begins whose last lines stand here: «某某关于做好…», or the office before «关于…»."""
    for first in range(at - 1, max(-1, at - 4), -1):
        text = parts[first].text
        if not _may_be_title(text) or len(text) > 60 or TITLE.fullmatch(text):
            break
        whole = "".join(part.text for part in parts[first:at])
        if "关于" in text or (ISSUER.fullmatch(text) and JOINS.match(parts[first + 1].text)):
            return first
        if first == at - 1 and "关于" not in "".join(part.text for part in parts[max(0, at - 3) : at]):
            break
        if len(whole) > 100:
            break
    return at


def _may_continue(line: Part, first: Part) -> bool:
    alike = line.size == first.size > 0 and line.bold == first.bold
    return len(line.text) <= 80 and bool(JOINS.match(line.text) or alike) and line.text[-1:] not in "。；：:，"


def _said(parts: Sequence[Part], signed: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Fields that the edges of the text give, each once."""
    opening = [part.text for part in parts[:_OPENING] if len(part.text) <= _LONGEST_LINE]
    closing = [part.text for part in parts[-_CLOSING:] if len(part.text) <= _LONGEST_LINE]
    labelled = _labelled([*opening, *closing])
    passed = "".join(part.text for part in parts[:_OPENING] if PASSED.match(part.text))
    fields = {
        "number": labelled.get("number") or _number(opening),
        "date": signed.get("date") or _day(labelled.get("date", "")) or _last_day(passed),
        "publisher": signed.get("publisher") or labelled.get("publisher", ""),
        "author": labelled.get("author", ""),
        "validity": labelled.get("validity") or _in_force(parts),
    }
    if not fields["date"] and (begins := _day(fields["validity"])):
        fields |= {"date": begins, "date_note": "以施行日为准"}
    yield from ((field, value[:80]) for field, value in fields.items() if value)


def _labelled(lines: Sequence[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for line in lines:
        for field, pattern in LABELLED.items():
            if field not in found and (match := pattern.search(line)):
                value = match[1].strip(" 　，,；;。")
                if _fits(field, value):
                    found[field] = _number([value]) if field == "number" else value
    return found


def _fits(field: str, value: str) -> bool:
    if field == "date":
        return bool(_day(value))
    if field == "number":
        return bool(NUMBER.search(value))
    return 1 < len(value) <= 40 and not value.startswith("http") and ANYWHERE.fullmatch(value) is None


def _number(lines: Sequence[str]) -> str:
    """A document number that stands on a line of its own, in brackets below the title, or before a salutation."""
    for line in lines:
        bare = line.strip().strip("（）() 　")
        found = NUMBER.match(bare)
        if found is not None and (found.end() == len(bare) or bare[-1] in "：:"):
            return "".join(found[1].split())
    return ""


def _signature(parts: Sequence[Part]) -> _Signature:
    """Issuer and day below the text: a short line and a date behind it, or both in one part."""
    for at in range(len(parts) - 1, max(len(parts) // 2, len(parts) - _CLOSING) - 1, -1):
        lines = parts[at].text.split("\n")
        found = DAY.fullmatch(fold(lines[-1]).text) if len(parts[at].text) <= 80 else None
        if found is None or not (date := iso_date(found["day"])):
            continue
        inside = found["issuer"] or (lines[-2] if len(lines) > 1 else "")
        first = at if inside or not at else at - 1
        issuer = "".join((inside or parts[first].text).split())
        if ISSUER.fullmatch(issuer) and len(lines) < 3:
            return _Signature({"date": date, "publisher": issuer}, first, at + 1)
        return _Signature({"date": date})
    return _Signature({})


def _day(text: str) -> str:
    return iso_date(fold(text).text) if text else ""


def _last_day(text: str) -> str:
    """The last date of «(2005年…通过 根据2020年…修正)»."""
    days = [iso_date(day) for day in re.findall(r"\d{4}年\d{1,2}月\d{1,2}日", fold(text).text)]
    return max(filter(None, days), default="")


def _in_force(parts: Sequence[Part]) -> str:
    """«自2020年1月1日起施行，有效期3年», as the text's first or last blocks say."""
    for part in [*parts[-_CLOSING:], *parts[:_OPENING]]:
        folded = fold(part.text)
        if found := IN_FORCE.search(folded.text):
            return folded.raw[slice(*folded.raw_span(*found.span()))]
    return ""
