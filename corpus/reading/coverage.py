"""Coverage: how much of what a file shows stands in passages, or in the report of what was left out.

Counted are letters, digits and ideographs, as pairs of neighbours, so that order, blanks and
punctuation do not matter and a sentence cut in two loses one pair.
"""

import unicodedata
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from operator import add

ENOUGH = 0.98  # of the visible characters; below it a warning names what is lost
_NAMED, _LONGEST = 3, 40  # texts that a warning names, and code points of each


@dataclass(frozen=True, slots=True)
class Coverage:
    """Characters that a source shows, how many of them were lost, and the texts that lost most."""

    visible: int = 0
    lost: int = 0
    examples: tuple[str, ...] = ()

    @property
    def share(self) -> float:
        """What was kept or reported, from 0 to 1; 1 for a source that shows nothing."""
        return 1 - self.lost / self.visible if self.visible else 1.0

    def then(self, following: "Coverage") -> "Coverage":
        """This step and the next one, which began with what this one kept."""
        visible = self.visible or following.visible
        return Coverage(visible, min(visible, self.lost + following.lost), (*self.examples, *following.examples))

    def warning(self) -> str:
        """What to tell where too much is lost; empty where enough was kept."""
        if self.share >= ENOUGH:
            return ""
        named = "; ".join(f"«{text}»" for text in self.examples[:_NAMED])
        return f"{100 * (1 - self.share):.1f} % of its text was lost without a reason: {named}"


def coverage(source: Iterable[str], kept: Iterable[str]) -> Coverage:
    """Compare what a source shows, text by text, with what was kept or reported.

    cost  linear in both
    """
    texts = [(text, bare) for text in source if (bare := visible_characters(text))]
    held: Counter[str] = Counter()
    for text in kept:
        bare = visible_characters(text)
        held.update(map(add, bare, bare[1:]))
        held.update(bare)
    wanted: Counter[str] = Counter()
    for _, bare in texts:
        wanted.update(map(add, bare, bare[1:]) if len(bare) > 1 else bare)
    missing = {pair: count - held[pair] for pair, count in wanted.items() if count > held[pair]}
    visible = sum(len(bare) for _, bare in texts)
    if not missing:
        return Coverage(visible)
    return Coverage(visible, min(visible, sum(missing.values())), _most_lost(texts, missing))


def visible_characters(text: str) -> str:
    """Letters, digits and ideographs of a text, compatible forms unified."""
    if not text.isascii():
        text = unicodedata.normalize("NFKC", text)
    return "".join(filter(str.isalnum, text))


def _most_lost(texts: Iterable[tuple[str, str]], missing: dict[str, int]) -> tuple[str, ...]:
    """The texts of which most is missing, shortened."""
    losses = []
    for text, bare in texts:
        pairs = map(add, bare, bare[1:]) if len(bare) > 1 else iter(bare)
        if lost := sum(pair in missing for pair in pairs):
            losses.append((lost, text))
    losses.sort(key=lambda one: -one[0])
    return tuple(" ".join(text.split())[:_LONGEST] for _, text in losses[:_NAMED])
