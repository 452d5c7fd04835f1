"""The target is the sum of the numbers that carry a mark, and the marks stand one in each half."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from rnnsite.errors import RnnsiteError
from rnnsite.tasks.adding import BASELINE, adding


@given(st.integers(2, 60), st.integers(0, 2**31))
def test_the_target_is_the_sum_of_the_marked_numbers(T, seed):
    x, y = adding(T, 3, torch.Generator().manual_seed(seed))
    for b in range(3):
        marked = [t for t in range(T) if x[t, b, 1] == 1]
        assert len(marked) == 2
        assert marked[0] < T // 2 <= marked[1]
        assert y[b].item() == pytest.approx(sum(x[t, b, 0].item() for t in marked))
        assert set(x[:, b, 1].tolist()) <= {0.0, 1.0}


def test_answering_one_is_wrong_by_a_sixth():
    _, y = adding(10, 200_000, torch.Generator().manual_seed(0))
    assert float(((y - 1) ** 2).mean()) == pytest.approx(BASELINE, rel=0.01)


def test_one_step_has_no_two_marks():
    with pytest.raises(RnnsiteError, match=r"at least 2 steps, got 1\."):
        adding(1, 1, torch.Generator())
