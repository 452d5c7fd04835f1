"""Gradient against distance in trained character models, and what forgetting everything further back costs them."""

from __future__ import annotations

import numpy as np
import plotly.graph_objects as go

from rnnsite.claims import Arrays
from rnnsite.figures.style import band, label_line, line, new_figure, power_ticks
from rnnsite.figures.table import Table
from rnnsite.statistics import bootstrap, in_words

CELLS = (("RNN", "rnn"), ("GRU", "gru"), ("LSTM", "lstm"))
LOWEST = -16  # power of ten at which the panel ends


def _gradient(arrays: Arrays, when: str, cell: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Geometric mean over seeds at every distance, and its interval."""
    logs = np.log10(arrays[f"{when}_gradient"][cell])
    rows = [bootstrap(column) for column in logs.T]
    middle, low, high = (10 ** np.array([getattr(row, end) for row in rows]) for end in ("value", "low", "high"))
    return middle, low, high


def figure(arrays: Arrays) -> go.Figure:
    distances, contexts = arrays["distances"], arrays["contexts"]
    fig = new_figure(
        cols=2,
        x_title=["characters back", "last characters shown"],
        y_title=["gradient, relative to here", "bits a character lost"],
        log_x=[False, True],
        log_y=[True, False],
    )
    for cell, (name, shade) in enumerate(CELLS):
        before, _, _ = _gradient(arrays, "start", cell)
        seen = before >= 10.0**LOWEST
        line(fig, distances[seen], before[seen], shade, dash="dot", width=1.5, name=f"{name}, untrained")
        middle, low, high = _gradient(arrays, "end", cell)
        seen = middle >= 10.0**LOWEST
        band(fig, distances[seen], np.maximum(low, 10.0**LOWEST)[seen], high[seen], shade)
        line(fig, distances[seen], middle[seen], shade, name=f"{name}, trained", label=f"<b>{name}</b>")
    label_line(fig, 27, 10.0**-12, "dotted:<br>untrained", "muted", position="left")
    power_ticks(fig, "y", LOWEST, 0, count=4)
    for cell, (name, shade) in enumerate(CELLS):
        lost = arrays["end_cost"][cell]
        line(fig, contexts, lost.mean(0), shade, name=name, markers=True, row=1, col=2)
    ten = float(arrays["end_cost"][:, :, list(contexts).index(10)].mean(1).max())
    label_line(fig, 10, ten, "ten are<br>enough", "ink", position="above", shift=(14, 6), row=1, col=2)
    fig.update_xaxes(tickvals=[1, 3, 10, 40], row=1, col=2)
    fig.update_yaxes(range=[-0.08, None], row=1, col=2)
    return fig


def alt(arrays: Arrays) -> str:
    at = list(arrays["distances"]).index(40)
    ends = []
    for cell, (name, _) in enumerate(CELLS):
        before, after = (in_words(float(_gradient(arrays, when, cell)[0][at]), ".1e") for when in ("start", "end"))
        ends.append(f"{name} {before} before and {after} after")
    ten = arrays["end_cost"][:, :, list(arrays["contexts"]).index(10)].mean(1).max()
    return (
        f"Left: the gradient 40 characters back over the gradient here, before and after training: {', '.join(ends)}. "
        f"Right: bits a character lost when only the last characters are shown; with ten, every model loses at most "
        f"{ten:.2g}."
    )


def table(arrays: Arrays) -> Table:
    rows = []
    for cell, (name, _) in enumerate(CELLS):
        for when, words in (("start", "at the start"), ("end", "trained")):
            middle, low, high = _gradient(arrays, when, cell)
            bits = bootstrap(arrays[f"{when}_bits"][cell])
            for k in (1, 5, 10, 20, 40, 60):
                rows.append([f"{name} {words}, {k} back", middle[k], low[k], high[k], bits.value])
    return Table(["model and distance", "gradient", "low", "high", "validation, bits a character"], rows)
