"""The one-unit loss against torch's autograd, its wall and its bifurcations against what they are defined by."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from rnnsite.tasks.single_unit import START, TARGET, bifurcations, curvature, error, growth, sigmoid, wall

PLACES = [(4.7, -2.4), (5.0, -2.61), (5.2, -2.3), (5.0, -2.61229), (-40.0, 90.0)]


def by_torch(theta: torch.Tensor, steps: int = 50) -> torch.Tensor:
    h = torch.sigmoid(torch.tensor(START, dtype=torch.float64))
    for _ in range(steps):
        h = torch.sigmoid(theta[0] * h + theta[1])
    return (h - TARGET) ** 2


@pytest.mark.parametrize("place", PLACES)
def test_gradient_and_curvature_equal_autograd(place: tuple[float, float]) -> None:
    theta = torch.tensor(place, dtype=torch.float64)
    here = error(*place)
    assert here.loss == pytest.approx(by_torch(theta).item(), rel=1e-10)
    gradient = torch.func.grad(by_torch)(theta).numpy()
    np.testing.assert_allclose(here.gradient, gradient, rtol=1e-9, atol=1e-15)
    hessian = torch.func.hessian(by_torch)(theta).numpy()
    np.testing.assert_allclose(curvature(*place), hessian, rtol=1e-8, atol=1e-15)


def test_arrays_and_single_points_agree() -> None:
    w, b = np.array([4.5, 5.0]), np.array([[-2.5], [-2.0], [-3.0]])
    grid = error(w, b, 20)
    assert grid.loss.shape == (3, 2)
    assert grid.gradient.shape == (2, 3, 2)
    assert grid.norm[2, 1] == error(5.0, -3.0, 20).norm


def test_on_the_wall_the_start_never_moves() -> None:
    b = wall(5.0)
    assert 5.0 * sigmoid(START) + b == pytest.approx(START)
    a = START + 1e-9
    for _ in range(10):
        a = 5.0 * sigmoid(a) + b
    assert a - START == pytest.approx(1e-9 * growth(5.0) ** 10, rel=1e-5)


@pytest.mark.parametrize("w", [4.5, 5.0, 6.0])
def test_at_a_bifurcation_the_number_of_fixed_points_changes(w: float) -> None:
    a = np.linspace(-12, np.pi * 4, 200_001)

    def fixed_points(b: float) -> int:
        return int((np.diff(np.sign(w * sigmoid(a) + b - a)) != 0).sum())

    low, high = bifurcations(w)
    assert low < high
    assert [fixed_points(b) for b in (low - 0.01, (low + high) / 2, high + 0.01)] == [1, 3, 1]
