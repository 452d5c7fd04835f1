"""The gradient of linear networks by distance: one spectral radius, and growth or decay by the shape of W."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from plotly.graph_objects import Figure

from rnnsite.figures.style import band, label_line, line, new_figure, power_ticks, reference
from rnnsite.figures.table import Table

LOOK = {"symmetric": "ink", "Gaussian": "good", "non-normal": "warn"}


def spread(logs: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Quartiles over matrices, as plain numbers."""
    low, middle, high = np.exp(np.quantile(logs, [0.25, 0.5, 0.75], axis=0))
    return low, middle, high


def figure(arrays: Mapping[str, np.ndarray]) -> Figure:
    rho, distance = float(arrays["rho"]), arrays["distance"]
    fig = new_figure(
        x_title="steps back from the loss, k",
        y_title=f"gradient norm, every W with ρ = {rho:g}",
        log_y=True,
        height=420,
    )
    for i, arm in enumerate(str(name) for name in arrays["arm"]):
        low, middle, high = spread(arrays["log_gradient"][i])
        band(fig, distance, low, high, LOOK[arm])
        line(fig, distance, middle, LOOK[arm], label=arm)
    rule = rho**distance
    line(fig, distance, rule, "muted", dash="dot", width=1.5, label="ρ<sup>k</sup>")
    reference(fig, y=1)
    peak = int(np.median(arrays["log_gradient"][2], axis=0).argmax())
    height = float(np.exp(np.median(arrays["log_gradient"][2], axis=0).max()))
    label_line(fig, peak, height, "grows first", "warn", position="above", shift=(52, 12))
    power_ticks(fig, "y", -9, 4)
    return fig


def alt(arrays: Mapping[str, np.ndarray]) -> str:
    middle = np.median(arrays["log_gradient"], axis=1)
    return (
        f"Gradient norm over distance for linear networks whose recurrent matrices all have spectral radius "
        f"{float(arrays['rho']):g}. Symmetric: only shrinks, to {np.exp(middle[0, 50]):.1g} after 50 steps. "
        f"Non-normal, with the very same eigenvalues: the median curve grows {np.exp(middle[2].max()):.0f}-fold until "
        f"step {middle[2].argmax()}, then falls in parallel."
    )


def table(arrays: Mapping[str, np.ndarray]) -> Table:
    middle, worst = (np.exp(np.median(arrays[name], axis=1)) for name in ("log_gradient", "log_norm"))
    rows = [
        [k, float(arrays["rho"] ** k), *map(float, middle[:, k]), *map(float, worst[:, k])]
        for k in (0, 1, 2, 5, 10, 20, 50, 100, len(arrays["distance"]) - 1)
    ]
    names = [str(arm) for arm in arrays["arm"]]
    return Table(["k", "ρᵏ", *(f"{n}, typical" for n in names), *(f"{n}, worst case ‖Wᵏ‖" for n in names)], rows)
