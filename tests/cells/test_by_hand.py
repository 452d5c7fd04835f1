"""Each cell against its equations written out in plain Python, number by number."""

from __future__ import annotations

from itertools import chain, combinations
from math import exp, tanh

import pytest
import torch

from rnnsite.cells.clockwork import Clockwork
from rnnsite.cells.elman import Elman
from rnnsite.cells.gru import GRU
from rnnsite.cells.leaky import Leaky
from rnnsite.cells.lstm import LSTM
from rnnsite.cells.skip import Skip
from rnnsite.seeding import generator

from .compare import assert_equal

I, H, T = 2, 3, 6
GATES = ["".join(some) for some in chain.from_iterable(combinations("ifo", n) for n in range(4))]


def σ(a):
    return 1 / (1 + exp(-a))


def dot(row, column):
    return sum(w * v for w, v in zip(row, column, strict=True))


def stir(cell):
    with torch.no_grad():
        for k, (_, parameter) in enumerate(sorted(cell.named_parameters())):
            parameter.copy_(torch.randn(parameter.shape, dtype=torch.float64, generator=generator("by hand", k)))
    return cell


def weights(cell, letter):
    return tuple(cell.block(name, letter).tolist() for name in ("U", "W", "b"))


def run(cell):
    x = torch.randn(T, 1, I, dtype=torch.float64, generator=generator("by hand", "x"))
    return [row[0] for row in x.tolist()], cell.trace(x), cell(x)[0]


def check(trace, states, rows):
    for name, expected in rows.items():
        got = trace.pre[name[2:]] if name.startswith("a_") else trace[name]
        assert_equal(got[:, 0], torch.tensor(expected, dtype=torch.float64), name, 1e-12)
    assert torch.equal(trace["h"], states)


@pytest.mark.parametrize(
    ("activation", "φ"), [("tanh", tanh), ("sigmoid", σ), ("relu", lambda a: max(a, 0.0)), ("linear", lambda a: a)]
)
def test_elman(activation, φ):
    cell = stir(Elman(I, H, activation=activation, dtype=torch.float64))
    xs, trace, states = run(cell)
    U, W, b = weights(cell, "h")
    h, rows = [0.0] * H, {"a_h": [], "h": []}
    for x in xs:
        a = [dot(U[k], x) + dot(W[k], h) + b[k] for k in range(H)]
        h = [φ(v) for v in a]
        rows["a_h"].append(a)
        rows["h"].append(h)
    check(trace, states, rows)


def test_leaky():
    cell = stir(Leaky(I, H, leak=0.3, dtype=torch.float64))
    xs, trace, states = run(cell)
    U, W, b = weights(cell, "h")
    h, rows = [0.0] * H, {"a_h": [], "h": []}
    for x in xs:
        a = [dot(U[k], x) + dot(W[k], h) + b[k] for k in range(H)]
        h = [0.3 * h[k] + 0.7 * tanh(a[k]) for k in range(H)]
        rows["a_h"].append(a)
        rows["h"].append(h)
    check(trace, states, rows)


@pytest.mark.parametrize("keep", [True, False], ids=["kept", "removed"])
@pytest.mark.parametrize("d", [1, 2, 4])
def test_skip(d, keep):
    cell = stir(Skip(I, H, delay=d, keep=keep, dtype=torch.float64))
    xs, trace, states = run(cell)
    U, W, b = weights(cell, "h")
    S = cell.S.tolist() if keep else W
    hs, rows = [[0.0] * H] * d, {"a_h": [], "h": []}
    for x in xs:
        near = [dot(W[k], hs[-1]) if keep else 0.0 for k in range(H)]
        a = [dot(U[k], x) + near[k] + dot(S[k], hs[-d]) + b[k] for k in range(H)]
        hs.append([tanh(v) for v in a])
        rows["a_h"].append(a)
        rows["h"].append(hs[-1])
    check(trace, states, rows)
    last = cell(torch.tensor(xs, dtype=torch.float64)[:, None])[1]
    for k, part in enumerate(last if d > 1 else [last]):
        assert_equal(part[0], torch.tensor(hs[-1 - k], dtype=torch.float64), f"state {k} steps ago", 1e-12)


def test_clockwork():
    periods, H = (1, 2, 3), 6
    cell = stir(Clockwork(I, H, periods=periods, dtype=torch.float64))
    xs, trace, states = run(cell)
    U, W, b = weights(cell, "h")
    h, rows = [0.0] * H, {"h": []}
    for t, x in enumerate(xs):
        new = list(h)
        for group, period in enumerate(periods):
            if t % period:
                continue
            for k in (2 * group, 2 * group + 1):
                new[k] = tanh(dot(U[k], x) + dot(W[k][2 * group :], h[2 * group :]) + b[k])
        h = new
        rows["h"].append(h)
    check(trace, states, rows)
    assert trace["clock"][:, 0, 0].tolist() == list(range(1, T + 1))


@pytest.mark.parametrize("gates", GATES)
@pytest.mark.parametrize("peepholes", [False, True], ids=["plain", "peepholes"])
def test_lstm(gates, peepholes):
    if peepholes and not gates:
        pytest.skip("no gate to look through")
    cell = stir(LSTM(I, H, gates=gates, peepholes=peepholes, dtype=torch.float64))
    xs, trace, states = run(cell)
    p = dict(zip(gates, cell.p.detach().view(-1, H).tolist(), strict=True)) if peepholes else {}
    blocks = {letter: weights(cell, letter) for letter in cell.blocks}
    h, c = [0.0] * H, [0.0] * H
    rows = {name: [] for name in "ifogch"} | {f"a_{letter}": [] for letter in cell.blocks}

    def sum_of(letter, k, x, h, c):
        U, W, b = blocks[letter]
        return dot(U[k], x) + dot(W[k], h) + b[k] + (p[letter][k] * c[k] if letter in p else 0.0)

    for x in xs:
        now = {name: [] for name in rows}
        for k in range(H):
            for gate in "if":
                if gate in gates:
                    now[f"a_{gate}"].append(sum_of(gate, k, x, h, c))
                now[gate].append(σ(now[f"a_{gate}"][k]) if gate in gates else 1.0)
            now["a_g"].append(sum_of("g", k, x, h, c))
            now["g"].append(tanh(now["a_g"][k]))
            now["c"].append(now["f"][k] * c[k] + now["i"][k] * now["g"][k])
            if "o" in gates:
                now["a_o"].append(sum_of("o", k, x, h, now["c"]))
            now["o"].append(σ(now["a_o"][k]) if "o" in gates else 1.0)
            now["h"].append(now["o"][k] * tanh(now["c"][k]))
        h, c = now["h"], now["c"]
        for name in rows:
            rows[name].append(now[name])
    check(trace, states, rows)
    assert set(trace.pre) == set(cell.blocks)


@pytest.mark.parametrize("reset_before", [False, True], ids=["after", "before"])
def test_gru(reset_before):
    cell = stir(GRU(I, H, reset_before=reset_before, dtype=torch.float64))
    xs, trace, states = run(cell)
    blocks = {letter: weights(cell, letter) for letter in "rug"}
    b_h = [0.0] * H if reset_before else cell.b_h.tolist()
    h, rows = [0.0] * H, {name: [] for name in ("r", "u", "g", "h", "a_r", "a_u", "a_g")}
    for x in xs:
        a = {}
        for gate in "ru":
            U, W, b = blocks[gate]
            a[gate] = [dot(U[k], x) + dot(W[k], h) + b[k] for k in range(H)]
        r, u = [σ(v) for v in a["r"]], [σ(v) for v in a["u"]]
        U, W, b = blocks["g"]
        if reset_before:
            kept = [r[k] * h[k] for k in range(H)]
            a["g"] = [dot(U[k], x) + dot(W[k], kept) + b[k] for k in range(H)]
        else:
            a["g"] = [dot(U[k], x) + r[k] * (dot(W[k], h) + b_h[k]) + b[k] for k in range(H)]
        g = [tanh(v) for v in a["g"]]
        h = [u[k] * h[k] + (1 - u[k]) * g[k] for k in range(H)]
        values = {"r": r, "u": u, "g": g, "h": h, **{f"a_{name}": a[name] for name in a}}
        for name in rows:
            rows[name].append(values[name])
    check(trace, states, rows)


def test_reset_before_and_after_are_different_functions():
    after, before = GRU(I, H), GRU(I, H, reset_before=True)
    before.load_state_dict({name: value for name, value in after.state_dict().items() if name != "b_h"})
    x = torch.randn(T, 4, I, generator=generator("by hand", "gru"))
    difference = (after(x)[0] - before(x)[0]).abs()
    assert difference[0].max() == 0  # h_0 = 0 leaves nothing to reset
    assert difference[-1].max() > 1e-3
