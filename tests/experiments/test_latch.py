from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
import torch

from rnnsite.cells.elman import Elman
from rnnsite.context import Context
from rnnsite.experiments.latch import (
    ARMS,
    CONFIGS,
    LSTM_OPEN,
    RNN_SGD,
    UNIT,
    Config,
    _more,
    push,
    run,
    success,
)
from rnnsite.seeding import generator
from rnnsite.training.latching import Read, Unit

TINY = Config(lengths=(5, 8), seeds=3, updates=50)


@pytest.fixture(scope="module")
def arrays() -> dict[str, np.ndarray]:
    return run(TINY, Context())


def test_it_is_the_same_every_time(arrays: dict[str, np.ndarray]) -> None:
    for name, array in run(TINY, Context()).items():
        np.testing.assert_array_equal(array, arrays[name])


def test_each_arm_length_and_seed_has_an_outcome(arrays: dict[str, np.ndarray]) -> None:
    assert arrays["solved"].shape == (len(ARMS), 2, 3)
    assert arrays["solved"].dtype == bool
    assert arrays["w"].shape == (2, 3)


def test_a_unit_learns_five_steps_and_keeps_a_weight_above_one(arrays: dict[str, np.ndarray]) -> None:
    assert arrays["solved"][UNIT, 0].all()
    assert (arrays["w"][0] > 1).all()


def test_more_seeds_leave_a_run_as_it_is(arrays: dict[str, np.ndarray]) -> None:
    fewer = run(replace(TINY, seeds=2), Context())
    np.testing.assert_array_equal(fewer["solved"], arrays["solved"][..., :2])
    np.testing.assert_allclose(fewer["w"], arrays["w"][:, :2], rtol=1e-4)


def test_a_network_computes_what_torch_nn_computes() -> None:
    T, generators = 6, [generator("test", m) for m in range(2)]
    model = Read(generators, TINY.L, Elman(1, 4, 2, generator=generators))
    x = torch.randn(2, T, 5, generator=generators[0])
    for m in range(2):
        states, _ = model.readout.cell.select(m).to_torch()(x[m][..., None])
        expected = states[-1] @ model.readout.V[m, 0]
        torch.testing.assert_close(model.outputs(x)[m], expected)


def test_a_unit_computes_its_equation() -> None:
    model = Unit([generator("test", m) for m in range(2)], TINY.L, TINY.w0)
    x = torch.randn(2, 6, 4, generator=generator("test"))
    h = np.zeros(4)
    for x_t in x[1].numpy():
        h = np.tanh(TINY.w0 * h + x_t)
    np.testing.assert_allclose(model.outputs(x)[1].detach().numpy(), h, rtol=1e-5)


def test_rates_have_twenty_runs_or_more() -> None:
    assert all(config.seeds >= 20 for config in CONFIGS.values())


def test_newcombes_interval_for_twenty_against_none() -> None:
    a = {"lengths": np.array([5, 9]), "solved": np.zeros((5, 2, 20), dtype=bool)}
    a["solved"][LSTM_OPEN, 1] = True
    difference = _more(a, LSTM_OPEN, RNN_SGD, 9)
    low = success(a, LSTM_OPEN, 9).low
    assert (difference.value, difference.high) == (1, 1)
    assert difference.low == pytest.approx(1 - math.hypot(1 - low, success(a, RNN_SGD, 9).high))


@pytest.mark.parametrize("w", [1.25, 1.8, 4.0])
def test_a_push_just_above_the_edge_flips_the_unit_and_just_below_does_not(w: float) -> None:
    for factor, flips in ((1.01, True), (0.99, False)):
        h = -1.0
        for _ in range(5000):
            h = math.tanh(w * h + factor * push(w))
        assert (h > 0) == flips


def test_a_unit_without_two_attractors_needs_no_push() -> None:
    assert push(0.9) == push(1.0) == 0
