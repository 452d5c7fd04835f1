"""Lost runs and final loss against the clipping threshold, at two learning rates."""

from __future__ import annotations

import numpy as np
import plotly.graph_objects as go

from rnnsite.claims import Arrays
from rnnsite.figures.style import band, label_line, line, new_figure, reference
from rnnsite.figures.table import Table
from rnnsite.rates import success
from rnnsite.statistics import Estimate, bootstrap

BASELINE = 1 / 6  # of always answering 1
SHADES = (("muted", "dash"), ("rnn", None))  # a low rate, a high one


def _lost(arrays: Arrays, rate: int) -> list[Estimate]:
    runs = ~(arrays["loss"][rate] < 0.9 * BASELINE)
    return [success(row) for row in runs]


def _loss(arrays: Arrays, rate: int) -> list[Estimate]:
    """Geometric means; a diverged run counts as one that always answers 1."""
    rows = np.log(np.where(np.isnan(arrays["loss"][rate]), BASELINE, arrays["loss"][rate]))
    found = [bootstrap(row) for row in rows]
    return [Estimate(np.exp(e.value), np.exp(e.low), np.exp(e.high), e.how) for e in found]


def _places(arrays: Arrays) -> tuple[np.ndarray, list[str]]:
    """Where each norm threshold stands on a log axis, "none" a step after the last, and its label."""
    norms = arrays["norms"]
    finite = norms[np.isfinite(norms)]
    return np.append(finite, finite[-1] * 4), [f"{c:g}" for c in finite] + ["none"]


def figure(arrays: Arrays) -> go.Figure:
    x, labels = _places(arrays)
    drawn = new_figure(
        cols=2,
        x_title="norm clipped at",
        y_title=["runs that are lost", "final loss"],
        log_x=True,
        log_y=[False, True],
    )
    for rate, (shade, dash) in enumerate(SHADES):
        name = f"learning rate {arrays['rates'][rate]:g}"
        for col, rows in ((1, _lost(arrays, rate)), (2, _loss(arrays, rate))):
            rows = rows[: len(x)]
            band(drawn, x, [r.low for r in rows], [r.high for r in rows], shade, opacity=0.14, col=col)
            line(drawn, x, [r.value for r in rows], shade, name=name, dash=dash, markers=True, col=col)
    high, low = _lost(arrays, 1), _loss(arrays, 0)
    label_line(drawn, x[-2], high[len(x) - 2].value, "<b>rate 0.1</b>", "rnn", position="left", shift=(-4, 0))
    label_line(drawn, x[1], low[1].value, "rate 0.01", "muted", position="above", shift=(0, 2), col=2)
    reference(drawn, y=BASELINE, label="always answering 1", col=2)
    drawn.update_xaxes(tickvals=x, ticktext=labels, tickfont={"size": 13})
    drawn.update_yaxes(range=[-0.05, 1.08], tickformat=".0%", tickvals=[0, 0.5, 1], row=1, col=1)
    ticks = [0.02, 0.05, 0.1, 0.2]
    drawn.update_yaxes(tickvals=ticks, ticktext=[f"{t:g}" for t in ticks], tickfont={"size": 14}, row=1, col=2)
    return drawn


def alt(arrays: Arrays) -> str:
    _, labels = _places(arrays)
    parts = []
    for rate in range(2):
        lost, loss = _lost(arrays, rate), _loss(arrays, rate)
        rows = ", ".join(
            f"{label}: {lost[k].value:.0%} lost, loss {loss[k].value:.2g}" for k, label in enumerate(labels)
        )
        parts.append(f"learning rate {arrays['rates'][rate]:g}, norm clipped at {rows}")
    return "Lost runs and final loss by clipping threshold. " + "; ".join(parts) + "."


def table(arrays: Arrays) -> Table:
    _, labels = _places(arrays)
    names = [f"norm {label}" for label in labels] + [f"values {c:g}" for c in arrays["values"]]
    rows = []
    for rate in range(2):
        lost, loss = _lost(arrays, rate), _loss(arrays, rate)
        for k, name in enumerate(names):
            ended = arrays["diverged_at"][rate, k]
            first = int(ended[ended >= 0].min()) + 1 if (ended >= 0).any() else None
            rows.append(
                [
                    f"rate {arrays['rates'][rate]:g}, {name}",
                    lost[k].value,
                    int((ended >= 0).sum()),
                    "–" if first is None else first,
                    loss[k].value,
                    loss[k].low,
                    loss[k].high,
                ]
            )
    return Table(["clipping", "lost", "diverged", "first at update", "loss", "low", "high"], rows)
