"""How fast a gradient shrinks or grows on its way back through untrained cells, as the recurrent weights are scaled.

Page: docs/gradients/jacobian-products.md

The loss is v·h_T with a random unit vector v; its gradient is taken at the state k steps earlier (at c for an LSTM,
the state its gradient travels on). The slope d log‖∂L/∂h_{T−k}‖ / dk is fitted between two distances. The lectures'
rule makes it log ρ; with φ′ and independent Gaussian weights it is log ρ + ½ log E φ′² (Schoenholz et al. 2017).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
import torch

from rnnsite.cells.cell import Cell
from rnnsite.cells.elman import Elman
from rnnsite.cells.gru import GRU
from rnnsite.cells.initial import gaussian
from rnnsite.cells.lstm import LSTM
from rnnsite.claims import Arrays, Claim, Published, reverse_axis, swap_entries
from rnnsite.context import Context
from rnnsite.probes.by_distance import fitted_slope, gradient_by_distance
from rnnsite.probes.step_factors import step_factors
from rnnsite.seeding import generator
from rnnsite.statistics import Estimate, bootstrap, worst

TITLE = "The gradient by distance, before training"
PAGE = "gradients/jacobian-products"
ARMS: dict[str, Callable[..., Cell]] = {
    "linear": partial(Elman, activation="linear"),
    "relu": partial(Elman, activation="relu"),
    "tanh": partial(Elman, activation="tanh"),
    "tanh, small": partial(Elman, activation="tanh", input_scale=0.01),  # keeps the states small
    "sigmoid": partial(Elman, activation="sigmoid"),
    "GRU": GRU,
    "LSTM": partial(LSTM, forget_bias=1.0),
}
PLAIN = tuple(ARMS)[:5]


@dataclass(frozen=True)
class Config:
    radii: tuple[float, ...] = (0.25, 0.5, 0.7, 0.9, 1.0, 1.2, 1.5, 2.0, 3.0, 4.0, 6.0)
    seeds: int = 10
    H: int = 48
    inputs: int = 4
    batch: int = 4
    steps: int = 80
    near: int = 10  # the slope is fitted from this distance
    far: int = 60  # to this one; the steps before only let the state leave its start
    seed_set: int = 0


CONFIGS = {"quick": Config(), "paper": Config(seeds=20, H=128, batch=16)}


def run(config: Config, context: Context) -> dict[str, np.ndarray]:
    """Arrays (arms, ρ, seeds, …): log_gradient by distance, its slope, log rms of the factors, rms of the state."""

    def measure(arm: str) -> dict[str, np.ndarray]:
        rows = [_measure(config, arm, seed, context.device) for seed in range(config.seeds)]
        return {name: np.stack([row[name] for row in rows], 1) for name in rows[0]}

    return {
        **context.stack(measure, ARMS),
        "arm": np.array(list(ARMS)),
        "rho": np.array(config.radii),
        "distance": np.arange(config.steps),
        "fitted": np.array([config.near, config.far]),
        "width": np.array(config.H),
    }


def _measure(config: Config, arm: str, seed: int, device: torch.device) -> dict[str, np.ndarray]:
    """One draw of inputs, loss and weights, at every ρ: arrays (ρ, …)."""
    count = len(config.radii)

    def draw(what: str) -> torch.Generator:
        return generator("gradient_by_distance", config.seed_set, seed, what)

    cell = ARMS[arm](
        I=config.inputs,
        H=config.H,
        models=count,
        generator=[draw("weights") for _ in range(count)],  # the same W at every ρ: only its scale differs
        recurrent=gaussian,
        inputs=gaussian,
        spectral_radius=config.radii,
        dtype=torch.float64,
        device=device,
    )
    x = torch.randn(config.steps, config.batch, config.inputs, generator=draw("inputs"), dtype=torch.float64)
    v = torch.randn(config.batch, config.H, generator=draw("loss"), dtype=torch.float64)
    v /= v.norm(dim=-1, keepdim=True)
    trace = cell.trace(x.to(device))
    norms = gradient_by_distance(trace, (v.to(device) * trace["h"][:, -1]).sum()).cpu()
    log = norms.clamp_min(torch.finfo(torch.float64).tiny).log().mean(-1).numpy()
    window = slice(config.steps - config.far, config.steps - config.near)
    squares = step_factors(cell, trace).detach()[:, window].square().mean(-1)
    return {
        "log_gradient": log,
        "slope": fitted_slope(log, config.near, config.far),
        "log_factor": (squares.clamp_min(1e-300).log().mean((1, 2)) / 2).cpu().numpy(),
        "state": trace["h"].detach()[:, window].square().mean((1, 2, 3)).sqrt().cpu().numpy(),
    }


def _arm(name: str) -> int:
    return list(ARMS).index(name)


def _at(arrays: Arrays, name: str, arm: str, rho: float) -> np.ndarray:
    """One quantity of one arm at one ρ: (seeds,)."""
    return arrays[name][_arm(arm), np.flatnonzero(arrays["rho"] == rho)[0]]


def _slope(arm: str, rho: float) -> Callable[[Arrays], Estimate]:
    return lambda arrays: bootstrap(_at(arrays, "slope", arm, rho))


def _off_rule(arrays: Arrays, arm: str, radii: Sequence[float]) -> Estimate:
    """|slope − log ρ| at the ρ where it is largest."""
    offs = [bootstrap(_at(arrays, "slope", arm, rho) - np.log(rho)) for rho in radii]
    sizes = [Estimate(abs(e.value), min(abs(e.low), abs(e.high)), max(abs(e.low), abs(e.high)), e.how) for e in offs]
    return worst(*sizes, by=lambda e: -e.high)


def _gain_in_accuracy(arrays: Arrays) -> Estimate:
    """rms error of log ρ over that of log ρ + ½ log E φ′², over plain networks and all ρ; a ratio for each seed."""
    slope, rule = arrays["slope"][: len(PLAIN)], np.log(arrays["rho"])[:, None]
    corrected = rule + arrays["log_factor"][: len(PLAIN)]
    return bootstrap(np.sqrt(((slope - rule) ** 2).mean((0, 1)) / ((slope - corrected) ** 2).mean((0, 1))))


def _response(arrays: Arrays, arm: str) -> Estimate:
    """How much the slope changes from ρ = 0.5 to ρ = 2; the rule says log 4 = 1.39."""
    return bootstrap(_at(arrays, "slope", arm, 2.0) - _at(arrays, "slope", arm, 0.5))


def window(arrays: Arrays, arm: str, steps: int = 50, within: float = 10.0) -> np.ndarray:
    """The ρ between which the gradient stays within a factor of its size for so many steps: (seeds, 2)."""
    edges = np.log(within) / steps * np.array([-1, 1])
    log_rho = np.log(arrays["rho"])
    return np.exp([np.interp(edges, np.maximum.accumulate(slope), log_rho) for slope in arrays["slope"][_arm(arm)].T])


def _wider(arrays: Arrays, arm: str) -> Estimate:
    """How many times wider than a linear network's the window of ρ is, on the log axis."""
    ours, linear = (np.diff(np.log(window(arrays, name)))[:, 0] for name in (arm, "linear"))
    return bootstrap(ours / linear)


def _swap(first: str, second: str) -> Callable[[Arrays], Arrays]:
    return swap_entries(0, _arm(first), _arm(second), "slope", "log_factor", "log_gradient", "state")


CLAIMS = [
    Claim(
        "lecture-below-one",
        "Largest eigenvalue below 1: the gradient decreases to 0 exponentially. In the plain network that decays least "
        "at $ρ = 0.9$ its growth rate (log per step) is {measured}.",
        lambda a: worst(*(_slope(arm, 0.9)(a) for arm in PLAIN), by=lambda e: -e.high),
        below=0.0,
        source="nevado2020",
    ),
    Claim(
        "lecture-above-one",
        "Largest eigenvalue above 1: the gradient grows exponentially. In a tanh network with inputs of size 1 at "
        "$ρ = 1.5$ its growth rate is {measured}.",
        _slope("tanh", 1.5),
        above=0.0,
        source="nevado2020",
    ),
    Claim(
        "linear-follows-the-rule",
        "In a linear network the growth rate is $\\log ρ$ at every $ρ$ tried; the largest difference is {measured}.",
        lambda a: _off_rule(a, "linear", list(a["rho"])),
        below=0.03,
        swap=_swap("linear", "tanh"),
    ),
    Claim(
        "small-tanh-follows-below-one",
        "So it is in a tanh network whose states stay small, up to $ρ = 0.9$; the largest difference is {measured}.",
        lambda a: _off_rule(a, "tanh, small", [rho for rho in a["rho"] if rho < 1]),
        below=0.03,
        swap=_swap("tanh, small", "tanh"),
    ),
    Claim(
        "saturation-holds-it-back",
        "Above 1 it is not: at $ρ = 6$ the same network's growth rate is {measured}, where the rule says 1.79.",
        _slope("tanh, small", 6.0),
        above=0.3,
        below=0.9,
        swap=_swap("tanh, small", "linear"),
    ),
    Claim(
        "sigmoid-vanishes-at-4",
        "A sigmoid network's gradient still vanishes at $ρ = 4$: its growth rate is {measured}.",
        _slope("sigmoid", 4.0),
        below=-0.3,
        swap=_swap("sigmoid", "linear"),
    ),
    Claim(
        "relu-loses-half-its-units",
        "In a ReLU network about half the units are off, which costs about $\\frac12\\log 2 = 0.35$ a step: its growth "
        "rate minus $\\log ρ$, averaged over $ρ$, is {measured}.",
        lambda a: bootstrap((a["slope"][_arm("relu")] - np.log(a["rho"])[:, None]).mean(0)),
        above=-0.55,
        below=-0.28,
        swap=_swap("relu", "linear"),
    ),
    Claim(
        "slope-factor-repairs-the-rule",
        "Over all plain networks and $ρ$, the error of $\\log ρ$ is {measured} times that of "
        "$\\log ρ + \\frac12\\log\\overline{φ'^2}$.",
        _gain_in_accuracy,
        above=6.0,
        swap=lambda a: {**a, "log_factor": np.zeros_like(a["log_factor"])},
    ),
    Claim(
        "gates-hide-the-radius",
        "From $ρ = 0.5$ to $ρ = 2$ an LSTM's growth rate rises by {measured}, where the rule says 1.39.",
        lambda a: _response(a, "LSTM"),
        below=0.35,
        swap=_swap("LSTM", "linear"),
    ),
    Claim(
        "forget-gate-sets-the-slope",
        "At $ρ = 0.25$ an LSTM's growth rate is the log of its forget gate, up to {measured}.",
        lambda a: bootstrap(_at(a, "slope", "LSTM", 0.25) - _at(a, "log_factor", "LSTM", 0.25)),
        above=-0.05,
        below=0.05,
        swap=_swap("LSTM", "linear"),
    ),
    Claim(
        "squashed-forward-not-backward",
        "At $ρ = 6$ the states of a tanh network stay below 1, and over 50 steps back its gradient grows by a "
        "factor of {10^measured}.",
        lambda a: bootstrap(_at(a, "slope", "tanh", 6.0) * 50 / np.log(10)),
        above=6.0,
        swap=reverse_axis(1, "slope"),
    ),
    Claim(
        "gates-widen-the-line",
        "The range of $\\log ρ$ in which the gradient stays within tenfold over 50 steps is {measured} times as wide "
        "for an LSTM as for a linear network.",
        lambda a: _wider(a, "LSTM"),
        above=2.5,
        swap=_swap("LSTM", "linear"),
    ),
    Claim(  # written after the run
        "small-states-widen-it-too",
        "For a tanh network with tiny inputs, which has no gate, that range is {measured} times as wide as for a "
        "linear network.",
        lambda a: _wider(a, "tanh, small"),
        above=2.5,
        swap=_swap("tanh, small", "linear"),
    ),
]

PUBLISHED = [
    Published(
        f"$ρ$ at which the gradient turns from vanishing to exploding, {name}",
        "1",
        "nevado2020",
        lambda a, arm=arm: bootstrap(window(a, arm, within=1.0001)[:, 0], np.median),  # type: ignore[misc]
        why,
    )
    for arm, name, why in (
        ("linear", "linear network", "nothing: the rule is about this network"),
        ("relu", "ReLU network", "half of the units are off"),
        ("tanh", "tanh network", "inputs of size 1 put the units where $φ' < 1$"),
        ("GRU", "GRU", "the rule is about plain networks; $ρ$ of each block of $W$"),
        ("LSTM", "LSTM", "as above; forget bias 1"),
    )
]

NUMBERS = {
    "seeds": lambda a: int(a["slope"].shape[2]),
    "width": lambda a: int(a["width"]),
    "linear_low": lambda a: float(np.median(window(a, "linear")[:, 0])),
    "linear_high": lambda a: float(np.median(window(a, "linear")[:, 1])),
    "lstm_low": lambda a: float(np.median(window(a, "LSTM")[:, 0])),
    "lstm_high": lambda a: float(np.median(window(a, "LSTM")[:, 1])),
    "tanh_crossing": lambda a: float(np.median(window(a, "tanh", within=1.0001)[:, 0])),
    "small_tanh_12": _slope("tanh, small", 1.2),
    "small_tanh_6": _slope("tanh, small", 6.0),
    "tanh_15": _slope("tanh", 1.5),
    "tanh_state_6": lambda a: float(_at(a, "state", "tanh", 6.0).mean()),
    "sigmoid_4": _slope("sigmoid", 4.0),
    "sigmoid_6": _slope("sigmoid", 6.0),
    "sigmoid_factor_4": lambda a: float(np.exp(_at(a, "log_factor", "sigmoid", 4.0).mean())),
    "lstm_response": lambda a: _response(a, "LSTM"),
    "gain_in_accuracy": _gain_in_accuracy,
    "forget": lambda a: float(np.exp(a["log_factor"][_arm("LSTM"), 0].mean())),
    "lstm_025": lambda a: float(np.exp(a["slope"][_arm("LSTM"), 0].mean())),
    "gru_025": lambda a: float(np.exp(a["slope"][_arm("GRU"), 0].mean())),
    "wider": lambda a: _wider(a, "LSTM"),
    "wider_small_tanh": lambda a: _wider(a, "tanh, small"),
    "wider_gru": lambda a: _wider(a, "GRU"),
}
