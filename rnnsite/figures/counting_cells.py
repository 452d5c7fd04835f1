"""How far three networks count aⁿbⁿ, and the one cell state that counts in each LSTM."""

from __future__ import annotations

import numpy as np
import plotly.graph_objects as go

from rnnsite.claims import Arrays
from rnnsite.figures.palette import colour, tint
from rnnsite.figures.style import band, label_line, line, new_figure
from rnnsite.figures.table import Table
from rnnsite.rates import success
from rnnsite.statistics import Estimate, bootstrap
from rnnsite.wording import say

CELLS = (("LSTM", "lstm"), ("GRU", "gru"), ("RNN", "rnn"))
SHOWN = "|aaaaaaaabbbbbbbb|aaaaab|aaabbb|"
FARTHEST = 25


def _rates(arrays: Arrays, cell: int) -> list[Estimate]:
    return [success(runs) for runs in arrays["right"][cell].T]


def figure(arrays: Arrays) -> go.Figure:
    drawn = new_figure(
        cols=2,
        x_title=["n", "what the network reads"],
        y_title=["networks right on aⁿbⁿ", "state of the counter, each LSTM"],
    )
    n = np.arange(1, arrays["right"].shape[2] + 1)[:FARTHEST]
    longest = int(arrays["longest"])
    drawn.add_shape(
        type="rect", x0=1, x1=longest, y0=0, y1=1, yref="y domain", line={"width": 0}, fillcolor=tint("muted", 0.12),
        layer="below", row=1, col=1,
    )  # fmt: skip
    label_line(drawn, longest / 2, 0.45, "trained on", "muted", position="above")
    for cell, (name, shade) in enumerate(CELLS):
        rates = _rates(arrays, cell)[:FARTHEST]
        band(drawn, n, [r.low for r in rates], [r.high for r in rates], shade, opacity=0.08)
        line(drawn, n, [r.value for r in rates], shade, name=name)
    falls = [next((k for k, r in enumerate(_rates(arrays, cell)) if r.value < 0.5), FARTHEST - 1) for cell in range(3)]
    label_line(drawn, n[falls[0]], 0.55, "LSTM", "lstm", shift=(6, 0))
    label_line(drawn, n[falls[2]], 0.36, "RNN", "rnn", position="left", shift=(8, 0))
    label_line(drawn, n[falls[1]], 0.06, "GRU", "gru", shift=(10, 0))
    drawn.update_yaxes(range=[-0.04, 1.06], tickformat=".0%", tickvals=[0, 0.5, 1], row=1, col=1)
    drawn.update_xaxes(range=[1, FARTHEST], tickvals=[1, 5, 10, 15, 20, 25], row=1, col=1)
    steps = np.arange(len(SHOWN))
    for one in arrays["shown"]:
        line(drawn, steps, one, "lstm", width=1, col=2, opacity=0.45)
    for bar in np.flatnonzero(np.array(list(SHOWN)) == "|")[1:]:
        drawn.add_shape(
            type="line", x0=bar, x1=bar, y0=0, y1=1, yref="y2 domain", layer="below",
            line={"color": colour("muted"), "width": 1, "dash": "dot"}, row=1, col=2,
        )  # fmt: skip
    high = float(np.percentile(arrays["shown"][:, 8], 90))
    label_line(drawn, 23, high, "reset", "muted", position="above", col=2)
    drawn.update_xaxes(
        tickvals=[0, 4.5, 12.5, 17, 20, 24, 27.5],
        ticktext=["|", "8 a", "8 b", "|", "5 a b", "|", "3 a 3 b"],
        ticks="",
        row=1,
        col=2,
    )
    return drawn


def alt(arrays: Arrays) -> str:
    parts = []
    for cell, (name, _) in enumerate(CELLS):
        rates = _rates(arrays, cell)
        said = ", ".join(f"{say(rates[k - 1].value, '.0%')} at n = {k}" for k in (10, 12, 15, 20))
        parts.append(f"{name}: {said}")
    step = bootstrap(arrays["step"][:, 0]).value
    reset = bootstrap(arrays["forget"][:, 0]).value
    return (
        "Share of networks that are right on every symbol of aⁿbⁿ after training up to n = 10. "
        + "; ".join(parts)
        + f". Right: the counting cell of each LSTM climbs by {step:.2g} at an a, falls at a b, and starts anew at "
        f"each bar, where its forget gate is {reset:.2g}."
    )


def table(arrays: Arrays) -> Table:
    rows = []
    for cell, (name, _) in enumerate(CELLS):
        for k, rate in enumerate(_rates(arrays, cell)[:30]):
            rows.append([f"{name}, n = {k + 1}", rate.value, rate.low, rate.high])
    return Table(["network and n", "right", "low", "high"], rows, ("right", "low", "high"))
