"""Accuracy of the eight rows on SST-2, beside the lecture's."""

from __future__ import annotations

import numpy as np
import plotly.graph_objects as go

from rnnsite.claims import Arrays
from rnnsite.figures.gate_rows import ROWS, dots, name_rows, order, shares
from rnnsite.figures.style import label_line, new_figure
from rnnsite.figures.table import Table
from rnnsite.statistics import exact
from rnnsite.wording import say

LECTURE = (0.806, 0.819, 0.844, 0.846, 0.821, 0.841, 0.826, 0.853)


def figure(arrays: Arrays) -> go.Figure:
    ours = shares(arrays["accuracy"])
    rows = order([exact(one) for one in LECTURE])
    drawn = new_figure(x_title="accuracy on the test sentences", height=420)
    for place, row in enumerate(rows):
        drawn.add_scatter(
            x=arrays["accuracy"][row],
            y=np.full(arrays["accuracy"].shape[1], place - 0.22),
            mode="markers",
            marker={"color": "#2445ba55", "size": 5},
            hoverinfo="skip",
        )
    dots(drawn, ours, rows, "lstm", "ours")
    dots(drawn, [exact(one) for one in LECTURE], rows, "rnn", "lecture", symbol="diamond-open", size=9)
    label_line(drawn, ours[rows[-1]].value, 7, "ours", "lstm", position="above", shift=(0, 4))
    label_line(drawn, LECTURE[rows[-1]], 7, "lecture", "rnn", position="above", shift=(0, 4))
    name_rows(drawn, rows, 1)
    drawn.update_xaxes(tickformat=".0%", tickvals=[0.6, 0.65, 0.7, 0.75, 0.8, 0.85])
    drawn.update_yaxes(range=[-0.6, 7.9])
    return drawn


def alt(arrays: Arrays) -> str:
    ours = shares(arrays["accuracy"])
    rows = "; ".join(
        f"{ROWS[row]} {say(LECTURE[row], '.1%')} and {say(ours[row], '.1%')}"
        for row in order([exact(one) for one in LECTURE])
    )
    return f"Accuracy on SST-2, the lecture's and ours with 95 % interval: {rows}."


def table(arrays: Arrays) -> Table:
    ours = shares(arrays["accuracy"])
    rows = [
        [
            ROWS[row],
            LECTURE[row],
            ours[row].value,
            ours[row].low,
            ours[row].high,
            float(arrays["accuracy"][row].min()),
            float(arrays["accuracy"][row].max()),
            float(np.mean(arrays["best"][row])),
        ]
        for row in range(len(ROWS))
    ]
    columns = ["gates", "lecture", "ours", "low", "high", "worst seed", "best seed", "best epoch"]
    return Table(columns, rows, columns[1:-1])
