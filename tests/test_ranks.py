"""Ranks against scipy, the table of critical values against the integral it comes from."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats

from rnnsite.errors import RnnsiteError
from rnnsite.ranks import Q, critical_difference, friedman, mean_rank, ranks, tasks_needed


def test_ranks_and_friedman_are_scipys():
    losses = np.random.default_rng(0).normal(size=(9, 4))
    losses[3, 1] = losses[3, 2]
    np.testing.assert_allclose(ranks(losses), stats.rankdata(losses, axis=1))
    distinct = np.delete(losses, 3, 0)
    assert friedman(ranks(distinct)) == pytest.approx(stats.friedmanchisquare(*distinct.T).statistic)


def range_exceeded(q: float, methods: int) -> float:
    """The chance that so many standard normals spread over more than q√2."""
    z = np.linspace(-8, 8, 4001)
    Φ = np.array([0.5 * (1 + math.erf(v / math.sqrt(2))) for v in z])
    below = np.interp(z - q * math.sqrt(2), z, Φ, left=0)
    φ = np.exp(-(z**2) / 2) / math.sqrt(2 * math.pi)
    return float(1 - np.sum(methods * φ * (Φ - below) ** (methods - 1)) * (z[1] - z[0]))


@pytest.mark.parametrize("methods", range(2, 2 + len(Q)))
def test_the_critical_values_are_exceeded_in_five_per_cent(methods):
    assert range_exceeded(Q[methods - 2], methods) == pytest.approx(0.05, abs=2e-4)


def test_as_many_tasks_as_needed_are_just_enough():
    for difference in (0.4, 0.75, 1.0):
        N = tasks_needed(3, difference)
        assert critical_difference(3, N) <= difference < critical_difference(3, N - 1)


def test_the_exercise_on_two_cells():
    assert tasks_needed(2, 1.0) == 4
    assert [2 * 2.0**-N <= 0.05 for N in (4, 5, 6)] == [False, False, True]


def test_eight_wins_of_eight_are_not_enough_among_three():
    losses = np.arange(3) + np.zeros((8, 3))
    lead = ranks(losses).mean(0)[1] - ranks(losses).mean(0)[0]
    assert lead == 1 < critical_difference(3, 8)


def test_the_interval_of_a_mean_rank_is_that_of_the_seeds():
    far = np.array([[[0.0, 1], [10, 11]]] * 4)
    e = mean_rank(far, 0)
    assert (e.low, e.value, e.high) == (1, 1, 1)
    close = np.array([[[0.0, 3, 6], [1, 2, 7]]] * 4)
    e = mean_rank(close, 0, minus=1)
    assert e.low == e.value == -1, "0 and 3 and 6 against 1 and 2 and 7: ahead on the mean"
    assert e.high > 0, "but not whichever seeds are drawn"
    assert mean_rank(close, 1, minus=0).value == -e.value


def test_a_table_that_ends_says_so():
    with pytest.raises(RnnsiteError, match="2 to 10 methods, not 11"):
        critical_difference(11, 8)
