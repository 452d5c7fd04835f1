"""Slopes along the line against autograd, and the averages against averages taken by hand."""

from __future__ import annotations

import numpy as np
import torch

from rnnsite.experiments import loss_averaging
from rnnsite.experiments.loss_averaging import Config, losses

CONFIG = Config(networks=3, at_once=2, H=5, horizons=(4, 9), sequences=64, drawn=7, seed_set=1000)
CPU = torch.device("cpu")


def test_slope_and_reach_equal_autograd() -> None:
    cell, v = loss_averaging._networks(3.0, range(2), CONFIG, CPU)
    x = loss_averaging._inputs(range(2), CONFIG, CPU)[:, :, :6]
    bias = torch.tensor([-0.2, 0.3], dtype=torch.float64)
    loss, slope, reach = losses(cell, v, x, bias, CONFIG.horizons)
    assert loss.shape == slope.shape == (2, 2, 2, 6)
    one = cell.select(1)

    def by_hand(s: torch.Tensor, h_0: torch.Tensor, T: int) -> torch.Tensor:
        h = h_0
        for t in range(T):
            h = torch.tanh(x[1, t] @ one.U.T + one.b + s + h @ one.W.T)
        return h

    for k, T in enumerate(CONFIG.horizons):
        s = bias[1].clone().requires_grad_()
        at_T = (by_hand(s, torch.zeros(6, 5, dtype=torch.float64), T) @ v[1] - x[1, 0, :, 0]) ** 2
        torch.testing.assert_close(loss[1, 1, k], at_T.detach())
        for n in range(6):
            (gradient,) = torch.autograd.grad(at_T[n], s, retain_graph=True)
            torch.testing.assert_close(slope[1, 1, k, n], gradient)
    jacobian = torch.func.jacfwd(lambda h: by_hand(bias[1], h, 9))(torch.zeros(6, 5, dtype=torch.float64))
    nudge = v[1] / v[1].norm()
    moved = torch.stack([jacobian[n, :, n] @ nudge for n in range(6)])
    torch.testing.assert_close(reach[1, 1], moved.norm(dim=1))


def test_typical_is_the_median_over_groups_and_places() -> None:
    values = torch.arange(2 * 3 * 1 * 16, dtype=torch.float64).view(2, 3, 1, 16)
    typical = loss_averaging._typical(values, 16)
    assert loss_averaging._powers(16).tolist() == [1, 4, 16]
    groups = values[1, :, 0].numpy().reshape(3, 4, 4).mean(2)
    assert typical[1, 0, 1].item() == np.sort(groups.ravel())[5]  # torch's median is the lower of the middle two


def test_top_share_is_one_when_one_sequence_has_it_all() -> None:
    slope = torch.zeros(1, 1, 1, 200)
    slope[..., 7] = -5
    assert loss_averaging._top_share(slope).item() == 1
    assert abs(loss_averaging._top_share(torch.ones(1, 1, 1, 200)).item() - 0.01) < 1e-6


def test_parts_of_a_run_do_not_change_its_numbers() -> None:
    from dataclasses import replace

    from rnnsite.context import Context

    by_two = loss_averaging.run(CONFIG, Context())
    at_once = loss_averaging.run(replace(CONFIG, at_once=3), Context())
    assert by_two["slope"].shape == (2, 3, 2, 4)
    for name, array in by_two.items():
        np.testing.assert_allclose(array, at_once[name], rtol=1e-6, err_msg=name)
