"""Left: four gates over a sequence. Right: what is held of the number, and what the gate alone would have left."""

from __future__ import annotations

import numpy as np
import plotly.graph_objects as go

from rnnsite.claims import Arrays
from rnnsite.figures.style import band, label_line, line, new_figure, reference
from rnnsite.figures.table import Table
from rnnsite.statistics import Estimate, bootstrap

GRU, OPEN, LSTM = range(3)
GATES = (  # array, arm, shade, dash, name
    ("keep", LSTM, "lstm", None, "forget <i>f</i>"),
    ("keep", GRU, "gru", None, "update <i>u</i>"),
    ("second", GRU, "gru", "dot", "reset <i>r</i>"),
    ("second", LSTM, "lstm", "dot", "input <i>i</i>"),
)
HELD = (("held", None), ("alone", "dash"))


def _over_steps(arrays: Arrays, name: str, arm: int) -> list[Estimate]:
    return [bootstrap(column) for column in arrays[name][arm].T]


def _drawn(
    fig: go.Figure, x: np.ndarray, rows: list[Estimate], shade: str, dash: str | None, name: str, col: int
) -> None:
    band(fig, x, [r.low for r in rows], [r.high for r in rows], shade, col=col)
    line(fig, x, [r.value for r in rows], shade, dash=dash, name=name, col=col)


def figure(arrays: Arrays) -> go.Figure:
    T, at = arrays["keep"].shape[2], int(arrays["at"])
    fig = new_figure(
        cols=2,
        x_title=["step", "steps since the number came"],
        y_title=["gate, mean over units", "number in the state"],
        log_y=[False, True],
    )
    steps = np.arange(1, T + 1)
    for name, arm, shade, dash, label in GATES:
        rows = _over_steps(arrays, name, arm)
        _drawn(fig, steps, rows, shade, dash, label, 1)
        label_line(fig, steps[-1], rows[-1].value, label, shade)
    reference(fig, x=at + 1, label="the number comes")
    fig.update_yaxes(range=[0.3, 0.9], row=1, col=1)
    since = np.arange(T - at)
    for arm, shade, cell in ((LSTM, "lstm", "LSTM"), (GRU, "gru", "GRU")):
        for name, dash in HELD:
            rows = _over_steps(arrays, name, arm)
            label = cell if name == "held" else f"its gate alone, {cell}"
            _drawn(fig, since, rows, shade, dash, label, 2)
            text = f"<b>{cell}</b>" if name == "held" else "gate alone"
            label_line(fig, since[-1], rows[-1].value, text, shade, col=2)
    ticks = [0.05, 0.1, 0.2, 0.5, 1, 2, 4]
    fig.update_yaxes(tickvals=ticks, ticktext=[f"{t:g}" for t in ticks], tickfont={"size": 14}, row=1, col=2)
    return fig


def alt(arrays: Arrays) -> str:
    at = int(arrays["at"])
    parts = []
    for name, arm, _, _, label in GATES:
        rows = _over_steps(arrays, name, arm)
        plain = label.replace("<i>", "").replace("</i>", "")
        parts.append(f"{plain} {rows[at].value:.2f} when the number comes, {rows[-1].value:.2f} at the end")
    held = [
        f"{cell} {_over_steps(arrays, 'held', arm)[-1].value:.2g}, its gate alone "
        f"{_over_steps(arrays, 'alone', arm)[-1].value:.2g}"
        for arm, cell in ((GRU, "GRU"), (LSTM, "LSTM"))
    ]
    return f"Gates over a sequence: {'; '.join(parts)}. What the state has of the number at the end: {'; '.join(held)}."


def table(arrays: Arrays) -> Table:
    at, last = int(arrays["at"]), arrays["keep"].shape[2] - 1
    arms = (("GRU", "u", "r"), ("GRU, started open", "u", "r"), ("LSTM", "f", "i"))
    rows: list[list[str | float]] = []
    for arm, (cell, keep, second) in enumerate(arms):
        for name, letter in (("keep", keep), ("second", second)):
            over = _over_steps(arrays, name, arm)
            for what, step in (("before the number", at - 1), ("when it comes", at), ("at the end", last)):
                rows.append([f"{cell}: gate {letter}, {what}", over[step].value, over[step].low, over[step].high])
        for name, what in (("held", "number held at the end"), ("alone", "by the gate alone")):
            end = _over_steps(arrays, name, arm)[-1]
            rows.append([f"{cell}: {what}", end.value, end.low, end.high])
    return Table(["mean over networks", "value", "low", "high"], rows)
