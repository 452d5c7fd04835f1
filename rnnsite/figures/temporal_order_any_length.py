"""Networks that saw every length or only one: how the error fell, beside the released log, and what longer ones do."""

from __future__ import annotations

from typing import Any

import numpy as np
import plotly.graph_objects as go

from rnnsite.claims import Arrays
from rnnsite.figures.palette import colour
from rnnsite.figures.style import band, label_line, line, new_figure
from rnnsite.figures.table import Table
from rnnsite.wording import say

GUESS = 0.75  # of four classes
FIRST = 30  # by this step both letters of a sequence of 50 have come
KINDS = (
    ("50 steps alone", "alone_", "tanh", "dot"),
    ("30 to 70 steps", "near_", "lstm", "dash"),
    ("50 to 200 steps", "", "rnn", None),
)
THIN: dict[str, Any] = {"width": 1.3, "opacity": 0.55}


def lowest_so_far(errors: np.ndarray) -> np.ndarray:
    """Errors in the order of the updates → the lowest so far, with a first row for the start: a guess."""
    return np.fmin.accumulate(np.concatenate([np.full((1, *errors.shape[1:]), GUESS), errors]), axis=0)


def figure(arrays: Arrays) -> go.Figure:
    drawn = new_figure(
        cols=3,
        x_title=["asked after step", "steps", "thousand updates"],
        y_title="wrong answers",
        panel_titles=["asked later", "longer sequences", "learning 50 to 200"],
        log_x=[False, True, False],
        share_y=True,
    )
    _testing(drawn, arrays)
    _training(drawn, arrays)
    drawn.update_yaxes(range=[-0.05, 0.92], tickformat=".0%", tickvals=[0, 0.25, 0.5, 0.75])
    return drawn


def _testing(drawn: go.Figure, arrays: Arrays) -> None:
    lengths = arrays["length"]
    moments = np.arange(FIRST, len(arrays["late"]) + 1)
    for name, which, shade, dash in KINDS:
        solved = arrays[f"{which}solved"]
        asked = ((1, moments, arrays[f"{which}late"][FIRST - 1 :]), (2, lengths, arrays[f"{which}beyond"]))
        for col, x, errors in asked:
            low, median, high = np.quantile(errors[:, solved], (0.25, 0.5, 0.75), axis=1)
            band(drawn, x, low, high, shade, col=col)
            line(drawn, x, median, shade, dash=dash, name=f"trained on {name}", col=col)
    label_line(drawn, 76, 0.78, "trained on 50", "tanh", position="above")
    label_line(drawn, 38, 0.5, "30 to 70", "lstm", position="above")
    label_line(drawn, 78, 0.21, "50 to 200", "rnn", position="above")
    drawn.add_scatter(
        x=lengths,
        y=np.zeros(len(lengths)),
        mode="markers",
        marker={"symbol": "diamond-open", "size": 8, "color": colour("ink")},
        name="paper, trained on 50 to 200",
        row=1,
        col=2,
    )
    label_line(drawn, 1800, 0, "paper", position="above", col=2)
    drawn.update_xaxes(tickvals=[FIRST, 50, len(arrays["late"])], row=1, col=1)
    drawn.update_xaxes(tickvals=[50, 200, 1000, 5000], ticktext=["50", "200", "1k", "5k"], row=1, col=2)


def _training(drawn: go.Figure, arrays: Arrays) -> None:
    lowest = lowest_so_far(arrays["scores"])
    updates = np.arange(len(lowest)) * int(arrays["every"]) / 1000
    for seed, run in enumerate(lowest.T):
        line(drawn, updates, run, "rnn", line_shape="hv", name=f"run {seed}, lowest so far", col=3, **THIN)
    log = np.concatenate([[GUESS], arrays["log_error"]])
    log_updates = np.concatenate([[0], arrays["log_updates"]]) / 1000
    line(drawn, log_updates, log, "ink", dash="dash", line_shape="hv", name="released log, lowest so far", col=3)
    label_line(drawn, 0.6 * log_updates[-1], log[-5], "released log", position="above", col=3)
    label_line(drawn, updates[-1], 0.6, "ours", "rnn", col=3)
    drawn.update_xaxes(tickvals=[0, 100, 200, 300], row=1, col=3)


def alt(arrays: Arrays) -> str:
    lowest, limit = lowest_so_far(arrays["scores"])[-1], int(arrays["limit"])
    solved = int(arrays["solved"].sum())
    parts = []
    for name, which, *_ in KINDS:
        errors = np.nanmedian(arrays[f"{which}beyond"][:, arrays[f"{which}solved"]], axis=1)
        pairs = zip(arrays["length"], errors, strict=True)
        said = ", ".join(f"{T:,} steps {say(error, '.0%')}" for T, error in pairs if T in (50, 100, 200, 500, 5000))
        parts.append(f"trained on {name}: {said}")
    early, late = (say(float(np.nanmedian(arrays["alone_late"][t - 1])), ".0%") for t in (50, 55))
    return (
        f"Left: networks trained on 50 steps alone, asked after step 50, are wrong in {early} of sequences, after 55 "
        f"in {late}. Middle: median error of those that learned. {'; '.join(parts)}. The paper's: 0 % everywhere. "
        f"Right: after {limit:,} updates {solved} of {len(lowest)} have learned all lengths from 50 to 200; the "
        f"released log reaches 0 % after {int(arrays['log_updates'][-1]):,}."
    )


def table(arrays: Arrays) -> Table:
    rows = []
    for name, which, *_ in KINDS:
        solved = arrays[f"{which}solved"]
        for row, T in enumerate(arrays["length"]):
            errors = arrays[f"{which}beyond"][row, solved]
            rows.append([name, int(T), float(np.median(errors)), float(errors.min()), float(errors.max()), len(errors)])
    return Table(
        ["trained on", "steps", "median error", "lowest", "highest", "networks"],
        rows,
        ("median error", "lowest", "highest"),
    )
