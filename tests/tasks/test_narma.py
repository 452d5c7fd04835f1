"""NARMA-10 by its equation, written a second time, and its escape."""

from __future__ import annotations

import numpy as np
import torch
from hypothesis import given
from hypothesis import strategies as st

from rnnsite.tasks.narma import LARGEST, narma, respond


@given(st.integers(0, 2**31))
def test_it_follows_its_equation(seed):
    x, target = narma(40, torch.Generator().manual_seed(seed))
    xs = np.concatenate([np.zeros(9), x.numpy()])
    y = np.zeros(10)
    for t in range(40):
        y = np.append(y, 0.3 * y[-1] + 0.05 * y[-1] * y[-10:].sum() + 1.5 * xs[t] * xs[t + 9] + 0.1)
    np.testing.assert_allclose(target, y[10:], rtol=1e-12)
    assert (x >= 0).all()
    assert (x <= 0.5).all()


def test_a_system_that_runs_away_is_not_returned():
    assert respond(torch.full((300,), 0.5, dtype=torch.float64)).max() > LARGEST
    for seed in range(20):
        assert narma(400, torch.Generator().manual_seed(seed))[1].max() < LARGEST
