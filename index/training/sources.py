"""What the encoder learns from: which collections, how much of each, and how they are read.

Every text leaves this module folded (see fold), so no later step meets a traditional or full-width character.
"""

import gzip
import json
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import opencc

SIMPLIFY = opencc.OpenCC("t2s")


@dataclass(frozen=True, slots=True)
class Collection:
    """One collection of pairs and prose.

    pairs    question-passage pairs drawn in one epoch, at most; 0 leaves the pairs out
    prose    weight of a word of its prose when words are counted, 1 is the ordinary; twice of it, at most 1, is
             the share of the paragraphs that neighbours are counted in
    family   collections of one family are contrasted with each other in a batch
    torn     pairs of a sentence and the rest of its paragraph drawn in one epoch, at most
    """

    name: str
    family: str
    pairs: int
    prose: float
    torn: int = 0

    @property
    def words(self) -> float:
        """Weight of a word of its questions, titles and headings."""
        return 0.1 if self.family == "software" else 0.5


COLLECTIONS = (
    Collection("stard", "law", 1853 * 4, 0.0),
    Collection("laws", "law", 4000, 0.15),
    Collection("laws_synthq", "law", 6000, 0.0),
    Collection("laws_ict", "law", 5000, 0.0),
    Collection("justlaws", "law", 0, 0.3, torn=1000),
    Collection("govreport", "prose", 126 * 4, 4.0, torn=400),
    Collection("csl", "prose", 3946, 1.0, torn=3000),
    Collection("commonvoice", "prose", 0, 1.0),
    Collection("howtocook", "prose", 1346, 1.0, torn=1000),
    Collection("d365fo", "software", 700, 0.05),
    Collection("d365po", "software", 300, 0.05),
    Collection("ms_partner", "software", 700, 0.1),
    Collection("ms_faqyml", "software", 121, 0.1),
    Collection("ms_alchemy", "software", 1000, 0.1),
    Collection("ms_arch", "software", 700, 0.1, torn=1000),
    Collection("ms_winserver", "software", 500, 0.05),
    Collection("ms_dotnet", "software", 700, 0.05),
    Collection("ms_sql", "software", 700, 0.05),
    Collection("vue", "software", 457, 0.2),
    Collection("react", "software", 1053, 0.2, torn=1000),
    Collection("tf", "software", 1500, 0.2, torn=1000),
    Collection("paddle", "software", 1000, 0.2),
    Collection("d2l", "software", 958, 0.3, torn=1000),
    Collection("rustbook", "software", 342, 0.3),
)


@dataclass(frozen=True, slots=True)
class Pair:
    """A question, title or heading and a passage that belongs to it."""

    question: str
    passage: str


def fold(text: str) -> str:
    """Return the text as the tokenizer sees it: NFKC, simplified characters, lower case."""
    return str(SIMPLIFY.convert(unicodedata.normalize("NFKC", text))).lower()


def read_pairs(folder: Path, name: str) -> list[Pair]:
    """Return the pairs of `folder/pairs/<name>.jsonl.gz`, in file order; an absent file has none."""
    path = folder / "pairs" / f"{name}.jsonl.gz"
    if not path.exists():
        return []
    rows = [json.loads(line) for line in lines_of(path)]
    return [Pair(fold(row["q"]), fold(row["p"])) for row in rows]


def read_prose(folder: Path, name: str) -> list[str]:
    """Return the paragraphs of `folder/text/<name>.txt.gz`, in file order; an absent file has none."""
    path = folder / "text" / f"{name}.txt.gz"
    return [fold(line) for line in lines_of(path)] if path.exists() else []


def lines_of(path: Path) -> Iterator[str]:
    """Yield the lines of a gzipped text that hold anything, stripped."""
    with gzip.open(path, "rt", encoding="utf-8") as stream:
        yield from (line.strip() for line in stream if line.strip())
