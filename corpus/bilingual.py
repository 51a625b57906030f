"""The bilingual lexicon: English words of the domain and what Chinese documents may call them.

It stands in `corpus/lexicon/english.txt`, one meaning a line. It is general vocabulary: whether a corpus speaks of
the thing, and by which of the Chinese words, is looked up when a question is read.
"""

from functools import cache
from importlib.resources import files
from typing import Final, NamedTuple

MOST_WORDS: Final = 5  # of an English wording


class English(NamedTuple):
    """What an English wording may mean.

    chinese       the usual word first
    abbreviation  whether it is written in capitals
    in_names      whether it is only understood as part of a name: dream in Dream Town
    """

    chinese: tuple[str, ...]
    abbreviation: bool
    in_names: bool


@cache
def bilingual_lexicon() -> dict[str, English]:
    """English wordings in lower case, words parted by one blank, hyphens kept."""
    content = (files("corpus") / "lexicon" / "english.txt").read_text(encoding="utf-8")
    return parse_bilingual(content)


def parse_bilingual(content: str) -> dict[str, English]:
    """Read the content of `english.txt`; of a wording that stands twice both lines count, the first one first.

    raises  ValueError that names the line
    """
    found: dict[str, English] = {}
    for number, line in enumerate(content.splitlines(), start=1):
        entry = line.partition("#")[0].strip()
        if not entry:
            continue
        in_names = entry.startswith("+")
        left, _, right = entry.removeprefix("+").partition(":")
        chinese, wordings = tuple(left.split()), [" ".join(one.split()) for one in right.split(",")]
        if not chinese or not all(wordings) or max(len(one.split()) for one in wordings) > MOST_WORDS:
            raise ValueError(
                f"english.txt, line {number}: write 中文: english, english (up to {MOST_WORDS} words each)"
            )
        for one in wordings:
            before = found.get(one.lower(), English((), False, True))
            in_all = in_names and before.in_names
            found[one.lower()] = English((*before.chinese, *chinese), one.isupper() and one.isascii(), in_all)
    return found
