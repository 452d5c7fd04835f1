"""What three cells leave of a guess's loss on eight tasks, and how far apart their mean ranks are."""

from __future__ import annotations

import numpy as np
import plotly.graph_objects as go

from rnnsite.claims import Arrays
from rnnsite.figures.palette import colour, tint
from rnnsite.figures.style import label_line, new_figure, power_ticks, reference
from rnnsite.figures.table import Table
from rnnsite.figures.whiskers import whiskers
from rnnsite.multiples import power
from rnnsite.ranks import critical_difference, mean_rank
from rnnsite.statistics import Estimate, bootstrap

TASKS = (
    "adding",
    "delayed recall",
    "temporal order",
    "five bits",
    "NARMA-10",
    "digits by rows",
    "agreement",
    "characters",
)
ORDER = (2, 0, 6, 1, 3, 5, 4, 7)  # from above: what must be kept, then the rest
CELLS = (("RNN", "rnn"), ("GRU", "gru"), ("LSTM", "lstm"))
MOMENTS = ("as many updates", "equal cost")
COST = 1


def _left(arrays: Arrays, task: int, cell: int, moment: int) -> Estimate:
    """The share of a guess's loss that is left, geometric mean."""
    return power(10, bootstrap(arrays["test"][task, cell, moment]))


def _dots(fig: go.Figure, x: list[Estimate], y: list[float], name: str, shade: str, col: int) -> None:
    fig.add_scatter(
        x=[e.value for e in x],
        y=y,
        mode="markers",
        name=name,
        marker={"color": colour(shade), "size": 9},
        error_x=whiskers(x, shade),
        row=1,
        col=col,
    )


def _bar(fig: go.Figure, low: float, high: float, y: float, shade: str) -> None:
    """A thick line in the panel of the ranks."""
    line = {"color": shade, "width": 7}
    fig.add_scatter(x=[low, high], y=[y, y], mode="lines", line=line, hoverinfo="skip", row=1, col=2)


def alike(mean_ranks: list[float], critical: float) -> list[tuple[float, float]]:
    """From and to where methods lie that the test cannot tell apart, the longest such stretches only.

    >>> alike([2.5, 1.25, 2.0], 1.0)
    [(1.25, 2.0), (2.0, 2.5)]
    """
    places = sorted(mean_ranks)
    found: list[tuple[float, float]] = []
    for low in places:
        high = max(place for place in places if place - low < critical)
        if high > low and not (found and found[-1][1] >= high):
            found.append((low, high))
    return found


def figure(arrays: Arrays) -> go.Figure:
    fig = new_figure(
        cols=2,
        height=470,
        x_title=["share of a guess's loss", "mean rank, 1 is best"],
        panel_titles=["Loss at equal cost", "Mean ranks"],
        log_x=[True, False],
    )
    for cell, (name, shade) in enumerate(CELLS):
        left = [_left(arrays, task, cell, COST) for task in ORDER]
        _dots(fig, left, [row + 0.22 * (cell - 1) for row in range(len(ORDER))], name, shade, 1)
    for (name, shade), place in zip(CELLS, (-4.5, -2.95, -1.3), strict=True):  # apart from the dots, which may meet
        label_line(fig, 10**place, -0.42, f"● <b>{name}</b>", shade, position="above")
    critical = critical_difference(len(CELLS), len(TASKS))
    _bar(fig, 1, 1 + critical, -0.6, colour("muted"))
    label_line(fig, 1, -0.6, "critical difference", "muted", position="above", shift=(64, 4), col=2)
    for moment, y in enumerate((0.6, 1.9)):
        ranks = [mean_rank(arrays["test"][:, :, moment], cell) for cell in range(3)]
        for low, high in alike([rank.value for rank in ranks], critical):
            _bar(fig, low, high, y + 0.32, tint("muted", 0.35))
        for cell, (name, shade) in enumerate(CELLS):
            _dots(fig, [ranks[cell]], [y + 0.16 * (cell - 1)], name, shade, 2)
    label_line(fig, 1.5, 0.92, "not told apart", "muted", position="below", shift=(60, -4), col=2)
    fig.update_yaxes(
        tickvals=list(range(len(ORDER))),
        ticktext=[TASKS[task] for task in ORDER],
        range=[len(ORDER) - 0.4, -1.0],
        row=1,
        col=1,
    )
    fig.update_yaxes(
        tickvals=[0.6, 1.9], ticktext=["as many<br>updates", "equal<br>cost"], range=[2.5, -1.2], row=1, col=2
    )
    power_ticks(fig, "x", -5, 0, row=1, col=1)
    fig.update_xaxes(range=[-5.2, 0.25], row=1, col=1)
    fig.update_xaxes(range=[0.9, 3.1], tickvals=[1, 1.5, 2, 2.5, 3], row=1, col=2)
    reference(fig, x=1.0, col=1)
    return fig


def alt(arrays: Arrays) -> str:
    rows = [
        f"{TASKS[task]} " + ", ".join(f"{_left(arrays, task, cell, COST).value:.2g}" for cell in range(3))
        for task in ORDER
    ]
    ranks = [f"{mean_rank(arrays['test'][:, :, COST], cell).value:.2f}" for cell in range(3)]
    critical = critical_difference(len(CELLS), len(TASKS))
    return (
        "Loss that RNN, GRU and LSTM leave at equal cost, as a share of a guess's: "
        + "; ".join(rows)
        + f". Mean ranks {', '.join(ranks)}, with a critical difference of {critical:.2f}."
    )


def table(arrays: Arrays) -> Table:
    rows = []
    for task in ORDER:
        for cell, (name, _) in enumerate(CELLS):
            one = (task, cell)
            for moment in range(2):
                e = _left(arrays, task, cell, moment)
                rows.append(
                    [
                        f"{TASKS[task]}, {name}, {MOMENTS[moment]}",
                        int(arrays["parameters"][one]),
                        int(arrays["units"][one]),
                        int(arrays["updates"][one][moment]),
                        float(arrays["rates"][arrays["chosen"][one]]),
                        float(np.round(arrays["milliseconds"][one], 3)),
                        e.value,
                        e.low,
                        e.high,
                    ]
                )
    return Table(
        ["run", "parameters", "units", "updates", "rate", "ms an update", "loss left", "low", "high"],
        rows,
    )
