"""The target is the number of the last mark, wherever that is."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from rnnsite.errors import RnnsiteError
from rnnsite.tasks.latest import latest


@given(st.integers(1, 40), st.integers(0, 2**31), st.floats(0, 1))
def test_the_target_is_the_number_that_carries_the_last_mark(T, seed, marked):
    x, y = latest(T, 3, torch.Generator().manual_seed(seed), marked=marked)
    for b in range(3):
        answer = None
        for number, mark in x[:, b].tolist():
            answer = number if mark else answer
        assert y[b].item() == answer
    assert set(x[..., 1].unique().tolist()) <= {0.0, 1.0}
    assert (x[0, :, 1] == 1).all()


def test_marks_come_as_often_as_asked_and_half_is_wrong_by_a_twelfth():
    x, y = latest(20, 50_000, torch.Generator().manual_seed(0))
    assert float(x[1:, :, 1].mean()) == pytest.approx(0.15, rel=0.01)
    assert float((y - 0.5).square().mean()) == pytest.approx(1 / 12, rel=0.02)


@pytest.mark.parametrize(
    ("T", "marked", "says"), [(0, 0.1, r"at least 1 step, got 0\."), (5, 1.5, r"0 and 1, got 1\.5\.")]
)
def test_what_cannot_be_is_said(T, marked, says):
    with pytest.raises(RnnsiteError, match=says):
        latest(T, 1, torch.Generator(), marked=marked)
