"""Error against processor time: reservoirs beside networks in training, on two tasks."""

from __future__ import annotations

import numpy as np
import plotly.graph_objects as go

from rnnsite.claims import Arrays
from rnnsite.figures.style import band, label_line, line, new_figure, reference
from rnnsite.figures.table import Table
from rnnsite.statistics import Estimate, bootstrap

TASKS = ("NARMA-10", "adding")
TRAINED = (("tanh RNN", "rnn"), ("LSTM", "lstm"))  # by task


def curve(arrays: Arrays, task: int, method: int) -> tuple[np.ndarray, list[Estimate]]:
    """Processor seconds of one network and its error, check by check; a reservoir (method 0) is fitted once."""
    seconds, errors = arrays["seconds"][task, method], arrays["error"][task, method]
    if method == 0:
        return np.array([seconds]), [bootstrap(errors[-1])]
    return seconds * arrays["updates"] / arrays["updates"][-1], [bootstrap(check) for check in errors]


def figure(arrays: Arrays) -> go.Figure:
    fig = new_figure(
        cols=2, panel_titles=TASKS, x_title="processor seconds of a network", y_title="error (NRMSE)", log_x=True
    )
    for task, (name, shade) in enumerate(TRAINED):
        col = task + 1
        x, errors = curve(arrays, task, 1)
        band(fig, x, [e.low for e in errors], [e.high for e in errors], shade, opacity=0.16, col=col)
        line(fig, x, [e.value for e in errors], shade, name=name, col=col)
        k, position = ((0, "right"), (len(x) // 8, "left"))[task]
        label_line(fig, float(x[k]), errors[k].value, f"<b>{name}</b>", shade, position=position, shift=(2, 4), col=col)
        (start,), (reservoir,) = curve(arrays, task, 0)
        line(fig, [start, x[-1]], [reservoir.value] * 2, "esn", dash="dot", width=1.5, col=col)
        line(fig, [start], [reservoir.value], "esn", name="reservoir", markers=True, col=col)
        label_line(fig, start, reservoir.value, "<b>reservoir</b>", "esn", position="below", shift=(34, 0), col=col)
        reference(fig, y=1.0, label="the mean", col=col)
    linear = bootstrap(arrays["linear"]).value
    reference(fig, y=linear)
    label_line(fig, curve(arrays, 0, 0)[0][0], linear, "linear", "muted", position="above", shift=(16, -3))
    fig.update_xaxes(tickvals=[0.01, 0.1, 1, 10], ticktext=["0.01", "0.1", "1", "10"])
    fig.update_yaxes(range=[0, 1.12])
    return fig


def _rows(arrays: Arrays) -> list[tuple[str, str, float, Estimate]]:
    """Task, method, processor seconds and error: the reservoir's, and every fifth check of the trained network's."""
    rows = []
    for task, title in enumerate(TASKS):
        for method, name in enumerate(("reservoir", TRAINED[task][0])):
            x, errors = curve(arrays, task, method)
            every = 5 if method else 1
            rows += [
                (title, name, float(s), e)
                for s, e in zip(x[every - 1 :: every], errors[every - 1 :: every], strict=True)
            ]
    return rows


def alt(arrays: Arrays) -> str:
    last = {(title, name): (seconds, error) for title, name, seconds, error in _rows(arrays)}
    said = [
        f"{title}, {name}: {error.value:.2f} after {seconds:.2g} s" for (title, name), (seconds, error) in last.items()
    ]
    return (
        "Error and processor time of a network. "
        + "; ".join(said)
        + f". A linear reading of past inputs has {bootstrap(arrays['linear']).value:.2f} on NARMA-10."
    )


def table(arrays: Arrays) -> Table:
    return Table(
        ["task, method, processor time", "NRMSE", "low", "high"],
        [[f"{t}, {name}, {s:.2g} s", e.value, e.low, e.high] for t, name, s, e in _rows(arrays)],
    )
