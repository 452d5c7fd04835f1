"""The plain-Python cells equal torch.nn's, and this package's, in double precision: states and every gradient."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from rnnsite import scratch
from rnnsite.cells.elman import Elman
from rnnsite.cells.gru import GRU
from rnnsite.cells.lstm import LSTM

TOLERANCE = 1e-10
CELLS = {
    "tanh": (lambda I, H, seed: scratch.RNN(I, H, seed=seed), Elman, {}),
    "relu": (lambda I, H, seed: scratch.RNN(I, H, "relu", seed=seed), Elman, {"activation": "relu"}),
    "sigmoid": (lambda I, H, seed: scratch.RNN(I, H, "sigmoid", seed=seed), Elman, {"activation": "sigmoid"}),
    "linear": (lambda I, H, seed: scratch.RNN(I, H, "linear", seed=seed), Elman, {"activation": "linear"}),
    "lstm": (lambda I, H, seed: scratch.LSTM(I, H, forget_bias=1, seed=seed), LSTM, {}),
    "gru": (lambda I, H, seed: scratch.GRU(I, H, update_bias=1, seed=seed), GRU, {}),
}
sizes = {"I": st.integers(1, 5), "H": st.integers(1, 7), "T": st.integers(1, 12), "seed": st.integers(0, 2**30)}


def tensor(values: object, **options: bool) -> torch.Tensor:
    return torch.tensor(values, dtype=torch.float64, **options)


def assert_close(ours: object, theirs: torch.Tensor | None, what: str) -> None:
    assert theirs is not None, what
    ours = tensor(ours)
    assert ours.shape == theirs.shape, what
    assert (ours - theirs).abs().max() <= TOLERANCE * max(1.0, theirs.abs().max().item()), what


def twin(cell: scratch.Cell, kind: type, options: dict[str, str]) -> torch.nn.Module:
    """This package's cell with the same weights."""
    model = kind(cell.I, cell.H, dtype=torch.float64, **options)
    with torch.no_grad():
        for name, value in cell.parameters().items():
            getattr(model, name).copy_(tensor(value))
    return model


@pytest.mark.parametrize("name", CELLS)
@settings(max_examples=25, deadline=None)
@given(**sizes)
def test_states_and_gradients(name: str, I: int, H: int, T: int, seed: int) -> None:
    make, kind, options = CELLS[name]
    cell = make(I, H, seed)
    generator = torch.Generator().manual_seed(seed)
    for row in (*cell.U, *cell.W, cell.b, *([cell.b_h] if name == "gru" else [])):
        row[:] = (tensor(row) + 0.5 * torch.randn(len(row), generator=generator, dtype=torch.float64)).tolist()
    x = torch.randn(T, 1, I, generator=generator, dtype=torch.float64)
    starts = [torch.randn(1, H, generator=generator, dtype=torch.float64, requires_grad=True) for _ in cell.state_names]
    weight = torch.randn(T, 1, H, generator=generator, dtype=torch.float64)

    model = twin(cell, kind, options)
    states, _ = model(x, tuple(starts) if len(starts) == 2 else starts[0])
    states.retain_grad()
    (states * weight).sum().backward()

    hs = cell.forward(x[:, 0].tolist(), *(start[0].tolist() for start in starts))
    gradients = cell.backward(weight[:, 0].tolist())
    assert_close(hs, states[:, 0], "states")
    for parameter, gradient in gradients.items():
        assert_close(gradient, getattr(model, parameter).grad, f"gradient of {parameter}")
    for state, start in zip(cell.state_names, starts, strict=True):
        assert_close(cell.flow[state][0], start.grad[0], f"gradient of the first {state}")


@pytest.mark.parametrize(("name", "torch_kind"), [("tanh", nn.RNN), ("lstm", nn.LSTM), ("gru", nn.GRU)])
def test_torch_itself(name: str, torch_kind: type[nn.RNNBase]) -> None:
    """Through `to_torch`, which puts our blocks in torch's order."""
    make, kind, options = CELLS[name]
    cell = make(3, 5, 7)
    module = twin(cell, kind, options).to_torch()
    assert isinstance(module, torch_kind)
    x = torch.randn(9, 1, 3, dtype=torch.float64)
    assert_close(cell.forward(x[:, 0].tolist()), module(x)[0][:, 0], "states")


def test_a_step_the_loss_does_not_look_at_is_a_zero() -> None:
    cell = scratch.LSTM(2, 3)
    cell.forward([[1.0, 0.0]] * 4)
    assert cell.backward([None, None, None, [1.0, 0.0, 2.0]]) == cell.backward([[0.0] * 3] * 3 + [[1.0, 0.0, 2.0]])


@pytest.mark.parametrize("name", CELLS)
def test_the_flow_is_the_gradient_of_each_state(name: str) -> None:
    make, _, _ = CELLS[name]
    cell, xs = make(2, 3, 1), [[0.3, -1.0], [0.5, 0.2], [-0.7, 0.9]]

    def loss_from(k: int, state: tuple[list[float], ...]) -> float:
        return sum(cell.forward(xs[k:], *state)[-1])

    cell.forward(xs)
    states = cell.states
    cell.backward([None, None, [1.0] * 3])
    flow = cell.flow
    for k in range(3):
        for which, state_name in enumerate(cell.state_names):
            for unit in range(3):
                moved = []
                for d in (1e-6, -1e-6):
                    state = tuple(list(part) for part in states[k])
                    state[which][unit] += d
                    moved.append(loss_from(k, state))
                # what the last loss says about an earlier state comes only through later steps, so nothing is missing
                assert abs((moved[0] - moved[1]) / 2e-6 - flow[state_name][k][unit]) < 1e-7
