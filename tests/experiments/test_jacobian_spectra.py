"""Jacobians against autograd, products against numpy, and the trap by hand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from rnnsite.cells.initial import gaussian
from rnnsite.experiments.jacobian_spectra import CONFIGS, TRAP, _cell, factored_error, products, slopes, trap

SMALL = replace(CONFIGS["quick"], H=6, warm_up=3, longest=5, seed_set=1001)


@pytest.mark.parametrize("activation", ["tanh", "sigmoid"])
def test_slope_times_w_is_the_jacobian_of_the_run(activation: str) -> None:
    cell = _cell(SMALL, activation, gaussian, 0, torch.device("cpu"))
    J = slopes(cell, SMALL, 0)[:, :, None] * cell.W.detach()
    from rnnsite.seeding import generator

    draw = generator("jacobian_spectra", SMALL.seed_set, 0, "inputs")
    x = torch.randn(8, 1, 4, generator=draw, dtype=torch.float64)
    h = cell(x)[0].detach()[-2]
    exact = torch.autograd.functional.jacobian(lambda h: cell(x[-1:], h[None])[1][0], h[0])
    torch.testing.assert_close(J[-1], exact)


def test_products_go_from_the_end() -> None:
    J = torch.randn(4, 3, 3, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    singular, log_norm = products(J)
    values = np.linalg.svd((J[3] @ J[2] @ J[1]).numpy(), compute_uv=False)
    assert log_norm[2] == pytest.approx(np.log(values[0]))
    np.testing.assert_allclose(singular[2], values / values[0])


def test_one_unit_may_be_reordered() -> None:
    slope = torch.rand(9, 1, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    assert factored_error(slope, torch.tensor([[1.3]], dtype=torch.float64)) < 1e-12


def test_the_trap() -> None:
    assert np.abs(np.linalg.eigvals(np.array(TRAP))).max() == pytest.approx(0.2**0.5)
    np.testing.assert_allclose(np.diff(trap("relu"))[2:], np.log(1.5))
    assert trap("linear")[-1] < -25
