"""Leaky, Skip and Clockwork: what each must be equal to, and a sequence cut in two equal to the whole."""

from __future__ import annotations

import pytest
import torch

from rnnsite.cells.clockwork import Clockwork
from rnnsite.cells.elman import Elman
from rnnsite.cells.leaky import Leaky
from rnnsite.cells.skip import Skip
from rnnsite.seeding import generator
from rnnsite.training.over_time import states as trained_states

from .compare import assert_equal

I, H, T, B, M = 3, 6, 12, 4, 2
CELLS = [
    lambda **more: Leaky(I, H, leak=0.4, **more),
    lambda **more: Skip(I, H, delay=3, **more),
    lambda **more: Skip(I, H, delay=4, keep=False, **more),
    lambda **more: Clockwork(I, H, periods=(1, 2, 5), **more),
]


def inputs(*lead):
    return torch.randn(*lead, T, B, I, dtype=torch.float64, generator=generator("time scales"))


@pytest.mark.parametrize("build", CELLS)
@pytest.mark.parametrize("cut", [1, 5, 8])
def test_a_sequence_in_two_parts_is_the_whole(build, cut):
    cell, x = build(dtype=torch.float64, generator=generator("whole")), inputs()
    whole, end = cell(x)
    first, between = cell(x[:cut])
    second, last = cell(x[cut:], between)
    assert torch.equal(torch.cat([first, second]), whole)
    for one, other in zip(*(part if isinstance(part, tuple) else (part,) for part in (end, last)), strict=True):
        assert torch.equal(one, other)


@pytest.mark.parametrize("build", CELLS)
def test_a_fleet_trains_on_the_cells_own_states(build):
    fleet, x = build(models=M, dtype=torch.float64, generator=generator("fleet")), inputs(M)
    assert_equal(trained_states(fleet, x)[0], fleet(x)[0], "states")


def test_a_skip_of_one_is_elman_with_both_matrices_added():
    skip = Skip(I, H, delay=1, dtype=torch.float64)
    elman = Elman(I, H, dtype=torch.float64)
    elman.load_state_dict({"U": skip.U, "W": skip.W + skip.S, "b": skip.b})
    assert_equal(skip(inputs())[0], elman(inputs())[0], "states", 1e-12)


def test_without_the_one_step_connection_there_are_d_networks():
    cell = Skip(I, H, delay=3, keep=False, dtype=torch.float64)
    plain = Elman(I, H, dtype=torch.float64)
    plain.load_state_dict(cell.state_dict())
    x = inputs()
    states, _ = cell(x)
    for k in range(3):
        assert_equal(states[k::3], plain(x[k::3])[0], f"the network that starts at step {k}", 1e-12)


def test_spectral_radius_of_both_matrices():
    cell = Skip(I, H, M, delay=2, spectral_radius=[0.5, 1.2], dtype=torch.float64)
    for W in (cell.W, cell.S):
        radii = torch.linalg.eigvals(W.detach()).abs().amax(-1)
        torch.testing.assert_close(radii, torch.tensor([0.5, 1.2], dtype=torch.float64))


def test_a_clockwork_with_the_period_one_is_elman():
    cell, plain = Clockwork(I, H, periods=(1,), dtype=torch.float64), Elman(I, H, dtype=torch.float64)
    plain.load_state_dict(cell.state_dict())
    assert torch.equal(cell(inputs())[0], plain(inputs())[0])


def test_a_fast_group_is_never_heard_by_a_slow_one():
    cell = Clockwork(I, H, periods=(1, 2, 5), dtype=torch.float64)
    x = inputs()
    cell(x)[0][-1, :, 2:].sum().backward()
    assert not cell.U.grad[:2].any()
    assert not (cell.W.grad * (1 - cell.listens())).any()
    assert cell.U.grad[2:].abs().min() > 0


def test_each_sequence_may_start_at_its_own_tick():
    cell, x = Clockwork(I, H, periods=(1, 3, 4), dtype=torch.float64), inputs()
    start = torch.tensor([0.0, 1, 2, 7], dtype=torch.float64)
    clock = start[:, None].expand(B, H)
    states, _ = cell(x, (torch.zeros(B, H, dtype=torch.float64), clock))
    for b in range(B):
        alone, _ = cell(x[:, b : b + 1], (torch.zeros(1, H, dtype=torch.float64), clock[b : b + 1]))
        assert_equal(states[:, b : b + 1], alone, "states", 1e-12)


def test_a_leak_of_each_model_its_own_survives_selection():
    fleet = Leaky(I, H, M, leak=[0.2, 0.9], dtype=torch.float64)
    x = inputs()
    for m in range(M):
        assert_equal(fleet.select(m)(x)[0], fleet(x)[0][m], "states", 1e-12)
