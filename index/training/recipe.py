"""The whole recipe: from collections to a tokenizer and its table, the same for the same input."""

import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from tokenizers import Tokenizer

from corpus.document import Document
from index.training.bags import make_bags
from index.training.contrast import Course, Lesson, Table, train
from index.training.neighbours import count_neighbours, factorise
from index.training.own_pairs import (
    asked_pairs,
    document_pairs,
    expression_pairs,
    torn_pairs,
    twin_pairs,
    wording_groups,
)
from index.training.rival import character_bags
from index.training.sources import COLLECTIONS, Pair, fold, read_pairs, read_prose
from index.training.vocabulary import Counts, count_words, make_tokenizer

LOG = logging.getLogger(__name__)
DOCUMENT_WEIGHT = 10.0  # of one character of our own documents when words are counted
OWN = {"documents": 8000, "asked": 8394, "twins": 8394, "expressions": 3600}  # pairs drawn in one epoch
RARITY = 1e-3  # a token this frequent starts with weight 1 / sqrt(2); rarer ones with more, up to 1


@dataclass(frozen=True, slots=True)
class Recipe:
    """The settings of one run.

    size, dimension  rows and columns of the table
    window           tokens to either side that count as neighbours
    longest          tokens of a passage that are read
    own              pairs of our own documents, their similar questions, two such, and expressions drawn in one epoch
    """

    size: int = 19_000
    dimension: int = 256
    window: int = 5
    longest: int = 300
    own: Mapping[str, int] = field(default_factory=lambda: dict(OWN))
    course: Course = field(default_factory=Course)


@dataclass(frozen=True, slots=True)
class TrainingText:
    """Everything that is learned from, folded: pairs by source with family and share, and prose by weight."""

    pairs: Sequence[tuple[str, int, list[Pair]]]
    prose: Sequence[tuple[float, list[str]]]


def learn(folder: Path, documents: Sequence[Document], recipe: Recipe) -> tuple[Tokenizer, NDArray[np.float32]]:
    """Return the tokenizer and its table, shape (size, dimension), float32.

    folder     holds `pairs/*.jsonl.gz` and `text/*.txt.gz`
    documents  our own documents, read in addition
    """
    reading = read(folder, documents, recipe)
    tokenizer = learn_words(reading, recipe)
    LOG.info("%d tokens", tokenizer.get_vocab_size())
    first, gains = learn_neighbours(tokenizer, reading, recipe)
    LOG.info("first vectors are ready")
    texts, lessons = number_texts(reading.pairs)
    words = make_bags(tokenizer, texts, recipe.longest)
    LOG.info("%d texts, %d tokens", len(texts), len(words.tokens))
    torch.manual_seed(recipe.course.seed)
    table = train(Table(first, gains, parts_of(tokenizer)), words, character_bags(texts), lessons, recipe.course)
    return tokenizer, table


def read(folder: Path, documents: Sequence[Document], recipe: Recipe) -> TrainingText:
    """Read every collection once and make our own pairs."""
    groups = wording_groups()
    random = np.random.default_rng(recipe.course.seed)
    pairs, prose = [], []
    for collection in COLLECTIONS:
        own = read_pairs(folder, collection.name) if collection.pairs else []
        paragraphs = read_prose(folder, collection.name) if collection.prose else []
        pairs.append((collection.family, collection.pairs, own))
        pairs.append((collection.family, collection.torn, torn_pairs(paragraphs, random) if collection.torn else []))
        prose.append((collection.prose, paragraphs))
        prose.append((collection.words, sorted({pair.question for pair in own})))
    pairs.append(("own", recipe.own["documents"], document_pairs(documents, groups, random)))
    pairs.append(("own", recipe.own["asked"], asked_pairs(documents)))
    pairs.append(("twins", recipe.own["twins"], twin_pairs(documents, random)))
    pairs.append(("words", recipe.own["expressions"], expression_pairs(groups)))
    lines = [fold(line) for document in documents for line in document.text.splitlines()]
    prose.append((DOCUMENT_WEIGHT, lines))
    LOG.info("%d pairs, %d paragraphs", sum(len(p) for *_, p in pairs), sum(len(t) for _, t in prose))
    return TrainingText([entry for entry in pairs if entry[2]], prose)


def learn_words(reading: TrainingText, recipe: Recipe) -> Tokenizer:
    """Count the words of all prose and return the tokenizer."""
    words: Counts = {}
    characters: Counts = {}
    for weight, texts in reading.prose:
        count_words(texts, weight, words, characters)
    return make_tokenizer(words, characters, recipe.size)


def learn_neighbours(
    tokenizer: Tokenizer, reading: TrainingText, recipe: Recipe
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return first unit vectors, shape (v, d), and the logarithm of first weights, shape (v,), from the prose.

    A token without neighbours gets a small random vector. Weights follow smooth inverse frequency (Arora, Liang, Ma,
    ICLR 2017), damped by a square root.
    """
    random = np.random.default_rng(recipe.course.seed)
    texts = [text for weight, texts in reading.prose for text in some_of(texts, 2 * weight, random)]
    bags = make_bags(tokenizer, texts, recipe.longest)
    size = tokenizer.get_vocab_size()
    first = factorise(count_neighbours(bags, size, recipe.window), recipe.dimension, recipe.course.seed)
    unseen = np.linalg.norm(first, axis=1) < 0.5
    first[unseen] = random.normal(0, recipe.dimension**-0.5, (int(unseen.sum()), recipe.dimension))
    share = np.bincount(bags.tokens, minlength=size) / len(bags.tokens)
    return first, np.asarray(np.log(RARITY / (RARITY + share)) / 2, dtype=np.float32)


def some_of(texts: Sequence[str], share: float, random: np.random.Generator) -> list[str]:
    """Return a random share of the texts, in random order; all of them from a share of 1."""
    return [texts[number] for number in random.permutation(len(texts))[: int(len(texts) * min(1.0, share))]]


def number_texts(pairs: Iterable[tuple[str, int, list[Pair]]]) -> tuple[list[str], list[Lesson]]:
    """Return every different text once, and the pairs as numbers of texts."""
    numbers: dict[str, int] = {}
    lessons = []
    for family, share, own in pairs:
        questions = [numbers.setdefault(pair.question, len(numbers)) for pair in own]
        passages = [numbers.setdefault(pair.passage, len(numbers)) for pair in own]
        lessons.append(Lesson(family, share, np.array(questions, np.int64), np.array(passages, np.int64)))
    return list(numbers), lessons


def parts_of(tokenizer: Tokenizer) -> torch.Tensor:
    """Return which characters a word is made of: shape (v, v), sparse, every row of a longer word sums to 1."""
    numbers: dict[str, int] = tokenizer.get_vocab()
    rows, columns, shares = [], [], []
    for word, number in sorted(numbers.items(), key=lambda item: item[1]):
        known = [numbers[character] for character in word if character in numbers] if number and len(word) > 1 else []
        rows += [number] * len(known)
        columns += known
        shares += [1 / max(len(known), 1)] * len(known)
    size = (len(numbers), len(numbers))
    return torch.sparse_coo_tensor(
        torch.tensor([rows, columns]), torch.tensor(shares), size, check_invariants=True
    ).coalesce()
