"""The logistic map against algebra and finite differences."""

from __future__ import annotations

import numpy as np
import pytest

from rnnsite.experiments.logistic_map import compose, cycle_at, doubling_point, f
from rnnsite.seeding import numpy_generator


def test_derivative_of_the_composition_is_that_of_finite_differences() -> None:
    x = numpy_generator("test logistic map").uniform(0.05, 0.95, 50)
    _, logs = compose(x, 3.5, 6)
    step = 1e-7
    numerical = (compose(x + step, 3.5, 6)[0][-1] - compose(x - step, 3.5, 6)[0][-1]) / (2 * step)
    np.testing.assert_allclose(10 ** logs[-1], np.abs(numerical), rtol=1e-4)


def test_two_cycle_is_the_one_algebra_gives() -> None:
    r = 3.3
    points, multiplier = cycle_at(r, 2, 0.48)
    root = np.sqrt((r - 3) * (r + 1))
    np.testing.assert_allclose(np.sort(points), [(r + 1 - root) / (2 * r), (r + 1 + root) / (2 * r)])
    assert multiplier == pytest.approx(4 + 2 * r - r * r)


def test_four_cycle_returns_to_itself() -> None:
    points, _ = cycle_at(3.5, 4, 0.875)
    np.testing.assert_allclose(f(points, 3.5), np.roll(points, -1), atol=1e-12)
    assert np.ptp(points) > 0.4


@pytest.mark.parametrize(("period", "low", "high", "known"), [(1, 2.5, 3.2, 3.0), (2, 3.2, 3.5, 1 + 6**0.5)])
def test_doubling_points(period: int, low: float, high: float, known: float) -> None:
    assert doubling_point(period, low, high, 500) == pytest.approx(known, abs=1e-6)


def test_the_slides_line_runs_away() -> None:
    """The first exercise: f(x) = 3.5 (1 − x) has slope −3.5 everywhere and rests only at 7/9."""
    x = np.array([7 / 9, 0.7])
    for _ in range(5):
        x = 3.5 * (1 - x)
    assert x[0] == pytest.approx(7 / 9)
    assert abs(x[1] - 7 / 9) == pytest.approx(3.5**5 * (7 / 9 - 0.7))
