"""Tokens of folded text: words for precision, character n-grams for what no dictionary knows.  [jieba]

The number of an article is one token in both: 第11条 (folding makes it of 第十一条), 第11条之一, 第2款, 第3项.

jieba's dictionary and algorithm cut the words (search mode, without its statistical guesses,
which change with the context). rjieba, the same algorithm in Rust, does the work where it is
installed; `tests/test_tokens.py` holds the two equal.
"""

import hashlib
import importlib
import logging
import re
from collections.abc import Callable, Iterable, Iterator
from copy import copy
from dataclasses import dataclass
from importlib.metadata import version

from corpus.folding import FOLDING_VERSION
from corpus.lexicon import Lexicon
from corpus.numerals import read

LONGEST = 64  # code points; longer runs of letters or digits are no words anybody asks for
_LEXICON_FREQUENCY = 20_000  # high enough that a lexicon word wins over its parts
_FILLED = 1000  # words: a lexicon weighs as much as the next multiple of so many, see Tokeniser
_FILLER = "\ue000"  # no run of a text holds it
_HAN = r"\u3005\u3007\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"  # ideographs, 々 and 〇
_NO_ORDINAL = _HAN.replace(r"\u3400-\u9fff", r"\u3400-\u7b2b\u7b2d-\u9fff")  # all but 第
_NUMERAL = "[0-9]{1,5}|[一二三四五六七八九十百千零]{1,8}"
_ARTICLE = (  # 第一条例 and 第三章程 are not articles
    rf"第(?:{_NUMERAL}|\((?:{_NUMERAL})\))"
    r"(?:条(?![例件线款])|款(?!项)|项(?!目)|章(?!程)|节(?![点课目能])|编(?![辑制号])|篇(?![幅章]))(?:之[一二三四五六七八九十]{1,3}(?!处|间))?"
)
_ARTICLE_PARTS = re.compile(r"第\(?([0-9]+|[一二三四五六七八九十百千零]+)\)?(.+)", re.S)
ARTICLE_TOKEN = re.compile(r"第[0-9]+(?:条|款|项|章|节|编|篇)(?:之[一二三四五六七八九十]+)?")
_RUNS = re.compile(
    rf"(?P<article>{_ARTICLE})|[0-9]+(?:\.[0-9]+)*[%‰]?|[a-z0-9]+|(?:[{_NO_ORDINAL}]+|(?!{_ARTICLE})第)+|[^\W_a-z0-9{_HAN}]+"
)
_IDEOGRAPH = re.compile(f"[{_HAN}]")
_RUNS_VERSION = 3  # goes into the index manifest; raise it with every change of a token


@dataclass(frozen=True, slots=True)
class Token:
    """A word of a folded text with its span in that text, code points, half-open.

    text  the slice; only the number of an article has one spelling: 第(十一)条 is 第11条
    """

    text: str
    start: int
    end: int


Cut = Callable[[str], Iterable[tuple[str, int, int]]]


class Tokeniser:
    """Words and n-grams of folded text. Build one and keep it: loading the dictionary takes a moment.

    jieba weighs each word against all words together, so that one more would shift every cut a little. Lexicons
    are therefore filled up to one weight: where `rules_of` two lexicons are the same, texts that hold none of the
    words in which they differ are cut alike.

    fingerprint  digest of all that decides tokens
    """

    def __init__(self, lexicon: Lexicon) -> None:
        self.lexicon = lexicon
        self._cut = _rust_cut(lexicon) or python_cut(lexicon)
        self.fingerprint = hashlib.sha256(f"{rules_of(lexicon)};{lexicon.fingerprint}".encode()).hexdigest()

    def with_lexicon(self, lexicon: Lexicon) -> "Tokeniser":
        """A tokeniser of another lexicon; the dictionary is loaded again only for other words."""
        if lexicon.words != self.lexicon.words:
            return Tokeniser(lexicon)
        twin = copy(self)
        twin.lexicon = lexicon
        return twin

    def words(self, folded: str) -> list[str]:
        """Words in text order, overlapping ones included (产业社区 also gives 产业 and 社区)."""
        return [token.text for token in self.tokens(folded)]

    def tokens(self, folded: str) -> list[Token]:
        """Words with their spans; numbers and Latin runs are one word each, punctuation is none."""
        found: list[Token] = []
        for run in _RUNS.finditer(folded):
            text, start = run[0], run.start()
            if run["article"]:
                found.append(Token(_article(text), start, run.end()))
            elif _IDEOGRAPH.match(text):
                found.extend(Token(word, start + left, start + right) for word, left, right in self._cut(text))
            elif len(text) <= LONGEST:
                found.append(Token(text, start, run.end()))
        return found

    def grams(self, folded: str) -> list[str]:
        """Every ideograph and pair of neighbouring ideographs; numbers and Latin runs stay whole."""
        found: list[str] = []
        for run in _RUNS.finditer(folded):
            text = run[0]
            if run["article"]:
                found.append(_article(text))
            elif _IDEOGRAPH.match(text):
                found.extend(text)
                found.extend(text[at : at + 2] for at in range(len(text) - 1))
            elif len(text) <= LONGEST:
                found.append(text)
        return found


def _article(text: str) -> str:
    """One spelling of the number of an article, chapter or item: digits, without brackets."""
    parts = _ARTICLE_PARTS.fullmatch(text)
    if parts is None:
        return text
    number = parts[1] if parts[1].isascii() else read(parts[1]) or parts[1]
    return f"第{number}{parts[2]}"


def rules_of(lexicon: Lexicon) -> str:
    """Digest of all that decides tokens but the words themselves; their number counts in thousands."""
    signature = (
        f"words:jieba-{version('jieba')};grams:1-2;runs:{_RUNS_VERSION};"
        f"folding:{FOLDING_VERSION};weight:{_filled(lexicon)}"
    )
    return hashlib.sha256(signature.encode()).hexdigest()


def python_cut(lexicon: Lexicon) -> Cut:
    """The reference: jieba itself, its dictionary cached by jieba in the system's temporary folder."""
    jieba = importlib.import_module("jieba")
    jieba.setLogLevel(logging.WARNING)
    tokenizer = jieba.Tokenizer()
    for word, frequency in _weighed(lexicon):
        tokenizer.add_word(word, frequency)
    return lambda run: tokenizer.tokenize(run, mode="search", HMM=False)


def _rust_cut(lexicon: Lexicon) -> Cut | None:
    try:
        rjieba = importlib.import_module("rjieba")
    except ImportError:
        return None
    tokenizer = rjieba.Jieba()
    for word, frequency in _weighed(lexicon):
        tokenizer.add_word(word, frequency, "n")
    return lambda run: tokenizer.tokenize(run, "search", False)


def _weighed(lexicon: Lexicon) -> Iterator[tuple[str, int]]:
    """The words with their frequencies, and what fills them up."""
    yield from ((word, _LEXICON_FREQUENCY) for word in lexicon.words)
    yield _FILLER, _LEXICON_FREQUENCY * (_filled(lexicon) - len(lexicon.words))


def _filled(lexicon: Lexicon) -> int:
    return _FILLED * (len(lexicon.words) // _FILLED + 1)
