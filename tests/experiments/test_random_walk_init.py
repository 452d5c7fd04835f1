"""The walk is that of autograd through a net that is written out, and theory is checked by drawing."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch

from rnnsite.context import Context
from rnnsite.experiments import random_walk_init as experiment
from rnnsite.experiments.random_walk_init import Config, run
from rnnsite.training.random_walk import backward, masks, right_gain, theory_of

TINY = Config(widths=(4, 8), depth=6, nets=5, at_once=2)


@pytest.mark.parametrize("units", ["linear", "relu"])
@pytest.mark.parametrize("gain", [1.0, 1.7])
def test_the_walk_is_the_gradient_of_a_deep_net(units: str, gain: float) -> None:
    random = np.random.default_rng(3)
    W = random.standard_normal((6, 1, 8, 8)) * gain / math.sqrt(8)
    x, δ = random.standard_normal((2, 1, 8, 1))
    layers = [torch.tensor(x[0, :, 0], requires_grad=True)]
    for weights in torch.tensor(W[:, 0]):
        a = weights @ layers[-1]
        layers.append(a if units == "linear" else a.relu())
    loss = layers[-1] @ torch.tensor(δ[0, :, 0])
    gradients = torch.autograd.grad(loss, layers[:-1])
    expected = [math.log(float(g.norm()) / np.linalg.norm(δ)) for g in reversed(gradients)]
    walk = backward(W, δ, None if units == "linear" else masks(W, x))
    np.testing.assert_allclose(walk[0, 1:], expected, rtol=1e-6)


def test_another_gain_adds_its_logarithm_to_each_step() -> None:
    random = np.random.default_rng(4)
    W, (x, δ) = random.standard_normal((5, 3, 8, 8)), random.standard_normal((2, 3, 8, 1))
    plain, scaled = (backward(g * W, δ, masks(g * W, x)) for g in (1.0, 1.5))
    np.testing.assert_allclose(scaled - plain, np.tile(math.log(1.5) * np.arange(6), (3, 1)), atol=1e-6)


def test_a_dead_layer_ends_the_walk_for_good() -> None:
    W = np.ones((3, 1, 2, 2))
    on = masks(W, np.array([[[-1.0], [-1.0]]]))
    assert not on[0].any()
    assert backward(W, np.ones((1, 2, 1)), on)[0, -1] == -np.inf


def test_theory_by_drawing() -> None:
    random = np.random.default_rng(5)
    for N in (6, 20):
        δ = random.standard_normal((40_000, N))
        logs = np.log(np.linalg.norm(δ, axis=1) / math.sqrt(N))
        mean, variance = theory_of("linear", N)
        assert logs.mean() == pytest.approx(mean, abs=0.01)
        assert logs.var() == pytest.approx(variance, rel=0.05)
        on = random.random((40_000, N)) < 0.5
        on = on[on.any(1)]
        logs = np.log(np.linalg.norm(δ[: len(on)] * on, axis=1) / math.sqrt(N))
        mean, variance = theory_of("relu", N)
        assert logs.mean() == pytest.approx(mean, abs=0.02)
        assert logs.var() == pytest.approx(variance, rel=0.05)


def test_the_papers_gain_leaves_little_drift() -> None:
    for N in (10, 30, 100, 300):
        assert abs(theory_of("linear", N)[0] + math.log(right_gain("linear", N))) < 0.002
        assert abs(theory_of("relu", N)[0] + math.log(right_gain("relu", N))) < 0.005


def test_a_net_is_the_same_every_time() -> None:
    one, other = (run(TINY, Context()) for _ in range(2))
    assert one["walk"].shape == (2, 2, 5, 7)
    np.testing.assert_array_equal(one["walk"], other["walk"])
    assert experiment.alive(np.array([[0.0, 1.0], [0.0, -np.inf]])).shape == (1, 2)
