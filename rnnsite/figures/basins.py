"""Map of starts of a two-unit network, coloured by gradient; beside it, gradients in basins and on walls of many."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from plotly.graph_objects import Figure

from rnnsite.figures.decades import decades
from rnnsite.figures.palette import colour
from rnnsite.figures.style import band, line, new_figure, power_ticks, reference
from rnnsite.figures.table import Table

LIMIT = 3  # decades at which the colours end


def spread(logs: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Median over networks and where the middle half of them lies, as plain numbers."""
    low, middle, high = 10.0 ** np.quantile(logs, [0.25, 0.5, 0.75], axis=0)
    return low, middle, high


def figure(arrays: Mapping[str, np.ndarray]) -> Figure:
    fig = new_figure(
        rows=2,
        cols=1,
        panel_titles=["one network, every start", f"{len(arrays['inside'])} random networks"],
        x_title=["first unit", "steps"],
        y_title=["second unit", "gradient to the start"],
        log_y=[False, True],
        height=860,
    )
    axis = arrays["map_axis"].round(4)
    fig.add_heatmap(
        x=axis,
        y=axis,
        **decades(arrays["map"], LIMIT),
        colorbar_len=0.5,
        colorbar_y=1,
        colorbar_yanchor="top",
        row=1,
        col=1,
    )
    fig.add_scatter(
        x=arrays["attractors"][:, 0],
        y=arrays["attractors"][:, 1],
        mode="markers",
        name="attractor",
        marker={"color": colour("paper"), "size": 10, "line": {"color": colour("ink"), "width": 1.5}},
        row=1,
        col=1,
    )
    shown = arrays["inside"].shape[1]
    for name, shade, text in (("wall", "explode", "wall"), ("inside", "vanish", "basin")):
        low, middle, high = spread(arrays[name])
        band(fig, np.arange(shown), low, high, shade, row=2)
        line(fig, np.arange(shown), middle, shade, label=text, row=2)
    chaotic = 10.0 ** np.median(arrays["chaotic"][:, :shown], axis=0)
    line(fig, np.arange(shown), chaotic, "ink", dash="dash", label="chaos", row=2)
    reference(fig, y=1, row=2)
    power_ticks(fig, "y", -24, 12, row=2)
    return fig


def alt(arrays: Mapping[str, np.ndarray]) -> str:
    inside, wall = (np.median(arrays[name][:, -1]) for name in ("inside", "wall"))
    return (
        f"Top: the starts of a two-unit tanh network with {len(arrays['attractors'])} attractors. Its gradient after "
        f"{int(arrays['map_rounds'])} steps is tiny in the basins and large on the thin curved walls between them. "
        f"Bottom: in {len(arrays['inside'])} random networks the median gradient over {arrays['inside'].shape[1] - 1} "
        f"steps falls to 10 to the power {inside:.1f} in a basin and rises to 10 to the power {wall:.1f} on a wall; in "
        "the single basin of a chaotic network it rises too."
    )


def table(arrays: Mapping[str, np.ndarray]) -> Table:
    rows = [
        [t, *(float(10 ** np.median(arrays[name][:, t])) for name in ("inside", "wall", "chaotic"))]
        for t in (0, 5, 10, 15, 20)
    ]
    return Table(["steps", "gradient in a basin", "on a wall", "in a chaotic basin"], rows)
