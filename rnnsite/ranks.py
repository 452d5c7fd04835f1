"""Several methods on several tasks: mean ranks, Friedman's test, and the difference of ranks that means something.

After Demšar 2006, "Statistical comparisons of classifiers over multiple data sets", Journal of Machine Learning
Research 7. Only the order on each task counts, so tasks may be scored in different units; how far apart two methods
are does not count at all.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike

from rnnsite.errors import RnnsiteError
from rnnsite.statistics import Estimate

# Nemenyi's q at 5 % for 2, 3, … methods: the studentized range with infinite degrees of freedom, over √2 (his table 5a)
Q = (1.960, 2.343, 2.569, 2.728, 2.850, 2.949, 3.031, 3.102, 3.164)


def ranks(losses: ArrayLike) -> np.ndarray:
    """Ranks along the last axis, 1 for the lowest; equal ones share the mean of their ranks.

    >>> ranks([[0.3, 0.1, 0.2], [5, 5, 9]]).tolist()
    [[3.0, 1.0, 2.0], [1.5, 1.5, 3.0]]
    """
    values = np.asarray(losses, dtype=float)
    one, other = values[..., :, None], values[..., None, :]
    return (other < one).sum(-1) + ((other == one).sum(-1) + 1) / 2


def mean_rank(scores: ArrayLike, one: int, minus: int | None = None) -> Estimate:
    """The mean rank over the tasks of a method, or its difference to another's, from losses (task, method, seed).

    Methods are ranked by their mean over the seeds. The interval is a bootstrap over the seeds of every task. It says
    how sure the ranks on *these* tasks are; what other tasks would give is for `critical_difference`.

    >>> str(mean_rank([[[1, 1], [2, 3]], [[5, 6], [5.5, 4]]], 0))
    '1.5 [1, 1.5]'
    """
    losses = np.asarray(scores, dtype=float)
    tasks, _, seeds = losses.shape
    drawn = np.random.default_rng(0).integers(seeds, size=(2000, tasks, 1, seeds))
    again = ranks(np.take_along_axis(losses[None], drawn, -1).mean(-1)).mean(1)
    ours = ranks(losses.mean(-1)).mean(0)
    value, resampled = (r[..., one] - (0 if minus is None else r[..., minus]) for r in (ours, again))
    low, high = np.quantile(resampled, [0.025, 0.975])
    return Estimate(float(value), float(low), float(high), f"bootstrap 95 %, {seeds} runs a task")


def friedman(rows: ArrayLike) -> float:
    """χ² of Friedman's test from ranks (task, method); with as many tasks as here it is roughly χ²-distributed.

    There is one degree of freedom less than methods: with three of them 5.99 is exceeded in 5 % of all cases if the
    methods are alike.

    >>> round(friedman([[1, 2, 3], [1, 2, 3], [1, 3, 2]]), 2)
    4.67
    """
    given = np.asarray(rows, dtype=float)
    tasks, k = given.shape
    return float(12 * tasks / (k * (k + 1)) * (np.sum(given.mean(0) ** 2) - k * (k + 1) ** 2 / 4))


def critical_difference(methods: int, tasks: int) -> float:
    """Nemenyi's: two mean ranks at least so far apart differ at 5 %, all pairs compared. Raises RnnsiteError.

    >>> round(critical_difference(4, 14), 2)  # Demšar's example
    1.25
    """
    return q(methods) * math.sqrt(methods * (methods + 1) / (6 * tasks))


def tasks_needed(methods: int, difference: float) -> int:
    """The fewest tasks with which a difference of mean ranks reaches the critical one.

    >>> tasks_needed(3, 1.0)
    11
    """
    return math.ceil(q(methods) ** 2 * methods * (methods + 1) / (6 * difference**2))


def q(methods: int) -> float:
    if not 2 <= methods < 2 + len(Q):
        raise RnnsiteError(f"The table of critical values is for 2 to {1 + len(Q)} methods, not {methods}.")
    return Q[methods - 2]
