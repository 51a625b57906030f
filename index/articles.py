"""Article numbers: which article, chapter or item a passage is, as tokens that a question can name."""

from collections.abc import Iterator

from corpus.folding import fold
from corpus.passage import Passage
from corpus.reading.numbering import ARTICLE, BRACKETED, COUNTED, DECIMAL, Numbering, numbering
from index.lexical.tokeniser import Tokeniser

_COUNTED = (COUNTED, BRACKETED, DECIMAL + 1)  # how a text without articles numbers what people call its articles


def articles_of(tokeniser: Tokeniser, passage: Passage) -> list[str]:
    """Tokens of the numbers that a passage bears: 第3章 and 第11条 of its headings, 第2项 of its items.

    Of a text without articles 十四、 and 14. count as 第14条.
    """
    headings = [one for name in passage.section if (one := numbering(name)) is not None]
    items = [one for line in passage.text.split("\n") if (one := numbering(line)) is not None]
    tokens = list(_written(tokeniser, [one for one in headings if one.rank <= ARTICLE]))
    if any(one.rank == ARTICLE for one in (*headings, *items)):
        tokens += _written(tokeniser, [one for one in items if one.rank == ARTICLE])
        tokens += [f"第{one.number}项" for one in items if one.rank == BRACKETED]
    else:
        tokens += [f"第{one.number}条" for one in (*headings, *items) if one.rank in _COUNTED and one.number]
    return list(dict.fromkeys(tokens))


def _written(tokeniser: Tokeniser, numberings: list[Numbering]) -> Iterator[str]:
    for one in numberings:
        yield from tokeniser.words(fold(one.label).text)[:1]
