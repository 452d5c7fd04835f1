"""Loss along a line for one sequence and for the average of many; and how rough each average is, seen and felt."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from plotly.graph_objects import Figure

from rnnsite.figures.style import band, label_line, line, new_figure, power_ticks
from rnnsite.figures.table import Table

CALM, CHAOTIC = 0, 1
CURVES = (
    ("slope", CHAOTIC, "warn", "ρ = 3: gradient"),
    ("chord", CHAOTIC, "ink", "ρ = 3: as seen"),
    ("slope", CALM, "good", "ρ = 0.9: gradient"),
)


def figure(arrays: Mapping[str, np.ndarray]) -> Figure:
    bias, drawn, n = arrays["bias"].round(4), arrays["drawn"][CHAOTIC], arrays["n"]
    fig = new_figure(
        rows=1,
        cols=2,
        x_title=["bias added to every hidden unit", "sequences averaged, n"],
        y_title=["loss, ρ = 3, 40 steps", "typical slope of the average"],
        log_x=[False, True],
        log_y=[False, True],
        height=420,
    )
    line(fig, bias, drawn[0].round(4), "muted", name="one sequence", width=1)
    line(fig, bias, drawn[-1].round(4), "ink", name=f"average of {n[-1]}", width=3)
    top = float(drawn[0].max())
    label_line(fig, bias[0], top, "one sequence", "muted", shift=(0, 12))
    label_line(fig, bias[-1], top, f"<b>average of {n[-1]}</b>", "ink", position="left", shift=(6, 12))
    fig.update_yaxes(range=[0, top * 1.12], row=1, col=1)
    fig.update_xaxes(tickvals=[-0.4, 0, 0.4], row=1, col=1)
    for name, rho, shade, label in CURVES:
        low, middle, high = np.quantile(arrays[name][rho, :, -1], [0.25, 0.5, 0.75], axis=0)
        band(fig, n, low, high, shade, row=1, col=2)
        line(fig, n, middle, shade, name=label, markers=True, row=1, col=2)
    for (_, _, shade, label), height in zip(CURVES, (3.3, 1.2, -1.85), strict=True):
        label_line(fig, n[-1], 10**height, f"<b>{label}</b>", shade, position="left", row=1, col=2, shift=(8, 0))
    power_ticks(fig, "y", -2, 4, row=1, col=2)
    fig.update_xaxes(tickvals=[1, 32, 1024], ticktext=["1", "32", "1024"], tickfont_size=14, row=1, col=2)
    return fig


def alt(arrays: Mapping[str, np.ndarray]) -> str:
    slope, chord = (np.median(arrays[name][CHAOTIC, :, -1], axis=0) for name in ("slope", "chord"))
    calm = np.median(arrays["slope"][CALM, :, -1], axis=0)
    n = arrays["n"][-1]
    return (
        f"Left: the loss of one sequence along a line of biases is a thicket of cliffs; the average of {n} sequences "
        "is nearly a straight line. Right: typical slope of the average against how many sequences it has. As seen at "
        f"a spacing of {float(arrays['chord_width']):g} it falls from {chord[0]:.3g} to {chord[-1]:.3g}, but the "
        f"gradient itself goes from {slope[0]:.3g} to {slope[-1]:.3g}. In calm networks the gradient falls from "
        f"{calm[0]:.2g} to {calm[-1]:.2g}."
    )


def table(arrays: Mapping[str, np.ndarray]) -> Table:
    rows = []
    for rho, name in ((CHAOTIC, "ρ = 3"), (CALM, "ρ = 0.9")):
        for i, T in enumerate(arrays["horizons"]):
            for j, n in enumerate(arrays["n"]):
                slope, chord = (
                    np.quantile(arrays[kind][rho, :, i, j], [0.25, 0.5, 0.75]) for kind in ("slope", "chord")
                )
                rows.append([f"{name}, {T} steps, n = {n}", *map(float, slope), float(chord[1])])
    return Table(["networks", "slope: lower quartile", "slope: median", "upper quartile", "as seen: median"], rows)
