"""Gradients by distance against a product written out by hand, and slopes against a line."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from rnnsite.cells.elman import Elman
from rnnsite.cells.lstm import LSTM
from rnnsite.context import Context
from rnnsite.experiments.gradient_by_distance import ARMS, CONFIGS, run
from rnnsite.probes.by_distance import fitted_slope, gradient_by_distance
from rnnsite.probes.step_factors import step_factors

SMALL = replace(CONFIGS["quick"], radii=(0.5, 2.0), seeds=2, H=6, batch=2, steps=16, near=2, far=12, seed_set=1001)


def random(seed: int) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


@pytest.mark.parametrize("arm", ["linear", "relu", "tanh", "sigmoid"])
def test_gradient_is_the_product_of_the_jacobians(arm: str) -> None:
    cell = ARMS[arm](I=3, H=5, models=2, generator=[random(0), random(1)], dtype=torch.float64)
    trace = cell.trace(torch.randn(7, 1, 3, generator=random(2), dtype=torch.float64))
    v = torch.randn(5, generator=random(3), dtype=torch.float64)
    found = gradient_by_distance(trace, (trace["h"][:, -1] @ v).sum())[..., 0]
    for model in range(2):
        g, norms = v, [v.norm()]
        for t in range(6, 0, -1):
            g = (g * step_factors(cell, trace)[model, t, 0]) @ cell.W[model]
            norms.append(g.norm())
        torch.testing.assert_close(found[model], torch.stack(norms))


def test_of_an_lstm_it_is_the_gradient_at_c() -> None:
    cell = LSTM(2, 3, generator=random(0), dtype=torch.float64)
    with torch.no_grad():
        cell.W.zero_()  # then c is only multiplied by the forget gate
    trace = cell.trace(torch.randn(5, 1, 2, generator=random(1), dtype=torch.float64))
    found = gradient_by_distance(trace, trace["c"][-1].sum())
    torch.testing.assert_close(found[1], trace["f"][-1].norm(dim=-1))


def test_slope_of_a_line() -> None:
    assert fitted_slope(-0.3 * np.arange(20)[None], 4, 15) == pytest.approx([-0.3])


def test_one_weight_at_every_radius_and_arrays_as_said() -> None:
    arrays = run(SMALL, Context())
    assert arrays["log_gradient"].shape == (len(ARMS), 2, 2, 16)
    linear = arrays["log_gradient"][list(ARMS).index("linear")]
    # the same matrix, scaled from 0.5 to 2: exactly 4^k more gradient k steps back
    np.testing.assert_allclose(linear[1] - linear[0], np.broadcast_to(np.arange(16) * np.log(4), (2, 16)), atol=1e-9)


def test_small_arm_is_tanh() -> None:
    cell = ARMS["tanh, small"](I=2, H=3)
    assert isinstance(cell, Elman)
    assert cell.activation == "tanh"
    assert float(cell.U.detach().abs().max()) < 0.01
