"""Reservoirs share one random network, forget as a by-hand run does, and remember what r² says."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from rnnsite.context import Context
from rnnsite.experiments.esn_radius import ARMS, Config, forgetting, listen, reservoirs, run, squared_correlation
from rnnsite.seeding import generator
from rnnsite.training.delay_line import delay_line
from rnnsite.training.ridge import nrmse, ridge, with_bias

TINY = Config(radii=(0.1, 0.9, 3.0), H=12, networks=2, washout=30, train=80, test=60, delays=4)


@pytest.fixture(scope="module")
def arrays() -> dict[str, np.ndarray]:
    return run(TINY, Context())


def test_every_setting_and_network_is_measured(arrays):
    for name in ("error", "capacity", "apart"):
        assert arrays[name].shape == (len(ARMS), 3, 2)
        assert np.isfinite(arrays[name]).all()
    assert (arrays["capacity"] <= 4).all()
    assert arrays["linear"].shape == (2,)


def test_it_is_the_same_every_time_and_for_fewer_networks(arrays):
    again = run(replace(TINY, networks=1), Context())
    np.testing.assert_array_equal(again["error"][..., 0], arrays["error"][..., 0])


def test_the_settings_are_one_network_scaled():
    cell = reservoirs(TINY, generator("test esn"))
    W, U = cell.W.detach().double(), cell.U.detach()
    radii = torch.linalg.eigvals(W).abs().amax(-1)
    torch.testing.assert_close(radii, torch.tensor([0.1, 0.9, 3.0] * 3).double(), rtol=1e-5, atol=0)
    torch.testing.assert_close(W[2] / 30, W[0])
    torch.testing.assert_close(U[3], 10 * U[0])
    assert float(U[0].abs().max()) <= 0.3
    assert (cell.b[:6] == 0).all()
    assert 0.1 < float(cell.b[6].detach().abs().max()) <= 0.2
    assert (cell.b[6] == cell.b[8]).all()


def test_states_and_forgetting_by_hand():
    cell = reservoirs(TINY, generator("test esn"))
    x = torch.randn(20, generator=generator("test esn input"))
    g = generator("test esn starts")
    starts = [torch.rand(1, 12, generator=g)[0].double() for _ in range(2)]
    far = forgetting(cell, x, generator("test esn starts"))
    hs = listen(cell, x)
    for m in (1, 8):
        W, U, b = (part[m].detach().double() for part in (cell.W, cell.U[..., 0], cell.b))
        runs = [torch.zeros(12).double(), *starts]
        for x_t in x.double():
            runs = [torch.tanh(W @ h + U * x_t + b) for h in runs]
        torch.testing.assert_close(hs[m, -1].double(), runs[0], rtol=1e-3, atol=1e-4)
        distance = (runs[1] - runs[2]).norm() / (starts[0] - starts[1]).norm()
        if m == 1:  # at ρ = 3 single precision takes another path
            assert float(far[m]) == pytest.approx(float(distance.log10()), abs=0.01)


def test_without_a_bias_the_states_turn_with_the_input():
    cell = reservoirs(TINY, generator("test esn"))
    x = torch.randn(20, generator=generator("test esn input"))
    one, other = listen(cell, x), listen(cell, -x)
    torch.testing.assert_close(one[:6], -other[:6])
    assert float((one[6:] + other[6:]).abs().amax((1, 2)).min()) > 0.01


def test_the_delay_line_solves_a_linear_task_and_not_a_product():
    x = torch.rand(400, generator=generator("test line"), dtype=torch.float64) - 0.5
    line = delay_line(x, 5)[None]
    linear = (x.roll(3) - 2 * x)[None, :, None]
    product = (x * x.roll(1))[None, :, None]
    for target, low, high in ((linear, 0, 1e-3), (product, 0.9, 1.1)):
        readout = ridge(line[:, 5:200], target[:, 5:200], 1e-10)
        error = float(nrmse(with_bias(line[:, 200:]) @ readout, target[:, 200:]))
        assert low <= error <= high


def test_squared_correlation_is_numpys():
    g = generator("test r2")
    p, y = torch.randn(2, 50, 3, generator=g), torch.randn(2, 50, 3, generator=g)
    for m in range(2):
        for k in range(3):
            expected = np.corrcoef(p[m, :, k], y[m, :, k])[0, 1] ** 2
            assert float(squared_correlation(p, y)[m, k]) == pytest.approx(expected, rel=1e-6)
