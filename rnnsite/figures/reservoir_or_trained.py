"""Error against processor time: reservoirs beside a network in training, on NARMA-10."""

from __future__ import annotations

import numpy as np
import plotly.graph_objects as go

from rnnsite.claims import Arrays
from rnnsite.figures.style import band, label_line, line, new_figure, reference
from rnnsite.figures.table import Table
from rnnsite.statistics import Estimate, bootstrap

METHODS = ("reservoir", "tanh RNN")


def curve(arrays: Arrays, method: int) -> tuple[np.ndarray, list[Estimate]]:
    """Processor seconds of one network and its error, check by check; a reservoir (method 0) is fitted once."""
    seconds, errors = arrays["seconds"][method], arrays["error"][method]
    if method == 0:
        return np.array([seconds]), [bootstrap(errors[-1])]
    return seconds * arrays["updates"] / arrays["updates"][-1], [bootstrap(check) for check in errors]


def figure(arrays: Arrays) -> go.Figure:
    fig = new_figure(x_title="processor seconds of a network", y_title="error (NRMSE)", log_x=True)
    x, errors = curve(arrays, 1)
    band(fig, x, [e.low for e in errors], [e.high for e in errors], "rnn", opacity=0.16)
    line(fig, x, [e.value for e in errors], "rnn", name=METHODS[1])
    label_line(fig, float(x[0]), errors[0].value, f"<b>{METHODS[1]}</b>", "rnn", position="right", shift=(2, 4))
    (start,), (reservoir,) = curve(arrays, 0)
    line(fig, [start, x[-1]], [reservoir.value] * 2, "esn", dash="dot", width=1.5)
    line(fig, [start], [reservoir.value], "esn", name=METHODS[0], markers=True)
    label_line(fig, start, reservoir.value, f"<b>{METHODS[0]}</b>", "esn", position="below", shift=(34, 0))
    reference(fig, y=1.0, label="the mean")
    linear = bootstrap(arrays["linear"]).value
    reference(fig, y=linear)
    label_line(fig, start, linear, "linear", "muted", position="above", shift=(16, -3))
    fig.update_xaxes(tickvals=[0.01, 0.1, 1, 10], ticktext=["0.01", "0.1", "1", "10"])
    fig.update_yaxes(range=[0, 1.12])
    return fig


def _rows(arrays: Arrays) -> list[tuple[str, float, Estimate]]:
    """Method, processor seconds and error: the reservoir's, and every fifth check of the trained network's."""
    rows = []
    for method, name in enumerate(METHODS):
        x, errors = curve(arrays, method)
        every = 5 if method else 1
        rows += [(name, float(s), e) for s, e in zip(x[every - 1 :: every], errors[every - 1 :: every], strict=True)]
    return rows


def alt(arrays: Arrays) -> str:
    last = {name: (seconds, error) for name, seconds, error in _rows(arrays)}
    said = [f"{name}: {error.value:.2f} after {seconds:.2g} s" for name, (seconds, error) in last.items()]
    return (
        "Error and processor time of a network on NARMA-10. "
        + "; ".join(said)
        + f". A linear reading of past inputs has {bootstrap(arrays['linear']).value:.2f}: there the RNN rests."
    )


def table(arrays: Arrays) -> Table:
    return Table(
        ["method, processor time", "NRMSE", "low", "high"],
        [[f"{name}, {s:.2g} s", e.value, e.low, e.high] for name, s, e in _rows(arrays)],
    )
