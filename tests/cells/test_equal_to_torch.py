"""Every cell equals torch.nn's, given the same weights: outputs, last states, gradients of everything."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from rnnsite.cells.elman import Elman
from rnnsite.cells.gru import GRU
from rnnsite.cells.lstm import LSTM
from rnnsite.cells.torch_weights import reorder
from rnnsite.errors import RnnsiteError

from .compare import assert_equal

ORDER = {nn.RNN: "h", nn.LSTM: "ifgo", nn.GRU: "rug"}
PAIRS = [(Elman, nn.RNN, {}), (Elman, nn.RNN, {"nonlinearity": "relu"}), (LSTM, nn.LSTM, {}), (GRU, nn.GRU, {})]
NAMES = ["tanh", "relu", "lstm", "gru"]


def compare(kind, torch_kind, options, I, H, T, B, dtype, batch_first, with_state, bias, seed):
    torch.manual_seed(seed)
    module = torch_kind(I, H, batch_first=batch_first, bias=bias, dtype=dtype, **options)
    cell = kind.from_torch(module)
    shape = (B, T, I) if batch_first else (T, B, I)
    pairs = 2 if torch_kind is nn.LSTM else 1
    x = torch.randn(shape, dtype=dtype)
    starts = [torch.randn(B, H, dtype=dtype) for _ in range(pairs)]
    weight = torch.randn(*shape[:2], H, dtype=dtype)
    weight_last = torch.randn(pairs, B, H, dtype=dtype)

    def run(model, lift):
        given = [x.clone().requires_grad_(), *(start.clone().requires_grad_() for start in starts)]
        state = [lift(start) for start in given[1:]]
        packed = tuple(state) if pairs == 2 else state[0]
        states, last = model(given[0], packed) if with_state else model(given[0])
        lasts = torch.stack([part.reshape(B, H) for part in (last if pairs == 2 else (last,))])
        ((states * weight).sum() + (lasts * weight_last).sum()).backward()
        return states, lasts, [g.grad for g in given if g.grad is not None]

    states, lasts, grads = run(cell, lambda start: start)
    torch_states, torch_lasts, torch_grads = run(module, lambda start: start[None])
    assert_equal(states, torch_states, "states")
    assert_equal(lasts, torch_lasts, "last state")
    assert len(grads) == len(torch_grads) == 1 + pairs * with_state
    for ours, theirs in zip(grads, torch_grads, strict=True):
        assert_equal(ours, theirs, "gradient of an input or initial state")

    order = ORDER[torch_kind]
    assert_equal(cell.U.grad, reorder(module.weight_ih_l0.grad, order, cell.blocks), "gradient of U")
    assert_equal(cell.W.grad, reorder(module.weight_hh_l0.grad, order, cell.blocks), "gradient of W")
    if bias:
        assert_equal(cell.b.grad, reorder(module.bias_ih_l0.grad, order, cell.blocks), "gradient of b")
        if kind is GRU:
            assert_equal(cell.b_h.grad, module.bias_hh_l0.grad[2 * H :], "gradient of b_h")
    else:
        assert cell.b.grad is None

    back = cell.to_torch()
    assert_equal(back(x)[0], module(x)[0], "round trip")
    again = kind.from_torch(back)
    for name, parameter in cell.named_parameters():
        assert torch.equal(parameter, again.get_parameter(name)), name


@pytest.mark.parametrize(("kind", "torch_kind", "options"), PAIRS, ids=NAMES)
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64], ids=["float32", "float64"])
@pytest.mark.parametrize(("T", "B", "I", "H"), [(1, 1, 1, 1), (1, 3, 2, 5), (40, 6, 3, 32), (100, 2, 8, 20)])
def test_named_shapes(kind, torch_kind, options, dtype, T, B, I, H):
    compare(kind, torch_kind, options, I, H, T, B, dtype, batch_first=False, with_state=True, bias=True, seed=0)


@pytest.mark.parametrize(("kind", "torch_kind", "options"), PAIRS, ids=NAMES)
@settings(max_examples=20, deadline=None, derandomize=True)
@given(
    sizes=st.tuples(*[st.integers(1, 9)] * 3, st.integers(1, 15)),
    dtype=st.sampled_from([torch.float32, torch.float64]),
    batch_first=st.booleans(),
    with_state=st.booleans(),
    bias=st.booleans(),
    seed=st.integers(0, 10**6),
)
def test_any_shape(kind, torch_kind, options, sizes, dtype, batch_first, with_state, bias, seed):
    I, H, B, T = sizes
    compare(kind, torch_kind, options, I, H, T, B, dtype, batch_first, with_state, bias, seed)


@pytest.mark.parametrize("options", [{"num_layers": 2}, {"bidirectional": True}])
@pytest.mark.parametrize(("kind", "torch_kind"), [(Elman, nn.RNN), (LSTM, nn.LSTM), (GRU, nn.GRU)])
def test_a_module_that_is_no_cell_is_refused(kind, torch_kind, options):
    with pytest.raises(RnnsiteError, match="one layer, one direction"):
        kind.from_torch(torch_kind(2, 3, **options))


def test_projection_and_wrong_kind_are_refused():
    with pytest.raises(RnnsiteError, match="no projection"):
        LSTM.from_torch(nn.LSTM(2, 4, proj_size=3))
    with pytest.raises(RnnsiteError, match=r"Got a GRU; expected a torch\.nn\.LSTM"):
        LSTM.from_torch(nn.GRU(2, 4))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("cell", "says"),
    [
        (Elman(2, 3, activation="sigmoid"), "no sigmoid"),
        (LSTM(2, 3, gates="if"), "all three gates"),
        (LSTM(2, 3, peepholes=True), "no peepholes"),
        (GRU(2, 3, reset_before=True), "without reset_before"),
        (Elman(2, 3, models=2), r"select\(m\)"),
    ],
)
def test_a_cell_that_torch_cannot_hold_is_refused(cell, says):
    with pytest.raises(RnnsiteError, match=says):
        cell.to_torch()
