"""Accuracy on digits read pixel by pixel: on the whole image, and on its lower half alone."""

from __future__ import annotations

import numpy as np
import plotly.graph_objects as go

from rnnsite.claims import Arrays
from rnnsite.figures.style import band, bars, label_line, line, new_figure, reference
from rnnsite.figures.table import Table
from rnnsite.statistics import Estimate, bootstrap, in_words
from rnnsite.wording import say

ARMS = (
    ("IRNN", "relu", None),
    ("tanh RNN", "tanh", None),
    ("LSTM", "lstm", None),
    ("ReLU RNN", "relu", "dot"),
    ("tanh, orthogonal", "tanh", "dash"),
)
ORDER = (0, 3, 1, 4, 2)  # of the bars
GUESSING = 0.1


def _test(arrays: Arrays, name: str) -> list[Estimate]:
    return [bootstrap(row) for row in arrays[name]]


def figure(arrays: Arrays) -> go.Figure:
    checks = arrays["dev"].shape[2]
    updates = int(arrays["check_every"]) * np.arange(1, checks + 1)
    drawn = new_figure(
        cols=2,
        x_title=["updates", ""],
        y_title=["right, while training", "right on the test, pale: half blank"],
        share_y=True,
    )
    for arm, (name, shade, dash) in enumerate(ARMS):
        found = [bootstrap(column) for column in arrays["dev"][arm].T]
        if dash is None:
            band(drawn, updates, [f.low for f in found], [f.high for f in found], shade, opacity=0.12)
        line(drawn, updates, [f.value for f in found], shade, name=name, dash=dash)
    names = ["IRNN", "ReLU", "tanh", "ortho-<br>gonal", "LSTM"]
    shades = [ARMS[arm][1] for arm in ORDER]
    for what, text, opacity in (("accuracy", "whole image", 1.0), ("blanked", "upper half blank", 0.45)):
        found = [_test(arrays, what)[arm] for arm in ORDER]
        low, high = [f.low for f in found], [f.high for f in found]
        bars(drawn, names, [f.value for f in found], shades, low=low, high=high, name=text, opacity=opacity, col=2)
    irnn, tanh, lstm, relu, orthogonal = arrays["dev"].mean(1)
    at = checks // 2
    label_line(drawn, updates[at], max(lstm[at], orthogonal[at]), "LSTM", "lstm", position="above", shift=(-6, 4))
    label_line(drawn, updates[at], orthogonal[at], "orthogonal", "tanh", position="below", shift=(20, -2))
    label_line(drawn, updates[-1], tanh[-1], "tanh", "tanh", position="left", shift=(8, 16))
    label_line(drawn, updates[2], relu[2], "ReLU", "relu", position="below", shift=(10, 0))
    label_line(drawn, updates[-1], irnn[-3:].min(), "<b>IRNN</b>", "relu", position="below", shift=(-22, -16))
    reference(drawn, y=GUESSING, label="guessing")
    reference(drawn, y=GUESSING, col=2)
    drawn.update_layout(barmode="group", bargap=0.25)
    drawn.update_xaxes(tickangle=0, tickfont={"size": 13}, row=1, col=2)
    drawn.update_yaxes(range=[0, 1.02], tickformat=".0%", tickvals=[0, 0.5, 1])
    return drawn


def alt(arrays: Arrays) -> str:
    whole, blank = _test(arrays, "accuracy"), _test(arrays, "blanked")
    parts = [
        f"{ARMS[arm][0]} {say(whole[arm].value, '.0%')}, with the upper half of the image blank "
        f"{say(blank[arm].value, '.0%')}"
        for arm in ORDER
    ]
    updates = int(arrays["check_every"]) * arrays["dev"].shape[2]
    return f"Share of test digits put in the right class after {updates} updates: " + "; ".join(parts) + "."


def table(arrays: Arrays) -> Table:
    whole, blank = _test(arrays, "accuracy"), _test(arrays, "blanked")
    rows = [
        [
            ARMS[arm][0],
            f"{arrays['rates'][arm]:g}",
            int(arrays["weights"][arm]),
            whole[arm].value,
            whole[arm].low,
            whole[arm].high,
            blank[arm].value,
            _left(arrays["first_reach"][arm]),
            _left(arrays["reach"][arm]),
        ]
        for arm in ORDER
    ]
    columns = [
        "start",
        "rate",
        "weights",
        "right",
        "low",
        "high",
        "upper half blank",
        "log₁₀ of the gradient left at h₀, at first",
        "trained",
    ]
    return Table(columns, rows, ("right", "low", "high", "upper half blank"))


def _left(logs: np.ndarray) -> str:
    """The mean over the networks whose gradient arrives, and in how many it does; a dash where it was not taken."""
    if np.isnan(logs).all():
        return "–"
    arrived = logs[np.isfinite(logs)]
    if not len(arrived):
        return "−∞ (exactly 0)"
    some = f" in {len(arrived)} of {len(logs)}" if len(arrived) < len(logs) else ""
    return in_words(float(arrived.mean()), ".1f") + some
