"""Pairs that the project makes itself: from prose, from its documents, and from expressions that mean the same.

A question about a document names it and asks with another word than the sentence that answers: the sentence says
占地80.1亩, the made question says «linkpark产业社区 有多大». Two similar questions of a paragraph mean nearly the same,
as the service needs where it holds a question against them. The development questions are never read here.
"""

from collections.abc import Iterable, Sequence
from importlib.resources import files
from itertools import pairwise, permutations

import numpy as np

from corpus.document import Document
from corpus.lexicon import bundled_lexicon
from corpus.sentences import sentence_spans
from index.training.sources import Pair, fold

Group = tuple[str, ...]
SENTENCE, REST = 8, 15  # characters that a torn pair's two sides need
TWINS = 3  # other similar questions that one is paired with, at most


def expression_groups() -> list[Group]:
    """Return the groups of `expressions.txt`, folded, in file order."""
    text = (files("index.training") / "expressions.txt").read_text(encoding="utf-8")
    lines = (line for line in text.splitlines() if line and not line.startswith("#"))
    return [tuple(fold(member) for member in line.split()) for line in lines]


def wording_groups() -> list[Group]:
    """Return the groups of `expressions.txt` and of the lexicon's synonyms, folded, each once."""
    synonyms = (tuple(dict.fromkeys(map(fold, group))) for group in bundled_lexicon().groups)
    return list(dict.fromkeys([*expression_groups(), *synonyms]))


def expression_pairs(groups: Iterable[Group]) -> list[Pair]:
    """Return every ordered pair of different members of one group."""
    return [Pair(one, other) for group in groups for one, other in permutations(group, 2)]


def torn_pairs(paragraphs: Iterable[str], random: np.random.Generator) -> list[Pair]:
    """Return one sentence of every folded paragraph with the rest of it, if both are long enough to say something.

    source  Lee, Chang, Toutanova, ACL 2019, doi:10.18653/v1/P19-1612 (inverse cloze task)
    """
    pairs = []
    for paragraph in paragraphs:
        spans = sentence_spans(paragraph)
        if len(spans) < 2:
            continue
        start, end = spans[int(random.integers(len(spans)))]
        sentence, rest = paragraph[start:end].strip(" 。;."), f"{paragraph[:start]} {paragraph[end:]}".strip()
        if len(sentence) >= SENTENCE and len(rest) >= REST:
            pairs.append(Pair(sentence, rest))
    return pairs


def document_pairs(documents: Iterable[Document], groups: Sequence[Group], random: np.random.Generator) -> list[Pair]:
    """Return pairs of names, headings, asking words and neighbouring sentences with sentences of the documents."""
    pairs: list[Pair] = []
    for document in documents:
        names = [fold(name) for name in (document.title, *document.aliases)]
        pairs += [Pair(name, names[0]) for name in names[1:]]
        for section in document.sections:
            sentences = sentences_of(document.text[section.start : section.end])
            pairs += [Pair(one, other) for one, other in pairwise(sentences)]
            for sentence in sentences:
                name = names[int(random.integers(len(names)))]
                pairs.append(Pair(f"{name} {fold(' '.join(section.path))}", sentence))
                pairs += [Pair(f"{name}{asking}", sentence) for asking in asking_words(sentence, groups, random)]
    return pairs


def asked_pairs(documents: Iterable[Document]) -> list[Pair]:
    """Return every similar question for a paragraph with the paragraph, its document's title in front."""
    return [
        Pair(fold(question), fold(f"{document.title}。{document.text[asking.start : asking.end]}"))
        for document in documents
        for asking in document.asked
        for question in asking.questions
    ]


def twin_pairs(documents: Iterable[Document], random: np.random.Generator) -> list[Pair]:
    """Return every similar question with a few others for the same paragraph."""
    pairs = []
    for asking in (asking for document in documents for asking in document.asked):
        ways = list(dict.fromkeys(map(fold, asking.questions)))
        for at, way in enumerate(ways):
            others = [other for other in random.permutation(len(ways)).tolist() if other != at]
            pairs += [Pair(way, ways[other]) for other in others[:TWINS]]
    return pairs


def sentences_of(text: str) -> list[str]:
    """Return the folded sentences of a text."""
    spans = sentence_spans(text)
    return [sentence for start, end in spans if (sentence := fold(text[start:end]).strip())]


def asking_words(sentence: str, groups: Sequence[Group], random: np.random.Generator) -> list[str]:
    """Return one other member of every group that the sentence holds a member of."""
    words = []
    for group in groups:
        absent = [member for member in group if member not in sentence]
        if absent and len(absent) < len(group):
            words.append(absent[int(random.integers(len(absent)))])
    return words
