"""Echo state networks on NARMA-10: error, memory and forgetting by spectral radius, input scale and bias.

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
from rnnsite.claims import Arrays, Claim, swap_entries
from rnnsite.context import Context
from rnnsite.seeding import generator
from rnnsite.statistics import Estimate, bootstrap
from rnnsite.tasks.narma import narma
from rnnsite.training.delay_line import delay_line
from rnnsite.training.echo_state import listen, scale_inputs
from rnnsite.training.reservoir_bias import draw_bias
from rnnsite.training.ridge import nrmse, ridge, with_bias

TITLE = "Echo state networks by spectral radius"
PAGE = "remedies/reservoirs"

ARMS = ("quiet input", "loud input", "biased")
QUIET, LOUD, BIASED = range(3)


@dataclass(frozen=True)
class Config:
    radii: tuple[float, ...] = (0.1, 0.3, 0.5, 0.7, 0.9, 1.1, 1.5, 2.0, 3.0)
    scales: tuple[float, ...] = (0.3, 3.0, 0.3)  # of the input weights, U(−scale, scale), by arm
    biases: tuple[float, ...] = (0.0, 0.0, 0.2)  # U(−bias, bias), by arm
    H: int = 100
    networks: int = 10
    washout: int = 200
    train: int = 1000
    test: int = 1000
    penalty: float = 1e-8
    delays: int = 100  # for the memory capacity
    taps: int = 30  # inputs that the delay line reads: with 20 it does worse, with 50 no better
    seed_set: int = 0


CONFIGS = {"quick": Config(), "paper": Config(H=400, networks=20, train=4000, test=4000, delays=400)}


def run(config: Config, context: Context) -> dict[str, np.ndarray]:
    """By (arm, radius, network).

    error     NRMSE on NARMA-10, on steps that the readout has not seen; 1 is what the mean achieves
    capacity  Jaeger's memory capacity, Σ_k r² between x_{t−k} and its best linear reading of h_t, on unseen steps
    apart     log₁₀ distance of two runs from different starts after `washout` steps, over their first distance

    linear (network,): the error on the same steps of a ridge regression on the last `taps` inputs, with no network.
    """
    steps = config.washout + config.train + config.test

    def one(n: int) -> dict[str, np.ndarray]:
        g = generator("esn_radius", config.seed_set, n)
        x, y = narma(steps, g)
        cell = reservoirs(config, g).to(context.device)
        hs = listen(cell, x.to(context.device).float() - 0.25)  # centred: U(0, 0.5) has a mean of ¼
        shape = (len(ARMS), len(config.radii))
        seen = slice(config.washout, config.washout + config.train)
        unseen = slice(config.washout + config.train, steps)
        wanted = torch.stack([y, *(x.roll(k) for k in range(1, config.delays + 1))], -1).to(context.device)
        targets = wanted.expand(len(hs), *wanted.shape)
        readout = ridge(hs[:, seen], targets[:, seen], config.penalty)
        predicted = with_bias(hs[:, unseen]) @ readout
        errors = nrmse(predicted, targets[:, unseen])
        line, target = delay_line(x - 0.25, config.taps)[None], y[None, :, None]
        by_line = with_bias(line[:, unseen]) @ ridge(line[:, seen], target[:, seen], config.penalty)
        return {
            "linear": nrmse(by_line, target[:, unseen])[0, 0].numpy(),
            "error": errors[:, 0].reshape(shape).cpu().numpy(),
            "capacity": squared_correlation(predicted, targets[:, unseen])[:, 1:].sum(1).reshape(shape).cpu().numpy(),
            "apart": forgetting(cell, x[: config.washout].to(context.device).float() - 0.25, g)
            .reshape(shape)
            .cpu()
            .numpy(),
        }

    steps_of = context.map(one, range(config.networks))
    return {
        **{name: np.stack([step[name] for step in steps_of], -1) for name in steps_of[0]},
        "radii": np.array(config.radii),
        "H": np.array(config.H),
        "washout": np.array(config.washout),
        "taps": np.array(config.taps),
    }


def reservoirs(config: Config, g: torch.Generator) -> Leaky:
    """One random network in every setting: the same W, U and b, scaled."""
    count = len(ARMS) * len(config.radii)
    seed = int(torch.randint(2**62, (), generator=g))
    same = [torch.Generator().manual_seed(seed) for _ in range(count)]
    cell = Leaky(1, config.H, count, generator=same, spectral_radius=list(config.radii) * len(ARMS))
    draw_bias(cell, torch.tensor([bias for bias in config.biases for _ in config.radii]), same)
    return scale_inputs(cell, torch.tensor([scale for scale in config.scales for _ in config.radii]))


def squared_correlation(predicted: Tensor, targets: Tensor) -> Tensor:
    """r² over time, (M, T, K) → (M, K)."""
    p, y = (part.double() - part.double().mean(1, keepdim=True) for part in (predicted, targets))
    return (p * y).sum(1).square() / (p.square().sum(1) * y.square().sum(1)).clamp(min=1e-300)


def forgetting(cell: Leaky, x: Tensor, g: torch.Generator) -> Tensor:
    """log₁₀ of how far two runs with the same input are apart at the end, over how far they started apart, (M,)."""
    starts = [torch.rand(1, cell.H, generator=g).to(x).expand(len(cell.W), 1, cell.H) for _ in range(2)]
    ends = [listen(cell, x, start)[:, -1] for start in starts]
    distance = (ends[0] - ends[1]).norm(dim=1) / (starts[0] - starts[1]).flatten(1).norm(dim=1)
    return distance.clamp(min=1e-12).log10()


def _place(a: Arrays, radius: float) -> int:
    return int(np.flatnonzero(np.isclose(a["radii"], radius))[0])


def value(name: str, arm: int, radius: float) -> Callable[[Arrays], Estimate]:
    return lambda a: bootstrap(a[name][arm, _place(a, radius)])


def _between(name: str, one: tuple[int, float], other: tuple[int, float]) -> Callable[[Arrays], Estimate]:
    """`one` minus `other`, network by network."""
    return lambda a: bootstrap(a[name][one[0], _place(a, one[1])] - a[name][other[0], _place(a, other[1])])


def _beats_linear(arm: int) -> Callable[[Arrays], Estimate]:
    """Error of the linear regression on past inputs minus that of an arm at 0.9, network by network."""
    return lambda a: bootstrap(a["linear"] - a["error"][arm, _place(a, 0.9)])


def _most(a: Arrays) -> Estimate:
    """Largest capacity of any network, over H."""
    return bootstrap(a["capacity"].max((0, 1)) / a["H"], np.max)


NAMES = ("error", "capacity", "apart")
LAST = 8  # place of ρ = 3
quiet_and_loud = swap_entries(0, QUIET, LOUD, *NAMES)
quiet_and_biased = swap_entries(0, QUIET, BIASED, *NAMES)
nine_and_three = swap_entries(1, 4, LAST, *NAMES)

CLAIMS = [
    Claim(
        "nine-tenths-beats-a-tenth",
        "With a quiet input a spectral radius of 0.9 has an error {measured} lower than one of 0.1.",
        _between("error", (QUIET, 0.1), (QUIET, 0.9)),
        above=0.05,
        swap=swap_entries(1, 0, 4, *NAMES),
    ),
    Claim(
        "three-is-too-much",
        "Raised to 3, the error is {measured} higher than at 0.9.",
        _between("error", (QUIET, 3.0), (QUIET, 0.9)),
        above=0.2,
        swap=nine_and_three,
    ),
    Claim(
        "three-never-forgets",
        "At 3 the network does not forget where it started: after the washout two starts are {10^measured} times as "
        "far apart as at first.",
        value("apart", QUIET, 3.0),
        above=-1.5,
        swap=nine_and_three,
    ),
    Claim(
        "nine-tenths-forgets",
        "At 0.9 it does: {10^measured} of the distance is left.",
        value("apart", QUIET, 0.9),
        below=-4,
        swap=nine_and_three,
    ),
    Claim(
        "memory-needs-radius",
        "At 0.9 a quiet reservoir remembers {measured} more steps than at 0.1.",
        _between("capacity", (QUIET, 0.9), (QUIET, 0.1)),
        above=3,
        swap=swap_entries(1, 0, 4, *NAMES),
    ),
    Claim(
        "loud-is-forgetful",
        "A loud input costs memory: at 0.9 the capacity is {measured} lower than with a quiet one.",
        _between("capacity", (QUIET, 0.9), (LOUD, 0.9)),
        above=2,
        swap=quiet_and_loud,
    ),
    Claim(
        "without-a-bias-it-is-linear",
        "Without a bias even the reservoir at 0.9 is no better than a linear regression on the last 30 inputs: the "
        "error of the regression minus its own is {measured}.",
        _beats_linear(QUIET),
        below=0.02,
        swap=quiet_and_biased,
    ),
    Claim(
        "a-bias-multiplies",
        "With one it is better: here that difference is {measured}.",
        _beats_linear(BIASED),
        above=0.02,
        swap=quiet_and_biased,
    ),
    Claim(
        "spectral-radius-of-three",
        "“Set the spectral radius to e.g. 3”: as good as 0.9? The error is {measured} higher with a quiet input.",
        _between("error", (QUIET, 3.0), (QUIET, 0.9)),
        below=0.02,
        source="dronen2019",
    ),
    Claim(
        "capacity-below-h",
        "No reservoir's capacity exceeds its number of units: the largest is {measured:.0%} of it.",
        _most,
        below=1,
        source="jaeger2002",
    ),
]

NUMBERS: dict[str, Callable[[Arrays], Any]] = {
    "H": lambda a: int(a["H"]),
    "networks": lambda a: int(a["error"].shape[2]),
    "largest_share": _most,
    "washout": lambda a: int(a["washout"]),
    "taps": lambda a: int(a["taps"]),
    "linear": lambda a: bootstrap(a["linear"]),
    "loud_helps": _between("error", (QUIET, 1.5), (LOUD, 1.5)),
    **{
        f"{name}_{ARMS[arm].split()[0]}_{str(radius).replace('.', '')}": value(name, arm, radius)
        for name in NAMES
        for arm in range(3)
        for radius in (0.1, 0.9, 3.0)
    },
}
