"""Gradients of skipping and leaky networks against powers and path sums, and the arms of the recall experiment."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from rnnsite.context import Context
from rnnsite.experiments import gradient_decay_scales as decay
from rnnsite.experiments import time_scales_recall as recall
from rnnsite.seeding import generator
from rnnsite.tasks.delayed_recall import delayed_recall

TINY = decay.Config(slower=(1, 4), seeds=3, H=8, B=2, T=24, near=4)
SHORT = recall.Config(delays=(4, 8), any_tick=(4,), seeds=2, units=(6, 6, 4, 6, 5, 5), updates=60, check_every=20)


@pytest.fixture(scope="module")
def faded() -> dict[str, np.ndarray]:
    return decay.run(TINY, Context())


@pytest.fixture(scope="module")
def recalled() -> dict[str, np.ndarray]:
    return recall.run(SHORT, Context())


def test_the_plain_network_is_the_power(faded):
    np.testing.assert_allclose(faded["log_norm"][decay.REMOVED, 0, 0, 0], np.arange(25) * np.log(0.8), rtol=1e-9)
    np.testing.assert_allclose(faded["log_norm"][decay.LEAKY, 0], faded["log_norm"][decay.REMOVED, 0], rtol=1e-9)


def test_a_removed_connection_leaves_a_gradient_at_every_dth_step_only(faded):
    row = faded["log_norm"][decay.REMOVED, 1, 0, 0]
    assert np.isnan(row[np.arange(25) % 4 != 0]).all()
    np.testing.assert_allclose(row[::4], np.arange(7) * np.log(0.8), rtol=1e-9)


def test_the_cells_follow_the_theory_on_average():
    config = replace(TINY, seeds=200, H=12, T=6, near=1)
    measured = decay.run(config, Context())
    for arm in (decay.KEPT, decay.LEAKY):
        squares = np.exp(2 * measured["log_norm"][arm, 1, 0]).mean(0)
        np.testing.assert_allclose(squares, np.exp(2 * measured["theory"][arm, 1]), rtol=0.15)


def test_slopes_of_straight_lines():
    a = {"log_norm": np.zeros((4, 1, 2, 2, 9)), "near": np.array(2), "slower": np.array([1])}
    a["log_norm"][0, 0, 0, 1] = -0.3 * np.arange(9)
    a["log_norm"][0, 0, 0, :, 1::2] = np.nan
    np.testing.assert_allclose(decay.slopes(a, 0, 1), [0, -0.3])


def test_every_arm_has_nearly_as_many_weights():
    config = recall.CONFIGS["quick"]
    counts = [recall.weights(recall.network(config, arm, [torch.Generator()])) for arm in range(6)]
    assert max(counts) / min(counts) < 1.15
    assert counts[recall.PLAIN] == 20 * (20 + 2 + 1) + 20 + 1
    assert counts[recall.SKIP] == 14 * (14 + 14 + 2 + 1) + 14 + 1
    assert counts[recall.CLOCK] == 25 * 25 * 3 // 5 + 25 * (2 + 1) + 25 + 1


def test_arrays_have_their_shapes(recalled):
    assert recalled["solved"].shape == (5, 2, 2)
    assert recalled["any_error"].shape == (1, 2)
    assert ((recalled["needed"] > 0) == recalled["solved"]).all()
    assert (recalled["error"][recalled["solved"]] <= SHORT.enough).all()


def test_a_removed_connection_cannot_see_a_number_out_of_step():
    model = recall.network(SHORT, recall.REMOVED, [generator("out of step")])
    for delay, seen in ((8, True), (9, False)):
        x, y = delayed_recall(delay + 1, 3, generator("out of step", "data"))
        x = x[None].requires_grad_()
        recall.squared_error(model, x, y[None], torch.zeros(1, 3)).sum().backward()
        assert bool(x.grad[0, 0].any()) == seen


def test_the_tick_moves_the_clock():
    model = recall.network(SHORT, recall.ANY_TICK, [generator("tick")])
    x, y = delayed_recall(5, 3, generator("tick", "data"))
    gradients = []
    for tick in (0, 1):
        given = x[None].clone().requires_grad_()
        recall.squared_error(model, given, y[None], torch.full((1, 3), float(tick))).sum().backward()
        model.cell.U.grad, slow = None, model.cell.U.grad[0, -1]
        gradients.append(bool(slow.any()))
    assert gradients == [True, False]  # the slowest group steps at 0, and not from 1 to 5


def test_rates_have_twenty_runs_or_more():
    assert all(config.seeds >= 20 for config in recall.CONFIGS.values())
