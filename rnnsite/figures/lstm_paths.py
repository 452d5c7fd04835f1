"""Left: the gradient by distance, along both ways and along h alone. Right: growth rates against the weights' size."""

from __future__ import annotations

import numpy as np
import plotly.graph_objects as go

from rnnsite.claims import Arrays
from rnnsite.figures.style import band, label_line, line, new_figure, power_ticks, reference
from rnnsite.figures.table import Table
from rnnsite.statistics import Estimate, bootstrap, in_words

LOWEST = -16  # power of ten at which the left panel ends
AT = 2.0  # the bias whose ways are drawn one by one
PLACES = {  # of the labels on the right: radius, position, pixels
    "both": (-2, "left", (-4, 12)),
    "c": (0, "below", (34, -4)),
    "h": (-2, "left", (-6, -12)),
}
WAYS = (("both", "whole", "lstm", None), ("c", "along c", "accent", "dash"), ("h", "along h", "muted", "dot"))


def _left(arrays: Arrays, way: str, bias: int) -> list[Estimate]:
    """log₁₀ of the gradient by distance over the whole one at distance 0."""
    logs = arrays[f"log_{way}"][bias] - arrays["log_both"][bias, :, :1]
    return [bootstrap(column) for column in logs.T]


def _rates(arrays: Arrays, way: str) -> list[Estimate]:
    return [bootstrap(row) for row in arrays[f"rate_{way}"]]


def figure(arrays: Arrays) -> go.Figure:
    fig = new_figure(
        cols=2,
        x_title=["steps back", "spectral radius ρ"],
        y_title=["gradient at c", "growth rate, per step"],
        log_x=[False, True],
        log_y=[True, False],
    )
    distances = np.arange(arrays["log_c"].shape[2])
    for k, bias in enumerate(arrays["biases"]):
        ways = WAYS if bias == AT else WAYS[:1]
        for way, name, shade, dash in ways:
            rows = _left(arrays, way, k)
            middle, low, high = (
                10 ** np.array([getattr(row, end) for row in rows]) for end in ("value", "low", "high")
            )
            seen = middle >= 10.0**LOWEST
            if way == "both":
                band(fig, distances[seen], np.maximum(low, 10.0**LOWEST)[seen], high[seen], shade, opacity=0.14)
            label = f"bias {bias:g}" if way == "both" else "c only" if way == "c" else None
            line(
                fig,
                distances[seen],
                middle[seen],
                shade,
                dash=dash,
                name=f"{name}, forget bias {bias:g}",
                label=f"<b>{label}</b>" if bias == AT and way == "both" else label,
            )
            if way == "h":
                at = distances[seen][-1]
                label_line(fig, at, middle[seen][-1], "bias 2, h only", shade, position="right", shift=(2, 12))
    power_ticks(fig, "y", LOWEST, 2, count=4)
    for way, name, shade, dash in WAYS:
        rows = _rates(arrays, way)
        x = arrays["radii"]
        band(fig, x, [r.low for r in rows], [r.high for r in rows], shade, col=2)
        line(fig, x, [r.value for r in rows], shade, dash=dash, name=name, markers=True, col=2)
        place, position, shift = PLACES[way]
        label_line(fig, x[place], rows[place].value, f"<b>{name}</b>", shade, position=position, shift=shift, col=2)
    reference(fig, y=0.0, col=2)
    for fate, y in (("explodes", 0.2), ("vanishes", -0.45)):
        label_line(fig, x[0], y, f"<i>{fate}</i>", "muted", col=2)
    ticks = [0.5, 1, 2, 4, 8]
    fig.update_xaxes(tickvals=ticks, ticktext=[f"{t:g}" for t in ticks], tickfont={"size": 14}, row=1, col=2)
    fig.update_yaxes(range=[-0.5, 0.25], tickvals=[-0.4, -0.2, 0, 0.2], row=1, col=2)  # below it `along h` is far away
    return fig


def alt(arrays: Arrays) -> str:
    parts = [
        f"forget bias {bias:g}: {in_words(10 ** _left(arrays, 'both', k)[40].value, '.1e')}"
        for k, bias in enumerate(arrays["biases"])
    ]
    k = int(np.flatnonzero(arrays["biases"] == AT)[0])
    ways = [f"{name} {in_words(10 ** _left(arrays, way, k)[40].value, '.1e')}" for way, name, *_ in WAYS]
    rates = [f"{name} {_rates(arrays, way)[-1].value:.2g}" for way, name, *_ in WAYS]
    return (
        f"Left: what is left of the gradient at c 40 steps back. {', '.join(parts)}. At bias 2: {', '.join(ways)}. "
        f"Right: growth rate per step at a spectral radius of {arrays['radii'][-1]:g}: {', '.join(rates)}."
    )


def table(arrays: Arrays) -> Table:
    rows: list[list[str | float]] = []
    for k, bias in enumerate(arrays["biases"]):
        for way, name, *_ in WAYS:
            e = _left(arrays, way, k)[40]
            rows.append([f"log₁₀ left after 40 steps, {name}, forget bias {bias:g}", e.value, e.low, e.high])
    for way, name, *_ in WAYS:
        for radius, e in zip(arrays["radii"], _rates(arrays, way), strict=True):
            rows.append([f"growth rate, {name}, ρ {radius:g}", e.value, e.low, e.high])
    return Table(["quantity", "value", "low", "high"], rows)
