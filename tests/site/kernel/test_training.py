"""The kernel's training on the adding problem equals torch: gradient, norm, clipped updates; and its data are right."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from playwright.sync_api import Page
from torch import nn

from .asking import draw, flat, kernel

pytestmark = pytest.mark.site


@pytest.mark.parametrize("threshold", [0.2, None])
def test_training_on_the_adding_problem_equals_torch(page: Page, threshold: float | None) -> None:
    """Gradient, norm and five updates, from weights that are not the identity's."""
    rate = 0.2
    module = nn.RNN(2, 5, nonlinearity="relu", batch_first=True).double()
    module.bias_hh_l0.requires_grad_(False).zero_()
    generator = torch.Generator().manual_seed(1000)
    v, a = draw(5, generator=generator).requires_grad_(), torch.zeros(1, dtype=torch.float64, requires_grad=True)
    parameters = [module.weight_ih_l0, module.weight_hh_l0, module.bias_ih_l0, v, a]
    for parameter in parameters:
        parameter.data = draw(*parameter.shape, generator=generator) / 5**0.5
    start = [number for parameter in parameters for number in flat(parameter)]
    ours = kernel(
        page,
        """(() => {
          const network = k.identityNetwork(5, new k.Random(1));
          network.all.set(a.start);
          const random = new k.Random(3);
          const batches = Array.from({ length: a.updates }, () => k.addingBatch(7, 4, random));
          const { gradient } = k.addingGradient(network, batches[0]);
          const setting = { T: 7, batch: 4, rate: a.rate, threshold: a.threshold ?? Infinity, updates: a.updates };
          const records = [...k.trainAdding(network, setting, new k.Random(3))];
          return { gradient: [...gradient], records, end: [...network.all],
            batches: batches.map(({ x, y }) => ({ x: x.map((sequence) => [...sequence]), y: [...y] })) };
        })()""",
        {"start": start, "rate": rate, "threshold": threshold, "updates": 5},
    )
    optimiser = torch.optim.SGD(parameters, lr=rate)
    for k, (batch, record) in enumerate(zip(ours["batches"], ours["records"], strict=True)):
        optimiser.zero_grad()
        x, y = (torch.tensor(batch[name], dtype=torch.float64) for name in "xy")
        loss = (module(x.view(4, 7, 2))[0][:, -1] @ v + a - y).square().mean()
        loss.backward()
        if k == 0:
            gradient = [number for parameter in parameters for number in flat(parameter.grad)]
            np.testing.assert_allclose(ours["gradient"], gradient, rtol=0, atol=1e-9)
            assert np.abs(gradient).max() > 0.1
        norm = nn.utils.get_total_norm([parameter.grad for parameter in parameters])
        for parameter in parameters:  # clip_grad_norm_ would divide by the norm plus 1e-6
            parameter.grad *= min(1.0, threshold / norm.item()) if threshold else 1.0
        assert record == {"loss": pytest.approx(loss.item()), "norm": pytest.approx(norm.item())}
        optimiser.step()
    end = [number for parameter in parameters for number in flat(parameter)]
    np.testing.assert_allclose(ours["end"], end, rtol=0, atol=1e-9)


def test_clipping_factor_and_the_data_of_the_adding_problem(page: Page) -> None:
    assert kernel(page, "[k.clipFactor(4, 1), k.clipFactor(0.5, 1), k.clipFactor(4, Infinity)]") == [0.25, 1, 1]
    x, y = kernel(page, "(({ x, y }) => [x.map((s) => [...s]), [...y]])(k.addingBatch(9, 3000, new k.Random(2)))")
    numbers, marks = np.array(x).reshape(3000, 9, 2).transpose(2, 0, 1)
    assert (np.stack([marks[:, :4].sum(1), marks[:, 4:].sum(1)]) == 1).all()
    assert (marks.mean(0) > 0.15).all()
    np.testing.assert_allclose((numbers * marks).sum(1), y)
    assert ((np.array(y) - 1) ** 2).mean() == pytest.approx(1 / 6, abs=0.02)
    assert 0 <= numbers.min() < 0.01 < 0.99 < numbers.max() < 1
