"""Which of two arms is ahead, for every pair of several: what survives the noise when many are compared at once."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Literal

import numpy as np

from rnnsite.statistics import Estimate, bootstrap

Verdict = Literal["survives", "reversed", "undecided"]


@dataclass(frozen=True)
class Pair:
    """An ordering that somebody published, and ours.

    low, high   positions of the arm that was published as worse and as better
    published   by how much
    ours        the same difference over our runs, paired seed by seed
    p           of the sign-flip test, corrected for all pairs
    """

    low: int
    high: int
    published: float
    ours: Estimate
    p: float

    @property
    def verdict(self) -> Verdict:
        """At the 5 % level over all pairs together."""
        if self.p >= 0.05:
            return "undecided"
        return "survives" if self.ours.value > 0 else "reversed"


def sign_flips(differences: np.ndarray, flips: int = 20_000) -> np.ndarray:
    """p of each row of paired differences (pairs, seeds), corrected for the number of rows.

    If two arms were alike, each seed's difference might as well be its opposite. So the signs of the seeds are flipped,
    those of one seed in all pairs together, and p is how often the *largest* |t| of all pairs is as large as the
    pair's own (single-step max-T, Westfall & Young 1993). All flips are tried where there are not too many.

    >>> sign_flips(np.array([[1.0, 2, 3, 4, 5, 6, 7, 8], [1, -1, 2, -2, 1, -1, 2, -2]])).round(3).tolist()
    [0.016, 1.0]
    """
    seeds = differences.shape[1]
    if 2**seeds <= flips:
        signs = 1.0 - 2 * (np.arange(2**seeds)[:, None] >> np.arange(seeds) & 1)
    else:
        signs = np.random.default_rng(0).choice([-1.0, 1.0], (flips, seeds))
        signs[0] = 1
    means = signs @ differences.T / seeds
    squares = np.square(differences).mean(1)
    t = np.abs(means) / np.sqrt(np.maximum(squares - np.square(means), 1e-30))
    largest = t.max(1)
    result: np.ndarray = (largest[:, None] >= t[0] * (1 - 1e-9)).mean(0)
    return result


def orderings(runs: np.ndarray, published: Sequence[float]) -> list[Pair]:
    """Every pair of arms in the order it was published: runs (arms, seeds), one number for each arm."""
    pairs = [(i, j) if published[i] <= published[j] else (j, i) for i, j in combinations(range(len(published)), 2)]
    differences = np.array([runs[high] - runs[low] for low, high in pairs])
    corrected = sign_flips(differences)
    return [
        Pair(low, high, published[high] - published[low], bootstrap(d), float(p))
        for (low, high), d, p in zip(pairs, differences, corrected, strict=True)
    ]


def over_seeds_and_items(differences: np.ndarray, resamples: int = 2000) -> Estimate:
    """Mean of differences (seeds, items) with an interval for other seeds *and* other items: both are drawn anew.

    A test set that all seeds share is one draw too: an interval over seeds alone says nothing about other sentences.
    """
    S, N = differences.shape
    seeds, items = _shares(S, N, resamples)
    means = ((seeds @ differences) * items).sum(1)
    low, high = np.quantile(means, [0.025, 0.975])
    return Estimate(float(differences.mean()), float(low), float(high), f"bootstrap 95 %, {S} runs and {N:,} items")


@functools.cache
def _shares(S: int, N: int, resamples: int) -> tuple[np.ndarray, np.ndarray]:
    """How often each seed and each item is drawn, as shares: the same draws for every comparison."""
    rng = np.random.default_rng(0)
    return tuple(rng.multinomial(n, np.full(n, 1 / n), resamples) / n for n in (S, N))  # type: ignore[return-value]
