"""Gradient by distance at d = 1/(1 − α) = 8, and how long it lasts against d and 1/(1 − α)."""

from __future__ import annotations

import numpy as np
import plotly.graph_objects as go

from rnnsite.claims import Arrays
from rnnsite.figures.style import band, label_line, line, new_figure, power_ticks
from rnnsite.figures.table import Table
from rnnsite.statistics import Estimate, bootstrap

# arm of the arrays, name, colour, dash
ARMS = (
    (0, "skip alone", "vanish", "dash"),
    (1, "skip, one step kept", "vanish", None),
    (3, "leaky", "good", None),
)
SHOWN = 8  # d and 1/(1 − α) of the left panel


def _at(arrays: Arrays, slower: int) -> int:
    return int(np.flatnonzero(arrays["slower"] == slower)[0])


def _slopes(arrays: Arrays, rows: np.ndarray) -> np.ndarray:
    τ = np.flatnonzero(np.isfinite(rows[0]))
    τ = τ[τ >= int(arrays["near"])]
    centred = τ - τ.mean()
    fitted: np.ndarray = rows[:, τ] @ centred / (centred**2).sum()
    return fitted


def _tenfold(arrays: Arrays, arm: int, k: int, activation: int = 0) -> Estimate:
    return bootstrap(-np.log(10) / _slopes(arrays, arrays["log_norm"][arm, k, activation]))


def figure(arrays: Arrays) -> go.Figure:
    drawn = new_figure(
        cols=2,
        x_title=["steps back in time, τ", "d of a skip, 1/(1 − α) of a leak"],
        y_title=["gradient norm", "steps to fall to a tenth"],
        log_x=[False, True],
        log_y=True,
    )
    k = _at(arrays, SHOWN)
    curves = [(arrays["log_norm"][0, 0, 0], arrays["theory"][0, 0], "plain", "rnn", None)]
    curves += [(arrays["log_norm"][arm, k, 0], arrays["theory"][arm, k], *look) for arm, *look in ARMS]
    for log_norm, theory, name, shade, dash in curves:
        τ = np.flatnonzero(np.isfinite(log_norm[0]))
        norm = np.exp(log_norm[:, τ])
        low, high = np.quantile(norm, [0.025, 0.975], axis=0)
        band(drawn, τ, low, high, shade, opacity=0.15)
        line(drawn, τ, np.exp(log_norm[:, τ].mean(0)), shade, name=name, dash=dash, width=2, markers=bool(dash))
        line(drawn, τ, np.exp(theory[τ]), "ink", name=f"{name}, theory", dash="dot", width=1.2)
    x = arrays["slower"]
    for arm, name, shade, dash in ARMS:
        rows = [_tenfold(arrays, arm, i) for i in range(len(x))]
        band(drawn, x, [r.low for r in rows], [r.high for r in rows], shade, col=2)
        line(drawn, x, [r.value for r in rows], shade, name=name, dash=dash, markers=True, col=2)
        theory = [-np.log(10) / _slopes(arrays, arrays["theory"][arm, i][None])[0] for i in range(len(x))]
        line(drawn, x, theory, "ink", name=f"{name}, theory", dash="dot", width=1.2, col=2)
    _labels(drawn, arrays, k)
    power_ticks(drawn, "y", -3, 0)
    drawn.update_xaxes(range=[0, 112], tickvals=[0, 32, 64, 96], row=1, col=1)
    drawn.update_xaxes(tickvals=x, ticktext=[str(s) for s in x], tickfont={"size": 14}, row=1, col=2)
    ticks = [10, 20, 40, 80]
    drawn.update_yaxes(
        tickvals=ticks, ticktext=[str(t) for t in ticks], tickfont={"size": 14}, range=[0.95, 2.0], row=1, col=2
    )
    return drawn


def _labels(drawn: go.Figure, arrays: Arrays, k: int) -> None:
    def height(arm: int, τ: int) -> float:
        return float(np.exp(arrays["theory"][arm, k, τ]))

    label_line(drawn, 26, float(np.exp(arrays["theory"][0, 0, 26])), "<b>plain</b>", "rnn", shift=(2, 0))
    label_line(drawn, 50, height(1, 56), "skip, one<br>step kept", "vanish", position="below", shift=(0, -18))
    label_line(drawn, 64, height(0, 64), "skip alone", "vanish", position="above", shift=(26, 4))
    label_line(drawn, 94, height(3, 94), "<b>leaky</b>", "good", position="above", shift=(4, -4))
    ends = [_tenfold(arrays, arm, k).value for arm, *_ in ARMS]
    names = ("skip alone", "skip, one<br>step kept", "<b>leaky</b>")
    for end, name, (_, _, shade, _) in zip(ends, names, ARMS, strict=True):
        label_line(drawn, arrays["slower"][-1], end, name, shade, col=2)


def alt(arrays: Arrays) -> str:
    parts = []
    for arm, name, *_ in ARMS:
        rows = [_tenfold(arrays, arm, i) for i in range(len(arrays["slower"]))]
        parts.append(f"{name} " + ", ".join(f"{r.value:.3g}" for r in rows))
    rows_plain = _tenfold(arrays, 0, 0)
    scales = ", ".join(str(s) for s in arrays["slower"])
    return (
        f"Steps in which the gradient of a linear network falls to a tenth, for d or 1/(1 − α) = {scales}: "
        + "; ".join(parts)
        + f". The plain network takes {rows_plain.value:.3g}."
    )


def table(arrays: Arrays) -> Table:
    rows = []
    for arm, name in enumerate(("skip alone", "skip, one step kept", "skip of full size, one step kept", "leaky")):
        for i, slower in enumerate(arrays["slower"]):
            for activation, units in enumerate(("linear", "tanh")):
                factor = bootstrap(np.exp(_slopes(arrays, arrays["log_norm"][arm, i, activation])))
                theory = float(np.exp(_slopes(arrays, arrays["theory"][arm, i][None])[0]))
                rows.append(
                    [
                        f"{name}, {slower}, {units}",
                        factor.value,
                        factor.low,
                        factor.high,
                        theory if units == "linear" else "–",
                    ]
                )
    return Table(["network, d or 1/(1 − α), units", "factor a step", "low", "high", "theory"], rows)
