"""Heat maps of the error of echo state networks by leak and spectral radius, on two tasks."""

from __future__ import annotations

import numpy as np
import plotly.graph_objects as go

from rnnsite.claims import Arrays
from rnnsite.figures.palette import SEQUENTIAL
from rnnsite.figures.style import new_figure
from rnnsite.figures.table import Table

LOW, HIGH = -1.3, 0.0  # log₁₀ of the errors at which the colours end: 0.05, and 1, what the mean achieves
PANELS = (("narma", "NARMA-10"), ("series", "Mackey–Glass"))


def middle(arrays: Arrays, name: str) -> np.ndarray:
    """Median over the networks, (leak, radius)."""
    return np.median(arrays[name], axis=2)


def figure(arrays: Arrays) -> go.Figure:
    drawn = new_figure(
        rows=2,
        panel_titles=[title for _, title in PANELS],
        x_title=["", "spectral radius ρ"],
        y_title="leak α",
        height=640,
    )
    for row, (name, title) in enumerate(PANELS, 1):
        errors = middle(arrays, name)
        drawn.add_heatmap(
            x=[f"{radius:g}" for radius in arrays["radii"]],
            y=[f"{leak:g}" for leak in arrays["leaks"]],
            z=np.clip(np.log10(errors), LOW, HIGH).round(3),
            zmin=LOW,
            zmax=HIGH,
            colorscale=SEQUENTIAL,
            reversescale=True,
            text=[[written(error) for error in line] for line in errors],
            texttemplate="%{text}",
            textfont={"size": 10.5},
            xgap=1,
            ygap=1,
            hovertemplate=f"{title}<br>ρ = %{{x}}, α = %{{y}}<br>NRMSE %{{text}}<extra></extra>",
            showscale=False,  # the numbers stand in the cells
            row=row,
            col=1,
        )
        drawn.update_xaxes(type="category", dtick=1, showgrid=False, row=row, col=1)
        drawn.update_yaxes(type="category", dtick=1, showgrid=False, row=row, col=1)
    return drawn


def written(error: float) -> str:
    """Two digits, and `1+` for what is worse than the mean.

    >>> written(0.064), written(0.42), written(1.3)
    ('.06', '.42', '1+')
    """
    return "1+" if error > 1 else f"{error:.2f}".lstrip("0") or "0"


def alt(arrays: Arrays) -> str:
    parts = []
    for name, title in PANELS:
        errors = middle(arrays, name)
        leak, radius = np.unravel_index(errors.argmin(), errors.shape)
        parts.append(
            f"{title}: the smallest error, {errors.min():.2f}, at ρ = {arrays['radii'][radius]:g} and a leak of "
            f"{arrays['leaks'][leak]:g}; at ρ = 3 the smallest is {errors[:, -1].min():.2f}"
        )
    return "Error of echo state networks by spectral radius and leak. " + ". ".join(parts) + "."


def table(arrays: Arrays) -> Table:
    columns = ["leak α, radius ρ", *(title for _, title in PANELS)]
    rows = [
        [f"{leak:g}, {radius:g}", *(float(middle(arrays, name)[i, j]) for name, _ in PANELS)]
        for i, leak in enumerate(arrays["leaks"])
        for j, radius in enumerate(arrays["radii"])
    ]
    return Table(columns, rows)
