"""The measured walls: found where a plain search finds them, and paths that are what they say."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from rnnsite.context import Context
from rnnsite.experiments import loss_surface
from rnnsite.experiments.loss_surface import CONFIGS, rate
from rnnsite.tasks.single_unit import error


@pytest.fixture(scope="module")
def arrays() -> dict[str, np.ndarray]:
    return loss_surface.run(replace(CONFIGS["quick"], pixels=11, updates=200), Context())


def test_the_steepest_point_is_what_a_fine_grid_finds(arrays: dict[str, np.ndarray]) -> None:
    b = np.linspace(-2.6130, -2.6115, 30_001)
    norm = error(5.0, b).norm
    assert arrays["steepest_at_50"][0] == pytest.approx(b[norm.argmax()], abs=2e-6)
    assert arrays["slope_at_wall"] == pytest.approx(norm.max(), rel=2e-3)


def test_rate_recovers_a_known_growth() -> None:
    steps = np.arange(10, 61, 5)
    a = {"steps": steps, "fit_from": np.array(40), "x": 3 * np.array([[1.2], [1.5]]) ** steps}
    np.testing.assert_allclose(rate(a, "x"), np.log([1.2, 1.5]))


def test_paths_share_their_start_and_only_one_is_thrown(arrays: dict[str, np.ndarray]) -> None:
    plain, clipped = arrays["path_plain"], arrays["path_clipped"]
    np.testing.assert_array_equal(plain[0], clipped[0])
    longest = [np.linalg.norm(np.diff(path, axis=0), axis=1).max() for path in (plain, clipped)]
    assert longest[0] > 10
    assert longest[1] <= 0.1 + 1e-12
