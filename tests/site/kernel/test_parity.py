"""The JavaScript kernel, run in a real browser, against torch in float64 on weights drawn here."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from playwright.sync_api import Page
from torch import Tensor, nn

from rnnsite.cells.leaky import Leaky

from .asking import assert_close, draw, flat, kernel

pytestmark = pytest.mark.site

I, H, T = 3, 5, 12
CASES = ["tanh", "relu", "sigmoid", "linear", "lstm", "gru"]

RUN_CELL = """async ([cell, weights, x, h0, c0, direct]) => {
  const kernel = await import("/browser/kernel/index.js");
  const array = (values) => Float64Array.from(values);
  const w = { inputs: weights.inputs, units: weights.units };
  for (const name of ["U", "W", "b", "bh"]) if (weights[name]) w[name] = array(weights[name]);
  let trace, grads;
  if (cell === "lstm") {
    trace = kernel.lstmForward(w, array(x), array(h0), array(c0));
    grads = kernel.lstmBackward(w, trace, array(direct));
  } else if (cell === "gru") {
    trace = kernel.gruForward(w, array(x), array(h0));
    grads = kernel.gruBackward(w, trace, array(direct));
  } else {
    trace = kernel.elmanForward(w, cell, array(x), array(h0));
    grads = kernel.elmanBackward(w, cell, trace, array(direct));
  }
  const plain = (group) =>
    Object.fromEntries(Object.entries(group).filter(([, v]) => v.length).map(([k, v]) => [k, [...v]]));
  return { trace: plain(trace), grads: plain(grads) };
}"""


def unrolled(cell: str, module: nn.RNNBase, x: Tensor, h: Tensor, c: Tensor) -> dict[str, list[Tensor]]:
    """The states step by step, each kept as a leaf of the graph's interior so that its gradient can be read."""
    states: dict[str, list[Tensor]] = {"h": [h], "c": [c]}
    W, U = module.weight_hh_l0, module.weight_ih_l0
    b_ih, b_hh = module.bias_ih_l0, module.bias_hh_l0
    for x_t in x:
        if cell == "lstm":
            i, f, g, o = (U @ x_t + b_ih + W @ h + b_hh).chunk(4)  # not torch.lstm_cell, which hides how h depends on c
            c = f.sigmoid() * c + i.sigmoid() * g.tanh()
            h = o.sigmoid() * c.tanh()
        elif cell == "gru":
            h = torch.gru_cell(x_t[None], h[None], U, W, b_ih, b_hh)[0]
        else:
            pre = U @ x_t + b_ih + W @ h + b_hh
            h = {"tanh": torch.tanh, "relu": torch.relu, "sigmoid": torch.sigmoid, "linear": lambda a: a}[cell](pre)
        states["h"].append(h)
        states["c"].append(c)
    for state in states["h"] + states["c"]:
        state.retain_grad()
    return states


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("cell", CASES)
def test_states_and_every_gradient_equal_torch(page: Page, cell: str, seed: int) -> None:
    generator = torch.Generator().manual_seed(1000 + seed)
    module: nn.RNNBase = {"lstm": nn.LSTM, "gru": nn.GRU}.get(cell, nn.RNN)(I, H).double()
    for parameter in module.parameters():
        parameter.data = draw(*parameter.shape, generator=generator) / H**0.5
    x = draw(T, I, generator=generator).requires_grad_()
    h0, c0 = (draw(H, generator=generator).requires_grad_() for _ in range(2))
    direct = draw(T, H, generator=generator)

    states = unrolled(cell, module, x, h0, c0)
    output = torch.stack(states["h"][1:])
    (output * direct).sum().backward()
    if cell in ("lstm", "gru", "tanh", "relu"):  # the whole module of torch, where it has one
        if cell == "relu":
            module.nonlinearity = "relu"
            module.mode = "RNN_RELU"
        start = (h0[None, None], c0[None, None]) if cell == "lstm" else h0[None, None]
        torch.testing.assert_close(module(x[:, None], start)[0][:, 0], output, rtol=0, atol=1e-12)

    b = module.bias_ih_l0 + module.bias_hh_l0
    weights = {"inputs": I, "units": H, "U": flat(module.weight_ih_l0), "W": flat(module.weight_hh_l0), "b": flat(b)}
    if cell == "gru":
        candidate_only = torch.cat([torch.zeros(2 * H), torch.ones(H)]).double()
        weights["b"] = flat(module.bias_ih_l0 + module.bias_hh_l0 * (1 - candidate_only))
        weights["bh"] = flat(module.bias_hh_l0[2 * H :])
    result = page.evaluate(RUN_CELL, [cell, weights, flat(x), flat(h0), flat(c0), flat(direct)])

    trace, grads = result["trace"], result["grads"]
    assert_close("h", trace["h"], torch.stack(states["h"]))
    assert_close("gradient at h", grads["hBar"], torch.stack([h.grad for h in states["h"]]))
    assert_close("gradient of U", grads["U"], module.weight_ih_l0.grad)
    assert_close("gradient of W", grads["W"], module.weight_hh_l0.grad)
    assert_close("gradient of b", grads["b"], module.bias_ih_l0.grad)
    assert_close("gradient of x", grads["x"], x.grad)
    if cell == "gru":
        assert_close("gradient of b_h", grads["bh"], module.bias_hh_l0.grad[2 * H :])
    if cell == "lstm":
        assert_close("c", trace["c"], torch.stack(states["c"]))
        assert_close("gradient at c", grads["cBar"], torch.stack([c.grad for c in states["c"]]))


def test_cliff_gradient_and_surface_equal_autograd(page: Page) -> None:
    for w, b, steps in [(5.0, -2.25, 50), (4.7, -2.43, 50), (3.0, -1.0, 5), (6.0, -3.0, 1)]:
        point = torch.tensor([w, b], dtype=torch.float64, requires_grad=True)
        h = torch.tensor(0.5, dtype=torch.float64)
        for _ in range(steps):
            h = point[0] * torch.sigmoid(h) + point[1]
        loss = (torch.sigmoid(h) - 0.7) ** 2
        loss.backward()
        ours = kernel(page, "k.cliffLoss(...a)", [w, b, steps])
        theirs = [loss.item(), *point.grad.tolist()]
        np.testing.assert_allclose([ours["loss"], ours["dw"], ours["db"]], theirs, rtol=1e-9)
        corner = kernel(page, "k.cliffSurface([a[0], 9], [a[1], 9], 4, 3, a[2])[0]", [w, b, steps])
        assert corner == pytest.approx(loss.item(), rel=1e-9)


def test_clipping_shortens_the_step_and_keeps_its_direction(page: Page) -> None:
    run = "k.descend({w: 5, b: -2.25, steps: 6, rate: 1, T: 50, threshold: a === null ? Infinity : a})"
    free, clipped = kernel(page, run), kernel(page, run, 0.5)
    steep = max(range(6), key=lambda k: free[k]["norm"])
    assert free[steep]["norm"] > 100
    long = np.array([free[steep + 1][p] - free[steep][p] for p in "wb"])
    short = np.array([clipped[steep + 1][p] - clipped[steep][p] for p in "wb"])
    assert np.hypot(*short) == pytest.approx(0.5)
    np.testing.assert_allclose(short / np.hypot(*short), long / np.hypot(*long), rtol=1e-9)


@pytest.mark.parametrize(("alpha", "w"), [(0.0, 0.5), (0.9, 0.5), (0.97, 1.7), (0.3, 0.0)])
def test_a_leaky_unit_equals_the_cell_and_autograd(page: Page, alpha: float, w: float) -> None:
    x = draw(15, 1, 1, generator=torch.Generator().manual_seed(5)).requires_grad_()
    cell = Leaky(1, 1, leak=alpha, dtype=torch.float64)
    with torch.no_grad():
        cell.U.fill_(1)
        cell.W.fill_(w)
    trace = cell.trace(x)
    end = trace["h"][-1].sum()
    dx, *dh = torch.autograd.grad(end, [x, *trace.steps["h"]], retain_graph=True)
    ours = kernel(
        page, "Object.values(k.leakyUnit(a[0], a[1])).map((v) => [...v])", [{"alpha": alpha, "w": w}, flat(x)]
    )
    h, slope, gradient, sensitivity = ours
    assert_close("h", h[1:], trace["h"])
    assert_close("gradient at h", gradient[1:], torch.stack(dh))
    assert_close("gradient at x", sensitivity, dx)
    assert gradient[0] == pytest.approx(np.prod(slope), rel=1e-12)


def test_what_is_left_of_the_first_pulse_is_a_power_of_the_leak_where_there_is_no_weight(page: Page) -> None:
    x = [0.0, 1.0, 0.0, 0.0, 1.0, 0.0]
    found = kernel(page, "[...k.leftOfFirst({alpha: 0.8, w: 0}, a).left]", x)
    assert found == pytest.approx([0, 0, 1, 0.8, 0.64, 0.512, 0.4096])
    assert kernel(page, "[...k.leftOfFirst({alpha: 0.8, w: 1}, [0, 0]).left]") == [0, 0, 0]


@pytest.mark.parametrize("seed", range(3))
def test_a_cell_with_given_gates_equals_torch_and_autograd(page: Page, seed: int) -> None:
    """An LSTM of torch whose four inputs are what its gates and its candidate are to become, and nothing else."""
    generator = torch.Generator().manual_seed(seed)
    i, f, o = (torch.rand(T, generator=generator, dtype=torch.float64) for _ in range(3))
    g = 2 * torch.rand(T, generator=generator, dtype=torch.float64) - 1
    module = nn.LSTM(4, 1, bias=False).double()
    with torch.no_grad():
        module.weight_ih_l0.copy_(torch.eye(4))
        module.weight_hh_l0.zero_()
        x = torch.stack([i.logit(), f.logit(), g.atanh(), o.logit()], 1)
    state, states = (torch.zeros(1, 1, dtype=torch.float64),) * 2, []
    for x_t in x:
        _, (h_t, c_t) = module(x_t[None], state)
        c_t = c_t.detach().requires_grad_()
        states.append((h_t, c_t))
        state = (h_t, c_t)
    cells = [torch.zeros((), dtype=torch.float64, requires_grad=True)]
    for t in range(T):
        cells.append(f[t] * cells[-1] + i[t] * g[t])
    road = torch.autograd.grad(cells[-1], cells)

    gates = {"f": flat(f), "i": flat(i), "g": flat(g), "o": flat(o)}
    ours = kernel(page, "Object.values(k.memoryCell(a)).map((values) => [...values])", gates)
    assert_close("c", ours[0][1:], torch.stack([c for _, c in states]))
    assert_close("h", ours[1][1:], torch.stack([h for h, _ in states]))
    assert_close("gradient along c", ours[2], torch.stack(road))
    assert (ours[0][0], ours[1][0], ours[2][T]) == (0, 0, 1)


def test_two_gates_have_four_corners_and_a_middle(page: Page) -> None:
    pairs = [(1, 0), (1, 1), (0, 0), (0, 1), (0.5, 1), (0.9, 0.1)]
    deeds = kernel(page, "a.map(([f, i]) => k.deedOf(f, i))", pairs)
    assert deeds == ["remember", "add", "erase", "overwrite", "in between", "remember"]
