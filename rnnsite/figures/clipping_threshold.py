"""Above: lost runs and final loss against the clipping threshold, at two learning rates. Below: gradient norms, of one
run over its updates, and the largest of every run."""

from __future__ import annotations

import numpy as np
import plotly.graph_objects as go

from rnnsite.claims import Arrays
from rnnsite.figures.palette import colour, tint
from rnnsite.figures.style import band, label_line, line, new_figure, power_ticks, reference
from rnnsite.figures.table import Table
from rnnsite.multiples import geometric_mean
from rnnsite.rates import success
from rnnsite.statistics import Estimate, in_words
from rnnsite.wording import say

BASELINE = 1 / 6  # of always answering 1
SHADES = (("muted", "dash"), ("rnn", None))  # a low rate, a high one
HIGH = 1  # place of the high rate
FREE, ONE = 5, 2  # places of no clipping and of a threshold of 1


def _lost(arrays: Arrays, rate: int) -> list[Estimate]:
    runs = ~(arrays["loss"][rate] < 0.9 * BASELINE)
    return [success(row) for row in runs]


def _loss(arrays: Arrays, rate: int) -> list[Estimate]:
    """Geometric means; a diverged run counts as one that always answers 1."""
    rows = np.where(np.isnan(arrays["loss"][rate]), BASELINE, arrays["loss"][rate])
    return [geometric_mean(row) for row in rows]


def _places(arrays: Arrays) -> tuple[np.ndarray, list[str]]:
    """Where each norm threshold stands on a log axis, "none" a step after the last, and its label."""
    norms = arrays["norms"]
    finite = norms[np.isfinite(norms)]
    return np.append(finite, finite[-1] * 4), [f"{c:g}" for c in finite] + ["none"]


def _decades(values: np.ndarray) -> tuple[int, int]:
    """Whole powers of ten around all that is finite and above 0."""
    logs = np.log10(values[np.isfinite(values) & (values > 0)])
    return int(np.floor(logs.min())), int(np.ceil(logs.max()))


def _draw_norms(drawn: go.Figure, arrays: Arrays, x: np.ndarray) -> None:
    """Left the norm of the first run, not clipped and clipped at 1; right the largest norm of every run."""
    norms = arrays["trace_norm"][HIGH]
    updates = (1 + np.arange(len(norms))) * int(arrays["record_every"])
    low, high = _decades(norms[:, [FREE, ONE]])
    for k, shade, text, dash in ((ONE, "good", "clipped at 1", None), (FREE, "rnn", "not clipped", None)):
        line(drawn, updates, norms[:, k], shade, name=text, dash=dash, width=2, row=2)
    label_line(drawn, updates[0], norms[0, FREE], "<b>not clipped</b>", "rnn", shift=(4, 0), row=2)
    label_line(drawn, updates[20], norms[10:40, ONE].max(), "clipped at 1", "good", position="above", row=2)
    power_ticks(drawn, "y", low, high, count=5, row=2, col=1)
    ends = np.log10(updates[[0, -1]])
    ticks = [20, 100, 500, 2000]
    drawn.update_xaxes(
        tickvals=ticks,
        ticktext=[str(t) for t in ticks],
        tickfont={"size": 13},
        range=[ends[0] - 0.08, ends[1] + 0.12],
        row=2,
        col=1,
    )
    largest = arrays["largest"][HIGH, : len(x)]
    finite = arrays["diverged_at"][HIGH, : len(x)] < 0
    spread = np.exp(0.5 * (np.arange(largest.shape[1]) / largest.shape[1] - 0.5))
    for which, symbol in ((finite, "circle"), (~finite, "x")):
        drawn.add_scatter(
            x=np.concatenate([(at * spread)[row] for at, row in zip(x, which, strict=True)]),
            y=largest[which],
            mode="markers",
            marker={"color": tint("rnn", 0.6) if symbol == "circle" else colour("warn"), "size": 6, "symbol": symbol},
            name="overflowed" if symbol == "x" else "a run",
            row=2,
            col=2,
        )
    power_ticks(drawn, "y", *_decades(largest), count=5, row=2, col=2)


def figure(arrays: Arrays) -> go.Figure:
    x, labels = _places(arrays)
    drawn = new_figure(
        rows=2,
        cols=2,
        x_title=["norm clipped at", "norm clipped at", "update", "norm clipped at"],
        y_title=["runs that are lost", "final loss", "gradient norm of one run", "largest norm of every run"],
        log_x=True,
        log_y=[False, True, True, True],
        height=680,
    )
    _draw_norms(drawn, arrays, x)
    for rate, (shade, dash) in enumerate(SHADES):
        name = f"learning rate {arrays['rates'][rate]:g}"
        for col, rows in ((1, _lost(arrays, rate)), (2, _loss(arrays, rate))):
            rows = rows[: len(x)]
            band(drawn, x, [r.low for r in rows], [r.high for r in rows], shade, opacity=0.14, col=col)
            line(drawn, x, [r.value for r in rows], shade, name=name, dash=dash, markers=True, col=col)
    high, low = _lost(arrays, 1), _loss(arrays, 0)
    label_line(drawn, x[-2], high[len(x) - 2].value, "<b>rate 0.1</b>", "rnn", position="left", shift=(-4, 0))
    label_line(drawn, x[-2], low[len(x) - 2].value, "rate 0.01", "muted", position="below", shift=(18, -4), col=2)
    reference(drawn, y=BASELINE, label="always answering 1", col=2)
    for row, col in ((1, 1), (1, 2), (2, 2)):
        drawn.update_xaxes(tickvals=x, ticktext=labels, tickfont={"size": 13}, row=row, col=col)
    drawn.update_yaxes(range=[-0.05, 1.08], tickformat=".0%", tickvals=[0, 0.5, 1], row=1, col=1)
    ticks = [0.02, 0.05, 0.1, 0.2]
    drawn.update_yaxes(tickvals=ticks, ticktext=[f"{t:g}" for t in ticks], tickfont={"size": 14}, row=1, col=2)
    return drawn


def alt(arrays: Arrays) -> str:
    _, labels = _places(arrays)
    parts = []
    for rate in range(2):
        lost, loss = _lost(arrays, rate), _loss(arrays, rate)
        rows = ", ".join(f"{label}: {say(lost[k].value, '.0%')}, {loss[k].value:.2g}" for k, label in enumerate(labels))
        parts.append(f"learning rate {arrays['rates'][rate]:g}, lost runs and loss clipped at {rows}")
    first, late = arrays["trace_norm"][HIGH][0], np.nanmedian(arrays["trace_norm"][HIGH][-50:], axis=0)
    run = (
        f" Gradient norm of one run at the high rate, not clipped: {in_words(first[FREE], '.1g')} at first, "
        f"{late[FREE]:.2g} later; clipped at 1: {first[ONE]:.2g} and {late[ONE]:.2g}."
    )
    return "By clipping threshold. " + "; ".join(parts) + "." + run


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
                    float(np.median(arrays["largest"][rate, k])),
                    loss[k].value,
                    loss[k].low,
                    loss[k].high,
                ]
            )
    columns = ["clipping", "lost", "diverged", "first at update", "largest norm", "loss", "low", "high"]
    return Table(columns, rows, ("lost",))
