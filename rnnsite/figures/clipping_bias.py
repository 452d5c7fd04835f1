"""By how many degrees clipping turns a gradient, and the mean of many, against the threshold."""

from __future__ import annotations

import numpy as np
import plotly.graph_objects as go

from rnnsite.claims import Arrays
from rnnsite.figures.style import band, label_line, line, new_figure
from rnnsite.figures.table import Table
from rnnsite.statistics import Estimate, bootstrap

CURVES = (
    ("own_value", "each gradient, values clipped", "explode", "dash"),
    ("mean_value", "the mean, values clipped", "explode", None),
    ("mean_norm", "the mean, norm clipped", "vanish", None),
    ("own_norm", "each gradient, norm clipped", "vanish", "dash"),
)


def _rows(arrays: Arrays, name: str) -> list[Estimate]:
    return [bootstrap(column) for column in arrays[name].T]


def figure(arrays: Arrays) -> go.Figure:
    x = arrays["kept"]
    drawn = new_figure(x_title="threshold, in medians of the gradient norm", y_title="turned by", log_x=True)
    for name, label, shade, dash in CURVES:
        rows = _rows(arrays, name)
        band(drawn, x, [r.low for r in rows], [r.high for r in rows], shade, opacity=0.14)
        line(drawn, x, [r.value for r in rows], shade, name=label, dash=dash, markers=True)
    first = {name: _rows(arrays, name) for name, *_ in CURVES}
    for name, k, text, shade, position, shift in (
        ("mean_value", 2, "<b>values</b> clipped, the mean", "explode", "right", (4, 6)),
        ("own_value", 3, "values, each", "explode", "left", (-4, -4)),
        ("mean_norm", 1, "<b>norm</b>, the mean", "vanish", "below", (22, -2)),
        ("own_norm", 1, "norm, each: never turned", "vanish", "above", (36, -4)),
    ):
        label_line(drawn, x[k], first[name][k].value, text, shade, position=position, shift=shift)
    drawn.update_xaxes(tickvals=x, ticktext=[f"{k:g}" for k in x], tickfont={"size": 14})
    drawn.update_yaxes(ticksuffix="°", rangemode="tozero")
    return drawn


def alt(arrays: Arrays) -> str:
    k = int(np.flatnonzero(arrays["kept"] == 0.2)[0])
    parts = ", ".join(f"{label} {_rows(arrays, name)[k].value:.1f}°" for name, label, *_ in CURVES)
    return (
        f"Angle by which clipping at a fifth of the median norm turns a gradient: {parts}. All fall with the threshold."
    )


def table(arrays: Arrays) -> Table:
    rows = []
    for name, label, *_ in CURVES:
        for kept, e in zip(arrays["kept"], _rows(arrays, name), strict=True):
            rows.append([f"{label}, threshold {kept:g}", e.value, e.low, e.high])
    return Table(["what", "degrees", "low", "high"], rows)
