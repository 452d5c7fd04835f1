"""The lowest error so far over 200 steps, from three starts, for SGD, SGD-C and SGD-CR."""

from __future__ import annotations

import numpy as np
import plotly.graph_objects as go

from rnnsite.claims import Arrays
from rnnsite.figures.style import band, line, new_figure
from rnnsite.figures.table import Table
from rnnsite.figures.temporal_order import ARMS, STARTS
from rnnsite.figures.temporal_order_any_length import GUESS, lowest_so_far
from rnnsite.rates import success
from rnnsite.wording import say


def _lowest(arrays: Arrays, start: int, arm: int) -> np.ndarray:
    """The lowest error of each run until each check (checks + 1, seeds), up to the limit of its start."""
    checks = int(arrays["limit"][start]) // int(arrays["every"])
    return lowest_so_far(arrays["scores"][start, arm, :checks])


def figure(arrays: Arrays) -> go.Figure:
    drawn = new_figure(
        cols=len(STARTS),
        x_title="thousand updates",
        y_title="wrong answers",
        panel_titles=[f"{name} start" for name in STARTS],
        share_y=True,
    )
    for start in range(len(STARTS)):
        for arm, (name, shade, dash) in enumerate(ARMS):
            errors = _lowest(arrays, start, arm)
            updates = np.arange(len(errors)) * int(arrays["every"]) / 1000
            low, median, high = np.quantile(errors, (0.25, 0.5, 0.75), axis=1)
            band(drawn, updates, low, high, shade, opacity=0.15, col=start + 1)
            label = name if start + 1 == len(STARTS) else None
            line(drawn, updates, median, shade, name=name, label=label, dash=dash, col=start + 1)
    drawn.update_yaxes(range=[-0.04, 0.86], tickformat=".0%", tickvals=[0, 0.25, 0.5, GUESS])
    for start in range(len(STARTS)):
        limit = int(arrays["limit"][start]) / 1000
        drawn.update_xaxes(tickvals=[0, limit / 2, limit], row=1, col=start + 1)
    return drawn


def alt(arrays: Arrays) -> str:
    parts = []
    for start, name in enumerate(STARTS):
        errors = ", ".join(
            f"{way} {say(float(np.median(_lowest(arrays, start, arm)[-1])), '.0%')}"
            for arm, (way, *_) in enumerate(ARMS)
        )
        parts.append(f"{name} start, after {int(arrays['limit'][start]):,} updates: {errors}")
    return f"Lowest error so far over 200 steps, median of the runs. {'; '.join(parts)}. A guess has 75 %."


def table(arrays: Arrays) -> Table:
    rows = []
    for start, name in enumerate(STARTS):
        limit = int(arrays["limit"][start])
        for arm, (way, *_) in enumerate(ARMS):
            rate, errors = success(arrays["solved"][start, arm]), _lowest(arrays, start, arm)[-1]
            lost = int((arrays["diverged_at"][start, arm] >= 0).sum())
            error = float(arrays["error"][start, arm].mean())
            row = [rate.value, rate.low, rate.high, float(np.median(errors)), float(errors.min()), error, lost]
            rows.append([f"{name}, {way}", f"{limit:,}", *row])
    measured = ["success", "low", "high", "median lowest error", "best run", "mean error at the end"]
    return Table(["start and training", "updates", *measured, "diverged"], rows, tuple(measured))
