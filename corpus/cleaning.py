"""Cleaning: the characters that a text may keep.

Runs once, before a Document exists. What it removes never carries meaning for a
reader (control, bidirectional and invisible tag characters); what it removed is counted.
White space inside a line and zero-width characters stay: folding deals with them.
"""

import re
import unicodedata
from dataclasses import dataclass

_NEWLINES = re.compile("\r\n|[\r\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029]")
_REMOVED = {
    "control": re.compile("[\x00-\x08\x0e-\x1b\x1f\x7f-\x84\x86-\x9f]"),
    "bidirectional": re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]"),
    "tag": re.compile("[\U000e0000-\U000e007f]"),
    "byte order mark": re.compile("\ufeff"),
}
_ODD = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff\U000e0000-\U000e007f]"
)
_LINE_END_OR_ODD = re.compile(f"\n|{_ODD.pattern}")
_SHOWING_NOTHING = frozenset({"Zs", "Zl", "Zp", "Cc", "Cf", "Mn", "Me"})
_BLANK_LINES = re.compile(r"\n{3,}")


@dataclass(frozen=True, slots=True)
class Cleaned:
    """Cleaned text and how many characters of which kind were taken out."""

    text: str
    removed: dict[str, int]


def clean(text: str) -> Cleaned:
    """Unify line ends, take out invisible control characters, trim line ends.

    returns  cleaning cleaned text changes nothing
    cost     linear in the text
    """
    kept, removed = _without_invisible(text)
    if "\n" not in kept:
        return Cleaned(kept.rstrip(), removed)
    lines = "\n".join(line.rstrip() for line in kept.split("\n"))
    return Cleaned(_BLANK_LINES.sub("\n\n", lines).strip("\n"), removed)


def is_clean_line(text: str) -> bool:
    """Whether the text is one line of which `clean` would at most trim the end."""
    return _LINE_END_OR_ODD.search(text) is None


def clean_line(text: str) -> str:
    """Clean a name, a title or another short text: one line, single blanks, none at the edges."""
    return " ".join(_without_invisible(text)[0].split())


def visible(text: str) -> str:
    """The text without invisible control characters; white space stays as it is."""
    return _without_invisible(text)[0]


def shows_nothing(text: str) -> bool:
    """True for a text of nothing but white space, marks without a letter, and invisible characters."""
    return all(unicodedata.category(character) in _SHOWING_NOTHING for character in text)


def _without_invisible(text: str) -> tuple[str, dict[str, int]]:
    if _ODD.search(text) is None:
        return text, {}
    text = _NEWLINES.sub("\n", text)
    removed = {}
    for kind, pattern in _REMOVED.items():
        text, count = pattern.subn("", text)
        if count:
            removed[kind] = count
    return text, removed
