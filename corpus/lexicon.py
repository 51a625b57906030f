"""The domain lexicon: words that a general dictionary would cut apart.

`corpus/lexicon/words.txt` holds one word a line (names of communities, towns, parks, streets,
policies, enterprises); ``#`` opens a comment. Words are kept folded, as the index sees them.
"""

import hashlib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from corpus.folding import fold


@dataclass(frozen=True, slots=True)
class Lexicon:
    """Folded words in sorted order, each once."""

    words: tuple[str, ...]

    @property
    def fingerprint(self) -> str:
        """SHA-256 of the words; part of the index manifest."""
        return hashlib.sha256("\n".join(self.words).encode()).hexdigest()


def parse_lexicon(text: str) -> Lexicon:
    """Read lexicon lines: a word each, ``#`` comments and empty lines left out."""
    lines = (line.partition("#")[0].strip() for line in text.splitlines())
    return Lexicon(tuple(sorted({fold(line).text for line in lines if line})))


@cache
def bundled_lexicon() -> Lexicon:
    """The lexicon that ships with the service."""
    return parse_lexicon((files("corpus") / "lexicon" / "words.txt").read_text(encoding="utf-8"))
