"""Accuracy on is/are with attractors, as training goes on and by how many stand before the verb."""

from __future__ import annotations

import numpy as np
import plotly.graph_objects as go

from rnnsite.claims import Arrays
from rnnsite.figures.style import band, label_line, line, new_figure, reference
from rnnsite.figures.table import Table
from rnnsite.statistics import Estimate, bootstrap
from rnnsite.wording import say

ARMS = (
    ("RNN", "rnn"),
    ("GRU", "gru"),
    ("LSTM", "lstm"),
    ("wide RNN", "accent"),
    ("RNN, verb alone", "rnn"),
    ("LSTM, verb alone", "lstm"),
)
MODELS = range(4)
EARLY = 6  # the checkpoint drawn as "early"
WITH_ATTRACTORS = tuple(f"attractors {n}" for n in range(1, 5))


def _accuracy(arrays: Arrays, arm: int, checkpoint: int | np.integer, *tests: str) -> Estimate:
    names = list(arrays["tests"])
    values = arrays["accuracy"][arm][checkpoint, [names.index(test) for test in tests]].mean(0)
    return bootstrap(values)


def _curve(arrays: Arrays, arm: int) -> tuple[np.ndarray, list[Estimate]]:
    drawn = np.isfinite(arrays["accuracy"][arm][:, 0, 0])
    rows = [_accuracy(arrays, arm, checkpoint, *WITH_ATTRACTORS) for checkpoint in np.flatnonzero(drawn)]
    return arrays["updates"][drawn], rows


def figure(arrays: Arrays) -> go.Figure:
    fig = new_figure(
        cols=2,
        x_title=["updates", "attractors before the verb"],
        y_title=["right, with attractors", "right, by number"],
    )
    for arm in MODELS:
        name, shade = ARMS[arm]
        updates, rows = _curve(arrays, arm)
        band(fig, updates, [row.low for row in rows], [row.high for row in rows], shade, opacity=0.12)
        dash = "dash" if name == "wide RNN" else None
        line(fig, updates, [row.value for row in rows], shade, label=f"<b>{name}</b>", name=name, dash=dash)
    label_line(fig, arrays["updates"][-1], -0.1, "0%: nearest noun decides", "muted", position="left", shift=(8, 0))
    reference(fig, y=0.5)
    numbers = np.arange(5)
    for arm in MODELS[:3]:
        name, shade = ARMS[arm]
        early, late = ([_accuracy(arrays, arm, at, f"attractors {n}") for n in numbers] for at in (EARLY, -1))
        line(fig, numbers, [e.value for e in early], shade, name=f"{name}, early", dash="dot", width=2, col=2)
        band(fig, numbers, [e.low for e in late], [e.high for e in late], shade, opacity=0.12, col=2)
        line(fig, numbers, [e.value for e in late], shade, name=name, label=f"<b>{name}</b>", markers=True, col=2)
    label_line(fig, 2.5, 0.03, f"after {arrays['updates'][EARLY]} updates", "muted", position="above", col=2)
    reference(fig, y=0.5, label="guessing", col=2)
    fig.update_yaxes(range=[-0.16, 1.04], tickformat=".0%", tickvals=[0, 0.5, 1])
    fig.update_xaxes(tickvals=[0, 1, 2, 3, 4], col=2)
    return fig


def alt(arrays: Arrays) -> str:
    early = max(_accuracy(arrays, arm, EARLY, *WITH_ATTRACTORS).value for arm in MODELS[:3])
    ends = ", ".join(f"{ARMS[arm][0]} {say(_accuracy(arrays, arm, -1, 'attractors 4').value, '.0%')}" for arm in MODELS)
    return (
        f"Left: share of right verbs in sentences with attractors as training goes on. After "
        f"{arrays['updates'][EARLY]} updates RNN, GRU and LSTM are right in at most {say(early, '.0%')}, far below "
        f"guessing; then every network climbs, the wide RNN first. Right: by number of attractors, early and at the "
        f"end, when with four attractors the share is {ends}."
    )


def table(arrays: Arrays) -> Table:
    rows = []
    for arm, (name, _) in enumerate(ARMS):
        last = int(np.flatnonzero(np.isfinite(arrays["accuracy"][arm][:, 0, 0]))[-1])
        for checkpoint in (EARLY, last):
            for n in range(5):
                value = _accuracy(arrays, arm, checkpoint, f"attractors {n}")
                label = f"{name}, update {arrays['updates'][checkpoint]}, {n} attractors"
                rows.append([label, value.value, value.low, value.high])
    return Table(["network, moment, sentence", "right", "low", "high"], rows, ("right", "low", "high"))
