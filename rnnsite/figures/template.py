"""The plotly template that all figures share: typeface, sizes, axes and the colours of what is not named."""

from __future__ import annotations

from typing import Any

import plotly.graph_objects as go

from rnnsite.figures.palette import DIVERGING, SEQUENTIAL, colour

FONT = 'system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", "Noto Sans", "Liberation Sans", sans-serif'
SIZE = 15  # px at 680 px; phones get their own drawing
TICK_SIZE = 14

_AXIS: dict[str, Any] = {
    "zeroline": False,
    "ticks": "outside",
    "ticklen": 4,
    "tickcolor": colour("rule"),
    "tickfont": {"size": TICK_SIZE, "color": colour("muted")},
    "title": {"standoff": 8, "font": {"size": SIZE}},
    "automargin": True,
    "exponentformat": "power",
    "nticks": 7,
}

LOG = {"type": "log", "tickfont": {"size": 11}}  # plotly enlarges the ticks of log axes by a quarter

# Not one of plotly's templates: their default adds 6.5 KB to each figure.
TEMPLATE = go.layout.Template(
    layout={
        "font": {"family": FONT, "size": SIZE, "color": colour("ink")},
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "showlegend": False,
        "colorway": [colour(name) for name in ("lstm", "rnn", "gru", "esn", "tanh", "sigmoid")],
        "xaxis": {**_AXIS, "showgrid": False, "showline": True, "linecolor": colour("muted")},
        "yaxis": {**_AXIS, "gridcolor": colour("rule"), "showline": False, "ticks": ""},
        "hoverlabel": {
            "bgcolor": colour("paper"),
            "bordercolor": colour("muted"),
            "font": {"family": FONT, "color": colour("ink"), "size": TICK_SIZE},
        },
        "colorscale": {"sequential": SEQUENTIAL, "diverging": DIVERGING},
        "bargap": 0.4,
        "annotationdefaults": {"showarrow": False},
    },
)
COLORBAR = {"thickness": 12, "outlinewidth": 0, "ticks": "", "tickfont": {"size": TICK_SIZE}, "exponentformat": "power"}
