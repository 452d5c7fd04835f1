"""Share of starts that reach the target at each learning rate, with and without clipping."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from plotly.graph_objects import Figure

from rnnsite.figures.style import band, label_line, line, new_figure
from rnnsite.figures.table import Table
from rnnsite.statistics import Estimate, wilson
from rnnsite.wording import say

ARMS = (("not clipped", "warn"), ("clipped", "good"))


def _shares(arrays: Mapping[str, np.ndarray], arm: int) -> list[Estimate]:
    hits = arrays["loss"][arm] < arrays["solved"]
    return [wilson(int(row.sum()), row.size) for row in hits]


def _thrown(arrays: Mapping[str, np.ndarray], arm: int) -> np.ndarray:
    return (arrays["longest"][arm] > arrays["box"]).mean(1)


def figure(arrays: Mapping[str, np.ndarray]) -> Figure:
    lrs = arrays["lrs"]
    fig = new_figure(x_title="learning rate", y_title="share of starts that reach the target", log_x=True)
    for arm, (name, shade) in enumerate(ARMS):
        shares = _shares(arrays, arm)
        band(fig, lrs, [s.low for s in shares], [s.high for s in shares], shade)
        line(fig, lrs, [s.value for s in shares], shade, name=name, markers=True)
    label_line(fig, 0.09, 0.86, "<b>clipped</b>", "good", position="left")
    label_line(fig, 0.4, 0.25, "<b>not clipped</b>", "warn", shift=(4, -6))
    fig.update_yaxes(range=[-0.02, 1.03], tickformat=".0%", tickvals=[0, 0.5, 1])
    fig.update_xaxes(tickvals=[0.01, 0.1, 1, 10], ticktext=["0.01", "0.1", "1", "10"], tickfont_size=14)
    return fig


def alt(arrays: Mapping[str, np.ndarray]) -> str:
    plain, clipped = (_shares(arrays, arm) for arm in (0, 1))
    at = int(arrays["shown"])
    return (
        f"Share of {arrays['loss'].shape[2]} starts that reach the target against learning rate. At learning rate "
        f"{arrays['lrs'][at]:g} it is {say(clipped[at].value, '.0%')} with clipping and {say(plain[at].value, '.0%')} "
        f"without. Clipped runs reach at most {say(max(s.value for s in clipped), '.0%')}, unclipped ones "
        f"{say(max(s.value for s in plain), '.0%')}."
    )


def table(arrays: Mapping[str, np.ndarray]) -> Table:
    rows = []
    for i, lr in enumerate(arrays["lrs"]):
        for arm, (name, _) in enumerate(ARMS):
            share = _shares(arrays, arm)[i]
            loss = float(np.median(arrays["loss"][arm, i]))
            rows.append([f"{lr:g}, {name}", share.value, share.low, share.high, _thrown(arrays, arm)[i], loss])
    columns = ["learning rate", "solved", "low", "high", "thrown out of the box", "median final loss"]
    return Table(columns, rows, columns[1:-1])
