"""Success rates compared: the difference of two shares with its interval."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike

from rnnsite.statistics import Estimate, bootstrap, wilson


def success(solved: ArrayLike) -> Estimate:
    """The share of runs that succeeded, from booleans of any shape, with Wilson's interval.

    >>> str(success([True, True, True, False]))
    '0.75 [0.301, 0.954]'
    """
    runs = np.asarray(solved, dtype=bool)
    return wilson(int(runs.sum()), runs.size)


def difference(one: ArrayLike, other: ArrayLike) -> Estimate:
    """Success rate of `one` minus that of `other`, with Newcombe's interval from the two of Wilson (1998, method 10).

    It treats the two as independent, which is cautious where their runs share seeds.

    >>> str(difference([True] * 56 + [False] * 14, [True] * 48 + [False] * 32))  # Newcombe's own example
    '0.2 [0.0524, 0.334]'
    """
    p, q = success(one), success(other)
    below = math.hypot(p.value - p.low, q.high - q.value)
    above = math.hypot(p.high - p.value, q.value - q.low)
    value = p.value - q.value
    runs = f"{np.size(one)} and {np.size(other)} runs"
    return Estimate(value, value - below, value + above, f"Newcombe 95 %, {runs}")


def paired(one: ArrayLike, other: ArrayLike) -> Estimate:
    """The same difference where run k of both had the same seed and data: a bootstrap over the pairs."""
    return bootstrap(np.asarray(one, dtype=float).ravel() - np.asarray(other, dtype=float).ravel())
