"""Descent on the one-unit surface against torch's SGD and its own clipping."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from rnnsite.experiments.wall_descent import descend
from rnnsite.tasks.single_unit import START, TARGET


@pytest.mark.parametrize("clip", [np.inf, 0.05])
def test_it_equals_torch_sgd_with_its_norm_clipping(clip: float) -> None:
    w, b = (torch.tensor(value, dtype=torch.float64, requires_grad=True) for value in (4.8, -2.3))
    sgd = torch.optim.SGD([w, b], lr=0.1)
    for _ in range(30):
        sgd.zero_grad()
        h = torch.sigmoid(torch.tensor(START, dtype=torch.float64))
        for _ in range(50):
            h = torch.sigmoid(w * h + b)
        ((h - TARGET) ** 2).backward()
        torch.nn.utils.clip_grad_norm_([w, b], clip)
        sgd.step()
    *_, (theta, _) = descend(4.8, -2.3, 0.1, clip, 30)
    np.testing.assert_allclose(theta, [w.item(), b.item()], rtol=1e-5)


def test_no_clipped_step_is_longer_than_rate_times_threshold() -> None:
    starts = np.linspace(-3.2, -2.0, 40)
    path = np.stack([theta for theta, _ in descend(5.0, starts, 0.3, 1.0, 60)])
    steps = np.linalg.norm(np.diff(path, axis=0), axis=1)
    assert steps.max() <= 0.3 + 1e-12
    assert steps.max() > 0.29  # some did meet the wall
