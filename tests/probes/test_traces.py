"""Gate traces: the equations hold among them, and they are what the module itself computed."""

from __future__ import annotations

import pytest
import torch
from torch import nn, sigmoid, tanh

from rnnsite.errors import RnnsiteError
from rnnsite.probes import verify
from rnnsite.probes.traces import gate_traces

from .configurations import CELLS, LENGTHS, MODULES, T, data, module, packed


@pytest.mark.parametrize("name", [name for name in MODULES if "batch first" not in name])
def test_the_top_layers_h_is_the_output(name: str) -> None:
    rnn, x = module(name), data()
    traces, output = gate_traces(rnn, x), rnn(x)[0]
    top = f"l{rnn.num_layers - 1}"
    h = [traces[f"{top}.h"], *([traces[f"{top}_reverse.h"]] if rnn.bidirectional else [])]
    torch.testing.assert_close(torch.cat(h, -1), output, rtol=1e-12, atol=1e-13)


def test_the_equations_hold_among_an_lstms_traces() -> None:
    traces = gate_traces(module("LSTM"), data())
    i, f, o, g, c, h = (traces[f"l0.{name}"] for name in "ifogch")
    for name, value in (("i", i), ("f", f), ("o", o)):
        torch.testing.assert_close(value, sigmoid(traces[f"l0.a_{name}"]))
    torch.testing.assert_close(c[1:], f[1:] * c[:-1] + i[1:] * g[1:])
    torch.testing.assert_close(h, o * tanh(c))


def test_the_equations_hold_among_a_grus_traces() -> None:
    rnn, x = module("GRU"), data()
    traces = gate_traces(rnn, x)
    r, u, g, h = (traces[f"l0.{name}"] for name in "rugh")
    torch.testing.assert_close(h[1:], u[1:] * h[:-1] + (1 - u[1:]) * g[1:])
    inside = h[:-1] @ rnn.weight_hh_l0[-5:].T + rnn.bias_hh_l0[-5:]
    expected = tanh(x[1:] @ rnn.weight_ih_l0[-5:].T + rnn.bias_ih_l0[-5:] + r[1:] * inside)
    torch.testing.assert_close(g[1:], expected)


@pytest.mark.parametrize("name", CELLS)
def test_this_packages_cells(name: str) -> None:
    cell = CELLS[name]
    x = data(cell.batch_first)
    trace, traces = cell.trace(x), gate_traces(cell, x)
    assert set(traces) == {*trace.names, *(f"a_{part}" for part in trace.pre)}
    for part in trace.names:
        assert traces[part].equal(trace[part])


def test_packed_sequences_end_in_nan() -> None:
    traces = gate_traces(module("LSTM bidirectional"), packed(data(), False, False))
    for value in traces.values():
        for b, length in enumerate(LENGTHS):
            assert value[:length, b].isfinite().all()
            assert value[length:, b].isnan().all()


def test_a_module_that_computes_something_else_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(verify, "unroll", lambda *_: (_ for _ in ()).throw(AssertionError("rounding explains it")))
    for kind, dtype in ((nn.LSTM, torch.float32), (nn.GRU, torch.float64)):
        rnn = kind(3, 5, dtype=dtype)
        gate_traces(rnn, data().to(dtype))
    monkeypatch.undo()

    class Leaky(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.rnn = nn.RNN(3, 5, nonlinearity="relu")
            self.rnn.nonlinearity = "tanh"  # as by a careless edit: torch goes on with the mode it was built with

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return self.rnn(x)[0]

    with pytest.raises(RnnsiteError, match="unrolled RNN differs from the module's own output"):
        gate_traces(Leaky(), data().float())


def test_chaos_is_not_mistaken_for_a_difference() -> None:
    torch.manual_seed(0)
    rnn = nn.RNN(3, 64)
    nn.init.normal_(rnn.weight_hh_l0, std=5 / 8)
    traces = gate_traces(rnn, torch.randn(200, 2, 3))  # amplifies rounding by about 1.7 a step
    assert traces["l0.h"].shape == (200, 2, 64)


def test_dropout_between_layers_is_left_out() -> None:
    rnn = nn.GRU(3, 5, 2, dropout=0.5, dtype=torch.float64)
    rnn.train()
    torch.testing.assert_close(gate_traces(rnn, data())["l1.h"], rnn.eval()(data())[0])
    assert rnn.dropout == 0.5
    assert gate_traces(rnn, data())["l0.h"].shape[0] == T
