"""Reservoirs by leak, of spikes, and beside trained networks: shapes, the parts by hand, and who rides along."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from rnnsite.context import Context
from rnnsite.experiments import esn_leak, reservoir_or_trained, spiking_reservoir, what_to_keep
from rnnsite.seeding import generator
from rnnsite.tasks.mackey_glass import mackey_glass
from rnnsite.training.ridge import ridge, with_bias

LEAK = esn_leak.Config(
    radii=(0.9, 3.0), leaks=(0.0, 0.7), H=15, networks=2, washout=30, train=90, test=60, horizon=5, continuations=4
)
SPIKES = spiking_reservoir.Config(gains=(0.0, 1.0), H=20, bits=12, streams=8, delays=3, networks=2)
TRAINED = reservoir_or_trained.Config(
    networks=2, reservoir=20, units=6, updates=6, check_every=3, train=80, test=40, washout=30, window=30
)
KEPT = what_to_keep.Config(networks=2, T=4, reservoir=20, sequences=30, units=5, updates=6, check_every=3)


def test_every_leak_radius_and_network_is_measured() -> None:
    arrays = esn_leak.run(LEAK, Context())
    for name in ("narma", "series"):
        assert arrays[name].shape == (2, 2, 2)
        assert np.isfinite(arrays[name]).all()
    alone = esn_leak.run(replace(LEAK, networks=1), Context())
    np.testing.assert_array_equal(alone["series"][..., 0], arrays["series"][..., 0])


def test_leaks_and_radii_share_one_network() -> None:
    cell = esn_leak.reservoirs(LEAK, 0.5, 7)
    assert cell.leak.tolist() == pytest.approx([0, 0, 0.7, 0.7])
    torch.testing.assert_close(cell.W[1], cell.W[0] / 0.9 * 3)
    torch.testing.assert_close(cell.U[0], cell.U[3])
    assert 0.4 < float(cell.U.detach().abs().max()) <= 0.5


def test_a_series_is_continued_by_the_network_itself() -> None:
    """One network, one place, step by step with plain matrices."""
    config = replace(LEAK, leaks=(0.7,), radii=(0.9,), continuations=1)
    cell = esn_leak.reservoirs(config, 1.0, 3)
    x = mackey_glass(181, generator("test continued"))
    seen, unseen = slice(30, 120), slice(120, 180)
    found = esn_leak.continued(cell, x, seen, unseen, config)
    W, U, b, α = cell.W[0].detach(), cell.U[0, :, 0].detach(), cell.b[0].detach(), 0.7
    h, hs = torch.zeros(15).double(), []
    for x_t in x[:-1]:
        h = α * h + (1 - α) * torch.tanh(U * x_t + W @ h + b)
        hs.append(h)
    V = ridge(torch.stack(hs)[None, seen], x[1:][None, seen, None], config.penalty)
    h = hs[120]
    said = with_bias(h[None, None]) @ V
    for _ in range(config.horizon - 1):
        h = α * h + (1 - α) * torch.tanh(U * said[0, 0, 0] + W @ h + b)
        said = with_bias(h[None, None]) @ V
    expected = (said[0, 0, 0] - x[120 + config.horizon]).abs() / x.std(correction=0)
    assert float(found[0]) == pytest.approx(float(expected), rel=1e-6)


def test_bits_are_read_from_spikes() -> None:
    arrays = spiking_reservoir.run(SPIKES, Context())
    assert arrays["recall"].shape == (2, 2, 4)
    assert arrays["both"].shape == arrays["rate"].shape == (2, 2)
    for name in ("recall", "both", "rate"):
        assert ((arrays[name] >= 0) & (arrays[name] <= 1)).all()


def test_a_liquid_has_its_partners_and_its_inhibition() -> None:
    config = spiking_reservoir.Config()
    _, W = spiking_reservoir.liquid(config, generator("test liquid"))
    assert set((W != 0).sum(1).tolist()) <= {config.partners - 1, config.partners}
    assert (W.diagonal() == 0).all()
    signs = torch.where(W > 0, 1, torch.where(W < 0, -1, 0))
    assert all(len(set(column[column != 0].tolist())) <= 1 for column in signs.T), (
        "a unit excites or inhibits, not both"
    )
    assert int((signs.sum(0) < 0).sum()) == config.inhibitory * config.H


def test_the_trains_are_busy_where_the_bit_says() -> None:
    config = replace(SPIKES, streams=400)
    bits = torch.tensor([[1, -1] * 200] * 2)
    x = spiking_reservoir.trains(bits, config, generator("test trains"))
    assert x.shape == (2 * config.length, 400, config.lines)
    first, second = x[..., : config.lines // 2], x[..., config.lines // 2 :]
    for half, side in ((first, 0), (second, 1)):
        assert float(half[:, side::2].mean()) == pytest.approx(config.busy, abs=0.05)
        assert float(half[:, 1 - side :: 2].mean()) == pytest.approx(config.idle, abs=0.03)


def test_readings_are_perfect_where_the_answer_is_a_state_and_nothing_where_it_is_noise() -> None:
    g = generator("test readings")
    heard, noise = torch.randn(2, 10, 20, 3, generator=g), torch.randn(10, 20, generator=g)
    asked = torch.stack([noise, noise], -1).double()
    heard[0, ..., 0] = noise
    found = spiking_reservoir.readings(heard, asked, 1e-8)
    assert found[0].tolist() == pytest.approx([1, 1], abs=1e-5)
    assert float(found[1].max()) < 0.1


def test_a_reservoir_beside_a_trained_network() -> None:
    arrays = reservoir_or_trained.run(TRAINED, Context())
    assert arrays["error"].shape == (2, 2, 2)
    assert np.isfinite(arrays["error"]).all()
    assert (arrays["seconds"] > 0).all()
    np.testing.assert_array_equal(arrays["error"][0, 0], arrays["error"][0, 1])
    assert (arrays["error"][1, 0] != arrays["error"][1, 1]).all(), "training changes the error"


def test_two_reservoirs_and_two_trained_networks_are_asked_two_things() -> None:
    arrays = what_to_keep.run(KEPT, Context())
    assert arrays["fitted"].shape == (2, 2, 2)
    assert arrays["trained"].shape == (2, 2, 2, 2)
    assert all(np.isfinite(arrays[name]).all() for name in ("fitted", "trained"))
    assert (arrays["fitted"][what_to_keep.LATEST, 0] != arrays["fitted"][what_to_keep.LATEST, 1]).all(), (
        "by the leak alone"
    )
    assert (arrays["trained"][:, :, 0] != arrays["trained"][:, :, 1]).all(), "training changes the error"
    alone = what_to_keep.run(replace(KEPT, networks=1), Context())
    np.testing.assert_allclose(alone["fitted"][..., 0], arrays["fitted"][..., 0], rtol=1e-3)


def test_when_the_trained_network_overtakes() -> None:
    arrays = {"error": np.zeros((2, 3, 2)), "updates": np.array([10, 20, 30])}
    arrays["error"][0] = 0.4
    arrays["error"][1] = np.array([0.9, 0.5, 0.3])[:, None]
    assert reservoir_or_trained.overtaken(arrays) == 30
    arrays["error"][1] = 0.9
    assert reservoir_or_trained.overtaken(arrays) is None
