"""Share of runs that end in Inf or NaN over ρ, and beside it the largest gradient of each arm."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from plotly.graph_objects import Figure

from rnnsite.figures.style import band, label_line, line, new_figure, power_ticks
from rnnsite.figures.table import Table
from rnnsite.statistics import Estimate, wilson
from rnnsite.wording import say

ARMS = (("ReLU", "relu"), ("ReLU, clipped", "good"), ("tanh", "tanh"), ("tanh, learning rate 0.3", "muted"))
RELU, CLIPPED, TANH, TANH_FAST = range(4)
FIRST = ("nothing", "state", "loss", "gradient")


def _share(arrays: Mapping[str, np.ndarray], arm: int) -> list[Estimate]:
    return [wilson(int(row.sum()), row.size) for row in arrays["first"][arm] != 0]


def figure(arrays: Mapping[str, np.ndarray]) -> Figure:
    rho = arrays["radii"]
    fig = new_figure(
        rows=1,
        cols=2,
        x_title="ρ at the start",
        y_title=["runs that reach Inf or NaN", "largest gradient norm"],
        log_y=[False, True],
    )
    for arm in (CLIPPED, TANH, RELU):
        name, shade = ARMS[arm]
        shares = _share(arrays, arm)
        band(fig, rho, [s.low for s in shares], [s.high for s in shares], shade)
        line(fig, rho, [s.value for s in shares], shade, name=name, markers=True)
    label_line(fig, rho[2], _share(arrays, RELU)[2].value, "<b>ReLU</b>", "relu", position="left")
    label_line(fig, rho[-1], 0.13, "<b>tanh</b>: none", "tanh", position="left", shift=(8, 24))
    label_line(fig, rho[-1], 0.13, "ReLU, clipped: none", "good", position="left", shift=(8, 6))
    fig.update_yaxes(range=[-0.03, 1.05], tickformat=".0%", tickvals=[0, 0.5, 1], row=1, col=1)
    for arm in (RELU, TANH):
        name, shade = ARMS[arm]
        low, middle, high = np.quantile(arrays["largest"][arm], [0.25, 0.5, 0.75], axis=1)
        band(fig, rho, low, high, shade, row=1, col=2)
        line(fig, rho, middle, shade, name=name, label=f"<b>{name}</b>", markers=True, row=1, col=2)
    power_ticks(fig, "y", 0, 22, row=1, col=2)
    fig.update_xaxes(tickvals=[1, 1.5, 2], range=[rho[0] - 0.05, rho[-1] + 0.05])
    return fig


def alt(arrays: Mapping[str, np.ndarray]) -> str:
    rho = arrays["radii"]
    relu, clipped, tanh = (_share(arrays, arm) for arm in (RELU, CLIPPED, TANH))
    low, high = (np.median(arrays["largest"][TANH, i]) for i in (0, -1))
    return (
        f"Left: share of training runs that reach Inf or NaN against the spectral radius they start from. ReLU goes "
        f"from {say(relu[0].value, '.0%')} at {rho[0]:g} to {say(relu[-1].value, '.0%')} at {rho[-1]:g}; ReLU with "
        f"clipping stays at {say(max(s.value for s in clipped), '.0%')} and tanh at "
        f"{say(max(s.value for s in tanh), '.0%')}. Right: the largest gradient of the tanh runs nevertheless grows "
        f"from {low:.2g} to {high:.2g}."
    )


def table(arrays: Mapping[str, np.ndarray]) -> Table:
    rows = []
    for arm, (name, _) in enumerate(ARMS):
        for i, rho in enumerate(arrays["radii"]):
            one, first = _share(arrays, arm)[i], arrays["first"][arm, i]
            where = [int((first == k).sum()) for k in (1, 2, 3)]
            gradient = float(np.median(arrays["largest"][arm, i]))
            rows.append([f"{name}, ρ = {rho:g}", one.value, one.low, one.high, *where, gradient])
    columns = [
        "run",
        "share broken",
        "low",
        "high",
        *(f"first in the {what}" for what in FIRST[1:]),
        "largest gradient",
    ]
    return Table(columns, rows, columns[1:4])
