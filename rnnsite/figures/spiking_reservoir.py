"""What can be read from a spiking reservoir: past bits by how far back, two tasks by the strength of its synapses."""

from __future__ import annotations

import numpy as np
import plotly.graph_objects as go

from rnnsite.claims import Arrays
from rnnsite.figures.style import band, label_line, line, new_figure
from rnnsite.figures.table import Table
from rnnsite.statistics import Estimate, bootstrap

SHOWN = ((0.0, "no synapses", "muted", "dot"), (1.0, "gain 1", "esn", None))


def _each(rows: np.ndarray) -> list[Estimate]:
    """The estimate of every row (…, network)."""
    return [bootstrap(row) for row in rows]


def _drawn(fig: go.Figure, x: np.ndarray, rows: np.ndarray, shade: str, name: str, dash: str | None, col: int) -> None:
    found = _each(rows)
    band(fig, x, [e.low for e in found], [e.high for e in found], shade, opacity=0.16, col=col)
    line(fig, x, [e.value for e in found], shade, name=name, dash=dash, markers=True, col=col)


def figure(arrays: Arrays) -> go.Figure:
    fig = new_figure(cols=2, x_title=["bits back", "gain of the synapses"], y_title=["r² of the reading", "r²"])
    gains, recall = arrays["gains"], arrays["recall"]
    back = np.arange(recall.shape[2])
    for gain, name, shade, dash in SHOWN:
        k = int(np.flatnonzero(gains == gain)[0])
        _drawn(fig, back, recall[k].T, shade, name, dash, 1)
    label_line(fig, 1, recall[int(np.flatnonzero(gains == 1)[0]), :, 1].mean(), "<b>gain 1</b>", "esn")
    label_line(fig, 2, 0.1, "no synapses", "muted")
    _drawn(fig, gains, recall[:, :, 1], "esn", "the bit before", None, 2)
    _drawn(fig, gains, arrays["both"], "lstm", "exclusive or", "dash", 2)
    label_line(fig, gains[4], recall[4, :, 1].mean(), "the bit before", "esn", position="above", shift=(0, 8), col=2)
    label_line(fig, gains[5], arrays["both"][5].mean(), "exclusive or", "lstm", position="above", shift=(44, 24), col=2)
    fig.update_yaxes(range=[0, 1], row=1, col=1)
    fig.update_yaxes(range=[0, 0.65], row=1, col=2)
    return fig


def alt(arrays: Arrays) -> str:
    parts = []
    for gain, name, *_ in SHOWN:
        k = int(np.flatnonzero(arrays["gains"] == gain)[0])
        present, before, two = (arrays["recall"][k, :, back].mean() for back in range(3))
        parts.append(
            f"{name}: r² {present:.2f} for the present bit, {before:.2f} for the one before, {two:.2f} for two back, "
            f"{arrays['both'][k].mean():.2f} for the exclusive or of the last two"
        )
    return "Bits read from a reservoir of spiking units. " + "; ".join(parts) + "."


def table(arrays: Arrays) -> Table:
    back = range(arrays["recall"].shape[2])
    rows = [
        [
            f"gain {gain:g}",
            *(float(arrays["recall"][k, :, b].mean()) for b in back),
            float(arrays["both"][k].mean()),
            float(arrays["rate"][k].mean()),
        ]
        for k, gain in enumerate(arrays["gains"])
    ]
    return Table(["synapses", *(f"{b} back" for b in back), "exclusive or", "spikes a step"], rows)
