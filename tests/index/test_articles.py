"""Article numbers: a passage bears those of its headings and items, and a question that names one finds it."""

import pytest

from corpus.lexicon import parse_lexicon
from corpus.passage import Passage
from index.articles import articles_of
from index.lexical.bm25 import ARTICLE_SCORE, LexicalEntry, LexicalIndex, Tokens
from index.lexical.tokeniser import Tokeniser


def passage(text: str, *section: str) -> Passage:
    return Passage("a", 0, len(text), text, section)


@pytest.mark.parametrize(
    ("one", "articles"),
    [
        (
            passage("第十一条 有下列情形的：\n\n（一）甲；\n\n（二）乙。", "第三章 管理", "第十一条"),
            ["第3章", "第11条", "第1项", "第2项"],
        ),
        (passage("依照第三条办理。", "第十一条之一"), ["第11条之一"]),
        (passage("奖励十万元。", "三、奖励", "14. 升级入统"), ["第3条", "第14条"]),
        (passage("依照第三条办理。", "概况"), []),
    ],
)
def test_what_a_passage_bears(one: Passage, articles: list[str]) -> None:
    assert articles_of(Tokeniser(parse_lexicon("")), one) == articles


def test_the_article_comes_before_those_that_refer_to_it() -> None:
    leg = LexicalIndex.in_memory()
    refers = LexicalEntry(1, "a", Tokens("", "", "第11条 第11条 条例", ""))
    is_it = LexicalEntry(2, "a", Tokens("", "", "第11条 条例 甲 乙 丙 丁", "", articles="第11条"))
    reader = leg.change([], [refers, is_it])
    first, second = reader.search(["第11条", "条例"], "words", 5)
    assert (first.row, second.row) == (2, 1)
    assert first.score - second.score > ARTICLE_SCORE / 2
