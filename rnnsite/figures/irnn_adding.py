"""How many runs have learned to add, by number of updates, for six starts."""

from __future__ import annotations

import numpy as np
import plotly.graph_objects as go

from rnnsite.claims import Arrays
from rnnsite.figures.style import band, label_line, line, new_figure
from rnnsite.figures.table import Table
from rnnsite.rates import success
from rnnsite.wording import say

ARMS = (
    ("IRNN", "relu", None),
    ("tanh RNN", "tanh", None),
    ("LSTM", "lstm", None),
    ("ReLU RNN", "relu", "dot"),
    ("tanh, orthogonal", "tanh", "dash"),
    ("all identity", "muted", "dot"),
)
BANDS = ("IRNN", "tanh RNN", "LSTM")
SHOWN = ("IRNN", "LSTM", "ReLU RNN", "tanh, orthogonal", "tanh RNN")


def _learned(arrays: Arrays, length: int, arm: int, update: int) -> np.ndarray:
    needed = arrays["needed"][length, arm]
    return (needed > 0) & (needed <= update)


def figure(arrays: Arrays) -> go.Figure:
    updates = np.arange(0, int(arrays["updates"]) + 1, int(arrays["check_every"]))
    panels = len(arrays["lengths"])
    drawn = new_figure(
        cols=panels,
        x_title="updates",
        y_title="runs that have learned it",
        panel_titles=[f"{T} steps" for T in arrays["lengths"]],
        share_y=True,
    )
    for col in range(1, panels + 1):
        curves = {}
        for arm, (name, shade, dash) in enumerate(ARMS):
            rates = [success(_learned(arrays, col - 1, arm, int(update))) for update in updates]
            curves[name] = [rate.value for rate in rates]
            if name in BANDS:
                band(drawn, updates, [r.low for r in rates], [r.high for r in rates], shade, opacity=0.1, col=col)
            line(drawn, updates, curves[name], shade, name=name, dash=dash, col=col)
        if col == panels:
            _label(drawn, updates, curves, col)
    drawn.update_yaxes(range=[-0.06, 1.08], tickformat=".0%", tickvals=[0, 0.5, 1])
    return drawn


def _label(drawn: go.Figure, updates: np.ndarray, curves: dict[str, list[float]], col: int) -> None:
    """Names at the right ends; labels that would touch are parted when the figure is drawn."""
    for name, shade, _ in ARMS:
        text = f"<b>{name}</b>" if name == "IRNN" else name
        label_line(drawn, updates[-1], curves[name][-1], text, shade, col=col)


def alt(arrays: Arrays) -> str:
    parts = []
    for length, T in enumerate(arrays["lengths"]):
        rates = ", ".join(
            f"{name} {say(success(arrays['needed'][length, arm] > 0).value, '.0%')}"
            for arm, (name, *_) in enumerate(ARMS)
        )
        parts.append(f"{T} steps: {rates}")
    return f"Share of runs that learn to add within {int(arrays['updates'])} updates. " + "; ".join(parts) + "."


def table(arrays: Arrays) -> Table:
    rows = []
    for length, T in enumerate(arrays["lengths"]):
        for arm, (name, *_) in enumerate(ARMS):
            needed = arrays["needed"][length, arm]
            rate = success(needed > 0)
            half = float(np.median(np.where(needed < 0, np.inf, needed)))
            rows.append(
                [
                    f"{T} steps, {name}",
                    f"{arrays['rates'][arm]:g}",
                    int(arrays["weights"][arm]),
                    rate.value,
                    rate.low,
                    rate.high,
                    int(half) if np.isfinite(half) else "–",
                    float(np.median(arrays["error"][length, arm])),
                    float(arrays["active"][length, arm].mean()),
                ]
            )
    columns = [
        "steps and start",
        "rate",
        "weights",
        "learned",
        "low",
        "high",
        "half of them by update",
        "error",
        "units on",
    ]
    return Table(columns, rows, ("learned", "low", "high", "units on"))
