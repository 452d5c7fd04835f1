"""Updates that three gated networks need for two tasks, and what it costs to exchange the order of the reset."""

from __future__ import annotations

import numpy as np
import plotly.graph_objects as go

from rnnsite.claims import Arrays
from rnnsite.figures.palette import colour
from rnnsite.figures.style import label_line, new_figure
from rnnsite.figures.table import Table
from rnnsite.figures.whiskers import whiskers
from rnnsite.multiples import geometric_mean
from rnnsite.rates import success
from rnnsite.statistics import Estimate

ARMS = ("reset after", "reset before", "LSTM")
MOMENTS = ("untrained", "trained")
TASKS = (("adding", "accent"), ("recall", "sigmoid"))


def _updates(arrays: Arrays, task: int, rate: int) -> list[Estimate]:
    """Of each arm."""
    at = arrays["solved_at"][task, :, rate]
    return [geometric_mean(runs) for runs in np.where(at < 0, arrays["updates"], at)]


def _prices(arrays: Arrays, task: int, rate: int) -> list[Estimate]:
    """Of each moment."""
    return [geometric_mean(runs) for runs in (arrays["exchanged"] / arrays["own"])[task, :, rate]]


def _slope(drawn: go.Figure, rows: list[Estimate], shade: str, dashed: bool, label: str, col: int) -> None:
    drawn.add_scatter(
        x=list(range(len(rows))),
        y=[row.value for row in rows],
        mode="lines+markers",
        line={"color": colour(shade), "width": 2.5, **({"dash": "dash"} if dashed else {})},
        marker={"color": colour(shade), "size": 8},
        error_y=whiskers(rows, shade),
        name=label,
        row=1,
        col=col,
    )
    label_line(drawn, len(rows) - 1, rows[-1].value, label, shade, shift=(4, 0), col=col)


def figure(arrays: Arrays) -> go.Figure:
    drawn = new_figure(
        cols=2,
        panel_titles=["to learn", "to exchange the order"],
        y_title=["updates until solved", "error, times the network's own"],
        log_y=True,
    )
    for task, (name, shade) in enumerate(TASKS):
        for rate, η in enumerate(arrays["rates"]):
            label = f"{name}, {η:g}"
            _slope(drawn, _updates(arrays, task, rate), shade, rate == 1, label, 1)
            _slope(drawn, _prices(arrays, task, rate), shade, rate == 1, label, 2)
    for col, names in ((1, ("reset<br>after", "reset<br>before", "LSTM")), (2, MOMENTS)):
        drawn.update_xaxes(tickvals=list(range(len(names))), ticktext=names, row=1, col=col)
        drawn.update_xaxes(range=[-0.3, len(names) - 0.8], row=1, col=col)
    for col, ticks in ((1, [50, 100, 200, 400, 800]), (2, [1, 2, 5, 10, 20])):
        drawn.update_yaxes(tickvals=ticks, ticktext=[str(t) for t in ticks], tickfont={"size": 14}, row=1, col=col)
    return drawn


def alt(arrays: Arrays) -> str:
    parts = []
    for task, (name, _) in enumerate(TASKS):
        for rate, η in enumerate(arrays["rates"]):
            updates, prices = _updates(arrays, task, rate), _prices(arrays, task, rate)
            rows = ", ".join(f"{arm} {e.value:.0f}" for arm, e in zip(ARMS, updates, strict=True))
            parts.append(f"{name} at a rate of {η:g}: {rows}, error with the order exchanged × {prices[1].value:.2g}")
    return "Updates that two GRUs and an LSTM need. " + "; ".join(parts) + "."


def table(arrays: Arrays) -> Table:
    rows = []
    for task, (name, _) in enumerate(TASKS):
        for rate, η in enumerate(arrays["rates"]):
            for arm, e in enumerate(_updates(arrays, task, rate)):
                solved = success(arrays["solved_at"][task, arm, rate] >= 0)
                weights = int(arrays["parameters"][arm])
                rows.append([f"{name}, rate {η:g}, {ARMS[arm]}", weights, solved.value, e.value, e.low, e.high])
    return Table(["network", "weights", "solved", "updates", "low", "high"], rows, ("solved",))
