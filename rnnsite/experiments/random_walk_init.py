"""The gradient on its way back through deep feed-forward nets at their start: a random walk of its logarithm.

Page: docs/remedies/initialization.md

Sussillo & Abbott 2014: N units a layer, weights N(0, g²/N), no bias. On the way from one layer to the one before,
‖δ‖² is multiplied by a random z. For linear units z = g² χ²_N / N, so log z has the mean
ψ(N/2) + log(2/N) + 2 log g and the variance ψ′(N/2). For ReLUs χ² has as many degrees of freedom as units are on:
binomial, N draws of ½. Over D layers both add up. The paper's g makes the mean nearly 0: exp(1/2N) for linear units,
√2 · exp(1.2/(max(N, 6) − 2.4)) for ReLUs, where the second is a fit to simulations.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from rnnsite.claims import Arrays, Claim, Published, swap_entries, swap_names
from rnnsite.context import Context
from rnnsite.multiples import power
from rnnsite.rates import success
from rnnsite.seeding import numpy_generator
from rnnsite.statistics import Estimate, bootstrap, exact
from rnnsite.training.random_walk import backward, masks, right_gain, theory_of

TITLE = "Random-walk initialisation"
PAGE = "remedies/initialization"

UNITS = ("linear", "relu")
LINEAR, RELU = range(2)
USUAL = (1.0, math.sqrt(2))  # g that keeps the mean of ‖δ‖² and not that of its logarithm


@dataclass(frozen=True)
class Config:
    widths: tuple[int, ...] = (10, 30, 100)
    depth: int = 200
    nets: int = 300
    at_once: int = 20  # nets in memory together
    seed_set: int = 0


CONFIGS = {"quick": Config(), "paper": Config(widths=(10, 30, 100, 300), nets=2000)}


def run(config: Config, context: Context) -> dict[str, np.ndarray]:
    """walk (units, width, net, layers back): log ‖δ‖ relative to the last layer, at g = 1, −∞ where a ReLU layer was
    off altogether. Both kinds of unit are homogeneous: another g adds log g to each step and changes nothing else.
    usual and right (units, width): log g of both. drift and spread (units, width): theory, for one layer and g = 1, of
    the mean and of the variance of log ‖δ‖.
    """

    def walks(N: int) -> dict[str, np.ndarray]:
        random = numpy_generator("random_walk_init", config.seed_set, N)
        parts = []
        for first in range(0, config.nets, config.at_once):
            count = min(config.at_once, config.nets - first)
            W = random.standard_normal((config.depth, count, N, N), dtype=np.float32) / np.float32(np.sqrt(N))
            x, δ = random.standard_normal((2, count, N, 1), dtype=np.float32)
            parts.append(np.stack([backward(W, δ), backward(W, δ, masks(W, x))]))
            context.within((first + count) / config.nets)
        theory = np.array([theory_of(units, N) for units in UNITS])
        return {"walk": np.concatenate(parts, 1), "drift": theory[:, 0], "spread": theory[:, 1]}

    found = context.stack(walks, config.widths, axis=1)
    right = [[math.log(right_gain(units, N)) for N in config.widths] for units in UNITS]
    usual = [[math.log(g)] * len(config.widths) for g in USUAL]
    return {**found, "width": np.array(config.widths), "right": np.array(right), "usual": np.array(usual)}


def place(a: Arrays, N: int) -> int:
    """The place of a width in the arrays."""
    return int(np.flatnonzero(a["width"] == N)[0])


def alive(walk: np.ndarray) -> np.ndarray:
    """The walks (nets, D + 1) that reach the first layer."""
    return walk[np.isfinite(walk[:, -1])]


def decades(a: Arrays, units: int, N: int, gain: str) -> np.ndarray:
    """log₁₀ ‖δ‖ at the first layer over that at the last, with g "usual" or "right", for each net whose δ arrives."""
    walk = alive(a["walk"][units, place(a, N)])
    return (walk[:, -1] + (walk.shape[1] - 1) * a[gain][units, place(a, N)]) / math.log(10)


def arrives(units: int, N: int, gain: str) -> Callable[[Arrays], Estimate]:
    return lambda a: bootstrap(decades(a, units, N, gain))


def _each(a: Arrays) -> list[tuple[np.ndarray, float, float]]:
    """For each kind of unit and width: log ‖δ‖ at the first layer by net, its mean and its variance in theory."""
    D = a["walk"].shape[-1] - 1
    places = np.ndindex(a["walk"].shape[:2])
    return [(alive(a["walk"][at])[:, -1], D * a["drift"][at], D * a["spread"][at]) for at in places]


def _drift_excess(a: Arrays) -> Estimate:
    """How far the mean is from theory where it is furthest, in standard errors."""
    return exact(max(abs(ends.mean() - mean) / (ends.std(ddof=1) / len(ends) ** 0.5) for ends, mean, _ in _each(a)))


def _spread_excess(a: Arrays) -> Estimate:
    """The same of the variance, whose relative standard error is √(2/(n − 1)) for a normal distribution."""
    return exact(max(abs(ends.var(ddof=1) / var - 1) / (2 / (len(ends) - 1)) ** 0.5 for ends, _, var in _each(a)))


def spread(a: Arrays, units: int, N: int) -> np.ndarray:
    """Variance over nets of log₁₀ ‖δ‖, by layers back."""
    return alive(a["walk"][units, place(a, N)]).var(0, ddof=1) / math.log(10) ** 2


def _ratio(top: np.ndarray, bottom: np.ndarray, same: bool) -> Estimate:
    """Ratio of two mean squares; `same` when both are of the same nets, drawn together then."""
    random = np.random.default_rng(0)
    draws = random.integers(len(top), size=(1000, len(top)))
    others = draws if same else random.integers(len(bottom), size=(1000, len(bottom)))
    low, high = np.quantile(np.mean(top[draws], 1) / np.mean(bottom[others], 1), [0.025, 0.975])
    return Estimate(float(top.mean() / bottom.mean()), float(low), float(high), f"bootstrap 95 %, {len(top)} nets")


def _squares(walk: np.ndarray, step: int) -> np.ndarray:
    values = alive(walk)[:, step]
    return (values - values.mean()) ** 2


def _with_depth(a: Arrays) -> Estimate:
    """Variance at the first layer over that half way, all widths and units together, each with its own scale."""
    D = a["walk"].shape[-1] - 1
    ends, halves = [], []
    for at in np.ndindex(a["walk"].shape[:2]):
        half = _squares(a["walk"][at], D // 2)
        ends.append(_squares(a["walk"][at], D) / half.mean())
        halves.append(half / half.mean())
    return _ratio(np.concatenate(ends), np.concatenate(halves), same=True)


def _with_width(a: Arrays) -> Estimate:
    """Variance of linear nets 10 wide over that of nets 100 wide."""
    narrow, wide = (_squares(a["walk"][LINEAR, place(a, N)], -1) for N in (10, 100))
    return _ratio(narrow, wide, same=False)


def _off_by(a: Arrays) -> Estimate:
    """How many decades the worst tenth of ReLU nets 10 wide is away from the typical one, at least."""
    return bootstrap(decades(a, RELU, 10, "right"), _ninth)


def _ninth(values: np.ndarray, axis: int) -> Any:
    return np.quantile(np.abs(values - np.median(values, axis=axis, keepdims=True)), 0.9, axis=axis)


def dead(a: Arrays, N: int) -> Estimate:
    """Share of ReLU nets with a layer that is off altogether."""
    return success(~np.isfinite(a["walk"][RELU, place(a, N), :, -1]))


def _step(a: Arrays, N: int) -> Estimate:
    """Variance that a layer of ReLUs adds to log ‖δ‖²."""
    walk = alive(a["walk"][RELU, place(a, N)])
    return bootstrap(2 * walk[:, -1] / (walk.shape[1] - 1) ** 0.5, _variance)


def _variance(values: np.ndarray, axis: int) -> Any:
    return values.var(axis, ddof=1)


def without_drift(units: int, N: int) -> Callable[[Arrays], Estimate]:
    """The g at which the mean of log ‖δ‖ over the nets whose gradient arrives is 0."""

    def measure(a: Arrays) -> Estimate:
        walk = alive(a["walk"][units, place(a, N)])
        return replace(power(math.e, bootstrap(-walk[:, -1] / (walk.shape[1] - 1))), digits=4)

    return measure


usual_and_right = swap_names("usual", "right")
narrow_and_wide = swap_entries(1, 0, 2, "walk")

CLAIMS = [
    Claim(
        "the-usual-gain-drifts",
        "√2 is the usual g for ReLUs. In nets of 10 units a layer the typical gradient, by the mean of its "
        "logarithm, is {10^measured} of its length after 200 layers.",
        arrives(RELU, 10, "usual"),
        below=-8,
        swap=usual_and_right,
    ),
    Claim(
        "the-right-gain-does-not",
        "The paper's g takes the drift away: it is {10^measured} times as long.",
        arrives(RELU, 10, "right"),
        above=-1.5,
        below=1.5,
        swap=usual_and_right,
    ),
    Claim(
        "linear-units-too",
        "Linear units need a g of exp(1/2N): {10^measured} of the length arrives, at 10 units a layer.",
        arrives(LINEAR, 10, "right"),
        above=-0.7,
        below=0.7,
        swap=usual_and_right,
    ),
    Claim(
        "drift-as-in-theory",
        "The mean of the log-norm is that of theory, at every width and for both kinds of unit: the worst is off by "
        "{measured} standard errors.",
        _drift_excess,
        below=4.5,
        swap=narrow_and_wide,
    ),
    Claim(
        "spread-as-in-theory",
        "So is its variance over nets: the worst is off by {measured} standard errors.",
        _spread_excess,
        below=4.5,
        swap=narrow_and_wide,
    ),
    Claim(
        "spread-grows-with-depth",
        "Twice the depth, twice the variance: from layer 100 to layer 200 it grows {measured}-fold.",
        _with_depth,
        above=1.6,
        below=2.5,
        swap=lambda a: {**a, "walk": np.linspace(1e-9, 1, a["walk"].shape[-1]) * a["walk"][..., -1:]},
    ),
    Claim(
        "spread-shrinks-with-width",
        "With linear units a tenth of the width is ten times the variance: from 100 units a layer to 10 it grows "
        "{measured}-fold.",
        _with_width,
        above=6,
        below=20,
        swap=narrow_and_wide,
    ),
    Claim(
        "right-on-average-is-not-right",
        "No g narrows the spread: of the ReLU nets with 10 units a layer whose gradient arrives, one in ten has one "
        "{10^measured} times longer or shorter than the median.",
        _off_by,
        above=2.5,
        swap=narrow_and_wide,
    ),
    Claim(
        "some-nets-are-dead",
        "In {measured:.0%} of all such nets the ten units of some layer are all off, and no gradient arrives.",
        lambda a: dead(a, 10),
        above=0.05,
        swap=narrow_and_wide,
    ),
]

PUBLISHED = [
    *(
        Published(
            f"variance that a layer of {N} ReLUs adds to $\\log \\lVert \\delta \\rVert^2$",
            f"5/(N − 4) = {5 / (N - 4):.2g}",
            "sussillo2014",
            lambda a, N=N: _step(a, N),  # type: ignore[misc]
            differs,
        )
        for N, differs in (
            (10, "theirs is a fit to simulations; ours is counted in nets of which no layer is off altogether"),
            (100, "as above"),
        )
    ),
    *(
        Published(
            f"g that keeps the log-norm, {N} {name} units a layer",
            f"{right_gain(units, N):.3f}",
            "sussillo2014",
            without_drift(k, N),
            differs,
        )
        for k, units, name, N, differs in (
            (LINEAR, "linear", "linear", 10, "their formula, for large N; our 200 layers"),
            (RELU, "relu", "ReLU", 10, "their fit to simulations; our 200 layers, the nets with a dead layer left out"),
            (RELU, "relu", "ReLU", 100, "the same"),
        )
    ),
]

NUMBERS: dict[str, Callable[[Arrays], Any]] = {
    "nets": lambda a: int(a["walk"].shape[2]),
    "alive": lambda a: len(alive(a["walk"][RELU, place(a, 10)])),
    "depth": lambda a: int(a["walk"].shape[3] - 1),
    "spread_ratio": lambda a: _ratio(
        _squares(a["walk"][RELU, place(a, 10)], -1), _squares(a["walk"][RELU, place(a, 100)], -1), same=False
    ),
    "relu_usual_10": lambda a: arrives(RELU, 10, "usual")(a).value,
    "relu_right_10": lambda a: arrives(RELU, 10, "right")(a).value,
    "gain_relu_10": lambda a: right_gain("relu", 10),
    "gain_relu_100": lambda a: right_gain("relu", 100),
    "off_by": lambda a: _off_by(a).value,
    "off_by_100": lambda a: float(_ninth(decades(a, RELU, 100, "right"), 0)),
    "dead": lambda a: dead(a, 10),
}
