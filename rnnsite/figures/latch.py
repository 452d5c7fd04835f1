"""Success rate on the latch problem against its length, for a unit, an RNN and two LSTMs."""

from __future__ import annotations

import numpy as np
import plotly.graph_objects as go

from rnnsite.claims import Arrays
from rnnsite.figures.style import band, label_line, line, new_figure, reference
from rnnsite.figures.table import Table
from rnnsite.statistics import Estimate, wilson
from rnnsite.wording import say

ARMS = (
    ("one tanh unit, SGD", "tanh", None),
    ("RNN, SGD", "rnn", "dash"),
    ("RNN, Adam", "rnn", None),
    ("LSTM, forget gate half shut", "lstm", "dash"),
    ("LSTM, forget gate open", "lstm", None),
)


def _success(arrays: Arrays, arm: int) -> list[Estimate]:
    return [wilson(int(runs.sum()), runs.size) for runs in arrays["solved"][arm]]


def figure(arrays: Arrays) -> go.Figure:
    lengths = arrays["lengths"]
    fig = new_figure(x_title="steps to keep the bit", y_title="runs that learn it", log_x=True)
    for arm, (name, shade, dash) in enumerate(ARMS):
        rows = _success(arrays, arm)
        if dash is None:
            band(fig, lengths, [row.low for row in rows], [row.high for row in rows], shade, opacity=0.12)
        line(fig, lengths, [row.value for row in rows], shade, name=name, dash=dash, markers=True)
    ends = [_success(arrays, arm)[-1].value for arm in range(len(ARMS))]
    label_line(fig, lengths[-1], ends[4], "<b>LSTM,<br>gate open</b>", "lstm")
    label_line(fig, lengths[-1], ends[2] + 0.08, "<b>RNN, Adam</b>", "rnn")
    label_line(fig, lengths[-1], ends[3] - 0.01, "LSTM, gate<br>half shut", "lstm")
    at = list(lengths)
    label_line(fig, 10, _success(arrays, 1)[at.index(10)].value, "RNN, SGD", "rnn", position="left", shift=(0, -8))
    label_line(fig, 20, _success(arrays, 0)[at.index(20)].value, "<b>unit</b>", "tanh", position="left", shift=(0, -4))
    for length, text in ((10, "“10"), (20, "or 20”")):
        reference(fig, x=length, label=text)
    fig.update_yaxes(range=[-0.05, 1.12], tickformat=".0%", tickvals=[0, 0.5, 1])
    fig.update_xaxes(tickvals=lengths)
    return fig


def alt(arrays: Arrays) -> str:
    lengths = arrays["lengths"]
    rows = "; ".join(
        f"{name}: "
        + ", ".join(f"{say(e.value, '.0%')} at {T}" for T, e in zip(lengths, _success(arrays, arm), strict=True))
        for arm, (name, _, _) in enumerate(ARMS)
    )
    return f"Share of training runs that learn to keep one bit, against the number of steps. {rows}."


def table(arrays: Arrays) -> Table:
    rows = []
    for arm, (name, _, _) in enumerate(ARMS):
        for T, rate in zip(arrays["lengths"], _success(arrays, arm), strict=True):
            rows.append([f"{name}, {T} steps", rate.value, rate.low, rate.high, int(np.size(arrays["solved"][arm, 0]))])
    return Table(["network and length", "success", "low", "high", "runs"], rows, ("success", "low", "high"))
