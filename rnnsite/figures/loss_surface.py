"""The one-unit loss surface as a map, and one descent that is thrown off it beside one that is clipped."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from plotly.graph_objects import Figure

from rnnsite.figures.palette import SEQUENTIAL, colour
from rnnsite.figures.style import label_line, line, new_figure
from rnnsite.figures.table import Table


def _throw(path: np.ndarray) -> int:
    """The number of the longest step."""
    return int(np.linalg.norm(np.diff(path, axis=0), axis=1).argmax())


# the paler half: both paths must stay visible on it
_PALE = [[round(i / 4, 2), shade] for i, (_, shade) in enumerate(SEQUENTIAL[:5])]


def figure(arrays: Mapping[str, np.ndarray]) -> Figure:
    w, b = arrays["w"], arrays["b"]
    plain, clipped = arrays["path_plain"], arrays["path_clipped"]
    fig = new_figure(x_title="recurrent weight w", y_title="bias b", height=460)
    fig.add_heatmap(
        x=w.round(4),
        y=b.round(4),
        z=np.rint(100 * np.sqrt(arrays["loss"])).astype(np.uint8),  # hundredths: a tenth of the bytes
        colorscale=_PALE,
        zmin=0,
        zmax=70,
        showscale=False,
        hovertemplate="w %{x}, b %{y}: |h − 0.7| = 0.%{z:02d}<extra></extra>",
    )
    throw = _throw(plain)
    before, after = plain[throw], plain[throw + 1]
    way = (after - before) / np.linalg.norm(after - before)
    edge = before + way * _room(before, way, w, b)
    x, y = _thin(clipped).T.round(4)
    line(fig, x, y, "ink", name="clipped", width=2)
    x, y = _thin(plain[: throw + 1]).T.round(4)
    line(fig, x, y, "warn", name="not clipped", width=4)
    fig.add_annotation(
        x=edge[0], y=edge[1], ax=before[0], ay=before[1], xref="x", yref="y", axref="x", ayref="y",
        showarrow=True, arrowhead=2, arrowwidth=4, arrowcolor=colour("warn"), text="",
    )  # fmt: skip
    for point, shade in ((plain[0], "warn"), (clipped[-1], "ink")):
        fig.add_scatter(x=point[:1], y=point[1:], mode="markers", marker={"size": 11, "color": colour(shade)})
    low, high = _heights(arrays)
    label_line(fig, plain[0, 0], plain[0, 1], "start", "warn")
    label_line(fig, w[-1], -2.36, f"<b>not clipped:</b><br>thrown {_length(plain):.0f} away", "warn", position="left")
    x, y = clipped[-1]
    label_line(fig, x, y, "<b>clipped:</b><br>reaches the target", position="above", shift=(28, 12))
    label_line(fig, w[0], b[0], f"the unit settles low:<br>loss up to {low:.2f}", "ink", shift=(2, 24))
    label_line(fig, w[-1], -2.7, f"settles high:<br>loss up to {high:.2f}", "ink", position="left")
    fig.update_xaxes(range=[w[0], w[-1]])
    fig.update_yaxes(range=[b[0], b[-1]], showgrid=False)
    return fig


def _heights(arrays: Mapping[str, np.ndarray]) -> tuple[float, float]:
    """The highest loss below the wall and above it."""
    below = arrays["b"][:, None] < arrays["wall"]
    return float(arrays["loss"][below].max()), float(arrays["loss"][~below].max())


def _length(path: np.ndarray) -> float:
    return float(np.linalg.norm(np.diff(path, axis=0), axis=1).max())


def _room(point: np.ndarray, way: np.ndarray, w: np.ndarray, b: np.ndarray) -> float:
    """How far `point` can go along `way` and stay on the map."""
    far = [(end - at) / go for at, go, ends in zip(point, way, (w[[0, -1]], b[[0, -1]]), strict=True) for end in ends]
    return 0.98 * min(one for one in far if one > 0)


def _thin(path: np.ndarray) -> np.ndarray:
    """Every tenth point where steps are short, every point where they are not."""
    long = np.linalg.norm(np.diff(path, axis=0), axis=1) > 0.01
    keep = np.zeros(len(path), dtype=bool)
    keep[::10] = keep[-1] = True
    keep[:-1] |= long
    keep[1:] |= long
    return path[keep]


def alt(arrays: Mapping[str, np.ndarray]) -> str:
    low, high = _heights(arrays)
    return (
        "A map of the loss over recurrent weight w and bias b. A straight cliff runs from upper left to lower right: "
        f"below it the loss is up to {low:.2f}, above it up to {high:.2f}, and a narrow valley of zero loss runs into "
        "it. From the same start, descent without clipping meets the cliff and is thrown "
        f"{_length(arrays['path_plain']):.0f} units off the map, ending at loss {float(arrays['loss_plain']):.2f}; "
        f"with clipping it zigzags along the cliff into the valley and ends at {float(arrays['loss_clipped']):.4f}."
    )


def table(arrays: Mapping[str, np.ndarray]) -> Table:
    """The walls that were measured: one row a weight, at 50 steps."""
    at_50 = list(arrays["steps"]).index(50)
    return Table(
        ["w", "wall at b (predicted)", "steepest at b (measured)", "steepest slope", "growth a step, wσ′(0.5)"],
        [
            [float(w), float(predicted), float(measured), float(slope), float(factor)]
            for w, predicted, measured, slope, factor in zip(
                arrays["widths"],
                arrays["wall_at_widths"],
                arrays["steepest_at_50"],
                arrays["peak_slope"][:, at_50],
                arrays["growth"],
                strict=True,
            )
        ],
    )
