"""Gradients against finite differences, for the cells torch.nn does not have too."""

from __future__ import annotations

import pytest
import torch
from torch.func import functional_call

from .test_models_side_by_side import H, I, M, stirred, variants


@variants
@pytest.mark.parametrize("models", [None, M], ids=["one", "fleet"])
def test_gradcheck(kind, options, models):
    fleet = stirred(kind, options)
    cell = fleet if models else fleet.select(0)
    names = [name for name, _ in cell.named_parameters()]
    lead = cell.lead
    starts = [torch.randn(*lead, 2, H, dtype=torch.float64, requires_grad=True) for _ in cell.state_names]
    x = torch.randn(3, 2, I, dtype=torch.float64, requires_grad=True)

    def run(x, *given):
        state = given[: len(starts)]
        weights = dict(zip(names, given[len(starts) :], strict=True))
        states, last = functional_call(cell, weights, (x, state if len(state) > 1 else state[0]))
        return states, *(last if len(state) > 1 else (last,))

    assert torch.autograd.gradcheck(run, (x, *starts, *cell.parameters()), fast_mode=True)
