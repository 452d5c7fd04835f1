"""Success on the temporal order problem by length and by start, for SGD, SGD-C and SGD-CR."""

from __future__ import annotations

import numpy as np
import plotly.graph_objects as go

from rnnsite.claims import Arrays
from rnnsite.figures.style import band, bars, line, new_figure
from rnnsite.figures.table import Table
from rnnsite.rates import success
from rnnsite.statistics import Estimate
from rnnsite.wording import say

STARTS = ("sigmoid", "basic tanh", "smart tanh")
SMART = 2
ARMS = (("SGD", "muted", "dot"), ("SGD-C", "tanh", "dash"), ("SGD-CR", "rnn", None))


def _rates(arrays: Arrays, points: np.ndarray, arm: int) -> list[Estimate]:
    return [success(arrays["solved"][point, arm]) for point in points]


def _points(arrays: Arrays) -> tuple[np.ndarray, np.ndarray]:
    """The points of the smart tanh start by length, and the others."""
    smart = arrays["start"] == SMART
    order = np.argsort(arrays["length"], kind="stable")
    return order[smart[order]], order[~smart[order]]


def figure(arrays: Arrays) -> go.Figure:
    smart, others = _points(arrays)
    drawn = new_figure(
        cols=2,
        x_title=["steps", ""],
        y_title="runs that learn it",
        panel_titles=["smart tanh start", "other starts"],
        share_y=True,
    )
    lengths = arrays["length"][smart]
    names = [f"{STARTS[arrays['start'][p]]},<br>{arrays['length'][p]} steps" for p in others]
    for arm, (name, shade, dash) in enumerate(ARMS):
        rates = _rates(arrays, smart, arm)
        band(drawn, lengths, [r.low for r in rates], [r.high for r in rates], shade, opacity=0.12)
        line(drawn, lengths, [r.value for r in rates], shade, name=name, label=name, dash=dash, markers=True)
        rates = _rates(arrays, others, arm)
        low, high = [r.low for r in rates], [r.high for r in rates]
        bars(drawn, names, [r.value for r in rates], shade, low=low, high=high, name=name, col=2)
    drawn.update_layout(barmode="group", bargap=0.3)
    drawn.update_yaxes(range=[-0.06, 1.1], tickformat=".0%", tickvals=[0, 0.5, 1])
    drawn.update_xaxes(tickvals=lengths, row=1, col=1)
    return drawn


def alt(arrays: Arrays) -> str:
    parts = []
    for point in np.concatenate(_points(arrays)):
        rates = ", ".join(
            f"{name} {say(success(arrays['solved'][point, arm]).value, '.0%')}" for arm, (name, *_) in enumerate(ARMS)
        )
        parts.append(f"{STARTS[arrays['start'][point]]}, {arrays['length'][point]} steps: {rates}")
    return "Share of training runs that learn the temporal order of two symbols. " + "; ".join(parts) + "."


def table(arrays: Arrays) -> Table:
    rows = []
    for point in np.concatenate(_points(arrays)):
        for arm, (name, *_) in enumerate(ARMS):
            rate = success(arrays["solved"][point, arm])
            lost = int((arrays["diverged_at"][point, arm] >= 0).sum())
            error = float(arrays["error"][point, arm].mean())
            label = f"{STARTS[arrays['start'][point]]}, {arrays['length'][point]} steps, {name}"
            rows.append([label, rate.value, rate.low, rate.high, error, lost])
    columns = ["start, length and training", "success", "low", "high", "mean error", "diverged"]
    return Table(columns, rows, columns[1:-1])
