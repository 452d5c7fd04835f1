"""Typical size of a product of random factors against the number of factors, by matrix size."""

from __future__ import annotations

import numpy as np
import plotly.graph_objects as go

from rnnsite.claims import Arrays
from rnnsite.figures.style import band, line, new_figure, power_ticks, reference
from rnnsite.figures.table import Table
from rnnsite.statistics import in_words

_COLOURS = ("warn", "relu", "sigmoid", "tanh", "accent")


def _quantile(arrays: Arrays, q: float) -> np.ndarray:
    return np.exp(np.quantile(arrays["log_norm"], q, axis=1))


def figure(arrays: Arrays) -> go.Figure:
    steps = np.arange(arrays["log_norm"].shape[2])
    drawn = new_figure(x_title="factors multiplied", y_title="norm of the product", log_y=True)
    low, middle, high = (_quantile(arrays, q) for q in (0.05, 0.5, 0.95))
    for i in range(len(arrays["size"])):
        band(drawn, steps, low[i], high[i], _COLOURS[i], opacity=0.13)
    for i, size in enumerate(arrays["size"]):
        line(drawn, steps, middle[i], _COLOURS[i], label="scalars" if size == 1 else f"{size} × {size}")
    reference(drawn, y=1.0)
    power_ticks(drawn, "y", int(np.floor(np.log10(low.min()))), int(np.ceil(np.log10(high.max()))))
    return drawn


def alt(arrays: Arrays) -> str:
    middle = _quantile(arrays, 0.5)[:, -1]
    ends = "; ".join(
        f"{'scalars' if size == 1 else f'{size} by {size} matrices'} {in_words(float(end), '.2g')}"
        for size, end in zip(arrays["size"], middle, strict=True)
    )
    return f"Typical norm of a product of {arrays['log_norm'].shape[2] - 1} random factors of unit variance: {ends}."


def table(arrays: Arrays) -> Table:
    steps = np.arange(arrays["log_norm"].shape[2])
    rows = [
        [int(size), int(t), *(float(_quantile(arrays, q)[i, t]) for q in (0.05, 0.5, 0.95))]
        for i, size in enumerate(arrays["size"])
        for t in steps[:: max(1, len(steps) // 10)]
    ]
    return Table(["size", "factors", "5 %", "median", "95 %"], rows)
