"""The fleet of small networks against torch.nn.RNN trained one by one, and its bookkeeping of what broke first."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
import torch

from rnnsite.cells.elman import Elman
from rnnsite.cells.initial import orthogonal
from rnnsite.context import Context
from rnnsite.experiments import blow_up
from rnnsite.experiments.blow_up import FINE, LOSS, STATE, Arm, Config
from rnnsite.seeding import generator

SMALL = Config(radii=(1.1,), seeds=2, T=12, updates=4, seed_set=1000)


@pytest.mark.parametrize("arm", [Arm("tanh", 0.05), Arm("relu", 0.05, clip=0.5)], ids=str)
def test_it_equals_torch_trained_one_by_one(arm: Arm) -> None:
    found = blow_up._train(arm, SMALL, torch.device("cpu"))
    for seed in range(SMALL.seeds):
        draw = generator("blow_up", SMALL.seed_set, seed)
        cell = Elman(1, SMALL.H, activation=arm.activation, recurrent=orthogonal, spectral_radius=1.1, generator=draw)
        rnn = cell.to_torch()
        rnn.bias_hh_l0.requires_grad_(False)  # torch has two biases where the cell has one
        v = (torch.randn(SMALL.H, 1, generator=draw) / SMALL.H**0.5).requires_grad_()
        parameters = [*(p for p in rnn.parameters() if p.requires_grad), v]
        sgd = torch.optim.SGD(parameters, lr=arm.lr)
        data, norms = generator("blow_up", SMALL.seed_set, "data"), []
        for _ in range(SMALL.updates):
            x = torch.randn(SMALL.T, SMALL.B, 1, generator=data)
            sgd.zero_grad()
            ((rnn(x)[0][-1] @ v - x[0]) ** 2).mean().backward()
            norms.append(torch.nn.utils.clip_grad_norm_(parameters, arm.clip).item())
            sgd.step()
        assert found["largest"][0, seed] == pytest.approx(max(norms), rel=1e-3)
        assert found["before"][0, seed] == pytest.approx(norms[-1], rel=1e-3)


def test_it_tells_what_broke_first() -> None:
    state = blow_up._train(Arm("relu", 0.01), replace(SMALL, radii=(60.0,), T=50), torch.device("cpu"))
    assert (state["first"] == STATE).all()
    assert (state["when"] == 0).all()
    assert (state["inf_step"] < state["nan_step"]).all()
    readout = blow_up._train(Arm("tanh", 1e6), replace(SMALL, updates=30), torch.device("cpu"))
    assert (readout["first"] == LOSS).all()
    assert (readout["biggest_state"] <= 1).all()
    calm = blow_up._train(Arm("tanh", 0.001), SMALL, torch.device("cpu"))
    assert (calm["first"] == FINE).all()
    assert (calm["when"] == SMALL.updates).all()


def test_run_has_an_axis_for_arms_radii_and_seeds() -> None:
    arrays = blow_up.run(replace(SMALL, updates=1), Context())
    assert arrays["first"].shape == (len(blow_up.ARMS), 1, 2)
    assert math.isfinite(float(np.abs(arrays["largest"]).max()))
