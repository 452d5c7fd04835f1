"""A trace is the same run as forward, with its graph, by name."""

from __future__ import annotations

import pytest
import torch

from rnnsite.cells.lstm import LSTM
from rnnsite.errors import RnnsiteError

from .test_models_side_by_side import B, H, I, M, T, stirred, variants


@variants
@pytest.mark.parametrize("models", [None, M], ids=["one", "fleet"])
@pytest.mark.parametrize("batch_first", [False, True], ids=["time first", "batch first"])
def test_trace_is_the_forward_run(kind, options, models, batch_first):
    fleet = stirred(kind, options, batch_first=batch_first)
    cell = fleet if models else fleet.select(1)
    x = torch.randn(*(((B, T) if batch_first else (T, B)) + (I,)), dtype=torch.float64)
    trace = cell.trace(x)
    assert torch.equal(trace.states, cell(x)[0])
    for name in trace.names:
        assert trace[name].shape == (*cell.lead, T, B, H), name
    for letter in trace.pre:
        assert trace.pre[letter].shape == (*cell.lead, T, B, H), letter
    assert set(trace.initial) == set(cell.state_names)


@variants
def test_gradients_reach_every_step(kind, options):
    cell = stirred(kind, options).select(0)
    trace = cell.trace(torch.randn(T, B, I, dtype=torch.float64))
    loss = trace["h"][-1].square().sum()
    at_each_step = torch.autograd.grad(loss, trace.steps["h"], retain_graph=True)
    assert len(at_each_step) == T
    torch.testing.assert_close(at_each_step[-1], 2 * trace["h"][-1])
    assert all(gradient.abs().max() > 0 for gradient in at_each_step)
    before_squashing = torch.autograd.grad(loss, trace.pre.steps[cell.blocks[-1]])
    assert all(gradient.abs().max() > 0 for gradient in before_squashing)


def test_the_gradient_at_step_k_is_the_gradient_of_restarting_there():
    cell = stirred(LSTM, {}).select(0)
    x = torch.randn(T, B, I, dtype=torch.float64)
    trace = cell.trace(x)
    loss = trace["h"][-1].sum()
    k = 4
    dh, dc = torch.autograd.grad(loss, [trace.steps["h"][k], trace.steps["c"][k]])
    h = trace["h"][k].detach().requires_grad_()
    c = trace["c"][k].detach().requires_grad_()
    restarted, _ = cell(x[k + 1 :], (h, c))
    expected_h, expected_c = torch.autograd.grad(restarted[-1].sum(), [h, c])
    torch.testing.assert_close(dh, expected_h, rtol=1e-12, atol=0)
    # c_k reaches the end through h_k = o∘tanh(c_k) as well, which the restart does not see
    through_h = expected_h * (trace["o"] * (1 - torch.tanh(trace["c"]) ** 2))[k]
    torch.testing.assert_close(dc, expected_c + through_h, rtol=1e-10, atol=1e-14)


def test_unknown_name_says_what_there_is():
    trace = LSTM(I, H).trace(torch.zeros(T, B, I))
    with pytest.raises(RnnsiteError, match="no 'z'; expected one of i, f, o, g, c, h"):
        trace["z"]
    with pytest.raises(RnnsiteError, match="no 'c'; expected one of i, f, o, g"):
        trace.pre["c"]
    assert "c" in trace
    assert "c" not in trace.pre
