"""Success over longer sequences, and after how many updates it comes, for SGD, SGD-C and SGD-CR."""

from __future__ import annotations

import numpy as np
import plotly.graph_objects as go

from rnnsite.claims import Arrays
from rnnsite.figures.style import band, label_line, line, new_figure
from rnnsite.figures.table import Table
from rnnsite.figures.temporal_order import ARMS
from rnnsite.rates import success
from rnnsite.statistics import Estimate
from rnnsite.wording import say

ENDS = ("solved", "needed", "diverged_at", "error")


def _solved_by(arrays: Arrays, row: int, arm: int, updates: np.ndarray) -> list[Estimate]:
    needed = arrays["needed"][row, arm]
    return [success((needed > 0) & (needed <= limit)) for limit in updates]


def figure(arrays: Arrays) -> go.Figure:
    lengths, limit = arrays["length"], int(arrays["limit"])
    updates = np.arange(0, limit + 1, int(arrays["every"]))
    titles = [f"{limit:,} updates", *(f"{T} steps" for T in lengths[1:])]
    drawn = new_figure(
        cols=len(titles),
        x_title=["steps", *["thousand updates" for _ in lengths[1:]]],
        y_title="runs that learn it",
        panel_titles=titles,
        share_y=True,
    )
    for arm, (name, shade, dash) in enumerate(ARMS):
        rates = [success(arrays["solved"][row, arm]) for row in range(len(lengths))]
        band(drawn, lengths, [r.low for r in rates], [r.high for r in rates], shade, opacity=0.12)
        line(drawn, lengths, [r.value for r in rates], shade, name=name, dash=dash, markers=True)
        x, y = (lengths[-2] + lengths[-1]) / 2, (rates[-2].value + rates[-1].value) / 2
        label_line(drawn, x, y, name, shade, position="above", shift=(26 if y else 0, 0))
        for col, row in enumerate(range(1, len(lengths)), start=2):
            rates = _solved_by(arrays, row, arm, updates)
            band(drawn, updates, [r.low for r in rates], [r.high for r in rates], shade, opacity=0.12, col=col)
            line(drawn, updates, [r.value for r in rates], shade, name=name, dash=dash, col=col)
    drawn.update_yaxes(range=[-0.06, 1.1], tickformat=".0%", tickvals=[0, 0.5, 1])
    drawn.update_xaxes(tickvals=[0, limit // 2, limit], ticktext=["0", f"{limit / 2000:g}", f"{limit / 1000:g}"])
    drawn.update_xaxes(tickvals=lengths, ticktext=[str(T) for T in lengths], row=1, col=1)
    return drawn


def alt(arrays: Arrays) -> str:
    parts = []
    for row, T in enumerate(arrays["length"]):
        rates = ", ".join(
            f"{name} {say(success(arrays['solved'][row, arm]), '.0%')}" for arm, (name, *_) in enumerate(ARMS)
        )
        parts.append(f"{T} steps: {rates}")
    return f"Share of runs that learn temporal order within {int(arrays['limit']):,} updates. " + "; ".join(parts) + "."


def _outcome(solved: np.ndarray, needed: np.ndarray, diverged_at: np.ndarray, error: np.ndarray) -> list[float | None]:
    rate = success(solved)
    middle = float(np.median(needed[solved])) if solved.any() else None
    return [rate.value, rate.low, rate.high, middle, float(error.mean()), int((diverged_at >= 0).sum())]


def table(arrays: Arrays) -> Table:
    rows: list[list[object]] = []
    for row, T in enumerate(arrays["length"]):
        for arm, (way, *_) in enumerate(ARMS):
            of = {name: arrays[name][row, arm] for name in ENDS}
            rows.append([f"{T} steps, {way}", *_outcome(**of)])
    for row, T in enumerate(arrays["unclipped_length"]):
        of = {name: arrays[f"unclipped_{name}"][row] for name in ENDS}
        rows.append([f"{T} steps, SGD-R (not clipped)", *_outcome(**of)])
    columns = ["length and training", "success", "low", "high", "median updates of those", "mean error", "diverged"]
    return Table(columns, rows, ("success", "low", "high", "mean error"))
