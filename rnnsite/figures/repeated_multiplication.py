"""w^n against n for several weights w: straight lines on a log axis, down or up, and never level but for w = 1."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import plotly.graph_objects as go

from rnnsite.figures.palette import colour
from rnnsite.figures.style import label_line, line, new_figure, power_ticks
from rnnsite.figures.table import Table

LECTURE, FIFTY = (0.9, 1.1), 50  # the two weights of the lectures, and how often they multiplied
VISIBLE = (-10, 8)  # powers of ten; a steeper line leaves the panel, and is labelled where it does
SHOWN_STEPS = (1, 10, 20, 49, 50, 100)


def figure(arrays: Mapping[str, np.ndarray]) -> go.Figure:
    weights, steps, gradient = arrays["w"], arrays["steps"], arrays["gradient"]
    fig = new_figure(
        x_title="multiplications, <i>n</i>", y_title="what is left of a gradient, <i>wⁿ</i>", log_y=True, hover="x"
    )
    power_ticks(fig, "y", *VISIBLE, count=5)
    for weight, values in zip(weights, gradient, strict=True):
        lecture = weight in LECTURE
        color = colour_of(weight)
        line(fig, steps, values, color, name=f"w = {weight:g}", width=3.5 if lecture else 2, hovertemplate="%{y:.3g}")
        inside = np.flatnonzero((np.log10(values) >= VISIBLE[0]) & (np.log10(values) <= VISIBLE[1]))[-1]
        text = "<i>w</i> = 1" if weight == 1 else f"<b>{weight:g}</b>" if lecture else f"{weight:g}"
        leaves = (0, 0) if inside == len(steps) - 1 else (0, 10)
        label_line(fig, steps[inside], values[inside], text, color, shift=leaves)
        if lecture and FIFTY in steps:
            at = float(values[steps == FIFTY][0])
            marker = {"color": colour(color), "size": 9}
            fig.add_scatter(x=[FIFTY], y=[at], mode="markers", marker=marker, hoverinfo="skip")
            side, away = ("above", 0) if weight > 1 else ("below", -4)
            label_line(fig, FIFTY, at, f"<b>{at:.{4 if at > 1 else 3}g}</b>", color, position=side, shift=(0, away))
    return fig


def colour_of(weight: float) -> str:
    return "vanish" if weight < 1 else "explode" if weight > 1 else "ink"


def alt(arrays: Mapping[str, np.ndarray]) -> str:
    weights, steps, gradient = arrays["w"], arrays["steps"], arrays["gradient"]
    at = int(np.flatnonzero(steps == FIFTY)[0]) if FIFTY in steps else -1
    ends = "; ".join(f"w = {w:g} leaves {values[at]:.3g}" for w, values in zip(weights, gradient, strict=True))
    return (
        "What is left of a gradient after n multiplications by w, on a log axis: each weight draws a straight line "
        f"from 1, down for w below 1, up for w above 1, level only for w = 1. After {steps[at]} of them {ends}."
    )


def table(arrays: Mapping[str, np.ndarray]) -> Table:
    shown = [n for n in SHOWN_STEPS if n in arrays["steps"]]
    at = [int(np.flatnonzero(arrays["steps"] == n)[0]) for n in shown]
    rows = [
        [float(w), *(float(values[i]) for i in at)] for w, values in zip(arrays["w"], arrays["gradient"], strict=True)
    ]
    return Table(["w", *(f"n = {n}" for n in shown)], rows)
