"""In float32 long trainings are chaotic: what a fleet shares with models trained alone is how often they succeed."""

from __future__ import annotations

import pytest
import torch

from rnnsite.cells.elman import Elman
from rnnsite.rates import paired, success
from rnnsite.seeding import generator
from rnnsite.tasks.temporal_order import temporal_order
from rnnsite.training.fleet import train_fleet
from rnnsite.training.losses import cross_entropy
from rnnsite.training.recurrent import Recurrent

T, H, B, UPDATES, RATE, SEEDS = 10, 12, 10, 300, 0.2, 24


def network(generators):
    return Recurrent(Elman(6, H, len(generators), generator=generators), 4, generator=generators)


def draw(g, updates):
    return [temporal_order(T, B, g) for _ in updates]


def loss(model, x, y):
    return cross_entropy(model.last(x), y)


def alone(seed):
    """Plain PyTorch: torch.nn.RNN, torch.optim.SGD, one sequence batch after the other."""
    start = network([generator(*seed, "weights")])
    rnn, readout = start.cell.select(0).to_torch(), torch.nn.Linear(H, 4)
    with torch.no_grad():
        readout.weight.copy_(start.V[0])
        readout.bias.copy_(start.a[0])
    parameters = [*rnn.parameters(), *readout.parameters()]
    for p in parameters:
        p.requires_grad_()
    rnn.bias_hh_l0.requires_grad_(False)  # torch has a second bias, which would double the step of the one
    optimiser = torch.optim.SGD(parameters, lr=RATE)
    data = generator(*seed, "data")
    for _ in range(UPDATES):
        x, y = temporal_order(T, B, data)
        optimiser.zero_grad()
        torch.nn.functional.cross_entropy(readout(rnn(x)[0][-1]), y).backward()
        optimiser.step()
    x, y = temporal_order(T, 200, generator("test success", "questions"))
    return bool((readout(rnn(x)[0][-1]).argmax(-1) == y).float().mean() > 0.9)


@pytest.fixture(scope="module")
def outcomes():
    seeds = [("test success", seed) for seed in range(SEEDS)]
    trained = train_fleet(seeds, network, draw, loss, updates=UPDATES, rate=RATE)
    x, y = temporal_order(T, 200, generator("test success", "questions"))
    right = trained.module.last(x.expand(SEEDS, *x.shape)).argmax(-1) == y
    return (right.float().mean(1) > 0.9).tolist(), [alone(seed) for seed in seeds]


def test_some_succeed_and_some_do_not(outcomes):
    for outcome in outcomes:
        assert 0 < success(outcome).value < 1


def test_a_fleet_succeeds_as_often_as_torch_alone(outcomes):
    together, separate = outcomes
    assert success(together).low <= success(separate).value <= success(together).high
    difference = paired(together, separate)
    assert difference.low <= 0 <= difference.high
