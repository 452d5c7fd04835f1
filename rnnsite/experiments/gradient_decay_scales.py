"""How fast a gradient fades on its way back through a plain, a skipping and a leaky network, against theory.

Page: docs/remedies/multiple-time-scales.md

Nothing is trained. W and S are random rotations times the gains w and s, so W alone shortens every gradient to w. The
theory is that of rnnsite.probes.path_sums.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from math import log
from typing import Any

import numpy as np
import torch
from torch import Tensor

from rnnsite.cells.cell import Cell
from rnnsite.cells.initial import gaussian, orthogonal
from rnnsite.cells.leaky import Leaky
from rnnsite.cells.skip import Skip
from rnnsite.claims import Arrays, Claim, Published, swap_entries
from rnnsite.context import Context
from rnnsite.probes.path_sums import leaks, paths
from rnnsite.seeding import generator
from rnnsite.statistics import Estimate, bootstrap, exact

TITLE = "Gradient by distance, with skips and with leaks"
PAGE = "remedies/multiple-time-scales"

ARMS = ("removed", "kept", "kept, full size", "leaky")
REMOVED, KEPT, FULL, LEAKY = range(4)
LINEAR, TANH = range(2)
ACTIVATIONS = ("linear", "tanh")


@dataclass(frozen=True)
class Config:
    # d of a skip, 1/(1 − α) of a leak; 1 is the plain network, or with the one step kept two matrices at one delay
    slower: tuple[int, ...] = (1, 2, 4, 8)
    gain: float = 0.8  # λ
    seeds: int = 20
    H: int = 128
    B: int = 4
    T: int = 112  # the farthest distance
    near: int = 16  # slopes are fitted from here to T
    input_scale: float = 0.5
    seed_set: int = 0


CONFIGS = {"quick": Config(), "paper": Config(seeds=100, H=512)}


def run(config: Config, context: Context) -> dict[str, np.ndarray]:
    """log_norm (arm, slower, activation, seed, distance): mean over sequences of log‖∂L/∂h_{T−τ}‖, L = v·h_T, ‖v‖ = 1.

    NaN where the gradient is exactly 0. theory (arm, slower, distance) is its logarithm in a wide linear network.
    """
    items = [(arm, slower) for arm in range(len(ARMS)) for slower in config.slower]
    steps = context.map(lambda item: {"log_norm": _measure(*item, config, context)}, items)
    shape = (len(ARMS), len(config.slower))
    with np.errstate(divide="ignore"):
        squares = np.array([[theory(arm, s, config) for s in config.slower] for arm in range(len(ARMS))])
        logs = np.where(squares > 0, np.log(squares) / 2, np.nan)
    measured = np.stack([step["log_norm"] for step in steps])
    return {
        "log_norm": measured.reshape(*shape, *measured.shape[1:]),
        "theory": logs,
        "slower": np.array(config.slower),
        "gain": np.array(config.gain),
        "near": np.array(config.near),
        "H": np.array(config.H),
    }


def _cell(arm: int, slower: int, activation: str, config: Config) -> Cell:
    generators = [generator("gradient_decay_scales", config.seed_set, seed) for seed in range(config.seeds)]
    gain = config.gain / 2**0.5 if arm == KEPT else config.gain
    options: dict[str, Any] = {
        "generator": generators,
        "activation": activation,
        "recurrent": lambda rows, columns, g: gain * orthogonal(rows, columns, g),
        "inputs": gaussian,
        "input_scale": config.input_scale,
        "dtype": torch.float64,
    }
    if arm == LEAKY:
        return Leaky(1, config.H, config.seeds, leak=1 - 1 / slower, **options)
    return Skip(1, config.H, config.seeds, delay=slower, keep=arm != REMOVED, **options)


def _measure(arm: int, slower: int, config: Config, context: Context) -> np.ndarray:
    """(activation, seed, distance)"""
    g = generator("gradient_decay_scales", config.seed_set, "inputs")
    x = torch.randn(config.T + 1, config.B, 1, generator=g, dtype=torch.float64)
    v = torch.randn(config.B, config.H, generator=g, dtype=torch.float64)
    found = []
    for activation in ACTIVATIONS:
        cell = _cell(arm, slower, activation, config).to(context.device)
        trace = cell.trace(x.to(context.device))
        loss = ((v / v.norm(dim=-1, keepdim=True)).to(context.device) * trace["h"][:, -1]).sum()
        found.append(log_norms(loss, trace.steps["h"]).cpu().numpy())
    return np.stack(found)


def log_norms(loss: Tensor, states: list[Tensor]) -> Tensor:
    """Mean over sequences of log‖∂L/∂h_{T−τ}‖ for τ = 0, 1, …; NaN where L does not depend on the state. (M, T)"""
    gradients = torch.autograd.grad(loss, states, allow_unused=True, materialize_grads=True)
    norms = torch.stack(gradients[::-1], 1).norm(dim=-1)
    return torch.where(norms > 0, norms.log(), torch.nan).mean(-1)


def theory(arm: int, slower: int, config: Config) -> list[float]:
    """The mean square n_τ for τ = 0 … T."""
    if arm == LEAKY:
        return leaks(1 - 1 / slower, config.gain, config.T)
    w, s = {REMOVED: (0.0, 1.0), KEPT: (0.5**0.5, 0.5**0.5), FULL: (1.0, 1.0)}[arm]
    return paths(w * config.gain, s * config.gain, slower, config.T)


def slopes(a: Arrays, arm: int, slower: int, activation: int = LINEAR) -> np.ndarray:
    """Change of the log-norm per step, fitted from `near` on, for each seed."""
    return _fit(a["log_norm"][arm, place(a, slower), activation], int(a["near"]))


def theory_slope(a: Arrays, arm: int, slower: int) -> float:
    return float(_fit(a["theory"][arm, place(a, slower)][None], int(a["near"]))[0])


def _fit(rows: np.ndarray, near: int) -> np.ndarray:
    τ = np.flatnonzero(np.isfinite(rows[0]))
    τ = τ[τ >= near]
    centred = τ - τ.mean()
    fitted: np.ndarray = rows[:, τ] @ centred / (centred**2).sum()
    return fitted


def place(a: Arrays, slower: int) -> int:
    return int(np.flatnonzero(a["slower"] == slower)[0])


def over_theory(arm: int, slower: int) -> Callable[[Arrays], Estimate]:
    """The measured slope over that of theory."""
    return lambda a: bootstrap(slopes(a, arm, slower) / theory_slope(a, arm, slower))


def times_slower(arm: int, slower: int, activation: int = LINEAR) -> Callable[[Arrays], Estimate]:
    """How many times as many steps a gradient takes to fade as in the plain network of the same seed."""
    return lambda a: bootstrap(slopes(a, REMOVED, 1, activation) / slopes(a, arm, slower, activation))


def tenfold(slower: int) -> Callable[[Arrays], Estimate]:
    """Steps in which the gradient of a skip alone falls to a tenth; exact, since its networks do not differ."""
    return lambda a: exact(-log(10) / float(slopes(a, REMOVED, slower).mean()))


def factor(arm: int, slower: int, activation: int = LINEAR) -> Callable[[Arrays], Estimate]:
    """What one step multiplies a gradient by."""
    return lambda a: replace(bootstrap(np.exp(slopes(a, arm, slower, activation))), digits=4)


def _faster_than_promised(a: Arrays) -> Estimate:
    """The measured slope of the leaky network over log(α + (1 − α)λ)."""
    return bootstrap(slopes(a, LEAKY, 8) / log(1 - (1 - float(a["gain"])) / 8))


def saturated(arm: int, slower: int) -> Callable[[Arrays], Estimate]:
    """How many times faster a gradient fades with tanh than without."""
    return lambda a: bootstrap(slopes(a, arm, slower, TANH) / slopes(a, arm, slower))


def _protected(a: Arrays) -> Estimate:
    plain, leaky = (slopes(a, arm, s, TANH) / slopes(a, arm, s) for arm, s in ((REMOVED, 1), (LEAKY, 8)))
    return bootstrap(plain - leaky)


removed_and_leaky = swap_entries(0, REMOVED, LEAKY, "log_norm")
kept_and_removed = swap_entries(0, KEPT, REMOVED, "log_norm")
kept_and_full = swap_entries(0, KEPT, FULL, "log_norm")
plain_and_eight = swap_entries(1, 0, 3, "log_norm")

CLAIMS = [
    Claim(
        "removed-is-a-dth",
        "With the one-step connection removed, a skip of 8 makes the exponent an eighth: it is {measured} times as "
        "long until a linear network's gradient is gone.",
        lambda a: exact(times_slower(REMOVED, 8)(a).value),
        above=7.999,
        below=8.001,
        identity=True,
    ),
    Claim(
        "kept-is-not",
        "With the one-step connection kept beside it, the same skip lasts {measured} times as long as the plain "
        "network, not 8 times.",
        times_slower(KEPT, 8),
        above=4.7,
        below=6.0,
        swap=kept_and_removed,
    ),
    Claim(
        "paths-add",
        "What it lasts is what the sum over all paths says: the exponent is {measured:.1%} of the theory's.",
        over_theory(KEPT, 8),
        above=0.93,
        below=1.05,
        swap=kept_and_removed,
    ),
    Claim(
        "a-whole-skip-explodes",
        "A skip as large as the one-step connection makes a linear gradient explode, although each of the two alone "
        "would make it vanish: it is multiplied by {measured} at each step.",
        factor(FULL, 8),
        above=1.01,
        swap=kept_and_full,
    ),
    Claim(
        "leak-as-theory",
        "Leaky units fade as the theory says: for α = 7/8 the exponent is {measured:.1%} of the theory's.",
        over_theory(LEAKY, 8),
        above=0.97,
        below=1.03,
        swap=removed_and_leaky,
    ),
    Claim(
        "faster-than-promised",
        "That is faster than the largest factor, α + (1 − α)λ, by itself: {measured} times.",
        _faster_than_promised,
        above=1.12,
        below=1.25,
        swap=removed_and_leaky,
    ),
    Claim(
        "a-leak-does-not-saturate",
        "Saturation costs leaky units less: tanh and an input multiply an exponent by a factor, and the plain "
        "network's is {measured} larger than theirs.",
        _protected,
        above=0.2,
        swap=plain_and_eight,
    ),
    Claim(
        "tanh-tames-the-whole-skip",
        "With tanh and an input the whole skip no longer explodes: a step multiplies the gradient by {measured}.",
        factor(FULL, 8, TANH),
        below=0.99,
        swap=lambda a: {**a, "log_norm": a["log_norm"][:, :, ::-1]},
    ),
]

PUBLISHED = [
    Published(
        "exponent with a skip of d = 8 over exponent without, one-step connection removed",
        "1/8",
        "goodfellow2016",
        lambda a: exact(float(np.mean(slopes(a, REMOVED, 8) / slopes(a, REMOVED, 1)))),
        "the book says it of networks that keep the one-step connection as well; here it is removed; a linear network",
    ),
    Published(
        "the same, one-step connection kept",
        "1/8",
        "dronen2019",
        lambda a: bootstrap(slopes(a, KEPT, 8) / slopes(a, REMOVED, 1)),
        "a linear network whose two matrices share the gain of the one; neither the lecture nor the book behind it, "
        "whose sentence this is, names a gain",
    ),
]

NUMBERS: dict[str, Callable[[Arrays], Any]] = {
    "seeds": lambda a: int(a["log_norm"].shape[3]),
    "H": lambda a: int(a["H"]),
    "gain": lambda a: float(a["gain"]),
    "shared_gain": lambda a: float(a["gain"]) / 2**0.5,
    "full_sum": lambda a: 2 * float(a["gain"]) ** 2,
    "T": lambda a: int(a["log_norm"].shape[4] - 1),
    "plain_tenfold": tenfold(1),
    "removed_tenfold": tenfold(8),
    **{f"kept_tenfold_{d}": lambda a, d=d: bootstrap(-log(10) / slopes(a, KEPT, d)) for d in (1, 8)},  # type: ignore[misc]
    **{f"kept_theory_{d}": lambda a, d=d: -log(10) / theory_slope(a, KEPT, d) for d in (1, 8)},  # type: ignore[misc]
    "kept_slower": times_slower(KEPT, 8),
    "full_factor": factor(FULL, 8),
    "full_tanh_factor": factor(FULL, 8, TANH),
    "plain_saturated": saturated(REMOVED, 1),
    "leaky_saturated": saturated(LEAKY, 8),
    "faster": _faster_than_promised,
}
