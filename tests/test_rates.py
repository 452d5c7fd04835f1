"""Newcombe's interval against the value he printed, and its symmetry."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rnnsite.rates import difference, paired, success


def test_newcombes_own_example():
    """56 of 70 against 48 of 80: 0.2000, from 0.0524 to 0.3339 (Newcombe 1998, table II, method 10, case a)."""
    measured = difference(np.arange(70) < 56, np.arange(80) < 48)
    assert (measured.value, measured.low, measured.high) == pytest.approx((0.2, 0.0524, 0.3339), abs=5e-5)


@given(st.integers(0, 30), st.integers(0, 30))
def test_exchanging_the_two_turns_the_sign(a, b):
    one, other = np.arange(30) < a, np.arange(30) < b
    there, back = difference(one, other), difference(other, one)
    assert (there.value, there.low, there.high) == pytest.approx((-back.value, -back.high, -back.low))
    assert -1 <= there.low <= there.value <= there.high <= 1


def test_a_rate_counts_every_entry():
    assert success(np.eye(4, dtype=bool)).value == 0.25


def test_pairs_that_agree_leave_no_doubt():
    one = np.arange(40) % 2 == 0
    agreeing = paired(one, one)
    assert (agreeing.low, agreeing.value, agreeing.high) == (0, 0, 0)
    shuffled = paired(one, np.roll(one, 1))
    assert shuffled.low < 0 < shuffled.high
    four = np.arange(20) < 4  # 4 of 20 pairs differ: an exact bootstrap of their number is binomial
    assert paired(four, np.zeros(20)).low == pytest.approx(0.05, abs=0.011)
