"""Rates of growth against autograd through the package's own cell, the spectral radius, and theory."""

from __future__ import annotations

import math

import pytest
import torch

from rnnsite.cells.elman import Elman
from rnnsite.experiments.lyapunov import backward_rate, forward_rate, mean_field
from rnnsite.seeding import generator


def random_matrix(H: int, name: str) -> torch.Tensor:
    return torch.randn(1, H, H, generator=generator("test lyapunov", name), dtype=torch.float64) / H**0.5


def test_backward_rate_is_what_autograd_sends_back() -> None:
    H, T, gain, s = 8, 12, 1.3, 0.4
    J = random_matrix(H, "backward")
    g = torch.tensor([gain], dtype=torch.float64)
    found = backward_rate(J, g, s, 0, (T,), generator("test lyapunov run"))

    draw = generator("test lyapunov run")  # the same numbers, in the order they were drawn
    h0 = torch.randn(1, H, 1, generator=draw, dtype=torch.float64)[..., 0].requires_grad_()
    x = torch.stack([s * torch.randn(1, H, 1, generator=draw, dtype=torch.float64)[..., 0] for _ in range(T)])
    delta = torch.randn(1, H, 1, generator=draw, dtype=torch.float64)[..., 0]
    cell = Elman(H, H, dtype=torch.float64)
    with torch.no_grad():
        cell.W.copy_(gain * J[0])
        cell.U.copy_(torch.eye(H))
        cell.b.zero_()
    _, last = cell(x, h0)
    (gradient,) = torch.autograd.grad((last * delta).sum(), h0)
    assert found.item() == pytest.approx(math.log(gradient.norm().item() / delta.norm().item()) / T)


def test_below_one_the_exponent_is_the_log_of_the_spectral_radius() -> None:
    J = random_matrix(30, "linear")
    g = torch.tensor([0.5], dtype=torch.float64)
    radius = torch.linalg.eigvals(J[0]).abs().max().item()
    found = forward_rate(J, g, 0.0, 200, 600, generator("test lyapunov linear"))
    assert found.item() == pytest.approx(math.log(0.5 * radius), abs=0.01)


def test_mean_field_without_input() -> None:
    assert mean_field(0.7, 0.0) == pytest.approx(math.log(0.7))
    assert mean_field(1.0, 0.0) == pytest.approx(0, abs=1e-3)
    assert mean_field(1.5, 0.0) > 0


def test_input_lowers_the_mean_field_exponent() -> None:
    assert mean_field(1.3, 0.5) < 0 < mean_field(1.3, 0.0)
