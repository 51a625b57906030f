"""Learning the table: a question should lie nearer to its own passage than to the others of its batch.

Two losses are added. One looks at the cosine alone, from question to passage and back. The other looks at the sum that
a search makes of BM25 and cosine, so that the table spends its room on what BM25 cannot see.

source  van den Oord, Li, Vinyals, arXiv:1807.03748 (in-batch contrast); Gao et al., ECIR 2021, arXiv:2004.13969
        (learning what the lexical score leaves over)
"""

import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn.functional import cross_entropy, embedding_bag, normalize

from index.training.bags import Bags
from index.training.rival import bm25, out_of_best

Rows = NDArray[np.int64]
LOG = logging.getLogger(__name__)
NEVER = -1e4


@dataclass(frozen=True, slots=True)
class Lesson:
    """What one source teaches: questions[i] and passages[i], numbers of texts, belong together.

    family  batches are drawn within one family, so that its members are each other's wrong answers
    share   pairs drawn in one epoch; a smaller source is repeated
    """

    family: str
    share: int
    questions: Rows
    passages: Rows


@dataclass(frozen=True, slots=True)
class Course:
    """How the table is trained.

    batch     pairs contrasted at once
    rate      first step size of Adam, falling to nothing in a straight line
    scale     what a cosine is multiplied with before the softmax
    forget    mean chance that a question loses a token which its passage repeats
    fused     weight of the loss over BM25 and cosine together, 0-1
    cosine    weight of the cosine beside BM25 (a share of the best score) in that loss
    """

    epochs: int = 3
    batch: int = 1024
    rate: float = 0.01
    scale: float = 20.0
    forget: float = 0.1
    fused: float = 0.5
    cosine: float = 1.5
    seed: int = 7


class Table(torch.nn.Module):
    """Token vectors: a word is its own vector plus the mean of its characters', times a learned weight.

    first  shape (v, d), float32, first vectors
    gains  shape (v,), float32, logarithm of the first weights
    parts  shape (v, v), sparse: row w holds 1 / n for each of the n characters of word w
    """

    def __init__(self, first: NDArray[np.float32], gains: NDArray[np.float32], parts: torch.Tensor) -> None:
        super().__init__()
        self.vectors = torch.nn.Parameter(torch.from_numpy(first.copy()))
        self.gains = torch.nn.Parameter(torch.from_numpy(gains.copy()))
        self.parts = parts

    def forward(self) -> torch.Tensor:
        """Return the finished rows, shape (v, d)."""
        whole = self.vectors + torch.sparse.mm(self.parts, self.vectors)
        weighted: torch.Tensor = whole * torch.exp(self.gains)[:, None]
        return weighted


def train(
    table: Table, words: Bags, characters: Bags, lessons: Sequence[Lesson], course: Course
) -> NDArray[np.float32]:
    """Train in place and return the finished rows, shape (v, d).

    words       token numbers of all texts that the lessons name
    characters  the same texts as code points, for BM25
    """
    random = np.random.default_rng(course.seed)
    epochs = [list(draw(lessons, course.batch, random)) for _ in range(course.epochs)]
    steps, step = sum(map(len, epochs)), 0
    adam = torch.optim.Adam(table.parameters(), lr=course.rate)
    for number, epoch in enumerate(epochs, start=1):
        losses = []
        for questions, passages in epoch:
            adam.param_groups[0]["lr"] = course.rate * min(1.0, (step + 1) / 50) * (1 - step / steps)
            loss = batch_loss(table, words, characters, questions, passages, course, random)
            adam.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            adam.step()
            losses.append(loss.item())
            step += 1
        LOG.info("epoch %d of %d: loss %.4f", number, course.epochs, np.mean(losses))
    with torch.no_grad():
        return np.asarray(table().numpy())


def draw(lessons: Sequence[Lesson], batch: int, random: np.random.Generator) -> Iterator[tuple[Rows, Rows]]:
    """Yield the batches of one epoch in random order: numbers of questions and of their passages."""
    batches = []
    for family in sorted({lesson.family for lesson in lessons}):
        taken = [(lesson, taken_rows(lesson, random)) for lesson in lessons if lesson.family == family]
        questions = np.concatenate([lesson.questions[rows] for lesson, rows in taken])
        passages = np.concatenate([lesson.passages[rows] for lesson, rows in taken])
        order = random.permutation(len(questions))
        parts = np.array_split(order, max(1, round(len(order) / batch)))
        batches += [(questions[part], passages[part]) for part in parts]
    yield from (batches[number] for number in random.permutation(len(batches)))


def taken_rows(lesson: Lesson, random: np.random.Generator) -> Rows:
    """Return the rows of a lesson that one epoch reads, shape (share,); none if the lesson is empty."""
    size = len(lesson.questions)
    rounds = -(-lesson.share // size) if size else 0
    return np.concatenate([np.zeros(0, np.int64), *(random.permutation(size) for _ in range(rounds))])[: lesson.share]


def batch_loss(
    table: Table,
    words: Bags,
    characters: Bags,
    questions: Rows,
    passages: Rows,
    course: Course,
    random: np.random.Generator,
) -> torch.Tensor:
    """Return the weighted sum of both losses for one batch; questions and passages have shape (n,)."""
    passage_words = words.pick(passages)
    question_words = forget_shared(words.pick(questions), passage_words, course.forget, random)
    rows = table()
    cosine = pool(rows, question_words) @ pool(rows, passage_words).T
    right = torch.arange(len(questions))
    twins = torch.from_numpy(also_right(questions, passages))
    alone = (course.scale * cosine).masked_fill(twins, NEVER)
    loss = (cross_entropy(alone, right) + cross_entropy(alone.T, right)) / 2
    if not course.fused:
        return loss
    lexical = torch.from_numpy(out_of_best(bm25(characters.pick(questions), characters.pick(passages))))
    together = (course.scale * (lexical + course.cosine * cosine) / course.cosine).masked_fill(twins, NEVER)
    return (1 - course.fused) * loss + course.fused * cross_entropy(together, right)


def also_right(questions: Rows, passages: Rows) -> NDArray[np.bool_]:
    """Return where another pair of the batch has the same question or passage, shape (n, n)."""
    twins = np.asarray((questions[:, None] == questions) | (passages[:, None] == passages))
    np.fill_diagonal(twins, False)
    return twins


def pool(rows: torch.Tensor, bags: Bags) -> torch.Tensor:
    """Return the unit sum of every bag's rows, shape (n, d)."""
    tokens = torch.from_numpy(bags.tokens.astype(np.int64))
    return normalize(embedding_bag(tokens, rows, torch.from_numpy(bags.starts[:-1]), mode="sum"), dim=1)


def forget_shared(questions: Bags, passages: Bags, chance: float, random: np.random.Generator) -> Bags:
    """Drop tokens of every question that its passage repeats, so that other words must carry the meaning.

    Each question has its own chance, between 0 and twice `chance`; one that would lose every token keeps all.
    """
    rows = questions.rows()
    width = int(max(questions.tokens.max(initial=0), passages.tokens.max(initial=0))) + 1
    shared = np.isin(rows * width + questions.tokens, passages.rows() * width + passages.tokens)
    chances = 2 * chance * random.random(len(questions))
    drop = shared & (random.random(len(rows)) < chances[rows])
    left = np.bincount(rows[~drop], minlength=len(questions))
    drop &= left[rows] > 0
    lengths = np.bincount(rows[~drop], minlength=len(questions))
    return Bags(questions.tokens[~drop], np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64))
