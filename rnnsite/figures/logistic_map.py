"""The logistic map after 32 rounds as a function of its start; below, how its derivative shrinks and grows."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from plotly.graph_objects import Figure

from rnnsite.figures.style import band, label_line, line, new_figure, power_ticks, reference
from rnnsite.figures.table import Table


def spread(logs: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """2.5 %, 50 % and 97.5 % quantiles over starts, as plain numbers."""
    low, middle, high = 10.0 ** np.quantile(logs, [0.025, 0.5, 0.975], axis=1)
    return low, middle, high


def figure(arrays: Mapping[str, np.ndarray]) -> Figure:
    grid, rounds = arrays["grid"], arrays["rounds"]
    fig = new_figure(
        rows=2,
        cols=1,
        x_title=["start", "rounds n"],
        y_title=["where each start is after n rounds", "derivative of n rounds, |dfⁿ/dx|"],
        log_y=[False, True],
        height=640,
    )
    first, last = (int(n) for n in arrays["drawn"])
    line(fig, grid, arrays["grid_value"][0].round(4), "muted", name=f"n = {first}", width=1.5, row=1)
    line(fig, grid, arrays["grid_value"][1].round(4), "ink", name=f"n = {last}", row=1)
    label_line(fig, 0.5, 0.875, f"n = {first}", "muted", position="above", row=1)
    label_line(fig, 0.5, float(arrays["cycle"][0]), f"n = {last}", "ink", position="below", row=1)
    for level in arrays["cycle"]:
        label_line(fig, 1, float(level), f"{level:.3f}", "ink", row=1)
    fixed = float(arrays["fixed"][1])
    reference(fig, y=fixed, row=1)
    label_line(fig, 0.5, fixed, "fixed point", "muted", position="below", row=1)
    fig.update_yaxes(range=[0, 1], row=1)

    for name, shade, text in (
        ("wall_log_slope", "explode", "on a<br>wall"),
        ("log_slope", "vanish", "typical<br>start"),
    ):
        low, middle, high = spread(arrays[name])
        band(fig, rounds, low, high, shade, row=2)
        line(fig, rounds, middle, shade, label=text, row=2)
    reference(fig, y=1, row=2)
    power_ticks(fig, "y", -22, 5, row=2)
    return fig


def alt(arrays: Mapping[str, np.ndarray]) -> str:
    levels = ", ".join(f"{level:.3f}" for level in arrays["cycle"])
    typical, wall = (np.median(arrays[name][-1]) for name in ("log_slope", "wall_log_slope"))
    return (
        f"Top: after {int(arrays['drawn'][1])} rounds of f(x) = 3.5x(1 − x) the map is a staircase with four levels, "
        f"{levels}; none is the fixed point {arrays['fixed'][1]:.3f}. Bottom: after {len(arrays['rounds']) - 1} rounds "
        f"the median derivative over random starts is 10 to the power {typical:.1f}; on the walls between levels it is "
        f"10 to the power {wall:.1f}."
    )


def table(arrays: Mapping[str, np.ndarray]) -> Table:
    rows = []
    for n in (0, 1, 2, 4, 8, 16, 32, 64):
        logs = arrays["log_slope"][n]
        wall = arrays["wall_log_slope"][n]
        rows.append([n, 10 ** np.median(logs), 10 ** np.median(wall), float((np.abs(logs) <= 1).mean())])
    columns = ["rounds", "derivative, median start", "derivative, median wall", "share of starts between 0.1 and 10"]
    return Table(columns, rows, columns[3:])
