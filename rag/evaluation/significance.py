"""Is a difference more than luck? Paired randomisation test and bootstrap intervals, with fixed seeds."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

PERMUTATIONS = 10_000
RESAMPLES = 2_000
SEED = 20_090  # any fixed number; a rerun gives the same p and the same interval
_TOLERANCE = 1e-9  # sums of the same differences in another order count as equal
_CELLS = 4_000_000  # numbers held at once


def randomisation_test(differences: Sequence[float]) -> float:
    """Two-sided p of the mean paired difference, signs flipped at random.

    differences  one per question, new minus old
    returns      exact where at most PERMUTATIONS sign patterns exist (zeros left out), else
                 (1 + patterns at least as extreme) / (1 + PERMUTATIONS)
    source       Smucker, Allan, Carterette, CIKM 2007, doi:10.1145/1321440.1321528
    """
    moved = np.array([one for one in differences if one], dtype=np.float64)
    if not len(moved):
        return 1.0
    observed = abs(moved.sum()) - _TOLERANCE
    if 2 ** len(moved) <= PERMUTATIONS:
        patterns = (np.arange(2 ** len(moved))[:, None] >> np.arange(len(moved)) & 1) * 2.0 - 1.0
        return float(np.mean(np.abs(patterns @ moved) >= observed))
    return float((1 + _extreme(moved, observed)) / (1 + PERMUTATIONS))


def bootstrap_interval(values: Sequence[float], level: float = 0.95) -> tuple[float, float]:
    """Percentile interval of the mean over resampled questions; (0, 0) of nothing.

    source  Efron and Tibshirani 1993, chapter 13
    """
    if not values:
        return 0.0, 0.0
    held = np.array(values, dtype=np.float64)
    if held.min() == held.max():
        return float(held[0]), float(held[0])
    generator = np.random.default_rng(SEED)
    step = max(1, _CELLS // len(held))
    means = np.concatenate(
        [
            held[generator.integers(0, len(held), (min(step, RESAMPLES - done), len(held)))].mean(axis=1)
            for done in range(0, RESAMPLES, step)
        ]
    )
    low, high = np.quantile(means, [(1 - level) / 2, (1 + level) / 2])
    return float(low), float(high)


def _extreme(moved: NDArray[np.float64], observed: float) -> int:
    """How many of PERMUTATIONS random sign patterns give a sum at least as far from 0."""
    generator = np.random.default_rng(SEED)
    step = max(1, _CELLS // len(moved))
    count = 0
    for done in range(0, PERMUTATIONS, step):
        signs = generator.integers(0, 2, (min(step, PERMUTATIONS - done), len(moved))) * 2.0 - 1.0
        count += int((np.abs(signs @ moved) >= observed).sum())
    return count
