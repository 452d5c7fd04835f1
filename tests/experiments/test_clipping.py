"""Clipping measured by a second, slower way, and the fates of a small fleet."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch

from rnnsite.context import Context
from rnnsite.experiments import clipping_bias, clipping_threshold
from rnnsite.seeding import generator
from rnnsite.tasks.adding import adding
from rnnsite.training.irnn import irnn

TINY = clipping_threshold.Config(
    T=6, H=5, B=4, norms=(1.0, math.inf), values=(0.1,), rates=(0.01, 1e4), seeds=3, updates=40, record_every=10
)


@pytest.fixture(scope="module")
def arrays() -> dict[str, np.ndarray]:
    return clipping_threshold.run(TINY, Context())


def test_a_divergence_is_recorded_with_its_step(arrays):
    free = clipping_threshold.arm(arrays, 1e4, norm=math.inf)
    assert (arrays["diverged_at"][free] >= 0).all()
    assert np.isnan(arrays["loss"][free]).all()
    assert clipping_threshold.lost(arrays)[free].all()
    assert (arrays["diverged_at"][0] == -1).all()
    assert np.isfinite(arrays["loss"][0]).all()


def test_a_unit_that_is_never_above_zero_is_not_active():
    fleet = irnn(4, [generator("test active", m) for m in range(2)])
    with torch.no_grad():
        fleet.cell.U.fill_(1.0)
        fleet.cell.b[1, :3] = -1e3  # three of four units of the second network never come on
    x, _ = adding(5, 6, generator("test active"))
    assert clipping_threshold.active_units(fleet, x).tolist() == [1.0, 0.25]


def test_a_place_is_found_by_its_thresholds(arrays):
    assert clipping_threshold.arm(arrays, 0.01, norm=1.0) == (0, 0)
    assert clipping_threshold.arm(arrays, 1e4, value=0.1) == (1, 2)


def test_angles_by_hand():
    gradients = np.array([[3.0, 4.0], [0.0, 1.0], [0.0, 1.0]])  # lengths 5, 1, 1: median 1
    found = clipping_bias.angles(gradients, (1.0,))
    assert found["own_norm"][0] == pytest.approx(0, abs=1e-5)
    mean, clipped = np.array([1.0, 2.0]), np.array([0.2, 0.8 / 3 + 2 / 3])  # (3, 4) becomes (0.6, 0.8)
    expected = math.degrees(math.atan2(*mean[::-1]) - math.atan2(*clipped[::-1]))
    assert found["mean_norm"][0] == pytest.approx(abs(expected), abs=1e-6)
    assert found["spread"] == pytest.approx(math.log10(5))


def test_value_clipping_is_matched_in_length():
    gradients = np.random.default_rng(0).standard_normal((50, 30))
    clipped = clipping_bias.clip_to_length(gradients, 2.0)
    assert np.linalg.norm(clipped, axis=1).mean() == pytest.approx(2.0, rel=1e-6)
    assert (np.sign(clipped) == np.sign(gradients)).all()
    bound = np.abs(clipped).max()
    np.testing.assert_allclose(clipped, np.sign(gradients) * np.minimum(np.abs(gradients), bound))


def test_angles_are_those_of_geometry():
    one, other = np.array([[1.0, 0.0], [1.0, 0.0]]), np.array([[0.0, 2.0], [1.0, 1.0]])
    np.testing.assert_allclose(clipping_bias.angle(one, other), [90, 45])


def test_rates_have_twenty_runs_or_more():
    assert all(config.seeds >= 20 for config in clipping_threshold.CONFIGS.values())
