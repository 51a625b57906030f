"""The tokenizer: a Unigram model whose words are scored by how often a Chinese word segmenter finds them."""

import math
import re
from collections import Counter
from collections.abc import Iterable

import rjieba
from tokenizers import Tokenizer
from tokenizers.models import Unigram
from tokenizers.normalizers import Precompiled
from tokenizers.pre_tokenizers import WhitespaceSplit

from index.training.charsmap import folding_charsmap

Counts = dict[str, float]

UNKNOWN = "[UNK]"
WORD = re.compile(r"[a-z]+|[\u3400-\u4dbf\u4e00-\u9fff]+")
LONGEST = 6  # characters of a Chinese word in the vocabulary
LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789"
RAREST = 0.5  # count of a character that never stands alone as a word
CHARACTER_SHARE = 0.25  # of the vocabulary, at most, is single characters


def count_words(texts: Iterable[str], weight: float, into: Counts, characters: Counts) -> None:
    """Add `weight` for every word and every character of the folded texts."""
    seen: Counter[str] = Counter()
    for text in texts:
        for run in WORD.findall(text):
            seen.update(rjieba.cut(run, False) if run[0] > "z" else [run])
    for word, count in seen.items():
        into[word] = into.get(word, 0.0) + count * weight
        for character in word:
            characters[character] = characters.get(character, 0.0) + count * weight


def make_tokenizer(words: Counts, characters: Counts, size: int) -> Tokenizer:
    """Return a tokenizer of `size` tokens: the commonest characters and words.

    words, characters  weighted counts
    size               rows of the later table, the unknown token among them
    """
    singles = {c for c, _ in ordered(characters)[: int(size * CHARACTER_SHARE)]} | set(LETTERS)
    plural = [w for w, _ in ordered(words) if 1 < len(w) <= (LONGEST if w[0] > "z" else 20)]
    kept = sorted(singles) + plural[: size - 1 - len(singles)]
    total = math.log(sum(words.values()))
    floor = math.log(RAREST) - total
    scored = [(word, max(math.log(words.get(word, RAREST)) - total, floor)) for word in kept]
    tokenizer = Tokenizer(Unigram([(UNKNOWN, floor - 10.0), *scored], unk_id=0, byte_fallback=False))
    tokenizer.normalizer = Precompiled(folding_charsmap())
    tokenizer.pre_tokenizer = WhitespaceSplit()
    return tokenizer


def ordered(counts: Counts) -> list[tuple[str, float]]:
    """Return the counts, highest first; equal ones in the order of their words."""
    return sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))
