"""Eigenvalues of W and of real Jacobians in the complex plane; singular values of longer and longer products."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from plotly.graph_objects import Figure

from rnnsite.figures.palette import colour
from rnnsite.figures.style import band, label_line, line, new_figure, power_ticks
from rnnsite.figures.table import Table

PRODUCTS = (1, 4, 16)


def radius(arrays: Mapping[str, np.ndarray], arm: int, which: slice) -> float:
    return float(np.hypot(*np.moveaxis(arrays["eigenvalues"][arm, :, :, which], 1, 0)).max(-1).mean())


def figure(arrays: Mapping[str, np.ndarray]) -> Figure:
    fig = new_figure(
        rows=1,
        cols=2,
        x_title=["real part", "direction, by strength"],
        y_title=["eigenvalues", "singular values of k steps, tanh"],
        log_y=[False, True],
        height=400,
    )
    clouds = (("W", "muted", 0, 0), ("tanh", "tanh", 0, 1), ("sigmoid", "sigmoid", 1, 1))
    for name, color, arm, which in clouds:
        real, imaginary = arrays["eigenvalues"][arm, 0, :, which]
        fig.add_scatter(
            x=real.round(4),
            y=imaginary.round(4),
            mode="markers",
            name=name,
            marker={"color": colour(color), "size": 6, "symbol": "circle-open" if name == "W" else "circle"},
            row=1,
            col=1,
        )
    angle = np.linspace(0, 2 * np.pi, 91)
    line(fig, np.cos(angle).round(4), np.sin(angle).round(4), "muted", dash="dot", width=1.5, name="modulus 1")
    fig.update_xaxes(range=[-1.9, 1.9], tickvals=[-1, 0, 1], col=1)
    fig.update_yaxes(range=[-1.8, 2.4], tickvals=[-1, 0, 1], scaleanchor="x", constrain="domain", col=1)
    fig.update_xaxes(constrain="domain", col=1)
    label_line(fig, -1.85, 2.2, "○ W", "muted")
    label_line(fig, -0.8, 2.2, "● J of tanh", "tanh")
    label_line(fig, -0.8, 1.8, "● J of sigmoid", "sigmoid")

    ranks = np.arange(1, arrays["singular"].shape[-1] + 1)
    for k in PRODUCTS:
        low, middle, high = np.quantile(arrays["singular"][0, :, k - 1], [0.25, 0.5, 0.75], axis=0)
        seen = middle > 1e-8
        band(fig, ranks[seen], low[seen], high[seen], "tanh", row=1, col=2)
        line(fig, ranks[seen], middle[seen], "tanh", name=f"k = {k}", row=1, col=2)
        where = int(np.flatnonzero(middle > 1e-6)[-1] * 0.8)
        label_line(fig, int(ranks[where]), float(middle[where]), f"k = {k}", "tanh", row=1, col=2)
    power_ticks(fig, "y", -8, 0, row=1, col=2)
    fig.update_xaxes(range=[0, len(ranks) + 2], col=2)
    return fig


def alt(arrays: Mapping[str, np.ndarray]) -> str:
    counts = [(arrays["singular"][0, :, k - 1] > 0.1).sum(-1).mean() for k in PRODUCTS]
    said = ", ".join(f"{count:.0f} after {k}" for k, count in zip(PRODUCTS, counts, strict=True))
    arms = ((0, slice(0, 1)), (0, slice(1, None)), (1, slice(1, None)))
    W, tanh, sigmoid = (f"{radius(arrays, arm, which):.2f}" for arm, which in arms)
    return (
        f"First panel: eigenvalues of W fill a disc of radius {W}; those of a tanh network's Jacobian one of radius "
        f"{tanh}, of a sigmoid network's one of radius {sigmoid}; the circle of modulus 1 lies between. Second panel: "
        "singular values of the product of k Jacobians, relative to the largest; directions within a tenth of it: "
        f"{said} steps."
    )


def table(arrays: Mapping[str, np.ndarray]) -> Table:
    rows = []
    for i, arm in enumerate(str(name) for name in arrays["arm"]):
        rows.append(
            [
                arm,
                float(arrays["gamma"][i]),
                radius(arrays, i, slice(0, 1)),
                float((arrays["gamma"][i] * arrays["norm_W"][i]).mean()),
                float(np.exp(arrays["log_step_norm"][i].mean())),
                float(np.exp(arrays["log_step_radius"][i].mean())),
                float(np.exp(arrays["growth"][i].mean())),
            ]
        )
    return Table(
        ["network", "γ", "ρ(W)", "bound γ‖W‖", "‖J‖ of a step", "ρ(J) of a step", "growth per step, measured"], rows
    )
