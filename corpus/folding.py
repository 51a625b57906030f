"""Folding: the search key of a text, with the way back to the author's characters.

Passages and questions are folded alike, so that 佔地８０.10 畝 and 占地80.1亩 meet. The key is
only ever searched; what is shown is the raw text, found through Folded.raw_span.
"""

import re
import unicodedata
from array import array
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from typing import Final

from opencc import OpenCC

from corpus.spelling import CHINESE, MEASURE, Edit, rewrites

FOLDING_VERSION: Final = "1"  # goes into the index manifest; raise it with every change of a key

PUNCTUATION: Final = {
    **dict.fromkeys("“”„‟〝〞「」『』", '"'),
    **dict.fromkeys("‘’‚‛", "'"),
    **dict.fromkeys("‐‑‒–—―−─⸺", "-"),
    **dict.fromkeys("〜∼～˜", "~"),
    **dict.fromkeys("•‧・∙⋅", "·"),
}
# Not among them: ① and ² are no digits (①200家, 10²), and ½ is longer than one character.
COMPATIBLE: Final = ("<wide>", "<narrow>", "<compat>", "<font>", "<noBreak>", "<vertical>", "<small>")
WITH_FORMS: Final = (  # where characters with case or with a compatible form are found
    *(range(0x41, 0x3400), range(0xA000, 0xAC00), range(0xF900, 0x10000), range(0x10400, 0x10D00)),
    *(range(0x118A0, 0x118E0), range(0x16E40, 0x16E60), range(0x1D400, 0x1D800), range(0x1E900, 0x1E944)),
    range(0x2F800, 0x2FA20),
)
IDEOGRAPHS: Final = (range(0x2E80, 0x2FE0), range(0x3400, 0xA000), range(0xF900, 0xFB00))
IN_PHRASES: Final = "瞭藉甦覆衹"  # alone they are simplified; in 瞭解, 藉口, 甦醒, 答覆, 衹得 they are not

INVISIBLE: Final = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060\u2066-\u2069\ufe00-\ufe0f\ufeff]++")
WHITE_SPACE: Final = re.compile(r"\s++")
LONE_SURROGATE: Final = re.compile("[\ud800-\udfff]")
PASSES: Final = 8  # the first pass does the work, the second proves it; more are needed by nonsense only

QUANTITY: Final = re.compile(
    r"(?<![0-9a-z_])(?<![0-9a-z_][.:/])(?<![a-z_]-)(?<![0-9],)(第?+)((?:0|[1-9][0-9]{0,29}+)(?:\.[0-9]++|(?!\.[0-9])))"
    r"(?![0-9a-z_]|[.:/][0-9a-z_]|,[0-9]{3}(?![0-9]))[余多几]?+(万亿|亿|万)?"
    rf"(公里/小时|平方公里|平方米|立方米|个月|个百分点|{MEASURE}|[大块元版分克升枚%‰])?"
)
PLACES: Final = {"": 0, "万": 4, "亿": 8, "万亿": 12}


@dataclass(frozen=True, slots=True)
class Folded:
    """A text and its search key.

    starts, ends  one entry for each character of `text`: it comes from raw[starts[i]:ends[i]];
                  both never fall, and all digits of a rewritten number have the span of the number
    """

    raw: str
    text: str
    starts: Sequence[int]
    ends: Sequence[int]

    def __post_init__(self) -> None:
        if not len(self.text) == len(self.starts) == len(self.ends):
            raise ValueError(f"{len(self.text)} characters, {len(self.starts)} starts and {len(self.ends)} ends")

    def raw_span(self, start: int, end: int) -> tuple[int, int]:
        """Find the smallest span of the raw text that covers a span of the key.

        start, end  code points into `text`, half-open: 0 <= start <= end <= len(text)
        returns     code points into `raw`, half-open; empty where the given span is empty
        raises      ValueError if the span does not lie in the key
        """
        if not 0 <= start <= end <= len(self.text):
            raise ValueError(f"span [{start}, {end}) does not lie in a key of {len(self.text)} characters")
        if start < end:
            return self.starts[start], self.ends[end - 1]
        place = self.starts[start] if start < len(self.text) else len(self.raw)
        return place, place


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number that a text states.

    value       80.1 for 80.10亩, 1000000 for 一百万; of 100余家 the number that is written
    unit        in its folded spelling; of 第三批 it is 第批, which is not 三批; "" if there is none
    start, end  number and unit in the raw text, code points, half-open; numbers that were rewritten
                together, as in 5~10万, share a span
    """

    value: Decimal
    unit: str
    start: int
    end: int


def fold(text: str) -> Folded:
    """Make the search key of a text: characters, white space, numerals, units and dates.

    text     any string, lone surrogates included
    returns  the key with its map; folding a key again changes nothing
    cost     linear in the text
    """
    whole = Folded(text, text, _counting(0, len(text)), _counting(1, len(text)))
    visible = _apply(whole, [Edit(*found.span(), "") for found in INVISIBLE.finditer(text)])
    folded = Folded(text, fold_characters(visible.text), visible.starts, visible.ends)
    for _ in range(PASSES):
        spaced = _apply(folded, _blanks(folded.text))
        settled = _apply(spaced, rewrites(spaced.text))
        if settled is folded:
            break
        folded = settled
    return folded


def fold_characters(text: str) -> str:
    """Fold character by character: full width, case, quotes, dashes, traditional forms.

    text     any string
    returns  a string of the same length; folding it again changes nothing
    """
    if text.isascii():
        return text.lower()
    forms, with_form, traditional = _tables()
    plain = with_form.sub(lambda found: forms.get(found[0], found[0]), text)
    for _ in range(PASSES):
        if not traditional.search(plain) or (simplified := _simplified(plain)) == plain:
            break
        plain = simplified
    return plain


def numbers(text: str) -> list[Quantity]:
    """Find the numbers that a text states, whatever way they are written.

    text     raw text
    returns  in order of the text; codes, dotted addresses and numbers with leading zeros are not numbers
    """
    folded = fold(text)
    return [_quantity(folded, found) for found in QUANTITY.finditer(folded.text)]


def _quantity(folded: Folded, found: re.Match[str]) -> Quantity:
    ordinal, digits, place, unit = (group or "" for group in found.groups())
    value = Decimal(format(Decimal(f"{digits}e{PLACES[place]}"), "f"))  # exact, and written without an exponent
    return Quantity(value, ordinal + unit, *folded.raw_span(*found.span()))


def _blanks(text: str) -> list[Edit]:
    """White space goes beside Chinese characters and at both ends; elsewhere it is one blank."""
    edits = []
    for found in WHITE_SPACE.finditer(text):
        start, end = found.span()
        inside = start > 0 and end < len(text) and not CHINESE.match(text, start - 1) and not CHINESE.match(text, end)
        if not inside or found[0] != " ":
            edits.append(Edit(start, end, " " if inside else ""))
    return edits


def _apply(folded: Folded, edits: list[Edit]) -> Folded:
    """Carry out the edits; every new character comes from all that its edit replaces."""
    if not edits:
        return folded
    pieces: list[str] = []
    starts, ends = array("I"), array("I")
    position = 0
    for start, end, spelling in [*edits, Edit(len(folded.text), len(folded.text), "")]:
        pieces += folded.text[position:start], spelling
        starts.extend(folded.starts[position:start])
        ends.extend(folded.ends[position:start])
        if spelling:
            starts.extend([folded.starts[start]] * len(spelling))
            ends.extend([folded.ends[end - 1]] * len(spelling))
        position = end
    return Folded(folded.raw, "".join(pieces), starts, ends)


def _counting(first: int, count: int) -> Sequence[int]:
    """first, first + 1, …; for the many short texts cut from one that is ready."""
    return _READY[first : first + count] if count < len(_READY) else array("I", range(first, first + count))


_READY: Final = array("I", range(1000))


def _simplified(text: str) -> str:
    """Simplify phrases first; single characters where OpenCC would change the length or cannot read the text."""
    if not LONE_SURROGATE.search(text):
        converted: str = _opencc().convert(text)
        if len(converted) == len(text):
            return converted
    return "".join(map(_simplified_character, text))


def _simplified_character(character: str) -> str:
    converted: str = character if LONE_SURROGATE.match(character) else _opencc().convert(character)
    return converted if len(converted) == 1 else character


@cache
def _opencc() -> OpenCC:
    return OpenCC("t2s")


@cache
def _tables() -> tuple[dict[str, str], re.Pattern[str], re.Pattern[str]]:
    """The folded form of single characters; what may have one; what may be traditional."""
    single = {chr(code): _form(chr(code)) for codes in WITH_FORMS for code in codes}
    forms = {character: form for character, form in single.items() if character != form}
    ideographs = [chr(code) for codes in IDEOGRAPHS for code in codes]
    simple = _opencc().convert("\n".join(ideographs)).split("\n")
    traditional = "".join(old for old, new in zip(ideographs, simple, strict=True) if old != new)
    return forms, _one_of("".join(forms)), _one_of(traditional + IN_PHRASES)


def _one_of(characters: str) -> re.Pattern[str]:
    """All of the planes beyond the first stand in as one range: thousands of single ones make a pattern slow."""
    first_plane = "".join(character for character in characters if character < "\U00010000")
    return re.compile(f"[{re.escape(first_plane)}\U00010000-\U0010ffff]")


def _form(character: str) -> str:
    while (form := _next_form(character)) != character:
        character = form
    return character


def _next_form(character: str) -> str:
    if character in PUNCTUATION:
        return PUNCTUATION[character]
    decomposition = unicodedata.decomposition(character)
    if decomposition.startswith(COMPATIBLE) or (decomposition and "<" not in decomposition):
        form = unicodedata.normalize("NFKC", character)
        if len(form) == 1 and form != character:
            return form
    lower = character.lower()
    return lower if len(lower) == 1 else character
