"""Staleness: which passages of the lexical index have to be cut anew because words came or went."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, Final, Self

from corpus.lexicon import Lexicon
from index.lexical.bm25 import LexicalReader
from index.lexical.tokeniser import rules_of

_LOOKED_UP: Final = 500  # changed words up to which passages that hold them are looked up; for more, all are stale


@dataclass(frozen=True, slots=True)
class Cut:
    """How the passages of a lexical index were cut, as the manifest keeps it.

    rules     see `tokens.rules_of`
    words     of the lexicon
    doubtful  words whose passages may be cut with them or without, because a change was interrupted
    """

    rules: str
    words: frozenset[str]
    doubtful: frozenset[str] = frozenset()

    @classmethod
    def by(cls, lexicon: Lexicon) -> Self:
        """All passages as a tokeniser with this lexicon cuts them."""
        return cls(rules_of(lexicon), frozenset(lexicon.words))

    @classmethod
    def noted(cls, record: Mapping[str, Any]) -> Self:
        """What `to_record` gave; of anything else, what agrees with no lexicon."""
        found = [record.get(name) for name in ("words", "doubtful")]
        if not all(isinstance(part, list) and all(isinstance(word, str) for word in part) for part in found):
            return cls("", frozenset())
        words, doubtful = (frozenset(part or ()) for part in found)
        return cls(str(record.get("rules")), words, doubtful)

    def to_record(self) -> dict[str, Any]:
        return {"rules": self.rules, "words": sorted(self.words), "doubtful": sorted(self.doubtful)}

    def towards(self, wanted: "Cut") -> Self:
        """What holds while passages are being cut anew."""
        return type(self)(self.rules, self.words, self._changed(wanted))

    def rows_to_retokenise(self, reader: LexicalReader, wanted: "Cut") -> frozenset[int]:
        """Rows of the passages to cut anew, so that all are as wanted; some of them may turn out as they were."""
        changed = self._changed(wanted)
        if self.rules != wanted.rules or len(changed) > _LOOKED_UP:
            return reader.rows()
        return _rows_holding(reader, changed)

    def _changed(self, wanted: "Cut") -> frozenset[str]:
        return self.words ^ wanted.words | self.doubtful


def _rows_holding(reader: LexicalReader, words: Collection[str]) -> frozenset[int]:
    """Rows of the passages that hold all pairs of characters of a word: all that hold the word, and few others."""
    pairs = ([word[at : at + 2] for at in range(len(word) - 1)] for word in sorted(words))
    return frozenset().union(*map(reader.rows_holding, pairs))
