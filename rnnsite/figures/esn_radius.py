"""Error and memory of echo state networks against the spectral radius: quiet, loud, and with a bias."""

from __future__ import annotations

import numpy as np
import plotly.graph_objects as go

from rnnsite.claims import Arrays
from rnnsite.figures.style import band, label_line, line, new_figure, reference
from rnnsite.figures.table import Table
from rnnsite.statistics import Estimate, bootstrap

ARMS = (("quiet input", "esn", None), ("loud input", "explode", "dash"), ("quiet, with a bias", "good", None))


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
    for arm, k, col, text, position, shift in (
        (0, 0, 2, "<b>quiet</b>", "above", (0, 0)),
        (1, 6, 2, "loud", "right", (2, 6)),
        (2, 5, 2, "with a bias", "right", (6, 6)),
        (0, 6, 1, "<b>quiet</b>", "left", (-8, 8)),
        (1, 7, 1, "loud", "below", (12, -2)),
        (2, 4, 1, "with a bias", "below", (0, -2)),
    ):
        name = "error" if col == 1 else "capacity"
        k = int(arrays["capacity"][0].mean(1).argmax()) if text == "<b>quiet</b>" and col == 2 else k
        label_line(
            drawn, x[k], _rows(arrays, name, arm)[k].value, text, ARMS[arm][1], position=position, shift=shift, col=col
        )
    for col in (1, 2):
        reference(drawn, x=1.0, col=col)
    reference(drawn, y=1.0)
    label_line(drawn, x[2], 1.0, "the mean", "muted", position="above", shift=(0, -3))
    linear = bootstrap(arrays["linear"]).value
    reference(drawn, y=linear)
    label_line(drawn, x[7], linear, "linear, no network", "muted", position="below", shift=(0, 3))
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
        + f". A linear reading of the last {int(arrays['taps'])} inputs has an error of "
        + f"{bootstrap(arrays['linear']).value:.2f}."
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
    linear = bootstrap(arrays["linear"])
    rows.append([f"linear, last {int(arrays['taps'])} inputs", linear.value, linear.low, linear.high, "–", "–"])
    return Table(["network", "NRMSE", "low", "high", "capacity", "log₁₀ distance"], rows)
