"""The plane of c, coloured by how much z_n still depends on its start: nothing inside, very much at the border."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from plotly.graph_objects import Figure

from rnnsite.figures.decades import decades
from rnnsite.figures.style import label_line, new_figure
from rnnsite.figures.table import Table

LIMIT = 5  # decades at which the colours end


def figure(arrays: Mapping[str, np.ndarray]) -> Figure:
    y, upper = arrays["map_y"], arrays["map_state"]
    fig = new_figure(
        x_title="real part of c",
        y_title="imaginary part of c",
        panel_titles=["gradient of z to its start"],
        height=600,
    )
    fig.add_heatmap(
        x=arrays["map_x"].round(4),
        y=np.concatenate([-y[::-1], y]).round(4),
        **decades(np.concatenate([upper[::-1], upper]), LIMIT),
    )
    label_line(fig, -0.5, 0, "inside:<br>vanishes", "paper")
    fig.update_yaxes(showgrid=False, nticks=5)
    fig.update_xaxes(nticks=5)
    return fig


def alt(arrays: Mapping[str, np.ndarray]) -> str:
    return (
        f"The Mandelbrot set, coloured by the gradient of z after {int(arrays['map_rounds'])} rounds, or at escape, to "
        f"its start. Inside it is tiny: its median after 100 rounds is 10 to the power "
        f"{np.median(arrays['inside_state_100']):.1f}. A bright rim follows the border, where it is largest."
    )


def table(arrays: Mapping[str, np.ndarray]) -> Table:
    rows: list[list[object]] = [
        ["inside, 100 rounds, to the start", 10 ** float(np.median(arrays["inside_state_100"]))],
        ["inside, 100 rounds, to c", 10 ** float(np.median(arrays["inside_parameter_100"]))],
    ]
    for distance, logs in zip(arrays["distances"], arrays["near_parameter"], strict=True):
        rows.append([f"outside, {distance:g} from the border, to c", 10 ** float(np.nanmedian(logs))])
    return Table(["where", "median gradient"], rows)
