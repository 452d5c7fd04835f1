"""The hand-written backward passes equal autograd's through the cells, and finite differences."""

from __future__ import annotations

import pytest
import torch

from rnnsite.cells.elman import Elman
from rnnsite.cells.gru import GRU
from rnnsite.cells.initial import identity
from rnnsite.cells.leaky import Leaky
from rnnsite.cells.lstm import LSTM
from rnnsite.seeding import generator
from rnnsite.training.over_time import states

M, T, B, I, H = 3, 7, 4, 2, 5
CELLS = {
    "tanh": (Elman, {}),
    "sigmoid": (Elman, {"activation": "sigmoid"}),
    "relu": (Elman, {"activation": "relu"}),
    "linear": (Elman, {"activation": "linear"}),
    "irnn": (Elman, {"activation": "relu", "recurrent": identity}),
    "leaky": (Leaky, {"leak": [0.0, 0.5, 0.9]}),
    "leaky relu": (Leaky, {"leak": 0.3, "activation": "relu"}),
    "lstm": (LSTM, {"forget_bias": 1.0}),
    "gru": (GRU, {}),
    "gru, reset before": (GRU, {"reset_before": True}),
    "lstm, peepholes": (LSTM, {"peepholes": True}),
}
cells = pytest.mark.parametrize("name", CELLS)


def fleet(name: str, dtype=torch.float64, **more):
    kind, options = CELLS[name]
    cell = kind(I, H, M, generator=generator("backward", name), dtype=dtype, **options, **more)
    with torch.no_grad():
        for parameter in cell.parameters():
            parameter += 0.3 * torch.randn(parameter.shape, dtype=dtype, generator=generator("stir", name))
    return cell


def everything(run, cell, x, starts, weight, weight_last):
    """Outputs, and the gradients of x, the initial state and every weight."""
    given = [x.clone().requires_grad_(), *(start.clone().requires_grad_() for start in starts)]
    state = None if not starts else given[1] if len(starts) == 1 else tuple(given[1:])
    hs, last = run(cell, given[0], state)
    lasts = torch.stack([last] if isinstance(last, torch.Tensor) else list(last))
    loss = (hs * weight).sum() + (lasts * weight_last[: len(lasts)]).sum()
    return [hs, lasts, *torch.autograd.grad(loss, [*given, *cell.parameters()])]


@cells
@pytest.mark.parametrize(("dtype", "bound"), [(torch.float64, 1e-12), (torch.float32, 1e-5)])
@pytest.mark.parametrize("shared", [False, True], ids=["own input", "shared input"])
@pytest.mark.parametrize("with_state", [False, True], ids=["from zero", "from a state"])
def test_equals_autograd(name, dtype, bound, shared, with_state):
    cell = fleet(name, dtype)
    g = generator("inputs", name)
    x = torch.randn(*(() if shared else (M,)), T, B, I, generator=g, dtype=dtype)
    starts = [torch.randn(M, B, H, generator=g, dtype=dtype) for _ in cell.state_names] if with_state else []
    weight = torch.randn(M, T, B, H, generator=g, dtype=dtype)
    weight_last = torch.randn(2, M, B, H, generator=g, dtype=dtype)
    ours = everything(states, cell, x, starts, weight, weight_last)
    theirs = everything(lambda c, *a: c(*a), cell, x, starts, weight, weight_last)
    for number, (mine, other) in enumerate(zip(ours, theirs, strict=True)):
        assert mine.shape == other.shape
        assert (mine - other).abs().max() <= bound * other.abs().max(), number


@cells
@pytest.mark.parametrize("what", ["states", "last"])
def test_gradcheck(name, what):
    cell = fleet(name)
    x = torch.randn(M, 4, 2, I, dtype=torch.float64, generator=generator("gradcheck", name), requires_grad=True)
    parameters = list(cell.parameters())

    def run(*_):
        hs, last = states(cell, x)
        return hs if what == "states" else last

    assert torch.autograd.gradcheck(run, (x, *parameters))


@cells
def test_batch_first(name):
    cell, first = fleet(name), fleet(name, batch_first=True)
    x = torch.randn(M, T, B, I, dtype=torch.float64)
    ours, _ = states(first, x.transpose(1, 2))
    wanted, _ = states(cell, x)
    assert torch.equal(ours, wanted.transpose(1, 2))


def test_no_gradient_of_an_input_that_needs_none():
    cell = fleet("tanh")
    hs, _ = states(cell, torch.randn(T, B, I, dtype=torch.float64))
    hs.sum().backward()
    assert cell.W.grad is not None


def test_states_cannot_be_changed_unnoticed():
    cell = fleet("tanh")
    hs, _ = states(cell, torch.randn(T, B, I, dtype=torch.float64))
    with pytest.raises(RuntimeError, match="inplace operation"):
        hs.mul_(2).sum().backward()
