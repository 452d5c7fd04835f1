"""Which of two arms is ahead, for every pair of several: what survives the noise when many are compared at once."""

from __future__ import annotations

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
    p           of the sign-flip test, Holm-corrected for all pairs
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
    """p of each row of paired differences (pairs, seeds): how often random signs make the mean as far from 0.

    Exact but for the drawing of the signs: if the two arms were alike, each difference might as well be its opposite.

    >>> sign_flips(np.array([[1.0, 2, 3, 4, 5, 6, 7, 8], [1, -1, 2, -2, 1, -1, 2, -2]])).round(3).tolist()
    [0.008, 1.0]
    """
    signs = np.random.default_rng(0).choice([-1.0, 1.0], (flips, differences.shape[1]))
    flipped, found = np.abs(signs @ differences.T), np.abs(differences.sum(1))
    result: np.ndarray = (1 + (flipped >= found - 1e-12).sum(0)) / (1 + flips)
    return result


def holm(p: Sequence[float] | np.ndarray) -> np.ndarray:
    """p-values corrected for their number (Holm 1979): with them, the chance of any false finding is at most the level.

    >>> holm([0.01, 0.04, 0.03]).round(3).tolist()
    [0.03, 0.06, 0.06]
    """
    values = np.asarray(p, dtype=float)
    order = values.argsort()
    steps = np.maximum.accumulate(values[order] * np.arange(len(values), 0, -1))
    corrected = np.empty_like(values)
    corrected[order] = np.minimum(steps, 1)
    return corrected


def orderings(runs: np.ndarray, published: Sequence[float]) -> list[Pair]:
    """Every pair of arms in the order it was published: runs (arms, seeds), one number for each arm."""
    pairs = [(i, j) if published[i] <= published[j] else (j, i) for i, j in combinations(range(len(published)), 2)]
    differences = np.array([runs[high] - runs[low] for low, high in pairs])
    corrected = holm(sign_flips(differences))
    return [
        Pair(low, high, published[high] - published[low], bootstrap(d), float(p))
        for (low, high), d, p in zip(pairs, differences, corrected, strict=True)
    ]


def over_seeds_and_items(differences: np.ndarray, resamples: int = 2000) -> Estimate:
    """Mean of differences (seeds, items) with an interval for other seeds *and* other items: both are drawn anew.

    A test set that all seeds share is one draw too: an interval over seeds alone says nothing about other sentences.
    """
    S, N = differences.shape
    rng = np.random.default_rng(0)
    seeds = rng.multinomial(S, np.full(S, 1 / S), resamples) / S
    items = rng.multinomial(N, np.full(N, 1 / N), resamples) / N
    means = ((seeds @ differences) * items).sum(1)
    low, high = np.quantile(means, [0.025, 0.975])
    return Estimate(float(differences.mean()), float(low), float(high), f"bootstrap 95 %, {S} runs and {N:,} items")
