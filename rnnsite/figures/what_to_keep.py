"""Error by updates of two networks in training, beside reservoirs that are fitted once, on two tasks."""

from __future__ import annotations

import plotly.graph_objects as go

from rnnsite.claims import Arrays
from rnnsite.figures.style import band, label_line, line, new_figure, reference
from rnnsite.figures.table import Table
from rnnsite.statistics import Estimate, bootstrap

TASKS = ("the sum of two marked numbers", "the latest marked number")
FITTED = (("reservoir", "dot"), ("leaky", "solid"))
SAID = {"reservoir": "reservoir without a leak", "leaky": "reservoir with a leak"}
TRAINED = (("tanh RNN", "rnn"), ("LSTM", "lstm"))


def figure(arrays: Arrays) -> go.Figure:
    updates = arrays["updates"]
    fig = new_figure(cols=2, panel_titles=TASKS, x_title="updates", y_title="error (NRMSE)", share_y=True)
    for col in (1, 2):
        for cell, (name, shade) in enumerate(TRAINED):
            errors = [bootstrap(check) for check in arrays["trained"][col - 1, cell]]
            band(fig, updates, [e.low for e in errors], [e.high for e in errors], shade, opacity=0.14, col=col)
            line(fig, updates, [e.value for e in errors], shade, name=name, col=col)
            label_line(fig, updates[-1], errors[-1].value, f"<b>{name}</b>", shade, col=col)
        for leak, (name, dash) in enumerate(FITTED):
            error = bootstrap(arrays["fitted"][col - 1, leak]).value
            line(fig, [0, updates[-1]], [error] * 2, "esn", name=name, dash=dash, width=2.2 if leak else 1.5, col=col)
            label_line(fig, updates[-1], error, f"<b>{name}</b>" if leak else name, "esn", col=col)
        reference(fig, y=1.0, label="the mean", col=col)
    fig.update_xaxes(nticks=4)
    fig.update_yaxes(range=[0, 1.12])
    return fig


def _last(arrays: Arrays) -> list[tuple[str, str, Estimate]]:
    return [
        (title, name, bootstrap(values))
        for task, title in enumerate(TASKS)
        for names, rows in ((FITTED, arrays["fitted"][task]), (TRAINED, arrays["trained"][task, :, -1]))
        for (name, _), values in zip(names, rows, strict=True)
    ]


def alt(arrays: Arrays) -> str:
    said = [
        f"{title}: "
        + ", ".join(f"{SAID.get(name, name)} {error.value:.2g}" for t, name, error in _last(arrays) if t == title)
        for title in TASKS
    ]
    return (
        f"Error after {int(arrays['updates'][-1]):,} updates of the trained networks, and of reservoirs fitted once. "
        + "; ".join(said)
        + ". With a leak the reservoir adds best and cannot say the latest; the LSTM can do both."
    )


def table(arrays: Arrays) -> Table:
    return Table(
        ["task, method", "NRMSE at the end", "low", "high"],
        [[f"{title}: {SAID.get(name, name)}", e.value, e.low, e.high] for title, name, e in _last(arrays)],
    )
