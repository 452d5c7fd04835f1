"""Runs that learn to recall, by where the forget bias starts; a curve for each lag."""

from __future__ import annotations

import numpy as np
import plotly.graph_objects as go

from rnnsite.claims import Arrays
from rnnsite.figures.style import band, label_line, line, new_figure
from rnnsite.figures.table import Table
from rnnsite.rates import success
from rnnsite.statistics import Estimate
from rnnsite.wording import say

SHADES = (("muted", "dot"), ("accent", "dash"), ("lstm", None), ("tanh", "dashdot"), ("sigmoid", "longdash"))


def _rates(arrays: Arrays, lag: int) -> list[Estimate]:
    return [success(row >= 0) for row in arrays["solved_at"][lag]]


def figure(arrays: Arrays) -> go.Figure:
    fig = new_figure(x_title="forget bias at the start", y_title="runs that learn to recall")
    x = arrays["biases"]
    for lag, steps in enumerate(arrays["lags"]):
        shade, dash = SHADES[lag]
        rows = _rates(arrays, lag)
        band(fig, x, [r.low for r in rows], [r.high for r in rows], shade, opacity=0.14)
        line(fig, x, [r.value for r in rows], shade, dash=dash, markers=True, name=f"{steps} steps")
        half = [r.value for r in rows]
        at = int(np.argmax(np.array(half) >= 0.5)) if max(half) >= 0.5 else len(half) - 1
        position, shift = ("below", (26, -4)) if lag == 0 else ("right", (8, -12))
        label_line(fig, x[at], half[at], f"<b>{steps} steps</b>", shade, position=position, shift=shift)
    fig.update_yaxes(range=[-0.05, 1.08], tickformat=".0%", tickvals=[0, 0.5, 1])
    fig.update_xaxes(tickvals=x, ticktext=[f"{b:g}" for b in x])
    return fig


def alt(arrays: Arrays) -> str:
    parts = []
    for lag, steps in enumerate(arrays["lags"]):
        rates = ", ".join(
            f"{say(rate.value, '.0%')} at bias {bias:g}"
            for bias, rate in zip(arrays["biases"], _rates(arrays, lag), strict=True)
        )
        parts.append(f"{steps} steps: {rates}")
    return f"Share of LSTMs that learn to recall a number, by forget bias at the start. {'; '.join(parts)}."


def table(arrays: Arrays) -> Table:
    rows: list[list[str | float]] = []
    for lag, steps in enumerate(arrays["lags"]):
        for k, bias in enumerate(arrays["biases"]):
            rate, solved = _rates(arrays, lag)[k], arrays["solved_at"][lag, k]
            median = "–" if (solved < 0).mean() >= 0.5 else f"{np.median(np.where(solved < 0, np.inf, solved)):g}"
            moved = float(arrays["opened"][lag, k].mean())
            rows.append([f"{steps} steps, bias {bias:g}", rate.value, rate.low, rate.high, median, moved])
    columns = ["arm", "learned", "low", "high", "median update", "mean b_f moved by"]
    return Table(columns, rows, ("learned", "low", "high"))
