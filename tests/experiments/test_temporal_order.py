"""The three starts are those of the released code, and the arms differ by nothing but clip and regulariser."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from rnnsite.cells.elman import Elman
from rnnsite.context import Context
from rnnsite.experiments.temporal_order import ARMS, CLAIMS, CONFIGS, CR, SGD, C, Config, at, run
from rnnsite.seeding import generator
from rnnsite.tasks.temporal_order import temporal_order
from rnnsite.training.gradient_left import gradient_left
from rnnsite.training.losses import cross_entropy
from rnnsite.training.pascanu_starts import STARTS
from rnnsite.training.recurrent import Recurrent
from rnnsite.training.three_ways import letters_right

TINY = Config(points=(("smart tanh", 10), ("sigmoid", 12)), seeds=3, updates=60, check_every=30, test=40, H=9, B=5)


@pytest.fixture(scope="module")
def arrays() -> dict[str, np.ndarray]:
    return run(TINY, Context())


def test_it_is_the_same_every_time(arrays):
    for name, array in run(TINY, Context()).items():
        np.testing.assert_array_equal(array, arrays[name])


def test_each_point_arm_and_seed_has_an_outcome(arrays):
    for name in ("solved", "needed", "diverged_at", "error", "omega", "reach", "radius"):
        assert arrays[name].shape == (2, len(ARMS), 3)
    assert arrays["first_omega"].shape == (2, 3)
    assert np.isfinite(arrays["error"]).all()
    assert arrays["right"].shape == (2, len(ARMS), 3, 2)
    assert at(arrays, "sigmoid", 12) == 1


def test_the_arms_differ_by_clip_and_regulariser_alone(arrays):
    for name in ("radius", "error", "omega"):
        assert not np.array_equal(arrays[name][:, CR], arrays[name][:, C])
    idle = run(replace(TINY, clip=1e9, alpha=0.0), Context())
    for arm in (C, CR):
        np.testing.assert_allclose(idle["radius"][:, arm], idle["radius"][:, SGD], rtol=1e-6)


def test_rates_have_twenty_runs_or_more():
    assert all(config.seeds >= 20 for config in CONFIGS.values())


@pytest.mark.parametrize("start", STARTS)
def test_the_starts_are_those_of_the_released_code(start):
    W = STARTS[start].recurrent(50, 50, generator("test starts", start))
    U = STARTS[start].outer(50, 600, generator("test starts", start, "U"))
    assert float(U.std()) == pytest.approx(0.1 if start == "basic tanh" else 0.01, rel=0.03)
    if start == "smart tanh":
        assert (W != 0).sum(1).tolist() == [15] * 50
        assert float(torch.linalg.eigvals(W).abs().max()) == pytest.approx(0.95)
    else:
        assert float(W.std()) == pytest.approx(float(U.std()), rel=0.06)


def test_reach_is_the_ratio_that_autograd_gives():
    g = generator("test reach")
    model = Recurrent(Elman(6, 7, 2, generator=g, dtype=torch.float64), 4, generator=g)
    sets = [temporal_order(10, 8, g) for _ in range(2)]
    x, y = (torch.stack(parts) for parts in zip(*sets, strict=True))
    measured = gradient_left(model, x.double(), y, cross_entropy)
    for m in range(2):
        one, V, a = model.cell.select(m), model.V[m], model.a[m]
        h = h0 = torch.zeros(8, 7, dtype=torch.float64, requires_grad=True)
        for x_t in x[m].double():
            h = torch.tanh(x_t @ one.U.T + h @ one.W.T + one.b)
        loss = torch.nn.functional.cross_entropy(h @ V.T + a, y[m])
        end, begin = torch.autograd.grad(loss, [h, h0])
        assert float(measured["reach"][m]) == pytest.approx(float((begin.norm() / end.norm()).log10()), abs=1e-9)


def test_the_first_letter_is_the_one_that_comes_first():
    x, classes = temporal_order(10, 50, generator("test letters"))
    first = x[:, :, :2].sum(-1).argmax(0)  # the place of the first A or B
    is_b = x[first, torch.arange(50), 1].long()
    only_the_first = 2 * is_b + (1 - classes % 2)  # the second always wrong
    assert letters_right(only_the_first[None], classes[None]).tolist() == [[1, 0]]


def test_the_deaf_runs_are_those_that_fail_and_guess_the_second_letter():
    """Of SGD and SGD-C: three fail, one of them still learning; the regularised runs do not count."""
    arrays = {
        "start": np.array([2]),
        "length": np.array([20]),
        "solved": np.array([[[True, False], [False, False], [False, False]]]),
        "right": np.array([[[[1, 1], [1, 0.5]], [[1, 0.9], [1, 0.55]], [[1, 0.5], [1, 0.5]]]]),
        "reach": np.array([[[9.0, -2.0], [7.0, -3.0], [-50.0, -50.0]]]),
    }
    (claim,) = [claim for claim in CLAIMS if claim.name == "a-latch-feels-nothing"]
    assert claim.measure(arrays).value == -2.5
