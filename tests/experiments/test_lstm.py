"""The LSTM page: its exercise by autograd, the two ways back against products written out, a tiny sweep of biases."""

from __future__ import annotations

import math
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
import torch
from torch import Tensor, tanh

from rnnsite.context import Context
from rnnsite.experiments import forget_bias, lstm_paths
from rnnsite.experiments.lstm_paths import networks, unroll
from rnnsite.tasks.delayed_recall import delayed_recall
from rnnsite.training.recurrent import Recurrent

SMALL = replace(lstm_paths.CONFIGS["quick"], networks=3, H=5, T=9, near=2, far=6, seed_set=1001)
CPU = torch.device("cpu")


def gradients_at_c(f: float, i: float, o: float) -> list[Tensor]:
    """∂L/∂c_t of eight steps with the gates set by hand; the loss reads every h_t and the last c."""
    g = torch.Generator().manual_seed(0)
    W, c = torch.randn(4, 4, generator=g), torch.randn(4, generator=g, requires_grad=True)
    h, cs, loss = torch.zeros(4), [c], torch.zeros(())
    for _ in range(8):
        c = f * c + i * tanh(W @ h + torch.randn(4, generator=g))
        h = o * tanh(c)
        cs.append(c)
        loss = loss + torch.randn(4, generator=g) @ h
    return list(torch.autograd.grad(loss + torch.randn(4, generator=g) @ c, cs[1:]))


@pytest.mark.parametrize("i", [0.0, 0.7])
def test_the_exercise(i: float) -> None:
    """f = 1 and o = 0 are enough; i = 0 is not needed for it."""
    last, *others = reversed(gradients_at_c(f=1.0, i=i, o=0.0))
    assert all(torch.equal(g, last) for g in others)


@pytest.mark.parametrize(("f", "o"), [(1.0, 0.5), (0.9, 0.0)])
def test_the_exercise_needs_both(f: float, o: float) -> None:
    found = gradients_at_c(f=f, i=0.0, o=o)
    assert not any(torch.allclose(one, other) for one, other in pairwise(found))


def test_along_c_alone_the_gradient_is_the_product_of_forget_gates() -> None:
    cell, x, v = networks(SMALL, 1.0, 1.0, CPU)
    steps = unroll(cell, x, cut="h")
    found = torch.autograd.grad((v * steps["h"][-1]).sum(), steps["c"], retain_graph=True)
    g = v * steps["o"][-1] * (1 - tanh(steps["c"][-1]) ** 2)
    for t in reversed(range(SMALL.T)):
        torch.testing.assert_close(found[t], g)
        g = g * steps["f"][t]


def test_the_equation_of_the_page() -> None:
    """c̄_t = f_{t+1} c̄_{t+1} + o_t (1 − tanh² c_t) h̄_t, h̄_t by the candidate and the gates of the next step."""
    cell, x, v = networks(SMALL, 1.0, 2.0, CPU)
    steps = unroll(cell, x)
    loss = (v * steps["h"][-1]).sum()
    c_bar, h_bar = (torch.autograd.grad(loss, steps[name], retain_graph=True) for name in ("c", "h"))
    for t in range(SMALL.T - 1):
        by_h = steps["o"][t] * (1 - tanh(steps["c"][t]) ** 2) * h_bar[t]
        torch.testing.assert_close(c_bar[t], steps["f"][t + 1] * c_bar[t + 1] + by_h)


def test_a_cut_changes_no_value() -> None:
    cell, x, _ = networks(SMALL, 1.0, 1.0, CPU)
    states, _ = cell(x)
    for cut in lstm_paths.CUTS.values():
        torch.testing.assert_close(torch.stack(unroll(cell, x, cut)["h"], 1), states)


def test_both_ways_are_more_than_either_and_a_clamp_holds() -> None:
    arrays = lstm_paths.run(SMALL, Context())
    assert arrays["log_both"].shape == (4, 3, 9)
    np.testing.assert_allclose(arrays["log_both"][:, :, 0], arrays["log_c"][:, :, 0])
    assert (arrays["changed"][[0, 2]] == 0).all()
    assert (arrays["changed"][[1, 3]] > 0.01).all()


class Keeping(Context):
    """Keeps each step under its item alone, as a build does."""

    def __init__(self) -> None:
        super().__init__()
        self.kept: dict[object, dict[str, np.ndarray]] = {}

    def _restore(self, item: object) -> dict[str, np.ndarray] | None:
        return self.kept.get(item)

    def _keep(self, item: object, step: dict[str, np.ndarray]) -> None:
        self.kept[item] = step


def test_no_two_steps_are_kept_under_one_name() -> None:
    kept, context = lstm_paths.run(SMALL, Context()), Keeping()
    for _ in range(2):
        again = lstm_paths.run(SMALL, context)
        assert all(np.array_equal(kept[name], again[name]) for name in kept)


def test_half_lives_of_the_exercise() -> None:
    half = [math.log(2) / math.log(1 + math.exp(-b)) for b in (0, 1, 2, 4)]
    np.testing.assert_allclose(half, [1, 2.2, 5.5, 38], rtol=0.02)


def test_a_tiny_sweep() -> None:
    tiny = forget_bias.Config(lags=(4, 5), biases=(0.0, 3.0), H=4, B=4, seeds=2, updates=20, check_every=10, enough=-1)
    arrays = forget_bias.run(tiny, Context())
    assert arrays["solved_at"].shape == arrays["error"].shape == arrays["opened"].shape == (2, 2, 2)
    assert (arrays["solved_at"] == -1).all()
    assert np.isfinite(arrays["error"]).all()
    assert (np.abs(arrays["opened"]) < 20 * tiny.rate).all()  # Adam moves no weight by more than its rate an update


def test_patience_trains_the_same_runs_on() -> None:
    tiny = forget_bias.Config(lags=(5,), biases=(2.0,), H=4, B=4, seeds=2, updates=10, check_every=10, enough=-1)
    short, longer = (forget_bias.run(replace(tiny, patience=k, patient=(5, 2.0)), Context()) for k in (1, 2))
    for name in ("solved_at", "error", "opened"):
        np.testing.assert_array_equal(short[f"patient_{name}"], short[name][0, 0])
    assert (longer["patient_opened"] != short["patient_opened"]).all()


def test_each_model_starts_with_its_own_bias_and_the_same_weights() -> None:
    fleet: Recurrent = forget_bias.recaller(4, [0.0, 2.0], [torch.Generator().manual_seed(1) for _ in range(2)])
    assert fleet.cell.block("b", "f")[:, 0].tolist() == [0.0, 2.0]
    torch.testing.assert_close(fleet.cell.W[0], fleet.cell.W[1])


def test_the_test_error_is_that_of_fresh_sequences() -> None:
    fleet = forget_bias.recaller(4, [0.0], [torch.Generator().manual_seed(1)])
    found = forget_bias.fresh_error(6, fleet, [torch.Generator().manual_seed(2)])
    x, y = delayed_recall(6, 100, torch.Generator().manual_seed(2))
    expected = (fleet.cell(x[None])[1][0] @ fleet.V.mT + fleet.a)[0, :, 0] - y
    torch.testing.assert_close(found[0], expected.square().mean())


def test_rates_have_twenty_runs_or_more() -> None:
    assert all(config.seeds >= 20 for config in forget_bias.CONFIGS.values())
    assert all(config.networks >= 20 for config in lstm_paths.CONFIGS.values())
