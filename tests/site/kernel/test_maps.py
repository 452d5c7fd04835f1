"""The kernel's iterated maps: derivatives against autograd, cycles and periods against what is known of them."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from playwright.sync_api import Page

from .asking import kernel

pytestmark = pytest.mark.site


def test_orbit_derivative_equals_autograd(page: Page) -> None:
    for name, f, argument in [
        ("k.logisticMap(a[0])", lambda x: 3.5 * x * (1 - x), [3.5]),
        ("k.tanhMap(a[0], a[1])", lambda x: torch.tanh(2.0 * x + 0.1), [2.0, 0.1]),
    ]:
        x0 = torch.tensor(0.3, dtype=torch.float64, requires_grad=True)
        x = x0
        ours = kernel(page, f"Object.values(k.orbit({name}, 0.3, 10)).map((values) => [...values])", argument)
        for t in range(1, 11):
            x = f(x)
            assert ours[0][t] == pytest.approx(x.item(), rel=1e-12)
            assert ours[1][t] == pytest.approx(torch.autograd.grad(x, x0, retain_graph=True)[0].item(), rel=1e-9)


def test_logistic_map_at_3_5_settles_on_a_4_cycle_with_both_fixed_points_unstable(page: Page) -> None:
    fate = kernel(page, "k.fate(k.logisticMap(3.5), 0.2)")
    assert sorted(fate["cycle"]) == pytest.approx([0.38282, 0.50088, 0.82694, 0.87500], abs=1e-4)
    assert abs(fate["multiplier"]) < 1
    points = kernel(page, "k.fixedPoints(k.logisticMap(3.5))")
    assert [p["x"] for p in points] == pytest.approx([0, 1 - 1 / 3.5])
    assert not any(p["stable"] for p in points)


PERIODS = [(0.8, 1), (2.8, 1), (3.2, 2), (3.5, 4), (3.55, 8), (3.83, 3), (4.0, 0), (3.9, 0)]  # 0: it never repeats


@pytest.mark.parametrize(("r", "period"), PERIODS)
def test_periods_of_the_logistic_map(page: Page, r: float, period: int) -> None:
    fate = kernel(page, "k.fate(k.logisticMap(a), 0.2)", r)
    assert len(fate["cycle"]) == period
    if r == 4.0:
        assert fate["exponent"] == pytest.approx(np.log(2), abs=0.02)  # the known Lyapunov exponent
