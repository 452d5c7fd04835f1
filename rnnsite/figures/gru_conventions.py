"""How far reset before and reset after are apart, against the size of the weights and the spread of the gates."""

from __future__ import annotations

import numpy as np
import plotly.graph_objects as go

from rnnsite.claims import Arrays
from rnnsite.figures.style import band, label_line, line, new_figure, reference
from rnnsite.figures.table import Table
from rnnsite.statistics import Estimate, bootstrap

CURVES = (  # array, its name, colour, dash
    ("forgotten", "u taken for 1 − u", "warn", "dash"),
    ("order", "reset before or after", "gru", None),
    ("shared", "the same, one gate for all units", "muted", "dot"),
)


def _rows(arrays: Arrays, name: str) -> list[Estimate]:
    return [bootstrap(runs) for runs in arrays[name]]


def figure(arrays: Arrays) -> go.Figure:
    x = arrays["scales"]
    drawn = new_figure(
        cols=2,
        x_title=["weights, × PyTorch's start", "weights, × PyTorch's start"],
        y_title=["difference of the states, relative", "reset gate: spread over units"],
        log_x=True,
    )
    for name, title, shade, dash in CURVES:
        rows = _rows(arrays, name)
        band(drawn, x, [r.low for r in rows], [r.high for r in rows], shade)
        line(drawn, x, [r.value for r in rows], shade, name=title, dash=dash, markers=True)
    for name, text, shade in (("forgotten", "u for<br>1 − u", "warn"), ("order", "<b>before<br>or after</b>", "gru")):
        label_line(drawn, x[-1], _rows(arrays, name)[-1].value, text, shade)
    label_line(drawn, x[-1], 0, "one gate for all units", "muted", position="left", shift=(4, -14))
    spread = _rows(arrays, "spread")
    band(drawn, x, [r.low for r in spread], [r.high for r in spread], "gru", col=2)
    line(drawn, x, [r.value for r in spread], "gru", name="standard deviation of r", markers=True, col=2)
    reference(drawn, y=0.5, label="half open, half shut", col=2)
    drawn.update_xaxes(tickvals=x, ticktext=["¼" if v == 0.25 else "½" if v == 0.5 else f"{v:g}" for v in x])
    drawn.update_xaxes(tickfont={"size": 14})
    top = max(row.high for name, *_ in CURVES for row in _rows(arrays, name))
    drawn.update_yaxes(range=[-0.16 * top, 1.06 * top], tickvals=[0, 0.5, 1], row=1, col=1)
    drawn.update_yaxes(range=[0, 0.56], row=1, col=2)
    return drawn


def alt(arrays: Arrays) -> str:
    rows = {name: _rows(arrays, name) for name, *_ in CURVES}
    parts = ", ".join(f"{rows['order'][k].value:.2g} at {s:g}" for k, s in enumerate(arrays["scales"]))
    one = int(np.flatnonzero(arrays["scales"] == 1)[0])
    return (
        "Difference of a GRU's states between reset before and after, relative to their length, by scale of the "
        f"weights: {parts}. Where all units share one reset gate: at most {arrays['shared'].max():.1g}. With the "
        f"update gate taken the wrong way round: {rows['forgotten'][one].value:.2g} at a scale of 1."
    )


def table(arrays: Arrays) -> Table:
    names = ("order", "one_step", "shared", "forgotten", "negated", "spread")
    found = {name: _rows(arrays, name) for name in names}
    rows = [
        [f"{s:g}", found["order"][k].value, found["order"][k].low, found["order"][k].high]
        + [found[name][k].value for name in names[1:]]
        for k, s in enumerate(arrays["scales"])
    ]
    return Table(
        [
            "scale",
            "before or after",
            "low",
            "high",
            "after one step",
            "one gate for all",
            "u for 1 − u",
            "u negated",
            "spread of r",
        ],
        rows,
    )
