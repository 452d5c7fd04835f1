"""The lowest error so far over 200 steps, from three starts, for SGD, SGD-C and SGD-CR."""

from __future__ import annotations

import numpy as np
import plotly.graph_objects as go

from rnnsite.claims import Arrays
from rnnsite.figures.style import line, new_figure
from rnnsite.figures.table import Table
from rnnsite.figures.temporal_order import ARMS, SMART, STARTS
from rnnsite.figures.temporal_order_any_length import GUESS, THIN, lowest_so_far
from rnnsite.rates import success
from rnnsite.wording import say


def _lowest(arrays: Arrays, start: int, arm: int) -> np.ndarray:
    """The lowest error of each run until each check (checks + 1, seeds), up to the limit of its start."""
    checks = int(arrays["limit"][start]) // int(arrays["every"])
    return lowest_so_far(arrays["scores"][start, arm, :checks])


def figure(arrays: Arrays) -> go.Figure:
    drawn = new_figure(
        cols=len(ARMS),
        x_title="thousand updates",
        y_title="wrong answers",
        panel_titles=[name for name, *_ in ARMS],
        share_y=True,
    )
    for arm, (_, shade, _) in enumerate(ARMS):
        for start, name in enumerate(STARTS):
            errors = _lowest(arrays, start, arm)
            updates = np.arange(len(errors)) * int(arrays["every"]) / 1000
            look = {**THIN, "dash": None if start == SMART else "dot"}
            for seed, run in enumerate(errors.T):
                said = f"{name} start, run {seed}, lowest so far"
                line(drawn, updates, run, shade, line_shape="hv", name=said, col=arm + 1, **look)
    drawn.update_yaxes(range=[-0.04, 0.86], tickformat=".0%", tickvals=[0, 0.25, 0.5, GUESS])
    longest = int(arrays["limit"].max()) / 1000
    drawn.update_xaxes(range=[0, longest], tickvals=[0, longest / 2, longest])
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
