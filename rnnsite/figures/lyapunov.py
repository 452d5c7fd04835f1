"""Growth of the gradient a step against gain: exponent, backward gradients, theory, and the spectral-radius rule."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from plotly.graph_objects import Figure

from rnnsite.figures.palette import colour
from rnnsite.figures.style import band, label_line, line, new_figure, reference
from rnnsite.figures.table import Table

SHADES = ("rnn", "ink")  # without and with input


def spread(values: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Mean over networks (first axis), and where 95 % of networks lie."""
    low, high = np.quantile(values, [0.025, 0.975], axis=0)
    return low, values.mean(axis=0), high


def figure(arrays: Mapping[str, np.ndarray]) -> Figure:
    gains = arrays["gains"]
    fig = new_figure(
        x_title="gain g of the recurrent weights",
        y_title="log growth of the gradient, per step",
        height=460,
    )
    reference(fig, y=0)
    line(fig, gains, arrays["log_radius"][-1, 0].mean(axis=0), "muted", dash="dash", width=2)
    label_line(fig, 1.6, 0.53, "rule of thumb: log ρ", "muted", position="left")
    for drive, shade in enumerate(SHADES):
        low, mean, high = spread(arrays["exponent"][-1, drive])
        band(fig, gains, low, high, shade)
        line(fig, gains, mean, shade, name="Lyapunov exponent")
        fig.add_scatter(
            x=gains,
            y=arrays["backward"][-1, drive, :, :, -1].mean(axis=0),
            mode="markers",
            name="backward gradient",
            marker={"color": colour(shade), "size": 9, "symbol": "circle-open", "line": {"width": 2}},
        )
    label_line(fig, 1.32, 0.02, "no input", "rnn", position="above", shift=(8, 2))
    label_line(fig, 1.22, -0.16, "with input", "ink", position="right", shift=(2, -8))
    label_line(fig, 0.75, 0.2, "explodes", "muted", position="above")
    label_line(fig, 1.65, -0.4, "vanishes", "muted", position="below")
    return fig


def alt(arrays: Mapping[str, np.ndarray]) -> str:
    i = int(np.argmin(np.abs(arrays["gains"] - 1.5)))
    alone, driven = arrays["exponent"][-1, :, :, i].mean(axis=1)
    radius = arrays["log_radius"][-1, 0, :, i].mean()
    return (
        "Growth of the gradient per step against the gain of a random tanh network. Below gain 1 it follows the log of "
        f"the spectral radius. Above, it stays near zero instead: at gain 1.5 it is {alone:.3f}, where the log of the "
        f"spectral radius is {radius:.2f}; with random input it is {driven:.3f}. Circles, measured on gradients sent "
        "back through 300 steps, lie on the curves."
    )


def table(arrays: Mapping[str, np.ndarray]) -> Table:
    rows = []
    for i, gain in enumerate(arrays["gains"]):
        row: list[float] = [float(gain), float(arrays["log_radius"][-1, 0, :, i].mean())]
        for drive in (0, 1):
            row += [
                float(arrays["exponent"][-1, drive, :, i].mean()),
                float(arrays["backward"][-1, drive, :, i, -1].mean()),
                float(arrays["mean_field"][drive, i]),
            ]
        rows.append(row)
    head = ("exponent", "backward gradient", "mean-field theory")
    return Table(["gain", "log ρ", *head, *(f"{one}, with input" for one in head)], rows)
