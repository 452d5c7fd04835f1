"""The unrolled run is the module: same output, same last state, same gradients of the weights."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import PackedSequence

from rnnsite.errors import RnnsiteError
from rnnsite.probes.unrolled import unroll

from .configurations import CELLS, MODULES, B, H, I, data, initial_state, module, packed


def flat(value: Any) -> list[Tensor]:
    if isinstance(value, PackedSequence):
        return [value.data]
    return [value] if isinstance(value, Tensor) else [part for item in value for part in flat(item)]


def assert_same(ours: Any, theirs: Any) -> None:
    for a, b in zip(flat(ours), flat(theirs), strict=True):
        torch.testing.assert_close(a, b, rtol=1e-12, atol=1e-13)


@pytest.mark.parametrize("name", MODULES)
def test_outputs_equal_the_module(name: str) -> None:
    rnn = module(name)
    x = data(rnn.batch_first)
    for state in (None, initial_state(rnn)):
        for given in (x, packed(x, rnn.batch_first, True), packed(x, rnn.batch_first, False)):
            ours, theirs = unroll(rnn, given, state).output, rnn(given, state)
            assert_same(ours, theirs)
            if isinstance(given, PackedSequence):
                assert ours[0].batch_sizes.equal(theirs[0].batch_sizes)


@pytest.mark.parametrize("name", ["RNN", "LSTM two layers bidirectional", "projected LSTM batch first", "GRU no bias"])
def test_without_a_batch_and_of_one_step(name: str) -> None:
    rnn = module(name)
    x = data()[:, 0]
    assert_same(unroll(rnn, x, initial_state(rnn, None)).output, rnn(x, initial_state(rnn, None)))
    one = data(rnn.batch_first).narrow(int(rnn.batch_first), 0, 1)
    assert_same(unroll(rnn, one).output, rnn(one))


@pytest.mark.parametrize(
    "name", ["ReLU bidirectional", "LSTM two layers", "GRU bidirectional", "projected LSTM no bias"]
)
def test_gradients_of_the_weights_equal_the_modules(name: str) -> None:
    rnn, x = module(name), data()
    parameters = list(rnn.parameters())
    mix = torch.randn(rnn(x)[0].shape, dtype=torch.float64)
    ours = torch.autograd.grad((unroll(rnn, x).output[0] * mix).sum(), parameters)
    theirs = torch.autograd.grad((rnn(x)[0] * mix).sum(), parameters)
    assert_same(ours, theirs)


@pytest.mark.parametrize("kind", [nn.RNNCell, nn.LSTMCell, nn.GRUCell])
def test_torch_cells(kind: type[nn.Module]) -> None:
    cell, x = kind(I, H).double(), data()[0]
    state = torch.randn(B, H, dtype=torch.float64)
    full = (state, state * 2) if kind is nn.LSTMCell else state
    assert_same(unroll(cell, x).output, cell(x))
    assert_same(unroll(cell, x, full).output, cell(x, full))
    assert_same(unroll(cell, x[0]).output, cell(x[0]))


@pytest.mark.parametrize("name", CELLS)
def test_this_packages_cells(name: str) -> None:
    cell = CELLS[name]
    assert_same(unroll(cell, data(cell.batch_first)).output, cell(data(cell.batch_first)))


def test_steps_are_the_tensors_the_output_was_made_of() -> None:
    run = unroll(module("LSTM"), data()).runs[0]
    output = torch.autograd.grad(run.steps["h"][-1].sum(), run.steps["c"][0])
    assert float(output[0].abs().max()) > 0


def test_a_wrong_initial_state_is_told() -> None:
    with pytest.raises(RnnsiteError, match=r"initial state has shape \(1, 4, 3\); expected \(1, 4, 5\) for h\."):
        unroll(module("RNN"), data(), torch.zeros(1, B, 3, dtype=torch.float64))
