"""The GRU's three readings, checked by hand and by a second, slower way."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
import torch
from torch import nn, sigmoid, tanh

from rnnsite.cells.gru import GRU
from rnnsite.context import Context
from rnnsite.experiments import gru_before_after, gru_conventions, gru_traces
from rnnsite.experiments.gru_conventions import OverwritingGRU, draw_weights, give, negate, share_reset
from rnnsite.seeding import generator

TINY = gru_before_after.Config(T=4, H=5, H_lstm=4, updates=40, check_every=20, seeds=3)


def drawn(scale: float, reset_before: bool = True, H: int = 5) -> GRU:
    cell = GRU(2, H, 3, reset_before=reset_before, dtype=torch.float64)
    with torch.no_grad():
        draw_weights(cell, [generator("test gru", n) for n in range(3)], scale)
    return cell


def inputs(T: int = 7) -> torch.Tensor:
    return torch.randn(3, T, 4, 2, generator=generator("test gru", "x"), dtype=torch.float64)


@torch.no_grad()
def test_the_overwriting_gru_is_its_equation():
    cell = drawn(2.0, H=3)
    other = OverwritingGRU(2, 3, 3, reset_before=True, dtype=torch.float64)
    give(cell, other)
    x = inputs(1)
    (Ur, Uu, Ug), (Wr, Wu, Wg), (br, bu, bg) = (p[1].chunk(3) for p in (cell.U, cell.W, cell.b))
    h = torch.tensor([0.3, -0.2, 0.9], dtype=torch.float64)
    v = x[1, 0, 2]
    u, r = sigmoid(Uu @ v + Wu @ h + bu), sigmoid(Ur @ v + Wr @ h + br)
    expected = (1 - u) * h + u * tanh(Ug @ v + Wg @ (r * h) + bg)
    states, _ = other(x, h.expand(3, 4, 3))
    torch.testing.assert_close(states[1, 0, 2], expected, rtol=0, atol=1e-15)


@torch.no_grad()
@pytest.mark.parametrize("reset_before", [True, False])
def test_negating_the_update_gate_is_the_exact_exchange(reset_before):
    cell = drawn(1.0, reset_before)
    other = OverwritingGRU(2, 5, 3, reset_before=reset_before, dtype=torch.float64)
    give(cell, other)
    before = other(inputs())[0]
    negate(other)
    assert (other(inputs())[0] - cell(inputs())[0]).abs().max() < 1e-12
    assert (before - cell(inputs())[0]).abs().max() > 1e-2


@torch.no_grad()
def test_the_order_counts_by_how_much_the_gates_differ():
    """W(r∘h) − r∘(W h) in unit k is Σ_j W_kj (r_j − r_k) h_j."""
    g = generator("test gru", "sum")
    W, r, h = torch.randn(5, 5, generator=g), torch.rand(5, generator=g), torch.randn(5, generator=g)
    by_hand = [sum(W[k, j] * (r[j] - r[k]) * h[j] for j in range(5)) for k in range(5)]
    torch.testing.assert_close(W @ (r * h) - r * (W @ h), torch.stack(by_hand))


@torch.no_grad()
def test_with_one_gate_for_all_units_or_a_single_unit_the_order_is_nothing():
    for H in (5, 1):
        before, after = drawn(4.0, H=H), GRU(2, H, 3, dtype=torch.float64)
        if H > 1:
            share_reset(before)
        give(before, after)
        trace = before.trace(inputs())
        assert trace["r"].std(1).max() > 0.1, "the gate moves in time"
        torch.testing.assert_close(after(inputs())[0], trace["h"], rtol=0, atol=1e-12)


@torch.no_grad()
def test_a_single_step_from_every_state_is_the_run():
    cell = drawn(2.0)
    states = cell(inputs())[0]
    torch.testing.assert_close(gru_conventions.steps(cell, inputs(), states), states, rtol=0, atol=1e-14)


def test_parameters_are_counted_by_the_formula():
    arrays = gru_conventions.run(dataclasses.replace(gru_conventions.Config(), networks=2, scales=(1.0,)), Context())
    H, I = int(arrays["H"]), int(arrays["I"])
    for name, blocks in (("rnn", 1), ("gru", 3), ("lstm", 4)):
        assert int(arrays[name]) == blocks * H * (I + H + 2)


@pytest.fixture(scope="module")
def arrays() -> dict[str, np.ndarray]:
    return gru_before_after.run(TINY, Context())


def test_both_grus_start_from_the_same_weights():
    fleets = [
        gru_before_after.network(arm, TINY, [generator("test gru", m) for m in range(2)])
        for arm in (gru_before_after.AFTER, gru_before_after.BEFORE)
    ]
    for name, parameter in fleets[1].named_parameters():
        assert torch.equal(parameter, fleets[0].get_parameter(name)), name


def test_the_exchanged_error_is_that_of_torch(arrays):
    """The network with its reset after, given the weights of one that resets before, through torch.nn.GRU."""
    fleet = gru_before_after.network(gru_before_after.BEFORE, TINY, [generator("test gru", m) for m in range(2)])
    x, y = gru_before_after.adding(4, 50, generator("test gru", "questions"))
    own, exchanged = gru_before_after.both_orders(fleet, TINY, (x, y), 2.0)
    after = GRU(2, TINY.H)
    with torch.no_grad():
        for name in ("U", "W", "b"):
            getattr(after, name).copy_(getattr(fleet.cell, name)[1])
        module = after.to_torch()
        assert isinstance(module, nn.GRU)
        predicted = module(x)[1][0] @ fleet.V[1, 0] + fleet.a[1, 0]
    assert exchanged[1] == pytest.approx(float((predicted - y).square().mean()) / 2, rel=1e-4)
    assert own[1] != exchanged[1]


def test_a_run_that_was_never_solved_counts_with_all_its_updates(arrays):
    changed = {**arrays, "solved_at": np.full_like(arrays["solved_at"], -1)}
    assert (gru_before_after.updates_needed(changed, 0, 0, 0) == TINY.updates).all()


def test_the_lstm_has_about_as_many_weights():
    for config in gru_before_after.CONFIGS.values():
        tiny = dataclasses.replace(config, seeds=2)
        counts = [
            sum(p[0].numel() for p in gru_before_after.network(arm, tiny, [torch.Generator()]).parameters())
            for arm in range(3)
        ]
        assert max(counts) / min(counts) < 1.05
        assert config.seeds >= 20


def test_the_number_comes_after_the_wait_and_is_the_target():
    x, y = gru_traces.late_recall(6, 50, 4, generator("test gru", "late"))
    assert (x[4, :, 0] == y).all()
    assert (x[:, :, 1].argmax(0) == 4).all()
    assert (x[:, :, 1].sum(0) == 1).all()
    assert x[:4, :, 0].std() == pytest.approx(0.3, rel=0.2)


def test_a_training_batch_brings_it_in_the_first_half():
    config = dataclasses.replace(gru_traces.Config(), T=8)
    drawn = gru_traces.batches(config, generator("test gru", "waits"), range(60))
    assert {int(x[:, 0, 1].argmax()) for x, _ in drawn} == set(range(5))


@torch.no_grad()
@pytest.mark.parametrize("arm", [gru_traces.HALF, gru_traces.FOUR])
def test_what_the_gate_alone_keeps_is_the_run_without_a_candidate(arm):
    """By hand: from the number on no candidate enters the state; the gates are those of the whole run."""
    config = gru_traces.Config(T=7, at=2, H=3, questions=40)
    model = gru_traces.network(arm, config, [generator("test gru", m) for m in range(2)])
    x, y = gru_traces.late_recall(7, 40, 2, generator("test gru", "q"))
    arrays = gru_traces.watch_gates(model, arm, 2, x, y)
    trace = model.cell.trace(x.expand(2, *x.shape))
    gate, state = trace[gru_traces.KEEPS[arm]], trace[gru_traces.STATE[arm]]
    for m in range(2):
        slopes = {}
        for k in range(5):
            left = state[m, 2] * gate[m, 3 : 3 + k].prod(0)
            steady = state[m, 2] * gate[m, 3 : 3 + k].mean(1).prod(0)
            for name, values in (("alone", left), ("steady", steady), ("held", state[m, 2 + k])):
                fit = np.polyfit(y.double().numpy(), values.double().numpy(), 1)[0]
                slopes[name, k] = np.linalg.norm(fit)
        for (name, k), length in slopes.items():
            assert arrays[name][m, k] == pytest.approx(length / slopes[name, 0], rel=1e-4)
    assert arrays["keep"].shape == arrays["second"].shape == (2, 7)


def test_gates_start_where_the_configuration_says():
    for arm, bias in enumerate(gru_traces.Config().biases):
        cell = gru_traces.network(arm, gru_traces.Config(), [generator("test gru", 0)]).cell
        assert (cell.block("b", gru_traces.KEEPS[arm]) == bias).all()
