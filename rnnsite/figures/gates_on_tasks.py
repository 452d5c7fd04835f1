"""Every cell of an LSTM ranked by what it follows, trained and untrained, and the histograms of its gates."""

from __future__ import annotations

import numpy as np
import plotly.graph_objects as go

from rnnsite.claims import Arrays
from rnnsite.figures.style import band, label_line, line, new_figure
from rnnsite.figures.table import Table
from rnnsite.statistics import Estimate, bootstrap
from rnnsite.wording import say

TASKS = ("recall", "counting", "brackets")
ABOUT = ("recall: the number", "counting: the count", "brackets: the depth")
GATES = (("input", "accent", "dash"), ("forget", "lstm", None), ("output", "sigmoid", "dot"))
WHEN = (("trained", "lstm"), ("untrained", "muted"))


def _ranks(arrays: Arrays, task: int, when: int) -> list[Estimate]:
    return [bootstrap(unit) for unit in arrays["r"][task, when].T]


def figure(arrays: Arrays) -> go.Figure:
    drawn = new_figure(
        rows=2,
        cols=3,
        x_title=["cells, best first", "", "", "value of a gate", "", ""],
        y_title=["|r| with it", "", "", "share of values", "", ""],
        panel_titles=[*ABOUT, *(f"{task}: gates" for task in TASKS)],
        height=500,
    )
    rank = np.arange(1, arrays["r"].shape[3] + 1)
    middles = (arrays["edges"][1:] + arrays["edges"][:-1]) / 2
    for task in range(len(TASKS)):
        col = task + 1
        for when in (1, 0):
            name, shade = WHEN[when]
            ranks = _ranks(arrays, task, when)
            band(drawn, rank, [r.low for r in ranks], [r.high for r in ranks], shade, opacity=0.15, col=col)
            line(drawn, rank, [r.value for r in ranks], shade, name=name, markers=True, col=col)
        drawn.update_yaxes(range=[-0.03, 1.05], tickvals=[0, 0.5, 1], row=1, col=col)
        drawn.update_xaxes(tickvals=[1, 4, 8], row=1, col=col)
        untrained = arrays["shares"][task, 1].mean((0, 1))
        line(drawn, middles, untrained, "muted", name="untrained, all gates", width=1.6, row=2, col=col)
        for gate, (name, shade, dash) in enumerate(GATES):
            shares = arrays["shares"][task, 0, :, gate].mean(0)
            line(drawn, middles, shares, shade, name=name, dash=dash, row=2, col=col)
        drawn.update_yaxes(range=[-0.02, 0.9], tickvals=[0, 0.5], tickformat=".0%", row=2, col=col)
        drawn.update_xaxes(range=[0, 1], tickvals=[0, 0.5, 1], row=2, col=col)
    trained, untrained = (_ranks(arrays, 0, when) for when in (0, 1))
    label_line(drawn, 3, trained[2].value, "trained", "lstm", position="above", shift=(24, 4))
    label_line(drawn, 3, untrained[2].value, "untrained", "muted", position="below", shift=(-8, -12))
    label_line(drawn, 0.93, 0.75, "forget", "lstm", position="left", row=2)
    label_line(drawn, 0.28, 0.14, "input", "accent", position="above", row=2)
    label_line(drawn, 0.62, 0.28, "output", "sigmoid", position="above", row=2)
    label_line(drawn, 0.5, 0.2, "untrained", "muted", position="above", row=2, col=2)
    return drawn


def alt(arrays: Arrays) -> str:
    parts = []
    for task, about in enumerate(ABOUT):
        best = [_ranks(arrays, task, when)[0].value for when in (0, 1)]
        parts.append(f"{about}: {best[0]:.2g} trained, {best[1]:.2g} untrained")
    return "Strongest |r| of a cell state with what the task is about. " + "; ".join(parts) + ". " + _flat(arrays)


def _flat(arrays: Arrays) -> str:
    ends = (arrays["edges"][1:] <= 0.1 + 1e-9) | (arrays["edges"][:-1] >= 0.9 - 1e-9)
    shares = arrays["shares"][..., ends].sum(-1).mean((2, 3))  # task, trained or not
    said = [
        ", ".join(f"{name} {say(share, '.0%')}" for name, share in zip(TASKS, each, strict=True)) for each in shares.T
    ]
    return f"Below: share of gate values below 0.1 or above 0.9 after training: {said[0]}; before it: {said[1]}."


def table(arrays: Arrays) -> Table:
    rows = []
    for task, about in enumerate(ABOUT):
        for when, (name, _) in enumerate(WHEN):
            for k, r in enumerate(_ranks(arrays, task, when)):
                rows.append([f"{about}, {name}, cell {k + 1}", r.value, r.low, r.high])
    return Table(["task and cell", "|r|", "low", "high"], rows)
