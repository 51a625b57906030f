"""The reader's network: does a passage answer a question, and with which of its tokens?

It sees how the tokens of question and passage meet (late interaction) and needs no further pass of the encoder. Every
token of the question is read beside what the passage holds that is most like it, every token of the passage beside
the question; attention over both gives one judgement. Trained by `index/training/neural/reading.py`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Bools = NDArray[np.bool_]

FAR = np.float32(-1e4)  # in place of what is not there, before a softmax or a maximum


@dataclass(frozen=True, slots=True, eq=False)
class Side:
    """One text of a pair.

    vectors  shape (n, width), unit rows
    marks    shape (n, k): what is known of each token beside its vector
    """

    vectors: Floats
    marks: Floats


@dataclass(frozen=True, slots=True, eq=False)
class Judgement:
    """What the network says of one passage.

    logit     log-odds that it answers, not calibrated
    evidence  shape (n,): log-odds of each of its tokens to be part of the answer; FAR for those of its heading
    met       shape (q,): cosine of each token of the question with what is most like it
    at        shape (q,): which token of the passage that is
    """

    logit: float
    evidence: Floats
    met: Floats
    at: NDArray[np.int64]


class Interaction:
    """The network; its weights are plain arrays, named as torch names them."""

    def __init__(self, weights: Mapping[str, Floats]) -> None:
        self._weights = {name: np.asarray(value, np.float32) for name, value in weights.items()}

    def judge(self, questions: Sequence[Side], passages: Sequence[Side]) -> list[Judgement]:
        """Judge pairs; the question is given once for each passage, since its marks depend on the passage.

        questions  marks: idf, in the passage's text, in its heading, holds a digit
        passages   marks: idf, of the heading, holds a digit
        """
        if not passages:
            return []
        q, qm, q_there = _padded(questions)
        p, pm, p_there = _padded(passages)
        body = p_there & (pm[..., 1] < 0.5)
        sim = np.where(p_there[:, None, :], q @ p.transpose(0, 2, 1), np.float32(-1))
        tau = self._weights["tau"]
        best, best_body = sim.max(-1), np.where(body[:, None, :], sim, np.float32(-1)).max(-1)
        aligned = _softmax(sim * tau, -1) @ p
        seen = np.concatenate(
            [q, aligned, q * aligned, np.abs(q - aligned), best[..., None], best_body[..., None], qm], -1
        )
        of_q = _gelu(self._linear("q", seen))
        weight = self._linear("qw", of_q)[..., 0] + 2 * qm[..., 0]
        from_q = np.einsum("bn,bnh->bh", _softmax(np.where(q_there, weight, FAR), -1), of_q)
        back = np.where(q_there[:, :, None], sim, np.float32(-1))
        asked = np.einsum("bnm,bnd->bmd", _softmax(back * tau, 1), q)
        whole = _unit((q * (q_there[..., None] * (0.1 + qm[..., :1]))).sum(1))[:, None, :]
        like = np.concatenate(
            [p, asked, p * asked, p * whole, back.max(1)[..., None], (whole * p).sum(-1, keepdims=True), pm], -1
        )
        of_p = _gelu(self._linear("p", like))
        beside = np.concatenate([of_p, np.broadcast_to(from_q[:, None], of_p.shape)], -1)
        evidence = self._linear("pe.2", _gelu(self._linear("pe.0", beside)))[..., 0]
        evidence = np.where(body, evidence, FAR)
        from_p = np.einsum("bm,bmh->bh", _softmax(evidence, -1), of_p)
        most = np.where(q_there[..., None], of_q, FAR).max(1)
        state = np.concatenate([from_q, from_p, most, _statistics(best, qm, q_there)], -1)
        logit = self._linear("out.4", _gelu(self._linear("out.1", state)))[:, 0]
        at = sim.argmax(-1)
        return [
            Judgement(float(logit[b]), evidence[b, : len(passages[b].vectors)], best[b, :n], at[b, :n])
            for b, n in enumerate(len(one.vectors) for one in questions)
        ]

    def _linear(self, name: str, x: Floats) -> Floats:
        result: Floats = x @ self._weights[f"{name}.weight"].T + self._weights[f"{name}.bias"]
        return result


def _statistics(best: Floats, marks: Floats, there: Bools) -> Floats:
    """How well the question is covered, shape (b, 6): mean, by idf, worst; in text, in text or heading; its length."""
    idf, count = marks[..., 0] * there, np.maximum(there.sum(1), 1)
    total = np.maximum(idf.sum(1), np.float32(1e-3))
    columns = [
        (best * there).sum(1) / count,
        (best * idf).sum(1) / total,
        np.where(there, best, np.float32(1)).min(1),
        (marks[..., 1] * idf).sum(1) / total,
        (np.maximum(marks[..., 1], marks[..., 2]) * idf).sum(1) / total,
        count / 16,
    ]
    return np.stack(columns, -1).astype(np.float32)


def _padded(sides: Sequence[Side]) -> tuple[Floats, Floats, Bools]:
    """Vectors, marks and which are there, each padded to the longest."""
    longest = max(len(one.vectors) for one in sides)
    vectors = np.zeros((len(sides), longest, sides[0].vectors.shape[1]), np.float32)
    marks = np.zeros((len(sides), longest, sides[0].marks.shape[1]), np.float32)
    there = np.zeros((len(sides), longest), np.bool_)
    for row, one in enumerate(sides):
        n = len(one.vectors)
        vectors[row, :n], marks[row, :n], there[row, :n] = one.vectors, one.marks, True
    return vectors, marks, there


def _softmax(x: Floats, axis: int) -> Floats:
    odds = np.exp(x - x.max(axis, keepdims=True))
    result: Floats = odds / odds.sum(axis, keepdims=True)
    return result


def _gelu(x: Floats) -> Floats:
    result: Floats = 0.5 * x * (1 + np.tanh(np.float32(0.7978845608) * (x + np.float32(0.044715) * x**3)))
    return result


def _unit(x: Floats) -> Floats:
    result: Floats = x / np.maximum(np.linalg.norm(x, axis=-1, keepdims=True), np.float32(1e-12))
    return result
