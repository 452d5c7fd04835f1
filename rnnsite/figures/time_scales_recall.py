"""Runs that learn to recall a number, by delay, for one time scale and for several."""

from __future__ import annotations

import numpy as np
import plotly.graph_objects as go

from rnnsite.claims import Arrays
from rnnsite.figures.style import band, label_line, line, new_figure
from rnnsite.figures.table import Table
from rnnsite.rates import success
from rnnsite.statistics import Estimate
from rnnsite.wording import say

ARMS = (
    ("plain", "rnn", None),
    ("leaky", "good", None),
    ("skip of 8, one step kept", "vanish", None),
    ("skip of 4 alone", "vanish", "dash"),
    ("clockwork, on the tick", "sigmoid", None),
)
ANY = ("clockwork, any tick", "sigmoid", "dot")


def _rows(arrays: Arrays) -> list[tuple[tuple[str, str, str | None], np.ndarray, list[Estimate], np.ndarray]]:
    """Name and look, delays, success rates and median errors of each curve."""
    rows = [
        (look, arrays["delays"], [success(runs) for runs in arrays["solved"][arm]], np.median(arrays["error"][arm], 1))
        for arm, look in enumerate(ARMS)
    ]
    any_tick = [success(runs) for runs in arrays["any_solved"]]
    return [*rows, (ANY, arrays["any_delays"], any_tick, np.median(arrays["any_error"], 1))]


def figure(arrays: Arrays) -> go.Figure:
    drawn = new_figure(x_title="steps from the number to the question", y_title="runs that learn it", log_x=True)
    for arm, ((name, shade, dash), x, rates, _) in enumerate(_rows(arrays)):
        if arm in (0, 1):
            band(drawn, x, [r.low for r in rates], [r.high for r in rates], shade, opacity=0.13)
        line(drawn, x, [r.value for r in rates], shade, name=name, dash=dash, markers=True)
    rows = _rows(arrays)
    for arm, text in ((4, "clockwork"), (1, "<b>leaky</b>"), (3, "skip of 4 alone"), (2, "skip of 8")):
        label_line(drawn, rows[arm][1][-1], rows[arm][2][-1].value, text, rows[arm][0][1])
    label_line(drawn, rows[0][1][-1], rows[0][2][-1].value, "<b>plain</b>", "rnn")
    label_line(drawn, rows[5][1][-1], rows[5][2][-1].value, "clockwork,<br>any tick", "sigmoid", position="left")
    drawn.update_yaxes(range=[-0.05, 1.12], tickformat=".0%", tickvals=[0, 0.5, 1])
    drawn.update_xaxes(tickvals=arrays["delays"], ticktext=[str(T) for T in arrays["delays"]], tickfont={"size": 14})
    return drawn


def alt(arrays: Arrays) -> str:
    parts = [
        f"{name}: " + ", ".join(f"{say(r.value, '.0%')} at {T}" for T, r in zip(x, rates, strict=True))
        for (name, _, _), x, rates, _ in _rows(arrays)
    ]
    return "Share of runs that learn to recall a number, by delay. " + "; ".join(parts) + "."


def table(arrays: Arrays) -> Table:
    rows = []
    for (name, _, _), delays, rates, errors in _rows(arrays):
        for T, found, error in zip(delays, rates, errors, strict=True):
            rows.append([f"{name}, {T} steps", found.value, found.low, found.high, float(error)])
    columns = ["network and delay", "success", "low", "high", "median error"]
    return Table(columns, rows, ("success", "low", "high"))
