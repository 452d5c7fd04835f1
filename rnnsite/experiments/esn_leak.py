"""Echo state networks by spectral radius and leak: NARMA-10 imitated, and the Mackey–Glass series continued.

Page: docs/remedies/reservoirs.md
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor

from rnnsite.cells.leaky import Leaky
from rnnsite.claims import Arrays, Claim, Published, swap_entries
from rnnsite.context import Context
from rnnsite.seeding import generator
from rnnsite.statistics import Estimate, bootstrap
from rnnsite.tasks.mackey_glass import mackey_glass
from rnnsite.tasks.narma import narma
from rnnsite.training.echo_state import listen, scale_inputs
from rnnsite.training.ridge import nrmse, ridge, with_bias

TITLE = "Echo state networks by spectral radius and leak"
PAGE = "remedies/reservoirs"
SECONDS = 28  # about, in quick on one core: the longest are started first


@dataclass(frozen=True)
class Config:
    radii: tuple[float, ...] = (0.1, 0.3, 0.5, 0.7, 0.9, 1.1, 1.3, 1.5, 2.0, 3.0)
    leaks: tuple[float, ...] = (0.0, 0.25, 0.5, 0.7, 0.8, 0.9)  # α: the share of a state that stays
    scales: tuple[float, float] = (0.3, 1.0)  # of the input weights, U(−scale, scale): NARMA-10, Mackey–Glass
    H: int = 100
    networks: int = 10
    washout: int = 200
    train: int = 1000
    test: int = 1000
    penalty: float = 1e-8
    horizon: int = 84  # steps that the series is continued by the network itself
    continuations: int = 40  # from as many places of the unseen steps
    seed_set: int = 0


CONFIGS = {"quick": Config(), "paper": Config(H=400, networks=20, train=4000, test=4000, continuations=100)}


def run(config: Config, context: Context) -> dict[str, np.ndarray]:
    """By (leak, radius, network).

    narma     NRMSE on NARMA-10, on unseen steps; 1 is what the mean achieves
    series    NRMSE of the Mackey–Glass series `horizon` steps ahead, the network hearing only itself on the way
    """
    shape = (len(config.leaks), len(config.radii))

    def one(n: int) -> dict[str, np.ndarray]:
        g = generator("esn_leak", config.seed_set, n)
        seed = int(torch.randint(2**62, (), generator=g))
        quiet, loud = (reservoirs(config, scale, seed).to(context.device) for scale in config.scales)
        steps = config.washout + config.train + config.test
        seen, unseen = slice(config.washout, config.washout + config.train), slice(steps - config.test, steps)
        x, y = (part.to(context.device) for part in narma(steps, g))
        hs = listen(quiet, x - 0.25)
        targets = y[:, None].expand(len(hs), -1, 1)
        predicted = with_bias(hs[:, unseen]) @ ridge(hs[:, seen], targets[:, seen], config.penalty)
        series = mackey_glass(steps + 1, g).to(context.device)
        return {
            "narma": nrmse(predicted, targets[:, unseen])[:, 0].reshape(shape).cpu().numpy(),
            "series": continued(loud, series, seen, unseen, config).reshape(shape).cpu().numpy(),
        }

    return {
        **context.stack(one, range(config.networks), axis=2),
        "radii": np.array(config.radii),
        "leaks": np.array(config.leaks),
        "H": np.array(config.H),
        "horizon": np.array(config.horizon),
    }


def reservoirs(config: Config, scale: float, seed: int) -> Leaky:
    """One random network in every setting, in float64: the same U, the same W scaled."""
    count = len(config.leaks) * len(config.radii)
    cell = Leaky(
        1,
        config.H,
        count,
        generator=[torch.Generator().manual_seed(seed) for _ in range(count)],
        leak=[leak for leak in config.leaks for _ in config.radii],
        spectral_radius=list(config.radii) * len(config.leaks),
    )
    return scale_inputs(cell, scale).double()


@torch.no_grad()
def continued(cell: Leaky, x: Tensor, seen: slice, unseen: slice, config: Config) -> Tensor:
    """NRMSE of x_{t + horizon} over the places t of the unseen steps, (M,): from t on each network hears itself."""
    hs = listen(cell, x[:-1])
    targets = x[1:, None].expand(len(hs), -1, 1)
    readout = ridge(hs[:, seen], targets[:, seen], config.penalty)
    places = torch.linspace(unseen.start, unseen.stop - 1 - config.horizon, config.continuations).long()
    h = hs[:, places]
    said = with_bias(h) @ readout  # of x_{t+1}
    for _ in range(config.horizon - 1):
        _, h = cell(said[:, None].clamp(-1, 1), h)
        said = with_bias(h) @ readout
    wrong = (said[..., 0] - x[places + config.horizon]).square().mean(1)
    return (wrong / x.var(correction=0)).sqrt()


def place(a: Arrays, leak: float, radius: float) -> tuple[int, int]:
    """The place of a leak and a radius in the arrays."""
    return int(np.flatnonzero(a["leaks"] == leak)[0]), int(np.flatnonzero(a["radii"] == radius)[0])


def error(name: str, leak: float, radius: float) -> Callable[[Arrays], Estimate]:
    return lambda a: bootstrap(a[name][place(a, leak, radius)], np.median)


def _more(name: str, one: tuple[float, float], other: tuple[float, float]) -> Callable[[Arrays], Estimate]:
    """log₁₀ of the error at `one`, a leak and a radius, over that at `other`, network by network."""
    return lambda a: bootstrap(np.log10(a[name][place(a, *one)] / a[name][place(a, *other)]))


def _best(a: Arrays, name: str, radius: float) -> np.ndarray:
    """Each network's error with the leak that suits it best."""
    return a[name][:, place(a, 0.0, radius)[1]].min(0)


def _best_of(name: str, radius: float) -> Callable[[Arrays], Estimate]:
    return lambda a: bootstrap(_best(a, name, radius), np.median)


NAMES = ("narma", "series")
SERIES_BEST, NARMA_BEST = (0.7, 1.1), (0.0, 0.9)
no_leak_and_most = swap_entries(0, 0, 3, *NAMES)
nine_and_three = swap_entries(1, 4, 9, *NAMES)

CLAIMS = [
    Claim(
        "a-leak-hurts-here",
        "NARMA-10 has to be followed step by step. There, at 0.9, a leak of 0.7 multiplies the error by {10^measured}.",
        _more("narma", (0.7, 0.9), NARMA_BEST),
        above=0.05,
        swap=no_leak_and_most,
    ),
    Claim(
        "a-leak-helps-there",
        "The Mackey–Glass series is slow. Without a leak the error at 1.1 is {10^measured} times that with a leak of "
        "0.7.",
        _more("series", (0.0, 1.1), SERIES_BEST),
        above=0.3,
        swap=no_leak_and_most,
    ),
    Claim(
        "no-leak-rescues-three-here",
        "No leak makes a radius of 3 good. On NARMA-10 the error with the best of them is {10^measured} times that at "
        "0.9 without one.",
        lambda a: bootstrap(np.log10(_best(a, "narma", 3.0) / a["narma"][place(a, *NARMA_BEST)])),
        above=0.2,
        swap=nine_and_three,
    ),
    Claim(
        "nor-there",
        "Nor on Mackey–Glass: there it is {10^measured} times that at 0.9 with the best leak.",
        lambda a: bootstrap(np.log10(_best(a, "series", 3.0) / _best(a, "series", 0.9))),
        above=0.3,
        swap=nine_and_three,
    ),
    Claim(
        "three-with-any-leak",
        "“Set the spectral radius to e.g. 3”: with the leak that suits it best, the error on Mackey–Glass is "
        "{10^measured} times that at 0.9 with its best.",
        lambda a: bootstrap(np.log10(_best(a, "series", 3.0) / _best(a, "series", 0.9))),
        below=0.05,
        source="dronen2019",
    ),
]

PUBLISHED = [
    Published(
        "error of the Mackey–Glass series 84 steps ahead",
        "0.00028",
        "jaeger2001",
        error("series", *SERIES_BEST),
        "theirs: one network of 400 units fitted to 2,000 steps without a penalty, a leak of 0.6 and an effective "
        "radius of 0.95, a constant as second input; ours in the quick profile: 100 units, 1,000 steps, a leak of 0.7 "
        "and a radius of 1.1, error of the squashed series",
    ),
    Published(
        "the same",
        "$10^{-4.2}$",
        "jaeger2004",
        error("series", *SERIES_BEST),
        "as above, with 1,000 units",
    ),
]

NUMBERS: dict[str, Callable[[Arrays], Any]] = {
    "H": lambda a: int(a["H"]),
    "networks": lambda a: int(a["narma"].shape[2]),
    "horizon": lambda a: int(a["horizon"]),
    "narma_best": error("narma", *NARMA_BEST),
    "narma_leaky": error("narma", 0.7, 0.9),
    "series_plain": error("series", 0.0, 1.1),
    "series_best": error("series", *SERIES_BEST),
    "narma_three": _best_of("narma", 3.0),
    "series_three": _best_of("series", 3.0),
}
