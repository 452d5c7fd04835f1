"""Pascanu's Ω: its value by its definition, its gradient by autograd with everything but one W held constant."""

from __future__ import annotations

import pytest
import torch

from rnnsite.cells.elman import Elman
from rnnsite.cells.leaky import Leaky
from rnnsite.seeding import generator
from rnnsite.training.fleet import train_fleet
from rnnsite.training.omega import InformationFlow
from rnnsite.training.over_time import states
from rnnsite.training.recurrent import Recurrent

M, T, B, I, H = 3, 6, 4, 2, 5
SLOPES = {
    "tanh": lambda h: 1 - h**2,
    "sigmoid": lambda h: h * (1 - h),
    "relu": lambda h: (h > 0).double(),
    "linear": lambda h: torch.ones_like(h),
}


def definition(cell, x, loss):
    """Ω of each model and its immediate gradient, from a trace of the cell."""
    trace = cell.trace(x)
    hs = trace.steps["h"]
    incoming = torch.autograd.grad(loss(trace["h"]), hs)
    W = cell.W.detach().clone().requires_grad_()
    leak = cell.leak[:, None, None] if isinstance(cell, Leaky) else 0.0
    before, terms, counts = trace.initial["h"], [], []
    for h, d in zip(hs, incoming, strict=True):
        φ = ((h - leak * before) / (1 - leak)).detach()
        z = leak * d + ((1 - leak) * d * SLOPES[cell.activation](φ)) @ W
        y = d.square().sum(-1)
        terms.append(torch.where(y >= 1e-20, z.square().sum(-1) / y.clamp(min=1e-300) - 1, 0).square().sum(-1))
        counts.append((y >= 1e-20).sum(-1))
        before = h
    Ω = sum(terms) / sum(counts)
    return Ω.detach(), torch.autograd.grad(Ω.sum(), W)[0]


@pytest.mark.parametrize("activation", SLOPES)
@pytest.mark.parametrize("leak", [None, [0.0, 0.4, 0.8]])
@pytest.mark.parametrize("where", ["every step", "last step", "an early step"])
def test_value_and_gradient(activation, leak, where):
    kind, options = (Elman, {}) if leak is None else (Leaky, {"leak": leak})
    g = generator("omega", activation)
    cell = kind(I, H, M, generator=g, activation=activation, dtype=torch.float64, **options)
    x = torch.randn(M, T, B, I, generator=g, dtype=torch.float64)
    weight = torch.randn(M, T, B, H, generator=g, dtype=torch.float64)
    steps = {"every step": slice(None), "last step": slice(T - 1, T), "an early step": slice(2, 3)}[where]

    def loss(hs):
        return (hs * weight)[:, steps].sum()

    Ω, gradient = definition(cell, x, loss)
    α = torch.tensor([0.0, 0.5, 2.0], dtype=torch.float64)
    flow = InformationFlow(α)
    with_flow = torch.autograd.grad(loss(states(cell, x, flow=flow)[0]), list(cell.parameters()))
    without = torch.autograd.grad(loss(states(cell, x)[0]), list(cell.parameters()))
    torch.testing.assert_close(flow.value, Ω)
    torch.testing.assert_close(with_flow[1] - without[1], α[:, None, None] * gradient)
    assert torch.equal(with_flow[0], without[0])
    assert torch.equal(with_flow[2], without[2])


def test_no_gradient_at_all_gives_zero():
    cell = Elman(I, H, M, dtype=torch.float64)
    flow = InformationFlow(torch.ones(M, dtype=torch.float64))
    hs, _ = states(cell, torch.randn(T, B, I, dtype=torch.float64), flow=flow)
    (gradient,) = torch.autograd.grad((0 * hs).sum(), cell.W)
    assert not gradient.any()
    assert not flow.value.any()


def test_a_fleet_of_weights_descends_omega():
    """What the regulariser is for: the heavier its weight, the nearer the ratio comes to 1."""
    weights, seen = [0.0, 0.1, 1.0], []

    def loss(model, x):
        Ω = None if model.flow is None else model.flow.value
        seen.append(Ω)
        return model.last(x).square().mean((1, 2))

    def draw(g, updates):
        return [(torch.randn(T, B, I, generator=g),) for _ in updates]

    def build(g):
        return Recurrent(Elman(I, 20, len(g), generator=g), 1, generator=g)

    train_fleet([("omega", 0)] * 3, build, draw, loss, updates=300, rate=0.05, regulariser=weights, clip=1.0)
    first, last = seen[1], seen[-1]
    assert torch.allclose(first, first[:1].expand(3), rtol=1e-3)
    assert last[0] > last[1] > last[2]
    assert last[2] < 0.2 * first[2]
