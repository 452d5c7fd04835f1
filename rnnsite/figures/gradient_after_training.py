"""The far gradient of every cell and radius before and after training; below, one LSTM's during two trainings."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from plotly.graph_objects import Figure

from rnnsite.figures.palette import colour
from rnnsite.figures.style import band, line, new_figure, power_ticks, reference
from rnnsite.figures.table import Table
from rnnsite.wording import say

LABELS = {"relu": "ReLU"}
COLOURS = {"GRU": "gru", "LSTM": "lstm"}
LEARNED = 0.5


def figure(arrays: Mapping[str, np.ndarray]) -> Figure:
    T, arms, rho = int(arrays["T"]), [str(name) for name in arrays["arm"]], arrays["rho"]
    fig = new_figure(
        rows=2,
        cols=1,
        x_title=[f"gradient {T - 1} steps back", "updates"],
        y_title=["○ before training, ● after", f"LSTM, gradient {T - 1} steps back"],
        log_x=[True, False],
        log_y=[False, True],
        height=840,
    )
    numbers = [arm for arm in arms if not arm.endswith("sign")]
    for i, arm in enumerate(numbers):
        color = COLOURS.get(arm, arm)
        for j in range(len(rho)):
            y = -(i + (j - (len(rho) - 1) / 2) * 0.24)
            before, after = (float(np.exp(np.median(arrays["log_far"][i, j, :, when]))) for when in (0, -1))
            learned = float((arrays["error"][i, j] < LEARNED).mean()) > 0.5
            fig.add_scatter(
                x=[before, after],
                y=[y, y],
                mode="lines+markers",
                name=f"{LABELS.get(arm, arm)}, ρ = {rho[j]:g}",
                line={"color": colour(color), "width": 2},
                marker={
                    "color": [colour("paper"), colour(color)],
                    "size": [8, 11 if learned else 6],
                    "line": {"color": colour(color), "width": 2},
                    "opacity": 1,
                },
                row=1,
                col=1,
            )
    fig.update_yaxes(
        tickvals=[-i for i in range(len(numbers))],
        ticktext=[LABELS.get(arm, arm) for arm in numbers],
        range=[-len(numbers) + 0.5, 0.5],
        showgrid=False,
        row=1,
    )
    shown = np.median(arrays["log_far"][: len(numbers), :, :, [0, -1]], axis=2) / np.log(10)
    power_ticks(fig, "x", int(np.floor(shown.min() - 0.5)), int(np.ceil(shown.max() + 0.3)), count=5, row=1)
    reference(fig, x=1, row=1)

    last = numbers.index("LSTM")
    update = arrays["update"]
    lowest = 0.0
    for index, dash, label in (
        (last, None, "recalls<br>a number"),
        (arms.index("LSTM, sign"), "dash", "recalls<br>a sign"),
    ):
        logs = arrays["log_far"][index].reshape(-1, len(update))
        low, middle, high = np.exp(np.quantile(logs, [0.25, 0.5, 0.75], axis=0))
        lowest = min(lowest, float(np.log10(low.min())))
        band(fig, update, low, high, "lstm", row=2)
        line(fig, update, middle, "lstm", dash=dash, label=label, row=2)
    power_ticks(fig, "y", int(np.floor(lowest)), 0, row=2)
    return fig


def alt(arrays: Mapping[str, np.ndarray]) -> str:
    arms = [str(name) for name in arrays["arm"]]
    ends = np.exp(np.median(arrays["log_far"], axis=(1, 2)))
    share = (arrays["error"] < LEARNED).mean((1, 2))
    parts = "; ".join(
        f"{LABELS.get(arm, arm)} from {ends[i, 0]:.1g} to {ends[i, -1]:.1g}, {say(share[i], '.0%')} learned"
        for i, arm in enumerate(arms)
    )
    return (
        f"Gradient {int(arrays['T']) - 1} steps back before and after training, medians over radii and seeds: {parts}. "
        "Learning a number raises the LSTM's, learning a sign lowers it."
    )


def table(arrays: Mapping[str, np.ndarray]) -> Table:
    rows = []
    for i, arm in enumerate(str(name) for name in arrays["arm"]):
        for j, rho in enumerate(arrays["rho"]):
            far = np.exp(np.median(arrays["log_far"][i, j], axis=0))
            error = arrays["error"][i, j]
            rows.append(
                [arm, float(rho), float(far[0]), float(far[-1]), int((error < LEARNED).sum()), float(np.median(error))]
            )
    return Table(["cell", "ρ at the start", "before", "after", "learned (of each ρ)", "median error"], rows)
