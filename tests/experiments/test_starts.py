"""The starts are the matrices they are named for; what is measured on them is checked by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch

from rnnsite.context import Context
from rnnsite.experiments import irnn_adding, irnn_pixels
from rnnsite.seeding import generator
from rnnsite.tasks.adding import adding
from rnnsite.tasks.digits import Part, digits
from rnnsite.training.irnn import squared_error
from rnnsite.training.starts import STARTS, started

ADDING = irnn_adding.Config(lengths=(4, 6), units=(5, 5, 3, 5, 5, 5), B=4, seeds=2, updates=20, check_every=10, test=20)
PIXELS = irnn_pixels.Config(units=(6, 6, 3, 6, 6), seeds=2, updates=10, check_every=5)


def fleet(name: str, I: int = 2, H: int = 6, O: int = 1, models: int = 2):
    return started(name, I, H, O, [generator("test starts", m) for m in range(models)])


@pytest.fixture(scope="module")
def added() -> dict[str, np.ndarray]:
    return irnn_adding.run(ADDING, Context())


def test_only_the_recurrent_matrix_of_an_irnn_is_the_identity() -> None:
    net = fleet("IRNN")
    for m in range(2):
        assert torch.equal(net.cell.W[m], torch.eye(6))
        assert not torch.equal(net.cell.U[m], torch.eye(6, 2))
    assert net.cell.activation == "relu"
    everything = fleet("all identity")
    assert torch.equal(everything.cell.U[0], torch.eye(6, 2))
    assert torch.equal(everything.V[0], torch.eye(1, 6))


def test_orthogonal_is_orthogonal_and_the_lstm_starts_with_an_open_gate() -> None:
    W = fleet("tanh, orthogonal").cell.W
    torch.testing.assert_close(W @ W.mT, torch.eye(6).expand(2, 6, 6), atol=1e-5, rtol=0)
    assert bool((fleet("LSTM").cell.block("b", "f") == 1).all())


def test_with_all_matrices_the_identity_only_as_many_units_learn_as_there_are_inputs() -> None:
    net = fleet("all identity")
    x, y = adding(7, 30, generator("test starts data"))
    loss = squared_error(net, x.expand(2, *x.shape), y.expand(2, -1)).sum()
    gradients = torch.autograd.grad(loss, [net.cell.U, net.cell.W, net.cell.b, net.V])
    for g in gradients[:3]:
        assert not g[:, 2:].any(), "a unit without input got a gradient"
    assert not gradients[3][..., 2:].any()
    assert gradients[3][..., :2].all()


def test_every_arm_of_both_experiments_is_a_start() -> None:
    assert set(irnn_adding.ARMS) <= set(STARTS)
    assert set(irnn_pixels.ARMS) <= set(STARTS)


def test_an_lstm_of_half_the_width_has_about_as_many_weights() -> None:
    for module, I, O in ((irnn_adding, 2, 1), (irnn_pixels, 1, 10)):
        for config in module.CONFIGS.values():
            counts = [
                sum(p[0].numel() for p in fleet(name, I, H, O, 1).parameters())
                for name, H in zip(module.ARMS, config.units, strict=True)
            ]
            assert max(counts) / min(counts) < 1.25, dict(zip(module.ARMS, counts, strict=True))


def test_adding_measures_every_run(added: dict[str, np.ndarray]) -> None:
    assert added["needed"].shape == (2, 6, 2)
    assert np.isfinite(added["error"]).all()
    assert set(np.unique(added["needed"])) <= {-1, 10, 20}
    # a network that is said to have learned has the error that this takes
    assert (added["error"][added["needed"] > 0] <= irnn_adding.LEARNED).all()


def test_the_error_is_that_of_the_sequences_asked_for() -> None:
    net = fleet("tanh RNN")
    generators = [generator("test starts error", m) for m in range(2)]
    got = irnn_adding.error(5, 9, net, generators).detach()
    for m in range(2):
        x, y = adding(5, 9, generator("test starts error", m))
        answers = net.last(x.expand(2, *x.shape))[m, :, 0].detach()
        assert float(got[m]) == pytest.approx(float(((answers - y) ** 2).mean()), rel=1e-5)


def test_a_unit_that_is_never_above_zero_is_not_active() -> None:
    net = fleet("ReLU RNN")
    with torch.no_grad():
        net.cell.U.fill_(1.0)
        net.cell.W.zero_()
        net.cell.b[1, :3] = -1e3
    x, _ = adding(5, 6, generator("test starts active"))
    assert irnn_adding.active(net, x).tolist() == [1.0, 0.5]


def test_at_its_start_an_irnn_knows_the_sum_of_its_inputs_and_no_more() -> None:
    net = fleet("IRNN", I=1, O=10)
    test = digits().test
    found, _ = net.cell(test.x)
    ink = test.x.sum((0, 2))
    torch.testing.assert_close(found[0, -1], ink[:, None] * net.cell.U[0, :, 0].relu(), rtol=1e-4, atol=1e-5)
    torch.testing.assert_close(irnn_pixels.dimension(net, test), torch.ones(2, dtype=torch.double), atol=1e-4, rtol=0)


def test_dimension_by_hand() -> None:
    net = fleet("tanh RNN", I=1, O=10)
    test = Part(digits().test.x[:, :40], digits().test.y[:40])
    hs, _ = net.cell(test.x)
    for m, got in enumerate(irnn_pixels.dimension(net, test).tolist()):
        λ = np.linalg.eigvalsh(np.cov(hs[m, -1].detach().double().numpy().T))
        assert got == pytest.approx(λ.sum() ** 2 / (λ**2).sum(), rel=1e-5)


def test_pixels_measure_every_run() -> None:
    found = irnn_pixels.run(PIXELS, Context())
    assert found["accuracy"].shape == (5, 2)
    assert found["dev"].shape == (5, 2, 2)
    assert math.isnan(found["reach"][irnn_pixels.LSTM, 0])
    for name in ("accuracy", "blanked", "dev"):
        assert ((found[name] >= 0) & (found[name] <= 1)).all()


def test_accuracy_counts_classes() -> None:
    net = fleet("IRNN", I=1, O=10)
    with torch.no_grad():
        net.V.zero_()
        net.a.zero_()
        net.a[0, 3], net.a[1, 7] = 1, 1
    test = digits().test
    expected = [float((test.y == c).double().mean()) for c in (3, 7)]
    assert irnn_pixels.accuracy(net, test).tolist() == pytest.approx(expected)


def test_rates_have_twenty_runs_or_more_and_numbers_five() -> None:
    assert all(config.seeds >= 20 for config in irnn_adding.CONFIGS.values())
    assert all(config.seeds >= 5 for config in irnn_pixels.CONFIGS.values())
