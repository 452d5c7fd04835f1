"""Gradient by distance at one spectral radius; below, the factor per step at every radius against the rule."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from plotly.graph_objects import Figure

from rnnsite.figures.palette import tint
from rnnsite.figures.style import band, label_line, line, new_figure, power_ticks, reference
from rnnsite.figures.table import Table

LOOK = {  # arm: colour, dash, label
    "linear": ("linear", None, "linear"),
    "relu": ("relu", None, "ReLU"),
    "tanh": ("tanh", None, "tanh"),
    "tanh, small": ("tanh", "dot", "tanh, small"),
    "sigmoid": ("sigmoid", None, "sigmoid"),
    "GRU": ("gru", None, "GRU"),
    "LSTM": ("lstm", None, "LSTM"),
}
SHOWN = 1.2  # ρ of the upper panel
FAR = 50


def quartiles(logs: np.ndarray, axis: int = -1) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    low, middle, high = np.exp(np.quantile(logs, [0.25, 0.5, 0.75], axis=axis))
    return low, middle, high


def figure(arrays: Mapping[str, np.ndarray]) -> Figure:
    rho, distance = arrays["rho"], arrays["distance"][: FAR + 1]
    shown = int(np.flatnonzero(rho == SHOWN)[0])
    fig = new_figure(
        rows=2,
        cols=1,
        x_title=["steps back from the loss, k", "spectral radius ρ of W"],
        y_title=[
            f"gradient norm at ρ = {SHOWN:g} (rule: all grow)",
            "factor per step (rule: ρ itself)",
        ],
        log_x=[False, True],
        log_y=True,
        height=720,
    )
    for i, arm in enumerate(str(name) for name in arrays["arm"]):
        color, dash, label = LOOK[arm]
        low, middle, high = quartiles(arrays["log_gradient"][i, shown, :, : FAR + 1], axis=0)
        band(fig, distance, low, high, color, row=1)
        line(fig, distance, middle, color, dash=dash, label=label, row=1)
        low, middle, high = quartiles(arrays["slope"][i])
        band(fig, rho, low, high, color, row=2)
        line(fig, rho, middle, color, dash=dash, label="linear = rule" if arm == "linear" else label, row=2)
    reference(fig, y=1, row=1)
    reference(fig, y=1, row=2)
    thin = 10 ** (1 / FAR)
    fig.add_hrect(y0=1 / thin, y1=thin, fillcolor=tint("muted", 0.3), line_width=0, layer="below", row=2, col=1)
    label_line(fig, float(rho[0]), thin, "thin line", "muted", position="right", shift=(0, 10), row=2)
    power_ticks(fig, "y", -32, 6, row=1)
    ticks = [0.25, 0.5, 1, 2, 4]
    fig.update_xaxes(tickvals=ticks, ticktext=[f"{tick:g}" for tick in ticks], tickfont_size=14, row=2)
    levels = [0.1, 0.25, 0.5, 1, 2, 4]
    fig.update_yaxes(tickvals=levels, ticktext=[f"{level:g}" for level in levels], tickfont_size=14, row=2)
    return fig


def alt(arrays: Mapping[str, np.ndarray]) -> str:
    shown = int(np.flatnonzero(arrays["rho"] == SHOWN)[0])
    far = np.median(arrays["log_gradient"][:, shown, :, FAR], axis=-1) / np.log(10)
    parts = ", ".join(f"{LOOK[str(arm)][2]} {power:.1f}" for arm, power in zip(arrays["arm"], far, strict=True))
    return (
        f"At a spectral radius of {SHOWN:g} the gradient {FAR} steps back is ten to the power: {parts}. Below, the "
        "factor per step over spectral radius: the linear network lies on the diagonal, tanh with small inputs "
        "leaves it at 1, every other curve lies under it, GRU and LSTM nearly level."
    )


def table(arrays: Mapping[str, np.ndarray]) -> Table:
    factor = np.exp(np.median(arrays["slope"], axis=-1))
    names = [LOOK[str(arm)][2] for arm in arrays["arm"]]
    rows = [[float(rho), *map(float, factor[:, i])] for i, rho in enumerate(arrays["rho"])]
    return Table(["ρ", *(f"{name}, factor per step" for name in names)], rows)
