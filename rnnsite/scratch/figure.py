"""Figures and tables from plain lists. A figure is a dictionary with "data" and "layout", as Plotly reads it."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

Figure = dict[str, Any]

# The site's colours: a curve whose name begins with a cell's name has that cell's colour on every page.
COLOURS = {"rnn": "#c44b07", "gru": "#168360", "lstm": "#2445ba"}
OTHERS = ("#2b5ca5", "#ad4f22", "#3b815e", "#6e66c1", "#8c3a6b", "#524b03")
SEQUENTIAL = ("#f7f4e5", "#84d1af", "#0087ab", "#264698", "#281953")


def colours(names: Sequence[str]) -> list[str]:
    """One for each name.

    >>> colours(["LSTM, bias 2", "plain"])
    ['#2445ba', '#2b5ca5']
    """
    free = [COLOURS.get(name.lower().replace(",", " ").split(" ")[0]) for name in names]
    spare = iter(OTHERS * (1 + len(names) // len(OTHERS)))
    taken: list[str] = []
    for colour in free:
        taken.append(next(spare) if colour is None or colour in taken else colour)
    return taken


def layout(title: str, x: str, y: str, log: bool = False) -> dict[str, Any]:
    """Titles of the figure and its axes; `log` makes the vertical axis logarithmic."""
    vertical: dict[str, Any] = {"title": {"text": y}}
    if log:
        vertical |= {"type": "log", "exponentformat": "power"}
    return {"title": {"text": title}, "xaxis": {"title": {"text": x}}, "yaxis": vertical, "showlegend": False}


def lines(
    curves: Mapping[str, Sequence[float]],
    xs: Sequence[float] | None = None,
    *,
    title: str = "",
    x: str = "step",
    y: str = "",
    log: bool = False,
) -> Figure:
    """One line for each name in `curves`, over `xs` (0, 1, 2, … if not given).

    What cannot be drawn leaves a gap: NaN and infinity, and on a log axis whatever is not above 0.

    >>> figure = lines({"up": [1, 2, 4], "down": [4, 2, 0]}, log=True)
    >>> [trace["name"] for trace in figure["data"]], figure["data"][1]["y"]
    (['up', 'down'], [4, 2, None])
    """
    data: list[dict[str, Any]] = []
    for (name, ys), colour in zip(curves.items(), colours(list(curves))):
        shown = [value if math.isfinite(value) and (value > 0 or not log) else None for value in ys]
        along = list(range(len(ys)) if xs is None else xs)
        trace = {"type": "scatter", "mode": "lines", "name": name, "x": along, "y": shown}
        data.append({**trace, "line": {"color": colour, "width": 2}})
    drawn = layout(title, x, y, log)
    drawn |= {"showlegend": len(data) > 1, "legend": {"orientation": "h", "x": 0, "y": -0.3, "yanchor": "top"}}
    if log:
        logs = [math.log10(value) for trace in data for value in trace["y"] if value is not None]
        span = max(logs, default=0.0) - min(logs, default=0.0)
        drawn["yaxis"]["dtick"] = max(1, math.ceil(span / 6))  # whole powers of ten, about six of them
    return {"data": data, "layout": drawn}


def bars(heights: Mapping[str, float], *, title: str = "", x: str = "", y: str = "", log: bool = False) -> Figure:
    """One bar for each name.

    >>> bars({"RNN": 0.5, "LSTM": 0.1})["data"][0]["y"]
    [0.5, 0.1]
    """
    names = list(heights)
    data = [{"type": "bar", "x": names, "y": list(heights.values()), "marker": {"color": colours(names)}}]
    return {"data": data, "layout": layout(title, x, y, log)}


def heat(values: Sequence[Sequence[float]], *, title: str = "", x: str = "step", y: str = "unit") -> Figure:
    """A matrix as colours, its first row at the top.

    >>> heat([[0, 1], [2, 3]])["layout"]["yaxis"]["autorange"]
    'reversed'
    """
    scale = [[k / (len(SEQUENTIAL) - 1), colour] for k, colour in enumerate(SEQUENTIAL)]
    drawn = layout(title, x, y)
    drawn["yaxis"]["autorange"] = "reversed"
    return {"data": [{"type": "heatmap", "z": [list(row) for row in values], "colorscale": scale}], "layout": drawn}


def smooth(values: Sequence[float], k: int = 20) -> list[float]:
    """The mean of each value and the up to k − 1 before it.

    >>> smooth([4, 2, 6], 2)
    [4.0, 3.0, 4.0]
    """
    windows = [values[max(0, end - k) : end] for end in range(1, len(values) + 1)]
    return [sum(window) / len(window) for window in windows]


class Table:
    """Rows under column names; the page shows it as a table.

    >>> print(Table(["k", "left"], [[1, 0.9], [50, 0.0051537752]]))
    k   left
    1   0.9
    50  0.005154
    """

    def __init__(self, columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
        self.columns, self.rows = list(columns), [list(row) for row in rows]

    def __repr__(self) -> str:
        cells = [self.columns] + [[f"{v:.4g}" if isinstance(v, float) else str(v) for v in row] for row in self.rows]
        widths = [max(map(len, column)) for column in zip(*cells)]
        return "\n".join("  ".join(map(str.ljust, row, widths)).rstrip() for row in cells)
