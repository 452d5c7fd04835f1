"""What is left of a gradient, also where its squares are too small for float32."""

from __future__ import annotations

import pytest
import torch

from rnnsite.cells.elman import Elman
from rnnsite.seeding import generator
from rnnsite.training.gradient_left import gradient_left
from rnnsite.training.recurrent import Recurrent


def reach(dtype: torch.dtype, T: int) -> list[float]:
    g = generator("gradient left")
    model = Recurrent(Elman(2, 5, 2, generator=g, dtype=torch.float64), 1, generator=g)
    with torch.no_grad():
        model.cell.W.mul_(0.3)
    x = torch.randn(2, T, 4, 2, generator=g, dtype=torch.float64)
    y = torch.randn(2, 4, 1, generator=g, dtype=torch.float64)
    return gradient_left(model.to(dtype), x.to(dtype), y.to(dtype), lambda out, y: (out - y).square().sum((1, 2)))[
        "reach"
    ].tolist()


def test_a_gradient_of_1e_30_is_small_and_not_zero():
    long = reach(torch.float64, 40)
    assert all(-37 < value < -24 for value in long), "its squares must be too small for float32"
    assert reach(torch.float32, 40) == pytest.approx(long, abs=1e-3)


def test_a_gradient_that_float32_cannot_hold_is_zero():
    assert reach(torch.float32, 200) == [-float("inf")] * 2
