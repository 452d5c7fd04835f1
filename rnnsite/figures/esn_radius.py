"""Error and memory of echo state networks against the spectral radius, for a quiet, a loud and a leaky one."""

from __future__ import annotations

import numpy as np
import plotly.graph_objects as go

from rnnsite.claims import Arrays
from rnnsite.figures.style import band, label_line, line, new_figure, reference
from rnnsite.figures.table import Table
from rnnsite.statistics import Estimate, bootstrap

ARMS = (("quiet input", "esn", None), ("loud input", "explode", "dash"), ("leaky", "muted", "dot"))


def _rows(arrays: Arrays, name: str, arm: int) -> list[Estimate]:
    return [bootstrap(runs) for runs in arrays[name][arm]]


def figure(arrays: Arrays) -> go.Figure:
    x = arrays["radii"]
    drawn = new_figure(
        cols=2,
        x_title="spectral radius ρ",
        y_title=["error on NARMA-10 (NRMSE)", "steps remembered"],
    )
    for arm, (name, shade, dash) in enumerate(ARMS):
        for col, quantity in ((1, "error"), (2, "capacity")):
            rows = _rows(arrays, quantity, arm)
            band(drawn, x, [r.low for r in rows], [r.high for r in rows], shade, opacity=0.16, col=col)
            line(drawn, x, [r.value for r in rows], shade, name=name, dash=dash, markers=True, col=col)
    best = int(arrays["capacity"][0].mean(1).argmax())
    label_line(drawn, x[best], _rows(arrays, "capacity", 0)[best].value, "<b>quiet input</b>", "esn", col=2)
    label_line(drawn, x[6], _rows(arrays, "capacity", 1)[6].value, "loud input", "explode", shift=(2, 6), col=2)
    label_line(
        drawn, x[7], _rows(arrays, "capacity", 2)[7].value, "leaky", "muted", position="below", shift=(6, 4), col=2
    )
    for col in (1, 2):
        reference(drawn, x=1.0, label="1", col=col)
    reference(drawn, y=1.0)
    label_line(drawn, x[2], 1.0, "the mean", "muted", position="above", shift=(0, -3))
    drawn.update_yaxes(range=[0, 1.25], row=1, col=1)
    drawn.update_yaxes(rangemode="tozero", row=1, col=2)
    drawn.update_xaxes(range=[0, 3.1], tickvals=[0, 1, 2, 3])
    return drawn


def alt(arrays: Arrays) -> str:
    parts = []
    for arm, (name, *_) in enumerate(ARMS):
        at = [int(np.flatnonzero(np.isclose(arrays["radii"], radius))[0]) for radius in (0.1, 0.9, 3.0)]
        error, capacity = _rows(arrays, "error", arm), _rows(arrays, "capacity", arm)
        rows = ", ".join(f"{error[k].value:.2f} and {capacity[k].value:.1f} steps" for k in at)
        parts.append(f"{name}: {rows}")
    return (
        "Error and memory capacity of echo state networks at a spectral radius of 0.1, 0.9 and 3. "
        + "; ".join(parts)
        + "."
    )


def table(arrays: Arrays) -> Table:
    rows = []
    for arm, (name, *_) in enumerate(ARMS):
        error, capacity, apart = (_rows(arrays, quantity, arm) for quantity in ("error", "capacity", "apart"))
        for k, radius in enumerate(arrays["radii"]):
            rows.append(
                [
                    f"{name}, ρ = {radius:g}",
                    error[k].value,
                    error[k].low,
                    error[k].high,
                    capacity[k].value,
                    apart[k].value,
                ]
            )
    return Table(["network", "NRMSE", "low", "high", "capacity", "log₁₀ distance"], rows)
