"""One tanh unit composed into a step; 100 units composed into a folded line; folds against compositions."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from plotly.graph_objects import Figure

from rnnsite.figures.style import band, label_line, line, new_figure
from rnnsite.figures.table import Table

UNIT_ROUNDS = (1, 16)
SHADES = ("muted", "rnn")


def bands(values: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Mean over networks and its 95 % interval (normal), per composition."""
    mean = values.mean(axis=0)
    half = 1.96 * values.std(axis=0, ddof=1) / np.sqrt(len(values))
    return mean - half, mean, mean + half


def figure(arrays: Mapping[str, np.ndarray]) -> Figure:
    fig = new_figure(
        rows=3,
        cols=1,
        panel_titles=["one tanh unit", "100 tanh units, along a line", "folds of the line"],
        x_title=["start", "position on the line", "times composed"],
        y_title=["state after n rounds", "projected state after n rounds", "sign changes of the slope"],
        height=900,
    )
    for n, shade in zip(UNIT_ROUNDS, SHADES, strict=True):
        line(fig, arrays["unit_start"], arrays["unit_state"][n].round(4), shade, name=f"n = {n}", row=1)
    label_line(fig, 0.55, 0.8, "n = 1", "muted", position="right", shift=(0, -8), row=1)
    label_line(fig, -0.02, 0.6, "n = 16", "rnn", position="left", row=1)
    for i, shade in ((0, "muted"), (-1, "rnn")):
        n = int(arrays["drawn"][i])
        y = arrays["curve"][-1, -1, i].astype(float).round(3)
        line(fig, arrays["start"][::2], y[::2], shade, label=f"n = {n}", width=1.8, row=2)
    for gain, shade, turns in zip(arrays["gains"], ("muted", "rnn"), arrays["turns"][-1], strict=True):
        low, mean, high = bands(turns)
        band(fig, arrays["compositions"], low, high, shade, row=3)
        line(fig, arrays["compositions"], mean, shade, label=f"g = {gain:g}", row=3)
    fig.update_yaxes(nticks=4)
    return fig


def alt(arrays: Mapping[str, np.ndarray]) -> str:
    contracting, chaotic = arrays["turns"][-1, :, :, 5].mean(axis=1)
    return (
        "Top: a single tanh unit, composed 1 and 16 times, turns from a soft curve into a step. Middle: 100 units, "
        "projected to a line, are a smooth curve after 1 composition and a many times folded one "
        f"after 5. Bottom: after 5 compositions the slope changes sign {chaotic:.1f} times at gain 3 and "
        f"{contracting:.1f} times at gain 0.9, on average over {arrays['turns'].shape[2]} networks."
    )


def table(arrays: Mapping[str, np.ndarray]) -> Table:
    rows = []
    for i, gain in enumerate(arrays["gains"]):
        for k in arrays["compositions"]:
            at = (-1, i, slice(None), int(k))
            rows.append(
                [
                    f"g = {gain:g}, {int(k)} compositions",
                    float(arrays["turns"][at].mean()),
                    float(np.median(arrays["median_slope"][at])),
                    float(np.median(arrays["largest_slope"][at])),
                    float(arrays["small_share"][at].mean()),
                ]
            )
    columns = ["network", "sign changes", "median slope", "largest slope", "share of small slopes"]
    return Table(columns, rows, columns[4:])
