"""The length of a gradient on its way back through deep nets, with two gains, and the variance of its logarithm."""

from __future__ import annotations

import numpy as np
import plotly.graph_objects as go

from rnnsite.claims import Arrays
from rnnsite.figures.style import band, label_line, line, new_figure, power_ticks, reference
from rnnsite.figures.table import Table
from rnnsite.statistics import in_words

LINEAR, RELU = range(2)
NAMES = ("linear", "ReLU")
GAINS = (("usual", "explode", "usual g = √2"), ("right", "vanish", "the paper's g"))
SHADES = ("warn", "relu", "sigmoid", "tanh")


def _walk(arrays: Arrays, units: int, width: int, gain: str | None = None) -> np.ndarray:
    """log₁₀ of the length (nets, layers back), of the nets whose gradient arrives."""
    walk = arrays["walk"][units, width]
    walk = walk[np.isfinite(walk[:, -1])]
    step = arrays[gain][units, width] if gain else 0.0
    return (walk + step * np.arange(walk.shape[1])) / np.log(10)


def figure(arrays: Arrays) -> go.Figure:
    layers = np.arange(arrays["walk"].shape[-1])
    drawn = new_figure(
        cols=2,
        x_title="layers back",
        y_title=["length of the gradient", "variance of its log₁₀, over nets"],
        panel_titles=[f"ReLU, {arrays['width'][0]} units a layer", "ReLU, any g"],
        log_y=[True, False],
    )
    ends = []
    for gain, shade, text in GAINS:
        walk = _walk(arrays, RELU, 0, gain)
        low, high = np.quantile(walk, [0.05, 0.95], axis=0)
        middle = walk.mean(0)
        band(drawn, layers, 10**low, 10**high, shade, opacity=0.16)
        line(drawn, layers, 10**middle, shade, name=text)
        ends += [low.min(), high.max()]
        at = int(0.62 * len(layers))
        edge = high[at] if gain == "right" else low[at]
        place = "above" if gain == "right" else "below"
        label_line(drawn, layers[at], 10**edge, text, shade, position=place)
    reference(drawn, y=1.0)
    power_ticks(drawn, "y", int(np.floor(min(ends))), int(np.ceil(max(ends))))
    for width, (N, shade) in enumerate(zip(arrays["width"], SHADES, strict=False)):
        spread = _walk(arrays, RELU, width).var(0, ddof=1)
        line(drawn, layers, spread, shade, label=f"{N} units", col=2)
        theory = arrays["spread"][RELU, width] / np.log(10) ** 2 * layers
        line(drawn, layers, theory, "ink", dash="dot", width=1.2, name=f"theory, {N} units", col=2)
    return drawn


def alt(arrays: Arrays) -> str:
    D = arrays["walk"].shape[-1] - 1
    parts = []
    for gain, _, text in GAINS:
        ends = _walk(arrays, RELU, 0, gain)[:, -1]
        low, high, middle = (in_words(10.0**v, ".2g") for v in (*np.quantile(ends, [0.05, 0.95]), ends.mean()))
        parts.append(f"with {text}: {middle} times as long, 90 % of nets between {low} and {high}")
    spreads = ", ".join(
        f"{N} units a layer {_walk(arrays, RELU, k)[:, -1].var(ddof=1):.2g}" for k, N in enumerate(arrays["width"])
    )
    return (
        f"ReLU nets with {arrays['width'][0]} units a layer whose gradient arrives: after {D} layers it is, "
        f"typically, {'; '.join(parts)}. The variance of its log₁₀ grows in proportion to depth, on "
        f"the line of theory, to: {spreads}."
    )


def table(arrays: Arrays) -> Table:
    D = arrays["walk"].shape[-1] - 1
    rows = []
    for units, name in enumerate(NAMES):
        for k, N in enumerate(arrays["width"]):
            step = D * arrays["drift"][units, k]
            for gain in ("usual", "right"):
                ends = _walk(arrays, units, k, gain)[:, -1]
                rows.append(
                    [
                        f"{name}, {N} units, g = {np.exp(arrays[gain][units, k]):.4g}",
                        float(ends.mean()),
                        float((step + D * arrays[gain][units, k]) / np.log(10)),
                        float(ends.var(ddof=1)),
                        float(D * arrays["spread"][units, k] / np.log(10) ** 2),
                        int(arrays["walk"].shape[2] - len(ends)),
                    ]
                )
    return Table(["nets", "mean log₁₀", "theory", "variance", "theory of it", "dead nets"], rows)
