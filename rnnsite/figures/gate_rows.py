"""The eight rows of the gate table as dots with intervals, ordered by what they achieve."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from rnnsite.figures.palette import colour
from rnnsite.figures.whiskers import whiskers
from rnnsite.statistics import Estimate, bootstrap

ROWS = ("no gates", "o", "i", "i + o", "f", "i + f", "f + o", "i + f + o")  # in the lecture's order


def shares(runs: np.ndarray) -> list[Estimate]:
    """Mean accuracy of each row over its seeds, runs (rows, seeds)."""
    return [bootstrap(row) for row in runs]


def order(estimates: Sequence[Estimate]) -> list[int]:
    """The rows from the worst to the best."""
    return [int(k) for k in np.argsort([estimate.value for estimate in estimates])]


def dots(
    drawn: go.Figure,
    estimates: Sequence[Estimate],
    rows: Sequence[int],
    shade: str,
    name: str,
    *,
    symbol: str = "circle",
    size: int = 9,
    col: int = 1,
) -> None:
    """One dot a row, from the bottom up in the order of `rows`, with its interval."""
    values = [estimates[row] for row in rows]
    drawn.add_scatter(
        x=[e.value for e in values],
        y=list(range(len(rows))),
        mode="markers",
        marker={"color": colour(shade), "size": size, "symbol": symbol, "line": {"width": 2, "color": colour(shade)}},
        error_x=whiskers(values, shade, thickness=2),
        name=name,
        row=1,
        col=col,
    )


def name_rows(drawn: go.Figure, rows: Sequence[int], cols: int) -> None:
    """The rows' names at the left of the first panel, level lines in all."""
    for col in range(1, cols + 1):
        drawn.update_yaxes(
            tickvals=list(range(len(rows))),
            ticktext=[ROWS[row] for row in rows],
            range=[-0.6, len(rows) - 0.4],
            row=1,
            col=col,
        )
